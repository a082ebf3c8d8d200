"""Ids as codes, and their places among others."""

import numpy as np
import pandas as pd
import pytest

from crmkit import _frames
from crmkit.exceptions import DataError


@pytest.mark.parametrize("ids", [["b", "a", "b"], [7, 3, 7]])
def test_codes_stand_for_their_ids(ids):
    codes, distinct = _frames.id_codes(pd.DataFrame({"id": ids}), "id", "t")
    assert distinct[codes].tolist() == ids
    assert len(distinct) == 2


def test_a_missing_id_is_refused_with_its_row():
    with pytest.raises(DataError, match=r"t: 'id' has 1 missing ids .first at row 1."):
        _frames.id_codes(pd.DataFrame({"id": ["a", None]}), "id", "t")


@pytest.mark.parametrize(
    ("asked", "ids", "places"),
    [
        (["a", "b"], ["a", "b"], [0, 1]),
        (["b", "z", "a"], ["a", "b"], [1, -1, 0]),
        ([5], [3, 5], [1]),
        ([], [3, 5], []),
        (["3"], [3], [-1]),
    ],
)
def test_places_are_those_among_the_ids(asked, ids, places):
    assert _frames.places_of(np.array(asked), np.array(ids)).tolist() == places
