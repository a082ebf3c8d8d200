"""Attributes: kinds of columns, gaps, levels, what is left out and why."""

import numpy as np
import pandas as pd
import pytest

from crmkit.exceptions import DataError
from crmkit.segment._attributes import MOST_LEVELS, read_attributes
from tests.segment._shop import FRAMES

N = 60
TABLE = pd.DataFrame(
    {
        "customer_id": range(N),
        "spend": [np.nan, *range(N - 1)],
        "text_number": [str(i) for i in range(N)],
        "flag": [True, False] * (N // 2),
        "region": [None, *["south", "north"] * (N // 2)][:N],
        "joined": pd.Timestamp("2024-01-01"),
        "user_id": [f"u{i}" for i in range(N)],
        "town": [f"t{i % 55}" for i in range(N)],
    }
)


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow"])
def test_kinds_of_columns(kind):
    found = {a.name: a for a in read_attributes(FRAMES[kind](TABLE), None, ["customer_id"], "T")}
    assert list(found) == list(TABLE)[1:]
    assert {name: a.kind for name, a in found.items()} == {
        "spend": "number",
        "text_number": "number",
        "flag": "category",
        "region": "category",
        "joined": "left out",
        "user_id": "left out",
        "town": "left out",
    }
    assert np.isnan(found["spend"].values[0])
    assert found["spend"].values[1:].tolist() == list(range(N - 1))
    assert found["flag"].values[:2].tolist() == [1, 0]
    assert found["flag"].levels == ("False", "True")
    assert found["region"].levels == ("north", "south")
    assert found["region"].codes[:3].tolist() == [-1, 1, 0]
    assert found["joined"].why == "holds instants"
    assert found["user_id"].why.startswith("looks like an identifier")


def test_named_columns_are_not_guessed_at():
    named = read_attributes(TABLE, ["town", "text_number"], [], "T")
    assert [a.name for a in named] == ["town", "text_number"]
    assert named[0].why == f"has 55 levels, more than {MOST_LEVELS}"
    whole = TABLE.assign(row_number=range(N))
    assert read_attributes(whole, ["row_number"], [], "T")[0].kind == "number"
    assert read_attributes(whole[["row_number"]], None, [], "T")[0].why == "numbers the rows"


def test_nothing_to_read_and_faults():
    assert read_attributes(TABLE[["customer_id"]], None, ["customer_id"], "T") == []
    with pytest.raises(DataError, match=r"^T: column 'regio' not found\. Did you mean 'region'"):
        read_attributes(TABLE, ["regio"], [], "T")
    with pytest.raises(DataError, match=r"^T: columns must be a list of names, got \[\]"):
        read_attributes(TABLE, [], [], "T")
