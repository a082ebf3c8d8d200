"""How sure a forecast is: prediction intervals of some customers, and what came."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from crmkit._validation import Floats, check_whole
from crmkit.exceptions import DataError
from crmkit.plotting._style import (
    BLUE,
    INK,
    PALE,
    SKY,
    VERMILION,
    as_floats,
    as_number,
    as_percent,
    counted,
    label,
    prepare,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OWNER = "plot_intervals"
CAP = 0.35


def plot_intervals(
    expected: npt.ArrayLike,
    interval: npt.ArrayLike,
    *,
    actual: npt.ArrayLike | None = None,
    name: str = "purchases",
    n_shown: int = 60,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw prediction intervals of customers, least expected first: arrays in, axes out.

    Use it to see that a forecast for one customer is a range and not a number. With `actual` from
    a holdout period it shows who fell outside; the axis says what part of all customers is
    inside, not only of those drawn.

    Parameters
    ----------
    expected : array-like of shape (n_customers,)
        Forecast, such as from `predict` of a purchase model.
    interval : array-like of shape (n_customers, 2)
        Lower and upper end in the same row order, such as from `predict_interval`.
    actual : array-like of shape (n_customers,), default=None
        What came, in the same row order.
    name : str, default="purchases"
        What is forecast, for the axis.
    n_shown : int, default=60
        Largest number of customers to draw; they are taken at equal distances in the order of
        `expected`.
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with a bar for each interval, a dot for what is expected, and for `actual` a plus
        inside or a cross outside the interval.

    Raises
    ------
    DataError
        If the arrays differ in length, are empty or not finite, hold no numbers, or an interval
        ends below where it begins.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ends = [[0, 4], [0, 1]]
    >>> ax = plot_intervals([2.0, 0.5], ends, actual=[5, 1], ax=Figure().add_subplot())
    >>> ax.get_xlabel()
    'customers, least expected first; of all 2, 50 % are inside'
    """
    columns = check_intervals(expected, interval, actual)
    check_whole(n_shown, "n_shown", OWNER, low=1)
    order = np.argsort(columns["expected"], kind="stable")
    n_shown = min(n_shown, len(order))
    shown = order[((np.arange(n_shown) + 0.5) * len(order) / n_shown).astype(np.intp)]
    at = np.arange(len(shown))
    middle, low, high = (columns[key][shown] for key in ("expected", "lower", "upper"))
    ax = prepare(ax, OWNER)
    width = max(1.5, min(6.0, 240.0 / len(shown)))
    ax.vlines(at, low, high, color=SKY, linewidth=width, label="interval")
    for end in (low, high):  # an interval without length is a dash
        ax.hlines(end, at - CAP, at + CAP, color=SKY, linewidth=1.5)
    ax.plot(at, middle, color=BLUE, marker="o", markersize=4, linestyle="none", label="expected")
    what = "customers, least expected first"
    if actual is not None:
        inside = (columns["lower"] <= columns["actual"]) & (columns["actual"] <= columns["upper"])
        _mark(ax, at, columns["actual"][shown], inside[shown])
        what += f"; of all {len(order):,}, {as_percent(inside.mean())} are inside"
    ax.set_xticks([])
    ax.yaxis.set_major_formatter(as_number)
    ax.grid(axis="y", color=PALE)
    ax.legend(frameon=False, loc="upper left", labelcolor=INK)
    few = f"{len(shown):,} of " if len(shown) < len(order) else ""
    title = f"Prediction intervals of {few}{counted(len(order), 'customers')}"
    label(ax, title=title, x=what, y=f"{name} per customer")
    return ax


def _mark(
    ax: "Axes", at: npt.NDArray[np.intp], actual: Floats, inside: npt.NDArray[np.bool_]
) -> None:
    """What came: a plus inside its interval, a cross outside."""
    for rows, marker, colour, text in (
        (inside, "+", INK, "actual, inside"),
        (~inside, "X", VERMILION, "actual, outside"),
    ):
        if rows.any():
            ax.plot(
                at[rows], actual[rows], linestyle="none", marker=marker, color=colour, label=text
            )


def check_intervals(
    expected: npt.ArrayLike, interval: npt.ArrayLike, actual: npt.ArrayLike | None
) -> dict[str, Floats]:
    """The columns as float64, checked; all faults are told in one error."""
    given = {"expected": expected, "interval": interval}
    if actual is not None:
        given["actual"] = actual
    arrays = {name: as_floats(values, name, OWNER) for name, values in given.items()}
    n = arrays["expected"].size
    wanted = {"expected": (n,), "interval": (n, 2), "actual": (n,)}
    wrong = [f"{k} of shape {v.shape}" for k, v in arrays.items() if v.shape != wanted[k] or not n]
    if wrong:
        raise DataError(
            f"{OWNER}: one number per customer is needed in expected and actual, and two in "
            f"interval; got {', '.join(wrong)} for {n:,} customers."
        )
    faults = [
        f"{name} has {np.sum(~np.isfinite(array)):,} values that are not finite"
        for name, array in arrays.items()
        if not np.isfinite(array).all()
    ]
    lower, upper = arrays.pop("interval").T
    if (upper < lower).any():
        faults.append(f"{np.sum(upper < lower):,} intervals end below where they begin")
    if faults:
        raise DataError(f"{OWNER}: {'; '.join(faults)}. Drop or repair these first.")
    return arrays | {"lower": lower, "upper": upper}
