"""The map of customers: how long ago they last bought, and how often they have bought."""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit._validation import Floats
from crmkit.exceptions import DataError
from crmkit.plotting._style import INK, as_number, counted, label, prepare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTHS = (1, 2, 7, 14, 28, 56, 91, 182, 364, 728)  # days: whole weeks, quarters and years
MOST_COLUMNS, FEWEST_ROWS, THIN_ROW = 13, 3, 0.005


def plot_recency_frequency(
    customers: Any, *, value: str | None = None, ax: "Axes | None" = None
) -> "Axes":
    """Draw a map of customers by recency and number of orders: customers in, axes out.

    Upper left are the regulars of today, upper right the regulars who have gone quiet, lower
    left the newcomers. Rows double (1, 2, 3-4, 5-8 ... orders); top rows of fewer than 1 in 200
    customers are joined to the row below.

    Parameters
    ----------
    customers : frame
        One row per customer, from `crmkit.summarize` (pandas, polars, pyarrow or duckdb), with
        the columns `days_since_last` (days) and `n_orders`.
    value : str, default=None
        Column whose mean is shown in each field, such as "clv" or "total_amount"; None shows
        the number of customers.
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with the map; each field carries its number. Empty fields stay blank.

    Raises
    ------
    DataError
        If a column is missing, holds no numbers or NaN, a customer has no order, or there are no
        customers.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> customers = pd.DataFrame({"days_since_last": [3, 5, 40], "n_orders": [1, 1, 6]})
    >>> ax = plot_recency_frequency(customers, ax=Figure().add_subplot())
    >>> [text.get_text() for text in ax.texts]
    ['2', '1']
    """
    owner = "plot_recency_frequency"
    names = ["days_since_last", "n_orders", *([] if value is None else [value])]
    x = np.asarray(_frames.float_columns(customers, names, owner))
    _check(x, names, owner)
    edges = day_edges(x[:, 0])
    row, rows = order_rows(x[:, 1])
    column = np.searchsorted(edges, x[:, 0], side="right") - 1
    count, mean = fields(row, column, x[:, -1], (len(rows), len(edges) - 1))
    ax = prepare(ax, owner)
    _draw(ax, count if value is None else mean, log=value is None)
    step = -(-len(edges) // 7)
    ax.set_xticks(np.arange(len(edges))[::step], [as_number(e) for e in edges[::step]])
    ax.set_yticks(np.arange(len(rows)) + 0.5, rows)
    shown = "customers" if value is None else f"mean {value}"
    label(
        ax,
        title=f"{shown[0].upper()}{shown[1:]} by recency and number of orders",
        x="days since the last purchase",
        y="orders",
    )
    return ax


def _check(x: Floats, names: list[str], owner: str) -> None:
    if len(x) == 0:
        raise DataError(f"{owner}: the frame has no customers. Pass at least one row.")
    for place, (name, column) in enumerate(zip(names, x.T, strict=True)):
        low = (0.0, 1.0, -np.inf)[place]  # days, orders (no customer without one), value
        bad = ~np.isfinite(column) | (column < low)
        if bad.any():
            raise DataError(
                f"{owner}: column {name!r} has {counted(bad.sum(), 'values')} that cannot be drawn "
                f"(first at row {bad.argmax():,}: {column[bad.argmax()]}). Drop or repair these "
                "first."
            )


def _draw(ax: "Axes", table: Floats, *, log: bool) -> None:
    """Colour the fields of the map and write their numbers."""
    shade = np.log1p(table) if log else table
    low, high = np.nanmin(shade), np.nanmax(shade)
    depth = (shade - low) / (high - low) if high > low else np.where(np.isnan(shade), np.nan, 0.3)
    # Light to mid blue: dark ink stays legible on every field.
    ax.pcolormesh(depth * 0.55, cmap="Blues", vmin=0.0, vmax=1.0, edgecolor="white", linewidth=1)
    for r, c in np.argwhere(~np.isnan(table)):
        ax.text(
            c + 0.5, r + 0.5, short(table[r, c]), ha="center", va="center", fontsize=7, color=INK
        )


def short(value: float) -> str:
    """At most five characters: 0.5, 12, 1,234, 12k, 1.2M."""
    for limit, size, letter in ((1e7, 1e6, "M"), (1e6, 1e6, "M"), (1e4, 1e3, "k")):
        if abs(value) >= limit:
            return f"{value / size:.{int(limit == 1e6)}f}{letter}"
    return f"{value:,.{int(abs(value) < 10 and value != round(value))}f}"


def day_edges(days: Floats) -> Floats:
    """Edges of equal, familiar widths from 0 to beyond the largest, at most 13 columns."""
    span = np.floor(days.max()) + 1
    width = next((w for w in WIDTHS if span <= MOST_COLUMNS * w), np.ceil(span / MOST_COLUMNS))
    return np.arange(0.0, span + width, width)[: int(np.ceil(span / width)) + 1]


def order_rows(orders: Floats) -> tuple[npt.NDArray[np.intp], list[str]]:
    """Row of each customer, and the names of the rows, doubling from one order up."""
    row = np.ceil(np.log2(np.maximum(orders, 1.0))).astype(np.intp)
    sizes = np.bincount(row)
    top = len(sizes) - 1
    while top >= FEWEST_ROWS and sizes[top:].sum() < THIN_ROW * len(orders):
        top -= 1
    names = ["1", "2", *(f"{2 ** (k - 1) + 1}–{2**k}" for k in range(2, top + 1))][: top + 1]
    if top < len(sizes) - 1:
        names[-1] = f"{2 ** (top - 1) + 1}+"
    return np.minimum(row, top), names


def fields(
    row: npt.NDArray[np.intp],
    column: npt.NDArray[np.intp],
    value: Floats,
    shape: tuple[int, int],
) -> tuple[Floats, Floats]:
    """Count of customers and mean value in each field of the map; NaN where nobody is."""
    cell = row * shape[1] + column
    count = np.bincount(cell, minlength=shape[0] * shape[1]).astype(np.float64)
    count[count == 0] = np.nan
    total = np.bincount(cell, weights=value, minlength=count.size)
    return count.reshape(shape), (total / count).reshape(shape)
