"""RecordNormalizer: records of every library, what changed, what is refused, what is kept."""

import pickle
import time

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from crmkit.cleaning import RecordNormalizer
from crmkit.datasets import make_customers
from crmkit.exceptions import DataError, DataWarning

ROWS = {
    "record_id": [11, 12, 13],
    "name": ["Dr. José Müller", "王　小明", None],
    "email": ["A.B+x@gmail.com", "test@shop.com", "info@firm.com"],
    "dob": ["31/12/1980", "05/06/1981", "1900-01-01"],
    "spent": ["1,200.50", None, "3"],
    "empty": pd.array([None, None, None], dtype="str"),
}
NORMAL = {
    "name_normal": ["jose muller", "王小明", None],
    "email_normal": ["ab@gmail.com", None, "info@firm.com"],
    "dob_normal": ["1980-12-31", "1981-06-05", None],
    "spent_normal": [1200.5, None, 3.0],
}
KINDS = {"spent": "number"}


def pandas_rows():
    return pd.DataFrame(ROWS, index=[5, 7, 9])


def as_pandas(frame):
    """Any frame as pandas; missing is None."""
    if isinstance(frame, pl.LazyFrame):
        frame = frame.collect()
    if isinstance(frame, (pl.DataFrame, pa.Table)):
        frame = frame.to_pandas()
    if isinstance(frame, duckdb.DuckDBPyRelation):
        frame = frame.df()
    return frame.astype(object).where(frame.notna(), None)


MAKERS = {
    "pandas": pandas_rows,
    "polars": lambda: pl.from_pandas(pandas_rows()),
    "lazy": lambda: pl.from_pandas(pandas_rows()).lazy(),
    "pyarrow": lambda: pa.Table.from_pandas(pandas_rows(), preserve_index=False),
    "duckdb": lambda: duckdb.from_arrow(pa.Table.from_pandas(pandas_rows(), preserve_index=False)),
}


@pytest.fixture(params=MAKERS)
def records(request):
    return MAKERS[request.param]()


def test_every_library_gets_its_own_frame_back(records):
    normal = RecordNormalizer(KINDS, record="record_id").fit_transform(records)
    assert type(normal) is type(records)
    table = as_pandas(normal)
    assert table.columns.tolist() == [*ROWS, *NORMAL]
    assert {name: table[name].tolist() for name in NORMAL} == NORMAL
    assert table["record_id"].tolist() == [11, 12, 13]
    assert table["name"].tolist() == ROWS["name"]


def test_changes_in_every_library(records):
    changes = RecordNormalizer(KINDS, record="record_id").fit(records).changes(records)
    assert type(changes) is type(records)
    table = as_pandas(changes)
    tag = table[(table["column"] == "email") & (table["rule"] == "tag")]
    assert tag[["n_values", "n_records", "before", "after"]].values.tolist() == [
        [1, 1, "A.B+x@gmail.com", "ab@gmail.com"]
    ]
    nothing = table[table["rule"] == "placeholder"]
    assert nothing["before"].tolist() == ["test@shop.com", "1900-01-01"]
    assert nothing["after"].tolist() == [None, None]


def test_index_and_input_of_pandas_are_kept():
    given_rows, before = pandas_rows(), pandas_rows()
    normal = RecordNormalizer(KINDS, record="record_id").fit_transform(given_rows)
    assert normal.index.tolist() == [5, 7, 9]
    pd.testing.assert_frame_equal(given_rows, before)
    assert normal["spent_normal"].dtype == np.float64


def test_counts_are_of_records_and_of_distinct_values():
    names = pd.DataFrame({"first_name": ["ANN", "ANN", "BOB", "eve"]})
    changes = RecordNormalizer().fit(names).changes(names)
    assert changes.drop(columns="kind").values.tolist() == [
        ["first_name", "case", 2, 3, "ANN", "ann"]
    ]


def test_the_case_is_the_most_frequent_value_whatever_the_order_of_rows():
    rows = pd.DataFrame({"first_name": ["EVE", "BOB", "BOB", "ANN", "ANN"]})
    for names in (rows, rows[::-1]):
        changes = RecordNormalizer().fit(names).changes(names)
        assert changes[["before", "after"]].values.tolist() == [["ANN", "ann"]]


def test_nothing_changed_is_a_table_without_rows_and_with_its_types():
    names = pl.DataFrame({"first_name": ["ann", "bob"]})
    changes = RecordNormalizer().fit(names).changes(names)
    assert changes.height == 0
    assert changes.schema["rule"] == pl.String


def test_a_row_alone_is_read_as_among_the_others():
    rows = pd.DataFrame({"dob": ["31/12/1980", "01/02/1980"]})
    normalizer = RecordNormalizer().fit(rows)
    assert normalizer.date_orders_ == {"dob": "DMY"}
    assert normalizer.transform(rows.iloc[1:])["dob_normal"].tolist() == ["1980-02-01"]


def test_unclear_dates_stay_and_are_told():
    rows = pd.DataFrame({"dob": ["01/02/1980", "01/02/1980", "1981-01-01"]})
    with pytest.warns(DataWarning, match=r"2 records have a 'dob'.*'01/02/1980'.*date_order=") as w:
        normalizer = RecordNormalizer().fit(rows)
    assert w[0].filename == __file__
    assert normalizer.transform(rows)["dob_normal"].tolist()[0] == "01/02/1980"
    changes = normalizer.changes(rows)
    assert changes[["rule", "n_records"]].values.tolist() == [["not read", 2]]
    stated = RecordNormalizer(date_order="MDY").fit_transform(rows)
    assert stated["dob_normal"].tolist() == ["1980-01-02", "1980-01-02", "1981-01-01"]


def test_days_that_the_calendar_lacks_are_told():
    rows = pd.DataFrame({"dob": ["31/02/1980", "31/12/1980"]})
    with pytest.warns(DataWarning, match=r"1 records have a 'dob'.*of the calendar.*no dates"):
        normalizer = RecordNormalizer().fit(rows)
    assert normalizer.transform(rows)["dob_normal"].tolist() == ["1980-02-31", "1980-12-31"]


def test_a_doubtful_word_alone_means_what_it_meant_in_fit():
    names = ["MILLER", "SMITH", "JONES", "BROWN", "DAVIS"] * 9 + ["NULL"]
    rows = pd.DataFrame({"last_name": names})
    normalizer = RecordNormalizer().fit(rows)
    assert normalizer.meant_ == {"last_name": ["NULL"]}
    assert normalizer.transform(rows.iloc[-1:])["last_name_normal"].tolist() == ["null"]
    often = pd.DataFrame({"last_name": names + ["NULL"] * 9})
    assert RecordNormalizer().fit(often).meant_ == {}


def test_ids_are_left_alone_unless_named():
    rows = pd.DataFrame({"customer_id": [1, 2], "ssn": ["123-45-6789", "987-65-4321"]})
    assert RecordNormalizer().fit_transform(rows).columns.tolist() == ["customer_id", "ssn"]
    normal = RecordNormalizer({"ssn": "id"}).fit_transform(rows)
    assert normal["ssn_normal"].tolist() == ["123456789", "987654321"]


def test_nicknames_and_placeholders():
    rows = pd.DataFrame({"first_name": ["Bob", "Lupita", "Walk-In"]})
    plain = RecordNormalizer().fit_transform(rows)["first_name_normal"]
    assert plain.tolist() == ["bob", "lupita", "walk in"]
    own = RecordNormalizer(nicknames={"Lupita": "Guadalupe"}, placeholders=["WALK-IN"])
    formal = as_pandas(own.fit_transform(rows))["first_name_normal"]
    assert formal.tolist() == ["robert", "guadalupe", None]


WRONG = [
    ({"kinds": {"nam": "name"}}, "there is no column 'nam' .did you mean 'name'"),
    ({"kinds": {"name": "nme"}}, "'nme' of 'name' is no kind .did you mean 'name'"),
    ({"record": "recordid"}, "Did you mean record='record_id'"),
    ({"date_order": "YDM"}, "date_order must be one of"),
    ({"decimal": ";"}, "decimal must be one of"),
    ({"suffix": ""}, "suffix must be a text"),
    ({"nicknames": "Bob"}, "nicknames must be True, False or a dict"),
    ({"placeholders": "none"}, "placeholders must be a list"),
]


@pytest.mark.parametrize(("parameters", "text"), WRONG, ids=[next(iter(w[0])) for w in WRONG])
def test_wrong_parameters_are_refused_in_fit(parameters, text):
    with pytest.raises(DataError, match=f"^RecordNormalizer: .*{text}"):
        RecordNormalizer(**parameters).fit(pandas_rows())


def test_a_name_that_is_taken_and_what_is_no_frame():
    with pytest.raises(DataError, match="would be called 'name_normal'"):
        RecordNormalizer().fit(pd.DataFrame({"name": ["A B"], "name_normal": ["a b"]}))
    with pytest.raises(DataError, match="names of columns must be text, got 1"):
        RecordNormalizer().fit(pd.DataFrame({1: ["a"]}))
    with pytest.raises(DataError, match="a frame is needed"):
        RecordNormalizer().fit([["a"]])


def test_copies_answer_alike(tmp_path):
    skops_io = pytest.importorskip("skops.io", reason="skops is not installed")
    normalizer = RecordNormalizer(KINDS, record="record_id")
    want = normalizer.fit_transform(pandas_rows())
    skops_io.dump(normalizer, tmp_path / "n.skops")
    loaded = skops_io.load(
        tmp_path / "n.skops", trusted=skops_io.get_untrusted_types(file=tmp_path / "n.skops")
    )
    for copy in (pickle.loads(pickle.dumps(normalizer)), loaded):
        pd.testing.assert_frame_equal(copy.transform(pandas_rows()), want)
    assert clone(normalizer).get_params() == normalizer.get_params()


def test_empty_frames_and_values_of_mixed_type():
    empty = RecordNormalizer().fit_transform(pandas_rows().iloc[:0])
    assert len(empty) == 0
    mixed = pd.DataFrame({"name": ["Ann", 3, 2.5, ("a", "b"), None]}, dtype=object)
    normal = as_pandas(RecordNormalizer().fit_transform(mixed))
    assert normal["name_normal"].tolist() == ["ann", "3", "2 5", "a b", None]


LONG = [
    *("a", "<", "@", "1 ", "(", "12/", "é", "\x00", "+", "1,234", " or ", "x1"),
    *("md ", "mr ", "co ", "the ", "Dr. med. ", "apt ", "a.", "´", "先生", "公司", "- "),
]


@pytest.mark.parametrize("part", LONG)
def test_very_long_cells_take_bounded_time(part):
    from crmkit.cleaning._normal._forms import STEPS, normalised

    value = part * (200_000 // len(part))
    start = time.process_time()
    for kind in STEPS:
        normalised([value], kind)
    assert time.process_time() - start < 30.0


def test_made_records_of_one_person_come_closer():
    made = make_customers(300, duplicates=0.3, random_state=1).records
    normal = RecordNormalizer(record="record_id", date_order="DMY").fit_transform(made)
    for name in ("first_name", "phone", "street", "birth_date"):
        assert normal[f"{name}_normal"].nunique() < made[name].nunique()


@settings(max_examples=30)
@given(st.lists(st.sampled_from(["ANN", "ann ", "N/A", None, "Bob", "王"]), min_size=1, max_size=8))
def test_each_row_is_normalised_by_itself(names):
    rows = pd.DataFrame({"first_name": pd.array(names, dtype="str")})
    normalizer = RecordNormalizer({"first_name": "first_name"}).fit(rows)
    whole = as_pandas(normalizer.transform(rows))["first_name_normal"].tolist()
    alone = [
        as_pandas(normalizer.transform(rows.iloc[[n]]))["first_name_normal"].tolist()[0]
        for n in range(len(rows))
    ]
    assert whole == alone
