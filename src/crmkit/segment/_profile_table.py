"""Who met which value how often, and when last: counts that can be added up, in a sparse matrix.

Values are words with a column each. Tables of two stretches of time that do not overlap add up to
the table of both, exactly: counts are whole numbers, and days do not lie in two of them.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from crmkit.events._rows import bits

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.str_]


@dataclass(frozen=True, eq=False)
class Table:
    """Counts of n customers and k words.

    `words` ascend; `counts` is a sparse matrix (n, k) of whole numbers above 0; `last` is the last
    day of each of its entries, since 1970, in their order.
    """

    words: Words
    counts: Any
    last: Ints

    @property
    def rows(self) -> Ints:
        """Customer of each entry."""
        return np.repeat(np.arange(self.counts.shape[0]), np.diff(self.counts.indptr))

    @property
    def columns(self) -> Ints:
        """Word of each entry."""
        found: Ints = np.asarray(self.counts.indices, dtype=np.int64)
        return found

    @property
    def values(self) -> Ints:
        """Count of each entry."""
        found: Ints = np.asarray(self.counts.data, dtype=np.int64)
        return found

    def sums(self) -> Ints:
        """Counts of each customer together."""
        ends: Ints = np.append(0, np.cumsum(self.values))[self.counts.indptr]
        return np.diff(ends)

    def breadth(self) -> Ints:
        """Different words of each customer."""
        found: Ints = np.diff(self.counts.indptr).astype(np.int64)
        return found

    def column(self, word: str) -> Ints:
        """Counts of one word for all customers."""
        found = np.zeros(self.counts.shape[0], dtype=np.int64)
        here = self.words[self.columns] == word
        found[self.rows[here]] = self.values[here]
        return found

    def part(self, chosen: npt.NDArray[np.bool_]) -> "Table":
        """The table of some of the customers."""
        return Table(self.words, self.counts[np.flatnonzero(chosen)], self.last[chosen[self.rows]])


def empty_table(words: Any, n: int) -> Table:
    """A table in which nobody has met anything."""
    none = np.empty(0, dtype=np.int64)
    return _of_entries(none, none, none, none, np.array(words, dtype=str), n)


def count_table(
    customer: Ints, word: Ints, day: Ints, words: Words, n: int, *, by_day: bool = True
) -> Table:
    """Table of lines, which may come in any order: days on which a word was met, or lines.

    A word of -1 is missing and counts for nothing.
    """
    known = np.flatnonzero(word >= 0)
    words, place = np.unique(words, return_inverse=True)
    if not len(known):
        return empty_table(words, n)
    k = len(words)
    pair = customer[known] * k + place[word[known]]
    offset = int(day.min())
    span = int(day.max()) - offset + 1
    found = None
    if bits(n * k) + bits(span) > 63:
        found, pair = np.unique(pair, return_inverse=True)
    keys = pair * span + (day[known] - offset)
    keys.sort()
    if by_day:
        keys = keys[np.diff(keys, prepend=-1) != 0]
    pair = keys // span
    begin = np.flatnonzero(np.diff(pair, prepend=-1) != 0)
    end = np.append(begin[1:], len(pair))
    last = keys[end - 1] % span + offset
    pair = pair[begin] if found is None else found[pair[begin]]
    return _of_entries(pair // k, pair % k, end - begin, last, words, n)


def add_tables(old: Table, new: Table, old_rows: Ints, new_rows: Ints, n: int) -> Table:
    """Table of both; `old_rows` and `new_rows` are where the customers stand among all n."""
    words = np.union1d(old.words, new.words)
    k = max(len(words), 1)
    parts = [
        rows[table.rows] * k + np.searchsorted(words, table.words)[table.columns]
        for table, rows in ((old, old_rows), (new, new_rows))
    ]
    pair = np.concatenate(parts)
    order = np.argsort(pair, kind="stable")
    pair = pair[order]
    begin = np.flatnonzero(np.diff(pair, prepend=-1) != 0)
    counts = np.concatenate([old.values, new.values])[order]
    last = np.concatenate([old.last, new.last])[order]
    if len(begin):
        counts, last = np.add.reduceat(counts, begin), np.maximum.reduceat(last, begin)
    pair = pair[begin]
    return _of_entries(pair // k, pair % k, counts, last, words, n)


def _of_entries(rows: Ints, columns: Ints, counts: Ints, last: Ints, words: Words, n: int) -> Table:
    """Table of entries in order of customer and word, each pair once."""
    start = np.searchsorted(rows, np.arange(n + 1))
    matrix = csr_matrix((counts.astype(np.int64), columns, start), shape=(n, len(words)))
    return Table(words, matrix, last.astype(np.int64))
