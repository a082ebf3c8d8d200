"""BG/NBD against lifetimes in one run: fit and predictions for simulated customers.

    python benchmarks/bench_clv.py [n_customers] [rounds]

Truth: r .55, alpha 30 days, a .8, b 2.5; ages uniform on 30 to 730 whole days, purchases of a day
merged. Both fit the same frame in turn; both log-likelihoods are of the same function, in days.
"""

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from lifetimes import BetaGeoFitter

from crmkit.clv import BetaGeoModel
from crmkit.clv._beta_geo_likelihood import Kind, log_likelihood

TRUTH = {"r": 0.55, "alpha": 30.0, "a": 0.8, "b": 2.5}


def simulated(n_customers: int, seed: int = 0) -> pd.DataFrame:
    """Customers of whole-day ages; repeat purchases of one day count once."""
    random = np.random.default_rng(seed)
    T = random.integers(30, 731, n_customers).astype(float)
    rate = random.gamma(TRUTH["r"], 1.0 / TRUTH["alpha"], n_customers)
    leave = random.beta(TRUTH["a"], TRUTH["b"], n_customers)
    age, last_day = np.zeros(n_customers), np.zeros(n_customers)
    frequency, active = np.zeros(n_customers, dtype=np.int64), np.arange(n_customers)
    while len(active):
        age[active] += random.exponential(size=len(active)) / rate[active]
        active = active[age[active] < T[active]]
        day = np.floor(age[active])
        frequency[active] += day > last_day[active]
        last_day[active] = day
        active = active[random.uniform(size=len(active)) >= leave[active]]
    return pd.DataFrame({"frequency": frequency, "recency": last_day, "T": T})


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def report(name: str, ours: list[float], theirs: list[float]) -> None:
    pairs = " ".join(f"{t / o:.1f}" for o, t in zip(ours, theirs, strict=True))
    print(f"{name:28} crmkit {min(ours):6.2f} s  lifetimes {min(theirs):6.2f} s  ratios {pairs}")


def main(n_customers: int = 1_000_000, rounds: int = 3) -> None:
    customers = simulated(n_customers)
    columns = [customers[name] for name in ("frequency", "recency", "T")]
    x, t, T = customers.to_numpy(dtype=np.float64).T
    print(f"{n_customers:,} customers, {np.mean(x == 0):.0%} bought once, at most {x.max():.0f}")
    fits: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        seconds, ours = timed(lambda: BetaGeoModel().fit(customers))
        fits[0].append(seconds)
        seconds, theirs = timed(lambda: BetaGeoFitter().fit(*columns))
        fits[1].append(seconds)
    report("fit", *fits)
    for name, params in (("crmkit", ours.params_), ("lifetimes", theirs.params_.to_dict())):
        values = tuple(params[key] for key in ("r", "alpha", "a", "b"))
        total = log_likelihood(values, Kind(), x, t, T).sum()
        print(f"{name:10} log-likelihood {total:,.4f}  ", *(f"{v:.5f}" for v in values))

    predictions: tuple[list[float], list[float]] = ([], [])
    both: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        seconds, a = timed(lambda: ours.predict(customers, 90.0))
        predictions[0].append(seconds)
        seconds, b = timed(
            lambda: theirs.conditional_expected_number_of_purchases_up_to_time(90.0, *columns)
        )
        predictions[1].append(seconds)
        both[0].append(timed(lambda: ours.probability_alive(customers))[0])
        both[1].append(timed(lambda: theirs.conditional_probability_alive(*columns))[0])
    report("expected purchases, 90 days", *predictions)
    report("probability alive", *both)
    print(f"largest difference of expected purchases: {np.max(np.abs(a - b)):.1e}")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
