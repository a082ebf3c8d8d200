"""What does breadth cost? Recommenders by two scores, and those that no other beats in both."""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from crmkit._validation import Floats
from crmkit.exceptions import DataError
from crmkit.plotting._evaluations import SIMPLE, TITLES, at_n, score_column, styles, table_of
from crmkit.plotting._style import GREY, INK, PALE, as_number, as_percent, families, label, prepare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OWNER = "plot_coverage_accuracy"
NAME = (0.28, 0.05)
"""Room of a name: parts of the ranges of both scores."""
SHARES = ("coverage", "popularity_percentile", "hit_rate")


def plot_coverage_accuracy(
    evaluation: Any,
    table: str = "new items",
    *,
    score: str = "ndcg",
    breadth: str = "coverage",
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw accuracy against breadth: an evaluation in, axes with a dot a recommender out.

    Use it to choose how strong a re-ranker should be: evaluate it at several strengths beside the
    recommender alone. Only the recommenders on the line are worth a thought; of any other there is
    one that is at least as good in both.

    Parameters
    ----------
    evaluation : Evaluation or pandas.DataFrame
        From `crmkit.recommend.evaluate`, or scores from `crmkit.metrics.ranking_scores`.
    table : str, default="new items"
        One of ``evaluation.tables``; ignored for a frame.
    score : str, default="ndcg"
        What is drawn upwards, the more the better.
    breadth : str, default="coverage"
        What is drawn to the right, the more the better: "coverage", "diversity" or "novelty".
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with a named dot a recommender and a line through those that none beats in both.

    Raises
    ------
    DataError
        If it is no evaluation, or there is no such table or score.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> scores = pd.DataFrame(
    ...     {"ndcg": [0.10, 0.09, 0.05], "coverage": [0.3, 0.5, 0.01]},
    ...     index=["EASE", "EASE, long tail", "popularity"],
    ... )
    >>> ax = plot_coverage_accuracy(scores, ax=Figure().add_subplot())
    >>> ax.get_xlabel(), [text.get_text() for text in ax.texts]
    ('coverage', ['EASE', 'EASE, long tail', 'popularity'])
    """
    found = table_of(evaluation, table, OWNER)
    x, y = (np.asarray(score_column(found, name, OWNER)) for name in (breadth, score))
    names = [str(name) for name in found.index]
    known = np.isfinite(x) & np.isfinite(y)
    if not known.any():
        raise DataError(f"{OWNER}: no recommender has both {score!r} and {breadth!r}.")
    ax = prepare(ax, OWNER, size=(7.0, 4.8))
    best = unbeaten(x, y)
    order = best[np.argsort(x[best], kind="stable")]
    ax.plot(x[order], y[order], color=GREY, linewidth=1.2, zorder=1)
    for i, (colour, marker, _) in enumerate(styles(names).values()):
        if known[i]:
            ax.plot(x[i], y[i], color=colour, marker=marker, linestyle="none", markersize=7)
    ax.margins(x=0.16, y=0.12)
    _write(ax, x, y, known, {name: colour for name, (colour, _, _) in styles(names).items()})
    for axis, name in ((ax.xaxis, breadth), (ax.yaxis, score)):
        axis.set_major_formatter(as_percent if name in SHARES else as_number)
    ax.grid(color=PALE)
    where = "" if found is evaluation else f": {table}"
    title = f"{TITLES.get(score, score)} and {TITLES.get(breadth, breadth).split(',')[0]}{where}"
    label(ax, title=title, x=at_n(breadth, evaluation), y=at_n(score, evaluation))
    return ax


def unbeaten(x: Floats, y: Floats) -> npt.NDArray[np.intp]:
    """Points for which no other is at least as good in both and better in one."""
    as_good = (x[:, None] <= x) & (y[:, None] <= y)
    better = (x[:, None] < x) | (y[:, None] < y)
    known = np.isfinite(x) & np.isfinite(y)
    return np.flatnonzero(known & ~(as_good & better).any(axis=1))


def _write(
    ax: "Axes", x: Floats, y: Floats, known: npt.NDArray[np.bool_], colours: dict[str, str]
) -> None:
    """Names beside their dots and in their colours, in the order of the table."""
    heights, names = apart(x, y, known), list(colours)
    for i in np.flatnonzero(known):
        if heights[i] < y[i]:
            ax.plot([x[i], x[i]], [y[i], heights[i]], color=PALE, linewidth=0.8, zorder=0)
        ax.annotate(
            names[i],
            (x[i], heights[i]),
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
            color=INK if names[i] in SIMPLE else colours[names[i]],
            fontsize="small",
            fontfamily=families([names[i]]),
        )


def apart(x: Floats, y: Floats, known: npt.NDArray[np.bool_]) -> Floats:
    """Heights for names beside dots, from above: lower where another name would be in the way."""
    wide, high = extent(x[known]), extent(y[known])
    heights = y.copy()
    done: list[int] = []
    for i in np.argsort(-np.where(known, y, -np.inf), kind="stable")[: known.sum()]:
        near = [j for j in done if abs(x[i] - x[j]) < NAME[0] * wide]
        while any(abs(heights[i] - heights[j]) < 0.99 * NAME[1] * high for j in near):
            heights[i] -= NAME[1] * high
        done.append(int(i))
    return heights


def extent(values: Floats) -> float:
    """Range of values; of equal ones a tenth of their size, as an axis has it."""
    return float(np.ptp(values)) or 0.1 * float(np.abs(values).max()) or 1.0
