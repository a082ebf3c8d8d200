"""plot_alive_path: the line by the model itself, logs and dates, ids, refusals."""

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest
from matplotlib.figure import Figure

import crmkit as ck
from crmkit.clv import BetaGeoBetaBinomialModel, BetaGeoModel
from crmkit.exceptions import DataError
from crmkit.plotting import plot_alive_path
from tests.plotting.models import UNKNOWN_UNIT, WEEKLY, log_of

DATES = ["2024-01-01", "2024-02-12", "2024-02-12", "2024-03-04"]
LOG = log_of([*(("ann", day) for day in DATES), ("bob", "2024-06-30")])


def drawn(history=LOG, customer="ann", model=WEEKLY, **options):
    ax = plot_alive_path(model, history, customer, ax=Figure().add_subplot(), **options)
    line, marks = ax.lines
    days = np.asarray(line.get_xdata()).astype("datetime64[D]")
    return ax, dict(zip(map(str, days), line.get_ydata(), strict=True)), marks


def alive(x, t, T):
    rows = pd.DataFrame({"frequency": [x], "recency": [t / 7], "T": [T / 7]})
    return WEEKLY.probability_alive(rows)[0]


def test_each_day_is_what_the_model_said_then():
    ax, line, marks = drawn()
    # The state at the end of a day stands at the midnight after it.
    assert line["2024-01-02"] == 1.0
    assert line["2024-02-12"] == 1.0
    assert line["2024-02-13"] == pytest.approx(alive(1, 42, 42), rel=1e-12)
    assert line["2024-03-04"] == pytest.approx(alive(1, 42, 62), rel=1e-12)
    assert line["2024-03-05"] == pytest.approx(alive(2, 63, 63), rel=1e-12)
    assert line["2024-07-01"] == pytest.approx(alive(2, 63, 181), rel=1e-12)
    assert [str(d) for d in np.asarray(marks.get_xdata()).astype("datetime64[D]")] == sorted(
        set(DATES)
    )
    share = round(100 * alive(2, 63, 181))
    assert ax.get_title(loc="left") == f"Customer ann: P(alive) is {share} % on 2024-07-01"
    assert ax.get_xlabel() == "date (a triangle is a purchase: 3 in all)"


def test_the_last_point_is_that_of_summarize():
    for as_of in ("2024-02-01", "2024-03-04", "2024-05-05"):
        seen = ck.summarize(LOG, as_of, "W")
        _, line, _ = drawn(as_of=as_of)
        assert list(line)[-1] == as_of
        assert list(line.values())[-1] == WEEKLY.probability_alive(seen)[0]


def test_dates_alone_do_as_well():
    _, from_log, _ = drawn(as_of="2024-06-01")
    for dates in (DATES, pd.to_datetime(DATES), np.array(DATES[::-1], dtype="datetime64[D]")):
        ax, line, _ = drawn(dates, None, as_of="2024-06-01")
        assert line == from_log
    assert ax.get_title(loc="left").startswith("The customer: P(alive)")


@pytest.mark.parametrize("kind", [pl.from_pandas, duckdb.from_df], ids=["polars", "duckdb"])
def test_logs_of_other_libraries(kind):
    assert drawn(ck.EventLog(kind(LOG.data)))[1] == drawn()[1]


def test_a_purchase_of_one_day_is_kept_on_a_long_line():
    days = ["2010-01-01", "2015-06-06", "2015-06-09"]
    _, line, marks = drawn(days, None, as_of="2024-01-01")
    assert {"2015-06-06", "2015-06-07", "2015-06-10"} <= set(line)
    assert len(marks.get_xdata()) == 3


def test_hours_have_their_own_clock():
    model = BetaGeoModel.from_dict(
        {"init": {"unit": "h"}, "fitted": {"params_": WEEKLY.params_ | {"alpha": 50.0}}}
    )
    dates = ["2024-01-01T08:00", "2024-01-01T11:30"]
    ax = plot_alive_path(model, dates, as_of="2024-01-02", ax=Figure().add_subplot())
    rows = pd.DataFrame({"frequency": [1], "recency": [3.0], "T": [15.0]})
    assert ax.lines[0].get_ydata()[-1] == model.probability_alive(rows)[0]


def test_months_can_be_the_periods():
    params = {"alpha": 1.2, "beta": 0.75, "gamma": 0.66, "delta": 2.78}
    model = BetaGeoBetaBinomialModel.from_dict(
        {"init": {"unit": "M"}, "fitted": {"params_": params}}
    )
    _, line, marks = drawn(model=model, period="M")
    assert list(line) == [f"2024-{month:02}-01" for month in range(2, 8)]
    assert len(marks.get_xdata()) == 3
    seen = ck.summarize(LOG, "2024-07-01", "M", period="M")
    assert list(line.values())[-1] == model.probability_alive(seen)[0]


def test_a_period_that_is_not_over_tells_no_silence():
    params = {"alpha": 1.2, "beta": 0.75, "gamma": 0.66, "delta": 2.78}
    model = BetaGeoBetaBinomialModel.from_dict(
        {"init": {"unit": "M"}, "fitted": {"params_": params}}
    )
    ax, line, _ = drawn(model=model, period="M", as_of="2024-06-03")
    assert line == drawn(model=model, period="M", as_of="2024-06-01")[1]
    assert ax.get_title(loc="left").endswith("on 2024-06-01")
    # In March a purchase is known: the point stands where the line ends, not a month later.
    _, line, _ = drawn(model=model, period="M", as_of="2024-03-10")
    assert list(line)[-2:] == ["2024-03-01", "2024-03-10"]
    seen = ck.summarize(LOG, "2024-03-10", "M", period="M")
    assert list(line.values())[-1] == model.probability_alive(seen)[0]
    for history, who in ((LOG, "ann"), (DATES, None)):
        _, line, _ = drawn(history, who, period="W", as_of="2024-06-05")
        assert list(line)[-1] == "2024-06-03"
        ax, _, _ = drawn(history, who, as_of="2024-03-04T12:00")
        assert str(np.asarray(ax.lines[0].get_xdata())[-1]) == "2024-03-04T12:00"
        _, line, _ = drawn(history, who, as_of="2024-03-05T12:00")
        assert list(line)[-1] == "2024-03-05"


def test_time_that_nobody_watched_is_refused():
    with pytest.raises(DataError, match=r"as_of=2030-01-01 is after the end of the log \(2024-07"):
        drawn(as_of="2030-01-01")
    _, line, _ = drawn(DATES, None, as_of="2030-01-01")  # who was watched so long says so
    assert list(line)[-1] == "2030-01-01"


def test_one_day_is_a_dot():
    ax, line, _ = drawn(["2024-01-01"], None, as_of="2024-01-02")
    assert line == {"2024-01-02": 1.0}
    assert ax.lines[0].get_marker() == "o"
    ax, _, _ = drawn(["2024-01-01"], None, as_of="2024-01-03")
    assert ax.lines[0].get_marker() == ""


def test_numbers_are_no_dates():
    for dates in ([1, 5, 9], [1.5], np.array([1, 5])):
        with pytest.raises(DataError, match=r"a list of purchase dates, got .*are no dates"):
            drawn(dates, None, as_of="2024-06-01")
    moments = np.array(DATES, dtype="datetime64[ns]")
    assert drawn(moments, None, as_of="2024-06-01")[1] == drawn(as_of="2024-06-01")[1]


def test_unknown_customers_get_a_hint():
    with pytest.raises(
        DataError, match=r"no customer 'anne' in column 'customer_id'\. Did you mea"
    ):
        drawn(customer="anne")
    with pytest.raises(DataError, match=r"no customer 'zzzz'.*Ids look like 'ann'; 2 have bought"):
        drawn(customer="zzzz")
    with pytest.raises(DataError, match=r"customer 'bob' had not bought before as_of=2024-03-01"):
        drawn(customer="bob", as_of="2024-03-01")
    with pytest.raises(DataError, match=r"no customer 'carl' in .* before as_of=2024-03-01"):
        drawn(customer="carl", as_of="2024-03-01")
    numbers = ck.EventLog(LOG.data.assign(customer_id=[7, 7, 7, 7, 12]))
    with pytest.raises(DataError, match=r"Ids are whole numbers here: customer=12"):
        drawn(numbers, "12")
    assert drawn(numbers, 7)[1] == drawn()[1]


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(DataError, match="say which customer of the log"):
        drawn(customer=None)
    with pytest.raises(DataError, match=r"does not tell how long .* watched: pass as_of"):
        drawn(DATES, None)
    with pytest.raises(
        DataError, match=r"no purchase before as_of=2023-01-01 \(the first is on 20"
    ):
        drawn(DATES, None, as_of="2023-01-01")
    with pytest.raises(DataError, match="an EventLog or a list of purchase dates, got list"):
        drawn(["yesterday"], None, as_of="2024-01-01")
    with pytest.raises(DataError, match="2 dates, some missing"):
        drawn([DATES[0], None], None, as_of="2024-06-01")
    with pytest.raises(DataError, match="dates with a time zone: pass an EventLog"):
        drawn(pd.to_datetime(DATES).tz_localize("UTC"), None, as_of="2024-06-01")
    with pytest.raises(DataError, match="unit of the model is not known"):
        drawn(model=UNKNOWN_UNIT)
    with pytest.raises(DataError, match="is not fitted"):
        drawn(model=BetaGeoModel())
