"""The ledger: rows by day, sums that know no order, and the ways that do without packed keys."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from crmkit.churn import SnapshotBuilder
from crmkit.events import _ledger
from crmkit.events._ledger import (
    NEVER,
    Days,
    by_day,
    day_of,
    first_not_before,
    read_ledger,
    running,
    sorted_keys,
)
from crmkit.exceptions import DataError
from tests.churn._shop import log_of, shop

UNTIL = 19_700  # a day in December 2023
HAND = pd.DataFrame(
    {
        "customer_id": ["b", "a", "a", "a", "b", "c"],
        "timestamp": pd.to_datetime(
            ["2023-01-02", "2023-01-01", "2023-01-01", "2023-01-05", "2023-01-03", "2023-01-04"]
        ),
        "amount": [5.0, 1.0, 2.0, 4.0, -3.0, -9.0],
        "order_id": ["v", "w", "w", "w", "v", "x"],
        "item": ["k", "k", "m", "k", "k", None],
    }
)


def test_rows_by_hand():
    ledger = read_ledger(log_of(HAND), UNTIL, "test", columns=("item",))
    assert ledger.ids.to_list() == ["a", "b", "c"]
    assert ledger.days.start.tolist() == [0, 2, 3, 3]
    assert (ledger.days.day - 19_358).tolist() == [0, 4, 1]
    assert ledger.spend.tolist() == [3.0, 4.0, 5.0, 0.0]
    assert ledger.orders.tolist() == [0, 1, 1, 2]  # the order "w" counts on its first day
    assert ledger.refunds.start.tolist() == [0, 0, 1, 2]
    assert ledger.refunded.tolist() == [3.0, 9.0, 0.0]
    visits = ledger.visits["item"]
    assert visits.values == ["k", "m"]
    assert visits.start.tolist() == [0, 3, 4, 4]
    assert visits.value.tolist() == [0, 0, 1, 0]
    assert (visits.day - 19_358).tolist() == [0, 4, 0, 1]
    assert visits.previous.tolist() == [NEVER, 19_358, NEVER, NEVER]


def test_events_at_or_after_the_day_are_not_read():
    ledger = read_ledger(log_of(HAND), 19_358 + 1, "test")
    assert ledger.ids.to_list() == ["a"]
    assert ledger.spend.tolist() == [3.0, 0.0]


def test_gaps_by_size():
    ledger = read_ledger(log_of(shop()), UNTIL, "test")
    gap, day = ledger.gaps_by_size
    start, days = ledger.days.start, ledger.days.day
    at = 0
    for begin, end in pairwise(start):
        ended = days[begin + 1 : end] - ledger.days.offset
        mine = sorted(zip(np.diff(days[begin:end]), ended, strict=True))
        assert list(zip(gap[at : at + len(mine)], day[at : at + len(mine)], strict=True)) == mine
        at += len(mine)
    assert at == len(gap)


def test_what_was_worked_out_can_be_forgotten_and_comes_again():
    ledger = read_ledger(log_of(shop()), UNTIL, "test")
    names = ("gaps", "gaps_by_size", "days_before", "beyond_first")
    before = {name: getattr(ledger, name) for name in names}
    weekend = ledger.on_days("w", np.ones(ledger.days.span, dtype=bool))
    ledger.forget()
    assert not set(names) & set(vars(ledger))
    for name, value in before.items():
        np.testing.assert_array_equal(getattr(ledger, name), value)
    none = ledger.on_days("w", np.zeros(ledger.days.span, dtype=bool))
    assert (weekend[-1], none[-1]) == (len(ledger.days.day), 0)


def test_keys_too_long_to_pack_give_the_same_answers(monkeypatch):
    features, frame = None, shop()
    expected = SnapshotBuilder(features).transform(log_of(frame), "2023-09-10")
    monkeypatch.setattr(_ledger, "bits", lambda number: 64)
    got = SnapshotBuilder(features).transform(log_of(frame), "2023-09-10")
    pd.testing.assert_frame_equal(got, expected, check_exact=True)


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


def test_a_day_begins_at_midnight():
    assert day_of(pd.Timestamp("1970-01-02"), "x") == 1
    with pytest.raises(DataError, match="x: a cut-off must be the beginning of a day"):
        day_of(pd.Timestamp("1970-01-02 00:00:00.000001"), "x")


def test_the_first_row_not_before_a_day():
    rng = np.random.default_rng(0)
    counts = rng.integers(0, 9, 200)
    start = np.concatenate([[0], np.cumsum(counts)])
    days = np.concatenate([np.sort(rng.choice(30, n, replace=False)) for n in counts])
    rows = Days(start, days.astype(np.int32), 0, 30)
    for day in range(-1, 32):
        pieces = [days[a:b] for a, b in pairwise(start)]
        expected = [a + np.searchsorted(p, day) for a, p in zip(start[:-1], pieces, strict=True)]
        assert rows.before(day).tolist() == expected
        assert rows.before(day, np.array([3, 50])).tolist() == [expected[3], expected[50]]
    own = rng.integers(0, 31, 200)
    got = first_not_before(rows.day, start[:-1], start[1:], own)
    assert np.array_equal(got, [rows.before(day)[i] for i, day in enumerate(own)])
