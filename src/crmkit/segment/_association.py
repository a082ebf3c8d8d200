"""How strongly two columns go together, and how surely: effect sizes and p values of arrays.

Numbers with numbers: Spearman's rho. Numbers in two groups: the rank-biserial correlation
2 U / (n1 n2) - 1 with the p value of Mann and Whitney (Cureton 1956, Psychometrika 21, 287-290).
Numbers in more groups: epsilon squared of the ranks, (H - k + 1) / (n - k) with Kruskal and
Wallis's H of k groups, the part of the variance of the ranks that lies between the groups less
what chance puts there, so that many levels do not look strong (Tomczak and Tomczak 2014, Trends in
Sport Sciences 21, 19-25). Words with words: Cramer's V without its bias (Bergsma 2013, Journal of
the Korean Statistical Society 42, 323-328) with the chi-squared p value, which is that of 1,999
tables drawn with the same margins where a count below 5 is expected.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from crmkit._validation import Floats

Ints = npt.NDArray[np.int64]

DRAWS, SPARSE = 1999, 5.0


class Effect(NamedTuple):
    """An effect: its name, its size, its strength from 0 to 1, and the p value of none at all."""

    name: str
    size: float
    strength: float
    p_value: float


NONE = Effect("", np.nan, np.nan, np.nan)


def spearman(x: Floats, y: Floats) -> Effect:
    """Rank correlation of two columns of numbers that both vary."""
    from scipy.stats import spearmanr  # half a second to load

    found = spearmanr(x, y)
    rho = float(found.statistic)
    return Effect("Spearman's rho", rho, abs(rho), float(found.pvalue))


def rank_biserial(values: Floats, group: npt.NDArray[np.bool_]) -> Effect:
    """How far a number is higher in the group: the chance of higher less the chance of lower."""
    from scipy.stats import mannwhitneyu  # half a second to load

    inside, outside = values[group], values[~group]
    found = mannwhitneyu(inside, outside, method="asymptotic")
    size = 2.0 * float(found.statistic) / (float(len(inside)) * len(outside)) - 1.0
    return Effect("rank-biserial", size, abs(size), float(found.pvalue))


def rank_epsilon_squared(values: Floats, codes: Ints) -> Effect:
    """Part of the variance of the ranks between groups, beyond chance; its root is the strength."""
    from scipy.stats import kruskal  # half a second to load

    groups = [values[codes == code] for code in np.unique(codes)]
    found, n, k = kruskal(*groups), len(values), len(groups)
    size = (float(found.statistic) - k + 1.0) / (n - k) if n > k else 0.0
    size = min(max(size, 0.0), 1.0)
    return Effect("epsilon squared", size, float(np.sqrt(size)), float(found.pvalue))


def cramers_v(table: Ints) -> Effect:
    """Association of the rows and columns of a table of counts, 0 to 1."""
    from scipy.stats import chi2_contingency  # half a second to load

    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    if min(table.shape) < 2:
        return NONE
    found = chi2_contingency(table, correction=False)
    n, (r, k) = int(table.sum()), table.shape
    phi = max(0.0, float(found.statistic) / n - (r - 1.0) * (k - 1.0) / (n - 1.0))
    fewest = min(r - (r - 1.0) ** 2 / (n - 1.0), k - (k - 1.0) ** 2 / (n - 1.0)) - 1.0
    size = float(np.sqrt(phi / fewest)) if fewest > 0 else 0.0
    size = min(size, 1.0)
    sparse = found.expected_freq.min() < SPARSE
    p = drawn_p(table, found.expected_freq) if sparse else float(found.pvalue)
    return Effect("Cramer's V", size, size, p)


def drawn_p(table: Ints, expected: Floats) -> float:
    """Share of tables of the same margins, this one among them, whose chi squared is as large.

    The draws are the same every time.
    """
    from scipy.stats import random_table  # half a second to load

    tables = random_table(table.sum(axis=1), table.sum(axis=0))
    drawn = tables.rvs(DRAWS, random_state=np.random.default_rng(0))
    own, others = ((each**2 / expected).sum(axis=(-2, -1)) for each in (table, drawn))
    return float((1 + (others >= own * (1.0 - 1e-12)).sum()) / (DRAWS + 1.0))


def counts_of(a: Ints, b: Ints, n_a: int, n_b: int) -> Ints:
    """Customers by two codes that count from 0: a table (n_a, n_b)."""
    return np.bincount(a * n_b + b, minlength=n_a * n_b).reshape(n_a, n_b)


def lifts(table: Ints) -> Floats:
    """Count of each cell over the count that independence would give; NaN in empty margins."""
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / max(int(table.sum()), 1)
    lift: Floats = np.full(table.shape, np.nan)
    np.divide(table, expected, out=lift, where=expected > 0)
    return lift


def peak(table: Ints) -> tuple[int, int, float] | None:
    """The cell above chance that adds most to chi squared, and its lift; None without one."""
    lift = np.nan_to_num(lifts(table))
    above = np.where(lift > 1.0, table * (1.0 - 1.0 / np.maximum(lift, 1.0)) ** 2 * lift, 0.0)
    i, j = np.unravel_index(int(above.argmax()), table.shape)
    return (int(i), int(j), float(lift[i, j])) if above[i, j] > 0 else None


def adjusted(p_values: Floats) -> Floats:
    """P values corrected for their number, after Benjamini and Hochberg; NaN where there is none.

    Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57, 289-300.
    """
    from scipy.stats import false_discovery_control  # half a second to load

    made: Floats = np.full(len(p_values), np.nan)
    known = ~np.isnan(p_values)
    if known.any():
        made[known] = false_discovery_control(p_values[known])
    return made
