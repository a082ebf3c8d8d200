"""Gamma-Gamma: the note, the formulas, derivatives, simulations, limits, messages."""

import warnings

import mpmath as mp
import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import invgamma, pearsonr
from sklearn.utils.estimator_checks import check_estimator

from crmkit.clv import GammaGammaModel
from crmkit.clv._distinct import distinct_rows
from crmkit.clv._gamma_gamma import (
    correlation,
    expected_spend,
    spend_log_likelihood,
    spend_objective,
)
from crmkit.exceptions import ConvergenceWarning, DataError, DataWarning
from tests.clv.domains import AnyGammaGamma
from tests.contracts import customer_level
from tests.oracles import cdnow

COLUMNS = ["frequency", "monetary_value"]
TRUTH = (6.25, 3.74, 15.44)
wide = st.floats(-6, 6).map(lambda exponent: 10.0**exponent)


def simulated(n_customers=4000, seed=0, params=TRUTH):
    """Customers with 0 to 9 repeat purchases; the mean of x gammas is a gamma."""
    p, q, v = params
    random = np.random.default_rng(seed)
    x = random.integers(0, 10, n_customers)
    scale = 1.0 / random.gamma(q, 1.0 / v, n_customers)
    m = random.gamma(np.maximum(p * x, 1.0)) * scale / np.maximum(x, 1)
    return pd.DataFrame({"frequency": x, "monetary_value": np.where(x > 0, m, 0.0)})


@pytest.fixture(scope="module")
def sample():
    return cdnow.customers()


def test_published_estimates(sample):
    fitted = GammaGammaModel(prior=None).fit(sample)
    assert fitted.n_iter_ < 12
    for name, published in cdnow.SPEND.items():
        assert round(fitted.params_[name], 2) == published, name
    repeat = sample[sample["frequency"] > 0]
    expected = pearsonr(repeat["frequency"], repeat["monetary_value"])
    assert fitted.frequency_spend_correlation_ == pytest.approx(expected.statistic, rel=1e-10)
    assert fitted.frequency_spend_correlation_ == pytest.approx(0.11, abs=0.005)
    assert fitted.frequency_spend_p_value_ == pytest.approx(expected.pvalue, rel=0.05)


def test_the_weak_prior_does_not_show(sample):
    weak, plain = GammaGammaModel().fit(sample), GammaGammaModel(prior=None).fit(sample)
    assert weak.params_ == plain.params_
    assert weak.prior_used_ is False


def test_lifetimes_agrees(sample):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        lifetimes = pytest.importorskip("lifetimes")
        repeat = sample[sample["frequency"] > 0]
        theirs = lifetimes.GammaGammaFitter().fit(repeat["frequency"], repeat["monetary_value"])
        expected = theirs.conditional_expected_average_profit(
            sample["frequency"], sample["monetary_value"]
        )
    assert_allclose(GammaGammaModel(prior=None).fit(sample).predict(sample), expected, rtol=1e-4)


def test_predictions_by_hand():
    x, m = np.array([0.0, 2.0]), np.array([99.0, 22.35])
    by_hand = [6.25 * 15.44 / 2.74, 6.25 * (15.44 + 2 * 22.35) / (12.5 + 2.74)]
    assert expected_spend(TRUTH, x, m) == pytest.approx(by_hand, rel=1e-14)


@given(wide, wide, wide, st.integers(1, 5000), wide)
@example(1e6, 1e6, 1.0, 5000, 2e-4)
@example(1e6, 1e6, 1.0, 5000, 1.0)
@example(1e-6, 1e6, 1e6, 1, 1e-6)
def test_log_likelihood_to_many_digits(p, q, v, x, m):
    """By rows, and as the fit adds it up."""
    found = spend_log_likelihood((p, q, v), np.array([float(x)]), np.array([m]))[0]
    with mp.workdps(40):
        p, q, v, m = (mp.mpf(value) for value in (p, q, v, m))
        exact = (
            mp.loggamma(p * x + q) - mp.loggamma(p * x) - mp.loggamma(q)
            + q * mp.log(v) + (p * x - 1) * mp.log(m) + p * x * mp.log(x)
            - (p * x + q) * mp.log(x * m + v)
        )  # fmt: skip
    assert found == pytest.approx(float(exact), rel=1e-9, abs=1e-9)
    if q > 1:
        data = distinct_rows(np.array([[float(x), float(m)]]))
        value = spend_objective(data)(np.array([float(p), float(q), float(v)]))[0]
        assert value == pytest.approx(float(exact), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("params", [(6.25, 3.74, 15.44), (0.3, 1.2, 900.0), (40.0, 30.0, 0.5)])
def test_gradient_and_hessian_are_those_of_differences(params):
    data = distinct_rows(simulated(300).query("frequency > 0").to_numpy(dtype=float))
    objective, params = spend_objective(data), np.array(params)
    value, gradient, hessian = objective(params)
    rows = spend_log_likelihood(tuple(params), *data.columns)
    assert value == pytest.approx(data.weight @ rows)
    for i, step in enumerate(params * 1e-5):
        shift = np.zeros(3)
        shift[i] = step
        above, below = objective(params + shift), objective(params - shift)
        assert (above[0] - below[0]) / (2 * step) == pytest.approx(gradient[i], rel=1e-6, abs=1e-5)
        assert_allclose((above[1] - below[1]) / (2 * step), hessian[i], rtol=1e-6, atol=1e-4)


def test_simulated_parameters_are_found_again():
    fitted = GammaGammaModel().fit(simulated(20_000))
    above = np.array([0.0, 1.0, 0.0])
    off = np.log((np.array(list(fitted.params_.values())) - above) / (np.array(TRUTH) - above))
    assert (np.abs(off) < 4 * np.sqrt(np.diag(fitted.covariance_))).all()


def test_the_currency_only_scales_v():
    pounds = simulated()
    pence = pounds.assign(monetary_value=pounds["monetary_value"] * 100)
    a, b = GammaGammaModel().fit(pounds), GammaGammaModel().fit(pence)
    for name, factor in {"p": 1, "q": 1, "v": 100}.items():
        assert b.params_[name] == pytest.approx(factor * a.params_[name], rel=1e-7)
    assert_allclose(b.predict(pence), 100 * a.predict(pounds), rtol=1e-7)


@pytest.mark.parametrize("factor", [1e-200, 1e200])
def test_a_currency_of_any_size_is_fitted(factor):
    pounds = simulated(600)
    tiny = pounds.assign(monetary_value=pounds["monetary_value"] * factor)
    a, b = GammaGammaModel().fit(pounds), GammaGammaModel().fit(tiny)
    for name, times in {"p": 1, "q": 1, "v": factor}.items():
        assert b.params_[name] == pytest.approx(times * a.params_[name], rel=1e-7)
    assert_allclose(b.covariance_, a.covariance_, rtol=1e-6)
    assert_allclose(b.predict(tiny), factor * a.predict(pounds), rtol=1e-7)
    assert b.log_likelihood_ == pytest.approx(b.log_likelihood(tiny).sum(), rel=1e-12)
    assert b.frequency_spend_correlation_ == pytest.approx(a.frequency_spend_correlation_)
    one, other = (model.posterior(200).draws["v"] for model in (a, b))
    assert_allclose(other, factor * one, rtol=1e-5)


@pytest.mark.parametrize(
    "amounts", [[1e-200, 1e200, 5.0], [1e-310, 1e-310, 2e-310], [1e300, 2e300, 1e300]]
)
def test_amounts_of_no_currency_are_refused(amounts):
    customers = pd.DataFrame({"frequency": 2, "monetary_value": amounts})
    with pytest.raises(DataError, match=r"GammaGammaModel: monetary_value .* goes from 1e[-+]\d+ "):
        GammaGammaModel().fit(customers)


def test_one_time_buyers_do_not_change_the_fit():
    customers = simulated()
    repeat = customers[customers["frequency"] > 0]
    assert GammaGammaModel().fit(customers).params_ == GammaGammaModel().fit(repeat).params_
    assert GammaGammaModel().fit(customers).log_likelihood(customers)[
        customers["frequency"] == 0
    ] == pytest.approx(0.0)


def test_weights_may_be_shares():
    customers = simulated(400)
    shares = np.full(len(customers), 1.0 / len(customers))
    plain, weighted = GammaGammaModel().fit(customers), GammaGammaModel(prior=None)
    with warnings.catch_warnings():  # in the weight of one customer little is certain
        warnings.simplefilter("ignore", ConvergenceWarning)
        weighted.fit(customers, sample_weight=shares)
    assert_allclose(list(weighted.params_.values()), list(plain.params_.values()), rtol=1e-5)


def test_weights_are_repeated_customers():
    customers = simulated(300)
    weight = np.random.default_rng(0).integers(0, 4, len(customers))
    weighted = GammaGammaModel().fit(customers, sample_weight=weight)
    repeated = GammaGammaModel().fit(customers.loc[customers.index.repeat(weight)])
    assert weighted.params_ == repeated.params_
    assert_array_equal(weighted.covariance_, repeated.covariance_)
    assert weighted.frequency_spend_correlation_ == repeated.frequency_spend_correlation_


@given(st.integers(1, 5000), st.floats(1e-3, 1e6))
def test_the_forecast_lies_between_own_and_common_mean(x, m):
    p, q, v = TRUTH
    common = p * v / (q - 1)
    found = expected_spend(TRUTH, np.array([float(x)]), np.array([m]))[0]
    assert min(m, common) * (1 - 1e-12) <= found <= max(m, common) * (1 + 1e-12)


def test_predict_frame_keeps_the_ids(sample):
    fitted = GammaGammaModel().fit(sample)
    table = fitted.predict_frame(sample)
    assert table.columns.tolist() == ["customer_id", "expected_spend"]
    assert_array_equal(table["expected_spend"], fitted.predict(sample))


def test_spend_that_goes_with_frequency_is_told():
    customers = simulated()
    customers["monetary_value"] *= customers["frequency"]
    with pytest.warns(DataWarning, match="go together among repeat buyers") as record:
        fitted = GammaGammaModel().fit(customers)
    assert record[0].filename == __file__
    assert fitted.frequency_spend_correlation_ > 0.3


def test_correlation_of_a_constant_is_not_a_number():
    data = distinct_rows(np.array([[2.0, 5.0], [2.0, 7.0]]))
    assert np.isnan(correlation(data)).all()


def test_a_mean_that_hardly_exists_is_told():
    customers = simulated(3000, params=(2.0, 0.5, 10.0))
    with pytest.warns(ConvergenceWarning, match=r"its mean hardly exists \(q = 1\.0"):
        fitted = GammaGammaModel().fit(customers)
    assert fitted.params_["q"] > 1
    assert (fitted.predict(customers) > 0).all()
    with pytest.warns(ConvergenceWarning, match="its mean hardly exists"):
        plain = GammaGammaModel(prior=None).fit(customers)
    assert (plain.predict(customers) > 0).all()


def test_customers_alike_in_spend_are_told():
    with pytest.warns(ConvergenceWarning, match="Customers are nearly alike in spend"):
        GammaGammaModel(prior=None).fit(simulated(params=(3.0, 1e5, 1e6)))


def test_all_faults_of_the_rows_are_one_error():
    customers = pd.DataFrame([[-1, 0], [1.5, 2], [2, -1], [2, 0], [0, -3]], columns=COLUMNS)
    with pytest.raises(DataError) as error:
        GammaGammaModel().fit(customers)
    text = str(error.value)
    for part in (
        "GammaGammaModel: 1 negative frequencies (first at row 0: -1)",
        "1 frequencies that are not whole (first at row 1: 1.5)",
    ):
        assert part in text


def test_repeat_buyers_who_paid_nothing_are_counted_and_still_predicted():
    paying = simulated(500)
    free = pd.DataFrame({"frequency": [3, 2], "monetary_value": [0.0, -4.0]})
    customers = pd.concat([paying, free], ignore_index=True)
    n_repeat = int((customers["frequency"] > 0).sum())
    with pytest.warns(
        DataWarning, match=f"2 of {n_repeat} repeat buyers have a mean spend of zero"
    ):
        fitted = GammaGammaModel().fit(customers)
    assert fitted.params_ == GammaGammaModel().fit(paying).params_
    p, q, v = fitted.params_.values()
    by_hand = [p * v / (3 * p + q - 1), p * v / (2 * p + q - 1)]
    assert fitted.predict(free) == pytest.approx(by_hand, rel=1e-12)
    assert fitted.log_likelihood(free).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("customers", "text"),
    [
        (np.array([[0.0, 0.0], [0.0, 0.0]]), "0 of 2 customers bought again"),
        (np.array([[2.0, 5.0], [0.0, 0.0]]), "1 of 2 customers bought again"),
        (np.ones((4, 3)), "needs two columns, frequency and monetary_value in this order, got 3"),
    ],
)
def test_data_that_cannot_be_fitted(customers, text):
    with pytest.raises(DataError, match=f"GammaGammaModel: .*{text}"):
        GammaGammaModel().fit(customers)


@pytest.mark.parametrize("contract", customer_level.ALL, ids=lambda f: f.__name__)
def test_contract(contract):
    contract(GammaGammaModel(), simulated(600))


def test_scikit_learn_suite():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a few customers tell little
        warnings.simplefilter("ignore", DataWarning)  # and are correlated by chance
        results = check_estimator(AnyGammaGamma(), on_skip=None)
    ran = [r["check_name"] for r in results if r["status"] == "passed"]
    assert len(ran) >= 46, f"only {len(ran)} checks passed: {ran}"


def test_an_interval_with_known_parameters_is_a_quantile_of_the_inverse_gamma():
    p, q, v = 6.25, 3.74, 15.44
    known = GammaGammaModel.from_dict({"fitted": {"params_": {"p": p, "q": q, "v": v}}})
    customers = pd.DataFrame({"frequency": [0, 2, 9], "monetary_value": [0.0, 22.35, 60.0]})
    x, m = customers.to_numpy().T
    ends = known.predict_interval(customers, 0.8, n_draws=40_000)
    for end, tail in zip(ends.T, (0.1, 0.9), strict=True):
        exact = invgamma(p * x + q, scale=p * (v + x * m)).ppf(tail)
        assert_allclose(end, exact, rtol=0.02)


def test_intervals_hold_the_own_means_of_simulated_customers():
    random = np.random.default_rng(2)
    n = 3000
    x = random.integers(0, 8, n)
    own = 5.0 * 40.0 / random.gamma(3.0, size=n)
    m = np.divide(own / 5.0 * random.gamma(5.0 * x), x, out=np.zeros(n), where=x > 0)
    customers = pd.DataFrame({"frequency": x, "monetary_value": m})
    ends = GammaGammaModel().fit(customers).predict_interval(customers, 0.8, n_draws=500)
    for group in (x == 0, x == 1, x > 3):
        inside = (own[group] >= ends[group, 0]) & (own[group] <= ends[group, 1])
        assert abs(inside.mean() - 0.8) < 4 * 0.4 / np.sqrt(group.sum()) + 0.01
    table = (
        GammaGammaModel()
        .fit(customers)
        .predict_frame(customers.assign(id=range(n)), "id", level=0.8)
    )
    assert list(table.columns) == ["id", "expected_spend", "lower", "upper"]


def test_few_customers_leave_more_open_than_known_parameters_do():
    random = np.random.default_rng(3)
    x = random.integers(1, 9, 25)
    own = 200.0 / random.gamma(3.0, size=25)
    m = own / 5.0 * random.gamma(5.0 * x) / x
    customers = pd.DataFrame({"frequency": x, "monetary_value": m})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted = GammaGammaModel().fit(customers)
    known = GammaGammaModel.from_dict({"fitted": {"params_": fitted.params_}})
    new = pd.DataFrame({"frequency": [0], "monetary_value": [0.0]})
    ends = [m.predict_interval(new, 0.95, n_draws=20_000)[0] for m in (fitted, known)]
    assert np.diff(ends[0]) > 1.05 * np.diff(ends[1])


@pytest.mark.parametrize("weight", [[0, 1, 0, 0], [1, 0, 0, 0]])
def test_buyers_without_weight_do_not_count(weight):
    customers = pd.DataFrame({"frequency": [2, 0, 3, 1], "monetary_value": [20.0, 0.0, 30.0, 25.0]})
    with pytest.raises(DataError, match="at least two such buyers"):
        GammaGammaModel().fit(customers, sample_weight=weight)
