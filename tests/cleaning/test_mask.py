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


@settings(max_examples=50)
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


HIDDEN = {
    "account": [1234567890123456, 2, 3],
    "x1": [1234567890123456, 2, 3],
    "x2": [1234567890123456.0, None, 3.0],
    "contact": ["Jo Smith", "Ann Lee"] * 20,
    "responsible": ["Jo Smith", "Ann Lee"] * 20,
    "seller": ["Smith, Jo", "Mary-Jane O'Neil"] * 20,
    "url": ["https://x.com/jo-smith", "https://x.com/ann"] * 20,
    "ip": ["192.168.0.17", "10.0.0.2"] * 20,
    "machine": ["fe80:0:0:1::2", "fe80:0:0:1::3"] * 20,
    "handle": ["@jo", "@ann"] * 20,
    "iban": ["DE89370400440532013000", "none"] * 20,
}


@pytest.mark.parametrize(("name", "values"), HIDDEN.items(), ids=HIDDEN)
def test_what_may_tell_a_person_is_hidden_whatever_its_column_is_called(name, values):
    made = mask(pd.DataFrame({name: values}))[name]
    assert all("***" in text for text in made.dropna())
    assert not set(made.dropna()) & set(map(str, values))
    as_is = mask(pd.DataFrame({name: values}), {name: "ignore"})[name]
    pd.testing.assert_series_equal(as_is, pd.Series(values, name=name))


PLAIN = {
    "channel": ["web", "store"] * 20,
    "tier": ["gold plus", "Silver"] * 20,
    "spend": [19.9, 123456789.5, 12345678.0],
    "orders": [1, 2, 99_999_999],
    "day": ["2024-01-01", "2024-02-01"] * 20,
    "price": ["12345.67", "1.5"] * 20,
    "band": ["1000-2000", "2000-5000"],
}


@pytest.mark.parametrize(("name", "values"), PLAIN.items(), ids=PLAIN)
def test_what_tells_nobody_is_shown(name, values):
    kinds = {"band": "category"} if name == "band" else None
    assert mask(pd.DataFrame({name: values}), kinds)[name].tolist() == values


def test_an_index_is_masked_as_a_column():
    frame = pd.DataFrame({"channel": ["web", "shop"]}, index=["jo@example.com", "ann@firm.de"])
    assert mask(frame).index.tolist() == ["j***@e***.com", "a***@f***.de"]
    assert frame.index.tolist() == ["jo@example.com", "ann@firm.de"]
    named = frame.set_index(pd.Index(["Jo Smith", "Ann Lee"], name="customer"))
    assert mask(named).index.tolist() == ["J*** S***", "A*** L***"]
    assert mask(named).index.name == "customer"
    both = frame.set_index([named.index, pd.Index([5, 9], name=None)])
    assert mask(both).index.tolist() == [("J*** S***", 5), ("A*** L***", 9)]
    assert list(mask(both).index.names) == ["customer", None]
    rows = frame.set_index(pd.Index([7, 3]))
    assert mask(rows).index.tolist() == [7, 3]
    numbers = frame.set_index(pd.Index([1234567890123456, 3]))
    assert mask(numbers).index.tolist() == ["***", "***"]
