"""How long does it last? Share that survives, by time."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from crmkit._validation import Floats
from crmkit.exceptions import DataError
from crmkit.plotting._forecasts import legend
from crmkit.plotting._style import (
    BLUE,
    PALE,
    UNITS,
    VERMILION,
    as_number,
    as_percent,
    label,
    prepare,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OWNER = "plot_survival"


def plot_survival(
    times: npt.ArrayLike,
    survival: npt.ArrayLike,
    *,
    lower: npt.ArrayLike | None = None,
    upper: npt.ArrayLike | None = None,
    name: str = "share not yet back",
    unit: str = "D",
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw a survival curve: times and the share that lasts longer than each in, axes out.

    The curve is a step function that begins at 1: it falls at each of the times and is level
    between them. Where it passes a half the median is marked; a curve that stays above has none.

    Parameters
    ----------
    times : array-like of shape (n_times,)
        Times in rising order, at least 0, in `unit`.
    survival : array-like of shape (n_times,)
        Share that lasts longer than each time, from 0 to 1, never rising.
    lower : array-like of shape (n_times,) or None, default=None
        Lower end of its interval; NaN where there is none. Together with `upper`.
    upper : array-like of shape (n_times,) or None, default=None
        Upper end of its interval; NaN where there is none. Together with `lower`.
    name : str, default="share not yet back"
        What survives, for the axis.
    unit : str, default="D"
        Unit of the times: "h", "D", "W", "M", or a word of your own.
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with the steps, the band of the interval, and the median.

    Raises
    ------
    DataError
        If the arrays differ in length or are empty, times do not rise, or shares are not between
        0 and 1 or rise.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = plot_survival([1, 2, 4], [0.8, 0.6, 0.3], ax=Figure().add_subplot())
    >>> ax.get_legend().get_texts()[0].get_text()
    'median 4 days'
    """
    columns = check_curve(times, survival, lower, upper)
    at, share = columns["times"], columns["survival"]
    unit = UNITS.get(unit, unit)
    ax = prepare(ax, OWNER)
    begun, steps = (np.append(0.0, at), np.append(1.0, share)) if at[0] > 0 else (at, share)
    if "lower" in columns:
        low, high = (np.append(1.0, columns[k])[-len(begun) :] for k in ("lower", "upper"))
        ax.fill_between(begun, low, high, step="post", color=BLUE, alpha=0.15, linewidth=0)
    ax.step(begun, steps, where="post", color=BLUE, linewidth=2)
    if share[-1] <= 0.5:
        median = at[np.argmax(share <= 0.5)]
        text = f"median {as_number(float(median))} {unit}"
        ax.plot([0, median, median], [0.5, 0.5, 0], color=VERMILION, linestyle=":", label=text)
        legend(ax, "upper right")
    ax.xaxis.set_major_formatter(as_number)
    ax.yaxis.set_major_formatter(as_percent)
    ax.set(xlim=(0, at[-1] or 1.0), ylim=(0, 1.02))
    ax.grid(color=PALE)
    label(ax, title="How long it lasts", x=unit, y=name)
    return ax


def check_curve(
    times: npt.ArrayLike,
    survival: npt.ArrayLike,
    lower: npt.ArrayLike | None,
    upper: npt.ArrayLike | None,
) -> dict[str, Floats]:
    """The columns as float64, checked."""
    if (lower is None) != (upper is None):
        raise DataError(f"{OWNER}: lower and upper make an interval together. Pass both or none.")
    given = {"times": times, "survival": survival}
    if lower is not None and upper is not None:
        given |= {"lower": lower, "upper": upper}
    columns = {name: np.asarray(values, dtype=np.float64) for name, values in given.items()}
    n = columns["times"].size
    wrong = [f"{k} of shape {v.shape}" for k, v in columns.items() if v.shape != (n,) or not n]
    if wrong:
        raise DataError(
            f"{OWNER}: one number per time is needed, got {', '.join(wrong)} for {n} times."
        )
    at, share = columns["times"], columns["survival"]
    if not (np.diff(at) > 0).all() or not np.isfinite(at).all() or at[0] < 0:
        raise DataError(f"{OWNER}: times must be finite, of at least 0, and rise. Sort them first.")
    if not ((share >= 0) & (share <= 1)).all() or (np.diff(share) > 1e-12).any():
        raise DataError(
            f"{OWNER}: survival must be between 0 and 1 and never rise: it is the share that lasts "
            "longer than each time. A churn probability is one minus it."
        )
    return columns
