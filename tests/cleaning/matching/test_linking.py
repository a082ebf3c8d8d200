"""Links between rows of two lists: equal records counted, or written out, give the same."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crmkit.cleaning._matching import _linking
from crmkit.cleaning._matching._entities import ScoredPairs
from crmkit.cleaning._matching._linking import links_of


def scored(*rows):
    left, right, odds = (np.array(side) for side in zip(*rows, strict=True))
    return ScoredPairs(left.astype(np.int64), right.astype(np.int64), odds.astype(float))


def test_thousands_of_equal_records_are_counted():
    n = 20_000  # pairs of equal records would be 400 million
    first, second = np.full(n, 0), np.append(np.full(n - 1, 1), 2)
    pairs = scored((0, 1, 9.0), (0, 2, 3.0))
    links = links_of(np.concatenate([first, second]), n, pairs, 0.0)
    assert links.left.tolist() == list(range(n))
    assert sorted(links.right.tolist()) == list(range(n))
    assert (links.log_odds == 3.0).sum() == 1


@settings(max_examples=40)
@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 10_000))
def test_counted_or_written_out_the_sum_is_the_same(n, m, seed):
    random = np.random.default_rng(seed)
    first = np.append(np.arange(n), random.integers(0, n, 8 - n))
    second = n + np.append(np.arange(m), random.integers(0, m, 9 - m))
    left, right = np.nonzero(random.random((n, m)) < 0.6)
    pairs = ScoredPairs(left, right + n, random.exponential(5.0, len(left)))
    unit_of_row = np.concatenate([first, second])
    written = links_of(unit_of_row, 8, pairs, 0.5)
    most = _linking.MOST_COPIED
    try:
        _linking.MOST_COPIED = 0
        counted = links_of(unit_of_row, 8, pairs, 0.5)
    finally:
        _linking.MOST_COPIED = most
    for links in (written, counted):
        assert len(set(links.left)) == len(set(links.right)) == len(links.left)
        odds = dict(zip(zip(left, right + n, strict=True), pairs.log_odds, strict=True))
        of_rows = zip(first[links.left], second[links.right], strict=True)
        assert [odds[key] for key in of_rows] == links.log_odds.tolist()
    assert np.isclose((written.log_odds - 0.5).sum(), (counted.log_odds - 0.5).sum())
