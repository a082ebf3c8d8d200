"""Does the model keep pace? Repeat purchases of all customers over time, actual and expected.

A customer first seen in period f is expected to have made E(age) repeat purchases at the end of
period e, with E the expected purchases of a new customer and age = e - f. Their sum over customers
is what the parameters alone say about the whole log; nothing that a customer did after the first
purchase enters. Fader, Hardie and Lee (2005), Marketing Science 24, 275-284, judge BG/NBD by it.
"""

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from crmkit._validation import check_choice
from crmkit.events import EventLog
from crmkit.events._event_log import check_log
from crmkit.events._summarize import Unit
from crmkit.plotting._follow import STEPS, Track, follow
from crmkit.plotting._models import (
    check_model,
    known_unit,
    merge_period,
)
from crmkit.plotting._style import (
    BLUE,
    GREY,
    INK,
    PALE,
    as_number,
    as_percent,
    counted,
    label,
    prepare,
    time_axis,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PERIODS_OF_STEP = {"D": "hD", "W": "hDW", "M": "hDM"}


def plot_tracking(
    model: Any,
    log: EventLog,
    as_of: Any = None,
    *,
    until: Any = None,
    cumulative: bool = True,
    step: Literal["D", "W", "M"] | None = None,
    period: Unit | None = None,
    customers: Any = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw repeat purchases over time, actual and expected: a fitted model and events in, axes out.

    Use it to see whether a model keeps pace with all customers together, and from when on it does
    not: a season shows as a wave around the expected line, a model of the wrong shape drifts
    away. For single customers use `plot_holdout`. Followed are the customers who bought in a whole
    period before `as_of`.

    Parameters
    ----------
    model : purchase model
        Fitted on ``summarize(log, as_of)``, with a known unit.
    log : EventLog
        The events.
    as_of : str, date, datetime or None, default=None
        Exclusive end of what the model has seen, at best the begin of a period; a dotted line
        marks the last whole period before it. None is the end of the log.
    until : str, date, datetime or None, default=None
        Exclusive end of the picture. None is the end of the log; it cannot be later. Only whole
        periods are drawn: with ``period="M"`` the last month must have ended.
    cumulative : bool, default=True
        True draws all repeat purchases so far, False those of each step.
    step : {"D", "W", "M"} or None, default=None
        Length of a step: a day, seven days or a calendar month, counted from `as_of`. None is a
        week, or a month where the period is one.
    period : {"h", "D", "W", "M"} or None, default=None
        Purchases within one period count once, as in `summarize`: give the one given there. None
        is a day (an hour for ``unit="h"``).
    customers : frame, default=None
        Customers with their id and covariates, for a model that reads covariates.
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with a solid line of actual and a dashed one of expected purchases.

    Raises
    ------
    DataError
        If the model is not fitted, its unit is not known, a step has no whole number of periods,
        `as_of` or `until` is after the end of the log, or no whole step lies before `until`.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from matplotlib.figure import Figure
    >>> frame = pd.DataFrame({"customer_id": ["a", "a", "b"], "amount": [5.0, 5.0, 5.0]})
    >>> frame["timestamp"] = pd.to_datetime(["2024-01-01", "2024-01-20", "2024-01-03"])
    >>> published = {"r": 0.2426, "alpha": 4.414, "a": 0.793, "b": 2.426}
    >>> model = ck.clv.BetaGeoModel.from_dict(
    ...     {"init": {"unit": "W"}, "fitted": {"params_": published}}
    ... )
    >>> ax = plot_tracking(model, ck.EventLog(frame), "2024-01-15", ax=Figure().add_subplot())
    >>> actual, expected = ax.lines[:2]
    >>> actual.get_ydata().tolist(), expected.get_ydata().round(3).tolist()
    ([0.0, 0.0, 0.0], [0.0, 0.077, 0.178])
    """
    owner = "plot_tracking"
    check_model(model, owner)
    check_log(log, owner)
    unit = known_unit(model, owner)
    period = merge_period(period, unit, owner)
    step = ("M" if period == "M" else "W") if step is None else step
    check_choice(step, "step", [s for s in STEPS if period in PERIODS_OF_STEP[s]], owner)
    seen, end = log.cutoff(as_of, owner), log.cutoff(until, owner)
    track = follow(model, log, (seen, end), (unit, period, step), customers)
    ax = prepare(ax, owner)
    _draw(ax, track, type(model).__name__, cumulative=cumulative)
    time_axis(ax)
    ax.yaxis.set_major_formatter(as_number)
    ax.set_ylim(bottom=0.0)
    ax.grid(axis="y", color=PALE)
    ax.legend(frameon=False, loc="lower right" if cumulative else "best", labelcolor=INK)
    so_far = "so far" if cumulative else f"per {STEPS[step]}"
    label(
        ax,
        title=f"Repeat purchases of {counted(track.n_customers, 'customers')}",
        x="date",
        y=f"repeat purchases {so_far}",
    )
    return ax


def _draw(ax: "Axes", track: Track, name: str, *, cumulative: bool) -> None:
    at, actual, expected = track.instants, track.actual, track.expected
    if not cumulative:
        at = at[:-1] + (at[1:] - at[:-1]) / 2
        actual, expected = np.diff(actual), np.diff(expected)
    ax.plot(at, actual, color=INK, linewidth=1.5, label="actual")
    ax.plot(at, expected, color=BLUE, linewidth=2, linestyle="--", label=f"expected ({name})")
    if track.seen < len(track.instants) - 1:
        came, foretold = (c[-1] - c[track.seen] for c in (track.actual, track.expected))
        ax.axvline(track.instants[track.seen], color=GREY, linestyle=":", linewidth=1.5)
        for side, text in (
            ("right", "calibration"),
            ("left", f"holdout{deviation(came, foretold)}"),
        ):
            ax.annotate(
                text,
                (track.instants[track.seen], 1.0),
                xycoords=("data", "axes fraction"),
                xytext=(6 if side == "left" else -6, -2),
                textcoords="offset points",
                ha=side,
                va="top",
                color=INK,
                fontsize="small",
            )


def deviation(came: float, foretold: float) -> str:
    """How far the expected number is off, in words; nothing where none came."""
    if not came > 0:
        return ""
    off = foretold / came - 1.0
    return f": expected\n{as_percent(abs(off))} too {'few' if off < 0 else 'many'}"
