"""summarize: cases by hand, published figures, the contracts, and a brute-force oracle."""

import math
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crmkit as ck
from crmkit.events._summarize import PERIODS_OF_UNIT
from crmkit.exceptions import DataError
from tests.contracts import event_level
from tests.contracts.event_level import same
from tests.contracts.frame_kinds import FRAMES, to_pandas
from tests.oracles import summary as brute_force


def log_of(rows, **kwargs):
    frame = pd.DataFrame(rows, columns=["customer_id", "timestamp", "amount"])
    frame["timestamp"] = pd.to_datetime(frame["timestamp"], format="ISO8601")
    return ck.EventLog(frame, **kwargs)


HAND = [
    ("b", "2024-01-20 10:00", 15.0),
    ("a", "2024-01-01 09:00", 20.0),
    ("a", "2024-01-11 00:00", 30.0),
    ("a", "2024-01-01 17:00", 5.0),
    ("a", "2024-01-25 23:59:59", 50.0),
    ("c", "2024-02-01 00:00", 99.0),
]


def one(frame, customer):
    frame = to_pandas(frame)
    return frame[frame["customer_id"] == customer].iloc[0]


@pytest.mark.parametrize("contract", event_level.ALL + event_level.SPARK, ids=lambda f: f.__name__)
@pytest.mark.parametrize("kwargs", [{"unit": "W"}, {"unit": "M", "period": "D"}], ids=["W", "M"])
def test_contract(contract, kwargs):
    contract(lambda log, as_of: ck.summarize(log, as_of, **kwargs))


def test_columns_by_hand():
    customers = ck.summarize(log_of(HAND), as_of="2024-02-01")
    assert customers["customer_id"].tolist() == ["a", "b"]
    a = one(customers, "a")
    assert (a["frequency"], a["recency"], a["T"]) == (2, 24.0, 30.0)
    assert (a["monetary_value"], a["total_amount"], a["n_orders"]) == (40.0, 105.0, 4)
    assert a["first_purchase"] == pd.Timestamp("2024-01-01 09:00")
    assert a["last_purchase"] == pd.Timestamp("2024-01-25 23:59:59")
    assert a["days_since_last"] == 7
    b = one(customers, "b")
    assert (b["frequency"], b["recency"], b["T"], b["monetary_value"]) == (0, 0.0, 11.0, 0.0)


def test_the_cutoff_is_exclusive_to_the_microsecond():
    log = log_of(HAND)
    assert len(ck.summarize(log, as_of="2024-02-01T00:00:00")) == 2
    assert len(ck.summarize(log, as_of="2024-02-01T00:00:00.000001")) == 3


def test_a_cutoff_within_a_day_counts_that_day_as_exposure():
    customers = ck.summarize(log_of(HAND), as_of="2024-01-25T23:59:59.5")
    a = one(customers, "a")
    assert (a["recency"], a["T"], a["days_since_last"]) == (24.0, 24.0, 0)


@pytest.mark.parametrize(
    ("unit", "period", "recency", "T"),
    [
        ("D", None, 24.0, 30.0),
        ("W", None, 24 / 7, 30 / 7),
        ("W", "W", 3.0, 4.0),
        ("h", None, 24 * 24 + 14, 31 * 24 - 10),
        ("D", "h", (24 * 24 + 14) / 24, (31 * 24 - 10) / 24),
        ("M", None, 24 / 31, 30 / 31),
        ("M", "M", 0.0, 0.0),
    ],
)
def test_units_and_periods_by_hand(unit, period, recency, T):
    a = one(ck.summarize(log_of(HAND), "2024-02-01", unit, period=period), "a")
    assert a["recency"] == pytest.approx(recency, abs=1e-12)
    assert a["T"] == pytest.approx(T, abs=1e-12)


def test_calendar_months_have_their_own_length():
    log = log_of([("a", "2024-01-15", 1.0), ("a", "2024-03-15", 1.0), ("b", "2023-12-31", 1.0)])
    customers = ck.summarize(log, as_of="2024-03-16", unit="M")
    assert one(customers, "a")["recency"] == pytest.approx(2 + 14 / 31 - 14 / 31)
    assert one(customers, "b")["T"] == pytest.approx((2 + 14 / 31) - (-1 + 30 / 31))


def test_sum_of_log_gaps_by_hand():
    for convert in FRAMES.values():
        log = ck.EventLog(convert(log_of(HAND).data))
        weekly = ck.summarize(log, "2024-02-01", "W", extras=["sum_log_gaps"])
        a = one(weekly, "a")
        assert a["sum_log_gaps"] == pytest.approx(math.log(10 / 7) + math.log(14 / 7))
        assert one(weekly, "b")["sum_log_gaps"] == 0.0


@pytest.mark.parametrize(
    "convert",
    [
        pl.DataFrame.to_pandas,
        lambda frame: frame,
        pl.DataFrame.lazy,
        pl.DataFrame.to_arrow,
        lambda frame: duckdb.from_arrow(frame.to_arrow()),
    ],
    ids=FRAMES,
)
def test_an_order_id_that_is_not_a_number_is_missing(convert):
    frame = pl.DataFrame(
        {
            "customer_id": ["a"] * 4 + ["b"] * 2,
            "timestamp": pl.Series([datetime(2024, 1, d) for d in (1, 1, 2, 2, 5, 6)]),
            "amount": 1.0,
            "order_id": [1.0, 1.0, math.nan, math.nan, None, math.nan],
        }
    )
    customers = to_pandas(ck.summarize(ck.EventLog(convert(frame), order="order_id")))
    assert customers["n_orders"].tolist() == [3, 2]


def test_order_ids_make_orders_and_missing_ones_stand_alone():
    frame = log_of(HAND).data.assign(order=["x", "o1", "o2", "o1", None, "z"])
    for convert in FRAMES.values():
        customers = ck.summarize(ck.EventLog(convert(frame), order="order"), "2024-02-01")
        assert one(customers, "a")["n_orders"] == 3
        assert one(customers, "b")["n_orders"] == 1


RETURNS = [
    ("a", "2024-01-01", 20.0),
    ("a", "2024-01-01", -5.0),
    ("a", "2024-01-05", 40.0),
    ("a", "2024-01-09", -10.0),
    ("b", "2023-12-01", -7.0),
    ("b", "2024-01-03", 9.0),
    ("c", "2024-01-03", -9.0),
]


@pytest.mark.parametrize("kind", FRAMES)
def test_returns_are_never_purchases(kind):
    frame = FRAMES[kind](log_of(RETURNS).data)
    excluded = ck.summarize(ck.EventLog(frame), "2024-02-01")
    netted = ck.summarize(ck.EventLog(frame, returns="net"), "2024-02-01")
    for customers in (excluded, netted):
        assert to_pandas(customers)["customer_id"].tolist() == ["a", "b"]
        a = one(customers, "a")
        assert (a["frequency"], a["recency"], a["n_orders"]) == (1, 4.0, 2)
        assert a["last_purchase"] == pd.Timestamp("2024-01-05")
    assert one(excluded, "a")["total_amount"] == 60.0
    assert one(excluded, "a")["monetary_value"] == 40.0
    assert one(netted, "a")["total_amount"] == 45.0
    assert one(netted, "a")["monetary_value"] == 30.0
    assert one(netted, "b")["total_amount"] == 2.0
    assert one(netted, "b")["monetary_value"] == 0.0
    assert one(netted, "b")["T"] == 28.0


def test_a_negative_quantity_is_a_return_too():
    frame = log_of(HAND).data.assign(units=[1, 1, -1, 1, 1, 1])
    customers = ck.summarize(ck.EventLog(frame, quantity="units"), "2024-02-01")
    assert one(customers, "a")["frequency"] == 1
    assert one(customers, "a")["total_amount"] == 75.0


@pytest.mark.parametrize("kind", FRAMES)
def test_min_amount_says_what_a_purchase_is(kind):
    rows = [("a", "2024-01-01", 0.0), ("a", "2024-01-02", 5.0), ("b", "2024-01-01", 4.99)]
    frame = FRAMES[kind](log_of(rows).data)
    assert to_pandas(ck.summarize(ck.EventLog(frame), "2024-02-01"))["n_orders"].tolist() == [2, 1]
    customers = to_pandas(ck.summarize(ck.EventLog(frame, min_amount=5.0), "2024-02-01"))
    assert customers["customer_id"].tolist() == ["a"]
    assert customers["n_orders"].tolist() == [1]


@pytest.mark.parametrize("kind", FRAMES)
def test_days_begin_in_the_declared_zone(kind):
    times = pd.to_datetime(["2023-08-09T16:30Z", "2023-08-10T14:00Z", "2023-08-10T15:00Z"])
    frame = pd.DataFrame({"customer_id": "p", "timestamp": times, "amount": 1.0})
    frame = FRAMES[kind](frame)
    tokyo = one(ck.summarize(ck.EventLog(frame, tz="Asia/Tokyo"), "2023-08-12"), "p")
    assert (tokyo["frequency"], tokyo["recency"], tokyo["T"]) == (1, 1.0, 1.0)
    utc = one(ck.summarize(ck.EventLog(frame, tz="UTC"), "2023-08-12"), "p")
    assert (utc["frequency"], utc["T"]) == (1, 2.0)
    before = one(ck.summarize(ck.EventLog(frame, tz="Asia/Tokyo"), "2023-08-11"), "p")
    assert (before["frequency"], before["n_orders"]) == (0, 2)
    assert before["last_purchase"] == times[1]
    assert before["days_since_last"] == 1


def test_days_ignore_the_time_zone_of_the_duckdb_session():
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'America/New_York'")
    relation = connection.sql("""
        SELECT * FROM (VALUES ('p', TIMESTAMPTZ '2025-01-01 00:30:00+00', 1),
                              ('p', TIMESTAMPTZ '2025-01-01 22:00:00+00', 2))
        AS t(customer_id, "timestamp", amount)""")
    p = one(ck.summarize(ck.EventLog(relation, tz="UTC"), "2025-01-03"), "p")
    assert (p["frequency"], p["T"], p["days_since_last"]) == (0, 1.0, 2)


@pytest.mark.parametrize("unit", ["D", "h"])
def test_a_clock_change_does_not_bend_ages(unit):
    days = pd.date_range("2024-03-29 12:00", periods=4, tz="Europe/Berlin")
    frame = pd.DataFrame({"customer_id": "p", "timestamp": days, "amount": 1.0})
    p = one(ck.summarize(ck.EventLog(frame, tz="Europe/Berlin"), "2024-04-02", unit), "p")
    assert p["recency"] == (3.0 if unit == "D" else 71.0)


def test_sums_neither_overflow_nor_become_decimals():
    instants = pd.date_range("2024-01-01", periods=2048, freq="min", unit="us")
    frame = pd.DataFrame({"customer_id": "a", "timestamp": instants, "amount": 2**53})
    assert frame["amount"].dtype == np.int64
    for convert in FRAMES.values():
        customers = ck.summarize(ck.EventLog(convert(frame)), "2024-02-01")
        assert one(customers, "a")["total_amount"] == pytest.approx(2.0**64)
    table = pa.Table.from_pandas(frame).set_column(
        2, "amount", pa.array([1] * 2048, pa.decimal128(12, 2))
    )
    for decimals in (table, duckdb.from_arrow(table), pl.from_arrow(table)):
        customers = ck.summarize(ck.EventLog(decimals), "2024-02-01")
        assert one(customers, "a")["total_amount"] == 2048.0


def test_dates_and_coarse_or_fine_instants_are_read_alike():
    frame = log_of(HAND).data.assign(timestamp=lambda f: f["timestamp"].dt.normalize())
    expected = ck.summarize(ck.EventLog(frame), "2024-02-01")
    for unit in ("s", "ms", "ns"):
        same(
            ck.summarize(
                ck.EventLog(frame.assign(timestamp=frame["timestamp"].dt.as_unit(unit))),
                "2024-02-01",
            ),
            expected,
        )
    dates = pl.from_pandas(frame).with_columns(pl.col("timestamp").cast(pl.Date))
    for kind in (dates, dates.lazy(), dates.to_arrow(), duckdb.from_arrow(dates.to_arrow())):
        same(ck.summarize(ck.EventLog(kind), "2024-02-01"), expected)


def test_times_before_1970_fall_on_their_own_day():
    rows = [("a", "1969-12-30 23:00", 1.0), ("a", "1969-12-31 01:00", 1.0)]
    for convert in FRAMES.values():
        log = ck.EventLog(convert(log_of(rows).data))
        for unit, recency in (("D", 1.0), ("h", 2.0), ("W", 1 / 7)):
            assert one(ck.summarize(log, "1970-01-02", unit), "a")["recency"] == recency


def test_a_log_without_money_has_no_money_columns():
    for convert in FRAMES.values():
        log = ck.EventLog(convert(log_of(HAND).data), amount=None)
        customers = to_pandas(ck.summarize(log, "2024-02-01"))
        assert not {"monetary_value", "total_amount"} & set(customers.columns)
        assert customers["frequency"].tolist() == [2, 0]


def test_cdnow_sample_gives_the_published_summary():
    log = ck.EventLog(ck.datasets.load_cdnow(sample=True))
    customers = ck.summarize(log, as_of="1997-10-01", unit="W")
    assert len(customers) == 2357
    assert customers["frequency"].sum() == 2457
    born = customers[customers["first_purchase"] == "1997-01-01"]
    assert born["T"].unique() == pytest.approx([272 / 7])


# Where the clock changes: a change of an hour back and forth, of half an hour, of a whole day.
CHANGES = {
    None: "2024-02-28T12:00",
    "UTC": "1970-01-01T00:00",
    "Asia/Kolkata": "1969-12-31T18:30",
    "America/Havana": "2018-11-04T05:00",
    "America/New_York": "2024-03-10T07:00",
    "America/Sao_Paulo": "2018-02-18T02:00",
    "Europe/Berlin": "2024-10-27T01:00",
    "Australia/Lord_Howe": "2024-04-06T15:00",
    "Pacific/Apia": "2011-12-30T10:00",
}
UNITS = [(unit, period) for unit in PERIODS_OF_UNIT for period in PERIODS_OF_UNIT[unit]]
MINUTE = 60_000_000


@st.composite
def logs(draw):
    """Rows around a change of the clock, a cut-off among them, and how to read them."""
    zone = draw(st.sampled_from(sorted(CHANGES, key=str)))
    change = datetime.fromisoformat(CHANGES[zone]).replace(tzinfo=UTC)
    middle = int(change.timestamp()) * 1_000_000
    reach = draw(st.sampled_from([6 * 60, 72 * 60, 40 * 24 * 60]))
    instants = st.integers(-reach, reach).map(lambda minute: middle + minute * MINUTE)
    instants |= instants.map(lambda us: us // (60 * MINUTE) * (60 * MINUTE))
    instants |= instants.map(lambda us: us - 1)
    amounts = st.sampled_from([0.0, 0.1, 1.0, 2.5, -0.1, -1.0, -3.0, 5.0])
    row = st.tuples(
        st.sampled_from("abc"),
        instants,
        amounts,
        st.sampled_from([1, 1, 1, 2, -1]),
        st.sampled_from([None, 1, 2, 2**53 + 1]),
    )
    rows = draw(st.lists(row, min_size=1, max_size=25))
    how = {
        "net": draw(st.booleans()),
        "min_amount": draw(st.sampled_from([None, None, 0.0, 2.0])),
    }
    unit, period = draw(st.sampled_from(UNITS))
    return rows, draw(instants), zone, unit, period, how


def frame_of_rows(rows, zone):
    customer, us, amount, quantity, order = zip(*rows, strict=True)
    when = pd.Series(np.array(us).astype("datetime64[us]"))
    if zone is not None:
        when = when.dt.tz_localize("UTC").dt.tz_convert(zone)
    columns = {"customer_id": customer, "timestamp": when, "amount": amount, "quantity": quantity}
    return pd.DataFrame({**columns, "order": pd.array(order, dtype="Int64")})


@settings(max_examples=250)
@given(log=logs(), kind=st.sampled_from(sorted(FRAMES)))
def test_brute_force_agrees(log, kind):
    rows, as_of_us, zone, unit, period, how = log
    as_of = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=as_of_us)
    clock = None if zone is None else ZoneInfo(zone)
    expected = brute_force.summarize(rows, as_of_us, clock, unit, period, **how)
    log = ck.EventLog(
        FRAMES[kind](frame_of_rows(rows, zone)),
        order="order",
        quantity="quantity",
        returns="net" if how["net"] else "exclude",
        min_amount=how["min_amount"],
        tz=zone,
    )
    extras = () if (unit, period) == ("M", "D") else "sum_log_gaps"
    as_of = as_of.replace(tzinfo=None) if zone is None else as_of
    if not expected:
        with pytest.raises(DataError, match=r"nobody bought before|not after the first event"):
            ck.summarize(log, as_of, unit, period=period, extras=extras)
        return
    got = to_pandas(ck.summarize(log, as_of, unit, period=period, extras=extras))
    assert got["customer_id"].tolist() == list(expected)
    assert (got["recency"] <= got["T"]).all()
    wanted = pd.DataFrame(expected.values())[got.columns[1:]]
    for name in ("first_purchase", "last_purchase"):
        utc = pd.to_datetime(got.pop(name), utc=True).dt.tz_localize(None)
        us = utc.astype("datetime64[us]").astype("int64")
        assert us.tolist() == wanted.pop(name).tolist()
    np.testing.assert_allclose(got.iloc[:, 1:].astype(float), wanted.astype(float), atol=1e-9)


INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]


@settings(max_examples=100)
@given(data=st.data(), dtype=st.sampled_from(INTEGERS), kind=st.sampled_from(sorted(FRAMES)))
def test_ids_and_orders_of_every_width_stay_apart(data, dtype, kind):
    limits = np.iinfo(dtype)
    whole = st.integers(int(limits.min), int(limits.max))
    ids = data.draw(st.lists(whole, min_size=1, max_size=30, unique=True))
    frame = pd.DataFrame({"customer_id": np.array(ids, dtype=dtype), "amount": 1.0})
    frame["timestamp"] = pd.Timestamp("2024-01-01").as_unit("us")
    frame["order"] = frame["customer_id"]
    customers = to_pandas(ck.summarize(ck.EventLog(FRAMES[kind](frame), order="order")))
    assert customers["customer_id"].tolist() == sorted(ids)
    assert customers["customer_id"].dtype == dtype
    assert set(customers["n_orders"]) == {1}
    one = frame.assign(customer_id="a")
    customers = to_pandas(ck.summarize(ck.EventLog(FRAMES[kind](one), order="order")))
    assert customers["n_orders"].tolist() == [len(ids)]


@pytest.mark.parametrize("kind", FRAMES)
def test_a_refunded_repeat_is_worth_exactly_nothing(kind):
    rows = [("a", "2024-01-01", 0.3), *[("a", "2024-01-02", x) for x in (0.1, 0.2, -0.3)]]
    log = ck.EventLog(FRAMES[kind](log_of(rows).data), returns="net")
    assert one(ck.summarize(log), "a")["monetary_value"] == 0.0


@pytest.mark.parametrize("kind", [kind for kind in FRAMES if kind != "duckdb"])
def test_a_large_first_purchase_does_not_eat_the_repeat(kind):
    log = ck.EventLog(
        FRAMES[kind](log_of([("a", "2024-01-01", 1e9), ("a", "2024-01-02", 0.01)]).data)
    )
    assert one(ck.summarize(log), "a")["monetary_value"] == 0.01


@pytest.mark.parametrize("kind", FRAMES)
def test_a_return_told_by_its_quantity_alone_is_subtracted(kind):
    frame = log_of(HAND).data.assign(units=[1, 1, -1, 1, 1, 1])
    log = ck.EventLog(FRAMES[kind](frame), quantity="units", returns="net", min_amount=31.0)
    assert one(ck.summarize(log, "2024-02-01"), "a")["total_amount"] == 20.0
    assert log.report().returns_amount == -30.0


@pytest.mark.parametrize("kind", FRAMES)
def test_nanoseconds_do_not_round_across_the_cutoff(kind):
    instants = ["2023-12-31T23:59:59.999999900", "2024-01-01T00:00:00.000000500"]
    frame = pd.DataFrame(
        {"customer_id": ["a", "b"], "timestamp": np.array(instants, "M8[ns]"), "amount": 1.0}
    )
    customers = to_pandas(ck.summarize(ck.EventLog(FRAMES[kind](frame)), "2024-01-01"))
    assert customers["customer_id"].tolist() == ["a"]


@pytest.mark.parametrize("kind", FRAMES)
def test_min_amount_compares_like_everywhere(kind):
    frame = log_of(HAND).data.assign(amount=np.float32(0.7))
    for least, n in ((np.float64(0.7), 0), (0.69, 2)):
        log = ck.EventLog(FRAMES[kind](frame), min_amount=least)
        if n:
            assert len(to_pandas(ck.summarize(log, "2024-02-01"))) == n
        else:
            with pytest.raises(DataError, match="nobody bought"):
                ck.summarize(log, "2024-02-01")


@pytest.mark.parametrize("kind", FRAMES)
@pytest.mark.parametrize("name", ["T", "frequency", "days_since_last"])
def test_an_id_called_like_a_column_of_the_summary_is_refused(kind, name):
    frame = FRAMES[kind](log_of(HAND).data.rename(columns={"customer_id": name}))
    with pytest.raises(DataError, match=f"the customer id is called '{name}'"):
        ck.summarize(ck.EventLog(frame, customer=name))


def test_columns_may_have_the_names_that_are_used_inside():
    names = {"customer_id": "us", "timestamp": "customer", "amount": "period"}
    plain = to_pandas(ck.summarize(log_of(HAND)))
    for convert in FRAMES.values():
        frame = convert(log_of(HAND).data.rename(columns=names))
        log = ck.EventLog(frame, customer="us", when="customer", amount="period")
        same(to_pandas(ck.summarize(log)).rename(columns={"us": "customer_id"}), plain)


def test_customers_of_duckdb_join_in_their_own_connection_with_their_own_types():
    connection = duckdb.connect()
    connection.execute("CREATE TYPE who AS ENUM ('ann', 'bob')")
    connection.execute("""CREATE TABLE ev AS SELECT * FROM (VALUES
        ('ann'::who, TIMESTAMP '2024-01-01', 5), ('bob'::who, TIMESTAMP '2024-01-02', 7))
        AS t(customer_id, "timestamp", amount)""")
    customers = ck.summarize(ck.EventLog(connection.table("ev")))
    assert str(customers.types[0]) == "ENUM('ann', 'bob')"
    joined = (
        connection.table("ev")
        .set_alias("e")
        .join(customers.set_alias("c"), "e.customer_id = c.customer_id")
    )
    assert joined.aggregate("sum(total_amount)").fetchall() == [(12.0,)]
    views = connection.sql("SELECT count(*) FROM duckdb_views() WHERE NOT internal")
    assert views.fetchall() == [(0,)]


@pytest.mark.parametrize(
    ("kwargs", "text"),
    [
        (
            {"as_of": "2023-11-30"},
            r"as_of='2023-11-30' is not after the first event \(2024-01-01 09",
        ),
        ({"as_of": "30/11/2024"}, "as_of='30/11/2024' is no ISO 8601 date"),
        ({"as_of": 20240101}, "as_of must be a date, a datetime or ISO 8601 text, got 20240101"),
        ({"as_of": "2024-02-01T00:00+01:00"}, "has a time zone, the events have none"),
        ({"unit": "Y"}, r"unit must be one of \['h', 'D', 'W', 'M'\], got 'Y'"),
        ({"unit": "D", "period": "W"}, r"period must be one of \['D', 'h'\], got 'W'"),
        ({"extras": "sum_log_gap"}, "Did you mean 'sum_log_gaps'"),
        ({"unit": "M", "extras": ["sum_log_gaps"]}, "no single unit in calendar months"),
    ],
)
def test_errors_teach(kwargs, text):
    with pytest.raises(DataError, match=text):
        ck.summarize(log_of(HAND), **kwargs)


def test_a_bare_frame_is_refused_with_the_cure():
    with pytest.raises(DataError, match=r"an EventLog is needed, got DataFrame.*EventLog\(frame"):
        ck.summarize(log_of(HAND).data)


def test_only_returns_before_the_cutoff_is_told():
    log = log_of([("a", "2024-01-01", -5.0), ("a", "2024-03-01", 5.0)])
    with pytest.raises(DataError, match="nobody bought before as_of=2024-02-01"):
        ck.summarize(log, as_of="2024-02-01")
