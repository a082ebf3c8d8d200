"""Names: the strongest first, known words, none twice."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crmkit.segment._segment_names import name_segments, spoken

COLUMNS = [("days_since_last", None), ("n_orders", None), ("basketSize", None), ("city", "Rome")]


def test_the_strongest_come_first_with_their_own_words():
    z = [[-1.5, 0.9, 0.1, 0.0], [0.5, -0.6, -1.3, 0.0], [0.0, 0.1, 0.5, 2.0]]
    assert name_segments(np.array(z), COLUMNS) == [
        "Very recent, many orders",
        "Very low basket size, few orders, long silent",
        "City Rome, high basket size",
    ]


def test_the_lack_of_a_level_is_no_name():
    assert name_segments(np.array([[0.0, 0.5, 0.0, -2.0]]), COLUMNS) == ["Many orders"]


def test_a_segment_like_all_is_average():
    assert name_segments(np.zeros((1, 4)), COLUMNS) == ["Average"]


def test_equal_names_are_told_apart_by_what_is_weaker():
    columns = [(name, None) for name in ("a", "b", "c", "d")]
    z = np.array([[1.0, 0.9, 0.8, 0.1], [1.0, 0.9, 0.8, -0.1]])
    assert name_segments(z, columns) == [
        "High a, high b, high c, high d",
        "High a, high b, high c, low d",
    ]
    same = np.ones((3, 1))
    assert name_segments(same, [("a", None)]) == ["High a", "High a (2)", "High a (3)"]


@given(st.lists(st.lists(st.floats(-3, 3), min_size=4, max_size=4), min_size=1, max_size=10))
def test_no_name_comes_twice(rows):
    names = name_segments(np.array(rows), COLUMNS)
    assert len(set(names)) == len(rows)
    assert all(names)


def test_columns_as_words():
    assert spoken("basketSize") == spoken("basket_size") == "basket size"
    assert spoken("VIP") == "VIP"
