"""plot_tracking: counts by hand, the expected line by the model, steps, population, refusals."""

import tracemalloc
import warnings

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from matplotlib.figure import Figure
from scipy.interpolate import PchipInterpolator

import crmkit as ck
from crmkit.clv import BetaGeoBetaBinomialModel, BetaGeoModel, ParetoNBDModel
from crmkit.exceptions import ConvergenceWarning, DataError
from crmkit.plotting import plot_tracking
from crmkit.plotting._follow import asked_ages, at_own_age, follow, step_ends
from tests.plotting.models import DAILY, UNKNOWN_UNIT, WEEKLY, invented, log_of

PURCHASES = [
    ("a", "2024-01-01"),
    ("a", "2024-01-03"),
    ("a", "2024-01-03"),  # the same day: counts once
    ("a", "2024-01-20"),
    ("b", "2024-01-05"),
    ("b", "2024-01-30"),
    ("c", "2024-01-16"),  # first seen after as_of: not followed
    ("c", "2024-01-25"),
    ("a", "2024-02-11"),
]
LOG = log_of(PURCHASES)
AS_OF = "2024-01-15"


def drawn(model=WEEKLY, log=LOG, as_of=AS_OF, **options):
    ax = plot_tracking(model, log, as_of, ax=Figure().add_subplot(), **options)
    actual, expected = (line.get_ydata() for line in ax.lines[:2])
    dates = np.asarray(ax.lines[0].get_xdata()).astype("datetime64[D]")
    return ax, [str(d) for d in dates], np.asarray(actual), np.asarray(expected)


def of_new(age):
    return WEEKLY.predict(pd.DataFrame({"frequency": [0], "recency": [0.0], "T": [0.0]}), age)[0]


def test_cumulative_purchases_by_hand():
    _, dates, actual, expected = drawn()
    days = ["01-01", "01-08", "01-15", "01-22", "01-29", "02-05", "02-12"]
    assert dates == [f"2024-{day}" for day in days]
    assert actual.tolist() == [0, 1, 1, 2, 2, 3, 4]
    # On 8 January a is 6 days old (1 to 7 January), b 2 days; each week adds one to both.
    weeks = np.arange(6)
    by_hand = [of_new(6 / 7 + k) + of_new(2 / 7 + k) for k in weeks]
    np.testing.assert_allclose(expected, [0.0, *by_hand], rtol=1e-12)


def test_each_week_is_the_difference():
    _, dates, actual, expected = drawn(cumulative=False)
    _, _, total, total_expected = drawn()
    assert actual.tolist() == np.diff(total).tolist()
    np.testing.assert_allclose(expected, np.diff(total_expected), atol=1e-12)
    assert dates[0] == "2024-01-04"  # the middle of the first week


def test_the_sums_are_those_of_summarize():
    _, _, actual, expected = drawn()
    seen = ck.summarize(LOG, "2024-02-12", "W")
    seen = seen[seen["customer_id"] != "c"]
    assert actual[-1] == seen["frequency"].sum()
    assert expected[-1] == pytest.approx(sum(of_new(age) for age in seen["T"]), rel=1e-12)


def test_the_cut_off_is_marked_and_the_holdout_judged():
    ax, _, _, expected = drawn()
    line = ax.lines[2].get_xdata()
    assert {str(np.datetime64(x, "D")) for x in line} == {AS_OF}
    share = round(100 * (1 - (expected[-1] - expected[2]) / 3))
    assert [t.get_text() for t in ax.texts] == [
        "calibration",
        f"holdout: expected\n{share} % too few",
    ]
    assert ax.get_title(loc="left") == "Repeat purchases of 2 customers"
    assert ax.get_ylabel() == "repeat purchases so far"
    assert [t.get_text() for t in ax.get_legend().get_texts()] == [
        "actual",
        "expected (BetaGeoModel)",
    ]


def test_without_a_cut_off_all_are_followed_and_nothing_is_marked():
    ax, _, actual, _ = drawn(as_of=None)
    assert len(ax.lines) == 2
    assert not ax.texts
    assert ax.get_title(loc="left") == "Repeat purchases of 3 customers"
    assert actual[-1] == 5  # the last step ends with the log: a 3, b 1, c 1


@pytest.mark.parametrize(
    "kind",
    [
        pl.from_pandas,
        lambda x: pl.from_pandas(x).lazy(),
        lambda x: pa.Table.from_pandas(x, preserve_index=False),
        duckdb.from_df,
    ],
    ids=["polars", "lazy", "pyarrow", "duckdb"],
)
def test_frames_of_every_library_and_any_order(kind):
    shuffled = LOG.data.sample(frac=1.0, random_state=3)
    _, dates, actual, expected = drawn(log=ck.EventLog(kind(shuffled)))
    _, same_dates, same, same_expected = drawn()
    assert dates == same_dates
    assert actual.tolist() == same.tolist()
    np.testing.assert_array_equal(expected, same_expected)


def test_returns_are_no_purchases():
    more = pd.concat(
        [LOG.data, LOG.data.iloc[[3]].assign(amount=-5.0, timestamp=pd.Timestamp("2024-01-21"))]
    )
    for returns in ("exclude", "net"):
        _, _, actual, _ = drawn(log=ck.EventLog(more, returns=returns))
        assert actual.tolist() == [0, 1, 1, 2, 2, 3, 4]


def test_the_unit_of_the_model_does_not_matter():
    _, _, _, weekly = drawn()
    _, _, _, daily = drawn(model=DAILY)
    np.testing.assert_allclose(daily, weekly, rtol=1e-9)


def test_hours_and_months_have_their_own_ages():
    hourly = log_of([("a", "2024-01-01 10:00"), ("a", "2024-01-01 12:00"), ("b", "2024-01-02")])
    model = BetaGeoModel.from_dict(
        {"init": {"unit": "h"}, "fitted": {"params_": WEEKLY.params_ | {"alpha": 700.0}}}
    )
    _, _, actual, expected = drawn(model, hourly, None, step="D")
    assert actual.tolist() == [0, 1, 1]
    new = pd.DataFrame({"frequency": [0], "recency": [0.0], "T": [0.0]})
    assert expected[1] == pytest.approx(model.predict(new, 13.0)[0], rel=1e-12)
    monthly = BetaGeoModel.from_dict({"init": {"unit": "M"}, "fitted": {"params_": WEEKLY.params_}})
    longer = log_of([*PURCHASES, ("late", "2024-02-29")])
    _, dates, _, expected = drawn(monthly, longer, "2024-02-01", step="M", until="2024-03-01")
    assert dates == ["2024-01-01", "2024-02-01", "2024-03-01"]
    new_b = ck.summarize(LOG, "2024-02-01", "M")["T"]
    assert expected[1] == pytest.approx(monthly_sum(monthly, new_b), rel=1e-12)


def monthly_sum(model, ages):
    new = pd.DataFrame({"frequency": [0], "recency": [0.0], "T": [0.0]})
    return sum(model.predict(new, float(age))[0] for age in ages)


def test_calendar_months_keep_the_day_where_the_month_has_it():
    ends = step_ends(19_700, int(np.datetime64("2024-03-30").astype(int)), 19_900, "M", "D")
    days = [str(d) for d in (ends + 1).astype("datetime64[D]")]
    assert days == [
        "2023-11-30",
        "2023-12-31",
        "2024-01-31",
        "2024-02-29",
        "2024-03-31",
        "2024-04-30",
        "2024-05-31",
    ]
    assert ends[0] < 19_700 <= ends[1]
    assert ends[-1] <= 19_900


def test_periods_of_months_and_weeks_merge_as_in_summarize():
    params = {"alpha": 1.2, "beta": 0.75, "gamma": 0.66, "delta": 2.78}
    model = BetaGeoBetaBinomialModel.from_dict(
        {"init": {"unit": "M"}, "fitted": {"params_": params}}
    )
    longer = log_of([*PURCHASES, ("late", "2024-02-29")])
    _, dates, actual, expected = drawn(model, longer, "2024-02-01", period="M")
    assert dates == ["2024-01-01", "2024-02-01", "2024-03-01"]
    assert actual.tolist() == [0, 0, 1]
    new = pd.DataFrame({"frequency": [0], "recency": [0.0], "T": [0.0]})
    assert expected.tolist() == [0, 0, pytest.approx(3 * model.predict(new, 1)[0])]
    _, dates, actual, expected = drawn(period="W")
    assert dates[:3] == ["2024-01-01", "2024-01-08", "2024-01-15"]
    seen = ck.summarize(LOG, "2024-02-12", "W", period="W")
    seen = seen[seen["customer_id"] != "c"]
    assert actual[-1] == seen["frequency"].sum()
    assert expected[-1] == pytest.approx(sum(of_new(age) for age in seen["T"]), rel=1e-12)


def test_many_ages_are_read_from_a_curve():
    days = pd.date_range("2020-01-01", "2020-05-31", freq="D")
    log = log_of([(str(i), day) for i, day in enumerate(days)])
    track = follow(WEEKLY, log, (log.cutoff(), log.cutoff()), ("W", "D", "M"))
    seen = ck.summarize(log, unit="W")
    exact = monthly_sum(WEEKLY, seen["T"])
    assert track.instants[-1] == np.datetime64("2020-06-01")
    assert track.expected[-1] == pytest.approx(exact, rel=1e-4)


def test_a_month_that_has_not_ended_is_not_drawn():
    params = {"alpha": 1.2, "beta": 0.75, "gamma": 0.66, "delta": 2.78}
    model = BetaGeoBetaBinomialModel.from_dict(
        {"init": {"unit": "M"}, "fitted": {"params_": params}}
    )
    days = pd.date_range("2024-01-01", "2024-05-03", freq="D")
    log = log_of([("a", day) for day in days])
    for until in (None, "2024-05-01", "2024-05-03"):
        _, dates, actual, _ = drawn(model, log, "2024-03-01", period="M", until=until)
        assert dates == [f"2024-0{month}-01" for month in range(1, 6)]
        assert actual.tolist() == [0, 0, 1, 2, 3]
    _, dates, _, _ = drawn(model, log, None, period="M")
    assert dates[-1] == "2024-05-01"


def test_the_middle_of_a_day_ends_the_picture_with_the_day_before():
    hours = [("a", "2024-01-01 09:00"), ("a", "2024-01-15 11:00"), ("b", "2024-01-08 20:00")]
    log = log_of([*hours, ("a", "2024-01-22 20:00"), ("b", "2024-01-23")])
    for as_of in ("2024-01-08", "2024-01-08T12:00"):  # b came on the evening of that day
        ax, dates, actual, _ = drawn(log=log, as_of=as_of, until="2024-01-22T12:00")
        assert ax.get_title(loc="left") == "Repeat purchases of 1 customer"
        assert dates == ["2024-01-01", "2024-01-08", "2024-01-15", "2024-01-22"]
        assert actual.tolist() == [0, 0, 0, 1]


def test_time_that_nobody_watched_is_refused():
    with pytest.raises(DataError, match=r"until=2024-02-13 .*after the end of the log \(2024-02"):
        drawn(until="2024-02-13")
    with pytest.raises(DataError, match=r"plot_tracking: as_of=2024-06-01 .*after the end"):
        drawn(as_of="2024-06-01")
    drawn(until="2024-02-12")


def test_each_curve_is_read_at_its_own_age():
    age = np.sort(np.random.default_rng(0).uniform(0.1, 50, 300))
    asked = asked_ages([age[:200], age[100:], age[:1] + 1e-12])
    assert 100 < len(asked) <= 128
    assert np.isin(asked, age).all()
    scale = np.arange(1.0, 301.0)
    nodes = np.append(0.0, asked)
    curves = PchipInterpolator(nodes, np.log1p(nodes)[:, None] * scale, axis=0)
    np.testing.assert_allclose(at_own_age(curves, age), scale * np.log1p(age), rtol=1e-3)
    np.testing.assert_allclose(
        at_own_age(curves, asked), scale[: len(asked)] * np.log1p(asked), rtol=1e-14
    )
    few = asked_ages([np.array([1.0, 3.0]), np.array([3.0 + 1e-13])])
    assert few.tolist() == [1.0, 3.0]


def test_memory_does_not_grow_with_the_square_of_the_hours():
    hourly = BetaGeoModel.from_dict(
        {"init": {"unit": "h"}, "fitted": {"params_": WEEKLY.params_ | {"alpha": 700.0}}}
    )
    hours = pd.date_range("2024-01-01", periods=3000, freq="h")
    log = log_of([(str(i), hour) for i, hour in enumerate(hours)])
    tracemalloc.start()
    _, _, _, expected = drawn(hourly, log, None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 45e6  # a number for each pair of hours would be 72 MB
    new = pd.DataFrame({"frequency": [0], "recency": [0.0], "T": [0.0]})
    exact = [hourly.predict(new, float(age))[0] for age in range(0, 3000, 30)]
    assert expected[-1] == pytest.approx(np.mean(exact) * 3000, rel=0.02)


@pytest.fixture(scope="module")
def with_kinds():
    """A model that reads a covariate, and customers who have it."""
    rows = invented(400, seed=2).assign(kind=np.tile([0.0, 1.0], 200))
    rows.loc[rows["kind"] == 1, "T"] += 20.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = ParetoNBDModel(covariates=["kind"], unit="W").fit(rows)
    return model, pd.DataFrame({"customer_id": ["c", "b", "a"], "kind": [1, 0, 1]})


def test_covariates_are_those_of_each_customer(with_kinds):
    model, customers = with_kinds
    customers = pd.concat([customers, customers.tail(1).assign(customer_id="d")])
    log = log_of([*PURCHASES, ("d", "2024-01-01")])  # on the same day and of the same kind as a
    _, _, actual, expected = drawn(model, log, customers=customers)
    assert actual.tolist() == [0, 1, 1, 2, 2, 3, 4]

    def of(kind, age):
        row = {"frequency": [0], "recency": [0.0], "T": [0.0], "kind": [kind]}
        return model.predict(pd.DataFrame(row), age)[0]

    weeks = np.arange(6)
    by_hand = [2 * of(1, 6 / 7 + k) + of(0, 2 / 7 + k) for k in weeks]
    np.testing.assert_allclose(expected, [0.0, *by_hand], rtol=1e-12)
    _, _, _, in_polars = drawn(model, log, customers=pl.from_pandas(customers[::-1]).lazy())
    np.testing.assert_array_equal(in_polars, expected)


def test_missing_covariates_are_told(with_kinds):
    model, customers = with_kinds
    with pytest.raises(DataError, match=r"ParetoNBDModel also reads kind: pass customers=, a fra"):
        drawn(model)
    with pytest.raises(DataError, match=r"1 of 2 customers who bought before as_of are .*'a'"):
        drawn(model, customers=customers.head(2))
    with pytest.raises(DataError, match=r"'customer_id' repeats in customers .first 'a'"):
        drawn(model, customers=pd.concat([customers, customers.tail(1)]))
    numbered = customers.assign(customer_id=[3, 2, 1])
    with pytest.raises(DataError, match=r"Ids are text in the log and numbers in customers: make"):
        drawn(model, customers=numbered)
    with pytest.raises(DataError, match=r"repeats in customers \(first 1\)"):
        drawn(model, customers=pd.concat([numbered, numbered.tail(1)]))
    with pytest.raises(DataError, match="column 'kind' not found"):
        drawn(model, customers=customers[["customer_id"]])
    with pytest.raises(DataError, match="'kind' has 1 NaN"):
        drawn(model, customers=customers.assign(kind=[1.0, np.nan, 0.0]))


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(DataError, match=r"the BetaGeoModel is not fitted\. Call fit\(customers\)"):
        drawn(BetaGeoModel())
    with pytest.raises(DataError, match=r"purchase model of crmkit\.clv is needed, got dict"):
        drawn({})
    with pytest.raises(DataError, match=r"unit of the model is not known.*BetaGeoModel\(unit="):
        drawn(UNKNOWN_UNIT)
    with pytest.raises(DataError, match="plot_tracking: an EventLog is needed, got DataFrame"):
        drawn(log=LOG.data)
    with pytest.raises(DataError, match="step must be one of"):
        drawn(step="week")
    with pytest.raises(DataError, match=r"step must be one of \['W'\], got 'D'"):
        drawn(step="D", period="W")
    with pytest.raises(DataError, match="period must be one of"):
        drawn(period="M")
    with pytest.raises(DataError, match=r"until=2024-01-09 00:00 is before as_of=2024-01-15 00:00"):
        drawn(until="2024-01-09")
    monthly = BetaGeoBetaBinomialModel.from_dict(
        {
            "init": {"unit": "M"},
            "fitted": {"params_": {"alpha": 1.2, "beta": 0.75, "gamma": 0.66, "delta": 2.78}},
        }
    )
    with pytest.raises(DataError, match="until=2024-01-21 leaves no whole month to draw"):
        drawn(monthly, log_of(PURCHASES[:4]), None, period="M")
    with pytest.raises(DataError, match="nobody bought in a whole day before as_of=2024-01-01 12:"):
        drawn(as_of="2024-01-01T12:00")
    with pytest.raises(DataError, match="is not after the first event"):
        drawn(as_of="2023-01-01")
