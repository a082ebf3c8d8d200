"""Futures of customers one by one: what could happen, under what the parameters could be.

An interval for a customer mixes two doubts: about the parameters (draws from their posterior) and
about the customer's own future, which is chance even where the parameters are known. Each draw of
the parameters plays a few futures for every distinct state (what the future of a customer who is
alive depends on). A customer's own chance to be alive, its mean over the draws, then tells which
of these futures is an end: the gone buy nothing, so the share q of all futures is the share
(q - gone) / alive of those of the living.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit._validation import Floats
from crmkit.clv._distinct import row_codes

_MOST_TWINS = 200  # draws of the parameters: more futures than that are shared among them
_FOR_ALIVE = 50  # draws that the chance to be alive is averaged over
_BLOCK = 2_000_000  # futures held at once
_MOST_COUNTED = 1e15  # purchases beyond which they are not drawn one by one

Futures = Callable[[Any, Floats, int], Floats]
"""A twin of the model with drawn parameters, states, and the futures wanted of each in; those
futures out, of shape (n_states * futures,)."""


def n_twins(n_futures: int) -> int:
    """Number of draws of the parameters that serve so many futures."""
    return min(n_futures, _MOST_TWINS)


def interval(
    states: Floats,
    alive: Floats,
    twins: Sequence[Any],
    n_futures: int,
    level: float,
    futures: Futures,
) -> Floats:
    """Lower and upper end for each customer, of shape (n_customers, 2).

    Ends are futures that occur: the smallest with at least the tail's share of futures up to it.
    Both tails are equal, but where the lower end is 0, below which nothing lies, the upper end
    leaves the whole of 1 - level above.

    Parameters
    ----------
    states : ndarray of shape (n_customers, n_columns)
        What the future of each depends on if alive.
    alive : ndarray of shape (n_customers,)
        Probability of each to be alive.
    twins : sequence of models
        Models with drawn parameters.
    n_futures : int
        Futures of each state, at least.
    level : float
        Probability that the interval holds.
    futures : callable
        Plays futures.
    """
    codes, first = row_codes(*states.T, sort=True)
    order = np.argsort(codes, kind="stable")
    begins = np.searchsorted(codes[order], np.arange(len(first) + 1))
    repeats = -(-n_futures // len(twins))
    size = max(1, _BLOCK // (repeats * len(twins)))
    ends = np.empty((len(states), 2))
    for start in range(0, len(first), size):
        stop = min(start + size, len(first))
        some = states[first[start:stop]]
        played = [futures(twin, some, repeats).reshape(len(some), repeats) for twin in twins]
        table = np.sort(np.hstack(played), axis=1)
        rows = order[begins[start] : begins[stop]]
        place, living = codes[rows] - start, alive[rows]
        shares = ((1.0 - level) / 2.0, level, (1.0 + level) / 2.0)
        low, one_sided, high = (_quantile(table, place, living, share) for share in shares)
        ends[rows] = np.column_stack([low, np.where(low <= 0.0, one_sided, high)])
    return ends


def mean_alive(twins: Sequence[Any], rows: Floats) -> Floats:
    """Probability to be alive, averaged over the first draws of the parameters."""
    codes, first = row_codes(*rows.T)
    distinct = rows[first]
    some = twins[:_FOR_ALIVE]
    total = np.zeros(len(distinct))
    for twin in some:
        total += twin._alive(distinct)
    return np.asarray(total[codes] / len(some))


def poisson_path(
    rate: Floats, horizons: Floats, random: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Events by each of increasing horizons at steady rates: (n_horizons, n_customers)."""
    expected = np.minimum(rate * np.diff(horizons, prepend=0.0)[:, None], _MOST_COUNTED)
    return np.asarray(np.cumsum(random.poisson(expected), axis=0))


def _quantile(
    table: Floats, place: npt.NDArray[np.int64], alive: Floats, share: float
) -> npt.NDArray[Any]:
    """Quantile of what each customer does: a row of sorted futures if alive, else nothing."""
    gone = 1.0 - alive
    of_living = np.divide(share - gone, alive, out=np.zeros(len(alive)), where=share > gone)
    index = np.ceil(of_living * table.shape[1] - 1e-9).astype(np.int64) - 1
    found = table[place, np.clip(index, 0, table.shape[1] - 1)]
    return np.asarray(np.where(share > gone, found, 0.0))
