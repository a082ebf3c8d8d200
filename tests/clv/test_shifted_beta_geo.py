"""sBG: the paper, the formulas, tables and customers, simulations, order and subsets, messages."""

import json
import warnings

import mpmath as mp
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import check_estimator

from crmkit.clv import ShiftedBetaGeoModel
from crmkit.exceptions import ConvergenceWarning, DataError
from tests.clv.domains import AnyShiftedBetaGeo
from tests.contracts import customer_level

# Survivors in percent after 0 ... 12 years: Fader and Hardie (2007), table 1.
HIGH_END = [100, 86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1, 46.8, 44.5, 42.7, 40.9, 39.4]
REGULAR = [100, 63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1, 22.3, 20.7, 19.4, 18.3, 17.3]
PARAMS = {"alpha": 0.668, "beta": 3.806}
wide = st.floats(-6, 6).map(lambda exponent: 10.0**exponent)


def model(**params):
    return ShiftedBetaGeoModel.from_dict({"fitted": {"params_": {**PARAMS, **params}}})


def frame(*rows):
    return pd.DataFrame(rows, columns=["T", "churned"])


def simulated(n_customers=3000, seed=0, **params):
    ages = np.random.default_rng(seed).integers(1, 13, n_customers)
    return model(**params).simulate(ages, random_state=seed)


def shares(percent):
    return np.array(percent) * 10.0  # of the paper's thousand customers


def by_the_paper(params, cohort):
    """Log-likelihood of one cohort, period by period."""
    a, b = params.values()
    here, total, before = 1.0, 0.0, cohort[0]
    for t, now in enumerate(cohort[1:], start=1):
        leave = a / (a + b + t - 1)
        total += (before - now) * np.log(here * leave)
        here, before = here * (1 - leave), now
    return total + before * np.log(here)


@pytest.mark.parametrize(
    ("survivors", "alpha", "beta", "log_likelihood"),
    [(HIGH_END, 0.668, 3.806, -1611.16), (REGULAR, 0.704, 1.182, -1680.27)],
)
def test_published_estimates(survivors, alpha, beta, log_likelihood):
    fitted = ShiftedBetaGeoModel(prior=None).fit_cohorts(shares(survivors)[:8])
    assert {k: round(v, 3) for k, v in fitted.params_.items()} == {"alpha": alpha, "beta": beta}
    assert fitted.log_likelihood_ == pytest.approx(log_likelihood, abs=0.005)
    assert fitted.n_iter_ < 8
    weak = ShiftedBetaGeoModel().fit_cohorts(shares(survivors)[:8])
    assert weak.params_ == fitted.params_


@pytest.mark.parametrize(("survivors", "most"), [(HIGH_END, 0.02), (REGULAR, 0.01)])
def test_seven_years_tell_twelve(survivors, most):
    fitted = ShiftedBetaGeoModel().fit_cohorts(shares(survivors)[:8])
    curve = fitted.retention_curve(12)
    assert np.abs(curve["survival"] - np.array(survivors[1:]) / 100).max() < most
    naive = (survivors[7] / 100) ** (12 / 7)  # one retention rate for all years
    actual = survivors[12] / 100
    assert abs(curve["survival"][12] - actual) < abs(naive - actual) / 4


def test_the_file_of_the_paper_s_data_is_what_is_printed(data_folder):
    path = data_folder / "transactions" / "sbg_survival_regular_highend.parquet"
    table = pd.read_parquet(path)
    assert_allclose(table["high_end"], HIGH_END)
    assert_allclose(table["regular"], REGULAR)


def test_a_table_is_its_customers():
    customers = frame(*[[1, 1]] * 40, *[[2, 1]] * 20, *[[3, 0]] * 50, *[[3, 1]] * 10)
    by_table = ShiftedBetaGeoModel().fit_cohorts([120, 80, 60, 50])
    by_customer = ShiftedBetaGeoModel().fit(customers)
    assert by_table.params_ == by_customer.params_
    assert by_table.log_likelihood_ == pytest.approx(by_customer.log_likelihood_, rel=1e-14)


def test_cohorts_add_up_in_any_order_and_shape():
    cohorts = [shares(HIGH_END)[:8], shares(REGULAR)[:4], shares(REGULAR)[:6]]
    with_gaps = np.full((3, 8), np.nan)
    for row, cohort in zip(with_gaps, cohorts, strict=True):
        row[: len(cohort)] = cohort
    expected = ShiftedBetaGeoModel().fit_cohorts(cohorts)
    for table in (cohorts[::-1], with_gaps, pd.DataFrame(with_gaps), pl.DataFrame(with_gaps)):
        found = ShiftedBetaGeoModel().fit_cohorts(table)
        assert found.params_ == pytest.approx(expected.params_, rel=1e-12)
    alone = [ShiftedBetaGeoModel().fit_cohorts(cohort) for cohort in cohorts]
    total = sum(by_the_paper(expected.params_, cohort) for cohort in cohorts)
    assert expected.log_likelihood_ == pytest.approx(total, rel=1e-12)
    assert expected.log_likelihood_ < sum(m.log_likelihood_ for m in alone)


def test_predictions_by_hand():
    """Alpha 1 and beta 1: the survival is 1 / (1 + t), so after one year 2 / 3, 2 / 4, ..."""
    customers = frame([1, 0], [0, 0], [3, 1])
    fitted = model(alpha=1.0, beta=1.0)
    assert_allclose(fitted.predict(customers, 2), [2 / 3 + 2 / 4, 1 / 2 + 1 / 3, 0], rtol=1e-12)
    assert_allclose(fitted.probability_retained(customers, 2), [1 / 2, 1 / 3, 0], rtol=1e-13)
    assert_array_equal(fitted.predict(customers, 0), [0, 0, 0])
    assert_array_equal(fitted.probability_retained(customers, 0), [1, 1, 0])
    found = fitted.discounted_renewals(customers, 2, np.log(1.25))
    assert_allclose(found, [0.8 * 2 / 3 + 0.64 / 2, 0.8 / 2 + 0.64 / 3, 0], rtol=1e-12)
    curve = fitted.retention_curve(3)
    assert curve.index.tolist() == [1, 2, 3]
    assert_allclose(curve["survival"], [1 / 2, 1 / 3, 1 / 4], rtol=1e-14)
    assert_allclose(curve["retention"], [1 / 2, 2 / 3, 3 / 4], rtol=1e-14)


def test_for_ever_it_is_the_discounted_expected_residual_lifetime():
    """Formula (6) of Fader and Hardie (2010), which counts the coming renewal in full."""
    alpha, beta = PARAMS.values()
    for T in (0, 1, 6):
        found = model().discounted_renewals(frame([T, 0]), float("inf"), np.log(1.1))[0]
        derl = (beta + T) / (alpha + beta + T)
        derl *= mp.hyp2f1(1, beta + T + 1, alpha + beta + T + 1, 1 / mp.mpf("1.1"))
        assert found * 1.1 == pytest.approx(float(derl), rel=1e-11)


@settings(max_examples=60)
@given(wide, wide, st.integers(0, 5000), st.integers(0, 400))
def test_every_valid_customer_gets_an_answer_to_many_digits(alpha, beta, T, horizon):
    fitted, one = model(alpha=alpha, beta=beta), frame([T, 0])
    with mp.workdps(40):
        a, b = mp.mpf(alpha), mp.mpf(beta)
        total, here = mp.mpf(0), mp.mpf(1)
        for k in range(horizon):
            here *= (b + T + k) / (a + b + T + k)
            total += here
    assert fitted.predict(one, horizon)[0] == pytest.approx(float(total), rel=1e-9)
    assert fitted.probability_retained(one, horizon)[0] == pytest.approx(
        float(here), rel=1e-9, abs=1e-300
    )
    assert np.isfinite(fitted.log_likelihood(one)).all()
    assert np.isfinite(fitted.discounted_renewals(one, float("inf"), 0.01)).all()


def test_predictions_are_those_of_simulated_customers():
    n, T, horizon = 100_000, 3, 4
    random = np.random.default_rng(1)
    leave = random.beta(*PARAMS.values(), n)
    lifetime = random.geometric(leave)
    here = lifetime > T
    renewals = np.minimum(lifetime[here] - T - 1, horizon)
    one, error = frame([T, 0]), 4 / np.sqrt(here.sum())
    assert abs(renewals.mean() - model().predict(one, horizon)[0]) < error * renewals.std()
    stay = (renewals == horizon).mean()
    assert abs(stay - model().probability_retained(one, horizon)[0]) < error * 0.5
    assert abs(here.mean() - model().retention_curve(T)["survival"][T]) < 4 * 0.5 / np.sqrt(n)


def test_simulate_draws_from_the_model():
    n = 60_000
    customers = model().simulate(np.full(n, 7), random_state=0)
    survival = model().retention_curve(7)["survival"]
    for t in (1, 4, 7):
        seen = ((customers["T"] > t) | ((customers["T"] == t) & (customers["churned"] == 0))).mean()
        assert abs(seen - survival[t]) < 4 * 0.5 / np.sqrt(n)
    pd.testing.assert_frame_equal(customers, model().simulate(np.full(n, 7), random_state=0))
    assert model().simulate([0, 0], 0).to_numpy().tolist() == [[0, 0], [0, 0]]


def test_simulated_parameters_are_found_again():
    fitted = ShiftedBetaGeoModel().fit(simulated(30_000, seed=3))
    off = np.log([fitted.params_[name] / value for name, value in PARAMS.items()])
    assert (np.abs(off) < 4 * np.sqrt(np.diag(fitted.covariance_))).all()


def test_intervals_hold_what_they_should():
    customers = simulated(3000, seed=2)
    fitted = ShiftedBetaGeoModel().fit(customers)
    T, churned = customers.to_numpy().T
    leave = np.random.default_rng(0).beta(PARAMS["alpha"], PARAMS["beta"] + T)
    later = np.minimum(np.random.default_rng(1).geometric(leave) - 1, 6) * (churned == 0)
    low, high = fitted.predict_interval(customers, 6, 0.8, n_draws=400).T
    assert ((low <= later) & (later <= high)).mean() > 0.78
    assert (high[churned == 1] == 0).all()
    sampled = fitted.predict_interval(customers, 6, posterior=fitted.posterior(200))
    assert np.abs(sampled - np.column_stack([low, high])).mean() < 0.3


def test_weights_are_repeated_customers():
    customers = simulated(400)
    weight = np.random.default_rng(0).integers(0, 4, len(customers))
    weighted = ShiftedBetaGeoModel().fit(customers, sample_weight=weight)
    repeated = ShiftedBetaGeoModel().fit(customers.loc[customers.index.repeat(weight)])
    assert weighted.params_ == repeated.params_
    assert_array_equal(weighted.covariance_, repeated.covariance_)


def test_customers_are_predicted_one_by_one():
    customers, fitted = simulated(300), model()
    order = np.random.default_rng(0).permutation(300)
    for predict in (fitted.predict, fitted.probability_retained, fitted.log_likelihood):
        together = predict(customers)
        assert_array_equal(predict(customers.iloc[order]), together[order])
        assert_array_equal(predict(customers.iloc[[7]]), together[[7]])


def test_the_frame_has_ids_and_takes_flags():
    members = pl.DataFrame({"member": ["new", "gone"], "T": [1, 3], "churned": [False, True]})
    table = model().predict_frame(members, 5, level=0.8)
    assert isinstance(table, pl.DataFrame)
    assert table.columns == [
        "member", "expected_renewals", "probability_retained", "lower", "upper",
    ]  # fmt: skip
    assert table["member"].to_list() == ["new", "gone"]
    assert table["expected_renewals"][1] == table["probability_retained"][1] == 0
    assert_array_equal(table["expected_renewals"], model().predict(members, 5))


def test_a_dictionary_survives_json():
    fitted = ShiftedBetaGeoModel(horizon=3).fit(simulated())
    rebuilt = ShiftedBetaGeoModel.from_dict(json.loads(json.dumps(fitted.to_dict())))
    assert_array_equal(rebuilt.predict(simulated()), fitted.predict(simulated()))
    assert rebuilt.summary().equals(fitted.summary())


def test_an_unfitted_model_says_so():
    for method, argument in [("predict", simulated(5)), ("retention_curve", 3), ("simulate", [1])]:
        with pytest.raises(NotFittedError):
            getattr(ShiftedBetaGeoModel(), method)(argument)


@pytest.mark.parametrize(
    ("survivors", "text"),
    [
        ([100, 100, 100], "tell alpha.* Nobody has left yet"),
        ([100, 80], "Only the first renewal was seen: it tells the share who leave"),
        ([100, 0], "Only the first renewal was seen"),
    ],
)
def test_what_the_data_do_not_tell_is_said(survivors, text):
    with pytest.warns(ConvergenceWarning, match=f"ShiftedBetaGeoModel: the data do not.*{text}"):
        fitted = ShiftedBetaGeoModel().fit_cohorts(survivors)
    assert fitted.prior_used_
    found = fitted.predict(frame([0, 0], [3, 0]), 10)
    assert ((found >= 0) & (found <= 10)).all()


def test_alike_customers_are_told():
    """A fifth leaves each year: the more alike customers are, the better it fits."""
    with pytest.warns(ConvergenceWarning, match="to leave is 0.2 a period, but how far customers"):
        plain = ShiftedBetaGeoModel(prior=None).fit_cohorts([1000, 800, 640, 512])
    assert_allclose(plain.retention_curve(9)["retention"], 0.8, rtol=1e-4)


def test_all_faults_of_the_rows_are_one_error():
    with pytest.raises(DataError) as error:
        ShiftedBetaGeoModel().fit(frame([-1, 0], [2.5, 0], [3, 2], [0, 1], [1e9, 0]))
    for part in (
        "ShiftedBetaGeoModel: 1 negative T (first at row 0: -1): T counts the periods",
        "1 T that are not whole (first at row 1: 2.5)",
        "1 T above 10,000,000 (first at row 4: 1e+09)",
        "1 churned that are neither 0 nor 1 (first at row 2: 2)",
        "1 customers who left at T 0 (first at row 3: 0): the first occasion to leave is the end",
    ):
        assert part in str(error.value)


@pytest.mark.parametrize(
    ("customers", "text"),
    [
        (frame([0, 0], [0, 0]), "none of the 2 customers (n_samples=2) has come to the end"),
        (frame([2, 0], [np.nan, 0]), "'T' has 1 NaN (first at row 1)"),
        (
            pd.DataFrame({"T": [1], "churn": [0]}),
            "column 'churned' not found. Did you mean 'churn'",
        ),
        (np.ones((4, 3)), "needs the columns T, churned in this order, got 3"),
    ],
)
def test_data_that_cannot_be_fitted(customers, text):
    with pytest.raises(DataError) as error:
        ShiftedBetaGeoModel().fit(customers)
    assert text in str(error.value)


@pytest.mark.parametrize("horizon", [-1, 2.5, "12M", None, np.inf, True])
def test_horizons_are_whole_numbers(horizon):
    with pytest.raises(DataError, match="horizon must be a whole number of renewals to come"):
        ShiftedBetaGeoModel(horizon=horizon).fit(simulated(50))


def test_other_settings_are_refused_in_words():
    with pytest.raises(DataError, match="prior must be one of"):
        ShiftedBetaGeoModel(prior="strong").fit(simulated(50))
    with pytest.raises(DataError, match="rate must be a finite number above 0"):
        model().discounted_renewals(simulated(5), float("inf"), 0.0)
    with pytest.raises(DataError, match="n_periods must be a whole number of at least 1"):
        model().retention_curve(0)
    with pytest.raises(DataError, match="T must be a list of whole numbers of periods"):
        model().simulate([1.5])


@pytest.mark.parametrize("contract", customer_level.ALL, ids=lambda f: f.__name__)
def test_contract(contract):
    contract(ShiftedBetaGeoModel(), simulated(600))


def test_scikit_learn_suite():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a few customers tell little
        results = check_estimator(AnyShiftedBetaGeo(), on_skip=None)
    ran = [r["check_name"] for r in results if r["status"] == "passed"]
    assert len(ran) >= 46, f"only {len(ran)} checks passed: {ran}"


def test_shares_are_refused_and_percentages_are_a_cohort_of_a_hundred():
    part = np.array(HIGH_END[:8]) / 100
    with pytest.raises(DataError, match="ShiftedBetaGeoModel: survivors hold shares"):
        ShiftedBetaGeoModel().fit_cohorts(part)
    people = ShiftedBetaGeoModel(prior=None).fit_cohorts(1000 * part)
    percent = ShiftedBetaGeoModel(prior=None).fit_cohorts(100 * part)
    assert percent.params_ == pytest.approx(people.params_, rel=1e-6)
    assert_allclose(percent.covariance_, 10 * people.covariance_, rtol=1e-5)


def test_a_newest_cohort_without_a_renewal_adds_nothing():
    triangle = [[100, 60, 50], [80, 50, np.nan]]
    expected = ShiftedBetaGeoModel().fit_cohorts(triangle)
    found = ShiftedBetaGeoModel().fit_cohorts([*triangle, [90, np.nan, np.nan]])
    assert found.params_ == expected.params_
