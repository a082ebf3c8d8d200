"""Futures of customers one by one: what could happen, under what the parameters could be.

An interval for a customer mixes two doubts: about the parameters (a draw from their posterior) and
about the customer's own future, which is chance even where the parameters are known. Each draw of
the parameters plays a few futures for every distinct row.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit._validation import Floats
from crmkit.clv._distinct import row_codes

_MOST_DRAWS = 200  # of the parameters: more futures than that are shared among them
_BLOCK = 2_000_000  # futures held at once
_MOST_COUNTED = 1e15  # purchases beyond which they are not drawn one by one

Simulate = Callable[[Any, Floats, int], Floats]
"""A twin of the model with drawn parameters, rows, futures per row in; (n_rows, futures) out."""


def interval(
    rows: Floats, twins: Sequence[Any], n_futures: int, level: float, simulate: Simulate
) -> Floats:
    """Lower and upper end for each row, of shape (n_rows, 2), from simulated futures.

    Ends are values that occur: the smallest with at least the tail's share of futures up to it.
    Both tails are equal, but where the lower end is 0, below which nothing lies, the upper end
    leaves the whole of 1 - level above.
    """
    codes, first = row_codes(*rows.T, sort=True)
    distinct = rows[first]
    repeats = -(-n_futures // len(twins))
    ends = np.empty((len(distinct), 2))
    for part in _blocks(len(distinct), repeats * len(twins)):
        futures = np.hstack([simulate(twin, distinct[part], repeats) for twin in twins])
        shares = [(1.0 - level) / 2.0, level, (1.0 + level) / 2.0]
        low, one_sided, high = np.quantile(futures, shares, axis=1, method="inverted_cdf")
        ends[part] = np.column_stack([low, np.where(low <= 0.0, one_sided, high)])
    return ends[codes]


def n_twins(n_futures: int) -> int:
    """Number of draws of the parameters that serve so many futures."""
    return min(n_futures, _MOST_DRAWS)


def counts(
    model: Any, rows: Floats, horizons: Floats, repeats: int, random: np.random.Generator
) -> npt.NDArray[Any]:
    """Purchases by each horizon in futures of each row: (n_horizons, n_rows * repeats)."""
    alive = np.repeat(model._alive(rows), repeats)
    future = model._future_if_alive(np.repeat(rows, repeats, axis=0), horizons, random)
    return np.asarray(future * (random.random(len(alive)) < alive))


def poisson_path(
    rate: Floats, horizons: Floats, random: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Events by each of increasing horizons at steady rates: (n_horizons, n_customers)."""
    expected = np.minimum(rate * np.diff(horizons, prepend=0.0)[:, None], _MOST_COUNTED)
    return np.asarray(np.cumsum(random.poisson(expected), axis=0))


def _blocks(n_rows: int, n_futures: int) -> Iterator[slice]:
    size = max(1, _BLOCK // n_futures)
    for start in range(0, n_rows, size):
        yield slice(start, start + size)
