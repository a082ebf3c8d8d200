"""Shares drawn to those of all: by hand, by simulation, and who stands out."""

import numpy as np
import pytest
from scipy import stats

from crmkit.segment._profile_table import count_table
from crmkit.segment._tag_shares import (
    STRONGEST,
    base_shares,
    chance_above,
    drawn_share,
    level_of,
    preferred,
    shares_by_word,
    side_of,
    strength_of,
    unseen_share,
)

LIMITS = {"confidence": 0.9, "min_lift": 1.2, "min_evidence": 3}


def table_of(counts):
    """A table with these counts: rows are customers, columns the words a, b, c ..."""
    counts = np.asarray(counts)
    customer, word = np.nonzero(counts)
    n = counts[customer, word]
    words = np.array(list("abcdefgh"[: counts.shape[1]]))
    days = np.arange(n.sum())
    return count_table(np.repeat(customer, n), np.repeat(word, n), days, words, len(counts))


def test_shares_of_all_leave_room_for_the_unseen():
    table = table_of([[3, 1], [1, 0]])
    shares, unseen = base_shares(table), unseen_share(table)
    np.testing.assert_allclose(shares, [(4 + 1 / 3) / 6, (1 + 1 / 3) / 6])
    assert shares.sum() + unseen == pytest.approx(1.0)
    told = shares_by_word(np.array(["b", "x", "a"]), table.words, shares, unseen)
    np.testing.assert_allclose(told, [shares[1], unseen, shares[0]])
    assert shares_by_word(np.array(["x"]), np.array([], dtype=str), shares, 0.5).tolist() == [0.5]


def test_strength_by_hand():
    # Weir and Hill: two customers of 4 each, shares 3/4 and 1/4 of a; all: 1/2.
    # between = 4 (2 / 16) + 4 (2 / 16) = 1; within = 2 x 4 (1 - 10 / 16) / 6 = 1/2; usual n = 4.
    theta = (1 - 0.5) / (1 + 3 * 0.5)
    assert strength_of(table_of([[3, 1], [1, 3]])) == pytest.approx((1 - theta) / theta)


@pytest.mark.parametrize("counts", [[[2, 2], [2, 2]], [[5, 1]], [[1, 0], [0, 1]], [[0, 0], [0, 0]]])
def test_who_do_not_differ_have_the_shares_of_all(counts):
    assert strength_of(table_of(counts)) == STRONGEST


@pytest.mark.parametrize("strength", [2.0, 20.0])
def test_strength_is_found_again(strength):
    rng = np.random.default_rng(1)
    base = np.array([0.5, 0.3, 0.15, 0.05])
    own = rng.dirichlet(strength * base, 3000)
    counts = np.array([rng.multinomial(n, p) for n, p in zip(rng.integers(2, 40, 3000), own)])  # noqa: B905
    assert strength_of(table_of(counts)) == pytest.approx(strength, rel=0.1)


def test_drawn_shares_are_the_means_of_what_is_known():
    assert drawn_share(12, 20, 0.1, 10.0) == pytest.approx(13 / 30)
    posterior = stats.beta(12 + 1.0, 8 + 9.0)
    assert chance_above(12, 20, 0.1, 10.0) == pytest.approx(posterior.sf(0.1))
    assert drawn_share(0, 0, 0.1, 10.0) == pytest.approx(0.1)


def test_twenty_of_thirty_say_more_than_two_of_three():
    few, many = chance_above(np.array([2, 20]), np.array([3, 30]), 0.4, 2.0)
    assert few < 0.9 < many
    counts, totals = np.array([2, 20, 1, 1]), np.array([3, 30, 30, 2])
    assert side_of(counts, totals, 0.4, 2.0, LIMITS).tolist() == [0, 1, -1, -2]


@pytest.mark.parametrize(("lift", "sides"), [(1.1, [1, -1, 0]), (1.2, [0, 0, 0])])
def test_a_side_needs_the_lift_as_well(lift, sides):
    limits = {"confidence": 0.95, "min_lift": lift, "min_evidence": 3}
    count, total = np.array([580, 430, 510]), np.array([1000, 1000, 1000])
    assert side_of(count, total, 0.5, 1.0, limits).tolist() == sides


def test_the_largest_margins_come_first_and_ties_by_word():
    rows, columns = np.array([0, 0, 0, 2, 2]), np.array([0, 1, 2, 0, 1])
    margin = np.array([0.1, 0.3, 0.2, 0.5, 0.5])
    shown = np.array([True, True, False, True, True])
    found = preferred(rows, columns, margin, shown, 3, 2)
    assert found.tolist() == [[1, 0], [-1, -1], [3, 4]]


def test_edges_are_in_the_middle():
    levels = level_of(np.array([1.0, 2.0, 3.0, 4.0, 5.0]), np.array([2.0, 4.0]))
    assert levels.tolist() == [0, 1, 1, 1, 2]
    assert level_of(np.full(3, 7.0), np.array([7.0, 7.0])).tolist() == [1, 1, 1]
