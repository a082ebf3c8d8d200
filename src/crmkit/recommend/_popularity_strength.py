"""How much popularity helps where little is known: learnt on customers whom the weights forget.

On dense data best sellers say more than a linear model of one purchase, on sparse data less. Some
customers become strangers: with X their rows of zeros and ones, the inverse P of the Gram matrix of
all customers turns into that of all others,

    P' = P + P X' (I - X P X')^-1 X P

(Woodbury), without another fit. They tell their first 1, 3 and 5 items, and the strength that
ranks the rest of what they bought best by NDCG@10 is taken, if it is better than `UNTUNED` beyond
the standard error of the difference.
"""

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from crmkit._runs import fresh_rows
from crmkit.recommend._inner_window import chosen
from crmkit.recommend._interactions import Floats, Interactions, Whole
from crmkit.recommend._top_items import Scores, ranks, top_items

UNTUNED = 0.3
STRENGTHS = (UNTUNED, 0.0, 0.1, 0.6, 1.0, 2.0)
TOLD = (1, 3, 5)
ENOUGH = 10  # items of a customer who may become a stranger
LEAST, MOST, SHARE = 30, 200, 0.1  # strangers, and their share of the customers with enough
N = 10


def learnt_strength(
    known: Interactions, sold: Whole, weights: Scores, variances: Scores, prior: Scores
) -> float:
    """Strength of popularity for short histories, by the weights of EASE on the `sold` items.

    `variances` is the diagonal of the inverse P from which the weights were made.
    """
    strangers = drawn(known)
    if len(strangers) < LEAST:
        return UNTUNED
    rows, items = told_order(known, strangers, sold)
    there = items >= 0
    rows, items = rows[there], items[there]
    place = ranks(rows) - 1
    shape = (len(strangers), len(sold))
    gone = indicator(rows, items, shape)
    found = np.zeros((len(STRENGTHS), len(strangers)))
    for n in TOLD:
        told = indicator(rows[place < n], items[place < n], shape)
        wanted = indicator(rows[place >= n], items[place >= n], shape)
        scores = scores_without(weights, variances, gone, told)
        best = scores.max(axis=1, keepdims=True) - scores.min(axis=1, keepdims=True)
        for i, strength in enumerate(STRENGTHS):
            mixed = scores + np.float32(strength) * best * prior
            mixed[told > 0] = -np.inf
            found[i] += ndcg(mixed, wanted) / len(TOLD)
    return STRENGTHS[chosen(found, 1)]


def drawn(known: Interactions) -> Whole:
    """Places of the customers who become strangers, evenly spread over those with enough items."""
    n_items = np.diff(known.matrix().indptr)
    enough = np.flatnonzero(n_items >= ENOUGH)
    n = min(round(SHARE * len(enough)), MOST)
    return enough[np.arange(n) * len(enough) // max(n, 1)]


def told_order(known: Interactions, customers: Whole, sold: Whole) -> tuple[Whole, Whole]:
    """Row and item (a place in `sold`, -1 for others) of all that customers bought, first to last.

    Items of one day come in an order that has nothing to do with their ids.
    """
    of = known.of_customers(customers)
    pairs = of.customer * np.int64(known.n_items) + of.item
    fresh = fresh_rows(pairs)  # lines are sorted by day: the first of a pair is the earliest
    row, item, day = of.customer[fresh], of.item[fresh], of.day[fresh]
    luck = np.random.default_rng(0).permutation(known.n_items)[item]
    order = np.lexsort((luck, day, row))
    row, item = row[order].astype(np.int64), item[order]
    place = np.minimum(np.searchsorted(sold, item), len(sold) - 1)
    return row, np.where(sold[place] == item, place, -1)


def indicator(rows: Whole, items: Whole, shape: tuple[int, int]) -> Scores:
    """Zeros, and ones where a row has an item."""
    made = np.zeros(shape, dtype=np.float32)
    made[rows, items] = 1.0
    return made


def scores_without(weights: Scores, variances: Scores, gone: Scores, told: Scores) -> Scores:
    """Scores of histories `told` by the weights that a fit without the rows `gone` would give."""
    solved = times_inverse(gone, weights, variances)  # X P
    own = times_inverse(told, weights, variances)
    left = np.eye(len(gone)) - solved.astype(np.float64) @ gone.T
    through = np.linalg.solve(left, solved.astype(np.float64)).astype(np.float32)
    numerator = own + (own @ gone.T) @ through
    left_over = variances + np.einsum("ij,ij->j", solved, through)
    scores: Scores = told - numerator / left_over  # B = I - P / diag(P)
    return scores


def times_inverse(rows: Scores, weights: Scores, variances: Scores) -> Scores:
    """Rows times P, from the weights B = I - P / diag(P)."""
    product: Scores = sp.csr_matrix(rows) @ weights
    solved: Scores = (rows - product) * variances
    return solved


def ndcg(scores: Scores, wanted: npt.NDArray[np.float32]) -> Floats:
    """NDCG@10 of each row; 0 where nothing is wanted."""
    gain = 1.0 / np.log2(np.arange(N) + 2.0)
    row, item, _ = top_items(scores, N)
    value = gain[ranks(row) - 1] * wanted[row, item]
    found = np.bincount(row, weights=value, minlength=len(scores))
    counts = np.minimum(wanted.sum(axis=1), N).astype(np.int64)
    ideal = np.append(0.0, np.cumsum(gain))[counts]
    return np.asarray(np.divide(found, ideal, out=np.zeros(len(scores)), where=ideal > 0))
