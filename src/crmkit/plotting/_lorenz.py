"""How few customers hold how much: the Lorenz curve of a described base."""

from typing import TYPE_CHECKING, Any

import numpy as np

from crmkit import _frames
from crmkit.plotting._states import check_made
from crmkit.plotting._style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    PALE,
    VERMILION,
    as_percent,
    counted,
    label,
    prepare,
)
from crmkit.plotting._values import curve_points

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OWNER = "plot_lorenz"


def plot_lorenz(
    description: Any, *, best: float = 0.2, part: float = 0.8, ax: "Axes | None" = None
) -> "Axes":
    """Draw the Lorenz curve of the value of customers: a description in, axes out.

    Use it to show how far a base is from all customers being alike, and whether a fifth of them
    makes four fifths of the revenue. For predicted values without a frame use
    `plot_concentration`.

    Parameters
    ----------
    description : CustomerDescription
        From `crmkit.segment.describe_customers`, with a value of which somebody has more than 0.
    best : float, default=0.2
        Part of best customers to mark, above 0 and at most 1.
    part : float, default=0.8
        Part of the value to mark with the fewest customers who hold it, between 0 and 1.
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with the curve from the poorest customer up and both marks.

    Raises
    ------
    DataError
        If `description` is none, or nobody has a value above 0.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> from crmkit.segment import describe_customers
    >>> customers = pd.DataFrame({"customer_id": list("abcde"), "total_amount": [6, 1, 1, 1, 1]})
    >>> ax = plot_lorenz(describe_customers(customers), ax=Figure().add_subplot())
    >>> for text in ax.get_legend().get_texts():
    ...     print(text.get_text())
    all alike
    these customers (Gini 0.40)
    the best 20 % of customers hold 60 %
    3 customers (60 %) hold 80 %
    """
    parts = ("lorenz", "gini", "top", "fewest", "value", "n_customers")
    check_made(description, parts, OWNER, "CustomerDescription", "segment.describe_customers")
    frame = _frames.to_eager(description.lorenz())
    curve = np.asarray(
        _frames.float_columns(frame, ["share_of_customers", "share_of_value"], OWNER)
    )
    held, fewest = description.top(best), description.fewest(part)
    curve = curve[curve_points(len(curve))]
    ax = prepare(ax, OWNER, size=(5.6, 5.0))
    ax.plot([0, 1], [0, 1], color=GREY, linestyle=":", label="all alike")
    name = f"these customers (Gini {description.gini:.2f})"
    ax.plot(*curve.T, color=BLUE, linewidth=2, label=name)
    ax.fill_between(curve[:, 0], curve[:, 1], curve[:, 0], color=BLUE, alpha=0.12, linewidth=0)
    n = description.n_customers
    told = f"the best {as_percent(best)} of customers hold {as_percent(held)}"
    ax.plot([1 - best], [1 - held], "o", color=VERMILION, label=told)
    told = f"{counted(fewest, 'customers')} ({as_percent(fewest / n)}) hold {as_percent(part)}"
    ax.plot([1 - fewest / n], [1 - part], "s", color=ORANGE, label=told)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(as_percent)
    ax.set(xlim=(0, 1.01), ylim=(0, 1.02))
    ax.grid(color=PALE)
    ax.legend(frameon=False, loc="upper left", labelcolor=INK)
    value = str(description.value)
    title, x = f"Who holds {value}", "share of customers, poorest first"
    label(ax, title=title, x=x, y=f"share of {value}")
    return ax
