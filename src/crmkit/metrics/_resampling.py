"""Resamples as weights: how often each customer was drawn, and what holds of groups so weighted.

A resample is a whole number of times that each customer counts. Scores of a resample are sums with
these weights, many resamples at once: a row each.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit._progress import SILENT, Progress
from crmkit._validation import Floats
from crmkit.exceptions import DataError

_BLOCK = 1 << 20  # numbers held at once


def drawn_weights(
    n: int,
    n_resamples: int,
    random: np.random.Generator,
    cluster: npt.NDArray[np.intp] | None = None,
    *,
    progress: Progress = SILENT,
) -> Iterator[Floats]:
    """Weights of n rows in blocks of shape (resamples, n); rows of one `cluster` come together."""
    step = max(1, _BLOCK // n)
    units = n if cluster is None else int(cluster.max()) + 1
    for begin in progress.over(range(0, n_resamples, step), "drawing customers, block"):
        size = min(step, n_resamples - begin)
        drawn = random.integers(units, size=(size, units)) + units * np.arange(size)[:, None]
        weight = np.bincount(drawn.ravel(), minlength=size * units).reshape(size, units)
        yield (weight if cluster is None else weight[:, cluster]).astype(np.float64)


def clusters(groups: npt.ArrayLike | None, n: int, owner: str) -> npt.NDArray[np.intp] | None:
    """Number of the customer of each row, or None where every row is a customer of its own."""
    if groups is None:
        return None
    code, _ = pd.factorize(np.asarray(groups))
    if len(code) != n:
        raise DataError(f"{owner}: groups has {len(code):,} rows and y_true {n:,}.")
    if (code < 0).any():
        raise DataError(f"{owner}: groups has {(code < 0).sum():,} missing customers.")
    return code


class Falling:
    """Customers in falling order of a forecast: `groups` of equal forecasts begin at `starts`."""

    def __init__(self, by: Floats, true: Floats) -> None:
        self.order = np.argsort(-by, kind="stable")
        ahead = by[self.order]
        self.starts = np.flatnonzero(np.append(True, ahead[1:] != ahead[:-1]))
        self.group = np.empty(len(by), dtype=np.int64)
        self.group[self.order] = np.repeat(
            np.arange(len(self.starts)), np.diff(np.append(self.starts, len(by)))
        )
        self.true = true[self.order]

    def grouped(self, weight: Floats) -> tuple[Floats, Floats]:
        """Number of customers and actual value in each group, a row a resample."""
        drawn = weight[:, self.order]
        size = np.add.reduceat(drawn, self.starts, axis=1)
        return size, np.add.reduceat(drawn * self.true, self.starts, axis=1)


def gini_of_groups(size: Floats, value: Floats) -> Floats:
    """Gini coefficient of values held by groups in this order, customers of a group alike."""
    held = np.cumsum(value, axis=1)
    total = np.where(held[:, -1] > 0, held[:, -1], np.nan)
    area = (size * (held - value / 2.0)).sum(axis=1) / (size.sum(axis=1) * total)
    return np.asarray(2.0 * area - 1.0)


def middle_ranks(size: Floats) -> Floats:
    """Mean rank of the customers of each group, less the mean rank of all."""
    last = np.cumsum(size, axis=1)
    return np.asarray(last - size / 2.0 - last[:, -1:] / 2.0)


def held_by_best(size: Floats, value: Floats, share: float) -> Floats:
    """Part of the total that the first `share` of the customers hold."""
    last, held = np.cumsum(size, axis=1), np.cumsum(value, axis=1)
    target = share * last[:, -1]
    rows = np.arange(len(size))
    cut = np.minimum((last < target[:, None]).sum(axis=1), size.shape[1] - 1)
    part = (target - (last - size)[rows, cut]) / np.maximum(size[rows, cut], 1.0)
    total = np.where(held[:, -1] > 0, held[:, -1], np.nan)
    return np.asarray(((held - value)[rows, cut] + part * value[rows, cut]) / total)


def sums_of_best(size: Floats, value: Floats, shares: Floats) -> Floats:
    """Value of the first customers, up to each of the shares, those of a group alike."""
    none = np.zeros((len(size), 1))
    last = np.concatenate([none, np.cumsum(size, axis=1)], axis=1)
    held = np.concatenate([none, np.cumsum(value, axis=1)], axis=1)
    rows = zip(last, held, strict=True)
    return np.stack([np.interp(shares * upto[-1], upto, amount) for upto, amount in rows])
