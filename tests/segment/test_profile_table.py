"""Counts by word: by hand, against pandas, and two stretches of time added up."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from crmkit.events import _rows
from crmkit.segment import _profile_table
from crmkit.segment._profile_table import add_tables, count_table, empty_table

WORDS = np.array(["tea", "cake", "soap"])
LINES = st.lists(st.tuples(st.integers(0, 3), st.integers(-1, 2), st.integers(-5, 9)), max_size=30)


def of(lines, words=WORDS, **kwargs):
    customer, word, day = np.array(lines, dtype=np.int64).reshape(-1, 3).T
    return count_table(customer, word, day, words, 4, **kwargs)


def told(table):
    rows = zip(table.rows.tolist(), table.words[table.columns].tolist(), strict=True)
    return dict(
        zip(rows, zip(table.values.tolist(), table.last.tolist(), strict=True), strict=True)
    )


def test_days_and_lines_by_hand():
    lines = [(1, 0, 5), (1, 0, 5), (1, 0, 3), (1, 2, 4), (3, 1, 9), (3, -1, 9)]
    assert told(of(lines)) == {(1, "tea"): (2, 5), (1, "soap"): (1, 4), (3, "cake"): (1, 9)}
    assert told(of(lines, by_day=False))[1, "tea"] == (3, 5)
    table = of(lines)
    assert table.words.tolist() == ["cake", "soap", "tea"]
    assert table.sums().tolist() == [0, 3, 0, 1]
    assert table.breadth().tolist() == [0, 2, 0, 1]
    assert table.column("tea").tolist() == [0, 2, 0, 0]
    part = table.part(np.array([False, False, True, True]))
    assert told(part) == {(1, "cake"): (1, 9)}


def test_nothing_is_met():
    for table in (empty_table(WORDS, 2), of([(0, -1, 3)]), of([])):
        assert table.sums().sum() == 0
        assert told(table) == {}


@given(LINES)
def test_counts_are_those_of_pandas(lines):
    frame = pd.DataFrame(lines, columns=["who", "word", "day"]).query("word >= 0")
    frame = frame.assign(word=WORDS[frame["word"].to_numpy(dtype=np.int64)])
    by = frame.drop_duplicates().groupby(["who", "word"])["day"]
    expected = dict(zip(by.groups, zip(by.size(), by.max(), strict=True), strict=True))
    assert told(of(lines)) == expected


def test_numbers_that_do_not_fit_in_64_bits_together(monkeypatch):
    lines = [(1, 0, 5), (0, 2, 3), (1, 0, 7), (3, 1, 9)]
    expected = told(of(lines))
    monkeypatch.setattr(_profile_table, "bits", lambda number: _rows.bits(number) + 60)
    assert told(of(lines)) == expected


@given(LINES, LINES)
def test_two_stretches_add_up(before, after):
    after = [(who, word, day + 100) for who, word, day in after]
    other = np.array(["soap", "tea", "bread"])
    named = [(who, other[word] if word >= 0 else None, day) for who, word, day in after]
    every = np.array(["tea", "cake", "soap", "bread"])
    place = {word: i for i, word in enumerate(every)} | {None: -1}
    both = before + [(who, place[word], day) for who, word, day in named]
    # Customers 0 to 3 of the second stretch are 1 to 4 of all.
    shifted = [
        (who + (line >= len(before)), word, day) for line, (who, word, day) in enumerate(both)
    ]
    customer, word, day = np.array(shifted, dtype=np.int64).reshape(-1, 3).T
    expected = count_table(customer, word, day, every, 5)
    found = add_tables(of(before), of(after, other), np.arange(4), np.arange(1, 5), 5)
    assert told(found) == told(expected)
    assert found.counts.has_canonical_format
