"""cohort_table: by hand, against brute force, and what is unfinished."""

from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crmkit as ck
from crmkit.datasets import load_cdnow
from crmkit.exceptions import DataError, DataWarning
from crmkit.segment import cohort_table
from tests.oracles.cohorts import cohort_cells, period_of
from tests.segment._shop import FRAMES, as_dict

# a and b come in January (shop, web), c in February (web), d in March (shop).
ROWS = [
    ("a", datetime(2024, 1, 5), 10.0, 1, "shop"),
    ("a", datetime(2024, 2, 20), 20.0, 2, "web"),
    ("a", datetime(2024, 2, 21), 5.0, 3, "web"),
    ("b", datetime(2024, 1, 31, 23, 59), 40.0, 4, "web"),
    ("c", datetime(2024, 2, 1), 8.0, 5, "web"),
    ("c", datetime(2024, 3, 9), 2.0, 6, "shop"),
    ("a", datetime(2024, 3, 10), -5.0, 7, "web"),
    ("d", datetime(2024, 3, 30), 1.0, 8, None),
    ("b", datetime(2024, 4, 9), 7.0, 9, "web"),
]
NAN = float("nan")


def frame_of(rows):
    frame = pd.DataFrame(
        rows, columns=["customer_id", "timestamp", "amount", "order_id", "channel"]
    )
    return frame.astype({"timestamp": "datetime64[us]", "channel": "str"})


def log_of(rows=ROWS, kind=lambda frame: frame, **kwargs):
    return ck.EventLog(kind(frame_of(rows)), order="order_id", **kwargs)


def same(table, expected):
    np.testing.assert_allclose(table.to_numpy(), expected, equal_nan=True)


def test_retention_by_hand():
    table = cohort_table(log_of(), as_of="2024-04-01")
    assert table.labels == ("2024-01", "2024-02", "2024-03")
    assert table.sizes.tolist() == [2, 1, 1]
    assert not table.unfinished
    same(table.wide(), [[1, 0.5, 0], [1, 1, NAN], [1, NAN, NAN]])
    customers = cohort_table(log_of(), measure="customers", as_of="2024-04-01")
    same(customers.wide(), [[2, 1, 0], [1, 1, NAN], [1, NAN, NAN]])


def test_orders_and_revenue_by_hand():
    orders = cohort_table(log_of(), measure="orders", as_of="2024-04-01")
    same(orders.wide(), [[2, 2, 0], [1, 1, NAN], [1, NAN, NAN]])
    for returns, back in (("exclude", 0.0), ("net", -5.0)):
        revenue = cohort_table(log_of(returns=returns), measure="revenue", as_of="2024-04-01")
        same(revenue.wide(), [[50, 25, back], [8, 2, NAN], [1, NAN, NAN]])
    summed = cohort_table(
        log_of(returns="net"),
        measure="revenue",
        per="customer",
        cumulative=True,
        as_of="2024-04-01",
    )
    same(summed.wide(), [[25, 37.5, 35], [8, 10, NAN], [1, NAN, NAN]])


def test_money_given_back_after_the_last_purchase_counts_in_its_own_period():
    rows = [
        ("a", datetime(2024, 1, 5), 100.0, 1, "web"),
        ("b", datetime(2024, 1, 20), 50.0, 2, "web"),
        ("a", datetime(2024, 3, 30), -40.0, 3, "web"),
    ]
    log = log_of(rows, returns="net")
    finished = cohort_table(log, measure="revenue", as_of="2024-04-01")
    same(finished.wide(), [[150, 0, -40]])
    unfinished = cohort_table(log, measure="revenue", as_of="2024-03-31")
    same(unfinished.wide(), [[150, 0, NAN]])
    same(unfinished.wide(unfinished=True), [[150, 0, -40]])


def test_money_given_back_before_the_first_purchase_counts_at_its_age_0():
    rows = [
        ("a", datetime(2024, 1, 5), -40.0, 1, "web"),
        ("b", datetime(2024, 1, 20), 50.0, 2, "web"),
        ("a", datetime(2024, 3, 10), 100.0, 3, "web"),
        ("a", datetime(2024, 4, 2), 7.0, 4, "web"),
    ]
    table = cohort_table(log_of(rows, returns="net"), measure="revenue", as_of="2024-05-01")
    same(table.wide(), [[50, 0, 0, 0], [60, 7, NAN, NAN]])


def test_an_unfinished_period_is_marked_and_left_out():
    table = cohort_table(log_of())
    assert table.as_of == datetime(2024, 4, 10)
    assert table.unfinished
    same(table.wide(), [[1, 0.5, 0, NAN], [1, 1, NAN, NAN], [1, NAN, NAN, NAN]])
    same(table.wide(unfinished=True), [[1, 0.5, 0, 0.5], [1, 1, 0, NAN], [1, 0, NAN, NAN]])
    assert table.complete.tolist() == [
        [True, True, True, False],
        [True, True, False, False],
        [True, False, False, False],
    ]
    long = table.frame()
    assert len(long) == 9
    assert long[~long["complete"]][["age", "retention"]].to_numpy().tolist() == [
        [3, 0.5],
        [2, 0],
        [1, 0],
    ]


def test_cohorts_of_a_column():
    table = cohort_table(log_of(), by="channel", as_of="2024-04-01")
    assert table.labels == ("shop", "web", "(missing)")
    assert table.sizes.tolist() == [1, 2, 1]
    # After two months only b of the web is old enough: c came a month later.
    same(table.wide(), [[1, 1, 0], [1, 0.5, 0], [1, NAN, NAN]])
    assert table.n_customers.tolist() == [[1, 1, 1], [2, 2, 1], [1, 0, 0]]
    partly = cohort_table(log_of(), by="channel")
    assert partly.n_customers.tolist() == [[1, 1, 1, 1], [2, 2, 1, 1], [1, 1, 0, 0]]
    assert partly.complete[1].tolist() == [True, True, True, False]
    same(partly.wide(unfinished=True).iloc[1], [1, 0.5, 0, 1])


def test_a_sum_up_to_an_age_is_of_the_customers_it_tells_of():
    rows = [
        ("a", datetime(2024, 1, 5), 100.0, 1, "web"),
        ("a", datetime(2024, 2, 5), 10.0, 2, "web"),
        ("b", datetime(2024, 3, 5), 100.0, 3, "web"),
        ("c", datetime(2024, 3, 6), 100.0, 4, "web"),
        ("c", datetime(2024, 3, 31), 0.0, 5, "web"),
    ]
    table = cohort_table(
        log_of(rows), by="channel", measure="revenue", cumulative=True, as_of="2024-04-01"
    )
    same(table.wide(), [[300, 110, 110]])
    assert table.n_customers.tolist() == [[3, 1, 1]]


def test_a_value_that_is_called_missing_and_missing_values_are_one_cohort():
    rows = [(i, datetime(2024, 1, 5), 1.0, i, v) for i, v in enumerate([None, "(missing)", "x"])]
    table = cohort_table(log_of(rows), by="channel")
    assert table.labels == ("(missing)", "x")
    assert table.sizes.tolist() == [2, 1]


def test_whole_numbers_make_cohorts_of_their_own():
    frame = frame_of(ROWS).assign(shop=[3, 1, 1, 12, 3, 1, 1, 12, 3])
    table = cohort_table(ck.EventLog(frame), by="shop")
    assert table.cohorts.tolist() == [3, 12]
    assert table.sizes.tolist() == [2, 2]


@pytest.mark.parametrize("kind", ["category", "dictionary"])
def test_ids_that_are_categories_of_numbers_meet_their_own_cohort(kind):
    random = np.random.default_rng(0)
    who = random.integers(1, 30, 200)
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 120, 200), "D")
    frame = pd.DataFrame({"customer_id": who, "timestamp": days, "amount": 1.0})
    frame["channel"] = np.where(who < 10, "low", "high")
    expected = cohort_table(ck.EventLog(frame), by="channel").wide(unfinished=True)
    held = frame.astype({"customer_id": "category"})
    if kind == "dictionary":
        held = pa.Table.from_pandas(held, preserve_index=False)
    got = cohort_table(ck.EventLog(held), by="channel").wide(unfinished=True)
    pd.testing.assert_frame_equal(got, expected)


@pytest.mark.parametrize(
    ("period", "labels"),
    [
        ("W", ("2024-01-01", "2024-01-29", "2024-03-25")),
        ("M", ("2024-01", "2024-02", "2024-03")),
        ("Q", ("2024-Q1",)),
        ("Y", ("2024",)),
    ],
)
def test_names_of_periods(period, labels):
    assert cohort_table(log_of(), period=period).labels == labels


@st.composite
def shops(draw):
    n = draw(st.integers(1, 25))
    begin = date(2023, 11, 20)

    def row():
        return (
            draw(st.integers(1, 6)),
            datetime(begin.year, begin.month, begin.day)
            + timedelta(days=draw(st.integers(0, 130)), hours=draw(st.integers(0, 23))),
            draw(st.integers(-900, 2000)) / 100,
            draw(st.integers(1, 12)),
            draw(st.sampled_from(["web", "shop", None])),
        )

    rows = [row() for _ in range(n)]
    # An order belongs to one customer.
    return [(who, when, amount, 100 * who + order, v) for who, when, amount, order, v in rows]


@given(rows=shops(), period=st.sampled_from("WM"), by=st.sampled_from([None, "channel"]))
@settings(max_examples=60)
def test_net_revenue_agrees_with_brute_force(rows, period, by):
    as_of = max(row[1].date() for row in rows) + timedelta(days=1)
    if not any(row[2] >= 0 for row in rows):
        return
    table = cohort_table(log_of(rows, returns="net"), by=by, period=period, measure="revenue")
    expected = cohort_cells(rows, as_of, period, "revenue", by=by, net=True)
    told = sorted(value for value, _, _ in expected.values())
    got = np.sort(table.values[~np.isnan(table.values)])
    np.testing.assert_allclose(got, told, atol=1e-9)


@given(
    rows=shops(),
    days=st.integers(1, 140),
    period=st.sampled_from("WMQY"),
    measure=st.sampled_from(["retention", "customers", "orders", "revenue"]),
    per=st.sampled_from(["cohort", "customer"]),
    by=st.sampled_from([None, "channel"]),
    net=st.booleans(),
    cumulative=st.booleans(),
)
@settings(max_examples=200)
def test_brute_force_agrees(rows, days, period, measure, per, by, net, cumulative):
    as_of = date(2023, 11, 20) + timedelta(days=days)
    end = max(row[1].date() for row in rows) + timedelta(days=1)
    if as_of > end or not any(row[2] >= 0 and row[1].date() < as_of for row in rows):
        return
    log = log_of(rows, returns="net" if net else "exclude")
    added = {"cumulative": cumulative and measure in ("orders", "revenue")}
    table = cohort_table(log, by=by, period=period, measure=measure, per=per, as_of=as_of, **added)
    expected = cohort_cells(rows, as_of, period, measure, by=by, net=net, per=per, **added)
    names = [
        period_of(pd.Timestamp(c).date(), period) if by is None else str(c) for c in table.cohorts
    ]
    got = {
        (names[i], j): (table.values[i, j], table.n_customers[i, j], table.complete[i, j])
        for i, j in zip(*np.nonzero(~np.isnan(table.values)), strict=True)
    }
    assert got.keys() == expected.keys()
    for cell, (value, n, complete) in expected.items():
        assert got[cell][0] == pytest.approx(value, abs=1e-9)
        assert got[cell][1:] == (n, complete)


def test_everything_adds_up_on_real_data():
    log = ck.EventLog(load_cdnow())
    customers = ck.summarize(log, as_of="1998-07-01")
    for by in (None, "quantity"):
        revenue = cohort_table(log, by=by, measure="revenue", as_of="1998-07-01", period="Q")
        orders = cohort_table(log, by=by, measure="orders", as_of="1998-07-01", period="Q")
        assert orders.sizes.sum() == len(customers)
        assert np.nansum(revenue.values) == pytest.approx(customers["total_amount"].sum())
        assert np.nansum(orders.values) == customers["n_orders"].sum()


@pytest.mark.parametrize("kind", FRAMES)
@pytest.mark.parametrize("by", [None, "channel"])
def test_every_kind_of_frame(kind, by):
    expected = as_dict(cohort_table(log_of(), by=by, measure="revenue").frame())
    made = cohort_table(log_of(kind=FRAMES[kind]), by=by, measure="revenue").frame()
    assert type(made) is type(FRAMES[kind](pd.DataFrame({"x": [1]})))
    assert as_dict(made) == expected


def test_row_order_and_what_comes_later_do_not_matter():
    late = [*ROWS[::-1], ("z", datetime(2024, 5, 5), 1.0, 10, "web")]
    for by in (None, "channel"):
        expected = cohort_table(log_of(), by=by, as_of="2024-04-01").wide()
        got = cohort_table(log_of(late), by=by, as_of="2024-04-01").wide()
        assert got.equals(expected)


def test_days_begin_in_the_zone_of_the_log():
    frame = frame_of(ROWS)
    frame["timestamp"] = frame["timestamp"].dt.tz_localize("Asia/Tokyo").dt.tz_convert("UTC")
    for by in (None, "channel"):
        got = cohort_table(ck.EventLog(frame, tz="Asia/Tokyo", order="order_id"), by=by)
        same(got.wide(unfinished=True), cohort_table(log_of(), by=by).wide(unfinished=True))


def test_words():
    text = str(cohort_table(log_of()))
    assert "Retention by month of the first purchase and age in months: 3 cohorts, 4 cus" in text
    assert "2024-04 had not ended on 2024-04-10 and is left out." in text
    weekly = str(cohort_table(log_of(), period="W"))
    assert "The week from 2024-04-08 had not ended on 2024-04-10 and is left out." in weekly
    summed = cohort_table(
        log_of(),
        measure="orders",
        cumulative=True,
        per="customer",
        by="channel",
        period="Q",
        as_of="2024-04-01",
    )
    assert "Cumulative orders per customer by 'channel' at first and age in quarters" in str(summed)
    assert "unfinished" not in str(summed)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"by": "chanel"}, "column 'chanel' not found. Did you mean by='channel'"),
        ({"by": "amount"}, "column 'amount' must hold text or whole numbers, such as a channel"),
        ({"period": "D"}, r"period must be one of \['W', 'M', 'Q', 'Y'\], got 'D'"),
        ({"measure": "retension"}, "measure must be one of .* Did you mean 'retention'"),
        ({"per": "head"}, r"per must be one of \['cohort', 'customer'\]"),
        ({"cumulative": True}, "cumulative adds up orders or revenue, not retention"),
        ({"as_of": "2024-01-01"}, "cohort_table: as_of='2024-01-01' is not after the first event"),
        ({"as_of": "2024-02-01 07:00"}, "as_of must be the beginning of a day"),
    ],
)
def test_errors_teach(options, text):
    with pytest.raises(DataError, match=text):
        cohort_table(log_of(), **options)


def test_no_money_no_purchase_no_log():
    bare = ck.EventLog(frame_of(ROWS).drop(columns="amount"), amount=None)
    with pytest.raises(DataError, match="measure='revenue' needs a log with amounts"):
        cohort_table(bare, measure="revenue")
    with pytest.raises(DataError, match="nobody bought before 2024-03-11: choose a later as_of"):
        cohort_table(log_of([ROWS[6]]))
    with pytest.raises(DataError, match="cohort_table: an EventLog is needed, got DataFrame"):
        cohort_table(frame_of(ROWS))
    with pytest.warns(DataWarning, match="cohort_table: 2024-05-07 lies 27 days behind the end"):
        cohort_table(log_of(), as_of="2024-05-07")


def test_one_customer():
    table = cohort_table(log_of(ROWS[:1]))
    same(table.wide(unfinished=True), [[1.0]])
    assert not table.complete.any()
    assert np.isnan(table.wide().to_numpy()).all()
