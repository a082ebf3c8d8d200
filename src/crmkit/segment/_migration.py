"""Migration: who was in which segment at which date, as counts, shares, lists and a forecast.

With c_i(t) the state of customer i at date t, the count of a pair of dates is

    N[a, b] = #{i : c_i(t) = a, c_i(t + 1) = b}

and its share N[a, b] / sum_b N[a, b]. Who is not yet a customer at the first date is new, so that
the customers of the second date are those of the first and the new ones: nobody is lost from the
count.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit._notebook import Told
from crmkit._validation import Floats, check_choice
from crmkit.exceptions import DataError
from crmkit.segment._migration_text import told
from crmkit.segment._segment_forecast import SegmentForecast, make_forecast
from crmkit.segment._segments_at import LOST, NEW, Codes

if TYPE_CHECKING:
    import pandas as pd

OWNER = "Migration"

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Migration(Told):
    """Hold who was in which segment at which date; `migration_matrix` makes it.

    ``print`` it for the story in words. The states are "(new)" (not yet a customer at the first
    date of a pair), the segments, and "(lost)" where a rule says who is.

    Attributes
    ----------
    dates : tuple of datetime
        The cut-offs, each exclusive.
    segments : tuple of str
        Names of the segments, in the order of the segmenter.
    codes : ndarray of int, shape (n_customers, n_dates)
        Segment of each customer at each date: 0 is not yet a customer, k the k-th of `segments`,
        one more than there are segments is lost.
    ids : ndarray of shape (n_customers,)
        Ids of those who bought before the last date, ascending.
    customer : str
        Name of the column of ids.
    lost_after : float or None
        Days of silence after which a customer is lost; None where no rule says so.
    segmenter : estimator
        The fitted segmenter, whose edges stood still.
    """

    dates: tuple[datetime, ...]
    segments: tuple[str, ...]
    codes: Codes = field(repr=False)
    ids: npt.NDArray[Any] = field(repr=False)
    customer: str
    told: dict[str, Any] = field(repr=False)
    lost_after: float | None
    segmenter: Any = field(repr=False)

    @property
    def states(self) -> tuple[str, ...]:
        """New, the segments and, where a rule says so, lost: the rows of a matrix."""
        return (NEW, *self.segments, *([] if self.lost_after is None else [LOST]))

    @property
    def n_pairs(self) -> int:
        """Pairs of neighbouring dates."""
        return len(self.dates) - 1

    @cached_property
    def counts(self) -> Counts:
        """Customers by pair of dates, state before and state after: (n_pairs, states, states)."""
        return pair_counts(self.codes, len(self.states))

    @cached_property
    def size_counts(self) -> Counts:
        """Customers by date and state but new, shape (n_dates, states - 1)."""
        n = len(self.states)
        return np.array([np.bincount(c, minlength=n)[1:] for c in self.codes.T], dtype=np.int64)

    def matrix(self, pair: int | None = None, *, shares: bool = True) -> "pd.DataFrame":
        """Who moved where as a table: one row per state before, one column per state after.

        Parameters
        ----------
        pair : int or None, default=None
            Which pair of dates, counted from 0, -1 is the last; None adds up all of them.
        shares : bool, default=True
            Shares of the row (0 to 1; a row without customers is NaN) instead of customers.

        Returns
        -------
        pandas.DataFrame
            Rows "(new)", the segments and "(lost)"; columns without "(new)". Shares of a row with
            customers add up to 1.

        Raises
        ------
        DataError
            If there is no such pair.
        """
        import pandas as pd  # counts do without it

        counts = self.counts.sum(axis=0) if pair is None else self.counts[self._pair(pair)]
        counts = counts[:, 1:]
        values = row_shares(counts) if shares else counts
        rows = pd.Index(self.states, name="from")
        return pd.DataFrame(values, index=rows, columns=pd.Index(self.states[1:], name="to"))

    def frame(self) -> Any:
        """Every cell of every pair of dates, one row each, in the library of the log.

        Returns
        -------
        frame
            `from_date`, `to_date`, `from_segment`, `to_segment`, `n_customers` and `share` (of
            those in `from_segment`, 0 to 1, NaN where there are none).
        """
        states = np.array(self.states)
        n, shape = len(states), (self.n_pairs, len(states), len(states) - 1)
        pair, before, after = (axis.ravel() for axis in np.indices(shape))
        days = self._days()
        counts = self.counts[:, :, 1:]
        columns = {
            "from_date": days[pair],
            "to_date": days[pair + 1],
            "from_segment": states[before],
            "to_segment": states[1:][after],
            "n_customers": counts.ravel(),
            "share": row_shares(counts.reshape(-1, n - 1)).ravel(),
        }
        return _frames.id_frame(columns, {"library": self.told["library"], "types": {}})

    def sizes(self) -> Any:
        """Customers of each state at each date, one row each, in the library of the log.

        Returns
        -------
        frame
            `date`, `segment`, `n_customers` and `share` (of all customers of the date, 0 to 1).
        """
        sizes = self.size_counts
        date, state = (axis.ravel() for axis in np.indices(sizes.shape))
        columns = {
            "date": self._days()[date],
            "segment": np.array(self.states[1:])[state],
            "n_customers": sizes.ravel(),
            "share": row_shares(sizes).ravel(),
        }
        return _frames.id_frame(columns, {"library": self.told["library"], "types": {}})

    def movers(self, from_: str, to: str, pair: int = -1) -> Any:
        """Who moved from one segment to another: two names in, a frame of customer ids out.

        Parameters
        ----------
        from_ : str
            State at the first date of the pair, such as "Champions" or "(new)".
        to : str
            State at the second; the same name gives those who stayed.
        pair : int, default=-1
            Which pair of dates, counted from 0; -1 is the last.

        Returns
        -------
        frame
            The ids, ascending, under their name and with their type, in the library of the log.

        Raises
        ------
        DataError
            If there is no such state or pair, or `to` is "(new)", which nobody comes to.
        """
        i = self._pair(pair)
        before, after = (self._state(name) for name in (from_, to))
        if after == 0:
            raise DataError(f"{OWNER}: nobody moves to {NEW!r}: customers come from it.")
        found = (self.codes[:, i] == before) & (self.codes[:, i + 1] == after)
        return _frames.id_frame({self.customer: self.ids[found]}, self.told)

    def forecast(
        self,
        periods: int,
        start: Mapping[str, float] | None = None,
        *,
        new: float | None = None,
        recent: int = 3,
        n_draws: int = 1000,
        level: float = 0.9,
        random_state: int | None = 0,
    ) -> SegmentForecast:
        """Foretell the sizes of the segments: a number of periods in, sizes with bands out.

        Customers are taken to move as they did on average over the pairs of dates, whatever their
        path before (a Markov chain), and the new ones to come as they lately did. ``print`` the
        result: it tells how well the same forecast would have met the last date.

        Parameters
        ----------
        periods : int
            How many periods ahead, each as long as the distance of the dates.
        start : mapping of str to float or None, default=None
            Customers of each state at the beginning, what it leaves out is 0; None is the last
            date.
        new : float or None, default=None
            New customers of each period; None is their mean over the last `recent` pairs.
        recent : int, default=3
            Pairs of dates, from the last one back, that tell who is new.
        n_draws : int, default=1000
            Paths that are drawn for the bands: each of their periods moves like one of the pairs,
            drawn at random, its shares resampled over customers and every customer's move drawn.
        level : float, default=0.9
            Probability of the bands, between 0 and 1.
        random_state : int or None, default=0
            Seed of the draws.

        Returns
        -------
        SegmentForecast
            Expected sizes with bands, and the check.

        Raises
        ------
        DataError
            If the dates are not equally far apart (within a quarter), or a parameter has no
            meaning.
        """
        return make_forecast(self, periods, start, new, recent, n_draws, level, random_state)

    def _pair(self, pair: int) -> int:
        if isinstance(pair, bool) or not isinstance(pair, (int, np.integer)):
            raise DataError(f"{OWNER}: pair must be a whole number, got {pair!r}.")
        if not -self.n_pairs <= pair < self.n_pairs:
            raise DataError(f"{OWNER}: there are {self.n_pairs} pairs of dates, got pair={pair}.")
        return int(pair) % self.n_pairs

    def _state(self, name: str) -> int:
        check_choice(name, "a state", self.states, OWNER)
        return self.states.index(name)

    def _days(self) -> npt.NDArray[np.datetime64]:
        return np.array([date.replace(tzinfo=None) for date in self.dates], dtype="M8[us]")

    def _tables(self) -> dict[str, Any]:
        return {"From (rows) to (columns), as shares": self.matrix()}

    def __repr__(self) -> str:
        span = f"{self.dates[0]:%Y-%m-%d} to {self.dates[-1]:%Y-%m-%d}"
        told = f"{len(self.ids):,} customers among {len(self.segments)} segments"
        return f"<Migration of {told}, {len(self.dates)} dates from {span}>"

    def __str__(self) -> str:
        return told(self)


def pair_counts(codes: Codes, n_states: int) -> Counts:
    """Customers by state before and after, for each pair of neighbouring columns of codes."""
    counts = np.empty((codes.shape[1] - 1, n_states, n_states), dtype=np.int64)
    for i in range(len(counts)):
        cells = codes[:, i].astype(np.int32) * n_states
        cells += codes[:, i + 1]
        counts[i] = np.bincount(cells, minlength=n_states**2).reshape(n_states, n_states)
    counts[:, 0, 0] = 0  # not yet a customer at either date: nobody's move
    return counts


def row_shares(counts: Counts) -> Floats:
    """Shares of each row, NaN where it holds nobody."""
    totals = counts.sum(axis=-1, keepdims=True)
    shares: Floats = np.full(counts.shape, np.nan)
    np.divide(counts, totals, out=shares, where=totals > 0)
    return shares
