"""The history of one customer: the probability of being alive on every day, purchases marked."""

from collections.abc import Mapping
from datetime import datetime
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit import _frames
from crmkit._validation import Floats
from crmkit.events import EventLog
from crmkit.events._instants import read_instant, wall_microseconds
from crmkit.events._summarize import Unit, ages
from crmkit.events._windows import read_histories
from crmkit.exceptions import DataError, nearest
from crmkit.plotting._models import check_model, known_unit, merge_period, period_begins, rows_for
from crmkit.plotting._style import BLUE, INK, PALE, as_percent, label, prepare, time_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Integers = npt.NDArray[np.int64]
OWNER = "plot_alive_path"
N_POINTS = 600


def plot_alive_path(
    model: Any,
    history: Any,
    customer: Any = None,
    *,
    as_of: Any = None,
    period: Unit | None = None,
    covariates: Mapping[str, float] | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw P(alive) of one customer day by day: a fitted model and purchases in, axes out.

    Use it to talk about a single customer: how long a silence is unusual for this one, and what
    each purchase changed. Each day shows what the model would have said with the purchases until
    then. Under BG/NBD the line stays at 1 before the first repeat purchase: nobody can leave
    before it in that model.

    Parameters
    ----------
    model : purchase model
        Fitted, with a known unit.
    history : EventLog or sequence of dates
        The events of all customers, or the purchase dates of one.
    customer : customer id, default=None
        Who, as written in the log; needed for an `EventLog`, else only a name for the title.
    as_of : str, date, datetime or None, default=None
        Exclusive end of the line. None is the end of the log, and it cannot be later; for a
        sequence of dates it has to be told, because a silence at its end does not show. A last
        period that is not over is drawn if the customer bought in it: else it tells nothing yet.
    period : {"h", "D", "W", "M"} or None, default=None
        Purchases within one period count once, as in `summarize`: give the one given there. None
        is a day (an hour for ``unit="h"``).
    covariates : mapping of str to float, default=None
        Values of the covariates of this customer, for a model that reads some.
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with the line and a triangle for each purchase period.

    Raises
    ------
    DataError
        If the model is not fitted or its unit not known, the customer is not in the log or had
        not bought before `as_of`, or `as_of` is after the end of the log.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from crmkit.clv import BetaGeoModel
    >>> published = {"r": 0.2426, "alpha": 4.414, "a": 0.793, "b": 2.426}
    >>> model = BetaGeoModel.from_dict({"init": {"unit": "W"}, "fitted": {"params_": published}})
    >>> dates = ["2024-01-01", "2024-02-10", "2024-03-01"]
    >>> ax = plot_alive_path(model, dates, as_of="2024-09-01", ax=Figure().add_subplot())
    >>> round(float(ax.lines[0].get_ydata()[-1]), 3)
    0.267
    """
    check_model(model, OWNER)
    unit = known_unit(model, OWNER)
    period = merge_period(period, unit, OWNER)
    if isinstance(history, EventLog):
        bought, end, instant = periods_of(history, customer, as_of, period)
    else:
        bought, end, instant = periods_from(history, as_of, period)
    at, alive = path(model, bought, end, unit, period, covariates)
    ax = prepare(ax, OWNER, size=(7.0, 3.4))
    ends = np.minimum(period_begins(at + 1, period), on_clock(instant, period))
    ax.plot(ends, alive, color=BLUE, linewidth=2, marker="o" if len(at) == 1 else "")
    _mark(ax, period_begins(bought, period))
    time_axis(ax)
    ax.yaxis.set_major_formatter(as_percent)
    ax.grid(axis="y", color=PALE)
    who = "The customer" if customer is None else f"Customer {customer}"
    label(
        ax,
        title=f"{who}: P(alive) is {as_percent(alive[-1])} on {ends[-1].astype('datetime64[D]')}",
        x=f"date (a triangle is a purchase: {len(bought):,} in all)",
        y="probability of being alive",
    )
    return ax


def _mark(ax: "Axes", bought: npt.NDArray[np.datetime64]) -> None:
    """A triangle below the line for each purchase."""
    ax.plot(
        bought,
        np.full(len(bought), -0.05),
        linestyle="none",
        marker="^",
        markersize=6 if len(bought) <= 60 else 3,
        color=INK,
        label="purchase",
    )
    ax.set_ylim(-0.1, 1.03)
    ax.set_yticks([0.0, 0.25, 0.5, 0.75, 1.0])


def on_clock(instant: datetime, period: Unit) -> np.datetime64:
    """Instant on the clock by which the periods count: UTC for hours, else the wall."""
    micro = _frames.microseconds(instant) if period == "h" else wall_microseconds(instant)
    return np.datetime64(micro // 60_000_000, "m")


def periods_of(
    log: EventLog, customer: Any, as_of: Any, period: Unit
) -> tuple[Integers, int, datetime]:
    """Purchase periods of one customer before `as_of`, the last whole period, and `as_of`."""
    if customer is None:
        raise DataError(f"{OWNER}: say which customer of the log, for example customer='00004'.")
    instant, end = log.cutoff(as_of, OWNER), log.cutoff(None, OWNER)
    if instant > end:
        raise DataError(
            f"{OWNER}: as_of={as_of} is after the end of the log ({end:%Y-%m-%d}): whether the "
            "customer came then is unknown. Choose an earlier as_of."
        )
    histories = read_histories(log, as_of, period, OWNER)
    ids = histories.ids.to_list()
    if customer not in ids:
        raise unknown_customer(customer, ids, log, as_of)
    place, rows = ids.index(customer), histories.purchases
    bought = rows.period[rows.start[place] : rows.start[place + 1]]
    if not len(bought):
        raise DataError(f"{OWNER}: customer {customer!r} had only returns before as_of.")
    return bought, histories.whole, instant


def unknown_customer(customer: Any, ids: list[Any], log: EventLog, as_of: Any) -> DataError:
    """What to say of an id that nobody has yet: when it comes, its likely kind or spelling."""
    if as_of is not None and customer in read_histories(log, None, "D", OWNER).ids.to_list():
        return DataError(
            f"{OWNER}: customer {customer!r} had not bought before as_of={as_of}. Choose a later "
            "as_of."
        )
    hint = None
    if isinstance(customer, str) != isinstance(ids[0], str) and str(customer) in map(str, ids):
        kind = "text" if isinstance(ids[0], str) else "whole numbers"
        hint = f"Ids are {kind} here: customer={next(i for i in ids if str(i) == str(customer))!r}."
    elif (near := nearest(str(customer), map(str, ids))) is not None:
        hint = f"Did you mean {next(i for i in ids if str(i) == near)!r}?"
    before = "" if as_of is None else f" before as_of={as_of}"
    return DataError(
        f"{OWNER}: no customer {customer!r} in column {log.customer!r}{before}. "
        + (hint or f"Ids look like {ids[0]!r}; {len(ids):,} have bought.")
    )


def periods_from(dates: Any, as_of: Any, period: Unit) -> tuple[Integers, int, datetime]:
    """Purchase periods from dates before `as_of`, the last whole period, and `as_of`."""
    given = np.atleast_1d(np.asarray(dates))
    try:
        if given.dtype.kind != "M" and any(isinstance(v, Real) and v == v for v in given.flat):
            raise TypeError("Numbers are no dates.")
        moments = pd.DatetimeIndex(pd.to_datetime(given))
    except (TypeError, ValueError) as error:
        raise DataError(
            f"{OWNER}: history must be an EventLog or a list of purchase dates, got "
            f"{type(dates).__name__}. {error}"
        ) from None
    if as_of is None:
        raise DataError(
            f"{OWNER}: a list of dates does not tell how long the customer was watched: pass as_of."
        )
    if moments.hasnans or not len(moments):
        raise DataError(f"{OWNER}: {len(moments):,} dates, some missing: pass the purchase dates.")
    instant = read_instant(as_of, "as_of", OWNER)
    if moments.tz is not None or instant.tzinfo is not None:
        raise DataError(f"{OWNER}: dates with a time zone: pass an EventLog, which knows its days.")
    micro = moments.to_numpy().astype("datetime64[us]").astype(np.int64)
    end_us = _frames.microseconds(instant)
    bought = np.unique(_frames.period_numbers(micro[micro < end_us], period))
    if not len(bought):
        raise DataError(
            f"{OWNER}: no purchase before as_of={as_of} (the first is on {moments.min():%Y-%m-%d})."
        )
    return bought, int(_frames.period_numbers(np.array([end_us]), period)[0]) - 1, instant


def path(
    model: Any,
    bought: Integers,
    end: int,
    unit: Unit,
    period: Unit,
    covariates: Mapping[str, float] | None,
) -> tuple[Integers, Floats]:
    """Periods from the first purchase to `end`, and the probability of being alive after each."""
    end = max(end, int(bought[-1]))
    at = np.unique(np.linspace(bought[0], end, N_POINTS).astype(np.int64))
    at = np.unique(np.concatenate([at, bought, np.maximum(bought - 1, bought[0])]))
    x = np.searchsorted(bought, at, side="right") - 1
    since = ages(np.full(len(bought), bought[0]), bought, unit, period)
    gaps = np.concatenate([[0.0], np.cumsum(np.log(np.diff(since)))])
    rows = {
        "frequency": x.astype(np.float64),
        "recency": since[x],
        "T": ages(np.full(len(at), bought[0]), at, unit, period),
        "sum_log_gaps": gaps[x],
    }
    return at, np.asarray(model.probability_alive(rows_for(model, rows, OWNER, covariates)))
