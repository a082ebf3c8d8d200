"""Full names in two: persons told from firms, and families kept apart from persons."""

import numpy as np
import pytest

from crmkit.cleaning import Deduplicator
from crmkit.cleaning._matching._coded import CodedColumn
from crmkit.cleaning._matching._full_names import are_of_persons, in_parts, parted
from crmkit.datasets import make_customers
from crmkit.metrics import pairwise_scores


@pytest.mark.parametrize(
    ("name", "given", "family"),
    [
        ("ann lee", "ann", "lee"),
        ("mary ann lee", "mary ann", "lee"),
        ("anna van der berg", "anna", "van der berg"),
        ("van morrison", "van", "morrison"),
        ("john smith jr", "john jr", "smith"),
        ("smith jr", "smith", "jr"),
        ("madonna", None, "madonna"),
        ("王小明", "小明", "王"),
        ("欧阳娜娜", "娜娜", "欧阳"),
        ("欧阳", "阳", "欧"),
        ("김철수", "철수", "김"),
        ("王 小明", "王", "小明"),
    ],
)
def test_names_in_two_parts(name, given, family):
    assert parted(name) == (given, family)


@pytest.mark.parametrize(
    ("names", "answer"),
    [
        (["ann lee", "bo ray", "carl van dam"], True),
        (["王小明", "李娜", "张伟"], True),
        (["madonna", "cher"], False),
        (["art s deli", "the palm", "cafe bizou", "spago"], False),
        (["bose 27028 speakers", "sony cdp 375"], False),
        (["北京某某有限公司", "上海某某公司"], False),
        ([], False),
    ],
)
def test_persons_are_told_by_their_words(names, answer):
    assert are_of_persons(names) is answer


def test_parts_are_columns_of_their_own():
    column = CodedColumn("who", "name", np.array([1, 0, -1, 1]), ["ann lee", "bo lee"])
    given, family = in_parts(column)
    assert (given.name, given.kind, given.values) == ("who (given)", "first_name", ["ann", "bo"])
    assert given.codes.tolist() == [1, 0, -1, 1]
    assert (family.name, family.values, family.codes.tolist()) == (
        "who (family)",
        ["lee"],
        [0, 0, -1, 0],
    )


def test_parts_have_names_of_their_own():
    column = CodedColumn("who", "name", np.array([0]), ["ann lee"])
    taken = ["who", "who (given)", "who (given) 2"]
    assert [part.name for part in in_parts(column, taken)] == ["who (given) 3", "who (family)"]


@pytest.mark.parametrize("kind", ["category", "name"])
def test_a_column_may_be_called_as_a_part(kind):
    made = make_customers(60, duplicates=0.3, random_state=3).records
    whole = made["first_name"].fillna("") + " " + made["last_name"].fillna("")
    own = whole if kind == "name" else made["first_name"]
    records = made.assign(**{"name": whole.str.strip(), "name (given)": own.str.strip()})
    records = records.drop(columns=["first_name", "last_name"])
    fitted = Deduplicator({"name": "name", "name (given)": kind}, record="record_id").fit(records)
    assert {"name (given) 2", "name (family)"} <= set(fitted.m_)
    assert fitted.predict(records).tolist() == fitted.labels_.tolist()


@pytest.fixture(scope="module")
def lists():
    """A list with names in two columns, the same with names in one, and who is who."""
    made = make_customers(1500, duplicates=0.25, random_state=3)
    apart = made.records.drop(columns=["email", "birth_date"])
    name = apart["first_name"].fillna("") + " " + apart["last_name"].fillna("")
    joined = apart.assign(name=name.str.strip()).drop(columns=["first_name", "last_name"])
    truth = made.truth.records.set_index("record_id").loc[apart["record_id"], "customer_id"]
    return apart, joined, truth.to_numpy()


@pytest.fixture(scope="module")
def matcher(lists):
    return Deduplicator(record="record_id").fit(lists[1])


def test_a_family_is_not_one_person_where_names_are_one_column(lists, matcher):
    apart, _, truth = lists
    two = pairwise_scores(truth, Deduplicator(record="record_id").fit_predict(apart))
    one = pairwise_scores(truth, matcher.labels_)
    assert one["precision"] > two["precision"] - 0.01
    assert one["recall"] > two["recall"] - 0.01
    assert matcher.kinds_["name"] == "name"
    assert {"name (given)", "name (family)"} <= set(matcher.m_)


def test_known_and_new_records_are_read_alike(lists, matcher):
    records = lists[1]
    np.testing.assert_array_equal(matcher.predict(records), matcher.labels_)
    stranger = records.head(1).assign(name="Zebulon Quixote", phone=None, street=None)
    assert matcher.predict(stranger).tolist() == [matcher.n_entities_]
    a, b = matcher.pairs().iloc[0][["record_id_a", "record_id_b"]]
    assert {"name (given)", "name (family)"} <= set(matcher.explain(a, b)["column"])
