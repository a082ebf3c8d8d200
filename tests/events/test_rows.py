"""Rows by customer and period: look-ups of many at once, and sums that know no order."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.events import _rows
from crmkit.events._rows import (
    Rows,
    by_period,
    first_not_before,
    in_few_bytes,
    running,
    sorted_keys,
)

LINES = st.lists(
    st.tuples(st.integers(0, 4), st.integers(-30, 30), st.floats(-1e6, 1e6)), max_size=40
)


@pytest.fixture
def rows():
    rng = np.random.default_rng(0)
    counts = rng.integers(0, 9, 200)
    start = np.concatenate([[0], np.cumsum(counts)])
    days = np.concatenate([100 + np.sort(rng.choice(30, n, replace=False)) for n in counts])
    return Rows(start, days.astype(np.int32), 100, 30)


def brute_force(rows, day):
    pieces = [rows.period[a:b] for a, b in pairwise(rows.start)]
    return [a + (piece < day).sum() for a, piece in zip(rows.start[:-1], pieces, strict=True)]


@pytest.mark.parametrize("block", [1, 50, 2**18])
def test_many_days_are_looked_up_at_once(rows, block, monkeypatch):
    monkeypatch.setattr(_rows, "BLOCK", block)
    rows.look_up(range(98, 132))
    rows.look_up([110, 10, 400])
    for day in (10, *range(98, 132), 400):
        assert rows.before(day).tolist() == brute_force(rows, day)


def test_a_day_that_was_not_looked_up_is(rows):
    assert rows.before(115).tolist() == brute_force(rows, 115)


def test_a_part_knows_what_was_looked_up(rows):
    rows.look_up([110])
    part = rows.part(20, 90)
    first = rows.start[20]
    for day in (110, 120):
        assert part.before(day).tolist() == [end - first for end in brute_force(rows, day)[20:90]]


@pytest.mark.parametrize("block", [1, 7, 50, 2**18])
def test_blocks_hold_every_customer_once(rows, block, monkeypatch):
    monkeypatch.setattr(_rows, "BLOCK", block)
    blocks = list(rows.blocks())
    assert [i for low, high in blocks for i in range(low, high)] == list(range(200))
    sizes = [rows.start[high] - rows.start[low] + high - low for low, high in blocks]
    assert max(sizes) <= block + 10  # a customer has up to eight rows


def test_nobody_has_no_blocks():
    nobody = Rows(np.zeros(1, dtype=int), np.zeros(0, dtype=np.int32), 0, 1)
    assert list(nobody.blocks()) == []
    assert nobody.before(5).tolist() == []


def test_places_are_held_in_few_bytes():
    assert in_few_bytes(np.array([0, 2**31 - 1])).dtype == np.int32
    assert in_few_bytes(np.array([0, 2**31])).dtype == np.int64


def test_sums_know_no_order():
    rng = np.random.default_rng(0)
    customer, day = rng.integers(0, 3, 500), rng.integers(0, 4, 500)
    amount = rng.lognormal(0, 8, 500)
    expected = by_period([customer, day, amount], 3)[1]
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(500)
        got = by_period([customer[order], day[order], amount[order]], 3)[1]
        np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("high", [100, 2**62])
def test_sorted_keys(high):
    keys = np.random.default_rng(0).integers(0, high, 1000)
    order, found = sorted_keys(keys.copy(), need_order=True)
    np.testing.assert_array_equal(found, np.sort(keys))
    np.testing.assert_array_equal(keys[order], found)
    np.testing.assert_array_equal(sorted_keys(keys.copy(), need_order=False)[1], found)


def test_running_totals_do_not_overflow():
    assert running(np.array([2**40, 2**40])).tolist() == [0, 2**40, 2**41]
    assert running(np.array([1, 2], dtype=np.int32)).dtype == np.int32


def test_the_first_row_not_before_a_day(rows):
    own = 99 + np.random.default_rng(1).integers(0, 33, 200)
    got = first_not_before(rows.period, rows.start[:-1], rows.start[1:], own)
    assert got.tolist() == [rows.before(day)[i] for i, day in enumerate(own)]


@given(LINES, st.integers(-40, 40))
def test_rows_until_a_period_by_brute_force(lines, last):
    customer, period, amount = (np.array(x) for x in zip(*lines, strict=True)) if lines else (
        np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    )  # fmt: skip
    rows, sums = by_period([customer.astype(np.int64), period.astype(np.int64), amount], 5)[:2]
    for i in range(5):
        mine = sorted({p for c, p, _ in lines if c == i})
        own = slice(rows.start[i], rows.start[i + 1])
        assert rows.period[own].tolist() == mine
        assert rows.until(last)[i] - rows.start[i] == sum(p <= last for p in mine)
        for p, total in zip(mine, sums[own], strict=True):
            expected = sum(a for c, q, a in lines if (c, q) == (i, p))
            assert total == pytest.approx(expected, rel=1e-9, abs=1e-6)


def test_each_customer_may_have_an_end_of_the_own():
    rows = by_period([np.array([0, 0, 1, 1]), np.array([3, 9, 3, 9]), None], 3)[0]
    assert rows.until(np.array([9, 3, 3])).tolist() == [2, 3, 4]
