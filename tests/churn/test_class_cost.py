"""Weights of classes as costs."""

import numpy as np
import pytest

from crmkit.churn._class_cost import class_cost, warn_of_disguise
from crmkit.exceptions import DataError, DataWarning

CLASSES, Y, ONES = np.array(["No", "Yes"]), np.array([0.0, 0.0, 0.0, 1.0]), np.ones(4)


@pytest.mark.parametrize(
    ("given", "expected"),
    [(None, (1, 1)), ("balanced", (4 / 6, 2)), ({"Yes": 5}, (1, 5)), ({"No": 2, "Yes": 3}, (2, 3))],
)
def test_costs(given, expected):
    assert class_cost(given, CLASSES, Y, ONES, "M") == pytest.approx(expected)


def test_balanced_counts_by_weight():
    assert class_cost("balanced", CLASSES, Y, np.array([1, 1, 1, 3.0]), "M") == (1.0, 1.0)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("even", "must be None"),
        (3.0, "must be None"),
        ({"yes": 2}, r"names \['yes'\], but the labels are \['No', 'Yes'\]"),
        ({"Yes": 0}, "above 0 and finite"),
        ({"Yes": np.inf}, "above 0 and finite"),
    ],
)
def test_what_is_refused(given, text):
    with pytest.raises(DataError, match=text):
        class_cost(given, CLASSES, Y, ONES, "M")


def test_sample_weights_that_are_class_weights_are_told():
    with pytest.warns(DataWarning, match=r"of whom 50\.0% churn, not 25\.0%"):
        warn_of_disguise(Y, np.array([1, 1, 1, 3.0]), "M")


@pytest.mark.parametrize("weight", [[1, 1, 1, 1], [1, 2, 1, 3], [2, 2, 2, 2]])
def test_other_sample_weights_are_silent(weight):
    warn_of_disguise(Y, np.asarray(weight, dtype=float), "M")


def test_a_cost_is_a_number():
    with pytest.raises(DataError, match="class_weight must be above 0 and finite"):
        class_cost({1: "a"}, np.array([0, 1]), np.array([0.0, 1.0]), np.ones(2), "t")
