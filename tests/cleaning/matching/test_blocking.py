"""Blocking: pairs as listed one by one, limits, budgets, and the report."""

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crmkit.cleaning._matching._block_keys import Pass
from crmkit.cleaning._matching._blocking import (
    REPORTED,
    PassReport,
    all_pairs,
    candidates,
    drawn,
    pairs_in,
    pairs_of,
    pairs_with_new,
    report_columns,
    report_row,
    union,
)
from tests.cleaning.build import units

CODES = st.lists(st.integers(-1, 4), min_size=1, max_size=25)


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
    loose = Pass((("city", "whole"),), telling=False)
    found = candidates(people(), [EMAIL, loose], max_block=3, budget=10, total=10)
    city = found.report[1]
    assert city.n_left_out == 6
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


def test_large_blocks_are_parted_by_a_second_key():
    made = units(
        email=("email", ["info@x.org"] * 6 + ["a@b"]),
        last=("last_name", ["lee", "lee", "ray", "kim", "kim", "kim", "kim"]),
        key=("id", list("1234567")),
    )
    found = candidates(made, [EMAIL], max_block=3, budget=20, total=20)
    (line,) = found.report
    assert (line.n_large_blocks, line.largest_block) == (1, 6)
    assert (line.n_pairs, line.n_left_out, line.used) == (4, 11, True)  # of lee 1, of kim 3
    last = made.column("last").codes
    assert (last[found.left] == last[found.right]).all()
    tight = candidates(made, [EMAIL], max_block=3, budget=3, total=20)
    assert (tight.report[0].n_pairs, tight.report[0].n_left_out) == (0, 15)


def test_a_block_of_all_is_bounded():
    n = 20_000
    made = units(
        email=("email", ["info@company.example"] * n),
        last=("last_name", [f"name {i // 4}" for i in range(n)]),
        key=("id", [str(i) for i in range(n)]),
    )
    found = candidates(made, [EMAIL], max_block=400, budget=4 * n, total=20 * n)
    assert len(found.left) == 6 * n // 4
    assert found.report[0].n_left_out == n * (n - 1) // 2 - 6 * n // 4


def crowd(n=2_000):
    return units(
        city=("city", [f"town {i % 200}" for i in range(n)]),
        email=("email", [f"a{i // 2}@b" for i in range(n)]),
        key=("id", [str(i) for i in range(n)]),
    )


def test_a_short_list_is_not_drawn_from():
    assert drawn(crowd(), [EMAIL, CITY], 400, 10**6, (10_000, 10), 0, {}) is None


def test_drawn_pairs_stand_for_all():
    made = crowd()
    found = drawn(made, [EMAIL, CITY], 400, 10**6, (100, 3_000), 0, {})
    whole = candidates(made, [EMAIL, CITY], 400, 10**6, 10**7)
    assert found.shares == [1.0, 3_000 / 9_000]
    assert len(found.left) < len(whole.left)
    assert np.isin(found.left * made.n + found.right, whole.left * made.n + whole.right).all()
    assert abs(found.weights.sum() / len(whole.left) - 1.0) < 0.1
    assert (found.weights[found.members[0]] == 1.0).all()  # the pass is drawn whole
    same = drawn(made, [EMAIL, CITY], 400, 10**6, (100, 3_000), 0, {})
    assert (same.left == found.left).all()


def test_a_dear_pass_is_not_drawn_from():
    found = drawn(crowd(), [EMAIL, CITY], 400, 5_000, (100, 3_000), 0, {})
    assert found.passes == [EMAIL]


@settings(max_examples=50)
@given(CODES, CODES, st.integers(0, 25), st.integers(2, 8))
def test_pairs_with_new_are_those_of_all_with_a_new_one(one, other, n_known, limit):
    n = min(len(one), len(other))
    made = units(
        city=("city", [None if c < 0 else f"town {c}" for c in one[:n]]),
        email=("email", [None if c < 0 else f"a{c}@b{c}" for c in other[:n]]),
        key=("id", [str(i) for i in range(n)]),
    )
    n_known = min(n_known, n)
    passes = [EMAIL, CITY, Pass((("email", "local"), ("city", "start")))]
    left, right = pairs_with_new(made, n_known, passes, limit)
    loose = [Pass(rule.parts, telling=False) for rule in passes]
    whole = candidates(made, loose, limit, 10**6, 10**7)
    new = whole.right >= n_known
    expected = set(zip(whole.left[new].tolist(), whole.right[new].tolist(), strict=True))
    assert set(zip(left.tolist(), right.tolist(), strict=True)) == expected


def test_a_report_as_columns():
    rows = [report_row(PassReport("email", 5, 4, 1, 9, True, 7, 0.5, 0.6))]
    table = report_columns(rows)
    assert {name: column.tolist() for name, column in table.items()} == {
        "key": ["email"], "pairs": [5], "new_pairs": [4], "large_blocks": [1],
        "largest_block": [9], "used": [True], "left_out": [7], "recall": [0.5],
        "recall_so_far": [0.6],
    }  # fmt: skip
    assert [len(column) for column in report_columns([]).values()] == [0] * len(REPORTED)
