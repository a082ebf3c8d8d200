"""Records of one person: whose events are whose, new records, every frame, what is refused."""

import gc
import pickle
import warnings
import weakref

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

import crmkit as ck
from crmkit.cleaning import Deduplicator, GoldenRecord
from crmkit.exceptions import DataError, DataWarning
from crmkit.pipelines import CustomerValuePipeline
from crmkit.pipelines._customer_people import (
    People,
    by_person,
    matcher_of,
    people_columns,
    people_of,
)
from tests.contracts.frame_kinds import FRAMES, to_pandas

AS_OF = "2024-07-01"


@pytest.fixture(scope="module")
def shop():
    return ck.datasets.make_customers(300, duplicates=0.4, returns=0.0, random_state=3)


def log_of(frame):
    return ck.EventLog(frame, customer="record_id", order="order_id")


def pipe(**changes):
    return CustomerValuePipeline(
        **({"churn": None, "recommender": None, "stager": None, "tiers": None} | changes)
    )


@pytest.fixture(scope="module")
def fitted(shop):
    return pipe().fit(log_of(shop.events), as_of=AS_OF, records=shop.records)


def test_the_log_is_that_of_golden_ids(fitted, shop):
    log = log_of(shop.events)
    matcher = Deduplicator(record="record_id").fit(shop.records)
    golden = GoldenRecord(record="record_id").fit(matcher.annotate(shop.records))
    alone = pipe().fit(golden.rekey(log), as_of=AS_OF)
    expected = alone.transform(golden.rekey(log), as_of=AS_OF)
    found = fitted.transform(log, as_of=AS_OF)
    pd.testing.assert_frame_equal(found.drop(columns="n_records"), expected)
    assert fitted.n_customers_ == len(found) < shop.events["record_id"].nunique()
    assert fitted.golden_.id_map()["golden_id"].nunique() == matcher.n_entities_


def test_fit_transform_is_fit_then_transform(fitted, shop):
    log = log_of(shop.events)
    one = pipe().fit_transform(log, as_of=AS_OF, records=shop.records)
    pd.testing.assert_frame_equal(one, fitted.transform(log, as_of=AS_OF))


def test_records_are_counted_behind_the_summary(fitted, shop):
    found = fitted.transform(log_of(shop.events), as_of=AS_OF)
    place = found.columns.get_loc("n_records")
    assert found.columns[place - 1] == "days_since_last"
    assert found.columns[place + 1] == "R"
    sizes = fitted.golden_.id_map()["golden_id"].value_counts()
    assert found["n_records"].tolist() == sizes.loc[found["record_id"]].tolist()
    assert found["n_records"].max() > 1


def test_golden_ids_stay_golden(fitted, shop):
    log = log_of(shop.events)
    again = fitted.transform(fitted.golden_.rekey(log), as_of=AS_OF)
    pd.testing.assert_frame_equal(again, fitted.transform(log, as_of=AS_OF))


def test_a_new_record_of_a_known_person_gets_the_known_id(fitted, shop):
    ids = fitted.golden_.id_map()
    first = shop.records.iloc[[0]]
    known = ids.loc[ids["record_id"] == first["record_id"].iloc[0], "golden_id"].iloc[0]
    new = first.assign(record_id="r00000")  # smaller than all: it would be the golden id
    events = pd.concat([shop.events, shop.events.head(1).assign(record_id="r00000")])
    found = fitted.transform(log_of(events), as_of=AS_OF, records=new)
    assert "r00000" not in set(found["record_id"])
    row = found[found["record_id"] == known].iloc[0]
    assert row["n_records"] == (ids["golden_id"] == known).sum() + 1


def test_new_people_are_put_together_too(fitted, shop):
    person = {
        "first_name": "Zebulon",
        "last_name": "Quackenbush",
        "email": "zebulon.quackenbush@example.net",
        "phone": "555-0100-999",
    }
    row = shop.records.iloc[[0]].copy()
    row.loc[:, :] = None
    two = pd.concat([row, row], ignore_index=True).assign(record_id=["z2", "z1"], **person)
    two = two.astype(shop.records.dtypes.to_dict(), errors="ignore")
    events = shop.events.head(2).assign(
        record_id=["z1", "z2"], timestamp=pd.Timestamp("2024-03-01")
    )
    log = log_of(pd.concat([shop.events, events]))
    found = fitted.transform(log, as_of=AS_OF, records=two)
    assert found.loc[found["record_id"] == "z1", "n_records"].tolist() == [2]
    assert "z2" not in set(found["record_id"])


def test_customers_without_a_record_keep_their_ids_and_are_told(fitted, shop):
    stranger = shop.events.head(1).assign(record_id="stranger")
    log = log_of(pd.concat([shop.events, stranger]))
    with pytest.warns(DataWarning, match="1 of .* customers of the log are not among the records"):
        found = fitted.transform(log, as_of=AS_OF)
    assert found.loc[found["record_id"] == "stranger", "n_records"].tolist() == [0]
    alone = fitted.transform(log_of(stranger), as_of=AS_OF)
    assert alone["record_id"].tolist() == ["stranger"]


@pytest.mark.parametrize("kind", FRAMES)
def test_every_library(kind, fitted, shop):
    convert = FRAMES[kind]
    columns = ["record_id", "timestamp", "amount", "order_id"]
    expected = fitted.transform(log_of(shop.events), as_of=AS_OF)
    found = fitted.transform(log_of(convert(shop.events[columns])), as_of=AS_OF)
    assert type(found) is type(convert(shop.events[columns]))
    pd.testing.assert_frame_equal(to_pandas(found), to_pandas(expected), check_dtype=False)


def test_the_order_of_records_and_events_is_free(fitted, shop):
    log = log_of(shop.events.sample(frac=1.0, random_state=1))
    other = pipe().fit(log, as_of=AS_OF, records=shop.records.sample(frac=1.0, random_state=2))
    pd.testing.assert_frame_equal(
        other.transform(log, as_of=AS_OF), fitted.transform(log_of(shop.events), as_of=AS_OF)
    )


def test_copies_agree(fitted, shop, tmp_path):
    log = log_of(shop.events)
    expected = fitted.transform(log, as_of=AS_OF)
    pd.testing.assert_frame_equal(
        pickle.loads(pickle.dumps(fitted)).transform(log, as_of=AS_OF), expected
    )
    with pytest.raises(DataError, match=r"Deduplicator, GoldenRecord holds data of single"):
        ck.io.save(fitted, tmp_path / "m")
    loaded = ck.io.load(ck.io.save(fitted, tmp_path / "m", customers=True))
    pd.testing.assert_frame_equal(loaded.transform(log, as_of=AS_OF), expected)
    assert clone(fitted).get_params()["matcher"] == "auto"


def test_without_customers_it_knows_no_records(fitted, shop, tmp_path):
    bare = fitted.without_customers()
    assert (bare.matcher_, bare.golden_) == (None, None)
    ck.io.save(bare, tmp_path / "m")
    assert "n_records" not in bare.transform(log_of(shop.events), as_of=AS_OF).columns


def test_offers_are_for_people(shop):
    log = ck.EventLog(shop.events, customer="record_id", order="order_id", item="product_id")
    made = pipe(recommender=ck.recommend.Popularity(), level=None)
    table = made.fit_transform(log, as_of=AS_OF, records=shop.records)
    offers = made.recommend(log, 2, as_of=AS_OF)
    assert set(offers["record_id"]) <= set(table["record_id"])
    first = offers[offers["rank"] == 1].set_index("record_id")["product_id"]
    seen = table.set_index("record_id")["next_offer"].dropna()
    assert first.loc[seen.index].tolist() == seen.tolist()


@pytest.mark.parametrize(
    ("matcher", "records", "text"),
    [
        (Deduplicator(record="record_id"), False, "there are no records. Pass them: fit"),
        (Deduplicator(), True, r"must name the column of record ids.*record='record_id'"),
        ("yes", True, "matcher must be a Deduplicator"),
        (None, True, 'records were given, but matcher=None. Pass matcher="auto"'),
    ],
)
def test_what_cannot_be_matched_is_refused(matcher, records, text, shop):
    told = shop.records if records else None
    with pytest.raises(DataError, match=text):
        pipe(matcher=matcher).fit(log_of(shop.events), as_of=AS_OF, records=told)


def test_auto_needs_the_column_of_the_log(shop):
    renamed = shop.records.rename(columns={"record_id": "id"})
    with pytest.raises(DataError, match=r"records have no column 'record_id'.*record=\.\.\."):
        matcher_of("auto", log_of(shop.events), renamed)
    assert matcher_of("auto", log_of(shop.events), None) is None
    assert matcher_of("auto", log_of(shop.events), shop.records).record == "record_id"


def test_records_only_later_are_refused(shop):
    made = pipe().fit(log_of(shop.events), as_of=AS_OF)
    with pytest.raises(DataError, match="records were given, but not to fit"):
        made.transform(log_of(shop.events), as_of=AS_OF, records=shop.records)


def test_records_of_others_are_refused_in_fit(shop):
    others = shop.records.assign(record_id=[f"x{i}" for i in range(len(shop.records))])
    with pytest.raises(DataError, match=r"none of the .* ids in 'record_id' of the log"):
        pipe().fit(log_of(shop.events), as_of=AS_OF, records=others)


def test_ids_of_another_type_are_refused(fitted, shop):
    numbers = shop.records.assign(record_id=np.arange(len(shop.records)))
    with pytest.raises(DataError, match="holds whole numbers here and text in the records of the"):
        fitted.transform(log_of(shop.events), as_of=AS_OF, records=numbers)


def test_who_is_who_is_worked_out_once_and_forgotten_with_the_records(fitted):
    assert people_of(fitted.golden_) is people_of(fitted.golden_)
    other = pickle.loads(pickle.dumps(fitted.golden_))
    who = weakref.ref(people_of(other))
    assert who() is not people_of(fitted.golden_)
    assert who().by_record[0].tolist() == people_of(fitted.golden_).by_record[0].tolist()
    del other
    gc.collect()
    assert who() is None


def test_a_record_that_is_told_twice_is_one():
    who = People(np.array([9, 2, 9, 4]), np.array([4, 2, 4, 4]), "record")
    assert [each.tolist() for each in who.by_record] == [[2, 4, 9], [2, 4, 4]]
    assert [each.tolist() for each in who.sizes] == [[2, 4], [1, 2]]


def test_by_person_by_hand():
    frame = pd.DataFrame(
        {"who": ["a", "b", "c"], "timestamp": pd.Timestamp("2024-01-01"), "amount": 1.0}
    )
    log = ck.EventLog(frame, customer="who")
    who = People(np.array(["a", "b"]), np.array(["a", "a"]), "record")
    with pytest.warns(DataWarning, match="1 of 3 customers"):
        made = by_person(log, who, strict=True)
    assert made.data["who"].tolist() == ["a", "a", "c"]
    table = pd.DataFrame({"who": ["a", "c"]})
    assert people_columns(who, table, "who")["n_records"].tolist() == [2, 0]
    assert people_columns(None, table, "who") == {}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        same = by_person(ck.EventLog(frame.tail(1), customer="who"), who, strict=False)
    assert same.data["who"].tolist() == ["c"]
