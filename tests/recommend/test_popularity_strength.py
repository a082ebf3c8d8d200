"""Strength of popularity: fits without strangers as oracle, what is told, what data say."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from crmkit import EventLog
from crmkit.metrics import ranking_scores
from crmkit.recommend import EASE
from crmkit.recommend._ease import ease_solution, gram
from crmkit.recommend._popularity_strength import (
    drawn,
    indicator,
    ndcg,
    scores_without,
    told_order,
)


def log_of(rows):
    frame = pd.DataFrame(rows, columns=["who", "what", "day"])
    frame["when"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(frame["day"], unit="D")
    return EventLog(frame, customer="who", when="when", amount=None, item="what")


def test_weights_forget_customers_as_a_fit_without_them():
    rng = np.random.default_rng(0)
    bought = (rng.random((80, 12)) < 0.4).astype(np.float32)
    gone, left = bought[:15], bought[15:]
    weights, variances = ease_solution(gram(sp.csr_matrix(bought)), 20.0)
    expected, _ = ease_solution(gram(sp.csr_matrix(left)), 20.0)
    told = (rng.random((15, 12)) < 0.3).astype(np.float32)
    found = scores_without(weights, variances, gone, told)
    np.testing.assert_allclose(found, told @ expected, rtol=1e-3, atol=1e-4)
    assert np.abs(told @ weights - told @ expected).max() > 0.02


def test_what_is_told_first_was_bought_first():
    rows = [("ann", "tea", 5), ("ann", "oil", 1), ("ann", "tea", 9), ("bob", "jam", 0)]
    model = EASE(popularity=0.0).fit(log_of([*rows, ("ann", "jam", 7)]))
    known = model._known()
    assert known.items.tolist() == ["jam", "oil", "tea"]
    row, item = told_order(known, np.array([0, 1]), np.array([0, 2]))
    assert row.tolist() == [0, 0, 0, 1]
    assert item.tolist() == [-1, 1, 0, 0]  # oil is none of the two; tea, then jam


def test_the_score_is_that_of_the_metric():
    rng = np.random.default_rng(3)
    scores = rng.normal(size=(6, 25)).astype(np.float32)
    wanted = indicator(*np.nonzero(rng.random((6, 25)) < 0.3), (6, 25))
    who, what = np.nonzero(scores > -np.inf)
    offers = pd.DataFrame({"who": who, "what": what, "score": scores[who, what].astype(float)})
    relevant = pd.DataFrame(np.argwhere(wanted), columns=["who", "what"])
    assert ndcg(scores, wanted).mean() == pytest.approx(
        ranking_scores(offers, relevant, 10)["ndcg"].iloc[0], rel=1e-9
    )
    assert ndcg(scores, np.zeros_like(wanted)).tolist() == [0.0] * 6


def crowd(n_customers=600):
    """Customers without any taste, who buy 15 of 200 items: the more popular, the likelier."""
    rng = np.random.default_rng(0)
    share = 1.0 / np.arange(1, 201) ** 0.7
    share /= share.sum()
    rows = [
        (who, int(what), 0)
        for who in range(n_customers)
        for what in rng.choice(200, 15, replace=False, p=share)
    ]
    return log_of(rows)


def test_where_there_is_no_taste_popularity_is_strong():
    assert EASE(20.0).fit(crowd()).strength_ >= 1.0


def test_where_tastes_are_all_popularity_is_not_raised():
    rows = [
        (w, int(w % 10 * 20 + i), 0)
        for w in range(600)
        for i in np.random.default_rng(w).permutation(20)[:12]
    ]
    assert EASE().fit(log_of(rows)).strength_ <= 0.3


def test_few_customers_leave_it_as_it_is():
    model = EASE().fit(crowd(n_customers=100))
    assert model.strength_ == 0.3
    assert len(drawn(model._known())) == 10
    assert EASE(popularity=0.7).fit(crowd()).strength_ == 0.7
