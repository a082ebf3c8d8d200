"""How good the columns of a list are: a field for each column and dimension."""

from typing import TYPE_CHECKING, Any

import numpy as np

from crmkit import _frames
from crmkit.plotting._states import check_made
from crmkit.plotting._style import GREY, INK, families, label, prepare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OWNER = "plot_quality"
DIMENSIONS = ("completeness", "validity", "uniqueness", "consistency", "timeliness")
BELOW = 0.7  # share that is as dark as any below it
DEEPEST = 0.55  # of the oranges: dark ink stays legible


def plot_quality(report: Any, *, ax: "Axes | None" = None) -> "Axes":
    """Draw the quality of each column by dimension: a report in, axes out.

    Use it to see at a glance where a list is bad, and in which way.

    Parameters
    ----------
    report : QualityReport or frame
        From `crmkit.cleaning.quality_report`, or what its `to_frame` gave.
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with a field for each column and dimension that was measured, white for all good
        and darker the more is bad, with its share; a dot where nothing was measured.

    Raises
    ------
    DataError
        If it is no report, or a column of the frame is missing.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> from types import SimpleNamespace
    >>> told = pd.DataFrame({"column": ["email", "id"], "completeness": [0.5, 1.0],
    ...     "validity": [0.98, 1.0], "uniqueness": [float("nan"), 0.9], "consistency": [1.0, 1.0],
    ...     "timeliness": [float("nan")] * 2})
    >>> ax = plot_quality(SimpleNamespace(to_frame=lambda: told), ax=Figure().add_subplot())
    >>> [text.get_text() for text in ax.texts][:4]
    ['50 %', '98 %', '·', '100 %']
    """
    if not _frames.is_frame(report):
        check_made(report, ("to_frame",), OWNER, "QualityReport", "crmkit.cleaning.quality_report")
        report = report.to_frame()
    table = _frames.to_eager(report)
    names = [str(name) for name in _frames.column_values(table, "column", OWNER)]
    shares = np.column_stack([_frames.named_numbers(table, each, OWNER) for each in DIMENSIONS])
    kept = [n for n in range(len(DIMENSIONS)) if n < 4 or np.isfinite(shares[:, n]).any()]
    shown, titles = shares[:, kept], [DIMENSIONS[n] for n in kept]
    ax = prepare(ax, OWNER, size=(1.9 + 1.15 * len(titles), 1.5 + 0.36 * max(len(names), 1)))
    _fields(ax, shown)
    for (row, column), share in np.ndenumerate(shown):
        text = _percent(share)
        ax.text(column, row, text, ha="center", va="center", color=INK, fontsize="small")
    ax.set_xticks(range(len(titles)), titles)
    ax.xaxis.tick_top()
    ax.set_yticks(range(len(names)), names, fontfamily=families(names))
    ax.set_ylim(max(len(names), 1) - 0.5, -0.5)
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.tick_params(length=0)
    label(ax, title="Quality of each column", x="share of what is good", y="")
    return ax


def _fields(ax: "Axes", shares: "np.ndarray[tuple[int, int], np.dtype[np.float64]]") -> None:
    """Colour the fields by what is bad."""
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap

    tints = colormaps["Oranges"](np.linspace(0.0, DEEPEST, 256))
    tints[0] = 1.0
    oranges = ListedColormap(tints).with_extremes(bad="white")
    if not len(shares):
        return
    ax.pcolormesh(
        np.arange(shares.shape[1] + 1) - 0.5,
        np.arange(len(shares) + 1) - 0.5,
        np.ma.masked_invalid((1.0 - shares) ** 0.5),
        cmap=oranges,
        vmin=0.0,
        vmax=(1.0 - BELOW) ** 0.5,
        edgecolors=GREY,
        linewidth=0.4,
    )


def _percent(share: float) -> str:
    """0.983 as "98 %"; what lacks a little of all is no "100 %"."""
    if np.isnan(share):
        return "·"
    if 0.995 <= share < 1.0:
        return "99.9 %" if share >= 0.9995 else f"{100 * share:.1f} %"
    return "< 1 %" if 0.0 < share < 0.005 else f"{100 * share:.0f} %"
