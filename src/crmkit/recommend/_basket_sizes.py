"""Basket sizes: in how many baskets sets of items would meet, were items dealt to them by lot.

In a large basket things meet that have nothing to do with each other. So chance is: every basket
keeps its size s_b, every item the number d_i of its baskets, and nothing else is known. Of the
matrices of zeros and ones with these margins the most random has

P(i in b) = x_i y_b / (1 + x_i y_b),   sum_b P(i in b) = d_i,   sum_i P(i in b) = s_b

(bipartite configuration model: Saracco, Di Clemente, Gabrielli and Squartini 2015, Scientific
Reports 5, 10595), with p_i(s) the same for all baskets of a size. The places of a basket are few,
so that one item leaves less room for others, and two meet in

E_ac = sum_b p_a p_c (1 - (1 - p_a) (1 - p_c) / D_b),   D_b = sum_i p_i (1 - p_i)

baskets (joint chance of two units in a sample of fixed size: Hajek 1964, Annals of Mathematical
Statistics 35, 1491-1523), with D times (n - 1) / n for n items: exact where all items are alike.
It agrees with lots drawn as by Gionis, Mannila, Mielikainen and Tsaparas (2007), Assessing data
mining results via swap randomization, ACM Transactions on Knowledge Discovery from Data 1(3), 14.

An item c that is spread by size alone is expected, among the baskets that hold a set A, in

sum over them of p_c (1 - (1 - p_c) sum over A of (1 - p_i) / D).

Where c goes with a part of A, its odds are raised alike in all sizes until they give the count with
that part.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from crmkit._validation import Floats
from crmkit.recommend._interactions import Whole

STEPS, CLOSE = 500, 1e-9
"""Most rounds of the margins, and how near to one the ratios to the wanted ones come."""
CELLS = 4_000_000
"""Sets times sizes that are held at a time."""


@dataclass(frozen=True, eq=False)
class Spread:
    """How items spread over baskets of each size, if size and item alone matter.

    Attributes
    ----------
    sizes : ndarray of float64 of shape (n_sizes,)
        Items of a basket, ascending.
    n : ndarray of float64 of shape (n_sizes,)
        Baskets of each size.
    of_basket : ndarray of int
        Place of each basket's size in `sizes`.
    chance : ndarray of float64 of shape (n_levels, n_sizes)
        Chance that an item stands in a basket of a size; one row for all items of a count.
    level : ndarray of int
        Row of `chance` of each item.
    room : ndarray of float64 of shape (n_sizes,)
        D of each size.
    """

    sizes: Floats
    n: Floats
    of_basket: Whole
    chance: Floats
    level: Whole
    room: Floats

    def of(self, items: Whole) -> Floats:
        """Chances of some items by size."""
        return np.asarray(self.chance[self.level[items]])

    def meetings(self, a: Whole, c: Whole) -> Floats:
        """Expected number of baskets with both items, of each pair."""
        found = np.empty(len(a))
        for part in chunks(len(a), len(self.sizes)):
            p, q = self.of(a[part]), self.of(c[part])
            lost = self.n / self.room
            found[part] = (p * q) @ self.n - (p * (1 - p) * q * (1 - q)) @ lost
        return np.maximum(found, 0.0)

    def beside(self, c: Whole, *others: Whole) -> Floats:
        """Chances by size of each item c in baskets that hold others, if only sizes matter."""
        p = self.of(c)
        taken = sum((1.0 - self.of(each) for each in others), np.zeros(p.shape))
        return np.asarray(p * np.maximum(1.0 - (1.0 - p) * taken / self.room, 0.0))

    def by_size(self, baskets: sp.csr_matrix) -> sp.csr_matrix:
        """Rows of baskets as zeros and ones in, their numbers by size out."""
        n = len(self.of_basket)
        size = sp.csr_matrix(
            (np.ones(n), self.of_basket, np.arange(n + 1)), shape=(n, len(self.sizes))
        )
        return (baskets @ size).tocsr()


def spread(baskets: sp.csr_matrix) -> Spread:
    """Chances that give every item its count and every basket its size."""
    counts = np.bincount(baskets.indices, minlength=baskets.shape[1])
    d, level, n_items = np.unique(counts, return_inverse=True, return_counts=True)
    s, of_basket, n = np.unique(np.diff(baskets.indptr), return_inverse=True, return_counts=True)
    chance = margins(*(part.astype(np.float64) for part in (d, n_items, s, n)))
    doubt = chance * (1.0 - chance)
    n_open = n_items @ (doubt > 1e-12)
    room = (n_items @ doubt) * np.maximum(n_open - 1, 1) / np.maximum(n_open, 1)
    return Spread(
        sizes=np.maximum(s.astype(np.float64), 1.0),
        n=n.astype(np.float64),
        of_basket=of_basket,
        chance=chance,
        level=level,
        room=np.maximum(room, 1e-12),
    )


def margins(d: Floats, n_items: Floats, s: Floats, n: Floats) -> Floats:
    """Chances x y / (1 + x y) with row sums d over n baskets a column, column sums s alike.

    Rows and columns without any choice (an item in all baskets, a basket of all items) are set
    first, the others by turns: the margins of either side from those of the other.
    """
    chance, rows, columns, d, s = settled(d, n_items, s, n)
    if not len(rows) or not len(columns):
        return chance
    d, s, n_items, n = d[rows], s[columns], n_items[rows], n[columns]
    x, y = d / np.sqrt(n_items @ d), s / np.sqrt(n @ s)
    for _ in range(STEPS):
        x = d / ((n * y) / (1.0 + np.outer(x, y))).sum(axis=1)
        y = s / ((n_items * x)[:, None] / (1.0 + np.outer(x, y))).sum(axis=0)
        odds = np.outer(x, y)
        inner = odds / (1.0 + odds)
        if np.abs(inner @ n / d - 1.0).max() < CLOSE:
            break
    chance[np.ix_(rows, columns)] = inner
    return chance


def settled(
    d: Floats, n_items: Floats, s: Floats, n: Floats
) -> tuple[Floats, Whole, Whole, Floats, Floats]:
    """Chances of 0 and 1 that the margins leave no choice of; other rows, columns and margins."""
    d, s = d.copy(), s.copy()
    chance = np.zeros((len(d), len(s)))
    row, column = np.ones(len(d), dtype=bool), np.ones(len(s), dtype=bool)
    while True:
        whole = row & (d >= n[column].sum())
        chance[np.ix_(whole, column)] = 1.0
        s -= n_items[whole].sum() * column
        closed = whole | (row & (d <= 0))
        row &= ~closed
        full = column & (s >= n_items[row].sum())
        chance[np.ix_(row, full)] = 1.0
        d -= n[full].sum() * row
        shut = full | (column & (s <= 0))
        column &= ~shut
        if not closed.any() and not shut.any():
            return chance, np.flatnonzero(row), np.flatnonzero(column), d, s


def raised(chance: Floats, weights: Floats, wanted: Floats) -> Floats:
    """By how much the log odds of each row rise for the weighted sum of its chances to be `wanted`.

    Newton's steps, held to a bracket; rows whose sum cannot be reached end at its edge.
    """
    odds = logit(chance)
    low, high = np.full(len(chance), -40.0), np.full(len(chance), 40.0)
    shift = np.zeros(len(chance))
    for _ in range(60):
        now = logistic(odds + shift[:, None])
        over = (weights * now).sum(axis=1) - wanted
        high, low = np.where(over > 0, shift, high), np.where(over > 0, low, shift)
        slope = (weights * now * (1.0 - now)).sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            new = shift - over / slope
        inside = (new > low) & (new < high)
        new = np.where(inside, new, (low + high) / 2.0)
        if np.abs(new - shift).max(initial=0.0) < 1e-9:
            break
        shift = new
    return shift


def logit(chance: Floats) -> Floats:
    """Log odds; chances of 0 and 1 are far out and finite."""
    held = np.clip(chance, 1e-15, 1.0 - 1e-15)
    return np.asarray(np.log(held) - np.log1p(-held))


def logistic(odds: Floats) -> Floats:
    """Chances of log odds."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(odds, -60.0, 60.0))))


def chunks(n: int, width: int) -> list[slice]:
    """Slices of n rows, so many that `CELLS` numbers fit each."""
    step = max(CELLS // max(width, 1), 1)
    return [slice(begin, min(begin + step, n)) for begin in range(0, n, step)]


def pairs_by_size(
    of: Spread, columns: sp.csc_matrix, a: npt.NDArray[np.int64], b: npt.NDArray[np.int64]
) -> sp.csr_matrix:
    """Baskets with both items by size, one row a pair."""
    parts = [
        of.by_size(columns[:, a[part]].multiply(columns[:, b[part]]).T.tocsr())
        for part in chunks(len(a), 400)
    ]
    empty = sp.csr_matrix((0, len(of.sizes)))
    return sp.vstack([empty, *parts]).tocsr()
