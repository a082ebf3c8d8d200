"""holdout_report: actual purchases by brute force, no leak from the future, honest baselines."""

import numpy as np
import pandas as pd
import pytest

import crmkit as ck
from crmkit.exceptions import DataError
from crmkit.pipelines import holdout_report
from tests.contracts.event_level import FRAMES, events, log_of

# The small made-up logs have no dropout to learn, which the models say.
pytestmark = pytest.mark.filterwarnings("ignore::crmkit.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module")
def cdnow():
    return ck.EventLog(ck.datasets.load_cdnow(sample=True))


def test_actual_purchases_by_brute_force():
    frame = events(n_customers=30)
    report = holdout_report(log_of(frame), as_of="2024-04-01", horizon=6)
    assert report.until == pd.Timestamp("2024-05-13")
    bought = frame[frame["amount"] >= 0].assign(day=lambda f: f["timestamp"].dt.normalize())
    past = bought[bought["timestamp"] < "2024-04-01"]
    held = bought[(bought["timestamp"] >= "2024-04-01") & (bought["timestamp"] < report.until)]
    counts = held.groupby("customer_id")["day"].nunique()
    ids = sorted(past["customer_id"].unique())
    assert report.actual.tolist() == counts.reindex(ids, fill_value=0).tolist()
    repeats = past.groupby("customer_id")["day"].nunique() - 1
    assert report.calibration_frequency.tolist() == repeats.reindex(ids).tolist()


def test_customers_who_come_later_are_not_in_it(cdnow):
    report = holdout_report(cdnow, as_of="1997-02-01", horizon=39)
    assert report.n_customers < 2357
    assert len(report.actual) == report.n_customers


def test_the_past_alone_makes_the_predictions():
    frame = events()
    log = log_of(frame)
    changed = frame.assign(amount=frame["amount"].where(frame["timestamp"] < "2024-04-01", 1e5))
    one = holdout_report(log, "2024-04-01", 4).predictions
    two = holdout_report(log_of(changed), "2024-04-01", 4).predictions
    for name, expected in one.items():
        np.testing.assert_array_equal(two[name], expected)


def test_baselines_by_hand():
    report = holdout_report(log_of(events()), "2024-04-01", 4)
    customers = ck.summarize(log_of(events()), "2024-04-01", "W")
    rate = customers["frequency"] / customers["T"]
    np.testing.assert_allclose(report.predictions["own rate"], rate * 4)
    mean = customers["frequency"].sum() / customers["T"].sum() * 4
    np.testing.assert_allclose(report.predictions["mean rate"], mean)


def test_cdnow_holdout_agrees_with_the_known_figures(cdnow):
    """lifetimes' BG/NBD on this split: mean absolute error .786, bias -12 %."""
    report = holdout_report(cdnow, "1997-10-01", 39)
    scores = report.scores()
    assert scores.index.tolist() == ["BetaGeoModel", "own rate", "mean rate"]
    model = scores.loc["BetaGeoModel"]
    assert model["mean_absolute_error"] == pytest.approx(0.786, abs=0.001)
    assert model["total_bias"] == pytest.approx(-0.12, abs=0.005)
    assert scores.loc["own rate", "mean_absolute_error"] == pytest.approx(1.024, abs=0.001)
    assert scores.loc["mean rate", "mean_absolute_error"] == pytest.approx(1.382, abs=0.001)


@pytest.mark.parametrize("kind", FRAMES)
def test_every_kind_of_frame_gives_the_same_report(kind):
    expected = holdout_report(log_of(events()), "2024-04-01", 4)
    got = holdout_report(log_of(FRAMES[kind](events())), "2024-04-01", 4)
    assert got.actual.tolist() == expected.actual.tolist()
    pd.testing.assert_frame_equal(got.scores(), expected.scores())


def test_defaults_hold_out_the_last_third(cdnow):
    report = holdout_report(cdnow)
    assert report.until == pd.Timestamp("1998-07-01")
    assert (report.until - report.as_of).days == 546 // 3
    assert report.horizon == pytest.approx(182 / 7)
    week = holdout_report(cdnow, horizon="10W")
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
        (
            {"as_of": "1997-10-01T12:00", "horizon": 2},
            "must begin with a whole day, got 1997-10-01 12",
        ),
    ],
)
def test_errors_teach(cdnow, kwargs, text):
    with pytest.raises(DataError, match=text):
        holdout_report(cdnow, **kwargs)


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
