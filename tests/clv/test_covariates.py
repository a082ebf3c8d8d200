"""Covariates: names, standardising and its way back, what is refused."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from crmkit.clv._covariates import (
    covariate_names,
    given,
    location,
    standardised,
    translated,
    translation,
)
from crmkit.clv._distinct import distinct_rows
from crmkit.exceptions import DataError

TAKEN = ("frequency", "recency", "T")


def test_names():
    assert covariate_names(None, TAKEN, "M") == ()
    assert covariate_names(["a", "b"], TAKEN, "M") == ("a", "b")


@pytest.mark.parametrize("covariates", ["channel", [], 3, ["a", 1], ["a", "a"], ["T"]])
def test_what_is_no_list_of_names(covariates):
    with pytest.raises(DataError, match=r"M: covariates .*Pass a list of names"):
        covariate_names(covariates, TAKEN, "M")


def test_location_weighs_customers():
    data = distinct_rows(np.array([[0.0, 1.0], [0.0, 1.0], [0.0, 4.0]]))
    mean, sd = location(data, 1, ["a"], "M")
    assert_allclose(mean, 2.0)
    assert_allclose(sd, np.sqrt(2.0))
    z = standardised(data, 1, mean, sd)
    assert z.mean(1) == pytest.approx(0.0, abs=1e-15)
    assert z.columns[0] is data.columns[0]


@pytest.mark.parametrize(
    ("column", "words"),
    [([3.0, 3.0, 3.0], "have one value only"), ([2020.0, 2021.0, 2020.5], "Subtract a typical")],
)
def test_columns_that_tell_nothing_or_lie_far_away(column, words):
    data = distinct_rows(np.column_stack([np.zeros(3), np.arange(3.0), column]))
    with pytest.raises(DataError, match=rf"M: covariates \['b'\] .*{words}"):
        location(data, 1, ["a", "b"], "M")


def test_translation_keeps_the_scale_of_every_customer():
    """Point of the search: ln alpha, ln beta and effects per standard deviation."""
    random = np.random.default_rng(0)
    z = random.normal(3.0, [2.0, 0.1], size=(50, 2))
    mean, sd = z.mean(axis=0), z.std(axis=0)
    point = random.normal(size=8)
    user = translation(8, (1, 3), mean, sd) @ point
    for scale, effects in ((1, slice(4, 6)), (3, slice(6, 8))):
        searched = point[scale] - (z - mean) / sd @ point[effects]
        assert_allclose(user[scale] - z @ user[effects], searched, rtol=1e-12)
    assert_allclose(user[[0, 2]], point[[0, 2]])


def test_what_is_unknown_stays_unknown():
    matrix = translation(6, (1, 3), np.array([2.0]), np.array([0.5]))
    covariance = np.diag([1.0, 2.0, 3.0, 4.0, np.nan, 6.0])
    variances = np.diag(translated(covariance, matrix))
    assert_allclose(variances, [1.0, np.nan, 3.0, 4.0 + 6.0 * 16, np.nan, 24.0])


def test_covariates_of_customers_to_invent():
    frame = pd.DataFrame({"b": [1, 2], "a": [3.0, 4.0]})
    assert_allclose(given(frame, ("a", "b"), 2, "M"), [[3, 1], [4, 2]])
    assert_allclose(given([[3, 1], [4, 2]], ("a", "b"), 2, "M"), [[3, 1], [4, 2]])
    assert given(None, (), 2, "M").shape == (2, 0)
    with pytest.raises(DataError, match=r"M: simulate needs the covariates \['a'\]"):
        given(None, ("a",), 2, "M")
    with pytest.raises(DataError, match=r"a row for each of the 3 ages .* got shape \(2, 1\)"):
        given(frame, ("a",), 3, "M")
    with pytest.raises(DataError, match="'a' has 1 NaN"):
        given([[1.0], [np.nan]], ("a",), 2, "M")
