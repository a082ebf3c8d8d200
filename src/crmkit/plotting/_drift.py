"""What changed in a list since an earlier state: before and now, with the bounds of chance."""

from typing import TYPE_CHECKING, Any

import numpy as np

from crmkit import _frames
from crmkit._validation import check_whole
from crmkit.plotting._style import BLUE, GREY, INK, PALE, VERMILION, families, label, prepare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OWNER = "plot_drift"
DRAWN = (
    "missing", "placeholders", "invalid", "inconsistent", "repeated", "copies", "distribution",
    "ways of writing",
)  # fmt: skip
LONGEST = 60  # letters of what is written on the picture


def plot_drift(changes: Any, *, n: int = 15, ax: "Axes | None" = None) -> "Axes":
    """Draw what changed in a list: the frame of a comparison in, axes out.

    Use it to see whether a delivery is like the last one, and where it is not.

    Parameters
    ----------
    changes : frame
        From `crmkit.cleaning.QualityReport.compare`.
    n : int, default=15
        Most measures that are drawn: those that drifted first, then those that changed most.
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with a line for each measure of a column: a ring for its share before, a dot for
        now, and a grey band for what chance alone would give. Distances of distributions begin
        at 0. Columns and categories that came or went are told in words.

    Raises
    ------
    DataError
        If a column of the frame is missing, or `n` is no whole number of at least 1.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> changes = pd.DataFrame({"column": ["email", "age"], "measure": ["missing", "missing"],
    ...     "before": [0.05, 0.1], "now": [0.4, 0.11], "low": [0.02, 0.06], "high": [0.09, 0.15],
    ...     "drifted": [True, False], "what": ["5.0% before, 40.0% now", "10.0% before"]})
    >>> ax = plot_drift(changes, ax=Figure().add_subplot())
    >>> ax.get_title(loc="left"), [text.get_text() for text in ax.get_yticklabels()]
    ('1 of 2 measures drifted', ['email: missing', 'age: missing'])
    """
    check_whole(n, "n", OWNER, low=1)
    table = _frames.to_eager(changes)
    column, measure, what = (
        [str(value) for value in _frames.column_values(table, name, OWNER)]
        for name in ("column", "measure", "what")
    )
    before, now, low, high = (
        _frames.named_numbers(table, name, OWNER) for name in ("before", "now", "low", "high")
    )
    drifted = _frames.named_numbers(table, "drifted", OWNER) > 0
    change = np.nan_to_num(np.abs(now - before))
    places = [i for i in range(len(column)) if drifted[i] or measure[i] in DRAWN]
    places = sorted(places, key=lambda i: (not drifted[i], measure[i] in DRAWN, -change[i]))[:n]
    ax = prepare(ax, OWNER, size=(7.4, 1.5 + 0.36 * max(len(places), 1)))
    for row, i in enumerate(places):
        if measure[i] not in DRAWN:
            ax.text(
                0.0, row, f" {what[i][:LONGEST]}", va="center", color=VERMILION, fontsize="small",
                fontfamily=families([what[i]]),
            )  # fmt: skip
            continue
        colour = VERMILION if drifted[i] else BLUE
        ax.barh(row, high[i] - low[i], left=low[i], height=0.5, color=PALE, edgecolor=GREY)
        ax.plot([before[i], now[i]], [row, row], color=colour, linewidth=1.0)
        ax.plot(before[i], row, "o", markerfacecolor="white", markeredgecolor=INK, markersize=6)
        ax.plot(now[i], row, "o", color=colour, markersize=6)
    told = [f"{column[i]}: {measure[i]}" if column[i] else measure[i] for i in places]
    ax.set_yticks(range(len(told)), told, fontfamily=families(told))
    ax.set_ylim(max(len(told), 1) - 0.4, -0.6)
    drawn = [i for i in places if measure[i] in DRAWN]
    most = max([0.1, *(float(np.nanmax([before[i], now[i], high[i]])) for i in drawn)])
    ax.set_xlim(-0.02 * most, 1.08 * most)
    ax.grid(axis="x", color=PALE)
    title = f"{int(drifted.sum()):,} of {len(column):,} measures drifted"
    label(ax, title=title, x="share or distance (ring: before, dot: now, band: chance)", y="")
    return ax
