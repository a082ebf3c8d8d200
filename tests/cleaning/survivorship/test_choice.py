"""Best rows of groups: keys, ties by text, and against sorting each group."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crmkit.cleaning._survivorship._choice import best_rows

TEXTS = ("aa", "b", "ab")


def best(group, keys, codes):
    """Best rows of groups whose codes stand for the texts."""
    arrays = [np.array(each, dtype=np.int64) for each in (group, codes, range(len(group)))]
    keys = [np.array(key, dtype=np.int64) for key in keys]
    return best_rows(arrays[0], keys, arrays[1], lambda c: (TEXTS[c],), arrays[2]).tolist()


def test_the_smallest_key_wins_then_the_next_one():
    assert best([1, 0, 1, 1], [[2, 9, 1, 1], [0, 0, 5, 4]], [0, 0, 0, 0]) == [1, 3]


def test_ties_go_to_the_longest_text_and_then_by_code_point():
    assert best([0, 0, 0], [[1, 1, 1]], [1, 2, 0]) == [2]
    assert best([0, 0], [[1, 1]], [1, 2]) == [1]


def test_equal_values_are_taken_from_the_first_place():
    assert best([0, 0], [[1, 1]], [0, 0]) == [0]


ROWS = st.lists(
    st.tuples(*(st.integers(0, 2) for _ in range(4))).map(list), min_size=1, max_size=20
)


@settings(max_examples=100)
@given(ROWS)
def test_it_is_the_first_of_each_sorted_group(rows):
    group, first, second, codes = np.array(rows).T
    got = best(group, [first, second], codes)
    ordered = sorted(
        range(len(rows)),
        key=lambda i: (first[i], second[i], -len(TEXTS[codes[i]]), TEXTS[codes[i]], i),
    )
    wanted = [next(i for i in ordered if group[i] == g) for g in sorted(set(group.tolist()))]
    assert got == wanted
