"""BoostedLifetimeValue: the contracts, its choice, no look ahead, and real logs beside the base."""

import json
import pickle

import numpy as np
import pandas as pd
import pytest
import skops.io as sio
from pandas.testing import assert_frame_equal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

import crmkit as ck
from crmkit.clv import (
    BetaGeoCNBDModel,
    BetaGeoModel,
    BoostedLifetimeValue,
    CustomerLifetimeValue,
    _value_contest,
)
from crmkit.clv._value_gate import judge
from crmkit.clv._value_snapshots import outcome, snapshot
from crmkit.clv._value_trees import Forecast, grow
from crmkit.events._windows import read_histories
from crmkit.exceptions import DataError, DataWarning
from tests.clv._regulars import log_of, random_shop, regular_shop
from tests.contracts import event_level, frame_kinds
from tests.contracts.static_checks import run_static_checks

SHOP = regular_shop()
COLUMNS = [
    "expected_purchases",
    "probability_any_purchase",
    "expected_spend_total",
    "clv",
    "base_purchases",
    "base_spend_total",
    "base_clv",
]

# The made-up shops are not what the models believe, which they say.
pytestmark = [
    pytest.mark.filterwarnings("ignore::crmkit.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:GammaGammaModel:crmkit.exceptions.DataWarning"),
]


def quick(**kwargs):
    return BoostedLifetimeValue(**{"horizon": "4W", "n_cutoffs": 2} | kwargs)


@pytest.fixture(scope="module")
def fitted():
    model = quick().fit(log_of(SHOP))
    assert model.chosen_ in ("boosted", "ensemble")
    return model


@pytest.mark.parametrize("contract", event_level.ALL + event_level.SPARK, ids=lambda f: f.__name__)
def test_contract(contract, fitted):
    contract(lambda log, as_of: fitted.predict(log, as_of=as_of))


def equal(one, two):
    assert (one.chosen_, one.reason_, one.trees_) == (two.chosen_, two.reason_, two.trees_)
    assert one.base_.purchases_.params_ == two.base_.purchases_.params_


def test_fitting_takes_any_frame_and_any_order_of_rows(fitted):
    shuffled = SHOP.sample(frac=1.0, random_state=5)
    before = shuffled.copy(deep=True)
    equal(quick().fit(log_of(shuffled)), fitted)
    assert_frame_equal(shuffled, before)
    equal(quick().fit(log_of(frame_kinds.FRAMES["polars lazy"](SHOP))), fitted)


def test_fitting_sees_nothing_at_or_after_the_cutoff():
    as_of = "2023-06-05"
    late = SHOP["timestamp"] >= as_of
    changed = SHOP.assign(amount=SHOP["amount"].where(~late, 1e6))
    expected = quick().fit(log_of(SHOP[~late]), as_of=as_of)
    equal(quick().fit(log_of(changed), as_of=as_of), expected)
    assert expected.as_of_ == "2023-06-05T00:00:00"
    assert expected.verdicts_[0]["until"] == "2023-06-05"
    assert expected.verdicts_[0]["from"] == "2023-05-08"


def test_a_torn_last_day_is_no_label():
    as_of = "2023-06-05T09:00"
    model = quick().fit(log_of(SHOP), as_of=as_of)
    assert model.verdicts_[0]["until"] == "2023-06-05"


def test_a_second_fit_refits_and_copies_agree(fitted):
    used = quick().fit(log_of(random_shop())).fit(log_of(SHOP))
    equal(used, fitted)
    equal(clone(fitted).fit(log_of(SHOP)), fitted)
    expected = fitted.predict(log_of(SHOP))
    data = sio.dumps(fitted)
    by_skops = sio.loads(data, trusted=sio.get_untrusted_types(data=data))
    for copy in (pickle.loads(pickle.dumps(fitted)), by_skops):
        assert_frame_equal(copy.predict(log_of(SHOP)), expected)
    assert json.loads(json.dumps(fitted.trees_)) == fitted.trees_, "the trees are plain text"


def test_unfitted_says_so():
    for ask in (lambda model: model.predict(log_of(SHOP)), lambda model: model.candidates()):
        with pytest.raises(NotFittedError):
            ask(quick())


def test_scikit_learn_static_checks():
    run_static_checks(BoostedLifetimeValue())


def test_the_columns_agree_with_one_another(fitted):
    table = fitted.predict(log_of(SHOP))
    assert table.columns.tolist() == ["customer_id", *COLUMNS]
    assert np.isfinite(table[COLUMNS]).all(axis=None)
    assert (table[COLUMNS] >= 0).all(axis=None)
    assert (table["probability_any_purchase"] <= 1).all()
    assert (table["probability_any_purchase"] <= table["expected_purchases"]).all()
    rate = table["clv"] / table["expected_spend_total"]
    np.testing.assert_allclose(rate, table["base_clv"] / table["base_spend_total"])
    assert rate.between(0.99, 1.0, inclusive="neither").all(), "four weeks at 10 % a year"


def test_the_base_is_the_lifetime_value_of_the_same_customers(fitted):
    customers = ck.summarize(log_of(SHOP), None, "W")
    value = CustomerLifetimeValue(horizon="4W", unit="W").fit(customers)
    expected = value.breakdown(customers, level=None)
    table = fitted.predict(log_of(SHOP))
    np.testing.assert_allclose(table["base_clv"], expected["clv"], rtol=1e-7)
    np.testing.assert_allclose(table["base_purchases"], expected["expected_purchases"], rtol=1e-7)


def test_margin_and_discount_are_those_of_the_base(fitted):
    base = CustomerLifetimeValue(margin=0.25, discount_rate=0.0)
    table = quick(base=base).fit(log_of(SHOP)).predict(log_of(SHOP))
    np.testing.assert_allclose(table["clv"], 0.25 * table["expected_spend_total"], rtol=1e-12)
    expected = fitted.predict(log_of(SHOP))["expected_spend_total"]
    np.testing.assert_allclose(table["expected_spend_total"], expected, rtol=1e-12)
    assert base.get_params()["horizon"] is None, "the given base is left as it was"


def test_trees_win_where_the_models_are_wrong_and_lose_where_they_are_right():
    for shop, wins in ((regular_shop, True), (random_shop, False)):
        model = quick().fit(log_of(shop(seed=3)))
        assert (model.chosen_ != "base") is wins, model.reason_
        assert model.reason_.startswith("chose" if wins else "kept the base")
        assert bool(model.trees_) is wins


def test_a_kept_base_answers_as_the_base():
    log = log_of(random_shop())
    table = quick().fit(log).predict(log)
    np.testing.assert_array_equal(table["expected_spend_total"], table["base_spend_total"])
    np.testing.assert_allclose(table["clv"], table["base_clv"], rtol=1e-14)


def test_candidates_tell_every_window(fitted):
    table = fitted.candidates()
    assert len(table) == 2 * 5
    names = ["base", "own_average", "boosted", "blend", "ensemble"]
    assert table["candidate"].tolist() == 2 * names
    assert table.loc[table["chosen"], "candidate"].unique().tolist() == [fitted.chosen_]
    base = table[table["candidate"] == "base"]
    assert (base["score"] == 0).all()
    assert (base["noise"] == 0).all()
    score = table.loc[table["chosen"], "score"].mean()
    assert f"{-np.expm1(score):.1%} below" in fitted.reason_
    assert table["until"].iloc[-1] == table["from"].iloc[0]


def test_the_seed_decides(fitted):
    one, two = (quick(random_state=1, n_jobs=n).fit(log_of(SHOP)) for n in (None, 1))
    equal(one, two)
    assert one.trees_ != fitted.trees_


def test_a_log_too_short_keeps_the_base_and_says_so():
    model = quick(horizon="14W")
    text = r"kept the base: the log has 161 whole days, and windows of 98 days need 245: one to"
    with pytest.warns(DataWarning, match=f'BoostedLifetimeValue: {text}.*Take window="9W" or less'):
        model.fit(log_of(SHOP))
    assert model.reason_.startswith(text)
    assert (model.chosen_, model.verdicts_, model.trees_) == ("base", [], {})
    assert model.candidates().empty
    table = model.predict(log_of(SHOP))
    np.testing.assert_allclose(table["clv"], table["base_clv"], rtol=1e-14)


def test_the_window_that_the_warning_names_is_one_that_serves():
    model = quick(horizon="14W", window="9W", n_cutoffs=1).fit(log_of(SHOP))
    assert len(model.verdicts_) == 1


def test_a_log_of_few_customers_keeps_the_base_and_says_so():
    few = SHOP[SHOP["customer_id"] < 1090]
    with pytest.warns(DataWarning, match="has too few customers or buyers.*at least 100 and 30"):
        model = quick().fit(log_of(few))
    assert model.chosen_ == "base"


def test_nothing_is_learnt_from_a_window_that_judges(monkeypatch):
    taught = []

    def watched(examples, *args):
        taught.append([example.seen.last for example in examples])
        return grow(examples, *args)

    monkeypatch.setattr(_value_contest, "grow", watched)
    model = quick().fit(log_of(SHOP))
    first = np.datetime64(model.verdicts_[0]["from"]).astype(int)
    second = np.datetime64(model.verdicts_[1]["from"]).astype(int)
    for lasts, judged in zip(taught[:4], (first, first, second, second), strict=True):
        assert max(lasts) + 28 == judged - 1, "labels end where the judging begins"
    assert max(taught[4]) + 28 == first + 27, "then all is learnt from"


def test_shorter_windows_let_a_short_log_learn_and_are_carried_to_the_horizon(fitted):
    model = quick(horizon="14W", window="4W").fit(log_of(SHOP))
    assert model.trees_ == fitted.trees_
    far, near = model.predict(log_of(SHOP)), fitted.predict(log_of(SHOP))
    for learnt, base in (
        ("expected_purchases", "base_purchases"),
        ("expected_spend_total", "base_spend_total"),
    ):
        np.testing.assert_allclose(far[learnt] / far[base], near[learnt] / near[base], rtol=1e-9)
    assert far["expected_purchases"].sum() > 2.5 * near["expected_purchases"].sum()


def test_hours_and_days_work_too(fitted):
    days = quick(unit="D", horizon=28).fit(log_of(SHOP))
    assert (days.horizon_, days.window_) == (28, 28)
    table, weeks = days.predict(log_of(SHOP)), fitted.predict(log_of(SHOP))
    np.testing.assert_allclose(table["base_spend_total"], weeks["base_spend_total"], rtol=1e-4)
    hours = quick(unit="h", horizon="4W").fit(log_of(SHOP))
    assert hours.horizon_ == 672
    assert hours.verdicts_[0]["until"] == "2023-06-12T00"


def test_the_base_may_have_any_parts():
    base = CustomerLifetimeValue(purchases=BetaGeoModel(prior=None), margin=0.5)
    model = quick(base=base).fit(log_of(SHOP))
    assert model.base_.purchases_.prior is None
    assert model.base_.margin == 0.5


def test_the_right_model_of_regular_buyers_is_not_beaten():
    log = log_of(SHOP)
    base = CustomerLifetimeValue(purchases=BetaGeoCNBDModel(), unit="W", horizon="4W")
    model = quick(base=base).fit(log)
    assert model.chosen_ == "base", model.reason_
    customers = ck.summarize(log, None, "W", extras="sum_log_gaps")
    expected = clone(base).fit(customers).breakdown(customers, level=None)
    np.testing.assert_allclose(model.predict(log)["clv"], expected["clv"], rtol=1e-6)


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"base": BetaGeoModel()}, "base must be a CustomerLifetimeValue, got BetaGeoModel"),
        ({"base": CustomerLifetimeValue(unit="D")}, "unit='W', but base has unit='D'"),
        ({"horizon": "6M"}, "horizon='6M' cannot be told in 'W'"),
        ({"horizon": 0}, "horizon must be a whole number of days, at least one, got 0"),
        ({"horizon": "36h"}, r"horizon must be a whole number of days.*'36h' \(1.5 days\)"),
        ({"window": "8W"}, "window='8W' is longer than horizon='4W'"),
        ({"unit": "M"}, "unit must be one of"),
        ({"n_cutoffs": 0}, "n_cutoffs must be a whole number of at least 1"),
        ({"random_state": None}, "random_state must be a whole number"),
        ({"n_jobs": 0}, "n_jobs must be a whole number"),
    ],
)
def test_parameters_are_refused_in_fit(params, text):
    model = quick(**params)
    with pytest.raises(DataError, match=f"BoostedLifetimeValue: .*{text}"):
        model.fit(log_of(SHOP))


def test_logs_that_cannot_serve_are_refused(fitted):
    with pytest.raises(DataError, match="BoostedLifetimeValue: an EventLog is needed"):
        quick().fit(SHOP)
    without = ck.EventLog(SHOP, amount=None)
    for ask in (quick().fit, fitted.predict):
        with pytest.raises(DataError, match="BoostedLifetimeValue: value needs the amounts"):
            ask(without)
    named = ck.EventLog(SHOP.rename(columns={"customer_id": "clv"}), customer="clv")
    with pytest.raises(DataError, match="the customer id is called 'clv', as is a new column"):
        fitted.predict(named)
    returns = SHOP.head(3).assign(amount=-1.0)
    with pytest.raises(DataError, match="nobody bought before as_of"):
        quick().fit(log_of(returns))


def held_out(log, as_of, horizon, **kwargs):
    """The fitted model, and verdicts on base and choice in the period that nobody has seen."""
    model = BoostedLifetimeValue(horizon=horizon, **kwargs).fit(log, as_of=as_of)
    table = model.predict(log, as_of=as_of)
    histories = read_histories(log, None, "D", "test")
    last = int(np.datetime64(as_of, "D").astype(int)) - 1
    seen = snapshot(histories, last, model.horizon_, 7)
    some = table["probability_any_purchase"].to_numpy()
    forecasts = {
        name: Forecast(some, table[purchases].to_numpy(), table[spend].to_numpy())
        for name, purchases, spend in (
            ("base", "base_purchases", "base_spend_total"),
            ("choice", "expected_purchases", "expected_spend_total"),
        )
    }
    came = outcome(histories, seen, model.horizon_)
    assert came.purchases.sum() > 0
    return model, judge(forecasts, came, seed=0)["choice"]


def test_cdnow_is_never_worse_than_the_base_beyond_noise():
    log = ck.EventLog(ck.datasets.load_cdnow())
    _, verdict = held_out(log, "1998-04-01", "13W", n_cutoffs=1)
    assert verdict.score <= 2 * verdict.noise


def test_online_retail_is_never_worse_than_the_base_beyond_noise(online_retail):
    for as_of, horizon in (("2011-08-20", "8W"), ("2011-09-01", "100D")):
        _, verdict = held_out(online_retail, as_of, horizon)
        assert verdict.score <= 2 * verdict.noise, (as_of, horizon)


def test_complete_journey_is_better_than_the_base(data_folder):
    lines = pd.read_parquet(
        data_folder / "completejourney" / "transactions.parquet",
        columns=["household_id", "transaction_timestamp", "sales_value", "basket_id"],
    )
    log = ck.EventLog(lines, "household_id", "transaction_timestamp", "sales_value", "basket_id")
    model, verdict = held_out(log, "2017-10-01", "13W")
    assert model.chosen_ != "base"
    assert verdict.score < -2 * verdict.noise
