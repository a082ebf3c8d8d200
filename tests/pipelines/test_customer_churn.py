"""Churn in the customer table: both sources, no lost row, no silent NaN, profit of an offer."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
import skops.io as sio
from sklearn.base import clone

from crmkit import EventLog, summarize
from crmkit.churn import BTYDChurn, RetentionValue
from crmkit.clv import CustomerLifetimeValue
from crmkit.exceptions import ConvergenceWarning, DataError, DataWarning
from crmkit.pipelines import ChurnPipeline, CustomerValuePipeline
from crmkit.pipelines._customer_churn import in_unit_of_ages, seen_at
from tests.contracts.event_level import same
from tests.contracts.frame_kinds import FRAMES
from tests.pipelines._quick import quick, shop

DAY = "2024-10-20"
LOG = EventLog(shop())
OFFER = RetentionValue(offer_cost=5.0, contact_cost=0.5, acceptance=0.4)
FORMER = [
    "probability_alive",
    "probability_no_purchase",
    "expected_spend",
    "clv",
    "clv_low",
    "clv_high",
    "clv_rank",
]

pytestmark = pytest.mark.filterwarnings("ignore::crmkit.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module")
def fitted():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return CustomerValuePipeline(churn=quick(), offer=OFFER).fit(LOG, as_of=DAY)


@pytest.fixture(scope="module")
def table(fitted):
    return fitted.transform(LOG, as_of=DAY)


def test_without_churn_the_columns_are_the_former_ones(table):
    plain = CustomerValuePipeline(churn=None).fit_transform(LOG, as_of=DAY)
    assert plain.columns[-7:].tolist() == FORMER
    pd.testing.assert_frame_equal(table[plain.columns.tolist()], plain)
    assert table.columns[len(plain.columns) :].tolist() == [
        "probability_churn",
        "churn_source",
        "churn_reasons",
        "value_at_risk",
        "expected_profit",
        "treat",
    ]


def test_the_active_are_scored_by_the_recipe(table):
    scored = quick().fit_transform(LOG, as_of=DAY)
    active_rows = table[table["churn_source"] == "classifier"]
    columns = ["customer_id", "probability_churn", "churn_reasons"]
    pd.testing.assert_frame_equal(active_rows[columns].reset_index(drop=True), scored)


def test_the_silent_have_the_purchase_model_and_say_so(fitted, table):
    silent = table[table["churn_source"] == "purchase model"]
    assert len(silent) > 20
    assert (silent["days_since_last"] > fitted.churn_.within_).all()
    model = BTYDChurn(fitted.value_.purchases_, horizon="28D")
    customers = summarize(LOG, DAY, "W")
    expected = model.fit(customers).predict_proba(customers)[:, 1]
    np.testing.assert_allclose(silent["probability_churn"], expected[silent.index], rtol=1e-12)
    days = silent["days_since_last"].iloc[0]
    assert silent["churn_reasons"].iloc[0] == (
        f"last purchase {days} days ago, outside the population (active within 56D): probability "
        "of no purchase by the purchase model"
    )


def test_no_customer_is_lost_and_nothing_is_missing(table):
    assert table["customer_id"].tolist() == summarize(LOG, DAY, "W")["customer_id"].tolist()
    assert table["probability_churn"].between(0, 1).all()
    assert np.isfinite(table.select_dtypes("number").to_numpy(dtype=float)).all()
    assert (table["churn_reasons"].str.len() > 20).all()


def test_value_at_risk_and_profit_by_hand(table):
    p, v = table["probability_churn"], table["clv"]
    np.testing.assert_allclose(table["value_at_risk"], p * v)
    profit = p * (0.4 * (v - 5.0) - 0.5) - (1 - p) * (5.0 + 0.5)
    np.testing.assert_allclose(table["expected_profit"], profit)
    active = table["churn_source"] == "classifier"
    assert table["treat"].tolist() == ((profit > 0) & (v > 5.0) & active).tolist()
    assert ((profit > 0) & (v > 5.0) & ~active).any(), "nobody has tested an offer to the silent"
    assert 0 < table["treat"].sum() < len(table)


def test_without_costs_no_profit_is_told():
    columns = CustomerValuePipeline(churn=quick()).fit_transform(LOG, as_of=DAY).columns.tolist()
    assert columns[-1] == "value_at_risk"


def test_later_customers_are_scored_by_what_was_learnt(fitted):
    later = fitted.transform(LOG, as_of="2024-10-27")
    scored = fitted.churn_.transform(LOG, as_of="2024-10-27")
    rows = later[later["churn_source"] == "classifier"]
    np.testing.assert_array_equal(rows["probability_churn"], scored["probability_churn"])
    assert fitted.churn_.as_of_ == "2024-10-20T00:00:00"


def test_fit_transform_is_fit_then_transform(table):
    one = CustomerValuePipeline(churn=quick(), offer=OFFER).fit_transform(LOG, as_of=DAY)
    pd.testing.assert_frame_equal(one, table)


def test_the_future_changes_nothing(table):
    frame = shop()
    known = EventLog(frame[frame["timestamp"] < DAY])
    again = CustomerValuePipeline(churn=quick(), offer=OFFER).fit_transform(known, as_of=DAY)
    pd.testing.assert_frame_equal(again, table)


@pytest.mark.parametrize("kind", FRAMES)
def test_every_kind_of_frame_gives_the_same(kind, table):
    data = FRAMES[kind](shop())
    got = CustomerValuePipeline(churn=quick(), offer=OFFER).fit_transform(EventLog(data), as_of=DAY)
    assert type(got) is type(data)
    same(got, table)


def test_copies_describe_alike(fitted, table):
    data = sio.dumps(fitted)
    by_skops = sio.loads(data, trusted=sio.get_untrusted_types(data=data))
    refitted = clone(fitted).fit(LOG, as_of=DAY)
    for copy in (pickle.loads(pickle.dumps(fitted)), by_skops, refitted):
        pd.testing.assert_frame_equal(copy.transform(LOG, as_of=DAY), table)


def test_a_short_log_warns_once_and_has_the_purchase_model():
    pipe = CustomerValuePipeline(churn=quick(horizon="120D"), offer=OFFER)
    with pytest.warns(DataWarning) as heard:
        made = pipe.fit_transform(LOG, as_of="2024-05-01")
    told = [str(w.message) for w in heard if issubclass(w.category, DataWarning)]
    assert len(told) == 1
    assert told[0].startswith(
        "CustomerValuePipeline: churn cannot be learnt from this log, so probability_churn is what "
        "the purchase model says, for all customers. ChurnPipeline: the log is too short."
    )
    assert heard[0].filename == __file__
    assert (pipe.churn_, pipe.churn_horizon_) == (None, 120)
    assert pipe.churn_note_.startswith("ChurnPipeline: the log is too short.")
    assert set(made["churn_source"]) == {"purchase model"}
    assert made["churn_reasons"].iloc[0].startswith("churn could not be learnt from this log")
    expected = pipe.value_.purchases_.probability_no_purchase(
        summarize(LOG, "2024-05-01", "W"), 120 / 7
    )
    np.testing.assert_allclose(made["probability_churn"], expected)
    assert np.isfinite(made["expected_profit"]).all()


def test_a_wrong_recipe_is_an_error_and_no_warning():
    with pytest.raises(DataError, match="ChurnPipeline: n_cutoffs must be a whole number"):
        CustomerValuePipeline(churn=ChurnPipeline(n_cutoffs=0)).fit(LOG, as_of=DAY)


def test_when_all_are_silent_every_row_is_there(fitted):
    quiet = pd.concat(
        [shop(), pd.DataFrame({"customer_id": ["z"], "timestamp": [pd.Timestamp("2026-01-01")]})]
    ).fillna({"amount": 1.0})
    made = fitted.transform(EventLog(quiet), as_of="2025-12-01")
    assert len(made) == shop()["customer_id"].nunique()
    assert set(made["churn_source"]) == {"purchase model"}


def test_on_the_first_day_nobody_has_a_snapshot(fitted):
    log = EventLog(shop())
    first = log.first_event
    assert seen_at(fitted.churn_, log, first.replace(hour=23, minute=59)).features is None
    made = fitted.transform(log, as_of=first.replace(hour=23, minute=59))
    assert set(made["churn_source"]) == {"purchase model"}


def test_months_are_a_unit_too():
    value = CustomerLifetimeValue(horizon=12)
    pipe = CustomerValuePipeline(unit="M", value=value, churn=quick()).fit(LOG, as_of=DAY)
    made = pipe.transform(LOG, as_of=DAY)
    assert made["probability_churn"].between(0, 1).all()
    assert in_unit_of_ages(28, "M") == pytest.approx(28 * 12 / 365.25)
    assert in_unit_of_ages(28, "W") == 4.0


@pytest.mark.parametrize(
    ("kwargs", "text"),
    [
        ({"churn": "yes"}, r"churn must be a ChurnPipeline, \"auto\" or None, got 'yes'"),
        ({"offer": 10.0}, r"offer must be a RetentionValue.*got 10\.0"),
        ({"churn": None, "offer": OFFER}, "needs the churn risk, which churn=None leaves out"),
    ],
)
def test_wrong_parts_are_refused(kwargs, text):
    with pytest.raises(DataError, match=f"CustomerValuePipeline: .*{text}"):
        CustomerValuePipeline(**kwargs).fit(LOG, as_of=DAY)
