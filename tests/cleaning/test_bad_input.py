"""Tables as they should not be: a defined result or a clear error, from every public part.

`bad_inputs.py` holds the tables. What is refused is listed here; all else must give a result that
keeps the rows and what was there.
"""

import warnings

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmkit import cleaning
from crmkit.cleaning import (
    Deduplicator,
    GoldenRecord,
    MissingValueImputer,
    RecordLinker,
    RecordNormalizer,
    WrongValueDetector,
    pseudonymize,
    quality_report,
)
from crmkit.datasets import make_customers
from crmkit.exceptions import CrmkitWarning, DataError
from tests.cleaning.bad_inputs import TOOLS, inputs, people

INPUTS = inputs()
NOTHING_TO_COMPARE = "none of the columns .* can be compared"
REFUSED = {
    ("Deduplicator", "no value at all"): NOTHING_TO_COMPARE,
    ("RecordLinker", "no value at all"): NOTHING_TO_COMPARE,
    ("Deduplicator", "no record"): NOTHING_TO_COMPARE,
    ("RecordLinker", "no record"): NOTHING_TO_COMPARE,
    ("GoldenRecord", "no record"): "there are no records",
    ("MissingValueImputer", "no record"): "there is no customer to learn from",
    ("MissingValueImputer", "infinite numbers"): "'age' has 2 infinite values .first at row 1",
}
NO_IDS = (
    "ids of several types,infinite numbers,lists,arrays,records in cells,sets,bytes,decimals,"
    "no number decimal,dates and times mixed,dates out of range,flags,nullable,times,"
    "a complex column,polars,pyarrow"
)
REFUSED |= {("pseudonymize", name): "ids are text, whole numbers" for name in NO_IDS.split(",")}
KEEPS_ROWS = (
    "RecordNormalizer",
    "Deduplicator",
    "MissingValueImputer",
    "WrongValueDetector",
    "mask",
    "pseudonymize",
)


def quietly(run, *inputs_):
    """A result, with nothing but warnings of crmkit on the way."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", CrmkitWarning)
        return run(*inputs_)


def n_rows(frame):
    return frame.num_rows if isinstance(frame, pa.Table) else len(frame)


def columns_of(frame):
    return list(frame.column_names if isinstance(frame, pa.Table) else frame.columns)


def test_every_public_part_is_asked():
    parts = {name for name in cleaning.__all__ if not name.endswith(("Report", "Expectations"))}
    assert parts == set(TOOLS)
    assert len(INPUTS) >= 30


@pytest.mark.parametrize("name", INPUTS)
@pytest.mark.parametrize("tool", TOOLS)
def test_a_result_or_a_clear_error(tool, name):
    frame = INPUTS[name]
    run = TOOLS[tool]
    if (tool, name) in REFUSED:
        with pytest.raises(DataError, match=f"^{tool}: .*{REFUSED[tool, name]}"):
            quietly(run, frame)
        return
    out = quietly(run, frame)
    if tool not in KEEPS_ROWS:
        return
    assert type(out) is type(frame)
    assert n_rows(out) == n_rows(frame)
    assert columns_of(out)[: len(columns_of(frame))] == columns_of(frame)


@pytest.mark.parametrize(
    "name", [name for name in INPUTS if ("MissingValueImputer", name) not in REFUSED]
)
def test_the_imputer_changes_nothing_that_is_there(name):
    frame = INPUTS[name]
    out = quietly(TOOLS["MissingValueImputer"], frame)
    for column in columns_of(frame):
        before, after = list(frame[column]), list(out[column])
        for old, new in zip(before, after, strict=True):
            assert is_gap(old) or str(old) == str(new)


def is_gap(value):
    """Tell a missing value or blank text."""
    plain = value.as_py() if isinstance(value, pa.Scalar) else value
    if isinstance(plain, str):
        return not plain.strip()
    return plain is None or plain is pd.NA or plain is pd.NaT or str(plain) in ("nan", "NaN")


@pytest.mark.parametrize("tool", TOOLS)
def test_two_columns_of_one_name_are_refused(tool):
    twice = people()
    twice.columns = ["name", "name", "street"]
    with pytest.raises(DataError, match="two columns have one name"):
        quietly(OF_STREETS.get(tool, TOOLS[tool]), twice)


OF_STREETS = {  # these need a column by name
    "GoldenRecord": GoldenRecord("street").fit_transform,
    "pseudonymize": lambda x: pseudonymize(x, "street", key="a secret of many letters"),
}


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("thing", [None, 5, "text", [1, 2], {"name": ["a"]}, people()["name"]])
def test_what_is_no_table_is_refused(tool, thing):
    run = {
        "RecordNormalizer": RecordNormalizer().fit,
        "Deduplicator": Deduplicator().fit,
        "RecordLinker": lambda x: RecordLinker().fit(x, x),
        "GoldenRecord": GoldenRecord().fit_transform,
        "MissingValueImputer": MissingValueImputer().fit,
        "WrongValueDetector": WrongValueDetector().fit,
        "quality_report": quality_report,
        "expect": TOOLS["expect"],
        "mask": TOOLS["mask"],
        "pseudonymize": lambda x: pseudonymize(x, "name", key="a secret of many letters"),
    }[tool]
    with pytest.raises((DataError, ValueError, TypeError), match=r"\w{4}"):
        quietly(run, thing)


NEW = {
    "RecordNormalizer": ("name_normal", RecordNormalizer().fit_transform),
    "Deduplicator": ("entity", lambda frame: Deduplicator().fit(frame).annotate(frame)),
    "MissingValueImputer": (
        "age_missing",
        lambda frame: MissingValueImputer().fit_transform(frame.assign(age=[1.0, None] * 4)),
    ),
}


@pytest.mark.parametrize("tool", NEW)
def test_a_column_named_as_a_new_one_is_refused(tool):
    name, run = NEW[tool]
    with pytest.raises(DataError, match=f"{name}"):
        quietly(run, people(**{name: ["x"] * 8}))


@pytest.mark.parametrize("name", ["row", "column", "value", "suggestion", "confidence", "entity_a"])
def test_columns_named_as_those_of_tables_are_no_harm(name):
    frame = people(**{name: ["x", "y"] * 4})
    for tool in ("Deduplicator", "RecordLinker", "WrongValueDetector", "quality_report"):
        assert quietly(TOOLS[tool], frame) is not None


def test_a_block_of_everybody_stays_bounded():
    n = 100_000
    rng = np.random.default_rng(0)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    word = letters[rng.integers(26, size=(2, n, 7))]
    crowd = pd.DataFrame(
        {
            "first_name": ["".join(row) for row in word[0].tolist()],
            "last_name": ["".join(row) for row in word[1].tolist()],
            "email": "info@company.com",
        }
    )
    matcher = quietly(Deduplicator(max_block_size=50).fit, crowd)
    report = matcher.blocking_report()
    assert report["pairs"].sum() < 5 * n
    assert report.set_index("key").loc["email", "largest_block"] == n
    assert matcher.n_entities_ > 0.99 * n


def test_cells_of_a_megabyte_are_shown_in_part(tmp_path):
    frame = INPUTS["large cells"]
    normal = quietly(RecordNormalizer().fit_transform, frame)
    assert normal["note"].str.len().tolist() == frame["note"].str.len().tolist()
    report = quietly(quality_report, frame)
    assert report.to_html(tmp_path / "page.html").stat().st_size < 500_000
    assert report.issues().map(lambda v: len(str(v))).to_numpy().max() < 1_000
    suspects = quietly(lambda f: WrongValueDetector().fit(f).detect(f), frame)
    assert suspects.map(lambda v: len(str(v)) < 2_000_000).to_numpy().all()


CELL = st.sampled_from(["ann", "anna", "bob", "lee", "leigh", "ann lee", "安娜", "", None])
ROWS = st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=14)
KINDS = {"first_name": "first_name", "last_name": "last_name", "city": "city"}


def labels_of(rows, columns=("first_name", "last_name", "city")):
    frame = pd.DataFrame(rows, columns=list(KINDS), dtype=object)[list(columns)]
    return quietly(Deduplicator(KINDS).fit_predict, frame)


def same_partition(a, b):
    """Tell whether two labellings put the same rows together."""
    return len(set(zip(a.tolist(), b.tolist(), strict=True))) == len(set(a)) == len(set(b))


@settings(max_examples=25)
@given(ROWS, st.permutations(["first_name", "last_name", "city"]), st.randoms())
def test_labels_are_a_partition_that_no_order_changes(rows, columns, random):
    labels = labels_of(rows)
    assert labels.shape == (len(rows),)
    assert set(labels) == set(range(len(set(labels))))
    order = list(range(len(rows)))
    random.shuffle(order)
    assert same_partition(labels_of([rows[j] for j in order]), labels[order])
    assert same_partition(labels_of(rows, columns), labels)


@settings(max_examples=25)
@given(ROWS)
def test_exact_copies_are_together(rows):
    labels = labels_of([*rows, *rows])
    for place, row in enumerate(rows):
        together = labels[place] == labels[place + len(rows)]
        assert together == any((cell or "").strip() for cell in row), "no value at all is alone"


@pytest.fixture(scope="module")
def shop():
    """Records of a shop with duplicates, and what a matcher makes of them."""
    records = make_customers(200, duplicates=0.3, random_state=5).records
    return records, quietly(Deduplicator(record="record_id").fit, records)


WORD = st.text("qxzjvw", min_size=7, max_size=10)


@settings(max_examples=8)
@given(st.lists(st.tuples(WORD, WORD, WORD), min_size=1, max_size=20, unique=True))
def test_unrelated_records_merge_no_others(shop, words):
    records, matcher = shop
    strangers = pd.DataFrame(
        {
            "record_id": [f"new {j}" for j in range(len(words))],
            "first_name": [word[0] for word in words],
            "last_name": [word[1] for word in words],
            "city": [word[2] for word in words],
        }
    )
    both = pd.concat([records, strangers], ignore_index=True)
    labels = quietly(Deduplicator(record="record_id").fit_predict, both)[: len(records)]
    held = pd.DataFrame({"before": matcher.labels_, "after": labels}).drop_duplicates()
    assert held["after"].is_unique  # no entity holds what was apart before
    later = quietly(matcher.predict, both)[: len(records)]
    assert (later == matcher.labels_).all()
