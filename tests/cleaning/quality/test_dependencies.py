"""Dependencies: counts by hand, what must not be faked, two on the left, majorities, properties."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from crmkit.cleaning._quality._dependencies import (
    Dependency,
    cell_counts,
    find_dependencies,
    group_majorities,
    joint_group,
    majorities,
    measure,
    violations,
)


def codes(*values):
    return np.array(values, dtype=np.int64)


def names(found):
    return {(d.left, d.right) for d in found}


def city_of_postcode(rng, n=2000, wrong=0.03):
    postcode = rng.integers(200, size=n)
    city = postcode // 4
    bad = rng.random(n) < wrong
    city[bad] = rng.integers(50, size=bad.sum())
    return postcode, city


def test_agreement_by_hand():
    left = codes(0, 0, 0, 1, 1, 2, -1)
    right = codes(5, 5, 6, 7, 7, 8, 5)
    found = measure(left, right, (0,), 1)
    # of 5 rows in groups: 5-5-6 agree with another by 1/2, 1/2, 0, and 7-7 by 1, 1
    assert found.agreement == pytest.approx(3 / 5)
    assert (found.n_rows, found.n_groups) == (5, 2)
    chance = (2 * 1 + 2 * 1) / (5 * 4)
    assert found.strength == pytest.approx((3 / 5 - chance) / (1 - chance))


def test_a_postcode_tells_its_city_and_not_the_reverse():
    rng = np.random.default_rng(0)
    postcode, city = city_of_postcode(rng)
    found = find_dependencies([postcode, city])
    assert names(found) == {((0,), 1)}
    assert 0.9 < found[0].strength < 1.0


def test_what_has_nothing_to_do_with_each_other_is_no_dependency():
    rng = np.random.default_rng(1)
    assert find_dependencies([rng.integers(9, size=3000) for _ in range(5)]) == []


def test_a_nearly_distinct_column_determines_nothing():
    rng = np.random.default_rng(2)
    key = np.arange(1000)
    key[:4] = [0, 0, 1, 1]
    other = rng.integers(3, size=1000)
    other[:4] = [2, 2, 1, 1]
    assert find_dependencies([key, other]) == []


def test_an_almost_constant_column_is_not_determined():
    rng = np.random.default_rng(3)
    constant = np.zeros(2000, dtype=np.int64)
    constant[rng.integers(2000, size=20)] = 1
    assert find_dependencies([rng.integers(100, size=2000), constant]) == []


def test_a_rare_value_that_is_one_group_is_determined():
    group = np.arange(2000) % 100
    assert ((0,), 1) in names(find_dependencies([group, (group == 7).astype(np.int64)]))


def test_two_columns_on_the_left_where_one_is_not_enough():
    rng = np.random.default_rng(4)
    a, b = rng.integers(12, size=(2, 3000))
    both = (a * 12 + b) % 31
    found = find_dependencies([a, b, both])
    assert ((0, 1), 2) in names(found)
    assert ((0,), 2) not in names(found)
    assert find_dependencies([a, b, both], most_left=1) == []


def test_two_columns_are_not_given_where_one_is_enough():
    rng = np.random.default_rng(5)
    postcode, city = city_of_postcode(rng, wrong=0.01)
    noise = rng.integers(3, size=len(city))
    assert all(len(d.left) == 1 for d in find_dependencies([postcode, city, noise]))


def test_constants_missing_columns_and_few_rows_take_no_part():
    n = 50
    empty, constant = np.full(n, -1), np.zeros(n, dtype=np.int64)
    assert find_dependencies([empty, constant, np.arange(n)]) == []
    assert find_dependencies([]) == []
    assert find_dependencies([codes(0), codes(0)]) == []
    assert find_dependencies([codes(), codes()]) == []


def test_large_tables_are_sampled_in_whole_groups():
    rng = np.random.default_rng(6)
    n = 120_000
    a, b = rng.integers(100, size=(2, n))
    found = find_dependencies([a, b, (a * 7 + b * 11) % 83])
    assert ((0, 1), 2) in names(found)
    by_pair = next(d for d in found if d.left == (0, 1))
    assert by_pair.strength == 1.0
    assert 30_000 < by_pair.n_rows < 70_000


def test_majority_by_hand():
    group = codes(0, 0, 0, 1, 1, 2, -1, 3, 3)
    right = codes(4, 4, 5, 6, 7, 8, 4, 9, -1)
    found = group_majorities(group, right)
    assert found.expected.tolist() == [4, 4, 4, -1, -1, -1, -1, -1, -1]
    assert found.n_agree.tolist() == [2, 2, 2, 0, 0, 0, 0, 0, 0]
    assert found.n_group.tolist() == [3, 3, 3, 2, 2, 1, 0, 1, 1]
    assert group_majorities(group, right, support=1).expected.tolist()[5] == 8


def test_violations_are_the_minority():
    left, right = codes(0, 0, 0, 1, 1, 1), codes(2, 2, 3, 1, -1, 1)
    found = Dependency((0,), 1, 1.0, 1.0, 1.0, 6, 2)
    assert violations([left, right], found).tolist() == [2]
    assert majorities([left, right], found).expected.tolist() == [2, 2, 2, 1, 1, 1]


def test_joint_group_of_two_columns():
    assert joint_group([codes(0, 0, 1, 1, -1), codes(5, 5, 5, 0, 1)]).tolist() == [0, 0, 2, 1, -1]


def test_cell_counts_dense_and_sparse_agree():
    rng = np.random.default_rng(7)
    left, right = rng.integers(5, size=200), rng.integers(7, size=200)
    dense = cell_counts(left, right)
    sparse = cell_counts(left * 100_000, right * 100_000)
    assert [a.tolist() for a in (dense[0] * 100_000, dense[1] * 100_000, dense[2])] == [
        b.tolist() for b in sparse
    ]


@settings(max_examples=40)
@given(hnp.arrays(np.int64, (30, 3), elements=st.integers(-1, 4)), st.randoms())
def test_the_order_of_rows_is_nothing(table, shuffle):
    rows = list(range(30))
    shuffle.shuffle(rows)
    straight = find_dependencies(list(table.T), min_strength=0.3)
    other = find_dependencies(list(table[rows].T), min_strength=0.3)
    assert names(straight) == names(other)
    assert [d.strength for d in straight] == pytest.approx([d.strength for d in other])
    assert all(d.strength <= 1.0 + 1e-12 and d.lower <= d.strength for d in straight)
