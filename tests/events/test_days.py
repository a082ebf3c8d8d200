"""Days: rows sorted by customer and day, look-ups of many days at once, sums that know no order."""

from itertools import pairwise

import numpy as np
import pytest

from crmkit.events import _days
from crmkit.events._days import Days, by_day, first_not_before, in_few_bytes, running, sorted_keys


@pytest.fixture
def rows():
    rng = np.random.default_rng(0)
    counts = rng.integers(0, 9, 200)
    start = np.concatenate([[0], np.cumsum(counts)])
    days = np.concatenate([100 + np.sort(rng.choice(30, n, replace=False)) for n in counts])
    return Days(start, days.astype(np.int32), 100, 30)


def brute_force(rows, day):
    pieces = [rows.day[a:b] for a, b in pairwise(rows.start)]
    return [a + (piece < day).sum() for a, piece in zip(rows.start[:-1], pieces, strict=True)]


@pytest.mark.parametrize("block", [1, 50, 2**18])
def test_many_days_are_looked_up_at_once(rows, block, monkeypatch):
    monkeypatch.setattr(_days, "BLOCK", block)
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
    monkeypatch.setattr(_days, "BLOCK", block)
    blocks = list(rows.blocks())
    assert [i for low, high in blocks for i in range(low, high)] == list(range(200))
    sizes = [rows.start[high] - rows.start[low] + high - low for low, high in blocks]
    assert max(sizes) <= block + 10  # a customer has up to eight rows


def test_nobody_has_no_blocks():
    nobody = Days(np.zeros(1, dtype=int), np.zeros(0, dtype=np.int32), 0, 1)
    assert list(nobody.blocks()) == []
    assert nobody.before(5).tolist() == []


def test_places_are_held_in_few_bytes():
    assert in_few_bytes(np.array([0, 2**31 - 1])).dtype == np.int32
    assert in_few_bytes(np.array([0, 2**31])).dtype == np.int64


def test_sums_know_no_order():
    rng = np.random.default_rng(0)
    customer, day = rng.integers(0, 3, 500), rng.integers(0, 4, 500)
    amount = rng.lognormal(0, 8, 500)
    expected = by_day([customer, day, amount], 3)[1]
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(500)
        got = by_day([customer[order], day[order], amount[order]], 3)[1]
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
    got = first_not_before(rows.day, rows.start[:-1], rows.start[1:], own)
    assert got.tolist() == [rows.before(day)[i] for i, day in enumerate(own)]
