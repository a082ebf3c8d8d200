"""CustomerScorer: the row of `transform` for one customer, by events told as plain values."""

import sys
import warnings
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crmkit as ck
from crmkit import _frames
from crmkit.churn import RetentionValue
from crmkit.exceptions import DataError, DataWarning
from crmkit.pipelines import CustomerScorer, CustomerValuePipeline
from crmkit.segment import BehaviourSegmenter
from tests.pipelines._quick import quick
from tests.pipelines._shop_of_items import names, neighbours, shop_of_items

AS_OF = "2024-10-01"
KINDS = {"int": {}, "str": {}, "aware": {"tz": "Europe/London"}, "net": {"returns": "net"}}


def orders(kind):
    """A shop whose ids are whole numbers or text, perhaps of aware times or with returns."""
    frame = shop_of_items("int" if kind == "int" else "str")
    if kind == "int":
        frame["customer_id"] = frame["customer_id"].str[1:].astype(int)
    if kind == "aware":
        frame["timestamp"] = frame["timestamp"].dt.tz_localize("Europe/London")
    if kind == "net":
        back = frame.iloc[::7].assign(amount=lambda rows: -rows["amount"] / 2)
        back["timestamp"] += pd.Timedelta("3D")
        frame = pd.concat([frame, back], ignore_index=True)
    return frame


def log_of(frame, kind):
    return ck.EventLog(frame, item="item", **KINDS[kind])


def fitted(kind):
    made = CustomerValuePipeline(
        churn=quick(),
        offer=RetentionValue(offer_cost=10.0, contact_cost=1.0, acceptance=0.3),
        recommender=neighbours(),
        behaviour=BehaviourSegmenter(["n_orders", "total_amount"], n_segments=3),
    )
    frame = orders(kind)
    items = names(shop_of_items("int")) if kind == "int" else None
    return made.fit(log_of(frame, kind), as_of=AS_OF, items=items), frame


@pytest.fixture(scope="module")
def served():
    kept = {}

    def of(kind):
        if kind not in kept:
            kept[kind] = fitted(kind)
        return kept[kind]

    return of


def told(frame):
    """Events of a frame as plain values."""
    rows = frame.to_dict("records")
    return [{**row, "timestamp": row["timestamp"].to_pydatetime()} for row in rows]


def row_of(table, place=0):
    """A row of a frame as plain values, None where missing."""
    row = table.iloc[place].to_dict()
    return {name: None if value is None or value != value else value for name, value in row.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_each_customer_has_the_row_that_transform_gives_alone(served, kind):
    pipeline, frame = served(kind)
    scorer, n = CustomerScorer(pipeline), 0
    for _, one in list(frame.groupby("customer_id"))[::9]:
        alone = one.reset_index(drop=True)
        try:
            table = pipeline.transform(log_of(alone, kind), as_of=AS_OF)
        except DataError as error:
            with pytest.raises(DataError) as raised:
                scorer.score(told(alone), as_of=AS_OF)
            assert str(raised.value) == str(error)  # noqa: PT017
            continue
        assert scorer.score(told(alone), as_of=AS_OF) == row_of(table)
        n += 1
    assert n >= 12


@pytest.mark.parametrize("kind", KINDS)
def test_some_customers_have_the_rows_of_a_table_of_all(served, kind):
    pipeline, frame = served(kind)
    table = pipeline.transform(log_of(frame, kind), as_of=AS_OF)
    rows = CustomerScorer(pipeline).score_many(told(frame), as_of=AS_OF)
    assert len(rows) == len(table)
    assert rows == [row_of(table, place) for place in range(len(table))]


MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2024, 12, 1))
EVENTS = st.lists(
    st.tuples(
        MOMENTS.map(lambda moment: moment.replace(microsecond=0)),
        st.sampled_from([-7.5, 0.0, 0.01, 20.0, 99.9, 1e6]),
        st.sampled_from(["tea 0", "wool 7", "nail 3", "never sold"]),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60)
@given(
    EVENTS,
    st.sampled_from(["c003", "a stranger", "", "é", "c\0d"]),
    st.sampled_from(["2024-10-01", "2024-10-01T15:30", "2025-06-01"]),
    st.sampled_from(["str", "net"]),
)
def test_whatever_was_bought_the_answer_or_the_error_is_that_of_transform(
    served, events, customer, as_of, kind
):
    pipeline, _ = served(kind)
    frame = pd.DataFrame(events, columns=["timestamp", "amount", "item"])
    log = log_of(frame.assign(customer_id=customer), kind)
    columns = frame.to_dict("list") | {"timestamp": [moment for moment, _, _ in events]}

    def answer(ask):
        try:
            return ask()
        except DataError as error:
            return str(error)

    scorer = CustomerScorer(pipeline)
    expected = answer(lambda: row_of(muted(lambda: pipeline.transform(log, as_of=as_of))))
    found = answer(lambda: muted(lambda: scorer.score(columns, as_of=as_of, customer=customer)))
    assert found == expected


def muted(ask):
    """An answer without the warning that an item was not there at the fit."""
    with ck.exceptions.muted("ItemKNN: .* in history= were not there at the fit"):
        return ask()


def test_eight_threads_give_equal_answers(served):
    pipeline, frame = served("str")
    scorer = CustomerScorer(pipeline)
    groups = [told(one) for _, one in list(frame.groupby("customer_id"))[:40]]
    groups = [events for events in groups if min(e["timestamp"] for e in events).month < 9]
    alone = [scorer.score(events, as_of=AS_OF) for events in groups]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda events: scorer.score(events, as_of=AS_OF), groups * 8))
    assert together == alone * 8


def test_offers_are_those_of_recommend(served):
    pipeline, frame = served("str")
    one = frame[frame["customer_id"] == "c003"].reset_index(drop=True)
    table = pipeline.recommend(log_of(one, "str"), 4, as_of=AS_OF, deny=["tea 0"])
    offers = CustomerScorer(pipeline).offers(told(one), 4, as_of=AS_OF, deny=["tea 0"])
    assert offers == table.to_dict("records")
    assert len(offers) == 4


def test_values_are_plain(served):
    pipeline, frame = served("int")
    row = CustomerScorer(pipeline).score(told(frame[frame["customer_id"] == 3]), as_of=AS_OF)
    assert {type(value) for value in row.values()} <= {int, float, str, bool, datetime}
    assert row["customer_id"] == 3


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: [{**row, "timestamp": row["timestamp"].isoformat()} for row in rows],
        lambda rows: {name: [row[name] for row in rows] for name in rows[0]},
        lambda rows: {name: np.array([row[name] for row in rows]) for name in rows[0]},
        lambda rows: [{**row, "seen by": "nobody"} for row in rows[::-1]],
        lambda rows: [{k: v for k, v in row.items() if k != "customer_id"} for row in rows],
    ],
    ids=["text", "lists", "arrays", "more", "customer="],
)
def test_events_are_told_in_several_ways(served, change):
    pipeline, frame = served("str")
    rows, scorer = told(frame[frame["customer_id"] == "c003"]), CustomerScorer(pipeline)
    expected = scorer.score(rows, as_of=AS_OF)
    assert scorer.score(change(rows), as_of=AS_OF, customer="c003") == expected


def test_aware_times_of_several_offsets_are_the_same_instants(served):
    pipeline, frame = served("aware")
    rows, scorer = told(frame[frame["customer_id"] == "c003"]), CustomerScorer(pipeline)
    utc = [{**row, "timestamp": (row["timestamp"] - timedelta(0)).isoformat()} for row in rows]
    assert scorer.score(utc, as_of=AS_OF) == scorer.score(rows, as_of=AS_OF)


def test_missing_ids_are_dropped_with_the_warning_of_the_log(served):
    pipeline, frame = served("str")
    rows, scorer = told(frame[frame["customer_id"] == "c003"]), CustomerScorer(pipeline)
    with pytest.warns(DataWarning, match="EventLog: 1 of .* rows .* have no 'customer_id'"):
        found = scorer.score([*rows, {**rows[0], "customer_id": None}], as_of=AS_OF)
    assert found == scorer.score(rows, as_of=AS_OF)


GOOD = {"customer_id": "c1", "timestamp": datetime(2024, 5, 1), "amount": 9.0, "item": "tea 0"}
NAIVE = "the times in 'timestamp' are timezone-aware, but those of the fitted log are naive"


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"amount": float("nan")}, "EventLog: 1 fault in 2 rows. 'amount' has 1 NaN or missing"),
        ({"amount": "9"}, "'amount' is .*: it must hold numbers"),
        ({"timestamp": None}, "'timestamp' is missing in 1 rows"),
        ({"timestamp": "yesterday"}, "'timestamp' holds 'yesterday' .event 1., which is no ISO"),
        ({"timestamp": "2024-05-01T10:00Z"}, "holds mixed Python objects .naive and tz-aware"),
        ({"customer_id": "c2"}, "the events are of 2 customers. Pass those of one"),
        ({"customer_id": 1.5}, "'customer_id' is .*: customer ids must be text or whole numbers"),
        ({"timestamp": 5}, "'timestamp' holds mixed Python objects"),
    ],
)
def test_faults_are_told_in_the_words_of_the_log(served, changes, text):
    scorer = CustomerScorer(served("str")[0])
    with pytest.raises(DataError, match=text):
        scorer.score([GOOD, {**GOOD, **changes}], as_of=AS_OF)


@pytest.mark.parametrize(
    ("events", "arguments", "text"),
    [
        ([], {}, "CustomerScorer: there are no events. A customer is scored by what he bought"),
        ({}, {}, "CustomerScorer: there are no events"),
        ("c1", {}, "events must be a list of dicts, one an event, or a dict of columns, got str"),
        ([GOOD], {"customer": "c7"}, "customer='c7', but 1 events are of others .first 'c1'."),
        ({"amount": 1.0}, {}, "'amount' must be a list or an array with a value for each event"),
        ({"amount": [1.0], "item": []}, {}, "the columns must be of one length"),
        ([{**GOOD, "timestamp": "2024-05-01T10:00Z"}], {}, NAIVE),
        ([{"when": 1, "Amount": 2.0}], {"customer": "c1"}, "column 'timestamp' not found.*Columns"),
        ([{"timestamp": "2024-01-01", "amnt": 2.0}], {"customer": "c1"}, "mean amount='amnt'"),
        ([GOOD], {"as_of": "2024-05-01"}, "as_of='2024-05-01' is not after the first event"),
        ([{**GOOD, "amount": -9.0}], {}, "nobody bought before as_of=2024-10-01"),
    ],
)
def test_what_cannot_be_scored_is_refused(served, events, arguments, text):
    scorer = CustomerScorer(served("str")[0])
    with pytest.raises(DataError, match=text):
        scorer.score(events, **{"as_of": AS_OF, **arguments})


def test_naive_times_are_refused_where_the_log_was_aware(served):
    scorer = CustomerScorer(served("aware")[0])
    with pytest.raises(DataError, match=r"'timestamp' are naive, but .* Say their zone, such as"):
        scorer.score([GOOD], as_of=AS_OF)


@pytest.mark.parametrize("when", ["0001-01-01T00:00+14:00", "9999-12-31T23:00-14:00"])
def test_aware_times_at_the_ends_of_the_calendar_are_refused(served, when):
    for kind in ("str", "aware"):
        scorer = CustomerScorer(served(kind)[0])
        with pytest.raises(DataError, match=r"CustomerScorer: .* is no time of an event\. Correct"):
            scorer.score([{**GOOD, "timestamp": when}], as_of=AS_OF)


def test_only_a_fitted_pipeline_can_score():
    with pytest.raises(DataError, match="a fitted CustomerValuePipeline is needed, got str"):
        CustomerScorer("pipeline")
    with pytest.raises(ValueError, match="not fitted"):
        CustomerScorer(CustomerValuePipeline())


def test_it_says_what_it_serves(served):
    assert repr(CustomerScorer(served("str")[0])).startswith(
        "CustomerScorer(CustomerValuePipeline("
    )


@pytest.fixture(scope="module", params=["text", "numbers"])
def people(request):
    """A shop whose customers have several records, and the pipeline that put them together."""
    shop = ck.datasets.make_customers(300, duplicates=0.4, returns=0.0, random_state=3)
    records, events = shop.records, shop.events
    if request.param == "numbers":
        number = {record: i * 7 for i, record in enumerate(records["record_id"])}
        records, events = (
            frame.assign(record_id=frame["record_id"].map(number)) for frame in (records, events)
        )
    made = CustomerValuePipeline(churn=quick(), recommender=ck.recommend.ItemKNN())
    return made.fit(people_log(events), as_of="2024-07-01", records=records), events


def people_log(frame):
    return ck.EventLog(frame, customer="record_id", order="order_id", item="product_id")


def test_events_of_several_records_are_those_of_one_person(people):
    pipeline, events = people
    scorer, as_of = CustomerScorer(pipeline), "2024-07-01"
    table = pipeline.transform(people_log(events), as_of=as_of)
    ids = pipeline.golden_.id_map().set_index("record_id")["golden_id"]
    n_records = 0
    for person, one in list(events.groupby(events["record_id"].map(ids)))[::15]:
        alone = one.reset_index(drop=True)
        assert _frames.is_plain(scorer._log(told(alone), None).data)
        row = scorer.score(told(alone), as_of=as_of)
        assert row == row_of(pipeline.transform(people_log(alone), as_of=as_of))
        assert row["n_records"] == table.set_index("record_id").loc[person, "n_records"]
        offers = pipeline.recommend(people_log(alone), 5, as_of=as_of).to_dict("records")
        assert scorer.offers(told(alone), 5, as_of=as_of) == offers
        n_records = max(n_records, alone["record_id"].nunique())
    assert n_records > 1
    rows = scorer.score_many(told(events), as_of=as_of)
    assert rows == [row_of(table, place) for place in range(len(table))]


def test_whoever_has_no_record_keeps_his_id(people):
    pipeline, events = people
    some, scorer = events.head(40).reset_index(drop=True), CustomerScorer(pipeline)
    stranger = "z" if some["record_id"].dtype != "int64" else 1
    alone = some.assign(record_id=stranger)
    row = scorer.score(told(alone), as_of="2024-07-01")
    assert row == row_of(pipeline.transform(people_log(alone), as_of="2024-07-01"))
    assert (row["record_id"], row["n_records"]) == (stranger, 0)
    both = pd.concat([some, alone])
    with pytest.warns(DataWarning, match="1 of .* customers of the log are not among the records"):
        rows = scorer.score_many(told(both), as_of="2024-07-01")
    assert row["total_amount"] in [each["total_amount"] for each in rows]


def test_ids_of_another_type_than_the_records_are_refused(people):
    pipeline, events = people
    wrong = 5 if events["record_id"].dtype != "int64" else "r5"
    with pytest.raises(DataError, match=r"GoldenRecord: 'record_id' of the log holds .* Convert"):
        CustomerScorer(pipeline).score(
            told(events.head(3).drop(columns="record_id")), as_of="2024-07-01", customer=wrong
        )


@pytest.fixture(scope="module")
def groceries():
    """Some households of a real shop, and the pipeline that learnt from them."""
    lines = ck.datasets.load_complete_journey().transactions
    frame = lines[lines["household_id"] % 16 == 0].reset_index(drop=True)
    log = groceries_log(frame)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        return CustomerValuePipeline(churn=quick()).fit(log, as_of="2017-12-01"), frame


def groceries_log(frame):
    return ck.EventLog(
        frame,
        customer="household_id",
        when="transaction_timestamp",
        amount="sales_value",
        order="basket_id",
        item="product_id",
    )


def lone(lines):
    """The log of one household, and its events as plain values."""
    alone = groceries_log(lines.reset_index(drop=True))
    events = {name: lines[name].tolist() for name in alone.columns.named().values()}
    events[alone.when] = [moment.to_pydatetime() for moment in lines[alone.when]]
    return alone, events


def test_real_households_have_the_rows_and_the_offers_of_the_pipeline(groceries):
    pipeline, frame = groceries
    assert pipeline.churn_ is not None
    assert pipeline.recommender_ is not None
    assert pipeline.stager_ is not None
    scorer, n, sources = CustomerScorer(pipeline), 0, set()
    late = "2018-01-01"
    for _, one in list(frame.groupby("household_id"))[::4]:
        alone, events = lone(one)
        row = scorer.score(events, as_of=late)
        assert row == row_of(pipeline.transform(alone, as_of=late))
        offers = pipeline.recommend(alone, 10, as_of=late)
        assert scorer.offers(events, 10, as_of=late) == offers.to_dict("records")
        sources.add(row["churn_source"])
        n += 1
    assert n >= 24
    assert "classifier" in sources


def test_one_household_is_scored_in_few_calls(groceries):
    """Calls are counted, since seconds differ from machine to machine: each takes about 1 us."""
    pipeline, frame = groceries
    scorer, (_, events) = CustomerScorer(pipeline), lone(frame[frame["household_id"] == 16])
    scorer.score(events, as_of="2018-01-01")
    found = Counter()
    sys.setprofile(lambda _, event, __: found.update([event]))
    try:
        row = scorer.score(events, as_of="2018-01-01")
    finally:
        sys.setprofile(None)
    assert row["churn_reasons"]
    assert row["next_offer"] is not None
    n_calls = found["call"] + found["c_call"]
    assert 500 < n_calls < 3_300
