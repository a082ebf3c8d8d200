"""Purchase and spend models against lifetimes in one run: fits and predictions.

    python benchmarks/bench_clv.py [--model bg|mbg|pareto|gamma-gamma|bgbb|all]
                                   [--customers 1_000_000] [--rounds 3] [--alone]

Both fit the same simulated frame in turn, several rounds; the ratio of each round is printed, and
the log-likelihood of both under one function. `--alone` leaves lifetimes out (it does not finish a
million customers with Pareto/NBD or BG/BB) and prints the peak memory of the process.

Truths: rates r .55, alpha 30 days; leaving a .8, b 2.5 after a purchase, or s .6, beta 60 at any
time; ages uniform on 30 to 730 whole days, purchases of a day merged. Spend p 6, q 4, v 15.
BG/BB: alpha 1.2, beta .75, gamma .66, delta 2.8 over 2 to 12 opportunities.
"""

import argparse
import resource
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import lifetimes
import numpy as np
import pandas as pd

from crmkit.clv import (
    BetaGeoBetaBinomialModel,
    BetaGeoModel,
    GammaGammaModel,
    ModifiedBetaGeoModel,
    ParetoNBDModel,
)

HISTORY = ["frequency", "recency", "T"]
HORIZON = 90.0


@dataclass(frozen=True)
class Case:
    """One model, its peer, the data, and what both are asked."""

    ours: Callable[[], Any]
    theirs: Callable[[], Any]
    customers: Callable[[int], pd.DataFrame]
    columns: list[str]
    questions: dict[str, tuple[Callable[[Any, pd.DataFrame], Any], Callable[..., Any]]]


def counted(n: int, *, leave_at_purchase: bool) -> pd.DataFrame:
    """Customers of whole-day ages; repeat purchases of one day count once."""
    random = np.random.default_rng(0)
    T = random.integers(30, 731, n).astype(float)
    rate = random.gamma(0.55, 1.0 / 30.0, n)
    leave, ends = np.zeros(n), np.full(n, np.inf)
    if leave_at_purchase:
        leave = random.beta(0.8, 2.5, n)
    else:
        ends = random.exponential(size=n) / random.gamma(0.6, 1.0 / 60.0, n)
    age, last_day = np.zeros(n), np.zeros(n)
    frequency, active = np.zeros(n, dtype=np.int64), np.arange(n)
    while len(active):
        age[active] += random.exponential(size=len(active)) / rate[active]
        active = active[age[active] < np.minimum(T, ends)[active]]
        day = np.floor(age[active])
        frequency[active] += day > last_day[active]
        last_day[active] = day
        active = active[random.uniform(size=len(active)) >= leave[active]]
    return pd.DataFrame({"frequency": frequency, "recency": last_day, "T": T})


def spenders(n: int) -> pd.DataFrame:
    """Customers with their mean spend."""
    random = np.random.default_rng(1)
    customers = counted(n, leave_at_purchase=True)
    x = customers["frequency"].to_numpy()
    rate = random.gamma(4.0, 1.0 / 15.0, n)
    total = random.gamma(6.0 * x) / rate
    return customers.assign(monetary_value=np.divide(total, x, out=np.zeros(n), where=x > 0))


def opportunists(n: int) -> pd.DataFrame:
    """Customers with a few opportunities each."""
    random = np.random.default_rng(2)
    T = random.integers(2, 13, n)
    buys, leaves = random.beta(1.2, 0.75, n), random.beta(0.66, 2.8, n)
    alive, frequency, recency = np.ones(n, dtype=bool), np.zeros(n), np.zeros(n)
    for k in range(1, 13):
        alive &= random.uniform(size=n) >= leaves
        bought = alive & (k <= T) & (random.uniform(size=n) < buys)
        frequency += bought
        recency[bought] = k
    return pd.DataFrame({"frequency": frequency, "recency": recency, "T": T.astype(float)})


def history_case(ours: Any, theirs: Any, *, leave_at_purchase: bool) -> Case:
    return Case(
        ours,
        theirs,
        lambda n: counted(n, leave_at_purchase=leave_at_purchase),
        HISTORY,
        {
            "expected purchases": (
                lambda model, customers: model.predict(customers, HORIZON),
                lambda model, *columns: model.conditional_expected_number_of_purchases_up_to_time(
                    HORIZON, *columns
                ),
            ),
            "probability alive": (
                lambda model, customers: model.probability_alive(customers),
                lambda model, *columns: model.conditional_probability_alive(*columns),
            ),
        },
    )


CASES = {
    "bg": history_case(BetaGeoModel, lifetimes.BetaGeoFitter, leave_at_purchase=True),
    "mbg": history_case(
        ModifiedBetaGeoModel, lifetimes.ModifiedBetaGeoFitter, leave_at_purchase=True
    ),
    "pareto": history_case(ParetoNBDModel, lifetimes.ParetoNBDFitter, leave_at_purchase=False),
    "gamma-gamma": Case(
        GammaGammaModel,
        lifetimes.GammaGammaFitter,
        spenders,
        ["frequency", "monetary_value"],
        {
            "expected spend": (
                lambda model, customers: model.predict(customers),
                lambda model, *columns: model.conditional_expected_average_profit(*columns),
            )
        },
    ),
    "bgbb": Case(
        BetaGeoBetaBinomialModel,
        lifetimes.BetaGeoBetaBinomFitter,
        opportunists,
        HISTORY,
        {
            "expected purchases": (
                lambda model, customers: model.predict(customers, 5),
                lambda model, *columns: model.conditional_expected_number_of_purchases_up_to_time(
                    5, *columns
                ),
            )
        },
    ),
}


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def report(name: str, ours: list[float], theirs: list[float]) -> None:
    text = f"  {name:22} crmkit {min(ours):8.3f} s"
    if theirs:
        ratios = [t / o for o, t in zip(ours, theirs, strict=True)]
        each = " ".join(f"{ratio:.1f}" for ratio in ratios)
        text += f"  lifetimes {min(theirs):8.3f} s  ratio {np.median(ratios):.1f} ({each})"
    print(text, flush=True)


def run(name: str, n: int, rounds: int, alone: bool) -> None:
    case = CASES[name]
    customers = case.customers(n)
    fitted_on = customers[customers["frequency"] > 0] if name == "gamma-gamma" else customers
    columns = [fitted_on[c] for c in case.columns]
    print(f"{name}: {n:,} customers, frequency at most {customers['frequency'].max():.0f}")
    ours, theirs, seconds = None, None, ([], [])
    for _ in range(rounds):
        spent, ours = timed(lambda: case.ours().fit(customers))
        seconds[0].append(spent)
        if not alone:
            spent, theirs = timed(lambda: fitted(case.theirs(), columns))
            seconds[1].append(spent)
    report("fit", *seconds)
    show("crmkit", ours)
    if theirs is not None:
        params = {key: float(theirs.params_[key]) for key in ours.params_}
        show("lifetimes", type(ours).from_dict({"fitted": {"params_": params}}), customers)
    everyone = [customers[c] for c in case.columns]
    for question, (ask_us, ask_them) in case.questions.items():
        seconds = ([], [])
        for _ in range(max(rounds, 3)):
            seconds[0].append(timed(lambda ask=ask_us: ask(ours, customers))[0])
            if theirs is not None:
                seconds[1].append(timed(lambda ask=ask_them: ask(theirs, *everyone))[0])
        report(question, *seconds)
    if alone:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(f"  peak memory of the process, input included: {peak:.1f} GB")


def fitted(fitter: Any, columns: list[pd.Series]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return fitter.fit(*columns)


def show(who: str, model: Any, customers: pd.DataFrame | None = None) -> None:
    total = model.log_likelihood_ if customers is None else model.log_likelihood(customers).sum()
    values = "  ".join(f"{key} {value:.5f}" for key, value in model.params_.items())
    print(f"    {who:10} log-likelihood {total:,.4f}  {values}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", choices=[*CASES, "all"], default="all")
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--alone", action="store_true")
    args = parser.parse_args()
    for chosen in CASES if args.model == "all" else [args.model]:
        run(chosen, args.customers, args.rounds, args.alone)
