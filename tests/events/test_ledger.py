"""The ledger: what was bought, returned and met by day, whole and in parts."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from crmkit.churn import SnapshotBuilder
from crmkit.events import _ledger, _rows
from crmkit.events._ledger import NEVER, day_of, read_ledger
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
    assert (ledger.days.period - 19_358).tolist() == [0, 4, 1]
    assert ledger.spend.tolist() == [3.0, 4.0, 5.0, 0.0]
    assert ledger.orders.tolist() == [0, 1, 1, 2]  # the order "w" counts on its first day
    assert ledger.refunds.start.tolist() == [0, 0, 1, 2]
    assert ledger.refunded.tolist() == [3.0, 9.0, 0.0]
    visits = ledger.visits["item"]
    assert visits.values == ["k", "m"]
    assert visits.start.tolist() == [0, 3, 4, 4]
    assert visits.value.tolist() == [0, 0, 1, 0]
    assert (visits.day - 19_358).tolist() == [0, 4, 0, 1]
    assert visits.again.tolist() == [19_362, NEVER, NEVER, NEVER]
    assert visits.owner.tolist() == [0, 0, 0, 1]
    assert visits.counts(visits.day < 19_360).tolist() == [2, 1, 0]


def test_events_at_or_after_the_day_are_not_read():
    ledger = read_ledger(log_of(HAND), 19_358 + 1, "test")
    assert ledger.ids.to_list() == ["a"]
    assert ledger.spend.tolist() == [3.0, 0.0]


def test_gaps_by_size():
    ledger = read_ledger(log_of(shop()), UNTIL, "test")
    gap, day = ledger.gaps_by_size
    start, days = ledger.days.start, ledger.days.period
    at = 0
    for begin, end in pairwise(start):
        ended = days[begin + 1 : end] - ledger.days.offset
        mine = sorted(zip(np.diff(days[begin:end]), ended, strict=True))
        assert list(zip(gap[at : at + len(mine)], day[at : at + len(mine)], strict=True)) == mine
        at += len(mine)
    assert at == len(gap)


def test_a_part_is_the_ledger_of_its_customers():
    frame = shop()
    names = sorted(frame["customer_id"].unique())
    whole = read_ledger(log_of(frame, returns="net"), UNTIL, "test", columns=("item",))
    whole.days.look_up([19_500])
    part = whole.part(7, 19)
    mine = log_of(frame[frame["customer_id"].isin(names[7:19])], returns="net")
    alone = read_ledger(mine, UNTIL, "test", columns=("item",))
    assert part.ids.to_list() == alone.ids.to_list() == names[7:19]
    for got, expected in ((part.days, alone.days), (part.refunds, alone.refunds)):
        np.testing.assert_array_equal(got.start, expected.start)
        np.testing.assert_array_equal(got.period, expected.period)
        for day in (19_400, 19_500):
            np.testing.assert_array_equal(got.before(day), expected.before(day))
    np.testing.assert_array_equal(part.spend[:-1], alone.spend[:-1])
    np.testing.assert_array_equal(part.refunded[:-1], alone.refunded[:-1])
    np.testing.assert_array_equal(np.diff(part.orders), np.diff(alone.orders))
    np.testing.assert_array_equal(np.diff(part.gap_squares), np.diff(alone.gap_squares))
    for name in ("start", "day", "again", "owner"):
        got, expected = (getattr(ledger.visits["item"], name) for ledger in (part, alone))
        np.testing.assert_array_equal(got, expected)


def test_nobody_is_a_part():
    nobody = read_ledger(log_of(shop()), UNTIL, "test", columns=("item",)).part(0, 0)
    assert len(nobody.ids) == len(nobody.days) == 0
    assert nobody.days.before(19_500).tolist() == []
    assert [part.tolist() for part in nobody.gaps_by_size] == [[], []]


def test_keys_too_long_to_pack_give_the_same_answers(monkeypatch):
    features, frame = None, shop()
    expected = SnapshotBuilder(features).transform(log_of(frame), "2023-09-10")
    for module in (_ledger, _rows):
        monkeypatch.setattr(module, "bits", lambda number: 64)
    got = SnapshotBuilder(features).transform(log_of(frame), "2023-09-10")
    pd.testing.assert_frame_equal(got, expected, check_exact=True)


def test_a_day_begins_at_midnight():
    assert day_of(pd.Timestamp("1970-01-02"), "x") == 1
    with pytest.raises(DataError, match="x: a cut-off must be the beginning of a day"):
        day_of(pd.Timestamp("1970-01-02 00:00:00.000001"), "x")
