"""Which items are learnt from: most buyers, new items stay."""

import numpy as np
import pandas as pd
import pytest

from crmkit.pipelines._next_offer_items import items_kept, told_of
from tests.contracts.frame_kinds import FRAMES, to_pandas

SOLD, BUYERS = np.array([1, 2, 3, 4]), np.array([5, 1, 9, 5])


def test_those_with_the_most_buyers():
    assert items_kept(SOLD, BUYERS, 2).tolist() == [1, 3]
    assert items_kept(SOLD, BUYERS, None).tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize("kind", FRAMES)
def test_new_items_stay_and_sold_ones_that_are_not_kept_go(kind):
    items = pd.DataFrame({"item": [1, 2, 3, 4, 7], "name": list("abcde")})
    told = told_of(FRAMES[kind](items), "item", SOLD, np.array([1, 3]), "NextOffer")
    assert to_pandas(told)["item"].tolist() == [1, 3, 7]


def test_all_rows_stay_where_all_items_do():
    items = pd.DataFrame({"id": [1, 9], "name": ["a", None]})
    assert told_of(items, "item", SOLD, SOLD, "NextOffer") is items
    assert told_of(None, "item", SOLD, SOLD[:1], "NextOffer") is None


def test_rows_without_an_id_are_left_out():
    items = pd.DataFrame({"item": pd.array([1, None, 2], dtype="Int64"), "name": list("abc")})
    told = told_of(items, "item", SOLD, np.array([1]), "NextOffer")
    assert told["name"].tolist() == ["a"]
