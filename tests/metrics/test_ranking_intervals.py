"""Intervals of ranking scores: against formulas, paired, on clusters, texts."""

import numpy as np
import pandas as pd
import pytest

from crmkit.exceptions import DataError
from crmkit.metrics import ranking_intervals, ranking_scores
from crmkit.metrics._ranking_intervals import intervals_of_means
from crmkit.metrics._tasks import Scores
from tests.metrics._shown import BOUGHT, SHOWN, long_frame, made, pairs

SCORES = Scores(names=("ndcg",), higher_is_better=("ndcg",))


def drawn(values, against=None, cluster=None, n=4000):
    columns = {name: np.asarray(v, dtype=float)[:, None] for name, v in values.items()}
    random = np.random.default_rng(0)
    return intervals_of_means(columns, SCORES, against, 0.95, n, random, cluster)


def test_estimates_are_the_scores():
    lists, wanted = made()
    told = ranking_intervals(long_frame(lists), pairs(wanted), n_resamples=50, random_state=0)
    scores = ranking_scores(long_frame(lists), pairs(wanted)).loc["recommended"]
    for name, row in told.loc["recommended"].iterrows():
        assert row["estimate"] == pytest.approx(scores[name])
        assert row["lower"] <= row["estimate"] <= row["upper"]
    assert told.index.names == ["recommender", "score"]


def test_the_standard_error_is_that_of_a_mean():
    values = np.random.default_rng(2).random(80)
    row = drawn({"a": values}).iloc[0]
    expected = values.std() / np.sqrt(80)
    assert row["std_error"] == pytest.approx(expected, rel=0.05)
    assert row["upper"] - row["lower"] == pytest.approx(2 * 1.96 * expected, rel=0.07)


def test_differences_are_paired():
    """A constant difference has no spread, however much customers differ."""
    values = np.random.default_rng(2).random(80)
    row = drawn({"a": values + 0.1, "b": values}, against="b").loc[("a", "ndcg")]
    assert row["estimate"] == pytest.approx(0.1)
    assert row["std_error"] == pytest.approx(0.0, abs=1e-12)
    assert row["verdict"] == "better"
    assert drawn({"a": values, "b": values + 0.1}, against="b")["verdict"].item() == "worse"


def test_rows_of_one_customer_are_drawn_together():
    values = np.random.default_rng(2).random(50)
    alone = drawn({"a": values})["std_error"].item()
    copied = drawn({"a": np.tile(values, 4)}, cluster=np.tile(np.arange(50), 4))["std_error"].item()
    assert copied == pytest.approx(alone, rel=0.05)
    assert drawn({"a": np.tile(values, 4)})["std_error"].item() < 0.6 * alone


def test_what_is_not_defined_is_left_out():
    row = drawn({"a": [0.2, np.nan, 0.4, np.nan]}).iloc[0]
    assert row["estimate"] == pytest.approx(0.3)
    assert row[["lower", "upper"]].tolist() == pytest.approx([0.2, 0.4])


def test_few_customers_are_unclear():
    told = ranking_intervals(
        {"good": SHOWN, "none": SHOWN.head(0)}, BOUGHT, k=3, against="none", random_state=0
    )
    assert set(told["verdict"]) == {"unclear"}


def test_a_seed_gives_the_same_bits():
    lists, wanted = made()
    told = [
        ranking_intervals(long_frame(lists), pairs(wanted), n_resamples=20, random_state=7)
        for _ in range(2)
    ]
    pd.testing.assert_frame_equal(*told)


def test_intervals_hold_what_they_promise():
    """Means of 60 customers with a hit rate of 0.3: about 95 % of the intervals hold it."""
    random = np.random.default_rng(5)
    inside = 0
    for _ in range(200):
        row = drawn({"a": random.random(60) < 0.3}, n=200).iloc[0]
        inside += row["lower"] <= 0.3 <= row["upper"]
    assert 0.88 <= inside / 200 <= 0.99


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({"level": 1.0}, "level must be a number above 0 and below 1"),
        ({"n_resamples": 1}, "n_resamples must be a whole number of at least 2"),
        ({"against": "recommended"}, "is the only recommender"),
        ({"against": "recomended"}, "Did you mean 'recommended'"),
        ({"k": 1.5}, "k must be a whole number"),
    ],
)
def test_faults_are_told(asked, text):
    with pytest.raises(DataError, match=text):
        ranking_intervals(SHOWN, BOUGHT, **asked)
