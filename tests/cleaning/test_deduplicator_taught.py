"""Deduplicator: labels, questions and answers, and golden records."""

import pickle

import numpy as np
import pandas as pd
import pytest
import skops.io as sio

from crmkit.cleaning import Deduplicator, GoldenRecord
from crmkit.datasets import make_customers
from crmkit.exceptions import DataError, DataWarning
from crmkit.metrics import pairwise_scores
from tests.contracts.frame_kinds import FRAMES, to_pandas

MADE = make_customers(500, duplicates=0.4, random_state=41)
RECORDS = MADE.records.drop(columns="phone")  # so that some errors are left
TRUTH = MADE.truth.records.set_index("record_id")["customer_id"]
PEOPLE = TRUTH.loc[RECORDS["record_id"]].to_numpy()


def matcher(**changes):
    return Deduplicator(record="record_id", **changes)


@pytest.fixture(scope="module")
def fitted():
    return matcher().fit(RECORDS)


def answered(pairs):
    """Questions with the answers of one who knows."""
    one, other = (TRUTH.loc[pairs[side]].to_numpy() for side in ("record_id_a", "record_id_b"))
    return pairs.assign(match=one == other)


def wrong_pairs(labels):
    """Pairs that are wrongly together or wrongly apart."""
    together = labels[:, None] == labels
    return int(np.triu(together != (PEOPLE[:, None] == PEOPLE), 1).sum())


def test_questions_are_about_pairs_in_doubt(fitted):
    pairs = fitted.query(12)
    assert pairs.columns[:3].tolist() == ["record_id_a", "record_id_b", "probability"]
    assert {"email_a", "email_b", "city_a", "city_b"} <= set(pairs.columns)
    assert len(pairs) == 12
    asked = pairs["probability"].between(0.02, 0.98)
    assert asked.mean() > 0.7
    assert len({frozenset(pair) for pair in pairs.iloc[:, :2].to_numpy().tolist()}) == 12
    assert fitted.query(12).equals(pairs)


def test_no_two_questions_alike(fitted):
    pairs = fitted.query(10)
    assert pd.concat([pairs["record_id_a"], pairs["record_id_b"]]).value_counts().max() <= 3


def test_sixty_answers_lower_the_errors(fitted):
    taught = matcher().fit(RECORDS)
    for _ in range(3):
        taught.teach(answered(taught.query(20)))
    assert wrong_pairs(taught.labels_) < 0.6 * wrong_pairs(fitted.labels_)
    assert (taught.predict(RECORDS) == taught.labels_).all()
    again = matcher().fit(RECORDS)
    for _ in range(3):
        again.teach(answered(again.query(20)))
    assert (again.labels_ == taught.labels_).all()


def test_answers_hold_and_are_not_asked_again(fitted):
    taught = matcher().fit(RECORDS)
    pairs = taught.query(8)
    pairs["match"] = [True, False, None, True, False, True, False, None]
    taught.teach(pairs)
    row = {name: number for number, name in enumerate(RECORDS["record_id"])}
    for a, b, match in pairs[["record_id_a", "record_id_b", "match"]].to_numpy().tolist():
        if match is not None:
            assert (taught.labels_[row[a]] == taught.labels_[row[b]]) == match
    told = pairs[pairs["match"].notna()]
    new = {frozenset(pair) for pair in taught.query(30).iloc[:, :2].to_numpy().tolist()}
    assert not new & {frozenset(pair) for pair in told.iloc[:, :2].to_numpy().tolist()}


@pytest.mark.parametrize("kind", FRAMES)
def test_every_library_asks_and_learns_the_same(kind, fitted):
    taught = matcher().fit(FRAMES[kind](RECORDS))
    pairs = taught.query(15)
    assert type(pairs) is type(FRAMES[kind](RECORDS))
    plain = to_pandas(pairs)
    assert plain.astype(object).equals(fitted.query(15).astype(object))
    oracle = matcher().fit(RECORDS).teach(answered(fitted.query(15)))
    assert (taught.teach(FRAMES[kind](answered(plain))).labels_ == oracle.labels_).all()


def test_answers_in_fit_are_answers_taught(fitted):
    pairs = answered(fitted.query(40))
    taught = matcher().fit(RECORDS).teach(pairs)
    assert (matcher().fit_predict(RECORDS, pairs) == taught.labels_).all()
    rows = pd.DataFrame(
        {
            side: pd.Index(RECORDS["record_id"]).get_indexer(pairs[f"record_id_{side}"])
            for side in "ab"
        }
    ).assign(match=pairs["match"].to_numpy())
    X = RECORDS.drop(columns="record_id")
    assert (Deduplicator().fit_predict(X, rows) == taught.labels_).all()


def test_labels_of_records_hold_and_help_with_the_others(fitted):
    known = np.random.default_rng(0).random(len(RECORDS)) < 0.5
    y = np.where(known, PEOPLE, None)
    taught = matcher().fit(RECORDS, y)
    assert pairwise_scores(PEOPLE[known], taught.labels_[known])["f1"] == 1.0
    assert wrong_pairs(taught.labels_) < wrong_pairs(fitted.labels_)
    series = pd.Series(y, index=RECORDS.index[::-1])
    assert (matcher().fit_predict(RECORDS, series) == taught.labels_).all()


def test_no_labels_are_no_labels(fitted):
    assert (matcher().fit_predict(RECORDS, [None] * len(RECORDS)) == fitted.labels_).all()


@pytest.mark.parametrize("unknown", [-1, ""])
def test_what_is_marked_as_unlabelled_is_no_entity(unknown):
    X = RECORDS.head(200)
    _, people = np.unique(PEOPLE[:200], return_inverse=True)
    known = np.arange(200) < 60
    y = np.where(known, people, -1) if unknown == -1 else np.where(known, people.astype(str), "")
    expected = matcher().fit_predict(X, np.where(known, people, None))
    assert (matcher().fit_predict(X, y) == expected).all()


def test_a_column_may_be_called_as_the_ids_of_pairs():
    X = RECORDS.head(150).drop(columns="record_id").rename(columns={"city": "row"})
    taught = Deduplicator({"row": "city"}).fit(X)
    pairs = taught.query(5)
    assert pairs["row_a"].between(0, 149).all()
    assert {"row (value)_a", "row (value)_b"} <= set(pairs.columns)
    assert len(taught.teach(pairs.assign(match=False)).labels_) == 150


def test_labels_show_in_the_explanation(fitted):
    known = np.random.default_rng(0).random(len(RECORDS)) < 0.7
    taught = matcher().fit(RECORDS, np.where(known, PEOPLE, None))
    pair = taught.query(1).iloc[0]
    table = taught.explain(pair["record_id_a"], pair["record_id_b"])
    assert 1 / (1 + np.exp(-table["total"].iloc[-1])) == pytest.approx(pair["probability"])
    assert ("labels" in table["column"].tolist()) == bool(taught._correction)


def test_the_interval_holds_the_truth(fitted):
    low, high = fitted.precision_interval_
    assert low <= fitted.estimated_precision_ <= high
    assert low <= pairwise_scores(PEOPLE, fitted.labels_)["precision"] <= high
    taught = matcher().fit(RECORDS).teach(answered(fitted.query(60)))
    assert taught.precision_interval_[1] - taught.precision_interval_[0] < high - low


def test_entities_precise_in_themselves():
    made = make_customers(1500, duplicates=0.25, random_state=3).records
    for precision in (0.9, 0.99):
        sure = matcher(precision=precision).fit(made)
        assert sure.estimated_precision_ >= precision


def test_equal_records_with_unlike_labels_are_told():
    X = pd.concat([RECORDS, RECORDS.head(1)], ignore_index=True).drop(columns="record_id")
    y = [1, *[None] * (len(RECORDS) - 1), 2]
    with pytest.warns(DataWarning, match="1 records that are equal in all columns have unlike"):
        labels = Deduplicator().fit_predict(X, y)
    assert labels[0] == labels[-1]


A, B, C = RECORDS["record_id"][:3]
FAULTS = [
    (pd.DataFrame({"a": [A], "b": [B]}), "labelled pairs need a column 'match'"),
    (
        pd.DataFrame({"a": [A], "b": [B], "match": ["yes"]}),
        "must be true, false or missing, got 'y",
    ),
    (pd.DataFrame({"a": ["K9"], "b": [B], "match": [True]}), "no ids of records of the .* 'K9'"),
    (
        pd.DataFrame({"a": [A, B, A], "b": [B, C, C], "match": [True, True, False]}),
        f"'{A}' and '{C}' are to be apart and together, by way of others",
    ),
]


@pytest.mark.parametrize(("answers", "text"), FAULTS)
def test_faults_in_answers_are_told_and_change_nothing(answers, text, fitted):
    before = fitted.labels_.copy()
    with pytest.raises(DataError, match=text):
        fitted.teach(answers)
    assert (fitted.labels_ == before).all()
    assert fitted.query(5).equals(matcher().fit(RECORDS).query(5))


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda m: m.query(0), "n must be a whole number of at least 1, got 0"),
        (lambda m: m.fit(RECORDS, [1, 2]), "y has 2 labels for .* records"),
    ],
)
def test_faults_of_calls_are_told(call, text):
    with pytest.raises(DataError, match=text):
        call(matcher().fit(RECORDS))


def test_taught_it_is_stored_and_loaded(fitted):
    taught = matcher().fit(RECORDS).teach(answered(fitted.query(60)))
    data = sio.dumps(taught)
    name = "crmkit.cleaning._deduplicator.Deduplicator"
    assert sio.get_untrusted_types(data=data) == [name]
    more = answered(taught.query(10))
    labels = taught.teach(more).labels_
    for again in (pickle.loads(pickle.dumps(taught)), sio.loads(data, trusted=[name])):
        assert (again.teach(more).labels_ == labels).all()


def test_what_was_absorbed_can_be_asked_about_and_taught(fitted):
    later = matcher().fit(RECORDS.iloc[:500]).partial_fit(RECORDS.iloc[500:])
    pairs = answered(later.query(40))
    assert set(pairs["record_id_b"]) & set(RECORDS["record_id"][500:])
    later.teach(pairs)
    assert len(later.labels_) == len(RECORDS)


def test_golden_records_are_one_an_entity(fitted):
    golden = fitted.transform(RECORDS)
    assert golden["entity"].tolist() == list(range(fitted.n_entities_))
    mine = matcher(golden=GoldenRecord(entity="person")).fit(RECORDS)
    assert len(mine.transform(FRAMES["polars"](RECORDS))) == fitted.n_entities_
    assert not hasattr(mine.golden, "kinds_")
