"""Rule mining: from baskets to the rules that are more than chance, by the counts of their sets."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from crmkit.recommend._association import Rules, adjusted, pair_rules, triple_rules
from crmkit.recommend._basket_sizes import spread
from crmkit.recommend._baskets import frequent_pairs, frequent_triples


@dataclass(frozen=True)
class Limits:
    """Which rules are looked for: see the parameters of `MarketBasket`."""

    min_support: int | float
    min_confidence: float
    max_fdr: float
    max_size: int
    max_sets: int


def kept_rules(baskets: sp.csr_matrix, limits: Limits, owner: str) -> tuple[Rules, list[int]]:
    """Rules within the limits, by their items, and how many could have been found of each size."""
    rules, n_tests = frequent_rules(baskets, limits, owner)
    kept = rules.p <= limits.max_fdr
    kept &= (rules.confidence >= limits.min_confidence) & (rules.adjusted_lift > 1.0)
    rules = rules.take(kept)
    return rules.take(np.lexsort((rules.right, rules.second, rules.left))), n_tests


def frequent_rules(baskets: sp.csr_matrix, limits: Limits, owner: str) -> tuple[Rules, list[int]]:
    """All frequent rules with adjusted p-values, and how many could have been found."""
    n = baskets.shape[0]
    least = int(limits.min_support)
    if limits.min_support < 1:
        least = max(int(np.ceil(limits.min_support * n - 1e-9)), 2)
    counts = np.bincount(baskets.indices, minlength=baskets.shape[1])
    often = int((counts >= least).sum())
    pairs = frequent_pairs(baskets, least, limits.max_sets, owner)
    sizes = spread(baskets)
    found = pair_rules(pairs, counts, sizes, n)
    n_tests = [often * (often - 1) // 2]
    both_ways = np.tile(adjusted(found.p[: pairs.shape[1]], n_tests[0]), 2)
    found = found.with_p(both_ways)
    if limits.max_size == 2:
        return found, n_tests
    triples = frequent_triples(baskets, pairs, least, limits.max_sets, owner)
    more = triple_rules(triples, pairs, baskets, sizes)
    n_tests.append(pairs.shape[1] * max(often - 2, 0))
    return found.and_also(more.with_p(adjusted(more.p, n_tests[1]))), n_tests
