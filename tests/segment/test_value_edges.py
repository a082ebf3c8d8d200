"""Edges of value: shares of customers and of revenue by hand, ties, zeros, hysteresis."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crmkit.exceptions import DataError
from crmkit.segment._value_edges import (
    checked_amounts,
    checked_shares,
    customer_edges,
    held_tier,
    revenue_edges,
    shares_of,
    sums_by,
    tier_of,
)

VALUES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40).filter(lambda v: max(v) > 0)
SHARES = st.lists(st.integers(1, 99), min_size=1, max_size=4, unique=True).map(
    lambda whole: np.array(sorted(whole)) / 100
)


def test_edges_that_rise_are_taken_as_they_are():
    assert checked_shares((0.5, 0.8, 0.95), "T").tolist() == [0.5, 0.8, 0.95]
    assert checked_amounts([1, 250], "T").tolist() == [1.0, 250.0]


def test_shares_of_customers_by_hand():
    x = np.array([40.0, 10, 30, 20, 50, 60, 70, 80, 90, 100])
    assert customer_edges(x, np.array([0.5, 0.8, 0.9]), "T").tolist() == [60, 90, 100]


def test_equally_near_edges_make_the_better_tier_small():
    x = np.array([1.0, 2, 3, 4])  # below: 0, .25, .5, .75
    assert customer_edges(x, np.array([0.375]), "T").tolist() == [3]


def test_ties_are_met_as_nearly_as_they_allow():
    x = np.array([5.0] * 6 + [7, 8, 9, 9])  # below 7 lie .6, below 5 none
    assert customer_edges(x, np.array([0.2, 0.5, 0.99]), "T").tolist() == [5, 7, 9]


def test_shares_of_revenue_by_hand():
    x = np.array([10.0, 50, 20, 0, -30, 20])  # 100 in all, the first 50 are the best alone
    assert revenue_edges(x, np.array([0.1, 0.2, 0.5]), "T").tolist() == [20, 20, 50]
    assert revenue_edges(x, np.array([0.05, 0.49]), "T").tolist() == [10, 20]


@example([1e6, np.nextafter(1e6, 0)], np.array([0.51]))
@given(VALUES, SHARES)
def test_the_best_hold_their_share_and_no_fewer_would(values, shares):
    x = np.array(values)
    edges = revenue_edges(x, shares, "T")
    assert (np.diff(edges) >= 0).all()
    assert np.isin(edges, x).all()
    whole = x[x > 0].sum()
    for edge, share in zip(edges, shares, strict=True):
        assert x[x >= edge].sum() >= (1 - share) * whole * (1 - 1e-9)
        # Values that only rounding parts are one value, and those at the edge hold it together.
        assert x[x > edge * (1 + 1e-11)].sum() < (1 - share) * whole * (1 + 1e-9)


@given(VALUES, SHARES)
def test_customer_edges_rise_and_none_is_nearer(values, shares):
    x = np.array(values)
    edges = customer_edges(x, shares, "T")
    assert (np.diff(edges) >= 0).all()
    assert (edges > 0).all()
    for edge, share in zip(edges, shares, strict=True):
        off = abs((x < edge).mean() - share)
        assert all(off <= abs((x < v).mean() - share) + 1e-9 for v in x[x > 0])


def test_huge_values_do_not_overflow():
    x = np.array([1e308, 1e308, 1.0])
    assert revenue_edges(x, np.array([0.5]), "T").tolist() == [1e308]


def test_nothing_above_zero_is_told():
    for make in (customer_edges, revenue_edges):
        with pytest.raises(DataError, match=r"^T: none of 2 customers has a value above 0"):
            make(np.array([0.0, -1.0]), np.array([0.5]), "T")


def test_a_value_at_an_edge_goes_up():
    edges = np.array([10.0, 10, 20])
    assert tier_of(np.array([-5.0, 9.9, 10, 20, 99]), edges).tolist() == [0, 0, 2, 3, 3]


def test_hysteresis_by_hand():
    edges = np.array([100.0, 200.0])
    x = np.array([109.0, 110, 91, 90, 89.9, 225, 195, 60, 105])
    before = np.array([0, 0, 1, 1, 1, 0, 0, 2, -1])
    assert held_tier(x, edges, 0.1, before).tolist() == [0, 1, 1, 1, 0, 2, 1, 0, 1]


@given(VALUES, SHARES, st.floats(0, 0.9))
def test_no_margin_is_no_memory_and_staying_is_stable(values, shares, margin):
    x = np.array(values)
    edges = revenue_edges(x, shares, "T")
    before = np.random.default_rng(0).integers(0, len(edges) + 1, len(x))
    assert (held_tier(x, edges, 0.0, before) == tier_of(x, edges)).all()
    once = held_tier(x, edges, margin, before)
    assert (held_tier(x, edges, margin, once) == once).all()


def test_sums_are_exact_and_shares_need_a_sum():
    assert sums_by(
        np.array([0.1] * 10 + [1e16, -1e16]), np.array([0] * 10 + [1, 1]), 3
    ).tolist() == [
        1.0,
        0.0,
        0.0,
    ]
    assert shares_of(np.array([3.0, 1.0])).tolist() == [0.75, 0.25]
    assert np.isnan(shares_of(np.array([3.0, -3.0]))).all()


@pytest.mark.parametrize("edges", [(), (0.5, 0.5), (0, 0.5), (0.5, 1), "ab", None, 0.5, [[0.5]]])
def test_shares_are_refused(edges):
    with pytest.raises(DataError, match=r"^T: edges must be rising numbers above 0 and below 1"):
        checked_shares(edges, "T")


@pytest.mark.parametrize("edges", [(), (5, 5), (0, 5), (-1, 5), (1, np.inf), None, ["a"]])
def test_amounts_are_refused(edges):
    with pytest.raises(DataError, match=r"^T: with by='thresholds' edges must be rising amounts"):
        checked_amounts(edges, "T")
