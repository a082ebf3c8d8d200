"""Tables of the guide on recommenders: the default ones beside the rules that they have to beat.

    CRMKIT_DATA=folder python benchmarks/recommend_tables.py [name ...] [--inner]

Names: retail, complete_journey (event logs at rolling cut-offs), cold_items, cold_customers, films
(random parts of an open data set), speed; all by default. Writes docs/guide/recommend/<name>.inc.
Complete Journey comes with the extra `data`, `speed` needs the extra `recommend`; the others are
read from CRMKIT_DATA and left out with a word where it is not set.

Cut-offs, horizons and aims were fixed before. With --inner the same is printed, not written, for
what lies before the first test cut-off (other seeds of random parts): there, and only there,
anything may be compared and decided.
"""

import argparse
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from _recommend_cold_customers import cold_customers
from _recommend_cold_items import cold_items
from _recommend_data import gift_shop, groceries
from _recommend_films import films
from _recommend_text import Told, aim, between, fragment, table
from bench_recommend import ease_fit, everybody_timed

import crmkit as ck
from crmkit.recommend import (
    ALS,
    EASE,
    Evaluation,
    HybridRecommender,
    PureSVD,
    TrendReweighter,
    evaluate,
)

OUT = Path(__file__).parents[1] / "docs" / "guide" / "recommend"
HORIZON = pd.Timedelta(days=30)
EASES = {f"EASE {penalty:g}": EASE(penalty) for penalty in (200.0, 500.0, 1000.0)}
RULES = ("popularity", "recent popularity", "buy again")
NEW, EVERY = "new items", "all purchases"


def retail(inner: bool) -> list[Told]:
    """The gift shop at four cut-offs: items that are new to a customer, and everything he buys."""
    log, cutoffs = cut_to(gift_shop(), 4, inner, 3)
    models = {
        "HybridRecommender": HybridRecommender("explore"),
        "TrendReweighter": TrendReweighter(),
        "PureSVD": PureSVD(),
        **EASES,
    }
    new = evaluate(models, log, cutoffs, modes="new", n_given=())
    every = evaluate(
        {"HybridRecommender": HybridRecommender("both"), "EASE": EASE(), "ALS": ALS()},
        log,
        cutoffs,
        modes=("all", "repeat"),
        n_given=(),
    )
    again = ("buy again",)
    return [
        *compared(new, NEW),
        aim(
            "hybrid at every cut-off over the best EASE of that cut-off",
            least(new, NEW, EASES),
            1.15,
        ),
        aim(
            "hybrid at every cut-off over recent popularity",
            least(new, NEW, ["recent popularity"]),
            1.0,
        ),
        aim("hybrid over the best simple rule, means", of_means(new, NEW, RULES), 1.35),
        *compared(every, EVERY),
        *compared(every, "repeat purchases"),
        aim("all purchases: hybrid over buy again, means", of_means(every, EVERY, again), 1.05),
        aim(
            "all purchases: buy again over ALS, means",
            of_means(every, EVERY, ["ALS"], "buy again"),
            1.35,
        ),
    ]


def complete_journey(inner: bool) -> list[Told]:
    """Groceries at two cut-offs: habits decide."""
    whole = groceries("2017-11-03")
    log, cutoffs = cut_to(whole, 2, inner, 2)
    hybrids = {"HybridRecommender": HybridRecommender("explore"), "EASE": EASE()}
    new = evaluate(hybrids, log, cutoffs, modes="new", n_given=())
    hybrids = {"HybridRecommender": HybridRecommender("both"), "EASE": EASE(), "ALS": ALS()}
    every = evaluate(hybrids, log, cutoffs, modes="all", n_given=())
    return [*compared(new, NEW), *compared(every, EVERY)]


def speed(inner: bool) -> list[Told]:
    """Seconds of the processor beside implicit's native code."""
    rows, aims = [["model", "crmkit", "implicit", "ratio", "same item at same rank"]], []
    for timed in everybody_timed(*((20_000, 10_000) if inner else (100_000, 50_000))):
        seconds = f"{timed.ours:.1f}", f"{timed.theirs:.1f}"
        rows.append([timed.model, *seconds, f"{timed.ratio:.2f}", f"{timed.same:.4f}"])
        aims.append(aim(f"{timed.model}: time over implicit's", timed.ratio, 1.2, at_most=True))
    title = "Best 10 of 100,000 customers out of 50,000 items by 64 factors, CPU seconds"
    said = "CPU seconds to fit EASE on 5,900 customers and 4,600 items"
    return [Told(table(title, rows)), *aims, aim(said, ease_fit(), 3.0, at_most=True, digits=1)]


def cut_to(log: ck.EventLog, tests: int, inner: bool, most: int) -> tuple[ck.EventLog, int]:
    """The log and how often it is cut; inner windows see what lies before the first test alone."""
    if not inner:
        return log, tests
    end = pd.Timestamp(log.cutoff(None)) - tests * HORIZON
    return ck.EventLog(log.data[log.data[log.when] < end], *names_of(log)), most


def names_of(log: ck.EventLog) -> tuple[Any, ...]:
    return log.customer, log.when, log.amount, log.order, log.item


def compared(found: Evaluation, name: str) -> list[Told]:
    """A table of scores with differences to the best simple rule, and the NDCG at each cut-off."""
    scores = found.table(name)
    rows = [["recommender", "NDCG@10", "recall@10", "hit rate", "coverage", "to the best rule"]]
    for model, row in scores.iterrows():
        gap = between(row["difference"], row["lower"], row["upper"])
        if row["verdict"] == "best simple rule":
            gap = "best simple rule"
        rows.append(
            [
                shown(str(model)),
                *(f"{row[c]:.4f}" for c in ("ndcg", "recall")),
                *(f"{row[c]:.2f}" for c in ("hit_rate", "coverage")),
                gap,
            ]
        )
    title = f"{name.capitalize()}: {scores['n_lists'].iloc[0]:,} lists of "
    title += f"{scores['n_customers'].iloc[0]:,} customers, means"
    by_cut = found.by_cutoff(name)
    cuts = [["recommender", *(f"{when:%Y-%m-%d}" for when in by_cut.columns)]]
    cuts += [[shown(str(m)), *(f"{v:.4f}" for v in row)] for m, row in by_cut.iterrows()]
    return [
        Told(table(title, rows)),
        Told(table(f"{name.capitalize()}: NDCG@10 at each cut-off", cuts)),
    ]


def shown(name: str) -> str:
    return f"({name})" if name in RULES else name


def least(found: Evaluation, name: str, rivals: Any, ours: str = "HybridRecommender") -> float:
    """The least ratio over the cut-offs to the best of the rivals there."""
    by_cut = found.by_cutoff(name)
    return float((by_cut.loc[ours] / by_cut.loc[list(rivals)].max()).min())


def of_means(found: Evaluation, name: str, rivals: Any, ours: str = "HybridRecommender") -> float:
    """The ratio of the means over the cut-offs, to the best of the rivals at each."""
    by_cut = found.by_cutoff(name)
    there = [rival for rival in rivals if rival in by_cut.index]
    return float(by_cut.loc[ours].mean() / by_cut.loc[there].max().mean())


@dataclass(frozen=True)
class Part:
    """What is measured, and what is said of it."""

    title: str
    about: str
    measure: Callable[[bool], list[Told]]


PARTS = {
    "retail": Part(
        "UCI Online Retail: a gift shop with seasons",
        "One open year of a British gift shop, cut four times, 30 days apart; what was bought in "
        "the 30 days after a cut-off is to be foretold.",
        retail,
    ),
    "complete_journey": Part(
        "Complete Journey: groceries",
        "2,469 households that shop often, cut twice, 30 days apart. The products are the 3,127 "
        "that at least 50 households had bought before the first cut-off, a little more than half "
        "of all lines: EASE and its rivals have to hold the same catalogue.",
        complete_journey,
    ),
    "cold_items": Part(
        "New items: nobody, 3 or 10 customers bought them",
        "Three times a tenth of the items with at least 20 buyers loses all but so many. Asked are "
        "the customers who bought one of them and something else. Means of three draws.",
        cold_items,
    ),
    "cold_customers": Part(
        "New customers, who told 1, 3, 5 or 10 items",
        "500 customers are taken out of the training whole. Their first items are told, all "
        "others are to be foretold, whenever they were bought. The reference adds 0.3 times the "
        "popularity of all time to EASE, both from 0 to 1.",
        cold_customers,
    ),
    "films": Part(
        "MovieLens-100k: no time, a random quarter of each user's films",
        "Three times a random quarter of the films of each user is set aside; all films that he "
        "has not rated are ranked. Every rating bears the same day, except in the last row.",
        films,
    ),
    "speed": Part("Speed", "Seconds of the processor in one process, on one thread.", speed),
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    parser.add_argument("--inner", action="store_true")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    for name in given.names or list(PARTS):
        part, start = PARTS[name], time.process_time()
        try:
            told = part.measure(given.inner)
        except FileNotFoundError as error:
            print(f"{name}: left out: {error}")
            continue
        text = fragment(part.title, part.about, told)
        print(text, flush=True)
        print(f"{name}: {time.process_time() - start:.0f} CPU seconds", flush=True)
        if not given.inner:
            OUT.mkdir(parents=True, exist_ok=True)
            made = f".. Made by: python benchmarks/recommend_tables.py {name}\n\n"
            (OUT / f"{name}.inc").write_text(made + text, encoding="utf-8")


if __name__ == "__main__":
    main()
