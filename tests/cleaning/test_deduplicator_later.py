"""Deduplicator: new records later, whose entities never change what was known."""

import pickle

import numpy as np
import pandas as pd
import pytest
import skops.io as sio

from crmkit.cleaning import Deduplicator
from crmkit.datasets import make_customers
from crmkit.exceptions import DataError
from crmkit.metrics import pairwise_scores
from tests.contracts.frame_kinds import FRAMES, to_pandas

MADE = make_customers(500, duplicates=0.4, random_state=31)
RECORDS = MADE.records
TRUTH = MADE.truth.records.set_index("record_id").loc[RECORDS["record_id"], "customer_id"]
TRUTH = TRUTH.to_numpy()
N = 550
KNOWN, NEW = RECORDS.iloc[:N], RECORDS.iloc[N:].reset_index(drop=True)


def fitted(**changes):
    return Deduplicator(record="record_id", **changes).fit(KNOWN)


@pytest.fixture(scope="module")
def before():
    return fitted()


@pytest.fixture(scope="module")
def after():
    return fitted().partial_fit(NEW)


def test_known_records_keep_their_entities(before, after):
    assert (after.labels_[:N] == before.labels_).all()
    assert len(after.labels_) == len(RECORDS)
    opened = set(after.labels_[N:]) - set(before.labels_)
    assert opened == set(range(before.n_entities_, after.n_entities_))
    assert pairwise_scores(TRUTH, after.labels_)["f1"] > 0.9


def test_it_is_what_predict_foretells(before, after):
    assert (before.predict(NEW) == after.labels_[N:]).all()
    assert (after.predict(RECORDS) == after.labels_).all()


@pytest.mark.parametrize("kind", FRAMES)
def test_every_library_gives_the_same(kind, after):
    matcher = Deduplicator(record="record_id").fit(FRAMES[kind](KNOWN))
    matcher.partial_fit(FRAMES[kind](NEW))
    assert (matcher.labels_ == after.labels_).all()
    for table, expected in (
        (matcher.changes(), after.changes()),
        (matcher.proposed_merges(), after.proposed_merges()),
        (matcher.pairs(), after.pairs()),
    ):
        assert to_pandas(table).astype(object).equals(expected.astype(object))


def test_changes_tell_of_every_record(before, after):
    table = after.changes()
    assert table["record_id"].tolist() == NEW["record_id"].tolist()
    assert table["entity"].tolist() == after.labels_[N:].tolist()
    assigned = table["change"] == "assigned"
    assert (table.loc[assigned, "entity"] < before.n_entities_).all()
    assert (table.loc[assigned, "probability"] >= 0.5).all()
    opened = table["change"] == "opened"
    assert (table.loc[opened, "entity"] >= before.n_entities_).all()
    assert (table.loc[opened, "probability"] == 1.0).all()
    assert set(table["change"]) == {"assigned", "opened"}
    assert before.changes().empty
    assert before.proposed_merges().empty


def test_a_record_that_was_seen_keeps_its_entity():
    matcher = fitted()
    labels = matcher.labels_.copy()
    seen = KNOWN.head(30).assign(record_id=[f"again {i}" for i in range(30)])
    matcher.partial_fit(seen)
    assert (matcher.labels_[N:] == labels[:30]).all()
    assert set(matcher.changes()["change"]) == {"known"}
    assert matcher.n_entities_ == labels.max() + 1


def test_in_parts_known_entities_stay_too(after):
    matcher = fitted()
    for part in (NEW.iloc[:60], NEW.iloc[60:]):
        labels = matcher.labels_.copy()
        matcher.partial_fit(part)
        assert (matcher.labels_[: len(labels)] == labels).all()
    assert matcher.changes()["record_id"].tolist() == NEW["record_id"].iloc[60:].tolist()
    assert pairwise_scores(TRUTH, matcher.labels_)["f1"] > 0.9


def between_two():
    """Two records of two entities, and a third that is like both."""
    one = {
        "first_name": "Ottilie", "last_name": "Wesendonk", "email": "ottilie@wesen.example",
        "phone": None, "birth_date": None, "street": "8 Villa Road", "city": "Ludlow",
    }  # fmt: skip
    other = one | {
        "email": None, "phone": "+1 207 555 9876", "birth_date": "1928-12-23",
        "street": None, "city": "Chester",
    }  # fmt: skip
    both = one | {"phone": other["phone"], "birth_date": other["birth_date"]}
    rows = [row | {"record_id": name} for row, name in ((one, "x1"), (other, "x2"), (both, "x3"))]
    return pd.DataFrame(rows).reindex(columns=RECORDS.columns)


def test_a_record_between_two_entities_proposes_to_merge_them():
    frame = between_two()
    matcher = Deduplicator(record="record_id", threshold=0.9)
    matcher.fit(pd.concat([KNOWN, frame.iloc[:2]], ignore_index=True))
    x1, x2 = matcher.labels_[-2:]
    assert x1 != x2
    matcher.partial_fit(frame.iloc[2:])
    table = matcher.proposed_merges()
    assert table["record_id"].tolist() == ["x3"]
    assert {table["entity"][0], table["other_entity"][0]} == {x1, x2}
    assert table["entity"][0] == matcher.labels_[-1]
    assert table["probability"][0] >= table["other_probability"][0] >= 0.9
    assert (matcher.labels_[-3:-1] == [x1, x2]).all()


@pytest.mark.parametrize("told", ["cannot_link", "labels", "sources"])
def test_no_merger_is_proposed_that_what_was_told_forbids(told):
    frame = between_two().assign(source=["web", "web", "app"])
    first = pd.concat([KNOWN.assign(source=None), frame.iloc[:2]], ignore_index=True)
    source = "source" if told == "sources" else None
    kinds = None if source else {"source": "ignore"}
    matcher = Deduplicator(kinds, record="record_id", threshold=0.9, one_per_source=source)
    y = [None] * N + ["one", "other"] if told == "labels" else None
    matcher.fit(first, y, cannot_link=[("x1", "x2")] if told == "cannot_link" else None)
    matcher.partial_fit(frame.iloc[2:])
    assert matcher.labels_[-1] in matcher.labels_[-3:-1]
    assert matcher.proposed_merges().empty


def test_records_without_values_are_new_each_time():
    nothing = pd.DataFrame({name: [None] * 2 for name in RECORDS.columns}, dtype=object)
    nothing["record_id"] = ["n1", "n2"]
    matcher = Deduplicator(record="record_id")
    matcher.fit(pd.concat([KNOWN, nothing.head(1)], ignore_index=True))
    new = pd.concat([nothing.tail(1), NEW.head(5)], ignore_index=True)
    labels = matcher.predict(new)
    assert labels[0] > matcher.labels_.max()
    assert labels[0] not in labels[1:]
    old = set(matcher.labels_)
    assert matcher.partial_fit(new).labels_[N + 1] not in old


def test_new_records_can_be_named_and_asked_about(after):
    known = set(after.pairs()["record_id_b"]) | set(after.pairs()["record_id_a"])
    assert known & set(NEW["record_id"])
    assert len(after.explain(NEW["record_id"][0], KNOWN["record_id"][0]))
    with pytest.raises(DataError, match="among the 700 records"):
        after.explain("x", "y")


def test_one_of_a_source_holds_later_too():
    source = np.where(np.arange(len(RECORDS)) % 2, "web", "shop")
    X = RECORDS.assign(source=source)
    matcher = Deduplicator(record="record_id", one_per_source="source").fit(X.iloc[:N])
    matcher.partial_fit(X.iloc[N:].assign(source=np.where(np.arange(len(NEW)) % 3, "web", "app")))
    both = pd.concat(
        [X["source"].iloc[:N], pd.Series(np.where(np.arange(len(NEW)) % 3, "web", "app"))]
    )
    assert pd.crosstab(matcher.labels_, both.to_numpy()).to_numpy().max() == 1


def test_one_of_a_source_holds_within_a_batch_of_seen_and_new_records():
    whole = MADE.records.drop(columns="source")
    pairs = fitted().fit(whole).pairs().query("probability > 0.999").head(40)
    near = whole["record_id"].isin(pairs["record_id_b"])
    first = whole[~near].assign(shop="A")
    seen = first[first["record_id"].isin(pairs["record_id_a"])]
    seen = seen.assign(record_id="again " + seen["record_id"])
    batch = pd.concat([seen, whole[near]], ignore_index=True).assign(shop="B")
    matcher = Deduplicator(record="record_id", one_per_source="shop").fit(first)
    labels = matcher.predict(batch)
    assert len(seen) > 20
    assert not set(labels[: len(seen)]) & set(labels[len(seen) :])
    assert len(set(labels)) == len(batch)
    assert (matcher.partial_fit(batch).labels_[len(first) :] == labels).all()


@pytest.mark.parametrize("dates", [False, True])
def test_a_source_is_the_same_in_another_type(dates):
    number = np.arange(len(RECORDS)) % 3
    days = pd.to_datetime("2024-05-01") + pd.to_timedelta(number, unit="D")
    shop = pd.Series(days if dates else number)
    X = RECORDS.assign(shop=shop)
    matcher = Deduplicator(record="record_id", one_per_source="shop").fit(X.iloc[:N])
    expected = matcher.predict(X.iloc[N:])
    for other in (
        [(shop + pd.Timedelta(hours=9)), shop.dt.date, shop.dt.date.astype(str)]
        if dates
        else [shop.astype(float), shop.astype(str), shop.astype("Int64")]
    ):
        assert (matcher.predict(X.assign(shop=other).iloc[N:]) == expected).all()


def test_explanations_add_up_to_the_probability_of_pairs_of_all_batches():
    matcher = Deduplicator(record="record_id").fit(RECORDS.iloc[:200])
    for start in range(200, len(RECORDS), 100):
        matcher.partial_fit(RECORDS.iloc[start : start + 100])
    pairs = matcher.pairs(joined=False)
    for pair in pairs.iloc[:: max(len(pairs) // 60, 1)].itertuples():
        total = matcher.explain(pair.record_id_a, pair.record_id_b)["total"].iloc[-1]
        assert 1 / (1 + np.exp(-total)) == pytest.approx(pair.probability, abs=1e-9)


@pytest.mark.parametrize("numbers_first", [True, False])
def test_ids_of_another_type_are_told_and_change_nothing(numbers_first):
    texts, numbers = [f"n{i}" for i in range(5)], list(range(1000, 1005))
    right, wrong = (numbers, texts) if numbers_first else (texts, numbers)
    first = KNOWN.assign(record_id=range(N)) if numbers_first else KNOWN
    matcher = Deduplicator(record="record_id").fit(first)
    with pytest.raises(DataError, match=r"column 'record_id' holds .* here and .* in `fit`"):
        matcher.partial_fit(NEW.head(5).assign(record_id=wrong))
    assert len(matcher.labels_) == N
    matcher.partial_fit(NEW.head(5).assign(record_id=right))
    assert len(matcher.changes()) == 5


def test_the_first_call_is_fit(before):
    matcher = Deduplicator(record="record_id").partial_fit(KNOWN)
    assert (matcher.labels_ == before.labels_).all()


def test_stored_and_loaded_it_absorbs_the_same(after):
    matcher = fitted()
    data = sio.dumps(matcher)
    name = "crmkit.cleaning._deduplicator.Deduplicator"
    for again in (pickle.loads(pickle.dumps(matcher)), sio.loads(data, trusted=[name])):
        assert (again.partial_fit(NEW).labels_ == after.labels_).all()
        assert sio.get_untrusted_types(data=sio.dumps(again)) == [name]
    pd.testing.assert_frame_equal(NEW, RECORDS.iloc[N:].reset_index(drop=True))
