"""holdout_report: actual purchases by brute force, no leak from the future, honest baselines."""

from datetime import UTC

import numpy as np
import pandas as pd
import pytest

import crmkit as ck
from crmkit.clv import BetaGeoModel, GammaGammaModel, NBDModel
from crmkit.exceptions import DataError
from crmkit.pipelines import holdout_report
from tests.contracts.event_level import events, log_of
from tests.contracts.frame_kinds import FRAMES

# The small made-up logs have no dropout to learn, which the models say.
pytestmark = pytest.mark.filterwarnings("ignore::crmkit.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module")
def cdnow():
    return ck.EventLog(ck.datasets.load_cdnow(sample=True))


def test_actual_purchases_by_brute_force():
    frame = events(n_customers=30)
    report = holdout_report(log_of(frame), as_of="2024-04-01", horizon=6, level=None)
    assert report.until == pd.Timestamp("2024-05-13")
    bought = frame[frame["amount"] >= 0].assign(day=lambda f: f["timestamp"].dt.normalize())
    past = bought[bought["timestamp"] < "2024-04-01"]
    held = bought[(bought["timestamp"] >= "2024-04-01") & (bought["timestamp"] < report.until)]
    counts = held.groupby("customer_id")["day"].nunique()
    ids = sorted(past["customer_id"].unique())
    assert report.actual.tolist() == counts.reindex(ids, fill_value=0).tolist()
    repeats = past.groupby("customer_id")["day"].nunique() - 1
    assert report.calibration_frequency.tolist() == repeats.reindex(ids).tolist()
    last = past.groupby("customer_id")["day"].max()
    weeks = (pd.Timestamp("2024-03-31") - last) / pd.Timedelta(weeks=1)
    np.testing.assert_allclose(report.calibration_silence, weeks.reindex(ids))


def test_customers_who_come_later_are_not_in_it(cdnow):
    report = holdout_report(cdnow, as_of="1997-02-01", horizon=39, level=None)
    assert report.n_customers < 2357
    assert len(report.actual) == report.n_customers


def test_the_past_alone_makes_the_predictions():
    frame = events()
    log = log_of(frame)
    changed = frame.assign(amount=frame["amount"].where(frame["timestamp"] < "2024-04-01", 1e5))
    one = holdout_report(log, "2024-04-01", 4, level=None).predictions
    two = holdout_report(log_of(changed), "2024-04-01", 4, level=None).predictions
    for name, expected in one.items():
        np.testing.assert_array_equal(two[name], expected)


def test_baselines_by_hand():
    report = holdout_report(log_of(events()), "2024-04-01", 4, level=None)
    customers = ck.summarize(log_of(events()), "2024-04-01", "W")
    rate = customers["frequency"] / customers["T"]
    np.testing.assert_allclose(report.predictions["own rate"], rate * 4)
    mean = customers["frequency"].sum() / customers["T"].sum() * 4
    np.testing.assert_allclose(report.predictions["mean rate"], mean)


def test_cdnow_holdout_agrees_with_the_known_figures(cdnow):
    """lifetimes' BG/NBD on this split: mean absolute error .786, bias -12 %."""
    report = holdout_report(cdnow, "1997-10-01", 39, level=None)
    scores = report.scores()
    names = ["BetaGeoModel", "own rate", "mean rate", "hiatus rule", "NBDModel"]
    assert scores.index.tolist() == names
    model = scores.loc["BetaGeoModel"]
    assert model["mean_absolute_error"] == pytest.approx(0.786, abs=0.001)
    assert model["total_bias"] == pytest.approx(-0.12, abs=0.005)
    assert scores.loc["own rate", "mean_absolute_error"] == pytest.approx(1.024, abs=0.001)
    assert scores.loc["mean rate", "mean_absolute_error"] == pytest.approx(1.382, abs=0.001)
    nbd = scores.loc["NBDModel"]
    assert nbd["mean_absolute_error"] == pytest.approx(1.041, abs=0.001)
    assert nbd["poisson_deviance"] == pytest.approx(1.755, abs=0.001)


@pytest.mark.parametrize("kind", FRAMES)
def test_every_kind_of_frame_gives_the_same_report(kind):
    expected = holdout_report(log_of(events()), "2024-04-01", 4, level=None)
    got = holdout_report(log_of(FRAMES[kind](events())), "2024-04-01", 4, level=None)
    assert got.actual.tolist() == expected.actual.tolist()
    pd.testing.assert_frame_equal(got.scores(), expected.scores())


def test_defaults_hold_out_the_last_third(cdnow):
    report = holdout_report(cdnow, level=None)
    assert report.until == pd.Timestamp("1998-07-01")
    assert (report.until - report.as_of).days == 546 // 3
    assert report.horizon == pytest.approx(182 / 7)
    week = holdout_report(cdnow, horizon="10W", level=None)
    assert week.as_of == pd.Timestamp("1998-07-01") - pd.Timedelta(weeks=10)


@pytest.mark.parametrize(
    ("kwargs", "text"),
    [
        (
            {"as_of": "1998-01-01", "horizon": 39},
            "does not lie within the log, which ends on 1998-07-01",
        ),
        ({"as_of": "1998-07-01"}, "does not lie within the log"),
        ({"horizon": "600D"}, "is not after the first event"),
        ({"unit": "M"}, r"unit must be one of \['h', 'D', 'W'\], got 'M'"),
        ({"horizon": "3M"}, "months differ in length"),
        ({"horizon": 1e12}, "longer than time itself"),
        ({"as_of": "1997-10-01", "horizon": 0}, "horizon must be at least one day, got 0"),
        ({"as_of": "1997-10-01", "horizon": ""}, "horizon must be a finite number .* got ''"),
        ({"as_of": "1997-10-01", "horizon": False}, "horizon must be a finite number .* got Fal"),
        (
            {"as_of": "1997-10-01", "horizon": 0.5},
            'a whole number of days, got 0.5, which is 3.5. Purchases of one .* horizon="4D"',
        ),
        ({"horizon": "84h"}, "horizon must be a whole number of days, got '84h', which is 3.5"),
        ({"level": 80}, "level must be a number between 0 and 1, got 80"),
        (
            {"as_of": "1997-10-01T12:00", "horizon": 2},
            "must begin with a whole day, got 1997-10-01 12",
        ),
    ],
)
def test_errors_teach(cdnow, kwargs, text):
    with pytest.raises(DataError, match=text):
        holdout_report(cdnow, **kwargs)


def test_the_default_is_whole_hours_of_utc_where_days_begin_on_half_hours(cdnow):
    frame = cdnow.data.head(2000).assign(
        timestamp=lambda f: f["timestamp"].dt.tz_localize("UTC") + pd.Timedelta(hours=9)
    )
    log = ck.EventLog(frame, tz="Asia/Kolkata")
    report = holdout_report(log, unit="h", level=None)
    for instant in (report.as_of, report.until):
        assert instant.astimezone(UTC).minute == 0
    assert report.horizon == round(report.horizon)
    assert report.until <= log.cutoff(None) < report.until + pd.Timedelta(hours=1)
    exactly = holdout_report(log, horizon=100, unit="h", level=None)
    assert exactly.horizon == 100.0
    with pytest.raises(DataError, match="begin with a whole hour of UTC, got 1997-12-01 00:00"):
        holdout_report(log, "1997-12-01", unit="h")


def test_a_bare_frame_is_refused_with_the_cure():
    with pytest.raises(DataError, match=r"holdout_report: an EventLog is needed, got DataFrame"):
        holdout_report(events())


def test_the_mean_rate_of_a_short_log_by_hand():
    days = pd.date_range("2024-01-01", periods=4, unit="us")
    frame = pd.DataFrame({"customer_id": list("aabb") * 2, "amount": 5.0})
    frame["timestamp"] = [*days, *days]
    log = ck.EventLog(frame.sort_values("timestamp").assign(customer_id=list("ab") * 4))
    report = holdout_report(log, "2024-01-03", horizon="2D", unit="W")
    np.testing.assert_allclose(report.predictions["mean rate"], [2.0, 2.0])
    np.testing.assert_allclose(report.predictions["own rate"], [2.0, 2.0])


def test_hours_are_hours_of_utc_across_a_clock_change():
    rng = np.random.default_rng(0)
    start = pd.Timestamp("2024-03-25", tz="Europe/Berlin")
    frame = pd.DataFrame({"customer_id": rng.integers(0, 20, 400).astype(str), "amount": 5.0})
    frame["timestamp"] = start + pd.to_timedelta(rng.integers(0, 9 * 24 * 60, 400), unit="min")
    log = ck.EventLog(frame, tz="Europe/Berlin")
    report = holdout_report(log, "2024-03-31", horizon=24, unit="h")
    assert report.until.isoformat() == "2024-04-01T01:00:00+02:00"
    assert report.horizon == 24.0


def test_several_models_by_class_or_by_name(cdnow):
    unfitted = BetaGeoModel()
    one = holdout_report(cdnow, "1997-10-01", 39, purchases=[unfitted, NBDModel()], level=None)
    assert list(one.predictions)[:2] == ["BetaGeoModel", "NBDModel"]
    assert list(one.predictions)[2:] == ["own rate", "mean rate", "hiatus rule"]
    assert list(one.models) == ["BetaGeoModel", "NBDModel"]
    assert not hasattr(unfitted, "params_")
    two = {"weak": BetaGeoModel(), "plain": BetaGeoModel(prior=None)}
    named = holdout_report(cdnow, "1997-10-01", 39, purchases=two, level=None)
    assert list(named.models) == ["weak", "plain"]
    assert list(named.predictions)[-1] == "NBDModel"
    np.testing.assert_allclose(named.predictions["weak"], one.predictions["BetaGeoModel"])


def test_the_hiatus_rule_is_tuned_within_the_past(cdnow):
    report = holdout_report(cdnow, "1997-10-01", 39, level=None)
    begin = pd.Timestamp("1997-10-01") - pd.Timedelta(days=273 // 3)
    assert report.hiatus_tuned_from == begin
    customers = ck.summarize(cdnow, "1997-10-01", "W")
    days = np.rint((customers["T"] - customers["recency"]) * 7)
    quiet = days > round(report.hiatus_threshold * 7)
    rule, own = report.predictions["hiatus rule"], report.predictions["own rate"]
    assert (rule[quiet] == 0).all()
    np.testing.assert_array_equal(rule[~quiet], own[~quiet])
    frame = cdnow.data  # what came after the cut-off does not tune it
    later = frame[(frame["timestamp"] < "1997-10-01") | (frame["timestamp"] >= "1998-06-29")]
    again = holdout_report(ck.EventLog(later), "1997-10-01", 39, level=None)
    assert again.hiatus_threshold == report.hiatus_threshold


def test_a_model_gets_the_columns_that_it_asks_for(cdnow):
    class Regular(NBDModel):
        def _column_names(self):
            return ("frequency", "recency", "T", "sum_log_gaps")

        def fit(self, X, y=None):
            self.seen_ = X
            return super().fit(X)

        def _domain(self, x):
            return NBDModel._domain(NBDModel(), x[:, :3])

    report = holdout_report(cdnow, "1997-10-01", 39, purchases=Regular(), level=None)
    seen = report.models["Regular"].seen_
    expected = ck.summarize(cdnow, "1997-10-01", "W", extras="sum_log_gaps")["sum_log_gaps"]
    np.testing.assert_allclose(seen["sum_log_gaps"], expected)


def test_spend_by_brute_force(cdnow):
    report = holdout_report(cdnow, "1997-10-01", 39, spend=GammaGammaModel(), level=None)
    frame = cdnow.data
    ids = sorted(frame["customer_id"].unique())
    later = frame[frame["timestamp"] >= "1997-10-01"].groupby("customer_id")["amount"].sum()
    np.testing.assert_allclose(report.actual_spend, later.reindex(ids, fill_value=0), atol=1e-9)
    assert list(report.spend_predictions) == [
        "BetaGeoModel x GammaGammaModel",
        "BetaGeoModel x AverageSpendModel",
        "own rate x AverageSpendModel",
        "hiatus rule x AverageSpendModel",
        "NBDModel x AverageSpendModel",
        "mean rate x mean spend",
    ]
    customers = ck.summarize(cdnow, "1997-10-01", "W")
    spend = GammaGammaModel().fit(customers).predict(customers)
    np.testing.assert_allclose(
        report.spend_predictions["BetaGeoModel x GammaGammaModel"],
        report.predictions["BetaGeoModel"] * spend,
    )
    mean = customers.loc[customers["frequency"] > 0, "monetary_value"].mean()
    np.testing.assert_allclose(
        report.spend_predictions["mean rate x mean spend"], report.predictions["mean rate"] * mean
    )
    scores = report.scores("spend")
    assert scores.loc["BetaGeoModel x GammaGammaModel", "mean_absolute_error"] == pytest.approx(
        30.4, abs=0.05
    )


def test_spend_needs_amounts(cdnow):
    bare = ck.EventLog(cdnow.data, amount=None)
    with pytest.raises(DataError, match="holdout_report: spend= needs amounts: name their column"):
        holdout_report(bare, "1997-10-01", 39, spend=GammaGammaModel())
    assert holdout_report(bare, "1997-10-01", 39, level=None).actual_spend is None


def test_intervals_have_a_seed():
    frame = events(n_customers=200)
    report = holdout_report(log_of(frame), "2024-04-01", 6, random_state=1)
    again = holdout_report(log_of(frame), "2024-04-01", 6, random_state=1)
    assert list(report.intervals) == ["BetaGeoModel", "NBDModel"]
    for name, bounds in report.intervals.items():
        assert bounds.shape == (report.n_customers, 2)
        np.testing.assert_array_equal(bounds, again.intervals[name])
    assert (report.coverage()["coverage"] > 0.7).all()


def test_online_retail_agrees_with_the_known_figures(online_retail_lines):
    """Peers on this split: NBD .997 / 1.626, own rate .967 / 1.590, mean rate 1.347 / 2.466."""
    paid = online_retail_lines[online_retail_lines["Revenue"] > 0]
    log = ck.EventLog(paid, customer="CustomerID", when="InvoiceDate", amount="Revenue")
    report = holdout_report(log, "2011-09-01", "100D", level=None)
    assert report.n_customers == 3317
    errors = report.scores()[["mean_absolute_error", "root_mean_squared_error"]]
    for name, known in {
        "BetaGeoModel": (0.997, 1.627),
        "NBDModel": (0.997, 1.626),
        "own rate": (0.967, 1.590),
        "mean rate": (1.347, 2.466),
    }.items():
        np.testing.assert_allclose(errors.loc[name], known, atol=0.001)
