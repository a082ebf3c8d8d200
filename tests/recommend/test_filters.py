"""Filters: the dense mask and the sparse test agree on random rules; errors."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.exceptions import DataError
from crmkit.recommend import Popularity
from crmkit.recommend._filters import read_filters
from tests.recommend.contract.shop import AS_OF, lines, log_of

COLUMNS = {"customer": "who", "item": "what"}
ITEMS = np.arange(5)
CUSTOMERS = np.array([7, 3, 9])  # in the order asked, not sorted
PAIRS = st.lists(st.tuples(st.sampled_from([3, 7, 9, 11]), st.integers(0, 7)), max_size=12)


def read(**rules):
    return read_filters(ITEMS, CUSTOMERS, COLUMNS, "Model", **{"exclude_seen": False, **rules})


def frame(pairs):
    return pd.DataFrame(pairs, columns=["who", "what"], dtype="int64")


def kept_by_mask(filters, rows, histories):
    scores = np.zeros((rows.stop - rows.start, len(ITEMS)), dtype=np.float32)
    filters.mask(scores, rows, histories)
    return scores == 0


class Seen:
    """Two customers of whom the first has items 1 and 4, the second item 0."""

    customer, item, n_items = np.array([0, 0, 1]), np.array([1, 4, 0]), 5


@given(PAIRS, PAIRS, st.lists(st.integers(0, 6)), st.booleans())
def test_mask_and_test_of_pairs_agree_with_sets(allow, deny, sold_out, exclude_seen):
    filters = read(
        allow=frame(allow),
        deny=frame(deny),
        stock=dict.fromkeys(sold_out, 0),
        exclude_seen=exclude_seen,
    )
    rows = slice(1, 3)
    mask = kept_by_mask(filters, rows, Seen)
    row, item = np.indices(mask.shape).reshape(2, -1)
    assert np.array_equal(mask.ravel(), filters.keep(row, item, rows, Seen))
    for r, i in zip(row, item, strict=True):
        who = CUSTOMERS[rows][r]
        seen = exclude_seen and (r, i) in {(0, 1), (0, 4), (1, 0)}
        free = (who, i) in allow and (who, i) not in deny and i not in sold_out and not seen
        assert mask[r, i] == free


def test_flags_and_lists():
    assert read(allow=[1, 2]).items.tolist() == [False, True, True, False, False]
    assert read(deny=np.array([1, 2])).items.tolist() == [True, False, False, True, True]
    assert read(allow=[True, False, True, False, True]).items.tolist() == [1, 0, 1, 0, 1]
    assert read(allow=[1, 2], deny={2: True, 1: False}).items.tolist() == [0, 1, 0, 0, 0]
    assert read(stock={1: 0, 2: 3, 9: 0}).items.tolist() == [1, 0, 1, 1, 1]
    assert read().items is None


@pytest.mark.parametrize(
    ("rules", "text"),
    [
        ({"deny": 3}, "deny must be a list of ids, got 3"),
        (
            {"deny": {1: 0}},
            "deny as a dict or series must say True or False .* Quantities go to stock=",
        ),
        ({"allow": [True, False]}, "allow has 2 flags, but there are 5 items"),
        ({"allow": ["a", 1]}, "must hold text or whole numbers, all of one type"),
        ({"allow": [1.5]}, "must hold text or whole numbers"),
        ({"allow": np.ones((2, 2), dtype=int)}, "must be a list of ids, got shape"),
        ({"allow": pd.DataFrame({"who": [1]})}, "column 'what' not found"),
        ({"allow": {"a": True}}, "allow holds text .* Convert one of them"),
        ({"stock": [1, 2]}, "stock must be a dict of item and quantity or a frame"),
        ({"stock": {1: "many"}}, "stock must say how many there are"),
        ({"stock": pd.DataFrame({"what": [1]})}, "stock must have two columns"),
        ({"stock": pd.DataFrame({"what": [1], "n": ["x"]})}, "'n' is String: it must hold numbers"),
        ({"stock": pd.DataFrame({"what": [1], "n": [np.nan]})}, "stock lacks the quantity of 1"),
        ({"exclude_seen": 1}, "exclude_seen must be True, False or None, got 1"),
    ],
)
def test_rules_without_meaning_are_refused(rules, text):
    with pytest.raises(DataError, match=f"Model: .*{text}"):
        read(**rules)


def test_pairs_of_strangers_and_unknown_items_do_no_harm():
    model = Popularity().fit(log_of(lines()), as_of=AS_OF)
    pairs = pd.DataFrame({"who": ["stranger", "c103"], "what": ["i10", "nothing"]})
    pd.testing.assert_frame_equal(model.recommend(["c103"], deny=pairs), model.recommend(["c103"]))


def allowed(**rules):
    return read(**rules).items.tolist()


@pytest.mark.parametrize("dtype", [bool, "boolean"])
def test_a_series_of_flags_is_read_by_its_index(dtype):
    flags = pd.Series({4: True, 1: False, 0: False}, dtype=dtype)
    assert allowed(deny=flags) == [True, True, True, True, False]
    assert allowed(allow=flags) == [False, False, False, False, True]
    assert allowed(deny=pd.Series([True, False, False, False, True])) == [False, *[True] * 3, False]


def test_a_series_of_flags_without_items_is_refused():
    with pytest.raises(DataError, match="Model: deny is a series of flags whose index holds no"):
        read(deny=pd.Series([True, False, True]))
    with pytest.raises(DataError, match="deny holds text"):
        read(deny=pd.Series([True, False], index=["a", "b"]))
    with pytest.raises(DataError, match="deny has several flags for 3"):
        read(deny=pd.Series([True, False], index=[3, 3]))
    with pytest.raises(DataError, match=r"deny as a dict or series must say .*, got <NA>"):
        read(deny=pd.Series([True, None], index=[3, 4], dtype="boolean"))


def test_stock_of_several_places_is_added_up():
    stock = pd.DataFrame({"what": [1, 2, 1, 2, 3, 3], "left": [0, 0, 5, 0, -3, 1]})
    assert allowed(stock=stock) == [True, True, False, True, True]
