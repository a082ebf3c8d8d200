"""Sizes of segments ahead: a Markov chain whose periods move as past periods did.

With P the mean over the pairs of dates of the shares of each row, and m the mean number of new
customers by segment, the expected sizes are

    s(t + 1) = s(t) P + m.

The bands come from paths. Each period of a path takes the moves of one past pair, drawn at random,
with its shares drawn anew by the Bayesian bootstrap over customers (Rubin 1981, Annals of
Statistics 9, 130-134), then draws the move of every customer; its new customers are those of a
recent pair. Their mean is the expectation, their spread holds both chance and how periods differ.
"""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit._notebook import Told
from crmkit._validation import Floats, check_real, check_share, check_whole, generator
from crmkit.exceptions import DataError, nearest
from crmkit.segment._markov_check import MarkovCheck, check_chain
from crmkit.segment._migration_text import told_forecast

if TYPE_CHECKING:
    from crmkit.segment._migration import Migration

OWNER = "Migration.forecast"
UNEVEN = 1.25
"""Longest distance of dates over the shortest, above which a period has no length."""

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class SegmentForecast(Told):
    """Hold expected sizes of segments with bands; `Migration.forecast` makes it.

    ``print`` it for the sizes and the check of the assumption behind them.

    Attributes
    ----------
    dates : tuple of datetime
        The last known date and those ahead.
    states : tuple of str
        The segments, and "(lost)" where a rule says who is.
    expected : ndarray of shape (periods + 1, n_states)
        Expected customers; the first row is the start.
    lower, upper : ndarray of shape (periods + 1, n_states)
        Ends of the bands, customers.
    level : float
        Probability of the bands.
    new : float
        New customers of each period.
    n_pairs : int
        Pairs of dates that it was learnt from.
    check : MarkovCheck or None
        How the last known date would have been met; None with fewer than three dates.
    """

    dates: tuple[datetime, ...]
    states: tuple[str, ...]
    expected: Floats = field(repr=False)
    lower: Floats = field(repr=False)
    upper: Floats = field(repr=False)
    level: float
    new: float
    n_pairs: int
    check: MarkovCheck | None = field(repr=False)
    library: str = field(repr=False)

    def frame(self) -> Any:
        """Sizes by date and segment, one row each, in the library of the log.

        Returns
        -------
        frame
            `date`, `segment`, `n_customers` (expected), `lower`, `upper`, and `share` (of all
            customers expected at the date, 0 to 1; NaN of nobody); the dates ahead only.
        """
        ahead = self.expected[1:]
        date, state = (axis.ravel() for axis in np.indices(ahead.shape))
        days = np.array([d.replace(tzinfo=None) for d in self.dates[1:]], dtype="M8[us]")
        whole = ahead.sum(axis=1, keepdims=True)
        share = np.divide(ahead, whole, out=np.full(ahead.shape, np.nan), where=whole > 0)
        columns = {
            "date": days[date],
            "segment": np.array(self.states)[state],
            "n_customers": ahead.ravel(),
            "lower": self.lower[1:].ravel(),
            "upper": self.upper[1:].ravel(),
            "share": share.ravel(),
        }
        return _frames.id_frame(columns, {"library": self.library, "types": {}})

    def __repr__(self) -> str:
        span = f"{self.dates[0]:%Y-%m-%d} to {self.dates[-1]:%Y-%m-%d}"
        return f"<SegmentForecast of {len(self.states)} states, {span}>"

    def __str__(self) -> str:
        return told_forecast(self)


def make_forecast(
    moves: "Migration",
    periods: int,
    start: Mapping[str, float] | None,
    new: float | None,
    recent: int,
    n_draws: int,
    level: float,
    random_state: int | None,
) -> SegmentForecast:
    """Expected sizes and bands of the states but new."""
    for value, name in ((periods, "periods"), (recent, "recent"), (n_draws, "n_draws")):
        check_whole(value, name, OWNER, low=1)
    check_share(level, "level", OWNER)
    if new is not None:
        check_real(new, "new", OWNER, low=0.0)
    dates = dates_ahead(moves.dates, periods)
    sizes = begin_sizes(start, moves)
    rng = generator(random_state, OWNER)
    expected, lower, upper = paths(moves.counts, sizes, periods, new, recent, n_draws, level, rng)
    mean_new = float(new_by_pair(moves.counts, recent).sum(axis=1).mean())
    return SegmentForecast(
        dates=dates,
        states=moves.states[1:],
        expected=expected,
        lower=lower,
        upper=upper,
        level=level,
        new=mean_new if new is None else float(new),
        n_pairs=moves.n_pairs,
        check=_check(moves, recent, n_draws, level, rng) if moves.n_pairs > 1 else None,
        library=moves.told["library"],
    )


def _check(
    moves: "Migration", recent: int, n_draws: int, level: float, rng: np.random.Generator
) -> MarkovCheck:
    """Foretell the last date from those before it, and look at two steps at once."""
    known, sizes = moves.counts[:-1], moves.size_counts
    bands = paths(known, sizes[-2].astype(float), 1, None, recent, n_draws, level, rng)
    one_step = tuple(band[1] for band in bands)
    return check_chain(one_step, sizes, moves.codes[:, -3:], len(moves.states))


def begin_sizes(start: Mapping[str, float] | None, moves: "Migration") -> Floats:
    """Customers of each state but new at the beginning."""
    if start is None:
        last: Floats = moves.size_counts[-1].astype(np.float64)
        return last
    states = moves.states[1:]
    if not isinstance(start, Mapping):
        raise DataError(
            f"{OWNER}: start must be a mapping from segments to customers, got {start!r}."
        )
    for name, value in start.items():
        if name not in states:
            hint = nearest(str(name), states)
            meant = "" if hint is None else f" Did you mean {hint!r}?"
            raise DataError(f"{OWNER}: start has {name!r}, the states are {list(states)}.{meant}")
        check_real(value, f"start[{name!r}]", OWNER, low=0.0)
    return np.array([float(start.get(name, 0.0)) for name in states])


def dates_ahead(dates: Sequence[datetime], periods: int) -> tuple[datetime, ...]:
    """The last date and those ahead: by calendar months where the dates are, else by days.

    Month ends stay month ends; a day that a month does not have is its last one.
    """
    gaps = [(b.date() - a.date()).days for a, b in pairwise(dates)]
    if min(gaps) < 1 or max(gaps) > UNEVEN * min(gaps):
        raise DataError(
            f"{OWNER}: a forecast needs dates at equal distances, these lie {min(gaps)} to "
            f"{max(gaps)} days apart. Choose dates such as the first of each month."
        )
    months = [12 * d.year + d.month - 1 for d in dates]
    steps = {b - a for a, b in pairwise(months)}
    last = dates[-1]
    ends = [monthrange(d.year, d.month)[1] for d in dates]
    day = 31 if [d.day for d in dates] == ends else max(d.day for d in dates)
    alike = all(d.day == min(day, end) for d, end in zip(dates, ends, strict=True))
    if len(steps) == 1 and 0 not in steps and alike:
        ahead = [divmod(months[-1] + min(steps) * i, 12) for i in range(1, periods + 1)]
        on = [(year, month + 1, monthrange(year, month + 1)[1]) for year, month in ahead]
        return (last, *(last.replace(year=y, month=m, day=min(day, end)) for y, m, end in on))
    days = round(sum(gaps) / len(gaps))
    return (last, *(last + timedelta(days=days * i) for i in range(1, periods + 1)))


def paths(
    counts: Counts,
    start: Floats,
    periods: int,
    new: float | None,
    recent: int,
    n_draws: int,
    level: float,
    rng: np.random.Generator,
) -> tuple[Floats, Floats, Floats]:
    """Expected sizes, and the lower and upper ends of their bands; the start is the first row."""
    shares = pair_shares(counts[:, 1:, 1:])
    chain, arrivals = shares.mean(axis=0), new_by_pair(counts, recent).astype(np.float64)
    coming = arrivals.mean(axis=0)
    if new is not None:
        coming = new * entry_shares(counts, recent)
    expected = [start]
    for _ in range(periods):
        expected.append(expected[-1] @ chain + coming)
    sizes = np.tile(np.rint(start).astype(np.int64), (n_draws, 1))
    bands = [np.stack([start, start])]
    ends = [(1.0 - level) / 2.0, (1.0 + level) / 2.0]
    for _ in range(periods):
        drawn = rng.integers(len(counts), size=n_draws)
        moves = resampled(counts[:, 1:, 1:][drawn], shares[drawn], rng)
        sizes = rng.multinomial(sizes, moves).sum(axis=1)
        if new is None:
            sizes += arrivals[rng.integers(len(arrivals), size=n_draws)].astype(np.int64)
        else:
            sizes += rng.poisson(coming, size=sizes.shape)
        bands.append(np.quantile(sizes, ends, axis=0))
    lower, upper = np.stack(bands, axis=1)
    return np.stack(expected), lower, upper


def pair_shares(counts: Counts) -> Floats:
    """Shares of each row of each pair; who has no example in a pair moves as in the others.

    A state that was never left, because nobody was ever seen in it before the last date, keeps
    its customers.
    """
    n = counts.sum(axis=-1, keepdims=True)
    shares = np.divide(counts, n, out=np.zeros(counts.shape), where=n > 0)
    seen = (n > 0).sum(axis=0)
    mean = np.divide(
        shares.sum(axis=0),
        seen,
        out=np.eye(counts.shape[-1]),
        where=np.broadcast_to(seen > 0, counts.shape[1:]),
    )
    filled: Floats = np.where(n > 0, shares, mean)
    return filled


def new_by_pair(counts: Counts, recent: int) -> Counts:
    """New customers by segment of the last pairs, shape (pairs, states)."""
    return counts[-recent:, 0, 1:]


def entry_shares(counts: Counts, recent: int) -> Floats:
    """Shares of the segments that new customers come to: lately, else ever, else all alike."""
    for rows in (new_by_pair(counts, recent), counts[:, 0, 1:]):
        total = rows.sum(axis=0)
        if total.sum():
            shares: Floats = total / total.sum()
            return shares
    return np.full(counts.shape[-1] - 1, 1.0 / (counts.shape[-1] - 1))


def resampled(counts: Counts, shares: Floats, rng: np.random.Generator) -> Floats:
    """Shares of rows with their customers weighted at random; rows without customers as given."""
    weights = rng.standard_gamma(counts)
    total = weights.sum(axis=-1, keepdims=True)
    moves: Floats = np.divide(weights, total, out=shares.copy(), where=total > 0)
    moves /= moves.sum(axis=-1, keepdims=True)
    return moves
