"""Inner windows: who has to be foretold what, scores by hand, choices beyond noise."""

import numpy as np
import pandas as pd
import pytest

from crmkit.exceptions import DataError
from crmkit.recommend import Popularity
from crmkit.recommend._inner_window import (
    beyond_noise,
    chosen,
    inner_window,
    judged,
    needed_window,
)
from crmkit.recommend._interactions import read_interactions
from tests.recommend._seasons import log_of, purchases

LINES = [
    ("ann", 1, "tea"),
    ("bob", 2, "tea"),
    ("bob", 3, "jam"),
    ("ann", 11, "jam"),  # new to her
    ("ann", 12, "tea"),  # again
    ("bob", 13, "oil"),  # nobody had bought it
    ("cid", 14, "tea"),  # nothing was known of him
    ("bob", 21, "tea"),
]


def known():
    frame = pd.DataFrame(LINES, columns=["customer", "day", "item"])
    frame["day"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(frame["day"] - 1, unit="D")
    log = log_of(frame.assign(amount=1.0))
    return read_interactions(log, log.cutoff("2024-01-21", "test"), "test")


def pairs(window):
    data = window.known
    return [
        (data.customers[w], data.items[i]) for w, i in zip(window.who, window.what, strict=True)
    ]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("new", [("ann", "jam")]),
        ("repeat", [("ann", "tea")]),
        ("all", [("ann", "jam"), ("ann", "tea")]),
    ],
)
def test_what_counts(mode, expected):
    window = inner_window(known(), 10, mode)
    assert pairs(window) == expected
    assert window.known.last_day == known().last_day - 10
    assert len(window.known.item) == 3


def test_no_window_without_a_past():
    assert inner_window(known(), 25, "all") is None
    assert inner_window(known(), 10, "all", back=2) is None
    with pytest.raises(DataError, match=r"the purchases span 14 days\. Give a log"):
        needed_window(known(), 8, "new", "TwoStageRecommender")
    with pytest.raises(DataError, match="span 14 days without such a case"):
        needed_window(known(), 5, "repeat", "TwoStageRecommender")


def test_scores_by_hand():
    window = inner_window(known(), 10, "all")

    def variants(histories):
        for order in ([3, 2, 1], [1, 3, 2], [-np.inf, 2, 3]):  # jam, oil, tea
            yield np.tile(np.asarray(order, dtype=np.float32), (len(histories), 1))

    found = judged(window, variants)  # oil is no candidate
    assert found.shape == (3, 1)
    np.testing.assert_allclose(found[:, 0], [1.0, 1.0, 1.0 / (1.0 + 1.0 / np.log2(3))])


def test_new_items_alone_are_ranked_in_mode_new():
    window = inner_window(known(), 10, "new")
    found = judged(window, lambda h: iter([np.asarray([[1, 9, 8]], dtype=np.float32)]))
    assert found.tolist() == [[1.0]]


def test_the_quality_is_that_of_the_recommender():
    log = log_of(purchases())
    every = read_interactions(log, log.cutoff(None, "test"), "test")
    window = inner_window(every, 30, "new")
    model = Popularity().fit(log, as_of=pd.Timestamp("2024-08-28") - pd.Timedelta("30D"))
    own = Popularity()
    own._learn(window.known, None)
    found = judged(window, lambda h: iter([own._scores(h)]))
    assert model.score(log) == pytest.approx(found.mean(), abs=1e-12)


def test_customers_are_drawn_evenly():
    log = log_of(purchases())
    window = inner_window(read_interactions(log, log.cutoff(None, "t"), "t"), 30, "all")
    few = window.asked(10).known
    assert len(few) == 10
    assert len(np.unique(few)) == 10
    assert len(window.asked().known) == len(window.customers)


def test_the_simple_stays_within_noise():
    random = np.random.default_rng(1)
    base = random.random(300)
    noisy = base + random.normal(0.0, 1.0, 300)
    noisy += 0.01 - (noisy - base).mean()  # better by less than its standard error
    assert chosen(np.asarray([base, noisy]), 1) == 0
    assert chosen(np.asarray([base, base + 0.01]), 1) == 1
    assert chosen(np.asarray([base, base + 0.01, base]), 2) == 1
    assert not beyond_noise(np.asarray([1.0]))
    assert not beyond_noise(np.zeros(5))
