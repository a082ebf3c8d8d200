"""What became of those who came together: cohorts by age as a map."""

from typing import TYPE_CHECKING, Any

import numpy as np

from crmkit._validation import Floats
from crmkit.plotting._states import check_made
from crmkit.plotting._style import GREY, INK, as_number, families, label, prepare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OWNER = "plot_cohorts"
DEEPEST = 0.6  # of the blues: dark ink stays legible
MOST = 40  # ages or cohorts beyond which fields are not written
WORDS = {"W": "weeks", "M": "months", "Q": "quarters", "Y": "years"}


def plot_cohorts(table: Any, *, ax: "Axes | None" = None) -> "Axes":
    """Draw a cohort table as a map: cohorts from above, age to the right; axes out.

    Use it to see at one glance whether cohorts differ (down a column) and when customers leave
    (along a row). Age 0 is written but has no part in the colours of a retention, where it is
    always 100 %.

    Parameters
    ----------
    table : CohortTable
        From `crmkit.segment.cohort_table`.
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with a field for each observed cell: percent, or numbers in short form. Those of
        the unfinished period are hatched and without colour.

    Raises
    ------
    DataError
        If `table` is no cohort table.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from matplotlib.figure import Figure
    >>> from crmkit.segment import cohort_table
    >>> days = pd.to_datetime(["2024-01-05", "2024-02-20", "2024-01-10", "2024-02-29"])
    >>> frame = pd.DataFrame({"customer_id": list("aabc"), "timestamp": days, "amount": 10.0})
    >>> ax = plot_cohorts(cohort_table(ck.EventLog(frame)), ax=Figure().add_subplot())
    >>> [text.get_text() for text in ax.texts]
    ['100', '50', '100']
    """
    parts = ("values", "complete", "labels", "sizes", "measure", "period")
    check_made(table, parts, OWNER, "CohortTable", "segment.cohort_table")
    n_rows, n_ages = table.values.shape
    ax = prepare(ax, OWNER, size=(2.8 + 0.34 * max(n_ages, 14), 1.7 + 0.27 * max(n_rows, 6)))
    share = table.measure == "retention"
    values = 100.0 * table.values if share else table.values
    _draw(ax, np.where(table.complete, values, np.nan), skip_first=share)
    for i, j in zip(*np.nonzero(~np.isnan(values) & ~table.complete), strict=True):
        ax.fill_between(
            [j - 0.5, j + 0.5],
            i - 0.5,
            i + 0.5,
            hatch="////",
            facecolor="none",
            edgecolor=GREY,
            linewidth=0.0,
        )
    if max(n_rows, n_ages) <= MOST:
        size = float(np.clip(13.0 - 0.25 * max(n_rows, n_ages), 5.5, 9.0))
        for i, j in zip(*np.nonzero(~np.isnan(values)), strict=True):
            style = "normal" if table.complete[i, j] else "italic"
            ax.text(
                j,
                i,
                short(values[i, j]),
                ha="center",
                va="center",
                color=INK,
                fontsize=size,
                fontstyle=style,
            )
    rows = [f"{name}  {as_number(n)}" for name, n in zip(table.labels, table.sizes, strict=True)]
    ax.set_yticks(range(n_rows), rows, fontfamily=families(rows), fontsize="small")
    step = 1 if n_ages <= 26 else 6
    ax.set_xticks(range(0, n_ages, step))
    ax.set(xlim=(-0.5, n_ages - 0.5), ylim=(n_rows - 0.5, -0.5))
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.tick_params(length=0)
    since = f"{WORDS[table.period]} since the first purchase"
    label(ax, title=_title(table), x=since, y="cohort, customers")
    return ax


def _title(table: Any) -> str:
    name = "Customers who buy again, percent" if table.measure == "retention" else table.measure
    if table.measure != "retention" and table.per == "customer":
        name += " per customer"
    if table.cumulative:
        name = f"cumulative {name}"
    unfinished = ~np.isnan(table.values) & ~table.complete
    hatched = " (hatched: unfinished)" if unfinished.any() else ""
    return f"{name[0].upper()}{name[1:]}{hatched}"


def _draw(ax: "Axes", values: Floats, *, skip_first: bool) -> None:
    """Colour the fields; the scale ends where all but 2 % of them lie."""
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap

    scaled = values[:, 1:] if skip_first and values.shape[1] > 1 else values
    known = scaled[~np.isnan(scaled)]
    highest = float(np.quantile(known, 0.98)) if len(known) else 1.0
    coloured = values.copy()
    if skip_first:
        coloured[:, 0] = np.where(np.isnan(values[:, 0]), np.nan, 0.0)
    blues = ListedColormap(colormaps["Blues"](np.linspace(0.0, DEEPEST, 256)))
    n_rows, n_ages = values.shape
    ax.pcolormesh(
        np.arange(n_ages + 1) - 0.5,
        np.arange(n_rows + 1) - 0.5,
        np.ma.masked_invalid(coloured),
        cmap=blues,
        vmin=min(0.0, float(known.min(initial=0.0))),
        vmax=max(highest, 1e-12),
        edgecolors="white",
        linewidth=0.6,
    )


def short(value: float) -> str:
    """12.34 as "12", 1.23 as "1.2", 12345 as "12k", 1234567 as "1.2M"."""
    for size, mark in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            part = value / size
            return f"{part:.0f}{mark}" if abs(part) >= 9.95 else f"{part:.1f}{mark}"
    if value == round(value) or abs(value) >= 9.95:
        return f"{value:.0f}"
    return f"{value:.1f}"
