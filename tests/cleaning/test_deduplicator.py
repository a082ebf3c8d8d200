"""Deduplicator: truth found, contracts kept, bad input told or borne."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
import skops.io as sio
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from crmkit.cleaning import Deduplicator
from crmkit.datasets import make_customers
from crmkit.exceptions import DataError, DataWarning
from crmkit.metrics import b_cubed, pairwise_scores
from tests.contracts import customer_level
from tests.contracts.frame_kinds import FRAMES, to_pandas


def shop(n=400, duplicates=0.3, seed=11, **changes):
    """Records and the true customer of each."""
    made = make_customers(n, duplicates=duplicates, random_state=seed, **changes)
    truth = made.truth.records.set_index("record_id").loc[made.records["record_id"]]
    return made.records, truth["customer_id"].to_numpy()


RECORDS, TRUTH = shop()
FEW = RECORDS.groupby(TRUTH).filter(lambda group: len(group) > 1).head(120)


def by_record(**changes):
    return Deduplicator(record="record_id", **changes)


@pytest.fixture(scope="module")
def fitted():
    return by_record().fit(RECORDS)


def partition(labels):
    groups = {}
    for row, label in enumerate(np.asarray(labels).tolist()):
        groups.setdefault(label, []).append(row)
    return sorted(groups.values())


@pytest.mark.parametrize("language", ["en", "zh"])
def test_people_are_found(language):
    records, truth = shop(1500, seed=21, language=language)
    labels = by_record().fit_predict(records)
    assert pairwise_scores(truth, labels)["f1"] > 0.93
    assert b_cubed(truth, labels)["f1"] > 0.98


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_list_without_duplicates_has_next_to_no_matches(language):
    records, _ = shop(1500, duplicates=0.0, seed=22, language=language)
    with pytest.warns(DataWarning, match="holds next to no duplicates"):
        matcher = by_record().fit(records)
    assert matcher.n_entities_ >= len(records) - 1


def test_without_look_alikes_families_become_one_person(fitted):
    plain = by_record(look_alikes=False).fit(RECORDS)
    assert plain.look_alikes_ == {}
    assert list(fitted.look_alikes_) == ["household", "namesake"]
    precisions = [pairwise_scores(TRUTH, m.labels_)["precision"] for m in (plain, fitted)]
    assert precisions[0] < precisions[1] - 0.05


def test_fit_predict_is_fit_then_predict(fitted):
    assert (by_record().fit_predict(RECORDS) == fitted.labels_).all()
    assert (fitted.predict(RECORDS) == fitted.labels_).all()
    assert sorted(set(fitted.labels_)) == list(range(fitted.n_entities_))


class Labelling(Deduplicator):  # answers with entities: golden records are not one a row
    __doc__ = Deduplicator.__doc__

    @property
    def transform(self):
        raise AttributeError("transform")


@pytest.mark.parametrize("contract", customer_level.ALL, ids=lambda f: f.__name__)
def test_contract(contract):
    contract(Labelling(record="record_id"), FEW)


def test_columns_in_any_order_give_the_same_labels(fitted):
    assert (by_record().fit_predict(RECORDS[RECORDS.columns[::-1]]) == fitted.labels_).all()


@pytest.mark.parametrize("kind", FRAMES)
def test_every_library_gets_its_own_tables(kind, fitted):
    frame = FRAMES[kind](RECORDS)
    matcher = by_record().fit(frame)
    assert (matcher.labels_ == fitted.labels_).all()
    assert type(matcher.pairs()) is type(frame)
    pairs = to_pandas(matcher.pairs())
    assert pairs["record_id_a"].tolist() == fitted.pairs()["record_id_a"].tolist()
    annotated = matcher.annotate(frame)
    assert type(annotated) is type(frame)
    assert to_pandas(annotated)["entity"].tolist() == fitted.labels_.tolist()


def test_new_records_join_whom_they_match_and_open_new_entities_else():
    known = len(RECORDS) * 4 // 5
    matcher = by_record().fit(RECORDS.iloc[:known])
    labels = matcher.predict(RECORDS)
    assert (labels[:known] == matcher.labels_).all()
    assert pairwise_scores(TRUTH, labels)["f1"] > 0.9
    assert labels.max() >= matcher.n_entities_
    again = pickle.loads(pickle.dumps(matcher)).predict(RECORDS)
    assert (again == labels).all()


def test_what_is_stored_is_what_skops_knows(fitted):
    data = sio.dumps(fitted)
    assert sio.get_untrusted_types(data=data) == ["crmkit.cleaning._deduplicator.Deduplicator"]


def test_pairs_are_those_of_the_entities(fitted):
    pairs = fitted.pairs()
    row = {name: number for number, name in enumerate(RECORDS["record_id"])}
    a = [row[name] for name in pairs["record_id_a"]]
    b = [row[name] for name in pairs["record_id_b"]]
    assert (fitted.labels_[a] == fitted.labels_[b]).all()
    assert (fitted.labels_[a] == pairs["entity"]).all()
    assert pairs["probability"].is_monotonic_decreasing
    assert {"household", "namesake"} <= set(pairs.columns)
    joined = {
        label
        for label, size in zip(*np.unique(fitted.labels_, return_counts=True), strict=True)
        if size > 1
    }
    assert set(pairs["entity"]) == joined


def test_rows_are_numbered_where_there_is_no_id():
    matcher = Deduplicator().fit(RECORDS)
    pairs = matcher.pairs()
    assert (pairs["row_a"] < pairs["row_b"]).all()
    assert matcher.kinds_["record_id"] == "ignore"


def test_an_explanation_adds_up_to_the_probability(fitted):
    pair = fitted.pairs().query("probability < 0.999").iloc[0]
    table = fitted.explain(pair["record_id_a"], pair["record_id_b"])
    assert table["column"].iloc[[0, -1]].tolist() == ["any two records", "look-alikes"]
    assert table["weight"].cumsum().tolist() == pytest.approx(table["total"].tolist())
    assert 1 / (1 + np.exp(-table["total"].iloc[-1])) == pytest.approx(pair["probability"])
    missing = table["agreement"] == "missing"
    assert (table.loc[missing, "weight"] == 0.0).all()


def test_explain_tells_what_it_does_not_know(fitted):
    with pytest.raises(DataError, match="record 'K9' is not among the 520 records of fit"):
        fitted.explain("K9", "K000001")


def test_the_report_of_blocking_adds_up(fitted):
    report = fitted.blocking_report()
    assert (report["new_pairs"] <= report["pairs"]).all()
    assert report.loc[report["used"], "new_pairs"].sum() > 0
    assert report["key"].is_unique


def test_equal_records_are_together_and_empty_ones_alone():
    twice = pd.concat([RECORDS, RECORDS.head(50)], ignore_index=True)
    nothing = RECORDS.head(3).assign(**dict.fromkeys(RECORDS.columns))
    X = pd.concat([twice, nothing], ignore_index=True).drop(columns="record_id")
    labels = Deduplicator().fit_predict(X)
    assert (labels[len(RECORDS) : len(twice)] == labels[:50]).all()
    assert len(set(labels[-3:])) == 3
    assert not set(labels[-3:]) & set(labels[:-3])


def test_equal_records_change_no_other_entity(fitted):
    copies = RECORDS.head(100).assign(record_id=[f"copy {i}" for i in range(100)])
    labels = by_record().fit_predict(pd.concat([RECORDS, copies], ignore_index=True))
    assert (labels[: len(RECORDS)] == fitted.labels_).all()


@pytest.mark.filterwarnings("ignore::crmkit.exceptions.DataWarning")
@pytest.mark.parametrize("n", [1, 2, 3])
def test_few_records(n):
    assert len(by_record().fit_predict(RECORDS.head(n))) == n


@pytest.mark.filterwarnings("ignore::crmkit.exceptions.DataWarning")
def test_all_equal_is_one_and_missing_columns_are_left_out():
    X = pd.DataFrame({"first_name": ["Ann"] * 5, "email": [None] * 5, "city": ["York"] * 5})
    assert set(Deduplicator().fit_predict(X)) == {0}


@pytest.mark.filterwarnings("ignore::crmkit.exceptions.DataWarning")
def test_all_missing_is_everybody_alone():
    X = pd.DataFrame({"first_name": ["Ann", None, None], "city": [None, None, None]})
    assert len(set(Deduplicator().fit_predict(X))) == 3


@pytest.mark.filterwarnings("ignore::crmkit.exceptions.DataWarning")
def test_one_address_for_everybody_stays_bounded():
    X = RECORDS.assign(email="info@company.example", phone="555 000 1111")
    matcher = by_record(max_block_size=50).fit(X)
    report = matcher.blocking_report().set_index("key")
    assert report.loc["email", "large_blocks"] == 1
    assert report.loc["email", "largest_block"] >= len(X) - 60
    assert report.loc["email", "pairs"] < 20 * len(X)
    assert pairwise_scores(TRUTH, matcher.labels_)["f1"] > 0.8


def test_a_wanted_precision_sets_the_threshold(fitted):
    sure = by_record(precision=0.998).fit(RECORDS)
    assert sure.threshold_ > fitted.threshold_ == 0.5
    assert sure.estimated_precision_ > fitted.estimated_precision_
    assert pairwise_scores(TRUTH, sure.labels_)["precision"] >= 0.98
    assert (sure.predict(RECORDS) == sure.labels_).all()


FAULTS = [
    ({"precision": 1.0}, "precision must be a number between 0 and 1, got 1.0"),
    ({"threshold": 1.0}, "threshold must be a number between 0 and 1, got 1.0"),
    ({"linkage": "single"}, "linkage must be one of"),
    ({"max_block_size": 1}, "max_block_size must be a whole number of at least 2"),
    ({"random_state": None}, "random_state must be a whole number of at least 0"),
    ({"record": "recordid"}, "column 'recordid' not found. Did you mean record='record_id'"),
    ({"kinds": {"frist_name": "first_name"}}, r"no column 'frist_name' \(did you mean"),
    (
        {"record": "record_id", "one_per_source": "record_id"},
        "one_per_source and record are both 'record_id'",
    ),
    ({"kinds": {"city": "town"}}, "'town' of 'city' is no kind"),
]


@pytest.mark.parametrize(("changes", "text"), FAULTS)
def test_faults_are_told_in_fit(changes, text):
    matcher = Deduplicator(**changes)
    with pytest.raises(DataError, match=text):
        matcher.fit(RECORDS)


def test_nothing_to_compare_is_told():
    X = pd.DataFrame({"customer_id": ["a", "b"]})
    with pytest.raises(DataError, match="none of the columns"):
        Deduplicator(kinds={"customer_id": "ignore"}).fit(X)


def test_a_clone_has_the_parameters():
    matcher = by_record(threshold=0.9, kinds={"source": "ignore"})
    assert clone(matcher).get_params() == matcher.get_params()


def test_a_higher_threshold_joins_fewer(fitted):
    assert by_record(threshold=0.99).fit(RECORDS).n_entities_ >= fitted.n_entities_


CELL = st.sampled_from(["ann", "anna", "bob", "ann lee", "", None])


@pytest.mark.filterwarnings("ignore::crmkit.exceptions.DataWarning")
@settings(max_examples=30)
@given(st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=12), st.randoms())
def test_labels_are_a_partition_that_no_order_changes(rows, random):
    frame = pd.DataFrame(rows, columns=["first_name", "last_name", "city"], dtype=object)
    labels = Deduplicator(GIVEN).fit_predict(frame)
    order = list(range(len(rows)))
    random.shuffle(order)
    again = Deduplicator(GIVEN).fit_predict(
        pl.DataFrame(
            {name: [frame[name][i] for i in order] for name in ("city", "last_name", "first_name")},
            schema=dict.fromkeys(("city", "last_name", "first_name"), pl.String),
        )
    )
    back = np.empty(len(rows), dtype=np.int64)
    back[order] = again
    assert partition(back) == partition(labels)


GIVEN = {"first_name": "first_name", "last_name": "last_name", "city": "city"}


ONE = ["ottilie", "wesendonk", "chester", "1931-11-28", "5551000000"]
OTHER = ["bruno", "maczynski", "ludlow", "1984-03-07", "2078889123"]
CHAIN = pd.DataFrame(  # each differs from the next in one column, the first from the last in all
    [OTHER[:changed] + ONE[changed:] for changed in range(6)],
    columns=["first_name", "last_name", "city", "birth_date", "phone"],
)


def test_look_alikes_do_not_chain():
    X = pd.concat([RECORDS[CHAIN.columns], CHAIN], ignore_index=True)
    chained = Deduplicator(linkage="components", look_alikes=False).fit_predict(X)[-6:]
    joined = Deduplicator(look_alikes=False).fit_predict(X)[-6:]
    assert len(set(chained)) == 1
    assert len(set(joined)) > 1
    assert joined[0] == joined[1] != joined[-1]


@pytest.mark.parametrize("kind", [*FRAMES, "list"])
def test_constraints_hold(kind, fitted):
    pair = fitted.pairs().iloc[-1]
    apart = pair[["record_id_a", "record_id_b"]].to_frame().T
    ids = RECORDS["record_id"].to_numpy()
    together = pd.DataFrame({"one": ids[:3], "other": ids[200:203]})
    if kind == "list":
        apart, together = (frame.to_numpy().tolist() for frame in (apart, together))
    else:
        apart, together = (
            FRAMES[kind](frame.reset_index(drop=True)) for frame in (apart, together)
        )
    labels = by_record().fit_predict(RECORDS, must_link=together, cannot_link=apart)
    assert (labels[:3] == labels[200:203]).all()
    row = RECORDS["record_id"].tolist().index
    assert labels[row(pair["record_id_a"])] != labels[row(pair["record_id_b"])]


def test_rows_may_be_linked_where_there_is_no_id():
    labels = Deduplicator().fit_predict(RECORDS, must_link=[(0, 300), (300, 17)])
    assert labels[0] == labels[17] == labels[300]


def test_one_record_of_a_source_in_every_entity():
    X = RECORDS.assign(source=np.where(np.arange(len(RECORDS)) % 2, "web", "shop"))
    X.loc[::7, "source"] = None
    matcher = by_record(one_per_source="source").fit(X)
    counts = pd.crosstab(matcher.labels_, X["source"])
    assert counts.to_numpy().max() == 1
    assert matcher.kinds_["source"] == "ignore"
    assert (matcher.predict(X) == matcher.labels_).all()
    assert len(X) > matcher.n_entities_ > by_record().fit(RECORDS).n_entities_


CONTRADICTIONS = [
    ({"must_link": [("K1", "K2")]}, "must_link: no ids of records of the 520 known: 'K1', 'K2'"),
    ({"must_link": [(1, 2)]}, "must_link: no ids of records of the 520 known: 1, 2"),
    ({"must_link": [1, 2]}, "must_link must be pairs of record ids, .* got 1"),
    ({"must_link": ["ab"]}, "must_link must be pairs of record ids, .* got"),
    ({"cannot_link": pd.DataFrame({"a": ["x"]})}, "cannot_link must have two columns of ids"),
]


@pytest.mark.parametrize(("told", "text"), CONTRADICTIONS)
def test_constraints_that_cannot_be_read_are_told(told, text):
    with pytest.raises(DataError, match=text):
        by_record().fit(RECORDS, **told)


def test_contradictions_are_named():
    a, b, c = RECORDS["record_id"][:3]
    with pytest.raises(DataError, match=f"'{a}' and '{c}' are to be apart and together, by way"):
        by_record().fit(RECORDS, must_link=[(a, b), (b, c)], cannot_link=[(a, c)])
    X = RECORDS.assign(source="web")
    with pytest.raises(
        DataError, match=f"'{a}' and '{b}' are to be together and have one 'source'"
    ):
        by_record(one_per_source="source").fit(X, must_link=[(a, b)])
    nothing = RECORDS.head(20).copy()
    nothing.loc[3, nothing.columns != "record_id"] = None
    with pytest.raises(DataError, match="has no values to compare and is always alone"):
        by_record().fit(nothing, must_link=[(nothing["record_id"][3], a)])
