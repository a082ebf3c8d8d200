"""Recommenders: time of fits, and of lists beside implicit's native code in the same process.

    python benchmarks/bench_recommend.py speed [customers] [items]
    python benchmarks/bench_recommend.py fits
    python benchmarks/bench_recommend.py hybrid [customers] [items] [events]

`speed` asks for the best 10 of everybody by 64 factors. `hybrid` fits the default hybrid to a year
of a made-up shop in which a third of the purchases are repeats, and tells its memory. Times are
seconds of the processor on one thread: those of a clock tell more of the neighbours on the machine.
"""

import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse as sp
from threadpoolctl import threadpool_limits

from crmkit import EventLog
from crmkit.recommend import ALS, EASE, HybridRecommender, ItemKNN, PureSVD, RP3beta, SparseEASE


@dataclass(frozen=True)
class Timed:
    """Seconds to recommend for everybody, ours and implicit's, and how often both agree."""

    model: str
    fit: float
    fold: float
    ours: float
    theirs: float
    same: float

    @property
    def ratio(self) -> float:
        return self.ours / self.theirs


def shop(n_customers: int, n_items: int, mean: int = 30, seed: int = 0) -> EventLog:
    """Customers of twenty kinds who buy about `mean` items of a long-tailed catalogue."""
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(n_customers), rng.poisson(mean, n_customers))
    popular = np.minimum(rng.pareto(0.7, len(who)) * n_items / 200, n_items - 1).astype(int)
    turned = (popular * 7919 + (who % 20) * (n_items // 20)) % n_items
    item = np.where(rng.random(len(who)) < 0.6, turned, rng.integers(0, n_items, len(who)))
    frame = pd.DataFrame({"who": who, "what": item, "when": pd.Timestamp("2024-01-01")})
    return EventLog(frame, customer="who", when="when", amount=None, item="what")


def measured(call) -> tuple[float, object]:
    start = time.process_time()
    answer = call()
    return time.process_time() - start, answer


def speed(n_customers: int = 100_000, n_items: int = 50_000) -> None:
    for found in everybody_timed(n_customers, n_items):
        print(
            f"{found.model}: fit {found.fit:.1f} s; best 10 of {n_customers:,} customers out of "
            f"{n_items:,} items: crmkit {found.ours:.1f} s ({found.fold:.1f} s of it factors of "
            f"customers), implicit {found.theirs:.1f} s, ratio {found.ratio:.2f}; same item "
            f"at same rank {found.same:.4f}",
            flush=True,
        )


def everybody_timed(n_customers: int, n_items: int) -> Iterator[Timed]:
    """Models of 64 factors beside implicit with the same factors."""
    from implicit.cpu.als import AlternatingLeastSquares

    log = shop(n_customers, n_items)
    for model in (PureSVD(64), ALS(64, n_iter=2), ALS(64, n_iter=2, alpha=5.0)):
        with threadpool_limits(1):
            fit, _ = measured(lambda model=model: model.fit(log))
            known = model._known()
            bought = known.matrix()
            native = AlternatingLeastSquares(factors=64, num_threads=1)
            native.item_factors = np.ascontiguousarray(model.item_factors_)
            blocks = [rows for _, rows in model._ask(None, None, None).blocks()]
            fold, parts = measured(
                lambda model=model, blocks=blocks: [model._customer_factors(r) for r in blocks]
            )
            native.user_factors = np.concatenate(parts)
            ours, offers = measured(model.recommend)
            theirs, answer = measured(
                lambda native=native, bought=bought: everybody(native, bought)
            )
        same = np.mean(offers["what"].to_numpy().reshape(-1, 10) == known.items[answer])
        yield Timed(str(model), fit, fold, ours, theirs, float(same))


def ease_fit() -> float:
    """Seconds to learn EASE on 5,900 customers and 4,600 items from the lines of a log."""
    log = shop(5_900, 4_600, mean=80)
    with threadpool_limits(1):
        return min(measured(lambda: EASE().fit(log))[0] for _ in range(3))


def everybody(native, bought: sp.csr_matrix, size: int = 1000) -> np.ndarray:
    """implicit's best 10 of everybody, what was bought left out, a thousand at a time."""
    parts = []
    for begin in range(0, bought.shape[0], size):
        rows = np.arange(begin, min(begin + size, bought.shape[0]))
        parts.append(native.recommend(rows, bought[rows], N=10)[0])
    return np.concatenate(parts)


def fits() -> None:
    for n_customers, n_items, models in (
        (5_900, 4_600, (EASE(), SparseEASE(), SparseEASE(50), RP3beta(), PureSVD(), ALS())),
        (100_000, 50_000, (SparseEASE(50), RP3beta(k=50), ItemKNN(), PureSVD(64))),
    ):
        log = shop(n_customers, n_items, mean=80 if n_items < 10_000 else 30)
        for model in models:
            model_fit, _ = measured(lambda model=model, log=log: model.fit(log))
            known = model._known()
            learn, _ = measured(lambda model=model, known=known: model._learn(known, None))
            print(
                f"{model}: {known.n_customers:,} customers, {known.n_items:,} items, "
                f"{len(known.item):,} pairs: fit {model_fit:.1f} s, {learn:.1f} s of it the model",
                flush=True,
            )


def year(n_customers: int, n_items: int, n_events: int, seed: int = 0) -> EventLog:
    """A year of customers of twenty kinds, some eager; a third of what they buy they had before."""
    rng = np.random.default_rng(seed)
    eager = rng.gamma(0.6, 1.0, n_customers)
    who = np.sort(rng.choice(n_customers, n_events, p=eager / eager.sum()))
    day = rng.integers(0, 365, n_events)
    day = day[np.lexsort((day, who))]
    popular = np.minimum(rng.pareto(0.7, n_events) * n_items / 200, n_items - 1).astype(int)
    turned = (popular * 7919 + (who % 20) * (n_items // 20)) % n_items
    item = np.where(rng.random(n_events) < 0.6, turned, rng.integers(0, n_items, n_events))
    first, place = np.searchsorted(who, who), np.arange(n_events)
    earlier = first + (rng.random(n_events) * (place - first)).astype(int)
    item = np.where(rng.random(n_events) < 1 / 3, item[earlier], item)
    when = pd.Timestamp("2024-01-01") + pd.to_timedelta(day, unit="D")
    frame = pd.DataFrame({"who": who, "what": item, "when": when})
    return EventLog(frame, customer="who", when="when", amount=None, item="what")


def hybrid(n_customers: int = 20_000, n_items: int = 5_000, n_events: int = 1_000_000) -> None:
    log = year(n_customers, n_items, n_events)
    model = HybridRecommender()
    seconds, _ = measured(lambda: model.fit(log))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"{model}: {n_events:,} events of {n_customers:,} customers and {n_items:,} items: fit "
        f"{seconds:.0f} s, {peak:.2f} GB at most; {model.reason_}"
    )


if __name__ == "__main__":
    part, *sizes = sys.argv[1:]
    with threadpool_limits(1):
        {"speed": speed, "fits": fits, "hybrid": hybrid}[part](*map(int, sizes))
