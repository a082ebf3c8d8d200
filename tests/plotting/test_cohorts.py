"""plot_cohorts: fields, what is unfinished, numbers in short form."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import crmkit as ck
from crmkit.exceptions import DataError
from crmkit.plotting import plot_cohorts
from crmkit.plotting._cohorts import short
from crmkit.segment import cohort_table
from tests.plotting._moved import cohorts


def drawn(table):
    return plot_cohorts(table, ax=Figure().add_subplot())


def test_every_observed_cell_is_written():
    ax = drawn(cohorts())
    assert [t.get_text() for t in ax.texts] == ["100", "50", "50", "100", "0", "100"]
    labels = [t.get_text() for t in ax.get_yticklabels()]
    assert labels == ["2024-01  2", "2024-02  1", "2024-03  1"]
    assert ax.get_xlabel() == "months since the first purchase"
    assert ax.get_title(loc="left") == "Customers who buy again, percent"
    fields = np.ma.filled(ax.collections[0].get_array(), np.nan).reshape(3, 3)
    # Age 0 of a retention is 100 % and has no colour.
    expected = [[0, 50, 50], [0, 0, np.nan], [0, np.nan, np.nan]]
    np.testing.assert_array_equal(fields, expected)


def test_the_unfinished_period_is_hatched_and_has_no_colour():
    ax = drawn(cohorts(as_of="2024-03-20"))
    hatched = [c for c in ax.collections if c.get_hatch()]
    assert len(hatched) == 2
    assert np.isnan(np.ma.filled(ax.collections[0].get_array(), np.nan)).reshape(2, 3)[0, 2]
    assert [t.get_fontstyle() for t in ax.texts].count("italic") == 2
    assert ax.get_title(loc="left").endswith("(hatched: unfinished)")


def test_titles_tell_the_measure():
    table = cohorts(measure="revenue", per="customer", cumulative=True, period="Q")
    assert drawn(table).get_title(loc="left") == "Cumulative revenue per customer"
    assert drawn(table).get_xlabel() == "quarters since the first purchase"


def test_many_cohorts_stay_readable():
    months = pd.date_range("2022-01-01", periods=24, freq="MS")
    rows = [(i, m) for i in range(24) for m in months[i:]]
    frame = pd.DataFrame(rows, columns=["customer_id", "timestamp"])
    table = cohort_table(ck.EventLog(frame, amount=None), as_of="2024-01-01")
    ax = plot_cohorts(table, ax=Figure(figsize=(10.96, 8.18), dpi=100).add_subplot())
    assert len(ax.texts) == 24 * 25 / 2
    ax.figure.canvas.draw()
    boxes = [t.get_window_extent() for t in ax.texts[:24]]
    assert all(a.x1 <= b.x0 for a, b in pairwise(boxes))
    ticks = [t.get_window_extent() for t in ax.get_yticklabels()]
    assert all(a.y0 >= b.y1 for a, b in pairwise(ticks))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (3.0, "3"), (1.234, "1.2"), (9.96, "10"), (123.4, "123"), (999.4, "999"),
        (1234, "1.2k"), (45_678, "46k"), (1_250_000, "1.2M"), (-5.25, "-5.2"),
    ],
)  # fmt: skip
def test_short_numbers(value, text):
    assert short(value) == text


def test_errors_teach():
    with pytest.raises(DataError, match="plot_cohorts: a CohortTable is needed, as "):
        drawn(pd.DataFrame({"a": [1]}))
