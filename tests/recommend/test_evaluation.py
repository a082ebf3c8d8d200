"""Comparison and Evaluation: means, the best rule, customers drawn with all their lists, words."""

from datetime import datetime

import numpy as np
import pytest

from crmkit.recommend._evaluation import Comparison, Evaluation
from crmkit.recommend._evaluation_baselines import HalfLives
from crmkit.recommend._evaluation_cut import Part

NAMES = ("ndcg", "recall", "novelty")


def part(values, customer=None, coverage=0.5):
    """A part where every score of a customer is the given one."""
    first = len(next(iter(values.values())))
    return Part(
        customer=np.arange(first) if customer is None else np.asarray(customer),
        names=NAMES,
        values={name: np.tile(np.asarray(v, float)[:, None], 3) for name, v in values.items()},
        coverage=dict.fromkeys(values, coverage),
    )


def compared(*parts, n_resamples=2000):
    return Comparison(parts, tuple(range(len(parts))), 0.95, n_resamples, 0)


def evaluation(**comparisons):
    return Evaluation(
        cutoffs=(datetime(2024, 5, 1), datetime(2024, 6, 1)),
        horizon=30,
        n=10,
        level=0.95,
        half_lives=(HalfLives(3.0, 7.0, None, True), HalfLives(14.0, 7.0, 60.0, True)),
        n_candidates=(50, 60),
        counts={"pairs": 200, "unseen": 10, "again": 50, "strangers": 7},
        comparisons=comparisons,
    )


def test_means_run_over_lists_and_coverage_over_cutoffs():
    one = part({"mine": [0.2, 0.4], "popularity": [0.1, 0.1]}, coverage=0.2)
    two = part({"mine": [0.9], "popularity": [0.3]}, customer=[1], coverage=0.4)
    scores = compared(one, two).scores
    assert scores.loc["mine", "ndcg"] == pytest.approx(0.5)
    assert scores.loc["mine", "coverage"] == pytest.approx(0.3)
    assert list(scores.columns) == ["ndcg", "recall", "coverage", "novelty"]
    table = compared(one, two).table
    assert table[["n_customers", "n_lists"]].iloc[0].tolist() == [2, 3]


def test_customers_are_drawn_with_all_their_lists():
    """The same customers at two cut-offs tell no more than once."""
    random = np.random.default_rng(0)
    values = {"mine": random.random(60), "popularity": random.random(60)}
    once = compared(part(values)).table.loc["mine"]
    twice = compared(part(values), part(values)).table.loc["mine"]
    apart = compared(part(values), part(values, customer=np.arange(60, 120))).table.loc["mine"]
    width = once["upper"] - once["lower"]
    assert twice["upper"] - twice["lower"] == pytest.approx(width, rel=0.08)
    assert apart["upper"] - apart["lower"] == pytest.approx(width / np.sqrt(2), rel=0.08)


def test_the_best_rule_is_never_the_recommender():
    comparison = compared(
        part({"mine": [0.9] * 20, "popularity": [0.1] * 20, "recent popularity": [0.2] * 20})
    )
    assert comparison.against == "recent popularity"
    table = comparison.table
    assert table.loc["mine", "verdict"] == "better"
    assert table.loc["popularity", "verdict"] == "worse"
    assert table.loc["mine", "difference"] == pytest.approx(0.7)
    assert set(comparison.intervals.index.get_level_values("score")) == {"ndcg", "recall"}


def test_few_customers_are_unclear():
    table = compared(part({"mine": [0.9] * 5, "popularity": [0.1] * 5})).table
    assert table.loc["mine", "verdict"] == "unclear"


def test_by_cutoff_has_a_column_a_cutoff():
    one, two = (
        part({"mine": [0.2], "popularity": [0.1]}),
        part({"mine": [0.4], "popularity": [0.5]}),
    )
    found = evaluation(**{"new items": compared(one, two)}).by_cutoff()
    assert list(found.columns) == [datetime(2024, 5, 1), datetime(2024, 6, 1)]
    assert found.loc["mine"].tolist() == [0.2, 0.4]
    assert found.loc["popularity"].tolist() == [0.1, 0.5]


def test_tables_are_copies():
    found = evaluation(**{"new items": compared(part({"mine": [0.2], "popularity": [0.1]}))})
    table, intervals = found.new_items, found.intervals()
    table.loc[:, "ndcg"], intervals.loc[:, "estimate"] = 0.0, 0.0
    assert found.new_items.loc["mine", "ndcg"] == 0.2
    assert found.intervals().loc[("mine", "ndcg"), "estimate"] == pytest.approx(0.1)


def test_the_words():
    mine, rule = np.linspace(0.5, 0.9, 200), np.linspace(0.1, 0.5, 200)
    good = compared(part({"mine": mine, "same": rule, "popularity": rule}))
    early = compared(part({"mine": rule, "same": rule, "popularity": mine}))
    text = str(evaluation(**{"new items": good, "history 1-2": good, "history 6+": early}))
    flat = " ".join(text.split())
    for words in (
        "Lists of 10 at 2 cut-offs (2024-05-01, 2024-06-01)",
        "the items sold before the cut-off (50, 60), the same for all",
        "200 pairs of customer and item, of which 25% had been bought before",
        "10 (5%) are of items that nobody had bought before",
        "7 customers had never bought before",
        "recent popularity 3, 14 (new items) and 7, 7 (all purchases), buying again none, 60",
        "(200 customers, one list each)",
        "mine is better than the best simple rule, popularity: NDCG@10 .700 against .300 (+133%)",
        "interval of the difference +.400 to +.400; ahead at 1 of 1 cut-off.",
        "same scores as popularity does, customer by customer.",
    ):
        assert words in flat, words
    lines = text.splitlines()
    row = next(line for line in lines if line.startswith("mine") and line.rstrip().endswith("-"))
    assert row.split() == ["mine", ".700", "+", ".300", "-"]
