"""How many segments hold: stability of each number, with what else is asked of it."""

from typing import TYPE_CHECKING, Any

import numpy as np

from crmkit import _frames
from crmkit.exceptions import DataError
from crmkit.plotting._style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    as_floats,
    label,
    prepare,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OWNER = "plot_segment_stability"
NEEDED = ("k", "stability", "stability_sd", "silhouette", "fidelity", "misses")


def plot_segment_stability(table: Any, *, ax: "Axes | None" = None) -> "Axes":
    """Draw how well each number of segments holds: a stability table in, axes out.

    Use it to see what the choice of a number rests on: numbers of filled dots meet all demands.

    Parameters
    ----------
    table : dataframe or fitted BehaviourSegmenter
        From `crmkit.segment.segment_stability`, of one method; or a segmenter that chose its
        number, which is marked.
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with a line for stability (with one standard deviation over the resamples), for
        the fidelity of the rules and for the silhouette.

    Raises
    ------
    DataError
        If `table` is no such table, or the segmenter was given its number.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> table = pd.DataFrame({
    ...     "method": ["kmeans"] * 3, "k": [2, 3, 4], "stability": [0.95, 0.9, 0.6],
    ...     "stability_sd": [0.02, 0.03, 0.1], "silhouette": [0.4, 0.3, 0.3],
    ...     "smallest_share": [0.3, 0.2, 0.1], "largest_share": [0.7, 0.5, 0.4],
    ...     "fidelity": [0.95, 0.9, 0.85], "misses": ["a segment of 70%", "", "stability 0.60"],
    ... })
    >>> ax = plot_segment_stability(table, ax=Figure().add_subplot())
    >>> ax.get_title(loc="left")
    'How many segments hold'
    """
    columns, chosen = _read(table)
    k = as_floats(columns["k"], "k", OWNER)
    mean, sd = (as_floats(columns[name], name, OWNER) for name in NEEDED[1:3])
    suitable = np.array([not text for text in columns["misses"]])
    ax = prepare(ax, OWNER)
    ax.fill_between(k, mean - sd, np.minimum(mean + sd, 1.0), color=BLUE, alpha=0.15, linewidth=0)
    ax.plot(k, mean, color=BLUE, linewidth=2)
    ax.plot(k[suitable], mean[suitable], "o", color=BLUE, markersize=8)
    ax.plot(k[~suitable], mean[~suitable], "o", color=BLUE, markerfacecolor="white", markersize=8)
    ends = [(mean[-1], "stability", BLUE)]
    for name, color, word in (
        ("fidelity", ORANGE, "told by rules"),
        ("silhouette", GREY, "silhouette"),
    ):
        values = as_floats(columns[name], name, OWNER)
        ax.plot(k, values, color=color, linewidth=1.5, marker="." if len(k) == 1 else None)
        ends.append((values[-1], word, INK if color == GREY else color))
    _name_lines(ax, float(k[-1]), ends)
    if chosen is not None:
        last = chosen == k[-1]  # the names of the lines are at its right
        ax.axvline(chosen, color=GREEN, linewidth=1.2, linestyle=(0, (4, 3)), zorder=0)
        ax.annotate(
            "chosen",
            (chosen, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(-4 if last else 4, -2),
            textcoords="offset points",
            ha="right" if last else "left",
            va="top",
            color=GREEN,
        )
    ax.set_xticks(k)
    ax.set_xlim(k[0] - 0.3, k[-1] + 0.3)
    ax.set_ylim(min(0.0, float(np.nanmin([y for y, _, _ in ends]))), 1.08)
    label(
        ax,
        title="How many segments hold",
        x="number of segments (filled: meets all demands)",
        y="agreement with resamples, share told",
    )
    return ax


def _name_lines(ax: "Axes", x: float, ends: list[tuple[float, str, str]]) -> None:
    """Write the name of each line at its end, apart from one another."""
    last = -np.inf
    for y, word, color in sorted(ends, key=lambda each: each[0]):
        last = max(y, last + 0.06)
        ax.annotate(
            word,
            (x, last),
            xytext=(10, 0),
            textcoords="offset points",
            va="center",
            color=color,
            annotation_clip=False,
        )


def _read(table: Any) -> tuple[dict[str, list[Any]], int | None]:
    """Columns of the table, and the number that was chosen from it."""
    if hasattr(table, "stability_"):
        columns = dict(table.stability_)
        if not columns["k"]:
            raise DataError(
                f"{OWNER}: the segmenter was given its number of segments. Draw the table of "
                "segment_stability(customers)."
            )
        own = [method == table.method_ for method in columns["method"]]
        kept = {
            name: [v for v, yes in zip(values, own, strict=True) if yes]
            for name, values in columns.items()
        }
        return kept, int(table.n_segments_)
    if not _frames.is_frame(table):
        raise DataError(
            f"{OWNER}: a table of crmkit.segment.segment_stability or a fitted BehaviourSegmenter "
            f"is needed, got {type(table).__name__}."
        )
    columns = {name: _frames.column_values(table, name, OWNER).tolist() for name in NEEDED}
    if len(set(columns["k"])) < len(columns["k"]):
        raise DataError(
            f"{OWNER}: a number of segments comes twice: the table is of several methods. Draw one "
            "method at a time."
        )
    return columns, None
