"""inter_purchase_time and suggest_horizon: pauses by hand, censoring, known truth, real shops."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_array_equal

import crmkit as ck
from crmkit.churn import inter_purchase_time, suggest_horizon
from crmkit.events._pauses import pauses
from crmkit.exceptions import DataError, DataWarning


def log_of(*rows, **names):
    frame = pd.DataFrame(rows, columns=["customer_id", "timestamp", "amount"])
    return ck.EventLog(
        frame.assign(timestamp=pd.to_datetime(frame["timestamp"], format="ISO8601")), **names
    )


def renewals(n, shape, days=700, seed=0):
    """Customers who pause for a gamma time of mean 30 days, for ever."""
    random = np.random.default_rng(seed)
    steps = random.gamma(shape, 30.0 / shape, (n, 120))
    ages = np.cumsum(np.column_stack([random.uniform(0, 300, n), steps]), axis=1)
    who, when = np.repeat(np.arange(n), ages.shape[1]), ages.ravel()
    start = pd.Timestamp("2022-01-01")
    frame = pd.DataFrame({"customer_id": who, "timestamp": start + pd.to_timedelta(when, "D")})
    return ck.EventLog(frame[when < days].assign(amount=1.0))


def test_units_are_whole_periods():
    log = log_of(("a", "2024-01-31", 1.0), ("a", "2024-03-01", 1.0))
    curve = inter_purchase_time(log, as_of="2024-05-01", unit="M")
    assert curve.unit == "M"
    assert curve.times.tolist() == [1.0, 2.0]
    assert curve.events.tolist() == [0, 1]


def test_left_out_pauses_bias_and_the_curve_does_not():
    """Pauses of mean 30 days, watched for 60: half of the long ones are not seen to end."""
    log = renewals(1500, 1.0, days=345)
    durations, ended = pauses(log, None, "D", "test")
    truth = 30 * np.log(2)
    finished = np.median(durations[ended == 1])
    assert abs(inter_purchase_time(log).median - truth) <= 1.0
    assert finished < inter_purchase_time(log).median


def test_the_interval_holds_the_truth_of_equal_customers():
    curve = inter_purchase_time(renewals(400, 2.0))
    day = 25
    at = np.flatnonzero(curve.times == day)[0]
    truth = (1 + 2 * day / 30) * np.exp(-2 * day / 30)  # gamma of shape 2; days are rounded
    assert curve.survival[at] == pytest.approx(truth, abs=0.03)


def test_horizons_are_whole_weeks_and_rise_with_the_share():
    log = renewals(400, 2.0)
    # quantiles .5, .8, .9 of the gamma are 25.2, 44.9 and 58.3 days
    assert [suggest_horizon(log, share) for share in (0.5, 0.8, 0.9)] == ["28D", "49D", "63D"]


def test_customers_who_never_come_back_do_not_lengthen_the_horizon():
    log = renewals(400, 2.0)
    once = pd.DataFrame({"customer_id": np.arange(5000, 5400), "amount": 1.0})
    once["timestamp"] = pd.Timestamp("2022-01-05")
    both = ck.EventLog(pd.concat([log.data, once], ignore_index=True))
    assert inter_purchase_time(both).quantile(0.99) > inter_purchase_time(log).quantile(0.99)
    assert int(suggest_horizon(both)[:-1]) <= int(suggest_horizon(log)[:-1]) + 7


def test_other_frames_and_orders_of_rows_agree():
    log = renewals(60, 2.0)
    frame = log.data
    shuffled = ck.EventLog(frame.sample(frac=1.0, random_state=0))
    by_polars = ck.EventLog(pl.from_pandas(frame))
    for other in (shuffled, by_polars):
        assert_array_equal(inter_purchase_time(other).survival, inter_purchase_time(log).survival)
        assert suggest_horizon(other) == suggest_horizon(log)


def test_what_lies_behind_the_cut_off_does_not_matter():
    log = renewals(60, 2.0)
    early = ck.EventLog(log.data[log.data["timestamp"] < "2023-01-01"])
    a, b = (inter_purchase_time(each, as_of="2023-01-01") for each in (log, early))
    assert_array_equal(a.survival, b.survival)
    assert_array_equal(a.at_risk, b.at_risk)


def test_a_log_too_short_for_its_horizon_is_told():
    log = log_of(*[(who, day, 1.0) for who in "abc" for day in ("2024-01-01", "2024-02-10")])
    with pytest.warns(DataWarning, match="42 days is more than a third of the 41 days"):
        assert suggest_horizon(log) == "42D"


def test_refusals():
    log = log_of(("a", "2024-01-01", 1.0), ("b", "2024-01-01", 1.0))
    with pytest.raises(DataError, match="nobody bought on two days"):
        suggest_horizon(log)
    with pytest.raises(DataError, match="inter_purchase_time: an EventLog is needed"):
        inter_purchase_time(log.data)
    with pytest.raises(DataError, match="unit must be one of"):
        inter_purchase_time(log, unit="Y")
    with pytest.raises(DataError, match="share must be a number between 0 and 1"):
        suggest_horizon(log, share=80)
    returned = log_of(("a", "2024-01-01", -1.0), ("b", "2024-02-01", 1.0))
    with pytest.raises(DataError, match="no purchases before as_of"):
        inter_purchase_time(returned, as_of="2024-01-15")


def test_online_retail(online_retail):
    durations, ended = pauses(online_retail, None, "D", "test")
    assert np.median(durations[ended == 1]) == 28.0
    assert inter_purchase_time(online_retail).median == 40.0
