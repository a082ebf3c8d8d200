"""How far two samples differ, and how far they would by chance.

The population stability index of shares q now and r before is sum (q - r) log(q / r) over the bins.
With n and m customers and nothing changed it is about (1/n + 1/m) times a chi-squared variable of
one degree less than there are bins: Yurdakul (2018), Statistical properties of the population
stability index, Western Michigan University. Half a customer is added to every bin.
Variance of the area under the curve: DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44,
837-845; where a customer has several rows, what they add is summed first: Obuchowski (1997),
Biometrics 53, 567-578. Calibration in groups: Hosmer and Lemeshow (1980), Communications in
Statistics A9, 1043-1069.

Area and lift also depend on whom they are measured on: where all are alike nobody can be told
apart. What probabilities promise for the customers at hand, were they right but for the level, is
the yardstick: van Klaveren, Gonen, Steyerberg and Vergouwe (2016), Statistics in Medicine 35,
4136-4152.
"""

import numpy as np
import numpy.typing as npt
from scipy import optimize, special, stats

from crmkit._validation import Floats
from crmkit.metrics._calibration import bin_of_groups
from crmkit.metrics._resampling import Falling

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


def area(y: Floats, p: Floats, groups: Ints | None = None) -> tuple[float, float]:
    """Area under the curve and its variance; rows of one of the `groups` are one customer's."""
    churned, stayed = y == 1, y == 0
    n, m = int(churned.sum()), int(stayed.sum())
    ranks = stats.rankdata(p)
    above = (ranks[churned] - stats.rankdata(p[churned])) / m  # share of the stayed below each
    below = 1.0 - (ranks[stayed] - stats.rankdata(p[stayed])) / n
    found = float(above.mean())
    part = np.empty(len(y))
    part[churned], part[stayed] = (above - found) / n, (below - found) / m
    single = 0.25 * ((n == 1) + (m == 1))  # one customer does not tell how others would differ
    return found, variance_of_sum(part, groups) + single


def top_lift(y: Floats, p: Floats, share: float, groups: Ints | None = None) -> tuple[float, float]:
    """Churn rate of the riskiest share over that of all, and its variance; ties count in part.

    The variance is that of log(rate) - log(base) by the delta method; the two rise together.
    """
    size = share * len(p)
    order = np.sort(p)[::-1]
    edge = order[min(int(size), len(p) - 1)]
    above, at = p > edge, p == edge
    held = above + at * (size - above.sum()) / at.sum()
    hits, base = float(held @ y), float(y.mean())
    rate = hits / size
    if hits == 0.0:
        return 0.0, 1.0 / (size * base)
    lift = rate / base
    part = held * (y - rate) / hits - (y - base) / y.sum()
    return lift, lift**2 * variance_of_sum(part, groups)


def variance_of_sum(part: Floats, groups: Ints | None) -> float:
    """Variance of a sum of parts of mean 0, those of a group drawn together."""
    each = part if groups is None else np.bincount(groups, weights=part)
    return float(each @ each) * len(each) / max(len(each) - 1, 1)


def at_rate(p: Floats, rate: float) -> Floats:
    """Probabilities whose log-odds are moved alike so that their mean is a rate."""
    odds = special.logit(p)

    def excess(shift: float) -> float:
        return float(special.expit(odds + shift).mean()) - rate

    if not excess(-50.0) < 0.0 < excess(50.0):  # only certainties are left: they cannot move
        return p
    return np.asarray(special.expit(odds + optimize.brentq(excess, -50.0, 50.0)))


def promised(p: Floats, rate: float, share: float) -> tuple[float, float]:
    """Area and lift to be expected of probabilities that hold but for their level."""
    q = at_rate(p, rate)
    if not q.any():
        return 0.5, 1.0
    lift = top_lift(q, p, share)[0]
    size, churned = Falling(p, q).grouped(np.ones((1, len(p))))
    stayed, own = size - churned, float((q * (1.0 - q)).sum())  # nobody is compared with himself
    pairs = float(churned.sum() * stayed.sum()) - own
    right = float((stayed * (np.cumsum(churned, axis=1) - churned / 2.0)).sum()) - own / 2.0
    return (right / pairs if pairs > 0 else 0.5), lift


def calibration(y: Floats, p: Floats, n_groups: int = 10) -> tuple[float, float]:
    """Mean gap of rate and probability over groups of risk, and the chance of a larger misfit.

    Customers of equal probabilities stay in one group.
    """
    order = Falling(p, y)
    size, churned = order.grouped(np.ones((1, len(p))))
    place = bin_of_groups(size, n_groups)[0]
    own = p[order.order][order.starts]
    gaps = np.bincount(place, weights=churned[0] - size[0] * own)
    spread = np.bincount(place, weights=size[0] * own * (1.0 - own))
    told = spread > 0
    misfit = float((gaps[told] ** 2 / spread[told]).sum()) if told.any() else 0.0
    if (np.abs(gaps[~told]) > 1e-9).any():  # certain, and wrong
        return float(np.abs(gaps).sum() / len(y)), 0.0
    return float(np.abs(gaps).sum() / len(y)), float(stats.chi2.sf(misfit, max(told.sum(), 1)))
