"""Training data in canonical order: nothing of the caller's order is left, nothing is lost."""

import numpy as np
import pytest

from crmkit.churn._training_table import training_table
from crmkit.exceptions import DataError
from tests.churn._tables import made_customers

SETTINGS = {"class_weight": None, "churned": None}
NOTHING = {"cutoff": None, "label_end": None, "groups": None}


def read(frame, y, weight=None, **told):
    return training_table(frame, y, weight, {**NOTHING, **told}, SETTINGS, "M")


def test_rows_in_any_order_are_the_same_examples():
    frame, y, _ = made_customers(300)
    order = np.random.default_rng(0).permutation(300)
    one, other = read(frame, y), read(frame.iloc[order], y[order])
    np.testing.assert_array_equal(one.examples.table.x, other.examples.table.x)
    np.testing.assert_array_equal(one.examples.y, other.examples.y)
    np.testing.assert_array_equal(one.origin, order[other.origin])


def test_origin_leads_back_and_weight_zero_is_left_out():
    frame, y, _ = made_customers(50)
    weight = np.arange(50) % 3.0
    data = read(frame, y, weight, groups=np.arange(50) // 2)
    assert sorted(data.origin) == np.flatnonzero(weight).tolist()
    np.testing.assert_array_equal(data.examples.y, y[data.origin])
    np.testing.assert_array_equal(data.examples.weight, weight[data.origin])
    np.testing.assert_array_equal(data.examples.groups, data.origin // 2)
    np.testing.assert_array_equal(data.known("groups"), data.origin // 2)


def test_time_is_taken_along():
    frame, _, _ = made_customers(4)
    days = np.array(["2024-01-01", "2024-01-01", "2024-02-01", "2024-02-01"], dtype="M8[D]")
    data = read(frame, [0, 1, 0, 1], cutoff=days, label_end=days + np.timedelta64(9, "D"))
    np.testing.assert_array_equal(data.known("cutoff"), days[data.origin])
    assert data.known("groups") is None


def test_half_of_time_is_refused():
    frame, _, _ = made_customers(4)
    with pytest.raises(DataError, match="cutoff and label_end go together"):
        read(frame, [0, 1, 0, 1], cutoff=["2024-01-01"] * 4)


@pytest.mark.parametrize("name", ["groups", "cutoff"])
def test_lengths_must_agree(name):
    frame, _, _ = made_customers(4)
    told = {name: ["2024-01-01"] * 3}
    if name == "cutoff":
        told["label_end"] = ["2024-02-01"] * 3
    with pytest.raises(ValueError, match="inconsistent"):
        read(frame, [0, 1, 0, 1], **told)


def test_a_class_without_weight():
    frame, _, _ = made_customers(4)
    with pytest.raises(DataError, match="one class only"):
        read(frame, [0, 1, 0, 1], [1.0, 0.0, 1.0, 0.0])
