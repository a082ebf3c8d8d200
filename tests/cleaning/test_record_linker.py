"""RecordLinker: true links found, at most one a record, lists in any library and by any names."""

import os
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import skops.io as sio
from sklearn.base import clone

from crmkit.cleaning import RecordLinker
from crmkit.datasets import make_customers
from crmkit.exceptions import DataError
from tests.contracts.frame_kinds import FRAMES, to_pandas


def shops(n=900, seed=5):
    """Two lists without duplicates whose people partly overlap, with the customer as index."""
    made = make_customers(n, duplicates=0.6, random_state=seed)
    truth = made.truth.records.set_index("record_id")["customer_id"]
    records = made.records.assign(customer=truth.loc[made.records["record_id"]].to_numpy())
    again = records["customer"].duplicated()
    first = records[~again]
    second = records[again].drop_duplicates("customer")
    alone = first.iloc[-150:]
    a, b = first.iloc[:-150], pd.concat([second, alone]).sample(frac=1.0, random_state=1)
    return a.reset_index(drop=True), b.reset_index(drop=True)


FIRST, SECOND = shops()
A, B = FIRST.drop(columns="customer"), SECOND.drop(columns="customer")
TRUE = set(FIRST["customer"]) & set(SECOND["customer"])


@pytest.fixture(scope="module")
def fitted():
    return RecordLinker(record="record_id").fit(A, B)


def test_partners_are_found_and_others_stay_alone(fitted):
    linked = np.flatnonzero(fitted.links_ >= 0)
    same = (
        FIRST["customer"].to_numpy()[linked] == SECOND["customer"].to_numpy()[fitted.links_[linked]]
    )
    assert same.mean() > 0.97
    assert same.sum() > 0.93 * len(TRUE)
    assert len(set(fitted.links_[linked])) == len(linked)
    assert np.isnan(fitted.probabilities_[fitted.links_ < 0]).all()
    assert abs(fitted.estimated_precision_ - same.mean()) < 0.03


def test_links_name_both_records(fitted):
    table = fitted.links()
    rows = np.flatnonzero(fitted.links_ >= 0)
    pairs = dict(zip(A["record_id"][rows], B["record_id"][fitted.links_[rows]], strict=True))
    assert dict(zip(table["record_id_a"], table["record_id_b"], strict=True)) == pairs
    assert table["probability"].is_monotonic_decreasing
    assert table["probability"].min() >= 0.5


@pytest.mark.parametrize("kind", FRAMES)
def test_every_library_gives_the_same_links(kind, fitted):
    linker = RecordLinker(record="record_id").fit(FRAMES[kind](A), FRAMES["polars"](B))
    assert (linker.links_ == fitted.links_).all()
    links = linker.links()
    assert to_pandas(links).astype(object).equals(fitted.links().astype(object))
    assert type(links) is type(FRAMES[kind](A))


def test_the_order_of_rows_does_not_matter(fitted):
    order = np.random.default_rng(0).permutation(len(A))
    turned = RecordLinker(record="record_id").fit(A.iloc[order], B.iloc[::-1])
    one, other = (
        set(zip(t["record_id_a"], t["record_id_b"], strict=True))
        for t in (fitted.links(), turned.links())
    )
    assert one == other


def test_one_frame_with_a_source_is_two_lists(fitted):
    both = pd.concat([B.assign(shop="web"), A.assign(shop="desk")], ignore_index=True)
    linker = RecordLinker(record="record_id", source="shop").fit(both)
    assert linker.links().equals(fitted.links())
    rows = RecordLinker(kinds={"record_id": "ignore"}, source="shop").fit(both).links()
    assert both["record_id"][rows["row_a"]].tolist() == fitted.links()["record_id_a"].tolist()


def test_columns_of_the_second_list_may_have_other_names(fitted):
    new = {"last_name": "surname", "record_id": "number"}
    named = B.rename(columns=new).rename(columns={"city": "last_name"})
    given = {**new, "city": "last_name"}
    linker = RecordLinker(record="record_id", columns=given).fit(A, named)
    assert (linker.links_ == fitted.links_).all()


def test_equal_records_have_one_partner_each():
    a = pd.concat([A.head(50), A.head(2), A.head(2)], ignore_index=True)
    b = pd.concat([A.head(20), A.head(1)], ignore_index=True)
    a, b = a.drop(columns="record_id"), b.drop(columns="record_id")
    links = RecordLinker().fit_predict(a, b)
    assert links[:20].tolist() == list(range(20))
    assert links[50] == 20
    assert (links[[51, 52, 53]] == -1).all()


def test_an_explanation_adds_up_to_the_probability(fitted):
    link = fitted.links().iloc[-1]
    table = fitted.explain(link["record_id_a"], link["record_id_b"])
    assert 1 / (1 + np.exp(-table["total"].iloc[-1])) == pytest.approx(link["probability"])
    assert fitted.blocking_report()["key"].is_unique
    with pytest.raises(DataError, match=r"b: record 'K9' is not among the .* of the second list"):
        fitted.explain(link["record_id_a"], "K9")


def test_a_wanted_precision_links_fewer(fitted):
    sure = RecordLinker(record="record_id", precision=0.999).fit(A, B)
    assert sure.threshold_ > 0.5
    assert (sure.links_ >= 0).sum() <= (fitted.links_ >= 0).sum()
    assert sure.estimated_precision_ >= fitted.estimated_precision_


def test_stored_and_loaded_it_is_the_same(fitted):
    data = sio.dumps(fitted)
    assert sio.get_untrusted_types(data=data) == ["crmkit.cleaning._record_linker.RecordLinker"]
    for again in (
        pickle.loads(pickle.dumps(fitted)),
        sio.loads(data, trusted=["crmkit.cleaning._record_linker.RecordLinker"]),
    ):
        assert again.links().equals(fitted.links())
    assert clone(fitted).get_params() == fitted.get_params()


def test_input_is_left_as_it_is():
    a, b = A.head(100).copy(), B.head(100).copy()
    RecordLinker(record="record_id").fit(a, b)
    pd.testing.assert_frame_equal(a, A.head(100))
    pd.testing.assert_frame_equal(b, B.head(100))


OTHER = A.rename(columns={name: name.upper() + "_2" for name in A.columns})
FAULTS = [
    ({}, (A, None), "one frame holds both lists only with a column that tells them apart"),
    ({"source": "surce"}, (A, None), "column 'surce' not found"),
    ({"source": "city"}, (A, None), "column 'city' must have two values, got"),
    ({}, (A, OTHER), "the lists have no column in common"),
    (
        {"columns": {"cty": "city"}},
        (A, B),
        r"the first list has no column 'cty' \(did you mean 'city'",
    ),
    ({"columns": {"city": "town"}}, (A, B), "the second list has no column 'town'"),
    ({"record": "record_id"}, (A, B.drop(columns="record_id")), "column 'record_id' not found"),
    ({"record": "id"}, (A, B), "column 'id' not found"),
    ({"threshold": 0}, (A, B), "RecordLinker: threshold must be a number between 0 and 1, got 0"),
    ({"kinds": {"city": "town"}}, (A, B), "town"),
]


@pytest.mark.parametrize(("changes", "lists", "text"), FAULTS)
def test_faults_are_told_in_fit(changes, lists, text):
    with pytest.raises(DataError, match=text):
        RecordLinker(**changes).fit(*lists)


@pytest.mark.skipif("CRMKIT_DATA" not in os.environ, reason="CRMKIT_DATA is not set")
def test_febrl4_is_linked():
    records = pd.read_parquet(Path(os.environ["CRMKIT_DATA"]) / "dedupe" / "febrl4_link.parquet")
    truth = records.pop("entity_id").to_numpy()
    table = RecordLinker(source="source").fit(records).links()
    right = (truth[table["row_a"]] == truth[table["row_b"]]).sum()
    assert 2 * right / (len(table) + 5_000) >= 0.999
