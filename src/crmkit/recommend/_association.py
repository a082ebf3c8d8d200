"""Association: whether items are together in more baskets than chance would have it.

Of N baskets n_A hold all items of A, n_c hold c, and k both. By chance E would: n_A n_c / N, were
all baskets alike, or what lots give when every basket keeps its size and every item its count
(`crmkit.recommend._basket_sizes`), whichever is more. For the rule A -> c

support = k / N,  confidence = k / n_A,  leverage = (k - E) / N,  adjusted lift = k / E,

and lift = k N / (n_A n_c), never less: where some baskets are large, it is above 1 for nearly all
pairs of best sellers. The p-value of a pair is the chance of at least k common baskets by Fisher's
test with n_a n_c / E baskets, so that E is the mean. A rule {a, b} -> c must tell more than each of
its parts: it takes the largest p of c among the baskets with {a, b}, were c spread by basket size
alone, as it goes with a, and as it goes with b. Webb (2007), Discovering significant patterns,
Machine Learning 68, 1-33. The p-values are adjusted for all tests that could have been made, not
for those of the frequent sets alone, pairs and rules of three items apart:
Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57, 289-300.
"""

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from crmkit._runs import fresh_rows, runs
from crmkit._validation import Floats
from crmkit.recommend._basket_sizes import Spread, chunks, logistic, logit, pairs_by_size, raised
from crmkit.recommend._interactions import Whole, spans

PARTS = ("left", "second", "right", "n_left", "n_right", "n_both", "expected", "p")


@dataclass(frozen=True, eq=False)
class Rules:
    """Rules A -> c: places of the items, and how many baskets hold what.

    Attributes
    ----------
    left, second, right : ndarray of int
        A is {left} or {left, second}; `second` is -1 where A is one item. `right` is c.
    n_left, n_right, n_both : ndarray of int
        Baskets with A, with c, and with both.
    expected : ndarray of float64
        Baskets that would hold both by chance.
    p : ndarray of float64
        P-values, adjusted once they are.
    n_baskets : int
        Number of all baskets.
    """

    left: Whole
    second: Whole
    right: Whole
    n_left: Whole
    n_right: Whole
    n_both: Whole
    expected: Floats
    p: Floats
    n_baskets: int

    def __len__(self) -> int:
        return len(self.left)

    @property
    def support(self) -> Floats:
        """Share of the baskets that hold all items of the rule."""
        return np.asarray(self.n_both / self.n_baskets)

    @property
    def confidence(self) -> Floats:
        """Share of the baskets with A that hold c."""
        return np.asarray(self.n_both / self.n_left)

    @property
    def lift(self) -> Floats:
        """Confidence over the share of all baskets that hold c."""
        return np.asarray(self.confidence / (self.n_right / self.n_baskets))

    @property
    def adjusted_lift(self) -> Floats:
        """Baskets with all items of the rule over those expected by chance."""
        return np.asarray(self.n_both / np.maximum(self.expected, 1e-12))

    @property
    def leverage(self) -> Floats:
        """Share of the baskets that hold all items of the rule beyond chance."""
        return np.asarray((self.n_both - self.expected) / self.n_baskets)

    def take(self, rows: Any) -> Self:
        """Some of the rules."""
        parts = {name: getattr(self, name)[rows] for name in PARTS}
        return type(self)(**parts, n_baskets=self.n_baskets)

    def with_p(self, p: Floats) -> Self:
        """The same rules with other p-values."""
        return replace(self, p=p)

    def and_also(self, other: Self) -> Self:
        """These rules and others of the same baskets behind them."""
        parts = {n: np.concatenate([getattr(self, n), getattr(other, n)]) for n in PARTS}
        return type(self)(**parts, n_baskets=self.n_baskets)


def pair_rules(pairs: Whole, counts: Whole, spread: Spread, n_baskets: int) -> Rules:
    """Rules a -> b and b -> a of frequent pairs (rows a, b, count), one behind the other."""
    a, b, both = pairs
    expected = np.maximum(spread.meetings(a, b), counts[a] * counts[b] / n_baskets)
    p = chance(both, expected, counts[a], counts[b])
    left, right = np.concatenate([a, b]), np.concatenate([b, a])
    return Rules(
        left=left,
        second=np.full(len(left), -1),
        right=right,
        n_left=counts[left],
        n_right=counts[right],
        n_both=np.concatenate([both, both]),
        expected=np.concatenate([expected, expected]),
        p=np.concatenate([p, p]),
        n_baskets=n_baskets,
    )


def triple_rules(triples: Whole, pairs: Whole, baskets: sp.csr_matrix, spread: Spread) -> Rules:
    """Rules {a, b} -> c of frequent triples, {a, c} -> b behind them, {b, c} -> a last."""
    a, b, c, every = triples
    n_items = np.int64(baskets.shape[1])
    keys = pairs[0] * n_items + pairs[1]
    place = {
        name: np.searchsorted(keys, low * n_items + high)
        for name, low, high in (("ab", a, b), ("ac", a, c), ("bc", b, c))
    }
    left, second = np.concatenate([a, a, b]), np.concatenate([b, c, c])
    right = np.concatenate([c, b, a])
    of_left = np.concatenate([place["ab"], place["ac"], place["bc"]])
    with_left = np.concatenate([place["ac"], place["ab"], place["ab"]])
    with_second = np.concatenate([place["bc"], place["bc"], place["ac"]])
    both = np.concatenate([every, every, every])
    counts = np.bincount(baskets.indices, minlength=baskets.shape[1])
    n_left, n_right, n_pair = pairs[2][of_left], counts[right], pairs[2]
    sizes = Sizes(baskets, pairs, of_left, spread)
    tests = [(sizes.by_size_alone(left, second, right), n_right, baskets.shape[0])]
    for one, other, of_one in ((left, second, with_left), (second, left, with_second)):
        together = n_pair[of_one]
        tests.append((sizes.going_with(one, other, right, together), together, counts[one]))
    expected = [np.maximum(lots, n_left * n / total) for lots, n, total in tests]
    p = np.maximum.reduce(
        [chance(both, e, n_left, n) for e, (_, n, _) in zip(expected, tests, strict=True)]
    )
    return Rules(left, second, right, n_left, n_right, both, expected[0], p, baskets.shape[0])


class Sizes:
    """How large the baskets are that hold what leads, and how many of them should hold the rest."""

    def __init__(self, baskets: sp.csr_matrix, pairs: Whole, of_left: Whole, of: Spread) -> None:
        used, self.row = np.unique(of_left, return_inverse=True)
        self.spread = of
        self.with_two = pairs_by_size(of, baskets.tocsc(), pairs[0][used], pairs[1][used])
        self.with_one = of.by_size(baskets.T.tocsr())

    def by_size_alone(self, left: Whole, second: Whole, right: Whole) -> Floats:
        """Baskets with both leading items that hold `right`, if only their sizes matter."""
        found = np.empty(len(right))
        for part in chunks(len(right), len(self.spread.sizes)):
            now = self.spread.beside(right[part], left[part], second[part])
            found[part] = (self.with_two[self.row[part]].toarray() * now).sum(axis=1)
        return found

    def going_with(self, one: Whole, other: Whole, right: Whole, together: Whole) -> Floats:
        """The same if sizes and how often `right` goes with `one` of the two matter."""
        keys = one * np.int64(len(self.spread.level)) + right
        _, first, place = np.unique(keys, return_index=True, return_inverse=True)
        shift = self._shifts(one[first], right[first], together[first])[place]
        found = np.empty(len(right))
        for part in chunks(len(right), len(self.spread.sizes)):
            now = self.spread.beside(right[part], one[part], other[part])
            now = logistic(logit(now) + shift[part, None])
            found[part] = (self.with_two[self.row[part]].toarray() * now).sum(axis=1)
        return found

    def _shifts(self, one: Whole, right: Whole, together: Whole) -> Floats:
        """By how much the log odds of `right` are raised in baskets with `one`."""
        found = np.empty(len(right))
        for part in chunks(len(right), len(self.spread.sizes)):
            now = self.spread.beside(right[part], one[part])
            weights = self.with_one[one[part]].toarray()
            found[part] = raised(now, weights, together[part].astype(np.float64))
        return found


def chance(both: Whole, expected: Floats, left: Whole, right: Whole) -> Floats:
    """Chance of at least `both` in common of `left` and `right` baskets, `expected` on average.

    It is that of so many baskets, all alike, that `expected` is the mean.
    """
    from scipy.stats import hypergeom

    total = np.floor(left * right / np.maximum(expected, 1e-12) + 1e-6)
    total = np.clip(total, np.maximum(left, right), 2.0**53)
    p = hypergeom.sf(both - 1, total, left, right)
    return np.asarray(np.clip(p, 0.0, 1.0), dtype=np.float64)


def adjusted(p: npt.NDArray[Any], n_tests: int) -> Floats:
    """P-values of Benjamini and Hochberg for n_tests tests, those not given having p = 1."""
    order = np.argsort(p, kind="stable")
    raised = p[order] * (max(n_tests, len(p)) / np.arange(1, len(p) + 1))
    found = np.empty(len(p))
    found[order] = np.minimum(np.minimum.accumulate(raised[::-1])[::-1], 1.0)
    return found


def best_rules(rules: Rules, basket: sp.csr_matrix, by: str) -> tuple[Whole, Whole]:
    """Rows of a matrix of zeros and ones in; row and rule of the best rule to each other item out.

    `rules` are sorted by their first items; equal values keep the earlier rule.
    """
    first, counts = runs(fresh_rows(rules.left, rules.second))
    left, second = rules.left[first], rules.second[first]
    two = np.flatnonzero(second >= 0)
    column = np.concatenate([np.arange(len(first)), two])
    ones = np.ones(len(column), dtype=np.float32)
    parts = sp.csr_matrix(
        (ones, (np.concatenate([left, second[two]]), column)), shape=(basket.shape[1], len(first))
    )
    held = (basket @ parts).tocsr()
    row = np.repeat(np.arange(basket.shape[0]), np.diff(held.indptr))
    whole = held.data == np.where(second >= 0, 2.0, 1.0)[held.indices]
    row, led = row[whole], held.indices[whole]
    rule = spans(first[led], counts[led])
    row = np.repeat(row, counts[led])
    n = np.int64(basket.shape[1])
    keys = row * n + rules.right[rule]
    own = np.repeat(np.arange(basket.shape[0]), np.diff(basket.indptr)) * n + basket.indices
    new = ~np.isin(keys, own)
    keys, row, rule = keys[new], row[new], rule[new]
    order = np.lexsort((rule, -getattr(rules, by)[rule], keys))
    keys, row, rule = keys[order], row[order], rule[order]
    best = fresh_rows(keys)
    return row[best], rule[best]


def bundles_of(rules: Rules, size: int) -> tuple[list[Whole], dict[str, npt.NDArray[Any]]]:
    """Sets all of whose rules are among `rules`: places of the items, and the measures."""
    parts = [rules.left, rules.right] if size == 2 else [rules.left, rules.second, rules.right]
    sets, group, counts = np.unique(
        np.sort(np.stack(parts), axis=0), axis=1, return_inverse=True, return_counts=True
    )
    group = group.ravel()
    p = np.zeros(sets.shape[1])
    np.maximum.at(p, group, rules.p)
    n_both = np.zeros(sets.shape[1], dtype=np.int64)
    n_both[group] = rules.n_both
    expected = np.zeros(sets.shape[1])
    np.maximum.at(expected, group, rules.expected)
    chance = np.ones(sets.shape[1])
    for position in range(size):  # rules lead to each item of a whole set once
        leads = rules.right == sets[position, group]
        chance[group[leads]] *= rules.n_right[leads] / rules.n_baskets
    support = n_both / rules.n_baskets
    whole = counts == size
    made = {
        "n_baskets": n_both,
        "expected": expected,
        "support": support,
        "adjusted_lift": n_both / np.maximum(expected, 1e-12),
        "lift": support / chance,
        "leverage": (n_both - expected) / rules.n_baskets,
        "p_value": p,
    }
    return [part[whole] for part in sets], {name: part[whole] for name, part in made.items()}


def apart(sets: Whole, order: Whole, n: int) -> Whole:
    """The first n sets, in order, that share no item with one before them."""
    taken: set[int] = set()
    kept: list[int] = []
    for place in order.tolist():
        members = sets[:, place].tolist()
        if taken.isdisjoint(members):
            taken.update(members)
            kept.append(place)
            if len(kept) == n:
                break
    return np.asarray(kept, dtype=np.int64)
