"""plot_intervals: order, ends and marks by hand, the sample, refusals."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from crmkit.exceptions import DataError
from crmkit.plotting import plot_intervals
from tests.plotting.models import WEEKLY, invented

EXPECTED = [2.0, 0.5, 1.0]
ENDS = [[0, 4], [0, 1], [1, 2]]


def drawn(expected=EXPECTED, ends=ENDS, **options):
    ax = plot_intervals(expected, ends, ax=Figure().add_subplot(), **options)
    return ax, {line.get_label(): line.get_ydata().tolist() for line in ax.lines}


def test_customers_stand_in_order():
    ax, lines = drawn()
    assert lines == {"expected": [0.5, 1.0, 2.0]}
    found = [s[:, 1].tolist() for s in ax.collections[0].get_segments()]
    assert found == [[0, 1], [1, 2], [0, 4]]
    assert ax.get_xlabel() == "customers, least expected first"
    assert ax.get_title(loc="left") == "Prediction intervals of 3 customers"


def test_one_customer_is_one():
    ax, _ = drawn([1.0], [[0, 2]])
    assert ax.get_title(loc="left") == "Prediction intervals of 1 customer"


def test_inside_and_outside_differ_in_shape():
    ax, lines = drawn(actual=[0, 3, 2], name="orders")  # both ends belong to the interval
    assert lines["actual, inside"] == [2, 0]
    assert lines["actual, outside"] == [3]
    markers = {line.get_label(): line.get_marker() for line in ax.lines}
    assert len(set(markers.values())) == 3
    assert ax.get_xlabel().endswith("of all 3, 67 % are inside")
    assert ax.get_ylabel() == "orders per customer"


def test_the_sample_is_spread_over_the_order_and_the_share_over_all():
    n = 1000
    expected = np.arange(n)[::-1] / 100
    ends = np.column_stack([np.zeros(n), np.full(n, 20.0)])
    actual = np.where(np.arange(n) < 250, 30.0, 1.0)
    ax, lines = drawn(expected, ends, actual=actual, n_shown=10)
    np.testing.assert_allclose(lines["expected"], np.arange(10) + 0.5)
    assert ax.get_title(loc="left") == "Prediction intervals of 10 of 1,000 customers"
    assert ax.get_xlabel().endswith("of all 1,000, 75 % are inside")


def test_intervals_of_a_model():
    customers = invented(200)
    ends = WEEKLY.predict_interval(customers, 20, n_draws=50)
    _, lines = drawn(WEEKLY.predict(customers, 20), ends, n_shown=30)
    assert len(lines["expected"]) == 30


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(DataError, match=r"got interval of shape \(3,\) for 3 customers"):
        drawn(ends=[1.0, 2.0, 3.0])
    with pytest.raises(DataError, match=r"got actual of shape \(2,\) for 3 customers"):
        drawn(actual=[1, 2])
    with pytest.raises(DataError, match="for 0 customers"):
        drawn([], np.zeros((0, 2)))
    with pytest.raises(
        DataError, match="expected has 1 values that are not finite; 1 intervals en"
    ):
        drawn([np.nan, 1, 1], [[0, 1], [2, 1], [0, 1]])
    with pytest.raises(DataError, match=r"plot_intervals: expected must hold numbers\. could not"):
        drawn(["a"], [[0, 1]])
    with pytest.raises(DataError, match="n_shown must be a whole number of at least 1"):
        drawn(n_shown=0)
