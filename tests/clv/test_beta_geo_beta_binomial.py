"""BG/BB: the paper, its peer, simulations, many opportunities, messages, the way from a log."""

import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import minimize
from scipy.special import betaln
from sklearn.utils.estimator_checks import check_estimator

import crmkit as ck
from crmkit.clv import AverageSpendModel, BetaGeoBetaBinomialModel, CustomerLifetimeValue
from crmkit.exceptions import ConvergenceWarning, DataError
from tests.clv.domains import AnyBetaGeoBetaBinomial
from tests.contracts import customer_level
from tests.oracles import beta_geo_beta_binomial as exact

PARAMS = exact.DONATIONS
COLUMNS = ["frequency", "recency", "T"]
wide = st.floats(-6, 6).map(lambda exponent: 10.0**exponent)


def model(**params):
    return BetaGeoBetaBinomialModel.from_dict({"fitted": {"params_": {**PARAMS, **params}}})


def frame(*rows):
    return pd.DataFrame(rows, columns=COLUMNS, dtype=float)


def simulated(n_customers=3000, seed=0, **params):
    n = np.random.default_rng(seed).integers(5, 13, n_customers)
    return model(**params).simulate(n, random_state=seed)


@pytest.fixture(scope="module")
def lifetimes():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("lifetimes")


@pytest.fixture(scope="module")
def donors(lifetimes):
    """The 22 histories of 11,104 donors over six years, and how many gave like each."""
    held = Path(lifetimes.__file__).parent / "datasets" / "donations.csv"  # its reader is outdated
    return pd.read_csv(held, sep=",").rename(columns={"periods": "T", "weights": "donors"})


def test_published_estimates(donors):
    fitted = BetaGeoBetaBinomialModel(prior=None).fit(donors[COLUMNS], sample_weight=donors.donors)
    assert fitted.n_iter_ < 10
    assert fitted.log_likelihood_ == pytest.approx(exact.LOG_LIKELIHOOD, abs=0.05)
    for name, published in PARAMS.items():
        assert round(fitted.params_[name], 3) == pytest.approx(published, abs=0.0011), name
    weak = BetaGeoBetaBinomialModel().fit(donors[COLUMNS], sample_weight=donors.donors)
    assert weak.params_ == fitted.params_
    assert not weak.prior_used_


def test_lifetimes_agrees(donors, lifetimes):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = lifetimes.BetaGeoBetaBinomFitter()
        theirs.params_ = pd.Series(PARAMS)
        x, t, n = (donors[name].to_numpy() for name in COLUMNS)
        expected = theirs.conditional_expected_number_of_purchases_up_to_time(5, x, t, n)
        alive = theirs.conditional_probability_alive(1, x, t, n)
    assert_allclose(model().predict(donors, 5), expected, rtol=1e-9)
    assert_allclose(model().probability_alive(donors), alive, rtol=1e-9)


def test_the_years_after_are_as_in_the_paper(donors, data_folder):
    """A model of six years is within 5 % of the gifts of the next five."""
    held = pd.read_parquet(
        data_folder / "transactions" / "donations_bgbb_rf_matrix_holdout.parquet"
    )
    gifts = (held["x.star"] * held["custs"]).sum()
    fitted = BetaGeoBetaBinomialModel().fit(donors[COLUMNS], sample_weight=donors.donors)
    total = fitted.predict(donors, 5) @ donors.donors
    assert abs(total / gifts - 1) < 0.05


@settings(max_examples=60)
@given(wide, wide, wide, wide, st.integers(0, 40), st.data())
def test_predictions_to_many_digits(alpha, beta, gamma, delta, n, data):
    t = data.draw(st.integers(0, n))
    x = data.draw(st.integers(1, t)) if t else 0
    params, one = (alpha, beta, gamma, delta), frame([x, t, n])
    fitted = model(alpha=alpha, beta=beta, gamma=gamma, delta=delta)
    assert fitted.probability_alive(one)[0] == pytest.approx(
        float(exact.alive(params, x, t, n)), rel=1e-10
    )
    found = fitted.predict(one, 30)[0]
    assert found == pytest.approx(float(exact.expected(params, x, t, n, 30)), rel=1e-10)
    later = float(exact.log_likelihood(params, x, t, n + 30))
    silent = np.exp(later - float(exact.log_likelihood(params, x, t, n)))
    assert fitted.probability_no_purchase(one, 30)[0] == pytest.approx(silent, rel=1e-9)


def test_discounts_are_taken_opportunity_by_opportunity():
    customers, rate = frame([6, 6, 6], [3, 4, 6], [0, 0, 6]), np.log(1.1)
    fitted = model()
    for horizon, last in ((5, 5), (5.5, 5), (float("inf"), 2000)):
        found = fitted.discounted_purchases(customers, horizon, rate)
        for value, row in zip(found, customers.to_numpy(), strict=True):
            by_sum = exact.expected(PARAMS.values(), *row, last, discount=1 / 1.1)
            assert value == pytest.approx(float(by_sum), rel=1e-12)
    assert_allclose(
        fitted.discounted_purchases(customers, 5, 0.0), fitted.predict(customers, 5), rtol=1e-14
    )


def test_part_of_an_opportunity_is_none():
    customers = frame([3, 4, 6], [0, 0, 2])
    fitted = model()
    assert_array_equal(fitted.predict(customers, 0.9), [0.0, 0.0])
    assert_array_equal(fitted.probability_no_purchase(customers, 0.9), [1.0, 1.0])
    assert_array_equal(fitted.predict(customers, 2.9), fitted.predict(customers, 2))
    assert_array_equal(fitted.predict(customers, 3 - 1e-12), fitted.predict(customers, 3))


def test_predictions_are_those_of_simulated_customers():
    n, horizon = 150_000, 4
    x, t, later = exact.simulate(PARAMS, 6, horizon, n, seed=1)
    customers = pd.DataFrame({"frequency": x, "recency": t, "T": 6})
    fitted, total = model(), later.sum(axis=0)
    expected, silent = (
        fitted.predict(customers, horizon),
        fitted.probability_no_purchase(customers, horizon),
    )
    two = fitted.pmf(customers, 2, horizon)
    for group in (x == 0, x == 1, (x >= 2) & (t == 6), (x >= 2) & (t < 5)):
        error = 4 / np.sqrt(group.sum())
        assert abs((total[group] - expected[group]).mean()) < error * total[group].std()
        assert abs(((total[group] == 0) - silent[group]).mean()) < error * 0.5
        assert abs(((total[group] == 2) - two[group]).mean()) < error * 0.5


def test_simulate_draws_from_the_model():
    n = 60_000
    ours = model().simulate(np.full(n, 6), random_state=0)
    x, t, _ = exact.simulate(PARAMS, 6, 0, n, seed=1)
    assert abs(ours["frequency"].mean() - x.mean()) < 4 * x.std() * np.sqrt(2 / n)
    assert abs(ours["recency"].mean() - t.mean()) < 4 * t.std() * np.sqrt(2 / n)
    assert (ours["frequency"] == x.max()).any()
    pd.testing.assert_frame_equal(ours, model().simulate(np.full(n, 6), random_state=0))


def test_simulated_futures_follow_the_formulas():
    fitted, n = model(), 40_000
    rows = np.repeat([[0.0, 0.0, 6.0], [5.0, 6.0, 6.0]], n, axis=0)
    futures = fitted._future_if_alive(rows, np.array([1.0, 5.0]), np.random.default_rng(0))
    assert (np.diff(futures, axis=0) >= 0).all()
    for i in (0, 1):
        some = rows[i * n : i * n + 1]
        for horizon, counts in zip((1.0, 5.0), futures[:, i * n : (i + 1) * n], strict=True):
            p = fitted._pmf_if_alive(some, np.arange(6), horizon)[0]
            seen = np.bincount(counts, minlength=6) / n
            assert (np.abs(seen - p) < 4 * np.sqrt(p / n) + 1e-12).all()


def test_intervals_hold_what_they_should():
    customers = simulated(2000, seed=2)
    fitted = BetaGeoBetaBinomialModel().fit(customers)
    rows = customers.to_numpy()
    alive = np.random.default_rng(1).random(len(rows)) < model()._alive(rows)
    later = model()._future_if_alive(rows, np.array([5.0]), np.random.default_rng(0))[0] * alive
    low, high = fitted.predict_interval(customers, 5, 0.8, n_draws=400).T
    assert ((low <= later) & (later <= high)).mean() > 0.78


def test_simulated_parameters_are_found_again():
    fitted = BetaGeoBetaBinomialModel().fit(simulated(20_000, seed=3))
    off = np.log([fitted.params_[name] / value for name, value in PARAMS.items()])
    assert (np.abs(off) < 4 * np.sqrt(np.diag(fitted.covariance_))).all()


def test_weights_are_repeated_customers():
    customers = simulated(400)
    weight = np.random.default_rng(0).integers(0, 4, len(customers))
    weighted = BetaGeoBetaBinomialModel().fit(customers, sample_weight=weight)
    repeated = BetaGeoBetaBinomialModel().fit(customers.loc[customers.index.repeat(weight)])
    assert weighted.params_ == repeated.params_
    assert_array_equal(weighted.covariance_, repeated.covariance_)


def test_it_never_fits_worse_than_a_model_without_dropout():
    for seed in range(3):
        customers = simulated(500, seed=seed)
        x, n = customers["frequency"].to_numpy(), customers["T"].to_numpy()

        def beta_binomial(theta, x=x, n=n):
            a, b = np.exp(theta)
            return -(betaln(a + x, b + n - x) - betaln(a, b)).sum()

        best = -minimize(beta_binomial, [0.0, 0.0]).fun
        fitted = BetaGeoBetaBinomialModel(prior=None).fit(customers)
        assert fitted.log_likelihood_ >= best - 1e-6


@settings(max_examples=40)
@given(wide, wide, wide, wide, st.integers(0, 5000), st.floats(0, 1), st.floats(0, 1))
def test_every_valid_customer_gets_finite_answers(alpha, beta, gamma, delta, n, part, share):
    t = round(n * part)
    customers = frame([max(round(t * share), min(t, 1)), t, n])
    fitted = model(alpha=alpha, beta=beta, gamma=gamma, delta=delta)
    alive = fitted.probability_alive(customers)[0]
    horizons = [0.0, 1.0, 40.0, 300.0]
    expected = np.array([fitted.predict(customers, h)[0] for h in horizons])
    silent = np.array([fitted.probability_no_purchase(customers, h)[0] for h in horizons])
    assert 0 <= alive <= 1
    assert expected[0] == 0
    assert silent[0] == 1
    assert (expected <= horizons).all()
    assert (np.diff(expected) >= -1e-12 * expected.max()).all()
    assert (np.diff(silent) <= 1e-14).all()
    assert silent.min() >= 1 - alive - 1e-14
    never = fitted._never_again(customers.to_numpy())[0]
    assert 1 - alive - 1e-14 <= never <= silent[-1] + 1e-8
    assert np.isfinite(fitted.log_likelihood(customers)).all()
    assert np.isfinite(fitted.discounted_purchases(customers, float("inf"), 0.01)).all()
    futures = fitted._future_if_alive(
        customers.to_numpy(), np.array([1.0, 300.0]), np.random.default_rng(0)
    )
    assert ((futures >= 0) & (futures <= 300)).all()


def test_where_nobody_leaves_it_says_so():
    customers = simulated(2000, gamma=1e-4, delta=1e3)
    with pytest.warns(ConvergenceWarning, match="No dropout seen") as record:
        fitted = BetaGeoBetaBinomialModel().fit(customers)
    assert record[0].filename == __file__
    assert str(record[0].message).startswith("BetaGeoBetaBinomialModel: the data do not tell gamma")
    assert np.isfinite(fitted.predict(customers, 10)).all()


def test_alike_customers_are_told():
    customers = simulated(2000, seed=1, alpha=3e4, beta=2e4)
    with pytest.warns(
        ConvergenceWarning, match=r"mean probability to buy at an .* is 0.6, but how"
    ):
        BetaGeoBetaBinomialModel(prior=None).fit(customers)
    customers = simulated(2000, seed=5, gamma=3e4, delta=9e4)
    with pytest.warns(
        ConvergenceWarning, match=r"mean probability to leave before one is 0.2\d, b"
    ):
        BetaGeoBetaBinomialModel(prior=None).fit(customers)


def test_who_buys_every_time_is_no_fault():
    customers = frame(*[[6, 6, 6]] * 5, *[[4, 4, 4]] * 5)
    with pytest.warns(ConvergenceWarning, match="do not tell"):
        fitted = BetaGeoBetaBinomialModel().fit(customers)
    assert (fitted.predict(customers, 5) > 3).all()
    assert (fitted.predict(customers, 5) <= 5).all()


def test_all_faults_of_the_rows_are_one_error():
    customers = frame([2, 2.5, 5], [1, 2, 5.5], [3, 2, 5], [-1, 0, 5])
    with pytest.raises(DataError) as error:
        BetaGeoBetaBinomialModel().fit(customers)
    for part in (
        "BetaGeoBetaBinomialModel: 1 negative frequencies (first at row 3: -1)",
        "1 recencies that are not whole (first at row 0: 2.5): recency is the number of the opp",
        "1 T that are not whole (first at row 1: 5.5): T counts the opportunities so far: summ",
        "1 frequencies above recency (first at row 2: 3): nobody buys more than once at an opp",
    ):
        assert part in str(error.value)


def test_ages_of_parts_cannot_be_simulated():
    with pytest.raises(DataError, match=r"T must be whole numbers of opportunities, got 2\.5"):
        model().simulate([3, 2.5])


def test_months_of_a_log_are_opportunities():
    log = ck.EventLog(
        pd.DataFrame(
            {
                "customer_id": ["ann", "ann", "ann", "ann", "bob"],
                "timestamp": pd.to_datetime(
                    ["2024-01-20", "2024-02-03", "2024-02-25", "2024-05-31", "2024-03-09"]
                ),
                "amount": 10.0,
            }
        )
    )
    customers = ck.summarize(log, "2024-07-01", unit="M", period="M")
    assert customers[COLUMNS].to_numpy().tolist() == [[2, 4, 5], [0, 0, 3]]
    fitted = BetaGeoBetaBinomialModel.from_dict(
        {"init": {"unit": "M"}, "fitted": {"params_": PARAMS}}
    )
    assert_array_equal(fitted.predict(customers, "1Y"), fitted.predict(customers, 12))
    days = ck.summarize(log, "2024-07-01", unit="M")
    with pytest.raises(DataError, match="are not whole"):
        fitted.predict(days, 12)


def test_lifetime_value_takes_monthly_opportunities():
    customers = simulated(600).assign(monetary_value=lambda f: 20.0 + f["frequency"] % 3)
    customers["monetary_value"] *= customers["frequency"] > 0
    value = CustomerLifetimeValue(BetaGeoBetaBinomialModel(), AverageSpendModel(), unit="M")
    value.fit(customers)
    months = value.purchases_.discounted_purchases(customers, 12, np.log(1.1) / 12)
    expected = months * value.spend_.predict(customers)
    assert_allclose(value.predict(customers), expected, rtol=1e-12)


def test_numbered_opportunities_are_days():
    """The way of the docstring: years of gifts as days, first gift in 1995, six years later."""
    gifts = pd.DataFrame({"customer_id": ["ann"] * 3 + ["bob"], "year": [1995, 1996, 1999, 1996]})
    gifts["amount"] = 5.0
    day = pd.Timestamp("2000-01-01") + pd.to_timedelta(gifts["year"] - 1995, unit="D")
    log = ck.EventLog(gifts.assign(opportunity=day), when="opportunity")
    donors = ck.summarize(log, as_of="2000-01-08", unit="D")
    assert donors[COLUMNS].to_numpy().tolist() == [[2, 4, 6], [0, 0, 5]]


def test_more_opportunities_than_can_be_added_up_are_refused():
    """A T of seconds would ask for a table of 140 GB."""
    told = r"BetaGeoBetaBinomialModel: 1 T above 10,000 \(first at row 1: 1.7e\+10\): T counts"
    customers = frame([1, 2, 6], [1, 2, 1.7e10])
    with pytest.raises(DataError, match=told):
        BetaGeoBetaBinomialModel().fit(customers)
    with pytest.raises(DataError, match=told):
        model().predict(customers)
    with pytest.raises(DataError, match=r"T must be at most 10,000 opportunities, got 2e\+09"):
        model().simulate([3, 2e9])


def test_probabilities_of_a_horizon_without_end_are_refused_and_expectations_are_not():
    customers = frame([1, 2, 6])
    for ask in (model().probability_no_purchase, lambda X, h: model().pmf(X, 1, h)):
        with pytest.raises(DataError, match=r"horizon of at most 10,000 opp.*, got 1e\+09"):
            ask(customers, 1e9)
    assert np.isfinite(model().predict(customers, 1e9)).all()


def test_the_longest_histories_are_fitted_soon():
    """Ten thousand opportunities took a loop over each; now seconds pass for all of it."""
    n = np.full(40, 10_000)
    customers = model(alpha=2.0, beta=40.0, gamma=1.0, delta=2000.0).simulate(n, random_state=0)
    begin = time.process_time()
    fitted = BetaGeoBetaBinomialModel().fit(customers)
    silent = fitted.probability_no_purchase(customers, 10_000)
    assert time.process_time() - begin < 3
    assert fitted.converged_
    assert ((silent >= 0) & (silent <= 1)).all()


def test_never_again_is_the_limit_of_no_purchase():
    customers = frame([0, 0, 6], [3, 4, 6], [6, 6, 6], [1, 1, 1])
    fitted = model(gamma=6.0, delta=8.0)
    never = fitted._never_again(customers.to_numpy())
    assert_allclose(never, fitted.probability_no_purchase(customers, 9000), rtol=1e-11)
    gone = 1 - fitted.probability_alive(customers)
    assert (never > gone).all()
    assert (never < fitted.probability_no_purchase(customers, 3)).all()


def test_never_again_is_that_of_simulated_customers():
    """Few are silent for 40 opportunities and come back, where many leave soon."""
    params, n = {"alpha": 1.2, "beta": 0.75, "gamma": 4.0, "delta": 9.0}, 100_000
    x, t, later = exact.simulate(params, 3, 40, n, seed=2)
    never = model(**params)._never_again(np.column_stack([x, t, np.full(n, 3)]).astype(float))
    silent = later.sum(axis=0) == 0
    for group in (x == 0, x == 3, (x == 1) & (t == 1)):
        assert abs((silent[group] - never[group]).mean()) < 4 * 0.5 / np.sqrt(group.sum())


@pytest.mark.parametrize("contract", customer_level.ALL, ids=lambda f: f.__name__)
def test_contract(contract):
    contract(BetaGeoBetaBinomialModel(), simulated(600))


def test_scikit_learn_suite():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a few customers tell little
        results = check_estimator(AnyBetaGeoBetaBinomial(), on_skip=None)
    ran = [r["check_name"] for r in results if r["status"] == "passed"]
    assert len(ran) >= 46, f"only {len(ran)} checks passed: {ran}"
