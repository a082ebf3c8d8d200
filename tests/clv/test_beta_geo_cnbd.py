"""BG/CNBD-k and MBG/CNBD-k: the k that made the data, simulations, many digits, gaps, messages."""

import json
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.utils.estimator_checks import check_estimator

import crmkit as ck
from crmkit.clv import (
    BetaGeoCNBDModel,
    BetaGeoModel,
    CustomerLifetimeValue,
    ModifiedBetaGeoCNBDModel,
    ModifiedBetaGeoModel,
)
from crmkit.datasets import make_customers
from crmkit.exceptions import ConvergenceWarning, DataError, DataWarning
from tests.clv.domains import AnyBetaGeoCNBD, AnyModifiedBetaGeoCNBD
from tests.contracts import customer_level
from tests.oracles import beta_geo_family, cdnow

MODELS = [BetaGeoCNBDModel, ModifiedBetaGeoCNBDModel]
PARAMS = {"r": 0.85, "alpha": 4.35, "a": 0.79, "b": 2.42}
COLUMNS = ["frequency", "recency", "T", "sum_log_gaps"]
wide = st.floats(-6, 6).map(lambda exponent: 10.0**exponent)


def model(kind=ModifiedBetaGeoCNBDModel, k=3, **params):
    return kind.from_dict({"init": {"regularity": k}, "fitted": {"params_": {**PARAMS, **params}}})


def frame(*rows):
    return pd.DataFrame(rows, columns=COLUMNS, dtype=float)


def simulated(kind=ModifiedBetaGeoCNBDModel, k=3, n_customers=2000, seed=0, **params):
    T = np.random.default_rng(seed).uniform(20, 60, n_customers)
    return model(kind, k, **params).simulate(T, random_state=seed)


def drawn(kind, k, T, horizon, n, seed):
    """Customers of the oracle, whether they are alive, and what they buy later."""
    early = int(kind is ModifiedBetaGeoCNBDModel)
    x, t, gaps, alive, later = beta_geo_family.simulate(
        tuple(PARAMS.values()), early, k, T, horizon, n, seed
    )
    customers = pd.DataFrame({"frequency": x, "recency": t, "T": T, "sum_log_gaps": gaps})
    return customers, alive, later


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("k", [1, 2, 4])
def test_the_regularity_that_made_the_customers_is_found(kind, k):
    customers, _, _ = drawn(kind, k, 60.0, 0.0, 3000, seed=k)
    fitted = kind().fit(customers)
    assert fitted.regularity_ == k
    tried = fitted.regularity_log_likelihoods_
    assert list(tried) == list(range(1, k + 2))
    assert max(tried, key=tried.get) == k
    assert fitted.log_likelihood_ == pytest.approx(tried[k], abs=1e-6)
    off = np.log([fitted.params_[name] / value for name, value in PARAMS.items()])
    assert (np.abs(off) < 4 * np.sqrt(np.diag(fitted.covariance_))).all()


@pytest.mark.parametrize(("process", "kind"), [("bg_nbd", MODELS[0]), ("mbg_nbd", MODELS[1])])
def test_the_regularity_of_a_made_up_shop_is_found_through_the_front_door(process, kind):
    shop = make_customers(
        1500, days=900, process=process, regularity=3, seasonality=0.0, returns=0.0,
        duplicates=0.0, random_state=5,
    )  # fmt: skip
    log = ck.EventLog(shop.truth.orders)
    customers = ck.summarize(log, unit="D", extras="sum_log_gaps")
    fitted = kind().fit(customers)
    assert fitted.regularity_ == 3
    assert fitted.unit_ == "D"
    assert np.isfinite(fitted.predict(customers, "90D")).all()


def test_random_timing_is_found_in_the_cdnow_sample():
    days = cdnow.purchases()
    customers = ck.summarize(
        ck.EventLog(days, when="day"), as_of="1997-10-01", unit="W", extras="sum_log_gaps"
    )
    for kind, plain in zip(MODELS, (BetaGeoModel, ModifiedBetaGeoModel), strict=True):
        fitted, simple = kind(prior=None).fit(customers), plain(prior=None).fit(customers)
        assert fitted.regularity_ == 1
        assert fitted.params_ == pytest.approx(simple.params_, rel=1e-12)
        assert fitted.log_likelihood_ == pytest.approx(simple.log_likelihood_, rel=1e-14)
        assert_allclose(fitted.predict(customers, 39.0), simple.predict(customers, 39.0))
        assert_allclose(fitted.pmf(customers, [0, 3], 9.0), simple.pmf(customers, [0, 3], 9.0))


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("k", [2, 3])
def test_predictions_are_those_of_simulated_customers(kind, k):
    customers, alive, later = drawn(kind, k, 30.0, 20.0, 200_000, seed=1)
    truth = model(kind, k)
    expected, silent = truth.predict(customers, 20.0), truth.probability_no_purchase(customers, 20)
    probability, two = truth.probability_alive(customers), truth.pmf(customers, 2, 20.0)
    x, t = customers["frequency"], customers["recency"]
    for group in (x == 0, x == 1, (x >= 2) & (t > 26), (x >= 2) & (t <= 26)):
        share = np.sqrt(group.sum())
        assert abs((later[group] - expected[group]).mean()) < 4 * later[group].std() / share
        for happened, said in ((later == 0, silent), (alive, probability), (later == 2, two)):
            assert abs((happened[group] - said[group]).mean()) < 4 * 0.5 / share


def test_silence_raises_doubt_the_more_regular_they_were():
    customers = frame([6, 30.0, 45.0, 6 * np.log(5.0)])
    alive = [model(k=k, alpha=5.0 / k, r=1.0).probability_alive(customers)[0] for k in (1, 2, 4, 8)]
    assert (np.diff(alive) < 0).all()


@pytest.mark.parametrize("kind", MODELS)
def test_the_pmf_has_the_mean_the_zero_and_the_futures_of_the_predictions(kind):
    customers, truth = simulated(kind, n_customers=200), model(kind)
    table = truth.pmf(customers, np.arange(200), 25.0)
    assert_allclose(table.sum(axis=1), 1.0, rtol=1e-12)
    assert_allclose(table @ np.arange(200), truth.predict(customers, 25.0), rtol=1e-11)
    assert_allclose(table[:, 0], truth.probability_no_purchase(customers, 25.0), rtol=1e-13)
    rows = np.array([[4.0, 20.0, 25.0, 6.0], [0.0, 0.0, 30.0, 0.0], [2.0, 9.0, 9.0, 3.0]])
    n, random = 40_000, np.random.default_rng(0)
    tiled = np.repeat(rows, n, axis=0)
    futures = truth._future_if_alive(tiled, np.array([6.0, 25.0]), random)
    futures = futures * (random.random(len(tiled)) < truth._alive(tiled))
    assert (futures[0] <= futures[1]).all()
    for horizon, bought in zip((6.0, 25.0), futures, strict=True):
        expected = truth.pmf(frame(*rows), np.arange(10), horizon)
        for chances, counted in zip(expected, bought.reshape(3, n), strict=True):
            share = np.bincount(counted, minlength=10)[:10] / n
            assert (np.abs(share - chances) < 4.5 * np.sqrt(chances / n) + 1e-4).all()


def test_an_interval_with_known_parameters_is_that_of_the_pmf():
    customers, known = simulated(n_customers=100), model()
    ends = known.predict_interval(customers, 20.0, 0.8, n_draws=3000)
    cdf = np.cumsum(known.pmf(customers, np.arange(100), 20.0), axis=1)
    below = np.column_stack([np.zeros(100), cdf])[np.arange(100), ends[:, 1].astype(int)]
    share = np.where(ends[:, 0] > 0, 0.9, 0.8)
    assert (below < share + 0.03).all()
    assert (cdf[np.arange(100), ends[:, 1].astype(int)] > share - 0.03).all()


def test_simulate_draws_from_the_model():
    ours = model().simulate(np.full(100_000, 30.0), random_state=0)
    theirs, _, _ = drawn(ModifiedBetaGeoCNBDModel, 3, 30.0, 0.0, 100_000, seed=1)
    assert list(ours.columns) == COLUMNS
    for name in ("frequency", "recency", "sum_log_gaps"):
        spread = theirs[name].std() * np.sqrt(2 / 100_000)
        assert abs(ours[name].mean() - theirs[name].mean()) < 4 * spread


def test_probability_of_silence_is_a_ratio_of_likelihoods():
    customers, truth = simulated(n_customers=300), model()
    later = customers.assign(T=customers["T"] + 13)
    ratio = np.exp(truth.log_likelihood(later) - truth.log_likelihood(customers))
    assert_allclose(truth.probability_no_purchase(customers, 13.0), ratio, rtol=1e-11)


@settings(max_examples=30)
@given(
    wide, wide, wide, wide, st.sampled_from(MODELS), st.integers(2, 6), st.integers(0, 5000),
    st.floats(0.01, 1), st.floats(0.1, 5000),
)  # fmt: skip
def test_every_valid_customer_gets_finite_answers(r, alpha, a, b, kind, k, x, part, T):
    t = T * part if x else 0.0
    customers = frame([x, t, T, x * np.log(t / x) if x else 0.0])
    fitted = model(kind, k, r=r, alpha=alpha, a=a, b=b)
    alive = fitted.probability_alive(customers)[0]
    horizons = np.sort([0.0, T / 9, 400.0, 5000.0])
    expected = np.array([fitted.predict(customers, h)[0] for h in horizons])
    silent = np.array([fitted.probability_no_purchase(customers, h)[0] for h in horizons])
    assert 0 <= alive <= 1
    assert expected[0] == 0
    assert silent[0] == 1
    assert np.isfinite(expected).all()
    assert np.isfinite(fitted.log_likelihood(customers)).all()
    assert (np.diff(expected) >= -1e-9 * np.max(expected)).all()
    assert (np.diff(silent) <= 1e-12).all()
    assert silent.min() >= 1 - alive - 1e-12
    pmf = fitted.pmf(customers, [0, 1, 30], horizons[1])
    assert ((pmf >= 0) & (pmf <= 1 + 1e-12)).all()


def test_the_unit_of_time_scales_alpha_only_and_keeps_the_regularity():
    weeks = simulated()
    x = weeks["frequency"]
    days = weeks.assign(
        recency=weeks["recency"] * 7,
        T=weeks["T"] * 7,
        sum_log_gaps=weeks["sum_log_gaps"] + x * np.log(7),
    )
    a, b = ModifiedBetaGeoCNBDModel().fit(weeks), ModifiedBetaGeoCNBDModel().fit(days)
    assert a.regularity_ == b.regularity_ == 3
    for name, factor in {"r": 1, "alpha": 7, "a": 1, "b": 1}.items():
        assert b.params_[name] == pytest.approx(factor * a.params_[name], rel=1e-8)
    assert b.log_likelihood_ == pytest.approx(a.log_likelihood_ - x.sum() * np.log(7), rel=1e-12)
    assert_allclose(b.predict(days, 70.0), a.predict(weeks, 10.0), rtol=1e-8)


def test_weights_are_repeated_customers():
    customers = simulated(n_customers=400)
    weight = np.random.default_rng(0).integers(0, 4, len(customers))
    weighted = ModifiedBetaGeoCNBDModel().fit(customers, sample_weight=weight)
    repeated = ModifiedBetaGeoCNBDModel().fit(customers.loc[customers.index.repeat(weight)])
    assert weighted.params_ == repeated.params_
    assert_array_equal(weighted.covariance_, repeated.covariance_)
    assert weighted.log_likelihood_ == pytest.approx(repeated.log_likelihood_, rel=1e-14)


def test_customers_who_share_a_history_keep_their_own_gaps():
    """Whole days: many share frequency, recency and T, and differ in their gaps."""
    log_of = [np.log(2) + np.log(8), 2 * np.log(5)]
    rows = [[2, 10, 20 + i % 3, log_of[i % 2]] for i in range(30)] + [[0, 0, 30, 0]] * 10
    customers = frame(*rows)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted = BetaGeoCNBDModel(regularity=2).fit(customers)
    assert fitted.log_likelihood_ == pytest.approx(fitted.log_likelihood(customers).sum())
    assert len(np.unique(fitted.log_likelihood(customers))) > 3


@pytest.mark.parametrize("rate", [1e-4, 0.02])
def test_discounted_purchases_are_the_integral(rate):
    """By parts, over panels that are fine enough for the first gaps."""
    truth, horizon = model(k=4, alpha=1.5), 200.0
    customers = frame([0, 0, 0, 0], [4, 80, 90, 11.0], [30, 60, 60, 18.0])
    found = truth.discounted_purchases(customers, horizon, rate)
    nodes, weights = np.polynomial.legendre.leggauss(20)
    edges = np.concatenate([[0.0], np.geomspace(1e-3, horizon, 60)])
    half = np.diff(edges)[:, None] / 2
    t = (edges[:-1, None] + half * (nodes + 1)).ravel()
    for row, total in zip(customers.to_numpy(), found, strict=True):
        rows = np.tile(row, (len(t) + 1, 1))
        bought = truth._alive(rows[:1]) * truth._expected_if_alive(rows, np.append(t, horizon))
        later = rate * (bought[:-1] * np.exp(-rate * t)) @ (half * weights).ravel()
        assert total == pytest.approx(bought[-1] * np.exp(-rate * horizon) + later, rel=1e-9)


def test_lifetime_value_takes_it():
    customers = simulated(n_customers=400, seed=2)
    spend = np.random.default_rng(0).gamma(4.0, 10.0, 400)
    customers = customers.assign(monetary_value=np.where(customers["frequency"] > 0, spend, 0.0))
    customers.insert(0, "customer_id", np.arange(400))
    value = CustomerLifetimeValue(ModifiedBetaGeoCNBDModel(regularity=3), unit="W").fit(customers)
    assert (value.predict(customers) > 0).all()


def test_it_is_saved_with_its_regularity():
    customers = simulated(n_customers=500)
    fitted = ModifiedBetaGeoCNBDModel().fit(customers)
    again = ModifiedBetaGeoCNBDModel.from_dict(json.loads(json.dumps(fitted.to_dict())))
    assert again.regularity_ == fitted.regularity_
    assert again.regularity_log_likelihoods_ == fitted.regularity_log_likelihoods_
    assert_array_equal(again.predict(customers), fitted.predict(customers))
    with pytest.raises(DataError, match="regularity_ must be a whole number of at least 1"):
        ModifiedBetaGeoCNBDModel.from_dict({"fitted": {"params_": PARAMS}})


def test_the_missing_column_is_told_with_its_cure():
    customers = simulated(n_customers=50).drop(columns="sum_log_gaps")
    with pytest.raises(DataError) as error:
        BetaGeoCNBDModel().fit(customers)
    assert str(error.value) == (
        "BetaGeoCNBDModel: column 'sum_log_gaps' not found: the gaps between purchases tell how "
        'regular they are. Make it with crmkit.summarize(log, extras="sum_log_gaps").'
    )


def test_gaps_in_another_unit_are_refused():
    customers = simulated()
    gaps = customers["sum_log_gaps"]
    for factor in (7, 1 / 7):
        other = customers.assign(sum_log_gaps=gaps + customers["frequency"] * np.log(factor))
        with pytest.raises(DataError, match=r"sums of log gaps that recency rules out .* one unit"):
            ModifiedBetaGeoCNBDModel().fit(other)
    with pytest.raises(DataError, match="1 one-time buyers with a sum of log gaps other than 0"):
        model().predict(frame([0, 0, 9, 1.0]))
    with pytest.raises(DataError, match="needs the columns frequency, recency, T, sum_log_gaps"):
        BetaGeoCNBDModel().fit(np.ones((2, 3)))


@pytest.mark.parametrize(
    ("regularity", "text"),
    [
        (0, "regularity must be a whole number of at least 1, got 0"),
        (2.0, "regularity must be a whole number of at least 1, got 2.0"),
        (31, "regularity must be at most 30, got 31"),
        ("often", "regularity must be \"auto\" or a whole number, got 'often'"),
    ],
)
def test_settings_are_refused_in_fit(regularity, text):
    refused = BetaGeoCNBDModel(regularity=regularity)
    with pytest.raises(DataError) as error:
        refused.fit(simulated(BetaGeoCNBDModel, n_customers=50))
    assert text in str(error.value)


def test_regularity_that_merging_makes_is_told():
    """Random timing, merged by days: gaps of less than a day are gone."""
    shop = make_customers(
        600, days=300, acquisition_days=0, process="bg_nbd", returns=0.0, duplicates=0.0,
        parameters={"r": 0.8, "alpha": 4.0, "a": 0.3, "b": 6.0}, random_state=1,
    )  # fmt: skip
    log = ck.EventLog(shop.truth.orders)
    by_days = ck.summarize(log, unit="D", extras="sum_log_gaps")
    with pytest.warns(DataWarning, match=r"regularity 2 was found, but the mean gap is \d\.\d of"):
        fitted = BetaGeoCNBDModel().fit(by_days)
    assert fitted.regularity_ == 2
    by_hours = ck.summarize(log, unit="D", period="h", extras="sum_log_gaps")
    assert BetaGeoCNBDModel().fit(by_hours).regularity_ == 1


def test_a_timetable_is_told():
    random = np.random.default_rng(0)
    gap = random.gamma(4.0, 2.5, 300)
    x = np.floor(random.uniform(20, 60, 300) / gap)
    customers = pd.DataFrame({"frequency": x, "recency": x * gap, "sum_log_gaps": x * np.log(gap)})
    customers["T"] = customers["recency"] + gap * random.uniform(0, 0.99, 300)
    with pytest.warns(ConvergenceWarning) as record:
        fitted = BetaGeoCNBDModel().fit(customers)
    assert fitted.regularity_ == 30
    assert any("as if by a timetable" in str(warning.message) for warning in record)


def test_the_posterior_and_its_intervals(recwarn):
    customers = simulated(n_customers=500)
    fitted = ModifiedBetaGeoCNBDModel().fit(customers)
    posterior = fitted.posterior(200)
    assert posterior.method == "importance sampling"
    for name in PARAMS:
        low, high = posterior.draws[name].quantile([0.005, 0.995])
        assert low < fitted.params_[name] < high
    ends = fitted.predict_interval(customers, 20.0, n_draws=100, posterior=posterior)
    assert (ends[:, 0] <= ends[:, 1]).all()
    assert not recwarn.list


def test_where_nobody_leaves_it_says_so():
    customers = simulated(BetaGeoCNBDModel, 2, r=3.0, alpha=10.0, a=1e-5, b=1e3)
    with pytest.warns(
        ConvergenceWarning, match="BetaGeoCNBDModel: the data do not tell a .*No dro"
    ):
        fitted = BetaGeoCNBDModel().fit(customers)
    assert fitted.regularity_ == 2
    assert np.isfinite(fitted.predict(customers, 10.0)).all()


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("contract", customer_level.ALL, ids=lambda f: f.__name__)
def test_contract(contract, kind):
    contract(kind(), simulated(kind, 2, n_customers=400))


@pytest.mark.parametrize("estimator", [AnyBetaGeoCNBD(), AnyModifiedBetaGeoCNBD(regularity=2)])
def test_scikit_learn_suite(estimator):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a few customers tell little
        results = check_estimator(estimator, on_skip=None)
    ran = [r["check_name"] for r in results if r["status"] == "passed"]
    assert len(ran) >= 46, f"only {len(ran)} checks passed: {ran}"
