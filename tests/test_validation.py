"""Shared checks say what, where, what was got and what to do."""

import numpy as np
import pandas as pd
import pytest

from crmkit._validation import check_choice, check_finite, check_real, check_whole, select_columns
from crmkit.exceptions import DataError


def test_select_columns_picks_by_name_and_lets_arrays_pass():
    frame = pd.DataFrame({"a": [1, 2], "b": [3.0, 4.0], "c": ["x", "y"]})
    np.testing.assert_array_equal(select_columns(frame, ["b", "a"], "M"), [[3.0, 1.0], [4.0, 2.0]])
    array = np.ones((2, 5))
    assert select_columns(array, ["b"], "M") is array


def test_check_finite_tells_every_fault():
    x = np.array([[1.0, np.nan], [np.inf, np.nan]])
    text = r"M: 'a' has 1 infinite \(first at row 1\); 'b' has 2 NaN \(first at row 0\)\. Drop"
    with pytest.raises(DataError, match=text):
        check_finite(x, ["a", "b"], "M")
    check_finite(np.zeros((2, 2)), ["a", "b"], "M")


def test_check_choice_proposes_the_nearest():
    check_choice("mean", "how", ["mean", "median"], "M")
    with pytest.raises(DataError, match=r"how must be one of .* got 'Mean'. Did you mean 'mean'\?"):
        check_choice("Mean", "how", ["mean", "median"], "M")
    with pytest.raises(DataError, match=r"got 3\.$"):
        check_choice(3, "how", ["mean"], "M")


@pytest.mark.parametrize("value", [1, 2.0, "3", None, True, np.nan])
def test_check_whole_refuses(value):
    with pytest.raises(DataError, match="M: n must be a whole number of at least 2, got"):
        check_whole(value, "n", "M", low=2)


def test_check_whole_accepts_numpy_integers():
    check_whole(np.int32(2), "n", "M", low=2)


@pytest.mark.parametrize("value", [-0.1, np.inf, np.nan, "1", None, True])
def test_check_real_refuses(value):
    with pytest.raises(DataError, match="M: x must be a finite number of at least 0, got"):
        check_real(value, "x", "M", low=0)


def test_check_real_bounds():
    check_real(0, "x", "M", low=0)
    with pytest.raises(DataError, match="a finite number above 0, got 0"):
        check_real(0, "x", "M", low=0, open_low=True)


@pytest.mark.parametrize("value", [10**400, -(10**400)], ids=["large", "negative"])
def test_whole_numbers_beyond_floats_are_told_as_infinite(value):
    with pytest.raises(DataError, match=r"M: x must be a finite number .* got -?inf"):
        check_real(value, "x", "M", low=0)
