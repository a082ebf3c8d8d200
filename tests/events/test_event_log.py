"""EventLog: what is checked at once, what when values are read, and every message."""

import pickle

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.base import clone

import crmkit as ck
from crmkit.exceptions import DataError, DataWarning
from tests.contracts.frame_kinds import FRAMES

GOOD = pd.DataFrame(
    {
        "customer_id": ["a", "a", "b"],
        "timestamp": pd.to_datetime(["2024-01-05", "2024-02-01", "2024-01-20"]),
        "amount": [20.0, 30.0, 15.0],
    }
)


def test_the_frame_is_kept_and_the_log_is_frozen():
    log = ck.EventLog(GOOD)
    assert log.data is GOOD
    with pytest.raises(AttributeError):
        log.customer = "other"
    assert log != ck.EventLog(GOOD)
    assert isinstance(hash(log), int)


def test_clone_is_the_log_itself_and_pickle_keeps_the_frame():
    log = ck.EventLog(GOOD, returns="net")
    assert clone(log) is log
    copy = pickle.loads(pickle.dumps(log))
    pd.testing.assert_frame_equal(copy.data, GOOD)
    assert copy.returns == "net"


def test_a_duckdb_relation_says_how_to_pickle():
    log = ck.EventLog(duckdb.from_df(GOOD))
    with pytest.raises(DataError, match=r"cannot be pickled. Collect it first"):
        pickle.dumps(log)


@pytest.mark.parametrize("kind", FRAMES)
def test_repr_is_short(kind):
    log = ck.EventLog(FRAMES[kind](GOOD), returns="net")
    assert len(repr(log)) < 120
    assert "returns='net'" in repr(log)
    assert ("3 rows" in repr(log)) == (kind in ("pandas", "polars", "pyarrow"))


@pytest.mark.parametrize(
    ("kwargs", "text"),
    [
        (
            {"customer": "cust_id"},
            r"column 'cust_id' not found. Did you mean customer='customer_id'",
        ),
        ({"when": "Timestamp"}, "Did you mean when='timestamp'"),
        ({"amount": "xyz"}, r"'xyz' not found. Name it with amount=. Columns: \['customer_id'"),
        ({"order": "order"}, "column 'order' not found"),
        ({"customer": None}, "customer must name a column, got None"),
        ({"when": 3}, "when must name a column, got 3"),
        ({"tz": 5}, "tz=5 is no time zone"),
        ({"returns": "drop"}, r"returns must be one of \['exclude', 'net', 'raise'\], got 'drop'"),
        ({"min_amount": -1}, "min_amount must be a finite number of at least 0.0, got -1"),
        ({"min_amount": 1, "amount": None}, "min_amount= needs the amount= column"),
        (
            {"tz": "Europe/Lodnon"},
            "tz='Europe/Lodnon' is no time zone. Did you mean 'Europe/London'",
        ),
    ],
)
def test_names_and_parameters_are_checked_at_once(kwargs, text):
    with pytest.raises(DataError, match=text):
        ck.EventLog(GOOD, **kwargs)


@pytest.mark.parametrize("thing", [[1, 2], {"customer_id": [1]}, np.zeros((2, 3)), None, "log.csv"])
def test_what_is_no_frame_is_refused(thing):
    with pytest.raises(DataError, match=r"EventLog: a frame is needed \(pandas, polars .*got "):
        ck.EventLog(thing)


def faulty(**columns):
    return ck.EventLog(GOOD.assign(**columns))


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        (
            {"customer_id": [1.0, np.nan, 2.0]},
            r"'customer_id' is float64 \(first 1.0\): missing ids",
        ),
        (
            {"customer_id": [True, False, True]},
            "'customer_id' is Boolean: customer ids must be text",
        ),
        (
            {"timestamp": ["2024-01-05"] * 3},
            r"'timestamp' is text .*pd.to_datetime\(frame\['timest",
        ),
        ({"timestamp": [1, 2, 3]}, "'timestamp' is Int64: times must be datetimes or dates"),
        (
            {"timestamp": GOOD["timestamp"].where([True, False, True])},
            "missing in 1 rows .first at row 1",
        ),
        ({"amount": ["1", "2", "3"]}, "'amount' is String .*: it must hold numbers"),
        ({"amount": [1.0, np.nan, 2.0]}, r"'amount' has 1 NaN or missing \(first at row 1\)"),
        ({"amount": [1.0, 2.0, -np.inf]}, r"'amount' has 1 infinite values \(first at row 2\)"),
    ],
)
def test_values_that_would_make_wrong_numbers_are_refused(columns, text):
    with pytest.raises(DataError, match=text):
        faulty(**columns).report()


def test_mixed_naive_and_aware_times_are_refused():
    times = [pd.Timestamp("2024-01-05"), pd.Timestamp("2024-02-01", tz="UTC"), pd.Timestamp("2024")]
    with pytest.raises(
        DataError, match=r"'timestamp' holds mixed Python objects .naive and tz-aware"
    ):
        faulty(timestamp=pd.Series(times, dtype=object)).report()


def test_ids_of_mixed_type_are_refused():
    with pytest.raises(DataError, match="customer ids must be text or whole numbers"):
        faulty(customer_id=pd.Series(["a", 1, 2], dtype=object)).report()


def test_all_faults_come_in_one_error():
    log = faulty(customer_id=[1.0, 2.0, 3.0], amount=["1", "2", "3"])
    with pytest.raises(DataError, match=r"2 faults in 3 rows. 'customer_id' is.*'amount' is"):
        log.report()
    log = faulty(
        timestamp=GOOD["timestamp"].where([True, True, False]), amount=[np.inf, np.nan, 1.0]
    )
    with pytest.raises(DataError, match="3 faults in 3 rows"):
        log.report()


@pytest.mark.parametrize("kind", FRAMES)
@pytest.mark.parametrize("bad", [np.nan, np.inf, None])
def test_every_kind_of_frame_refuses_bad_amounts(kind, bad):
    frame = GOOD.assign(amount=[1.0, bad, 2.0])
    with pytest.raises(DataError, match=r"'amount' has 1 (NaN or missing|infinite values)"):
        ck.EventLog(FRAMES[kind](frame)).report()


def test_nan_and_null_of_polars_are_both_missing():
    frame = pl.from_pandas(GOOD).with_columns(amount=pl.Series([float("nan"), None, 1.0]))
    for each in (frame, frame.lazy(), frame.to_arrow(), duckdb.from_arrow(frame.to_arrow())):
        with pytest.raises(DataError, match="'amount' has 2 NaN or missing"):
            ck.EventLog(each).report()


@pytest.mark.parametrize("kind", FRAMES)
def test_time_zones_are_declared_or_absent(kind):
    aware = GOOD.assign(timestamp=GOOD["timestamp"].dt.tz_localize("Europe/Paris"))
    with pytest.raises(
        DataError, match=r"'timestamp' is timezone-aware .* Say where days begin, for example tz="
    ):
        ck.EventLog(FRAMES[kind](aware)).report()
    with pytest.raises(
        DataError, match="tz='Europe/Paris' is given, but the times in 'timestamp' are"
    ):
        ck.EventLog(FRAMES[kind](GOOD), tz="Europe/Paris").report()


def test_no_row_and_no_id_are_refused():
    with pytest.raises(DataError, match="EventLog: the frame has no rows"):
        ck.EventLog(GOOD.head(0)).report()
    with pytest.raises(DataError, match="all 3 rows lack 'customer_id'"):
        faulty(customer_id=pd.Series([None] * 3, dtype="str")).report()


def test_returns_raise_counts_them():
    frame = GOOD.assign(amount=[1.0, -2.0, -3.0])
    with pytest.raises(
        DataError, match=r"2 of 3 rows are returns .* Pass returns='exclude' or 'net'"
    ):
        ck.EventLog(frame, returns="raise").report()
    assert ck.EventLog(GOOD, returns="raise").report().n_returns == 0


def test_null_ids_warn_once_at_the_callers_line():
    log = faulty(customer_id=["a", None, "b"])
    with pytest.warns(DataWarning, match=r"1 of 3 rows \(33.3%\) have no 'customer_id'") as caught:
        customers = [ck.summarize(log), ck.summarize(log)]
    assert len(caught) == 1
    assert len(customers[1]) == 2
    assert caught[0].filename == __file__


@pytest.mark.parametrize("kind", FRAMES)
def test_report_by_hand(kind):
    frame = pd.DataFrame(
        {
            "customer_id": ["a", "a", "a", "b", None, "c", "a"],
            "timestamp": pd.to_datetime(["2024-01-05"] * 5 + ["2024-01-01", "2024-02-02"]),
            "amount": [20.0, 20.0, -5.0, 0.0, 7.0, -1.5, 0.5],
        }
    )
    log = ck.EventLog(FRAMES[kind](frame), min_amount=1.0)
    with pytest.warns(DataWarning, match="1 of 7 rows"):
        report = log.report()
    assert report.n_rows == 7
    assert report.n_customers == 3
    assert report.n_customers_without_purchase == 2
    assert (report.n_null_customers, report.n_returns, report.n_duplicates) == (1, 2, 1)
    assert (report.n_zero_amounts, report.n_below_min_amount) == (1, 2)
    assert report.returns_amount == pytest.approx(-6.5)
    assert report.total_amount == pytest.approx(47.5)
    assert report.first_event == pd.Timestamp("2024-01-01")
    assert report.last_event == pd.Timestamp("2024-02-02")
    table = report.to_frame().set_index("finding")
    assert table.loc["returns", "rows"] == 2
    assert table.loc["returns", "share"] == pytest.approx(2 / 7)
    assert "returns: 2 rows (28.6%), left out" in str(report)
    assert "customers without a purchase: 2" in str(report)


def test_the_cutoff_is_on_the_clock_of_the_log():
    aware = GOOD.assign(timestamp=GOOD["timestamp"].dt.tz_localize("UTC"))
    log = ck.EventLog(aware, tz="Asia/Tokyo")
    assert log.cutoff("2024-03-01").isoformat() == "2024-03-01T00:00:00+09:00"
    assert log.cutoff("2024-02-29T15:00Z") == log.cutoff("2024-03-01")
    assert log.cutoff().isoformat() == "2024-02-02T00:00:00+09:00"
    naive = ck.EventLog(GOOD)
    stamp = pd.Timestamp("2024-03-01")
    for same in (stamp.date(), np.datetime64("2024-03-01"), stamp, "20240301"):
        assert naive.cutoff(same) == stamp


def test_a_column_name_with_quotes_reaches_duckdb_unharmed():
    odd = GOOD.rename(columns={"customer_id": 'the "id"', "amount": "it's; DROP"})
    log = ck.EventLog(duckdb.from_df(odd), customer='the "id"', amount="it's; DROP")
    assert ck.summarize(log).to_df()["total_amount"].tolist() == [50.0, 15.0]


def test_pandas_backed_by_pyarrow_is_read_like_pandas():
    backed = pa.Table.from_pandas(GOOD).to_pandas(types_mapper=pd.ArrowDtype)
    expected = ck.summarize(ck.EventLog(GOOD))
    got = ck.summarize(ck.EventLog(backed))
    pd.testing.assert_frame_equal(got, expected, check_dtype=False)


def test_a_frame_with_numbered_columns_is_told_what_is_missing():
    with pytest.raises(DataError, match=r"column 'customer_id' not found.*Columns: \[0, 1, 2\]"):
        ck.EventLog(GOOD.set_axis([0, 1, 2], axis=1))


def test_two_columns_of_one_name_are_refused():
    with pytest.raises(DataError, match="EventLog: two columns have one name"):
        ck.EventLog(pd.concat([GOOD, GOOD[["amount"]]], axis=1))


def test_an_event_at_the_end_of_time_asks_for_a_cutoff():
    end = pl.from_pandas(GOOD).with_columns(timestamp=pl.datetime(9999, 12, 31, 12))
    with pytest.raises(DataError, match=r"end of all time \(9999-12-31\).*or give as_of"):
        ck.EventLog(end).cutoff()


def test_a_huge_least_amount_is_a_number_too():
    assert ck.EventLog(GOOD, min_amount=10**30).report().n_below_min_amount == 3


def test_not_a_time_is_no_cutoff():
    with pytest.raises(
        DataError, match="as_of must be a date, a datetime or ISO 8601 text, got NaT"
    ):
        ck.EventLog(GOOD).cutoff(pd.NaT)


def test_a_fixed_offset_is_told_an_example_that_works():
    aware = GOOD.assign(timestamp=GOOD["timestamp"].dt.tz_localize("+05:30"))
    with pytest.raises(DataError, match=r"timezone-aware .UTC.05:30.*example tz='Europe/London'"):
        ck.EventLog(aware).report()


def test_columns_of_lists_do_not_stop_the_report():
    frame = GOOD.assign(tags=[["x"], ["x"], []])
    assert ck.EventLog(frame).report().n_duplicates == 0


def test_zero_amounts_below_the_least_are_told_as_left_out():
    log = ck.EventLog(GOOD.assign(amount=[0.0, 5.0, 9.0]), min_amount=1.0)
    table = log.report().to_frame().set_index("finding")
    assert table.loc["zero amounts", "treatment"] == "left out: below min_amount"
