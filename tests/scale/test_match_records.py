"""scale.match_records: the entities of one machine, found by DuckDB and by Spark."""

import duckdb
import numpy as np
import pytest

from crmkit.cleaning import Deduplicator
from crmkit.datasets import make_customers
from crmkit.exceptions import DataError
from crmkit.metrics import pairwise_scores
from crmkit.scale import match_records
from tests.contracts.spark_session import to_spark


@pytest.fixture(scope="module")
def people():
    """Records of 1,200 people, a third of them twice, one without any value."""
    records = make_customers(1200, duplicates=0.3, random_state=0).records
    records.loc[7, [name for name in records.columns if name != "record_id"]] = None
    return records


@pytest.fixture(scope="module")
def matcher(people):
    return Deduplicator(record="record_id").fit(people)


def by_record(found, people):
    """Entities in the order of the records."""
    table = found.toArrow() if hasattr(found, "toArrow") else found.to_arrow_table()
    entity = dict(zip(*(table.column(n).to_pylist() for n in table.column_names), strict=True))
    assert len(entity) == table.num_rows == len(people)
    return np.array([entity[record] for record in people["record_id"]])


def test_duckdb_gives_the_labels_of_the_fit(people, matcher):
    found = match_records(duckdb.from_df(people.sample(frac=1.0, random_state=1)), matcher)
    assert found.columns == ["record_id", "entity"]
    assert by_record(found, people).tolist() == matcher.labels_.tolist()


def test_spark_gives_the_labels_of_the_fit(spark, people, matcher):
    found = match_records(to_spark(people).repartition(3), matcher, entity="person")
    assert found.columns == ["record_id", "person"]
    assert by_record(found, people).tolist() == matcher.labels_.tolist()
    found.unpersist()


def test_large_blocks_are_parted_by_second_keys(people):
    matcher = Deduplicator(record="record_id", max_block_size=3).fit(people)
    report = matcher.blocking_report()
    assert report.loc[report["used"], "large_blocks"].sum() > 10
    found = match_records(duckdb.from_df(people), matcher)
    assert by_record(found, people).tolist() == matcher.labels_.tolist()


def test_components_may_be_the_answer(people):
    matcher = Deduplicator(record="record_id", linkage="components").fit(people)
    found = match_records(duckdb.from_df(people), matcher)
    assert by_record(found, people).tolist() == matcher.labels_.tolist()


def test_what_labels_taught_counts(people):
    truth = make_customers(1200, duplicates=0.3, random_state=0).truth.records
    known = truth["customer_id"].where(np.arange(len(truth)) % 3 == 0)
    matcher = Deduplicator(record="record_id").fit(people, known.to_numpy(dtype=object))
    assert matcher._corrector() is not None
    found = by_record(match_records(duckdb.from_df(people), matcher), people)
    # what was taught of all pairs travels, what is certain of single ones does not
    assert pairwise_scores(matcher.labels_, found)["f1"] > 0.98


def test_full_names_are_parted_as_in_the_fit(people):
    names = people["first_name"].str.cat(people["last_name"], sep=" ")
    whole = people.drop(columns=["first_name", "last_name"]).assign(name=names)
    matcher = Deduplicator(record="record_id").fit(whole)
    found = match_records(duckdb.from_df(whole), matcher)
    assert by_record(found, whole).tolist() == matcher.labels_.tolist()


def test_a_matcher_of_a_part_finds_the_people_of_the_whole():
    made = make_customers(4000, duplicates=0.3, random_state=2)
    records = made.records
    born = records["birth_date"].fillna("")
    part = records[born.isin(sorted(born.unique())[::3])]
    matcher = Deduplicator(record="record_id").fit(part)
    found = by_record(match_records(duckdb.from_df(records), matcher), records)
    whole = Deduplicator(record="record_id").fit_predict(records)
    truth = made.truth.records.set_index("record_id")["customer_id"].loc[records["record_id"]]
    of_part, of_whole = (pairwise_scores(truth, labels)["f1"] for labels in (found, whole))
    assert of_part > of_whole - 0.02
    assert of_whole > 0.9


def test_memory_and_place_for_what_exceeds_it_are_settings(people, matcher, tmp_path):
    settings = {"memory_limit": "400MB", "temp_directory": str(tmp_path), "threads": 1}
    found = match_records(duckdb.from_df(people), matcher, settings=settings)
    assert by_record(found, people).tolist() == matcher.labels_.tolist()


def test_refusals(people, matcher):
    relation = duckdb.from_df(people)
    with pytest.raises(DataError, match="records must be a relation of duckdb or a Spark data fra"):
        match_records(people, matcher)
    with pytest.raises(DataError, match="a Deduplicator is needed, got str"):
        match_records(relation, "matcher")
    with pytest.raises(DataError, match="name the ids by record="):
        match_records(relation, Deduplicator().fit(people.drop(columns="record_id")))
    with pytest.raises(DataError, match="column 'last_name' not found"):
        match_records(relation.project("* EXCLUDE last_name"), matcher)
    with pytest.raises(DataError, match="must name each record once: 0 are missing, 2 stand"):
        match_records(relation.union(relation.limit(2)), matcher)
    with pytest.raises(DataError, match="there are no records"):
        match_records(relation.limit(0), matcher)
    with pytest.raises(DataError, match="entity and record are both 'record_id'"):
        match_records(relation, matcher, entity="record_id")


def test_sources_are_for_one_machine(people):
    both = people.assign(source=np.arange(len(people)) % 2)
    matcher = Deduplicator(record="record_id", one_per_source="source").fit(both)
    with pytest.raises(DataError, match="one_per_source='source' holds on one machine alone"):
        match_records(duckdb.from_df(both), matcher)


def test_names_of_columns_may_hold_dots(spark, people):
    odd = people.rename(columns={"record_id": "record.id", "email": "e.mail"})
    matcher = Deduplicator(record="record.id").fit(odd)
    found = match_records(to_spark(odd), matcher)
    table = found.toArrow().to_pandas().set_index("record.id")["entity"]
    assert table.loc[odd["record.id"]].tolist() == matcher.labels_.tolist()
    found.unpersist()
