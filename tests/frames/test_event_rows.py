"""Events with their rows and long frames of ids as codes: every library, order, texts."""

import numpy as np
import pandas as pd
import pytest

from crmkit import EventLog, _frames
from crmkit.exceptions import DataError
from tests.contracts.frame_kinds import FRAMES


def frame():
    return pd.DataFrame(
        {
            "customer_id": ["b", "a", None, "b", "a"],
            "timestamp": pd.to_datetime(
                ["2024-01-02T23:59", "2024-01-01", "2024-01-01", "2024-01-03", "2024-01-04"],
                format="ISO8601",
            ),
            "amount": [5.0, 1.0, 1.0, -2.0, 3.0],
            "order_id": [20, 3, 3, None, 100],
            "item_id": ["y", "x", "x", "y", None],
        }
    )


def read(data, item="item_id"):
    log = EventLog(data, order="order_id", item=item)
    ask = _frames.Reduction(log.columns, 1 << 60, "D", None, True, None, False)
    return _frames.event_rows(_frames.to_eager(data), ask, item, "test")


@pytest.mark.parametrize("kind", FRAMES)
def test_by_hand(kind):
    rows = read(FRAMES[kind](frame()))
    assert rows.row.tolist() == [0, 1, 3, 4]
    assert rows.customers.tolist() == ["a", "b"]
    assert rows.customer.tolist() == [1, 0, 1, 0]
    assert rows.items.tolist() == ["x", "y"]
    assert rows.item.tolist() == [1, 0, 1, -1]
    assert (rows.day - rows.day[1]).tolist() == [1, 0, 2, 3]
    assert rows.order.argsort().tolist() == [1, 0, 3, 2]  # 3, 20, 100, and the missing one last
    assert rows.returned.tolist() == [False, False, True, False]


def test_codes_of_ids_stand_for_them():
    random = np.random.default_rng(0)
    for ids in (random.integers(-5, 5, 40), random.integers(0, 9, 40).astype(str)):
        for kind in FRAMES.values():
            codes, distinct = _frames.id_codes(kind(pd.DataFrame({"id": ids})), "id", "test")
            assert distinct[codes].tolist() == ids.tolist()
            assert len(set(distinct.tolist())) == len(distinct)


def test_missing_ids_and_floats_are_refused():
    with pytest.raises(DataError, match=r"test: 'id' has 1 missing ids \(first at row 1\)"):
        _frames.id_codes(pd.DataFrame({"id": ["a", None]}), "id", "test")
    with pytest.raises(DataError, match="float64"):
        _frames.id_codes(pd.DataFrame({"id": [1.0]}), "id", "test")
