"""What all likelihood models share: summary, dictionaries, scores, weights, bad rows."""

import json

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import NotFittedError

from crmkit.clv import BetaGeoModel, GammaGammaModel
from crmkit.clv._likelihood_model import check_rows
from crmkit.exceptions import DataError

PUBLISHED = {"fitted": {"params_": {"r": 0.2426, "alpha": 4.414, "a": 0.793, "b": 2.426}}}


@pytest.fixture(scope="module")
def customers():
    T = np.random.default_rng(0).uniform(20, 60, 2000)
    return BetaGeoModel.from_dict(PUBLISHED).simulate(T, random_state=0)


def test_summary_follows_from_estimates_and_covariance(customers):
    fitted = BetaGeoModel().fit(customers)
    table = fitted.summary()
    assert table.index.tolist() == ["r", "alpha", "a", "b"]
    errors = np.sqrt(np.diag(fitted.covariance_))
    assert_allclose(table["estimate"], list(fitted.params_.values()))
    assert_allclose(table["std_error"], table["estimate"] * errors)
    assert_allclose(np.log(table["upper_95"] / table["estimate"]), 1.96 * errors)
    assert_allclose(table["lower_95"] * table["upper_95"], table["estimate"] ** 2)


def test_summary_respects_the_lower_bound(customers):
    spend = np.random.default_rng(0).gamma(3.0, 10.0, len(customers))
    table = GammaGammaModel().fit(np.column_stack([customers["frequency"], spend])).summary()
    assert 1 < table.loc["q", "lower_95"] < table.loc["q", "estimate"]


def test_scores_are_means_and_sums(customers):
    fitted = BetaGeoModel().fit(customers)
    rows = fitted.log_likelihood(customers)
    assert fitted.score(customers) == rows.mean()
    assert fitted.log_likelihood_ == pytest.approx(rows.sum(), rel=1e-13)


def test_a_dictionary_survives_json(customers):
    fitted = BetaGeoModel(horizon="26W", unit="W").fit(customers)
    rebuilt = BetaGeoModel.from_dict(json.loads(json.dumps(fitted.to_dict())))
    assert rebuilt.get_params() == fitted.get_params()
    assert rebuilt.params_ == fitted.params_
    assert_array_equal(rebuilt.covariance_, fitted.covariance_)
    assert_array_equal(rebuilt.predict(customers), fitted.predict(customers))
    pd.testing.assert_frame_equal(rebuilt.summary(), fitted.summary())


def test_published_estimates_are_enough_to_predict(customers):
    model = BetaGeoModel.from_dict(PUBLISHED)
    assert np.isfinite(model.predict(customers, 10.0)).all()
    assert model.summary()["std_error"].isna().all()


@pytest.mark.parametrize(
    ("state", "text"),
    [
        ({"model": "GammaGammaModel"}, "is of a GammaGammaModel: use GammaGammaModel.from_dict"),
        ({}, "params_ must hold r, alpha, a, b"),
        ({"fitted": {"params_": {"r": 1.0}}}, "got {'r': 1.0}"),
        ({"fitted": {"params_": {"r": 0.0, "alpha": 1, "a": 1, "b": 1}}}, "each above"),
    ],
)
def test_impossible_dictionaries_are_refused(state, text):
    with pytest.raises(DataError) as error:
        BetaGeoModel.from_dict(state)
    assert text in str(error.value)


@pytest.mark.parametrize("method", ["summary", "to_dict"])
def test_an_unfitted_model_says_so(method, customers):
    with pytest.raises(NotFittedError):
        getattr(BetaGeoModel(), method)()
    with pytest.raises(NotFittedError):
        BetaGeoModel().log_likelihood(customers)


@pytest.mark.parametrize(
    ("weight", "text"),
    [
        ([1.0, 2.0], r"one number for each of the 2,000 rows, got shape \(2,\)"),
        (np.r_[-1.0, np.ones(1999)], r"1 negative or non-finite values \(first at row 0: -1.0\)"),
        (np.r_[1.0, np.nan, np.ones(1998)], r"1 negative or non-finite values \(first at row 1"),
        (np.zeros(2000), "zero for every row"),
    ],
)
def test_weights_are_checked(customers, weight, text):
    with pytest.raises(DataError, match=f"BetaGeoModel: sample_weight .*{text}"):
        BetaGeoModel().fit(customers, sample_weight=weight)


def test_rows_without_fault_pass_and_faults_are_joined():
    column = np.array([1.0, -2.0])
    check_rows({"bad": (column, column > 5)}, {"bad": "cure"}, "Model")
    with pytest.raises(DataError) as error:
        check_rows(
            {"low": (column, column < 0), "odd": (column, column == 1)},
            {"low": "raise it", "odd": "even it"},
            "Model",
        )
    assert str(error.value) == (
        "Model: 1 low (first at row 1: -2): raise it; 1 odd (first at row 0: 1): even it. "
        "crmkit.summarize makes such columns."
    )
