"""Events in plain arrays: counts, reductions and readings equal those of pandas."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crmkit as ck
from crmkit import _frames
from crmkit._frames._plain import PlainFrame
from crmkit.events._ledger import read_ledger
from crmkit.exceptions import DataError

COLUMNS = {"order": "order", "item": "item", "quantity": "quantity"}
LINES = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.integers(0, 90 * 24 * 60),
        st.sampled_from([-5.0, 0.0, 0.1, 12.5, 99.99]),
        st.integers(0, 5),
        st.integers(0, 3),
        st.integers(-1, 4),
    ),
    min_size=1,
    max_size=30,
)


def frames(lines, ids, zone=None):
    """The same events as a frame of pandas and as plain arrays."""
    customer, minute, amount, order, item, quantity = map(np.array, zip(*lines, strict=True))
    when = np.datetime64("2024-02-01", "us") + minute * np.timedelta64(1, "m")
    held = {
        "customer_id": customer if ids == "int" else np.array([f"c{i}" for i in customer]),
        "timestamp": when,
        "amount": amount,
        "order": order,
        "item": item,
        "quantity": quantity,
    }
    table = pd.DataFrame(held)
    if zone is not None:
        table["timestamp"] = table["timestamp"].dt.tz_localize("UTC")
    return table, PlainFrame(held, {} if zone is None else {"timestamp": "UTC"})


def summary(log, unit):
    """Columns of the summary as lists, instants as numbers; or why there is none."""
    try:
        table = ck.summarize(log, "2024-04-01", unit)
    except DataError as error:
        return str(error)
    columns = {}
    for name in _frames.column_names(table, "test"):
        values = _frames.column_values(table, name, "test")
        if name.endswith("_purchase"):
            values = pd.to_datetime(values, utc=True).as_unit("us").astype("int64")
        columns[name] = values.tolist()
    return columns


@settings(max_examples=60)
@given(
    LINES,
    st.sampled_from(["int", "str"]),
    st.sampled_from([None, "Europe/London"]),
    st.sampled_from(["exclude", "net"]),
    st.sampled_from([None, 0.1]),
    st.sampled_from(["D", "W", "M", "h"]),
)
def test_summaries_and_ledgers_equal_those_of_pandas(lines, ids, zone, returns, least, unit):
    table, plain = frames(lines, ids, zone)
    log = ck.EventLog(table, **COLUMNS, returns=returns, min_amount=least, tz=zone)
    other = replace(log, data=plain)
    for name, value in vars(log.facts).items():
        assert getattr(other.facts, name) == (value if value is None else pytest.approx(value))
    assert summary(other, unit) == summary(log, unit)
    ledgers = [read_ledger(each, 19_800, "test", columns=("item",)) for each in (log, other)]
    for part in ("spend", "orders", "refunded"):
        first, second = (getattr(ledger, part).tolist() for ledger in ledgers)
        assert first == second
    first, second = (ledger.visits["item"] for ledger in ledgers)
    assert first.values == second.values
    assert first.day.tolist() == second.day.tolist()
    assert _frames.id_values(ledgers[0].ids, "", "").tolist() == ledgers[1].ids.tolist()


def test_a_missing_column_is_told_with_its_parameter():
    _, plain = frames([(1, 2, 3.0, 4, 5, 6)], "int")
    with pytest.raises(DataError, match=r"EventLog: column 'item_id' not found.* mean item="):
        ck.EventLog(plain, item="item_id")
