"""How far two samples differ, and how far they would by chance.

The population stability index of shares q now and r before is sum (q - r) log(q / r) over the bins.
With n and m customers and nothing changed it is about (1/n + 1/m) times a chi-squared variable of
one degree less than there are bins: Yurdakul (2018), Statistical properties of the population
stability index, Western Michigan University. Half a customer is added to every bin.
Variance of the area under the curve: DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44,
837-845. Calibration in groups: Hosmer and Lemeshow (1980), Communications in Statistics A9,
1043-1069.
"""

import numpy as np
import numpy.typing as npt
from scipy import stats

from crmkit._validation import Floats

Ints = npt.NDArray[np.int64]


def bin_edges(x: Floats, n_bins: int) -> Floats:
    """Inner edges of bins with about equal numbers; a value that is common has a bin of its own."""
    there = np.sort(x[~np.isnan(x)])
    if not len(there):
        return np.empty(0)
    common = there[np.arange(1, n_bins) * len(there) // n_bins]
    with np.errstate(over="ignore"):  # nothing lies above the largest of all numbers
        above = np.nextafter(common, np.inf)
    return np.unique(np.concatenate([common, above]))


def bin_counts(x: Floats, edges: Floats) -> Ints:
    """Numbers of customers in each bin, the missing in the last."""
    place = np.where(np.isnan(x), len(edges) + 1, np.searchsorted(edges, x, side="right"))
    return np.bincount(place.astype(np.int64), minlength=len(edges) + 2)


def merged(before: Ints, now: Ints, least: float = 5.0) -> tuple[Ints, Ints]:
    """Bins joined with the next until each is expected to hold a few of the smaller sample."""
    total = (before + now).astype(np.float64)
    enough = least * total.sum() / min(before.sum(), now.sum())
    group, held, names = 0, 0.0, []
    for each in total:
        names.append(group)
        held += each
        if held >= enough:
            group, held = group + 1, 0.0
    if held < enough and group:  # too few are left over: they go to the last full group
        names = [min(name, group - 1) for name in names]
    place = np.array(names)
    joined = (np.bincount(place, weights=counts).astype(np.int64) for counts in (before, now))
    first, second = joined
    return first, second


def stability_index(before: Ints, now: Ints) -> float:
    """Population stability index of two lists of counts over the same bins."""
    r = (before + 0.5) / (before.sum() + 0.5 * len(before))
    q = (now + 0.5) / (now.sum() + 0.5 * len(now))
    return float(((q - r) * np.log(q / r)).sum())


def index_noise(n: float, m: float, n_bins: int, chance: float) -> float:
    """Index that is exceeded with probability `chance` where nothing has changed."""
    if n_bins < 2:
        return 0.0
    return float((1.0 / n + 1.0 / m) * stats.chi2.ppf(1.0 - chance, n_bins - 1))


def area(y: Floats, p: Floats) -> tuple[float, float]:
    """Area under the curve and its variance."""
    churned, stayed = p[y == 1], p[y == 0]
    n, m = len(churned), len(stayed)
    ranks, own = stats.rankdata(np.concatenate([churned, stayed])), stats.rankdata(churned)
    above = (ranks[:n] - own) / m  # share of the stayed below each churned
    below = 1.0 - (ranks[n:] - stats.rankdata(stayed)) / n
    spread = (part.var(ddof=1) / len(part) if len(part) > 1 else 0.25 for part in (above, below))
    return float(above.mean()), float(sum(spread))


def top_lift(y: Floats, p: Floats, share: float) -> tuple[float, float]:
    """Churn rate of the riskiest share over that of all, and its variance; ties count in part.

    The variance is that of log(rate) - log(base) by the delta method; the two rise together.
    """
    size = share * len(p)
    order = np.sort(p)[::-1]
    edge = order[min(int(size), len(p) - 1)]
    above, at = p > edge, p == edge
    part = (size - above.sum()) / at.sum()
    hits = float(y[above].sum() + part * y[at].sum())
    rate, base = hits / size, float(y.mean())
    if hits == 0.0:
        return 0.0, 1.0 / (size * base)
    lift, all_hits = rate / base, base * len(y)
    spread = (1.0 - rate) / hits + (1.0 - base) / all_hits - 2.0 * (1.0 - rate) / all_hits
    return lift, lift**2 * max(spread, 0.0)


def calibration(y: Floats, p: Floats, n_groups: int = 10) -> tuple[float, float]:
    """Mean gap of rate and probability over groups of risk, and the chance of a larger misfit."""
    order = np.argsort(p, kind="stable")
    groups = [part for part in np.array_split(order, n_groups) if len(part)]
    gaps = np.array([y[part].sum() - p[part].sum() for part in groups])
    spread = np.array([(p[part] * (1.0 - p[part])).sum() for part in groups])
    told = spread > 0
    misfit = float((gaps[told] ** 2 / spread[told]).sum()) if told.any() else 0.0
    if (np.abs(gaps[~told]) > 1e-9).any():  # certain, and wrong
        return float(np.abs(gaps).sum() / len(y)), 0.0
    return float(np.abs(gaps).sum() / len(y)), float(stats.chi2.sf(misfit, max(told.sum(), 1)))
