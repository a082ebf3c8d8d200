"""leakage_check: every kind of leak planted, honest columns left alone, frames, texts."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

import crmkit as ck
from crmkit.churn import NoPurchase, SnapshotBuilder, Spend, leakage_check
from crmkit.churn._leakage import area_alone, binned, one_sided
from crmkit.datasets import make_customers
from crmkit.exceptions import DataError

N = 800
RANDOM = np.random.default_rng(0)
Y = (RANDOM.random(N) < 0.3).astype(int)
CUT = pd.Timestamp("2024-06-01")
HONEST = pd.DataFrame(
    {
        "days": RANDOM.exponential(30 + 60 * Y),
        "orders": RANDOM.poisson(4 - 2 * Y),
        "plan": RANDOM.choice(["a", "b"], N),
        "gap": np.where(RANDOM.random(N) < 0.3, np.nan, RANDOM.gamma(2, 9, N)),
        "joined": CUT - pd.to_timedelta(RANDOM.uniform(1, 500, N), "D"),
        "flat": 1.0,
        "never": [None] * N,
    }
)


def findings(X, cutoff=CUT, **parameters):
    table = leakage_check(X, Y, cutoff, **parameters)
    return list(zip(table["column"], table["finding"], strict=True))


def test_honest_columns_are_left_alone():
    assert findings(HONEST) == []
    assert leakage_check(HONEST, Y, CUT).columns.tolist() == ["column", "finding", "auc", "reason"]


@pytest.mark.parametrize(
    "leak",
    [
        Y.astype(float),
        1.0 - Y,
        np.where(Y == 1, "gone", "here"),
        np.where(Y == 1, 5.0, RANDOM.choice([1.0, 9.0], N)),  # neither rising nor falling
        np.where(Y == 1, np.nan, 3.0),
        Y.astype(str),
        Y + RANDOM.normal(0, 0.1, N),
    ],
)
def test_a_column_that_tells_the_label(leak):
    assert findings(HONEST.assign(leak=leak)) == [("leak", "tells the label")]


def test_a_column_that_is_filled_in_when_they_leave():
    reason = np.where((Y == 1) & (RANDOM.random(N) < 0.4), "price", None)
    table = leakage_check(HONEST.assign(why=reason), Y, CUT)
    assert table[["column", "finding"]].to_numpy().tolist() == [["why", "constant in one class"]]
    assert "100.0% of those who stayed have one value" in table["reason"][0]
    assert table["auc"][0] < 0.8
    kept = np.where((Y == 0) & (RANDOM.random(N) < 0.5), 1.0, 0.0)
    assert findings(HONEST.assign(renewed=kept)) == [("renewed", "constant in one class")]


def test_dates_at_or_after_the_cut_off():
    seen = HONEST["joined"].copy()
    seen[7] = CUT
    table = leakage_check(HONEST.assign(last_seen=seen), Y, CUT)
    assert table["finding"].tolist() == ["after the cut-off"]
    assert "1 of 800 dates are at or after the cut-off" in table["reason"][0]
    assert "first at row 7: 2024-06-01T00:00:00" in table["reason"][0]
    seen[7] = CUT - pd.Timedelta("1us")
    assert findings(HONEST.assign(last_seen=seen)) == []


def test_dates_as_text_and_missing_dates():
    text = HONEST["joined"].dt.strftime("%Y-%m-%d").to_numpy(dtype=object)
    text[3] = None
    assert findings(HONEST.assign(day=text)) == []
    text[4] = "2024-06-01"
    assert findings(HONEST.assign(day=text)) == [("day", "after the cut-off")]


def test_one_cut_off_a_row():
    each = HONEST["joined"] + pd.Timedelta(days=1)
    assert findings(HONEST, each) == []
    each[5] = HONEST["joined"][5]
    assert findings(HONEST, each) == [("joined", "after the cut-off")]


def test_dates_without_a_cut_off_are_told_to_be_unchecked():
    assert findings(HONEST, None) == [("joined", "date")]


def test_dates_with_a_zone_are_compared_in_utc():
    local = pd.Series(pd.Timestamp("2024-06-01 01:00", tz="Europe/Paris"), index=range(N))
    X = HONEST.drop(columns="joined").assign(at=local)
    for frame in (X, pl.from_pandas(X)):
        assert findings(frame, "2024-06-01") == []
        assert findings(frame, "2024-05-31 23:00") == [("at", "after the cut-off")]


def test_identifiers():
    X = HONEST.assign(
        customer_id=RANDOM.permutation(N) + 5, row=np.arange(N), mail=[f"m{i}@x" for i in range(N)]
    )
    expected = {(name, "identifier") for name in ("customer_id", "row", "mail")}
    assert set(findings(X)) == expected


def test_an_identifier_that_is_sorted_by_label_is_told_as_both():
    order = np.argsort(Y, kind="stable")
    X = HONEST.iloc[order].assign(row_id=np.arange(N)).reset_index(drop=True)
    table = leakage_check(X, Y[order], CUT)
    assert table["finding"].tolist() == ["tells the label", "identifier"]


def test_the_gravest_comes_first():
    late = pd.Series(CUT, index=range(N))
    X = HONEST.assign(user_id=RANDOM.permutation(N), leak=Y, late=late)
    assert [finding for _, finding in findings(X)] == [
        "after the cut-off",
        "tells the label",
        "identifier",
    ]


def test_limits_are_the_callers():
    assert findings(HONEST, auc_limit=0.6)[0][1] == "tells the label"
    half = np.where(Y == 1, RANDOM.random(N) < 0.5, RANDOM.random(N) < 0.03).astype(float)
    assert findings(HONEST.assign(half=half)) == []
    assert findings(HONEST.assign(half=half), constant=0.9) == [("half", "constant in one class")]


def test_frames_agree_and_stay_as_they_are():
    X = HONEST.drop(columns=["never"]).assign(leak=Y, user_id=np.arange(N) + 1)
    before = X.copy(deep=True)
    expected = leakage_check(X, Y, CUT)
    for frame in (pl.from_pandas(X), pl.from_pandas(X).lazy(), pa.Table.from_pandas(X)):
        pd.testing.assert_frame_equal(leakage_check(frame, Y, CUT), expected)
    pd.testing.assert_frame_equal(X, before)
    assert len(expected) == 2


def test_arrays_and_labels_of_any_kind():
    x = np.column_stack([HONEST["days"], Y])
    table = leakage_check(x, np.where(Y == 1, "yes", "no"))
    assert table["column"].tolist() == ["x1"]


def test_unknown_labels_are_left_out_of_the_comparison():
    y = Y.astype(float)
    y[:50] = np.nan
    table = leakage_check(HONEST.assign(leak=Y), y, CUT)
    assert table["column"].tolist() == ["leak"]


def test_snapshots_look_at_nothing_behind_the_cut_off():
    log = ck.EventLog(make_customers(300, random_state=1).events)
    snapshots = SnapshotBuilder(label=NoPurchase("30D")).build(log, ["2024-03-01", "2024-04-01"])
    assert len(leakage_check(snapshots)) == 0


def test_the_reason_names_the_honest_column_of_a_population_long_gone():
    (reason,) = leakage_check(HONEST.assign(leak=Y), Y, CUT)["reason"]
    assert "of what it was computed" in reason
    assert "look at active ones alone" in reason


def test_snapshots_of_an_amount_are_refused_in_words():
    log = ck.EventLog(make_customers(100, random_state=1).events)
    snapshots = SnapshotBuilder(label=Spend("30D")).build(log, ["2024-03-01"])
    with pytest.raises(DataError, match=r"leakage_check: y holds .* two are needed"):
        leakage_check(snapshots)


def test_folds_keep_a_column_of_many_words_from_gaining_by_chance():
    codes = RANDOM.permutation(N)
    assert area_alone(codes, Y) == pytest.approx(0.5, abs=0.03)
    noise = RANDOM.integers(0, 100, N)
    assert area_alone(noise, Y) == pytest.approx(0.5, abs=0.08)
    rising = binned(Y + RANDOM.normal(size=N))
    assert area_alone(rising, Y) == pytest.approx(roc_auc_score(Y, rising), abs=0.03)


@settings(max_examples=40)
@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=60))
def test_equal_values_share_a_bin(values):
    x = np.array(values)
    codes = binned(x)
    for code in np.unique(codes):
        assert np.isnan(x[codes == code]).all() or not np.isnan(x[codes == code]).any()
    for value in x[~np.isnan(x)]:
        assert len(np.unique(codes[x == value])) == 1


def test_few_are_no_evidence():
    codes, churned = np.zeros(200, dtype=np.int64), np.repeat([0, 1], 100)
    codes[100:119] = 1
    assert one_sided(codes, churned, 0.995) is None
    codes[119] = 1
    assert "20.0% of those who churned have others" in str(one_sided(codes, churned, 0.995))


@pytest.mark.parametrize(
    ("y", "cutoff", "parameters", "text"),
    [
        (Y[:9], CUT, {}, "X has 800 rows and y 9"),
        (np.ones(N), CUT, {}, "one class only"),
        (None, CUT, {}, "the target y is None"),
        (np.full(N, np.nan), CUT, {}, "every label in y is missing"),
        (Y + RANDOM.random(N), CUT, {}, "y holds 800 values, such as .* y=snapshots.y > 0"),
        (Y, 20240101, {}, "cutoff must be instants, .* got 20240101. Numbers have no unit"),
        (Y, np.arange(N), {}, "cutoff must be instants, .* got .*0.*. Numbers have no unit"),
        (Y, "soon", {}, "cutoff must be instants"),
        (Y, [CUT], {}, "one for each of 800 rows"),
        (Y, CUT, {"auc_limit": 95}, "auc_limit must be a number between 0 and 1"),
        (Y, CUT, {"constant": 0}, "constant must be"),
    ],
)
def test_refusals(y, cutoff, parameters, text):
    with pytest.raises(DataError, match=text):
        leakage_check(HONEST, y, cutoff, **parameters)
