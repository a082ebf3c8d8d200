"""plot_recency_frequency: the grid by hand, its numbers, its refusals."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from crmkit.exceptions import DataError
from crmkit.plotting import plot_recency_frequency
from crmkit.plotting._recency_frequency import day_edges, fields, order_rows, short

CUSTOMERS = pd.DataFrame(
    {"days_since_last": [0, 6, 7, 80], "n_orders": [1, 1, 3, 4], "clv": [1.0, 3.0, 10.0, 20.0]}
)


def draw(customers, **options):
    return plot_recency_frequency(customers, ax=Figure().add_subplot(), **options)


def test_days_fall_into_familiar_widths():
    assert day_edges(np.array([0.0, 12.0])).tolist() == list(range(14))
    assert day_edges(np.array([80.0])).tolist() == list(range(0, 85, 7))
    assert day_edges(np.array([0.0])).tolist() == [0, 1]
    assert np.diff(day_edges(np.array([100_000.0])))[0] == np.ceil(100_001 / 13)


def test_orders_fall_into_doubling_rows():
    row, names = order_rows(np.array([1.0, 2, 3, 4, 5, 8, 9]))
    assert names == ["1", "2", "3–4", "5–8", "9–16"]
    assert row.tolist() == [0, 1, 2, 2, 3, 3, 4]


def test_thin_rows_are_joined():
    row, names = order_rows(np.array([1.0] * 500 + [2.0] * 300 + [3.0] * 199 + [100.0]))
    assert names == ["1", "2", "3+"]
    assert row.max() == 2


def test_numbers_by_hand():
    ax = draw(CUSTOMERS)
    assert [t.get_text() for t in ax.texts] == ["2", "1", "1"]
    assert [t.get_position() for t in ax.texts] == [(0.5, 0.5), (1.5, 2.5), (11.5, 2.5)]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["1", "2", "3–4"]
    assert ax.get_xlabel() == "days since the last purchase"


def test_mean_value_instead_of_counts():
    ax = draw(pl.from_pandas(CUSTOMERS), value="clv")
    assert [t.get_text() for t in ax.texts] == ["2", "10", "20"]
    assert ax.get_title(loc="left") == "Mean clv by recency and number of orders"


@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(1, 900)), min_size=1, max_size=60))
def test_every_customer_is_in_one_field(rows):
    days, orders = np.array(rows, dtype=float).T
    edges = day_edges(days)
    row, names = order_rows(orders)
    column = np.searchsorted(edges, days, side="right") - 1
    count, mean = fields(row, column, orders, (len(names), len(edges) - 1))
    assert np.nansum(count) == len(rows)
    assert np.nansum(count * mean) == pytest.approx(orders.sum())


def test_short_numbers():
    values = (0.04, 3.0, 3.44, 12.4, 1234.0, 12345.0, 1.25e6, 4.3e7)
    assert [short(v) for v in values] == ["0.0", "3", "3.4", "12", "1,234", "12k", "1.2M", "43M"]


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(DataError, match=r"'n_orders' has 1 value that cannot .*at row 2: 0\.0"):
        draw(CUSTOMERS.assign(n_orders=[1, 1, 0, 4]))
    with pytest.raises(DataError, match=r"'days_since_last' has 1 value .*first at row 0: -1\.0"):
        draw(CUSTOMERS.assign(days_since_last=[-1, 0, 0, 0]))
    with pytest.raises(DataError, match=r"'clv' has 2 values that cannot be drawn \(first at row"):
        draw(CUSTOMERS.assign(clv=[1.0, np.nan, np.inf, 1.0]), value="clv")
    with pytest.raises(DataError, match="the frame has no customers"):
        draw(CUSTOMERS.head(0))
    with pytest.raises(DataError, match="column 'n_orders' not found"):
        draw(CUSTOMERS.drop(columns="n_orders"))
