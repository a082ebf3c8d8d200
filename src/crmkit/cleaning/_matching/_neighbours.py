"""Records that no key joined, beside those whose letters are most like theirs.

All values of a record are cut into runs of three characters, weighted by how rare they are
(Sparck Jones 1972, Journal of Documentation 28, 11-21); the likeness of two records is the cosine
of their weights. The work is bounded: runs that too many records have are left out, and the
product of the two tables is made for a few records at a time.
"""

from typing import Any

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import HashingVectorizer

from crmkit.cleaning._matching._coded import CodedColumn, Floats, Ints, Units

Sparse = Any  # a scipy.sparse.csr_array

LETTERS = (
    "first_name", "last_name", "name", "company", "street", "city", "postcode", "birth_date",
    "phone", "email", "id", "text", "category",
)  # fmt: skip
N_RUNS = 2**18
LONGEST = 60  # characters of a value that are cut into runs
LEAST_ALIKE = 0.2
MOST_WORK, WORK_AT_ONCE = 200_000_000, 10_000_000  # products of two weights


def neighbours(units: Units, asked: Ints, n: int) -> tuple[Ints, Ints]:
    """Pairs of the asked units with the `n` that are most like each: left < right, in order."""
    columns = units.of_kind(*LETTERS)
    if not columns or not len(asked):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    weights, work = _weighted(_counts(units.n, columns), asked)
    turned = weights.T.tocsr()
    found = [np.empty(0, dtype=np.int64)]
    ends = np.searchsorted(np.cumsum(work), np.arange(0, work.sum(), WORK_AT_ONCE)[1:])
    for rows in np.split(asked, np.unique(ends)):
        alike = (weights[rows] @ turned).tocsr()
        found.append(_best(alike, rows, n))
    left, right = np.divmod(np.unique(np.concatenate(found)), units.n)
    return left, right


def _counts(n: int, columns: list[CodedColumn]) -> Sparse:
    """Which runs of characters each unit has, shape (n, N_RUNS)."""
    cut = HashingVectorizer(
        analyzer="char_wb", ngram_range=(3, 3), n_features=N_RUNS, norm=None,
        alternate_sign=False, lowercase=False, dtype=np.float32,
    )  # fmt: skip
    whole: Sparse = sparse.csr_array((n, N_RUNS), dtype=np.float32)
    for column in columns:
        runs = sparse.csr_array(cut.transform([value[:LONGEST] for value in column.values]))
        nothing = sparse.csr_array((1, N_RUNS), dtype=np.float32)
        whole = whole + sparse.vstack([runs, nothing], format="csr")[column.codes]
    whole.data[:] = 1.0
    return whole


def _weighted(counts: Sparse, asked: Ints) -> tuple[Sparse, Floats]:
    """Rows of length one, of rare runs more, and the work that each of the asked rows will be."""
    n = counts.shape[0]
    of_all = np.bincount(counts.indices, minlength=N_RUNS)
    of_asked = np.bincount(counts[asked].indices, minlength=N_RUNS)
    order = np.argsort(of_all, kind="stable")
    kept = np.zeros(N_RUNS, dtype=bool)
    kept[order[np.cumsum((of_all * of_asked)[order]) <= MOST_WORK]] = True
    kept &= of_all > 1
    rarity = np.where(kept, np.log((1.0 + n) / (1.0 + of_all)), 0.0).astype(np.float32)
    weights = counts @ _diagonal(rarity)
    weights.eliminate_zeros()
    length: Floats = np.sqrt(np.asarray((weights * weights).sum(axis=1)).ravel())
    scale = 1.0 / np.maximum(length, 1e-12).astype(np.float32)
    weights = sparse.csr_array(_diagonal(scale) @ weights)
    some = weights[asked]
    work = np.add.reduceat(np.append(of_all[some.indices], 0), some.indptr[:-1]).astype(float)
    return weights, np.where(np.diff(some.indptr) > 0, work, 0.0)


def _best(alike: Sparse, rows: Ints, n: int) -> Ints:
    """Numbers of the pairs of each row with the others most like it."""
    n_units = alike.shape[1]
    row = np.repeat(np.arange(len(rows)), np.diff(alike.indptr))
    enough = (alike.data >= LEAST_ALIKE) & (alike.indices != rows[row])
    row, other, share = row[enough], alike.indices[enough].astype(np.int64), alike.data[enough]
    order = np.lexsort((other, -share, row))
    row, other = row[order], other[order]
    starts = np.searchsorted(row, np.arange(len(rows)))
    near = np.arange(len(row)) - starts[row] < n
    one, other = rows[row[near]], other[near]
    return np.asarray(np.minimum(one, other) * n_units + np.maximum(one, other), dtype=np.int64)


def _diagonal(values: Any) -> Sparse:
    return sparse.diags_array(values, format="csr")
