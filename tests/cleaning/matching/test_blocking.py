"""Blocking: pairs as listed one by one, limits, budgets, and the report."""

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crmkit.cleaning._matching._block_keys import Pass
from crmkit.cleaning._matching._blocking import all_pairs, candidates, pairs_in, pairs_of, union
from tests.cleaning.build import units

CODES = st.lists(st.integers(-1, 4), min_size=1, max_size=25)


@settings(deadline=None)
@given(CODES, st.integers(2, 6))
def test_pairs_are_those_that_share_a_code(codes, limit):
    array = np.array(codes, dtype=np.int64)
    left, right = pairs_of(array, limit)
    expected = {
        (i, j)
        for i, j in combinations(range(len(codes)), 2)
        if codes[i] == codes[j] >= 0 and codes.count(codes[i]) <= limit
    }
    assert set(zip(left.tolist(), right.tolist(), strict=True)) == expected
    assert len(left) == len(expected)
    assert pairs_in(np.bincount(array[array >= 0]), limit) == len(expected)


@settings(deadline=None)
@given(st.sets(st.integers(0, 50)), st.sets(st.integers(0, 50)))
def test_union_of_sorted_numbers(one, other):
    got = union(np.array(sorted(one), dtype=np.int64), np.array(sorted(other), dtype=np.int64))
    assert got.tolist() == sorted(one | other)


def people():
    return units(
        city=("city", ["x", "x", "x", "x", "y"]),
        email=("email", ["a@b", "a@b", "c@d", None, "c@d"]),
        key=("id", ["1", "2", "3", "4", "5"]),
    )


EMAIL, CITY = Pass((("email", "whole"),)), Pass((("city", "whole"),))


def test_passes_are_joined_and_told():
    found = candidates(people(), [EMAIL, CITY], max_block=4, budget=10, total=10)
    by_label = {line.label: line for line in found.report}
    assert (by_label["email"].n_pairs, by_label["email"].n_new) == (2, 2)
    assert (by_label["city"].n_pairs, by_label["city"].n_new) == (6, 5)
    assert len(found.left) == 7
    assert (found.left < found.right).all()
    keys = found.left * 5 + found.right
    assert (np.diff(keys) > 0).all()
    assert [len(members) for members in found.members] == [2, 6]


def test_large_blocks_are_left_out_and_counted():
    found = candidates(people(), [EMAIL, CITY], max_block=3, budget=10, total=10)
    city = found.report[1]
    assert (city.n_pairs, city.n_large_blocks, city.largest_block, city.used) == (0, 1, 4, False)
    assert len(found.left) == 2


def test_a_pass_above_its_budget_is_left_out():
    found = candidates(people(), [CITY, EMAIL], max_block=9, budget=5, total=10)
    assert [line.used for line in found.report] == [False, True]
    found = candidates(people(), [EMAIL, CITY], max_block=9, budget=9, total=7)
    assert [line.used for line in found.report] == [True, False]


def test_all_pairs():
    left, right = all_pairs(4)
    assert list(zip(left.tolist(), right.tolist(), strict=True)) == list(combinations(range(4), 2))
    assert len(all_pairs(1)[0]) == 0
