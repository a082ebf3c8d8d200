"""Split and forecast: the cut by brute force, models of logs beside models of customers."""

from datetime import datetime

import numpy as np
import pandas as pd
import pytest

import crmkit as ck
from crmkit.clv import BetaGeoModel, BoostedLifetimeValue, GammaGammaModel, ParetoNBDModel
from crmkit.exceptions import DataError, DataWarning
from crmkit.pipelines import holdout_report
from crmkit.pipelines._split import Split, forecast, known, past
from tests.contracts.event_level import events, log_of
from tests.contracts.frame_kinds import FRAMES

pytestmark = pytest.mark.filterwarnings("ignore::crmkit.exceptions.CrmkitWarning")

START, UNTIL = datetime(2024, 4, 1), datetime(2024, 5, 13)


@pytest.fixture(scope="module")
def cdnow():
    frame = ck.datasets.load_cdnow(sample=True)
    return ck.EventLog(frame[frame["customer_id"] < "04000"])


def split_of(log):
    return Split(log, past(log, START, "D"), START, UNTIL, "D")


def test_later_spend_by_brute_force():
    frame = events()
    split = split_of(log_of(frame))
    later = frame[(frame["timestamp"] >= START) & (frame["timestamp"] < UNTIL)]
    paid = later[later["amount"] >= 0].groupby("customer_id")["amount"].sum()
    np.testing.assert_allclose(split.spend(), paid.reindex(split.ids, fill_value=0), atol=1e-9)


def test_refunds_above_purchases_count_as_nothing():
    frame = events()
    frame.loc[frame["timestamp"] >= START, "amount"] *= -1
    split = split_of(log_of(frame, returns="net"))
    assert split.spend().min() == 0.0


def test_hiatus_is_the_time_since_the_last_purchase():
    split = split_of(log_of(events()))
    days = split.column(split.seen, "days_since_last")
    np.testing.assert_allclose(split.hiatus, days - 1)  # days begin after the one of the purchase


def test_a_model_of_logs_learns_from_the_past_for_the_same_horizon(cdnow):
    start = datetime(1998, 4, 1)
    split = Split(cdnow, past(cdnow, start, "W"), start, datetime(1998, 7, 1), "W")
    model = BoostedLifetimeValue()
    purchases, spend = forecast(model, split, 13.0)
    seen = ck.EventLog(cdnow.data[cdnow.data["timestamp"] < "1998-04-01"])
    direct = BoostedLifetimeValue(horizon="13W", unit="W").fit(seen, as_of=start)
    table = direct.predict(seen, as_of=start).set_index("customer_id").loc[split.ids]
    np.testing.assert_array_equal(purchases, table["expected_purchases"])
    np.testing.assert_array_equal(spend, table["expected_spend_total"])
    assert model.horizon_ == 91


def test_a_model_of_customers_leaves_spend_to_others(cdnow):
    start = datetime(1998, 4, 1)
    split = Split(cdnow, past(cdnow, start, "W"), start, datetime(1998, 7, 1), "W")
    purchases, spend = forecast(BetaGeoModel(), split, 13.0)
    expected = BetaGeoModel().fit(split.seen).predict(split.seen, 13.0)
    np.testing.assert_array_equal(purchases, expected)
    assert spend is None


def test_a_model_of_logs_in_the_report(cdnow):
    report = holdout_report(
        cdnow,
        "1998-04-01",
        "13W",
        purchases=[BetaGeoModel(), BoostedLifetimeValue()],
        spend=GammaGammaModel(),
    )
    assert list(report.predictions)[:2] == ["BetaGeoModel", "BoostedLifetimeValue"]
    assert list(report.spend_predictions)[:3] == [
        "BetaGeoModel x GammaGammaModel",
        "BetaGeoModel x AverageSpendModel",
        "BoostedLifetimeValue",
    ]
    assert list(report.intervals) == ["BetaGeoModel", "NBDModel"]
    names = [line.split("  ")[0] for line in str(report).splitlines()]
    assert names.count("BoostedLifetimeValue") == 2  # no brackets: it is no baseline
    assert isinstance(report.scores("spend"), pd.DataFrame)


@pytest.mark.parametrize("kind", FRAMES)
def test_what_is_known_of_customers_goes_to_the_models_that_ask(cdnow, kind):
    ids = sorted(cdnow.data["customer_id"].unique(), reverse=True)
    facts = pd.DataFrame({"customer_id": ids, "late": np.arange(len(ids)) % 3, "unused": 1})
    model = ParetoNBDModel(covariates=["late"])
    seen = past(cdnow, datetime(1997, 10, 1), "W", [model], FRAMES[kind](facts))
    expected = facts.set_index("customer_id")["late"][seen["customer_id"]]
    assert seen["late"].tolist() == expected.tolist()
    assert "unused" not in seen


def test_a_report_with_covariates(cdnow):
    ids = cdnow.data["customer_id"].unique()
    facts = pd.DataFrame({"customer_id": ids, "late": np.arange(len(ids)) % 2})
    report = holdout_report(
        cdnow,
        "1997-10-01",
        "39W",
        purchases=ParetoNBDModel(covariates=["late"]),
        covariates=facts,
        level=None,
    )
    model = report.models["ParetoNBDModel"]
    assert list(model.feature_names_in_)[-1] == "late"
    with pytest.raises(DataError, match="ParetoNBDModel: column 'late' not found"):
        holdout_report(cdnow, "1997-10-01", "39W", purchases=ParetoNBDModel(covariates=["late"]))


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda f: f.iloc[1:], "covariates lacks 1 of 2 customers \\(first 'a'\\)"),
        (lambda f: pd.concat([f, f]), "covariates has 2 repeated customers in 'customer_id'"),
        (lambda f: f.drop(columns="customer_id"), "column 'customer_id' not found"),
        (lambda f: f.drop(columns="late"), "column 'late' not found"),
    ],
)
def test_covariates_that_do_not_fit_are_refused(change, text):
    facts = pd.DataFrame({"customer_id": ["a", "b"], "late": [0.0, 1.0]})
    with pytest.raises(DataError, match=f"holdout_report: {text}"):
        known(change(facts), ["late"], "customer_id", np.array(["a", "b"], dtype=object))


def test_covariates_with_ids_of_another_type_are_told():
    facts = pd.DataFrame({"customer_id": ["7", "8"], "late": [0.0, 1.0]})
    text = r"lacks 2 of 2 customers \(first 7\)\. Its ids are of another type, such as '7': convert"
    with pytest.raises(DataError, match=text):
        known(facts, ["late"], "customer_id", np.array([7, 8]))


def test_covariates_that_no_model_reads_are_told(cdnow):
    facts = pd.DataFrame({"customer_id": ["00004"], "late": [1.0]})
    with pytest.warns(DataWarning, match="holdout_report: no model reads covariates"):
        past(cdnow, datetime(1997, 10, 1), "W", [BetaGeoModel()], facts)


def test_equal_silences_are_equal_numbers():
    """Customers come on 60 days in a row and are last seen on one day: all are quiet alike."""
    ids = [f"{number:02d}" for number in range(60)]
    first = pd.DataFrame({"customer_id": ids, "timestamp": pd.date_range("2024-01-01", periods=60)})
    last = pd.DataFrame({"customer_id": ids, "timestamp": pd.Timestamp("2024-03-20")})
    end = pd.DataFrame({"customer_id": ["00"], "timestamp": pd.Timestamp("2024-04-10")})
    log = ck.EventLog(pd.concat([first, last, end]), amount=None)
    split = Split(log, past(log, START, "W"), START, datetime(2024, 4, 8), "W")
    assert len(np.unique(split.T - split.recency)) > 1  # what rounding makes of it
    assert np.unique(split.hiatus).tolist() == [11 / 7]


@pytest.mark.parametrize("kind", FRAMES)
@pytest.mark.parametrize("returns", ["exclude", "net"])
def test_who_buys_nothing_spends_nothing(kind, returns):
    """A difference of two running sums would leave 1e-13; so would a purchase and its refund."""
    frame = events(n_customers=40)
    frame["amount"] = frame["amount"].abs() + 0.1
    past_only = frame["customer_id"].isin(sorted(frame["customer_id"].unique())[:20])
    frame = frame[(frame["timestamp"] < START) | ~past_only]
    frame = frame[frame["timestamp"] < UNTIL]
    bought = frame[frame["timestamp"] >= START].groupby("customer_id")["amount"].sum()
    back = frame[frame["timestamp"] >= START].assign(amount=lambda f: -f["amount"])
    log = pd.concat([frame, back]) if returns == "net" else frame
    split = split_of(log_of(FRAMES[kind](log), returns=returns))
    spend = pd.Series(split.spend(), split.ids)
    quiet = ~spend.index.isin(bought.index)
    assert quiet.sum() >= 10
    assert (spend[quiet] == 0.0).all()
    if returns == "net":
        assert (spend == 0.0).all()
    else:
        np.testing.assert_allclose(spend[~quiet], bought[spend.index[~quiet]], rtol=1e-12)
