"""GoldenRecord: rules by hand, provenance, ids of events, every library, what is refused."""

import pickle
from collections import Counter

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

import crmkit as ck
from crmkit.cleaning import GoldenRecord
from crmkit.datasets import make_customers
from crmkit.exceptions import DataError, DataWarning
from tests.contracts.frame_kinds import FRAMES, to_pandas

RECORDS = pd.DataFrame(
    {
        "id": ["r3", "r1", "r2", "r4", "r5"],
        "entity": [7, 7, 7, 2, 2],
        "first_name": ["Ann", "ANN", "Bob", "Cy", None],
        "last_name": ["Lee", "LEE", "Lee", "Ray", "Roy"],
        "email": ["ann@new.com", "ann@old.com", None, "cy@x.com", "cy@x.com"],
        "phone": ["555 123 4567", "5551234567", "999-999-9999", None, None],
        "street": ["1 Oak St", "2 Elm St", "2 Elm Street", None, "5 Low Rd"],
        "city": ["Rome", "Bonn", None, "Oslo", None],
        "postcode": [None, "53111", "53111", "0150", None],
        "spent": [10.0, 30.0, 20.0, np.nan, np.nan],
        "seen": pd.to_datetime(["2024-03-01", "2024-01-01", "2024-02-01", "2023-05-01", None]),
        "shop": ["web", "desk", "desk", "web", "web"],
    }
)
KINDS = {"spent": "number", "shop": "category", "seen": "date", "city": "city", "street": "street"}
KINDS |= {"first_name": "first_name", "last_name": "last_name", "email": "email"}
KINDS |= {"phone": "phone", "postcode": "postcode"}


def golden(rules=None, records=RECORDS, **parameters):
    parameters = {"kinds": KINDS, "record": "id", "when": "seen"} | parameters
    return GoldenRecord(rules=rules, **parameters).fit(records)


def column(name, rules=None, **parameters):
    """Golden values of a column, of the entities 2 and 7, None where missing."""
    made = golden(rules, **parameters).transform(RECORDS)[name]
    return [None if pd.isna(value) else value for value in made]


@pytest.mark.parametrize(
    ("name", "rule", "wanted"),
    [
        ("email", "most_recent", ["cy@x.com", "ann@new.com"]),
        ("email", "oldest", ["cy@x.com", "ann@old.com"]),
        ("email", "first", ["cy@x.com", "ann@old.com"]),
        ("email", "longest", ["cy@x.com", "ann@new.com"]),  # a tie: the newest
        ("phone", "most_recent", [None, "555 123 4567"]),
        ("phone", "oldest", [None, "5551234567"]),
        ("phone", "longest", [None, "555 123 4567"]),  # a placeholder is no value
        ("spent", "min", [None, 10.0]),
        ("spent", "max", [None, 30.0]),
        ("seen", "min", [pd.Timestamp("2023-05-01"), pd.Timestamp("2024-01-01")]),
        ("seen", "max", [pd.Timestamp("2023-05-01"), pd.Timestamp("2024-03-01")]),
        ("shop", "most_frequent", ["web", "desk"]),
        ("shop", "most_recent", ["web", "web"]),
        ("email", "most_complete", ["cy@x.com", "ann@old.com"]),
    ],
)
def test_rules_of_one_column_by_hand(name, rule, wanted):
    assert column(name, {name: rule}) == wanted


def test_the_most_trusted_source_that_knows_something():
    trusted = {"source": "shop", "sources": ["desk"]}
    assert column("email", {"email": "most_trusted"}, **trusted) == ["cy@x.com", "ann@old.com"]
    assert column("phone", {"phone": "most_trusted"}, **trusted) == [None, "5551234567"]
    assert column("email", when=None, **trusted) == ["cy@x.com", "ann@old.com"]


def test_most_frequent_counts_normal_forms_and_shows_the_usual_spelling():
    names = pd.DataFrame(
        {"entity": [0] * 5, "last_name": ["MULLER", "Müller", "Müller", "Miller", "Miller"]}
    )
    made = GoldenRecord(kinds={"last_name": "last_name"}).fit_transform(names)
    assert made["last_name"].tolist() == ["Müller"]


def test_a_tie_does_not_go_to_a_typing_error():
    names = pd.DataFrame(
        {"entity": [0, 0, 1, 2], "last_name": ["AMRTINEZ", "Martin", "MARTIN", "X"]}
    )
    made = GoldenRecord(kinds={"last_name": "last_name"}).fit_transform(names)
    assert made["last_name"].tolist() == ["Martin", "MARTIN", "X"]
    alone = GoldenRecord(kinds={"last_name": "last_name"}).fit_transform(names[:2])
    assert alone["last_name"].tolist() == ["AMRTINEZ"]  # nobody knows better: the longest


def test_names_in_each_others_place_lose_against_those_in_their_own():
    names = pd.DataFrame(
        {
            "entity": [0, 0, *range(1, 41)],
            "first_name": ["Lee", "Ann", *["Ann", "Bob"] * 20],
            "last_name": ["Ann", "Lee", *["Lee", "Ray"] * 20],
            "age": [9, 5, *range(40)],
        }
    )
    kinds = {"first_name": "first_name", "last_name": "last_name"}
    made = GoldenRecord(kinds=kinds, when="age").fit_transform(names)
    assert made.loc[0, ["first_name", "last_name"]].tolist() == ["Ann", "Lee"]


def test_a_new_name_that_is_as_usual_as_the_old_one_wins_as_the_newer():
    names = pd.DataFrame(
        {"entity": [0, 0, *range(1, 21)], "last_name": ["Lee", "Ray", *["Lee"] * 15, *["Ray"] * 5]}
    ).assign(age=range(22))
    made = GoldenRecord(kinds={"last_name": "last_name"}, when="age").fit_transform(names)
    assert made.loc[0, "last_name"] == "Ray"


def test_an_address_is_of_one_record_the_fullest_that_says_the_same():
    made = golden({"street": "oldest"}).transform(RECORDS)
    address = made[["street", "city", "postcode"]].astype(object).where(lambda f: f.notna(), None)
    # the oldest address of 7 is in two records: one knows the city as well
    assert address.values.tolist() == [["5 Low Rd", None, None], ["2 Elm St", "Bonn", "53111"]]
    newest = golden().transform(RECORDS)[["street", "city", "postcode"]]
    assert newest.iloc[1, :2].tolist() == ["1 Oak St", "Rome"]
    assert newest.iloc[1].isna().tolist() == [False, False, True]  # not of the other address
    apart = golden(together=[]).transform(RECORDS)
    assert apart["postcode"].tolist() == ["0150", "53111"]
    assert apart["city"].tolist() == ["Oslo", "Rome"]


def test_most_frequent_of_a_group_is_the_record_that_agrees_most():
    made = golden({"street": "most_frequent"}).transform(RECORDS)
    assert made.loc[1, ["street", "city", "postcode"]].tolist() == ["2 Elm St", "Bonn", "53111"]
    assert made[["first_name", "last_name"]].values.tolist() == [["Cy", "Ray"], ["Ann", "Lee"]]


def test_what_says_nothing_stays_where_there_is_nothing_else():
    records = pd.DataFrame({"entity": [0, 0, 1], "phone": ["N/A", "n/a", "unknown"]})
    made = GoldenRecord(kinds={"phone": "phone"}).fit_transform(records)
    assert made["phone"].tolist() == ["N/A", "unknown"]
    blank = pd.DataFrame({"entity": [0, 0], "city": [" ", "Rome"]})
    assert GoldenRecord().fit_transform(blank)["city"].tolist() == ["Rome"]


def test_functions_choose_and_make():
    assert column("email", {"email": lambda held: sorted(held)[-1]}) == ["cy@x.com", "ann@old.com"]
    assert column("spent", {"spent": lambda held: sum(held)}) == [None, 60.0]
    together = golden({"shop": lambda held: "+".join(sorted(set(held)))})
    assert together.transform(RECORDS)["shop"].tolist() == ["web", "desk+web"]
    told = together.provenance().query("column == 'shop'")
    assert told["value"].tolist() == ["web", "desk+web"]
    assert told["id"].tolist() == ["r4", "r1"]


def test_a_function_that_fails_tells_where_and_no_value():
    with pytest.raises(
        DataError, match=r"the rule of 'spent' failed with IndexError on the 3 values of entity 7"
    ):
        golden({"spent": lambda held: held[9]})
    records = pd.DataFrame({"entity": ["e1", "e1"], "d": ["secret@x.com", "p@y.de"]})
    with pytest.raises(DataError, match="with ValueError on the 2 values of entity 'e1'") as caught:
        GoldenRecord(rules={"d": lambda held: float(held[0])}).fit(records)
    assert "secret" not in str(caught.value)


NO_DAYS = ["1900-01-01", "1900-01-01", "1980-02-01"]
TYPED = {
    "text": NO_DAYS,
    "datetimes": pd.to_datetime(NO_DAYS),
    "dates": [pd.Timestamp(day).date() for day in NO_DAYS],
}


@pytest.mark.parametrize("values", TYPED.values(), ids=TYPED)
@pytest.mark.parametrize("rule", ["most_frequent", "min", "longest", "most_complete"])
def test_placeholders_of_every_type_give_way(values, rule):
    records = pd.DataFrame({"entity": [0, 0, 0], "birth_date": values})
    made = GoldenRecord(rules={"birth_date": rule}).fit_transform(records)
    assert str(made["birth_date"][0])[:10] == "1980-02-01"
    alone = GoldenRecord(rules={"birth_date": rule}).fit_transform(records[:2])
    assert str(alone["birth_date"][0])[:10] == "1900-01-01"


def test_placeholders_among_numbers_give_way():
    records = pd.DataFrame(
        {
            "entity": [0, 0, 0],
            "phone": [9999999999, 9999999999, 5551234567],
            "postcode": [99999, 99999, 53111],
            "spent": [9999999999, 9999999999, 5],  # an amount is what it is
        }
    )
    kinds = {"phone": "phone", "postcode": "id", "spent": "number"}
    records["code"] = [999999, 999999, 123456]
    made = GoldenRecord(kinds=kinds | {"code": "id"}, rules="most_frequent").fit_transform(records)
    assert made["phone"].tolist() == [5551234567]
    assert made["code"].tolist() == [123456]
    assert made["spent"].tolist() == [9999999999]


def test_times_of_one_day_stay_apart():
    seen = pd.to_datetime(["2024-01-01 08:00", "2024-01-01 09:00", "2024-01-01 09:00"])
    records = pd.DataFrame({"entity": [0, 0, 0], "seen": seen})
    made = GoldenRecord(kinds={"seen": "date"}, rules="most_frequent").fit_transform(records)
    assert made["seen"][0] == seen[1]


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        (["Wbe", "desk"], r"no record has 'Wbe' in 'shop'.* Did you mean 'web'\?"),
        (["web", "fax"], r"no record has 'fax' in 'shop', which decides nothing\.$"),
        ([1, 2], "no record has 1, 2 in 'shop'"),
    ],
)
def test_sources_that_no_record_has_are_warned_of(sources, said):
    with pytest.warns(DataWarning, match=f"GoldenRecord: sources: {said}"):
        made = golden(source="shop", sources=sources)
    made.transform(RECORDS)  # without a word: one delivery may lack a source


def test_whole_numbers_written_as_text_are_compared_exactly():
    records = pd.DataFrame({"entity": [0, 0], "n": ["9007199254740993", "9007199254740992"]})
    for rule, wanted in (("max", "9007199254740993"), ("min", "9007199254740992")):
        made = GoldenRecord(kinds={"n": "number"}, rules={"n": rule}).fit_transform(records)
        assert made["n"].tolist() == [wanted]


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow"])
def test_the_newer_by_a_nanosecond_is_the_newest(kind):
    when = pd.to_datetime(["2024-01-01 00:00:00.000000001", "2024-01-01 00:00:00.000000002"])
    records = pd.DataFrame({"entity": [0, 0], "email": ["long.old@x.com", "new@x.com"]})
    records["when"] = when.as_unit("ns")
    model = GoldenRecord(when="when")
    made = to_pandas(model.fit_transform(FRAMES[kind](records)))
    assert made["email"].tolist() == ["new@x.com"]
    told = to_pandas(model.provenance())
    assert told["value"][told["column"] == "when"].tolist()[0].endswith("002")


def test_instants_that_say_nothing_are_missing():
    when = ["N/A", "2024-01-01", "unknown", "2023-01-01", "0000-00-00"]
    records = pd.DataFrame(
        {"entity": [0] * 5, "email": [f"{w}@x.com" for w in "abcde"], "seen": when}
    )
    for rule, wanted in (("most_recent", "b@x.com"), ("oldest", "d@x.com")):
        made = GoldenRecord(when="seen", rules={"email": rule}).fit_transform(records)
        assert made["email"].tolist() == [wanted]


@pytest.mark.parametrize("kind", FRAMES)
@pytest.mark.parametrize("cities", [["", None], [None, ""], [" ", ""]])
def test_blank_texts_are_missing_in_every_order_of_the_rows(kind, cities):
    records = pd.DataFrame({"entity": [0, 0, 1], "city": [*cities, "Rome"], "n": [1, 1, 2]})
    made = to_pandas(GoldenRecord(kinds={"city": "city"}).fit_transform(FRAMES[kind](records)))
    assert made["city"].isna().tolist() == [True, False]
    assert made["city"][1] == "Rome"
    assert made["n"].tolist() == [1, 2]
    words = records.assign(city=records["city"].astype("category"))
    made = GoldenRecord(kinds={"city": "city"}).fit_transform(words)
    assert made["city"].isna().tolist() == [True, False]
    assert made["city"].dtype == "category"


def test_dates_that_are_text_are_compared_as_dates():
    records = pd.DataFrame(
        {"entity": [0, 0, 0], "joined": ["31/12/2019", "01/02/2021", "15/06/2020"]}
    )
    got = {
        rule: GoldenRecord(rules=rule, kinds={"joined": "date"}).fit_transform(records)["joined"][0]
        for rule in ("min", "max")
    }
    assert got == {"min": "31/12/2019", "max": "01/02/2021"}
    texts = RECORDS.assign(seen=["2024-03-01", "2024-01-01", "2024-02-01T10:00", "2023-05-01", ""])
    assert golden(records=texts).transform(texts)["email"].tolist() == ["cy@x.com", "ann@new.com"]


def test_provenance_by_hand():
    told = golden().provenance()
    assert told.columns.tolist() == [
        "entity", "column", "value", "id", "rule", "n_rejected", "rejected",
    ]  # fmt: skip
    assert len(told) == 2 * 10
    row = told.query("entity == 7 and column == 'email'").iloc[0].tolist()
    assert row == [7, "email", "ann@new.com", "r3", "most_recent", 1, "ann@old.com"]
    street = told.query("entity == 7 and column == 'street'").iloc[0]
    assert (street["n_rejected"], street["rejected"]) == (1, "2 Elm Street")  # the newer spelling
    spent = told.query("entity == 7 and column == 'spent'").iloc[0]
    assert (spent["value"], spent["rejected"]) == ("10", "20 | 30")
    fewer = golden().provenance(contested_only=True)
    assert len(fewer) == (told["n_rejected"] > 0).sum() < len(told)
    rows = golden(record=None).provenance().query("entity == 7 and column == 'email'")
    assert rows["row"].tolist() == [0]


def test_contested_columns_are_counted():
    model = golden()
    assert model.n_contested_["email"] == 1
    assert model.n_contested_["phone"] == 0
    assert model.n_contested_["last_name"] == 1
    assert model.n_contested_["shop"] == 1


def test_the_golden_id_is_the_smallest_record_id():
    model = golden()
    assert model.transform(RECORDS)["id"].tolist() == ["r4", "r1"]
    assert model.id_map().values.tolist() == [
        ["r3", 7, "r1"], ["r1", 7, "r1"], ["r2", 7, "r1"], ["r4", 2, "r4"], ["r5", 2, "r4"],
    ]  # fmt: skip
    numbers = RECORDS.assign(id=np.array([30, 4, 200, 5, 11], dtype=np.int32))
    made = golden(records=numbers).id_map()
    assert made["golden_id"].tolist() == [4, 4, 4, 5, 5]
    assert made["golden_id"].dtype == np.int32


@pytest.mark.parametrize("kind", FRAMES)
def test_every_library_gets_its_own_frame_back(kind):
    given_frame = FRAMES[kind](RECORDS)
    model = GoldenRecord(kinds=KINDS, record="id", when="seen")
    made = model.fit_transform(given_frame)
    assert type(made) is type(given_frame)
    plain = golden()
    pd.testing.assert_frame_equal(
        to_pandas(made), plain.transform(RECORDS), check_dtype=kind == "pandas"
    )
    for table in ("provenance", "id_map"):
        got, wanted = getattr(model, table)(), getattr(plain, table)()
        assert type(got) is type(given_frame)
        pd.testing.assert_frame_equal(to_pandas(got), wanted)


def events(ids, library="pandas"):
    frame = pd.DataFrame(
        {
            "customer_id": ids,
            "timestamp": pd.to_datetime("2024-01-01") + pd.to_timedelta(range(len(ids)), "D"),
            "amount": np.arange(1.0, len(ids) + 1),
        }
    )
    return ck.EventLog(FRAMES[library](frame), tz=None, min_amount=0.5)


@pytest.mark.parametrize("kind", FRAMES)
def test_events_get_golden_ids_and_lose_nothing(kind):
    log = events(["r1", "r3", "r5", "zz", "r2"], kind)
    with pytest.warns(DataWarning, match="1 of 4 customers of the log|1 of 5 customers of the log"):
        new = golden().rekey(log)
    assert type(new.data) is type(log.data)
    assert new.min_amount == 0.5
    after = to_pandas(new.data).sort_values("amount")
    assert after["customer_id"].tolist() == ["r1", "r1", "r4", "zz", "r1"]
    assert after["amount"].tolist() == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert to_pandas(log.data)["customer_id"].tolist() == ["r1", "r3", "r5", "zz", "r2"]
    totals = to_pandas(ck.summarize(new)).set_index("customer_id")["total_amount"]
    assert totals.to_dict() == {"r1": 8.0, "r4": 3.0, "zz": 4.0}


def test_missing_customers_of_events_stay_missing():
    new = golden().rekey(events(["r3", None, "r1"]))
    assert new.data["customer_id"].isna().tolist() == [False, True, False]
    assert new.data["customer_id"].tolist()[::2] == ["r1", "r1"]


def test_ids_that_do_not_meet_are_refused():
    with pytest.raises(DataError, match="'customer_id' of the log holds whole numbers, 'id' of th"):
        golden().rekey(events([1, 2]))
    with pytest.raises(
        DataError, match=r"none of the 2 ids in 'customer_id' of the log .first 'a'"
    ):
        golden().rekey(events(["a", "b"]))
    with pytest.raises(DataError, match="rekey needs an EventLog, got DataFrame"):
        golden().rekey(RECORDS)
    with pytest.raises(DataError, match="rekey needs the ids of the records"):
        golden(record=None).rekey(events(["r1"]))
    with pytest.raises(DataError, match="id_map needs the ids of the records"):
        golden(record=None).id_map()


WRONG = [
    ({"entity": "entiti"}, "column 'entiti' not found. Did you mean entity='entity'"),
    ({"record": "idd"}, "column 'idd' not found. Did you mean record='id'"),
    ({"when": "sean"}, "column 'sean' not found. Did you mean when='seen'"),
    ({"entity": "id"}, "entity and record must be two columns, got 'id'"),
    ({"source": "shop"}, "give both or none"),
    ({"source": "shop", "sources": "web"}, "sources must be a list of values, got 'web'"),
    ({"when": "email"}, "when='email' holds 'ann@new.com', which is no ISO 8601 date or time"),
    ({"kinds": {"email": "mail"}}, "'mail' of 'email' is no kind .did you mean 'email'"),
]


@pytest.mark.parametrize(("parameters", "message"), WRONG)
def test_wrong_parameters_are_refused_in_fit(parameters, message):
    model = GoldenRecord(**({"record": "id"} | parameters))
    with pytest.raises(DataError, match=f"GoldenRecord: .*{message}"):
        model.fit(RECORDS)


def test_wrong_frames_are_refused():
    with pytest.raises(DataError, match=r"'entity' has 1 missing ids .first at row 0"):
        golden(records=RECORDS.assign(entity=pd.array([None, 1, 1, 2, 2], dtype="Int64")))
    with pytest.raises(DataError, match="record 'r1' of 'id' is in two entities, 7 and 2"):
        golden(records=RECORDS.assign(id=["r1", "r2", "r3", "r1", "r4"]))
    with pytest.raises(DataError, match="there are no records"):
        golden(records=RECORDS[:0])
    with pytest.raises(DataError, match="no columns beside the ids"):
        GoldenRecord(record="id").fit(RECORDS[["id", "entity"]])
    with pytest.raises(DataError, match="is called like a new column"):
        golden(records=RECORDS.rename(columns={"id": "golden_id"}), record="golden_id").id_map()


def test_a_second_fit_forgets_the_first():
    model = golden()
    few = RECORDS[["id", "entity", "email"]]
    model.set_params(kinds=None, when=None).fit(few)
    assert model.rules_ == {"email": "most_frequent"}
    assert model.transform(few).columns.tolist() == ["id", "entity", "email"]


def test_clone_pickle_and_skops_keep_everything():
    skops = pytest.importorskip("skops.io", reason="the extra 'service' installs skops")
    model = golden({"email": "longest"})
    assert clone(model).get_params() == model.get_params()
    data = skops.dumps(model)
    unknown = skops.get_untrusted_types(data=data)
    assert unknown == ["crmkit.cleaning._golden_record.GoldenRecord"]
    copies = [pickle.loads(pickle.dumps(model)), skops.loads(data, trusted=unknown)]
    for copy in copies:
        pd.testing.assert_frame_equal(copy.transform(RECORDS), model.transform(RECORDS))
        pd.testing.assert_frame_equal(copy.provenance(), model.provenance())
        pd.testing.assert_frame_equal(copy.id_map(), model.id_map())


def test_the_input_is_untouched():
    before = RECORDS.copy()
    golden().provenance()
    pd.testing.assert_frame_equal(RECORDS, before)


VALUES = st.sampled_from(["Ann", "ANN", "Bob", "N/A", "", None])
ROWS = st.lists(
    st.tuples(st.integers(0, 3), VALUES, VALUES, VALUES, st.integers(0, 2)), min_size=1, max_size=12
)


def drawn(rows):
    names = ["entity", "first_name", "last_name", "city", "age"]
    frame = pd.DataFrame(rows, columns=names).astype(dict.fromkeys(names[1:4], "str"))
    return frame.assign(record=np.arange(len(frame)))


@settings(max_examples=50)
@given(ROWS, st.sampled_from(["most_frequent", "most_recent", "longest", "most_complete"]))
def test_golden_values_are_those_of_records_and_no_row_order_matters(rows, rule):
    frame = drawn(rows)
    kinds = {"first_name": "first_name", "last_name": "last_name", "city": "city", "age": "number"}
    model = GoldenRecord(rules=rule, kinds=kinds, when="age", record="record")
    made = model.fit_transform(frame)
    assert made["entity"].tolist() == sorted(set(frame["entity"]))
    known = frame.replace(r"^\s*$", None, regex=True)  # a blank text is missing
    held = {e: set(map(tuple, g.fillna("-").values)) for e, g in known.drop(columns="record")
            .astype(object).groupby("entity")}  # fmt: skip
    plain = made.drop(columns="record").astype(object).fillna("-")
    for row in plain.itertuples(index=False):
        pairs = {(r[1], r[2]) for r in held[row.entity]}
        assert (row.first_name, row.last_name) in pairs
        assert row.city in {r[3] for r in held[row.entity]}
    anonymous = frame.drop(columns="record")
    other = anonymous.sample(frac=1.0, random_state=1)
    model = GoldenRecord(rules=rule, kinds=kinds, when="age")
    pd.testing.assert_frame_equal(model.fit_transform(anonymous), model.fit_transform(other))


@settings(max_examples=30)
@given(ROWS)
def test_the_id_map_is_a_partition(rows):
    frame = drawn(rows)
    made = GoldenRecord(record="record").fit(frame).id_map()
    assert made["record"].tolist() == frame["record"].tolist()
    assert made.groupby("entity")["golden_id"].nunique().eq(1).all()
    assert made.groupby("golden_id")["entity"].nunique().eq(1).all()
    assert set(made["golden_id"]) <= set(made["record"])


@settings(max_examples=20)
@given(st.lists(st.sampled_from(["r1", "r2", "r3", "r4", "r5"]), min_size=1, max_size=12))
def test_rekeyed_logs_keep_their_money(ids):
    log = events(ids)
    new = golden().rekey(log)
    assert len(new.data) == len(log.data)
    assert new.data["amount"].tolist() == log.data["amount"].tolist()
    known = dict(golden().id_map()[["id", "golden_id"]].values)
    assert Counter(new.data["customer_id"]) == Counter(known[i] for i in ids)


def test_a_list_of_customers_in_both_libraries():
    shop = make_customers(150, duplicates=0.5, random_state=2)
    records = shop.records.merge(shop.truth.records[["record_id", "customer_id"]])
    model = GoldenRecord(entity="customer_id", record="record_id", when="signup_date")
    made = model.fit_transform(records)
    assert len(made) == model.n_entities_ == 150
    assert model.together_ == [["last_name", "first_name"], ["street", "postcode", "city"]]
    with_polars = GoldenRecord(entity="customer_id", record="record_id", when="signup_date")
    got = with_polars.fit_transform(pl.from_pandas(records.sample(frac=1.0, random_state=0)))
    pd.testing.assert_frame_equal(to_pandas(got), made, check_dtype=False)
    log = ck.EventLog(shop.events, customer="record_id")
    new = model.rekey(log)
    assert new.report().n_customers == shop.events["customer_id"].nunique()
    assert new.data["amount"].sum() == shop.events["amount"].sum()
