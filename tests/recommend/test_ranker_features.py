"""What the ranker is told: every feature by hand."""

import numpy as np
import pandas as pd

from crmkit.recommend._asked import ask
from crmkit.recommend._interactions import read_interactions
from crmkit.recommend._ranker_features import (
    bought_again,
    candidates,
    customer_features,
    feature_names,
    item_features,
    member_features,
    pair_features,
)
from tests.recommend._seasons import log_of

LINES = [("ann", 1, "a"), ("ann", 5, "a"), ("ann", 5, "b"), ("ann", 9, "a"), ("bob", 7, "c")]
NAN = np.nan


def known():
    frame = pd.DataFrame(LINES, columns=["customer", "day", "item"])
    frame["day"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(frame["day"] - 1, unit="D")
    log = log_of(frame.assign(amount=1.0))
    made = read_interactions(log, log.cutoff("2024-01-12", "test"), "test")
    return made.with_items(np.asarray(["z"]))


def histories():
    data = known()
    ((_, block),) = ask(data, data.customers, None, data.last_day, "test").blocks()
    return block


def test_items():
    table = item_features(known())
    late = [sum(0.5 ** (age / 14) for age in ages) for ages in ([10, 6, 2], [6], [4])]
    usual = [sum(0.5 ** (age / 120) for age in ages) for ages in ([10, 6, 2], [6], [4])]
    np.testing.assert_allclose(np.expm1(table[:, 0]), [3, 1, 1, 0], atol=1e-6)
    np.testing.assert_allclose(np.expm1(table[:, 1]), [*late, 0], atol=1e-6)
    ratio = (np.array([*late, 0]) + 0.2) / (np.array([*usual, 0]) + 2)
    np.testing.assert_allclose(np.exp(table[:, 2]), ratio, rtol=1e-5)
    np.testing.assert_array_equal(table[:, 3], [10, 6, 4, NAN])
    np.testing.assert_array_equal(table[:, 4], [2, 6, 4, NAN])
    # ann bought a on both later visits, and not b on the one after it: 2 of 3 in all
    again = np.array([(2 + 20 / 3) / 12, (20 / 3) / 11, 2 / 3, 2 / 3])
    np.testing.assert_allclose(table[:, 5], again, rtol=1e-6)


def test_an_item_without_later_visits_is_like_all_others():
    frame = pd.DataFrame([("ann", 3, "a"), ("ann", 3, "b")], columns=["customer", "day", "item"])
    frame["day"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(frame["day"], unit="D")
    log = log_of(frame.assign(amount=1.0))
    made = read_interactions(log, log.cutoff("2024-01-12", "test"), "test")
    np.testing.assert_array_equal(bought_again(made), [0.0, 0.0])


def test_customers():
    assert customer_features(histories()).tolist() == [[2, 3, 2], [1, 1, 4]]


def test_pairs():
    keys = np.array([0, 1, 2, 4, 6])  # ann: a, b, c; bob: a, c
    days, since, gaps, visits, share = pair_features(histories(), keys)
    np.testing.assert_array_equal(days, [3, 1, 0, 0, 1])
    np.testing.assert_array_equal(since, [2, 6, NAN, NAN, 4])
    np.testing.assert_array_equal(gaps, [0.5, NAN, NAN, NAN, NAN])
    np.testing.assert_array_equal(visits, [0, 1, NAN, NAN, 0])
    np.testing.assert_array_equal(share, [1, 0.5, NAN, NAN, 1])


def test_members():
    scores = np.array([[4.0, -2.0, -np.inf], [-1.0, -4.0, -1.0]], dtype=np.float32)
    row, item = np.array([0, 0, 0, 1, 1, 1]), np.array([0, 1, 2, 0, 1, 2])
    own, part, rank = member_features(scores, row, item)
    np.testing.assert_array_equal(own, [4, -2, NAN, -1, -4, -1])
    np.testing.assert_array_equal(part, [1, -0.5, NAN, -1, -4, -1])
    np.testing.assert_array_equal(rank, [1, 2, NAN, 1, 3, 2])


def test_candidates_are_the_best_of_each_member():
    one = np.array([[9.0, 8.0, 1.0, 0.0], [0.0, 1.0, 2.0, 3.0]], dtype=np.float32)
    two = np.array([[0.0, 1.0, 9.0, -np.inf], [-np.inf] * 4], dtype=np.float32)
    named = candidates([one, two], histories(), item_features(known()), 1)
    assert list(zip(named.row, named.item, strict=True)) == [(0, 0), (0, 2), (1, 3)]
    assert named.table.shape == (3, len(feature_names(["one", "two"])))
    assert named.table.dtype == np.float32
