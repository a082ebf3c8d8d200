"""How value is spread over customers: its distribution, and how few hold how much."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from crmkit._validation import Floats
from crmkit.exceptions import DataError
from crmkit.metrics import gini, lorenz_curve, top_share
from crmkit.plotting._style import (
    BLUE,
    GREY,
    INK,
    PALE,
    VERMILION,
    as_floats,
    as_number,
    as_percent,
    label,
    prepare,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

N_BARS, WIDE, TINY = 40, 20.0, 1000.0


def plot_value_distribution(
    values: npt.ArrayLike, *, name: str = "value per customer", ax: "Axes | None" = None
) -> "Axes":
    """Draw how many customers are worth how much: one value a customer in, axes out.

    Customer value is skewed: where the largest is over 20 times the smallest, the bars are
    equally wide on a logarithmic axis. Values of 0 or below cannot stand on it, and those under a
    thousandth of the median would only stretch it; the picture says how many are left out.

    Parameters
    ----------
    values : array-like of shape (n_customers,)
        A finite value per customer, such as the lifetime value, in the currency of the log.
    name : str, default="value per customer"
        What the values are, for the axis.
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with the histogram; median and mean are marked.

    Raises
    ------
    DataError
        If values are not finite, or none is above 0.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = plot_value_distribution([0.0, 5.0, 20.0, 900.0], ax=Figure().add_subplot())
    >>> ax.get_xscale()
    'log'
    """
    owner = "plot_value_distribution"
    x = as_floats(values, "values", owner).ravel()
    if not np.isfinite(x).all() or not (x > 0).any():
        raise DataError(
            f"{owner}: values must be finite with at least one above 0, got {x.size:,} values of "
            f"which {np.sum(~np.isfinite(x)):,} are not finite. Drop or repair these first."
        )
    ax = prepare(ax, owner)
    from matplotlib.ticker import MaxNLocator

    shown = x[x >= np.median(x[x > 0]) / TINY]
    edges, log = bar_edges(shown)
    ax.hist(shown, bins=edges.tolist(), color=BLUE, edgecolor="white", linewidth=0.5)
    if log:
        ax.set_xscale("log")
    ax.xaxis.set_major_formatter(as_number)
    ax.yaxis.set_major_formatter(as_number)
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    ax.grid(axis="y", color=PALE)
    middle, mean = float(np.median(x)), float(x.mean())
    both = np.isclose(middle, mean, rtol=1e-9)
    for value, text, dashes in (
        (middle, "median", "--"),
        (mean, "median and mean" if both else "mean", "-"),
    ):
        if value > 0 and not (both and text == "median"):
            mark = f"{text} {as_number(float(f'{value:.3g}'))}"
            ax.axvline(value, color=VERMILION, linestyle=dashes, linewidth=1.5, label=mark)
    ax.legend(frameon=False, labelcolor=INK)
    hidden = x.size - shown.size
    note = f" ({hidden:,} of {x.size:,} at or near 0 not shown)" if hidden else ""
    label(ax, title=f"Distribution of {name}", x=f"{name}{note}", y="customers")
    return ax


def plot_concentration(
    values: npt.ArrayLike, *, share: float = 0.1, ax: "Axes | None" = None
) -> "Axes":
    r"""Draw what part of customers holds what part of the value: one value each in, axes out.

    It is the Lorenz curve read from its upper end, the best customers first: the further it
    bends from the diagonal, the fewer customers hold the value.

    Parameters
    ----------
    values : array-like of shape (n_customers,)
        A value per customer, not negative, in any unit; at least one above 0.
    share : float, default=0.1
        The part of best customers to mark, above 0 and at most 1.
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with the curve; the share of the best and the Gini coefficient are written in.

    Raises
    ------
    DataError
        If values are missing, infinite or negative, if there are none, or if all are 0.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = plot_concentration([0.0, 0.0, 10.0, 30.0], share=0.25, ax=Figure().add_subplot())
    >>> ax.texts[0].get_text()
    'the best 25 % of customers\nhold 75 % of the value'
    """
    held = top_share(values, share)
    inequality = gini(values)
    customers, value = (side[curve_points(len(side))] for side in lorenz_curve(values))
    ax = prepare(ax, "plot_concentration", size=(5.0, 4.6))
    best_first = 1.0 - customers[::-1], 1.0 - value[::-1]
    ax.plot([0, 1], [0, 1], color=GREY, linestyle=":", label="all alike")
    ax.plot(*best_first, color=BLUE, linewidth=2, label=f"these customers (Gini {inequality:.2f})")
    ax.fill_between(*best_first, best_first[0], color=BLUE, alpha=0.12, linewidth=0)
    ax.plot([share], [held], "o", color=VERMILION)
    ax.annotate(
        f"the best {as_percent(share)} of customers\nhold {as_percent(held)} of the value",
        (share, held),
        xytext=(12, -4),
        textcoords="offset points",
        va="top",
        color=INK,
    )
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(as_percent)
    ax.set(xlim=(0, 1), ylim=(0, 1.02))
    ax.grid(color=PALE)
    ax.legend(frameon=False, loc="lower right", labelcolor=INK)
    label(ax, title="Who holds the value", x="share of customers, best first", y="share of value")
    return ax


def curve_points(n: int) -> npt.NDArray[np.intp]:
    """Positions of at most a thousand points along a curve of `n`, both ends among them."""
    return np.unique(np.linspace(0, n - 1, min(n, 1000)).astype(np.intp))


def bar_edges(values: Floats) -> tuple[Floats, bool]:
    """Edges of the bars, and whether they are equally wide on a logarithmic axis."""
    low, high = values.min(), values.max()
    if high > WIDE * low:
        return np.geomspace(low, high, N_BARS + 1), True
    if low == high:
        return low * np.linspace(0.5, 1.5, N_BARS), False  # an odd number: one bar in the middle
    return np.linspace(low, high, N_BARS + 1), False
