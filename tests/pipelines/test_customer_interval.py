"""Intervals of value: beside played futures, whether they hold, alone, models, hand-made cases."""

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.stats import betaprime

import crmkit as ck
from crmkit.clv import (
    BetaGeoModel,
    CustomerLifetimeValue,
    GammaGammaModel,
    ModifiedBetaGeoModel,
    NBDModel,
    ParetoNBDModel,
)
from crmkit.clv._average_spend import AverageSpendModel
from crmkit.exceptions import DataError
from crmkit.pipelines._customer_interval import (
    check_level,
    ends_of,
    grid_of,
    numbers,
    quantile,
    spends,
    value_ends,
)

AS_OF = "1997-10-01"


@pytest.fixture(scope="module")
def log():
    return ck.EventLog(ck.datasets.load_cdnow(sample=True))


@pytest.fixture(scope="module")
def customers(log):
    return ck.summarize(log, AS_OF, "W")


def ends(fitted, customers, level=0.9):
    outlook = fitted._outlook(customers)
    found = value_ends(fitted, customers, outlook, level)
    return found["clv_low"], found["clv_high"], outlook.factors["clv"]


@pytest.mark.parametrize(
    "purchases", [BetaGeoModel(), ModifiedBetaGeoModel(), ParetoNBDModel(), NBDModel()], ids=repr
)
def test_ends_are_those_of_played_futures(purchases, customers):
    fitted = CustomerLifetimeValue(purchases=purchases).fit(customers)
    low, high, _ = ends(fitted, customers)
    played = fitted.predict_interval(customers, 0.9, n_draws=1000)
    assert ((low > 0) == (played[:, 0] > 0)).mean() > 0.99
    assert high.sum() / played[:, 1].sum() == pytest.approx(1.0, abs=0.02)
    sure = (
        played[:, 1] > 35.0
    )  # what one purchase costs: below, chance decides whether there is one
    assert np.median(np.abs(high[sure] / played[sure, 1] - 1.0)) < 0.06


@pytest.mark.parametrize("level", [0.8, 0.9])
def test_they_hold_what_they_promise_on_the_later_half_of_cdnow(level, log, customers):
    fitted = CustomerLifetimeValue(horizon="39W", discount_rate=0.0).fit(customers)
    low, high, _ = ends(fitted, customers, level)
    later = log.data[log.data[log.when] >= AS_OF].groupby(log.customer)[log.amount].sum()
    came = later.reindex(customers[log.customer]).fillna(0.0).to_numpy()
    assert ((came >= low) & (came <= high)).mean() == pytest.approx(level, abs=0.03)


def test_a_customer_has_the_same_ends_alone_and_in_any_order(customers):
    fitted = CustomerLifetimeValue().fit(customers)
    low, high, _ = ends(fitted, customers)
    some = [0, 17, 400, 2300]
    for one in some:
        alone = ends(fitted, customers.iloc[[one]])
        assert (alone[0][0], alone[1][0]) == pytest.approx((low[one], high[one]), rel=1e-12)
    turned = ends(fitted, customers[::-1])
    np.testing.assert_allclose(turned[1][::-1], high, rtol=1e-12)


def test_a_higher_level_is_wider_and_the_mean_mostly_inside(customers):
    fitted = CustomerLifetimeValue().fit(customers)
    low, high, mean = ends(fitted, customers, 0.9)
    wide_low, wide_high, _ = ends(fitted, customers, 0.99)
    assert (wide_low <= low + 1e-9).all()
    assert (wide_high >= high - 1e-9).all()
    assert ((mean >= low) & (mean <= high)).mean() > 0.95


def test_money_scales_the_ends(customers):
    plain = ends(CustomerLifetimeValue(spend=GammaGammaModel(prior=None)).fit(customers), customers)
    cents = customers.assign(monetary_value=customers["monetary_value"] * 64.0)
    scaled = ends(CustomerLifetimeValue(spend=GammaGammaModel(prior=None)).fit(cents), cents)
    np.testing.assert_allclose(scaled[1], 64.0 * plain[1], rtol=1e-4)
    third = CustomerLifetimeValue(margin=0.25, spend=GammaGammaModel(prior=None)).fit(customers)
    np.testing.assert_allclose(ends(third, customers)[1], 0.25 * plain[1], rtol=1e-12)


def test_a_horizon_without_end_plays_futures(customers):
    few = customers.head(40)
    fitted = CustomerLifetimeValue(horizon=float("inf")).fit(customers)
    low, high, _ = ends(fitted, few)
    np.testing.assert_array_equal(np.column_stack([low, high]), fitted.predict_interval(few, 0.9))


def test_spend_without_spread_is_a_number_of_purchases(customers):
    fitted = CustomerLifetimeValue(spend=AverageSpendModel(), discount_rate=0.0).fit(customers)
    _, high, _ = ends(fitted, customers)
    number = high / fitted.breakdown(customers, level=None)["expected_spend"].to_numpy()
    whole = number[number <= 20]
    assert (np.abs(whole - np.rint(whole)) < 0.5).all()
    at_most = fitted.purchases_.pmf(customers, range(40)).cumsum(axis=1)
    told = at_most[np.arange(len(number)), np.minimum(np.floor(number + 0.5).astype(int), 39)]
    assert (told[number < 30] >= 0.9 - 0.02).all()


def test_numbers_add_up_and_are_those_of_the_model(customers):
    model = ModifiedBetaGeoModel(unit="W").fit(customers)
    rows = customers[["frequency", "recency", "T"]].to_numpy(dtype=float)[:50]
    counts, silent = numbers(model, rows, 0, 26.0)
    np.testing.assert_allclose(counts.sum(axis=1) + silent, 1.0)
    n, width = grid_of(0)
    exact = model._pmf_if_alive(rows, n[:20], 26.0)
    np.testing.assert_allclose(counts[:, :20], exact, rtol=0.01, atol=1e-6)
    assert width[:20].tolist() == [1.0] * 20


@pytest.mark.parametrize("size", [0, 1, 5, 10])
def test_the_grid_of_numbers_leaves_no_gap(size):
    n, width = grid_of(size)
    assert n[0] == 1
    assert (np.diff(n) > 0).all()
    assert n[-1] >= 64 * 2**size * 0.9
    assert width.sum() == pytest.approx(n[-1])


def test_spends_are_beta_prime():
    model = GammaGammaModel()
    model.params_ = {"p": 6.0, "q": 4.0, "v": 15.0}
    grid, below = spends(model, 2.0, 0)
    n = grid_of(0)[0]
    at, number = 40, 3
    expected = betaprime.cdf(grid[at] * 6.0 / (4.0 + 12.0 - 1.0), 6.0 * n[number], 4.0 + 12.0)
    assert below[number, at] == pytest.approx(expected)
    mean = (np.diff(below[0], prepend=0.0) * grid).sum()
    assert mean == pytest.approx(1.0, abs=0.07)


def test_quantiles_by_hand():
    grid, below = np.array([1.0, 2.0, 4.0]), np.array([[0.5, 0.75, 1.0]])
    silent, place = np.array([0.25]), np.zeros(3, dtype=int)
    alive = np.array([1.0, 0.5, 0.1])
    found = quantile(grid, below, silent, place, alive, np.array([0.75, 0.2]))
    # all alive: 0.75 is at 2; half alive: half of the living, at 1; nine in ten gone: nothing
    assert found[0].tolist() == pytest.approx([2.0, 1.0, 0.0])
    assert found[1].tolist() == [0.0, 0.0, 0.0]  # less than buy nothing


def test_the_gone_bring_nothing():
    """A customer who is surely gone has no upper end either."""
    fitted = CustomerLifetimeValue(unit="W")
    customers = pd.DataFrame(
        {
            "customer_id": range(6),
            "frequency": [2, 0, 5, 1, 0, 3],
            "recency": [30.4, 0.0, 37.1, 8.0, 0.0, 20.3],
            "T": [38.9, 38.9, 38.0, 36.3, 35.1, 30.6],
            "monetary_value": [22.4, 0.0, 31.5, 12.0, 0.0, 40.2],
        }
    )
    with warnings.catch_warnings():  # six customers tell little
        warnings.simplefilter("ignore")
        fitted.fit(customers)
    fitted.purchases_.params_.update({"r": 0.3, "alpha": 4.0, "a": 0.8, "b": 2.5})
    gone = customers.head(1).assign(frequency=30, recency=10.0, T=400.0)
    outlook = fitted._outlook(gone)
    assert outlook.factors["probability_alive"][0] < 1e-6
    found = ends_of(fitted, outlook, 0.9)
    assert (found["clv_low"][0], found["clv_high"][0]) == (0.0, 0.0)


@pytest.mark.parametrize("level", [0.0, 1.0, 80, "0.8"])
def test_a_level_that_is_no_probability_is_refused(level):
    with pytest.raises(DataError, match="CustomerValuePipeline: level must be"):
        check_level(level, "CustomerValuePipeline")


def test_no_level_is_fine():
    check_level(None, "CustomerValuePipeline")
