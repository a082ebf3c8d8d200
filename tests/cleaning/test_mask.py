"""mask: every kind by hand, every library, and nothing of a text column left."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmkit.cleaning import mask
from crmkit.datasets import make_customers
from crmkit.exceptions import DataError
from tests.contracts.frame_kinds import FRAMES, to_pandas

CASES = [
    ("name", "Dr. José Smith", "D*** J*** S***"),
    ("first_name", "王小明", "王***"),
    ("company", "Acme Ltd", "A*** L***"),
    ("email", "jo.smith@mail.example.co.uk", "j***@m***.uk"),
    ("email", "no address", "***"),
    ("phone", "+1 (555) 123-4467", "***467"),
    ("phone", "911", "***"),
    ("street", "1 Oak Street", "***"),
    ("postcode", "53111", "53***"),
    ("postcode", "W1", "***"),
    ("birth_date", "17.05.1980", "1980-**-**"),
    ("birth_date", "in May", "***"),
    ("id", "K000089", "***89"),
    ("id", "12345", "***"),
    ("text", "call Jo", "***"),
    ("set", "red blue", "***"),
    ("city", "Rome", "Rome"),
    ("category", "gold", "gold"),
    ("ignore", "as it is", "as it is"),
]


@pytest.mark.parametrize(("kind", "value", "wanted"), CASES)
def test_each_kind_by_hand(kind, value, wanted):
    made = mask(pd.DataFrame({"column": [value, None]}), {"column": kind})["column"]
    assert made[0] == wanted
    assert pd.isna(made[1])


def test_coordinates_are_coarse():
    made = mask(pd.DataFrame({"lat": [50.73743, None], "lon": ["7.0982", "x"]}))
    assert made["lat"].tolist()[0] == 50.7
    assert made["lon"].tolist()[0] == 7.1
    assert made["lat"].isna()[1]


@pytest.mark.parametrize("kind", FRAMES)
def test_every_library_gets_its_own_frame_back(kind):
    records = make_customers(60, random_state=0).records
    given_frame = FRAMES[kind](records)
    made = mask(given_frame)
    assert type(made) is type(given_frame)
    table = to_pandas(made)
    assert table.columns.tolist() == records.columns.tolist()
    assert table.isna().equals(records.isna())
    assert table["record_id"].tolist() == [f"***{i[-2:]}" for i in records["record_id"]]
    assert (table["street"].dropna() == "***").all()
    assert table["birth_date"].dropna().str.fullmatch(r"\d{4}-\*\*-\*\*|\*\*\*").all()
    assert table["source"].tolist() == records["source"].tolist()
    pd.testing.assert_frame_equal(to_pandas(FRAMES[kind](records)), to_pandas(given_frame))


def test_many_words_are_no_categories():
    words = [f"word{i}" for i in range(60)] * 3
    assert (mask(pd.DataFrame({"nick": words}))["nick"] == "***").all()
    assert mask(pd.DataFrame({"nick": words}), {"nick": "category"})["nick"].tolist() == words


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.text(min_size=3), min_size=1, max_size=5),
    st.sampled_from(["name", "email", "phone", "street", "text", "id", "postcode", "birth_date"]),
)
def test_no_value_is_shown_whole(values, kind):
    values = [value for value in values if len(value.strip()) >= 3]
    made = mask(pd.DataFrame({"x": pd.Series(values, dtype="str")}), {"x": kind})["x"]
    assert all("**" in text for text in made)


def test_wrong_kinds_are_refused():
    with pytest.raises(DataError, match=r"mask: kinds: there is no column 'nam' .did you mean 'na"):
        mask(pd.DataFrame({"name": ["Jo"]}), {"nam": "name"})
