"""Shares of customers, drawn to those of all, and the chance that they are above the usual ones.

Of n_i purchases of customer i, n_ic are of c. Customers differ: their true shares are taken as
drawn from a Dirichlet distribution with the mean b, the shares of all, and the strength k, so that
what is known of a customer afterwards is

    share of c:    (n_ic + k b_c) / (n_i + k)
    its chance:    Beta(n_ic + k b_c,  n_i - n_ic + k (1 - b_c))

k is found from how much more the shares differ than they would by chance, by the moments of Weir
and Hill (2002), Annual Review of Genetics 36, 721-750: k = (1 - theta) / theta. Mosimann (1962),
Biometrika 49, 65-82, has the distribution. A share of 2 in 3 is much less sure than one of 20 in
30, and with few purchases nobody stands out.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from crmkit._validation import Floats
from crmkit.segment._profile_table import Ints, Table, Words

STRONGEST = 1e6
"""Strength where customers do not differ: everybody has the shares of all."""

WEAKEST = 0.01


def base_shares(table: Table) -> Floats:
    """Share of each word among all counts, with one more that all share with what is unseen."""
    totals = np.bincount(table.columns, table.values, minlength=len(table.words))
    shares: Floats = (totals + 1.0 / (len(totals) + 1.0)) / (totals.sum() + 1.0)
    return shares


def unseen_share(table: Table) -> float:
    """Share that a word has which nobody met."""
    return float(1.0 / (len(table.words) + 1.0) / (table.values.sum() + 1.0))


def strength_of(table: Table) -> float:
    """How many counts the shares of all are worth in those of one customer."""
    n = table.sums().astype(np.float64)
    some = n > 0
    total, customers = n.sum(), int(some.sum())
    if customers < 2 or total <= customers:
        return STRONGEST
    shares = np.bincount(table.columns, table.values, minlength=len(table.words)) / total
    own = table.values / n[table.rows]
    squares = np.bincount(table.rows, own**2, minlength=len(n))
    products = np.bincount(table.rows, own * shares[table.columns], minlength=len(n))
    far = squares - 2.0 * products + (shares**2).sum()
    between = float((n * far)[some].sum()) / (customers - 1)
    within = float((n * (1.0 - squares))[some].sum()) / (total - customers)
    usual = float(total - (n**2).sum() / total) / (customers - 1)
    scale = between + (usual - 1.0) * within
    if between <= within or scale <= 0:
        return STRONGEST
    theta = (between - within) / scale
    return float(np.clip((1.0 - theta) / theta, WEAKEST, STRONGEST))


def shares_by_word(words: Words, known: Words, shares: Floats, unseen: float) -> Floats:
    """Share of each word among those known; the unseen share for any other."""
    if not len(known):
        return np.full(len(words), unseen)
    place = np.minimum(np.searchsorted(known, words), len(known) - 1)
    found: Floats = np.where(known[place] == words, shares[place], unseen)
    return found


def drawn_share(count: Any, total: Any, base: Any, strength: float) -> Floats:
    """Share of one customer, drawn to that of all."""
    share: Floats = (count + strength * base) / (total + strength)
    return share


def chance_above(count: Any, total: Any, base: Any, strength: float) -> Floats:
    """Chance that the share of a customer is above that of all."""
    a = np.maximum(count + strength * base, 1e-12)
    b = np.maximum(total - count + strength * (1.0 - base), 1e-12)
    chance: Floats = 1.0 - special.betainc(a, b, base)
    return chance


def preferred(
    rows: Ints, columns: Ints, margin: Floats, shown: npt.NDArray[np.bool_], n: int, top: int
) -> Ints:
    """Entries of each customer with the largest margins, -1 behind the last.

    Entries are in order of customer and word; of equal margins the first word is taken.
    """
    chosen = np.full((n, top), -1, dtype=np.int64)
    some = np.flatnonzero(shown)
    order = some[np.lexsort((columns[some], -margin[some], rows[some]))]
    owner = rows[order]
    begin = np.searchsorted(owner, np.arange(n))
    rank = np.arange(len(owner)) - begin[owner]
    best = rank < top
    chosen[owner[best], rank[best]] = order[best]
    return chosen


def side_of(count: Ints, total: Ints, base: Any, strength: float, limits: dict[str, float]) -> Ints:
    """1 for who surely has clearly more than usual, -1 for less, 0 for neither, -2 for too few."""
    share = drawn_share(count, total, base, strength)
    chance = chance_above(count, total, base, strength)
    more = (chance >= limits["confidence"]) & (share >= base * limits["min_lift"])
    less = (chance <= 1.0 - limits["confidence"]) & (share * limits["min_lift"] <= base)
    side = more.astype(np.int64) - less.astype(np.int64)
    return np.where(total >= limits["min_evidence"], side, -2)


def level_of(values: Floats, edges: Floats) -> Ints:
    """0 below the first edge, 2 above the second one, else 1; edges themselves are 1."""
    levels: Ints = (values >= edges[0]).astype(np.int64) + (values > edges[1])
    return levels
