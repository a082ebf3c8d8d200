"""Rows to units: equal rows are one, in an order that only the values decide."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crmkit.cleaning._matching._coded import (
    dense,
    group_codes,
    joint_codes,
    sorted_codes,
    units_of,
)
from tests.cleaning.build import coded, units

CELL = st.sampled_from(["a", "b", "c", None])


def test_sorted_codes_merge_normal_forms_and_drop_missing_ones():
    codes, values = sorted_codes(np.array([0, 1, 2, -1, 3]), ["b", "a", "b", None])
    assert values == ["a", "b"]
    assert codes.tolist() == [1, 0, 1, -1, -1]


def test_units_by_hand():
    made = units(name=("name", ["b", "a", "b", None]), city=("city", ["y", None, "y", None]))
    assert made.unit_of_row.tolist() == [1, 0, 1, -1]
    assert made.n == 2
    assert made.column("name").codes.tolist() == [0, 1]
    assert made.column("city").codes.tolist() == [-1, 0]
    assert made.column("city").counts.tolist() == [1]


def test_nothing_to_compare():
    assert units_of([], 3).unit_of_row.tolist() == [-1, -1, -1]
    assert units(name=("name", [None, None])).n == 0


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=20), st.randoms())
def test_units_do_not_depend_on_the_order_of_rows_or_columns(rows, random):
    order = list(range(len(rows)))
    random.shuffle(order)
    first, second = zip(*rows, strict=True)
    one = units(x=("text", first), y=("text", second))
    other = units(y=("text", [second[i] for i in order]), x=("text", [first[i] for i in order]))
    assert other.unit_of_row.tolist() == one.unit_of_row[order].tolist()
    for name in ("x", "y"):
        assert one.column(name).values == other.column(name).values
        assert one.column(name).codes.tolist() == other.column(name).codes.tolist()


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=20))
def test_equal_rows_and_no_others_share_a_unit(rows):
    made = units(x=("text", [x for x, _ in rows]), y=("text", [y for _, y in rows]))
    for i, a in enumerate(rows):
        for j, b in enumerate(rows):
            same = a == b and a != (None, None)
            together = made.unit_of_row[i] == made.unit_of_row[j] >= 0
            assert together == same or (i == j and a == (None, None))


def test_joint_codes_of_many_large_columns_do_not_overflow():
    rng = np.random.default_rng(0)
    parts = [rng.integers(-1, 2**30, 50) for _ in range(6)]
    doubled = [np.concatenate([part, part]) for part in parts]
    joint = joint_codes(doubled)
    assert (joint[:50] == joint[50:]).all()
    assert len(np.unique(joint)) == 50


def test_dense_keeps_the_order():
    assert dense(np.array([7, 3, 10**15, 3])).tolist() == [1, 0, 2, 0]
    assert dense(np.array([5, 5, 2])).tolist() == [1, 1, 0]


def test_frequencies_are_shares_of_known_values():
    column = coded("city", "city", ["y", "y", "z", None])
    assert column.frequencies.tolist() == [2 / 3, 1 / 3]


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(-1, 2), st.integers(-1, 2)), min_size=1, max_size=20))
def test_group_codes_are_joint_codes_in_the_order_of_appearance(rows):
    parts = [np.array(part, dtype=np.int64) for part in zip(*rows, strict=True)]
    place = {row: number for number, row in enumerate(dict.fromkeys(rows))}
    assert group_codes(parts).tolist() == [place[row] for row in rows]


def test_group_codes_of_many_large_columns_do_not_overflow():
    part = np.arange(1_000, dtype=np.int64) * 1_000_003
    assert group_codes([part] * 6).tolist() == list(range(1_000))
