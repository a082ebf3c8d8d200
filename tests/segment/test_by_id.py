"""Words by id and places of names: joins by hand, ids of any kind, texts."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from crmkit.exceptions import DataError
from crmkit.segment._by_id import id_name, places_of, words_by_id
from tests.segment._shop import FRAMES

TOLD = pd.DataFrame({"who": ["b", "a", "z"], "x": [1, 2, 3], "tier": ["gold", None, "silver"]})
IDS = np.array(["a", "b", "c"])


@pytest.mark.parametrize("kind", FRAMES)
def test_a_join_by_hand(kind):
    found = words_by_id(FRAMES[kind](TOLD), IDS, "who", ("tier",), "previous", "T")
    assert pd.isna(found[[0, 2]]).all()
    assert found[1] == "gold"


def test_the_id_is_the_first_column_and_the_words_in_the_last_by_default():
    found = words_by_id(TOLD, IDS, "customer_id", ("stage",), "previous", "T")
    assert found[1] == "gold"
    whole = pl.DataFrame({"n": [7, 5], "tier": ["x", "y"]})
    assert words_by_id(whole, np.array([5, 6, 7]), "n", ("tier",), "p", "T").tolist() == [
        "y",
        None,
        "x",
    ]


def test_large_whole_numbers_are_exact():
    big = 2**53
    told = pd.DataFrame({"n": [big, big + 1], "tier": ["x", "y"]})
    assert words_by_id(told, np.array([big + 1]), "n", ("tier",), "p", "T").tolist() == ["y"]


def test_nobody_is_joined_to_nobody():
    assert words_by_id(TOLD[:0], IDS, "who", ("tier",), "p", "T").tolist() == [None] * 3
    assert words_by_id(TOLD, IDS[:0], "who", ("tier",), "p", "T").tolist() == []


def test_places_by_hand():
    words = ["gold", None, "", "low", np.nan, "gold"]
    assert places_of(words, ["low", "gold"], 6, "previous", "T").tolist() == [1, -1, -1, 0, -1, 1]
    assert places_of([], ["low"], 0, "previous", "T").tolist() == []


def test_faults_are_told():
    with pytest.raises(DataError, match=r"^T: p holds the customer 'a' more than once"):
        words_by_id(pd.concat([TOLD, TOLD])[1:], IDS, "who", ("tier",), "p", "T")
    text = r"^T: the ids of p are text, those of the customers are whole"
    with pytest.raises(DataError, match=text):
        words_by_id(TOLD, np.array([1, 2]), "who", ("tier",), "p", "T")
    with pytest.raises(DataError, match=r"^T: p holds names that do not exist, such as 'up'"):
        places_of(["up"], ["low"], 1, "p", "T")
    with pytest.raises(DataError, match=r"^T: column 'whom' not found\. Did you mean customer='wh"):
        id_name(TOLD, "whom", "T")
    with pytest.raises(DataError, match=r"^T: the frame has no columns"):
        id_name(pd.DataFrame(), None, "T")
