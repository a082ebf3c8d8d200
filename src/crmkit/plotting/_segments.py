"""Which segments are large, and which bring the revenue: two bars a segment."""

from typing import TYPE_CHECKING, Any

import numpy as np

from crmkit import _frames
from crmkit.plotting._style import BLUE, INK, ORANGE, PALE, as_percent, families, label, prepare

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_segments(summary: Any, *, ax: "Axes | None" = None) -> "Axes":
    """Draw how many customers each segment has and what it brings: a segment summary in, axes out.

    Use it to see at a glance which segments bring more than their size. For the figures behind
    the bars read the summary itself.

    Parameters
    ----------
    summary : frame
        One row per segment, from `crmkit.segment.segment_summary` (pandas, polars, pyarrow or
        duckdb), with the columns `segment`, `share_of_customers` and `share_of_revenue` (shares
        from 0 to 1). The first row is drawn at the top.
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with two horizontal bars a segment, in percent.

    Raises
    ------
    DataError
        If a column is missing.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> summary = pd.DataFrame(
    ...     {
    ...         "segment": ["Champions", "Lost"],
    ...         "share_of_customers": [0.2, 0.8],
    ...         "share_of_revenue": [0.7, 0.3],
    ...     }
    ... )
    >>> ax = plot_segments(summary, ax=Figure().add_subplot())
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['Champions', 'Lost']
    """
    owner = "plot_segments"
    names = [str(name) for name in _frames.column_values(summary, "segment", owner)]
    shares = np.asarray(
        _frames.float_columns(summary, ["share_of_customers", "share_of_revenue"], owner)
    )
    shares = np.nan_to_num(shares)  # a share of no revenue at all is drawn as none
    ax = prepare(ax, owner, size=(7.0, 1.3 + 0.5 * len(names)))
    rows = np.arange(len(names))
    for offset, column, colour, name in (
        (-0.2, shares[:, 0], BLUE, "share of customers"),
        (0.2, shares[:, 1], ORANGE, "share of revenue"),
    ):
        bars = ax.barh(rows + offset, column, height=0.38, color=colour, label=name)
        ax.bar_label(bars, [as_percent(v) for v in column], padding=3, color=INK, fontsize="small")
    ax.set_yticks(rows, names, fontfamily=families(names))
    ax.invert_yaxis()
    ax.set_xlim(0.0, 1.15 * max(float(shares.max(initial=0.0)), 0.01))
    ax.xaxis.set_major_formatter(as_percent)
    ax.grid(axis="x", color=PALE)
    ax.legend(frameon=False, loc="best", labelcolor=INK)
    label(ax, title="Customers and revenue by segment", x="share of the total", y="")
    return ax
