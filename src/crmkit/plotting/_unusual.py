"""Who is unlike their peers: the score of everybody beside the opinion of the isolation forest."""

from typing import TYPE_CHECKING, Any

import numpy as np

from crmkit import _frames
from crmkit._validation import check_whole
from crmkit.exceptions import DataError
from crmkit.plotting._style import (
    GREY,
    INK,
    PALE,
    VERMILION,
    as_percent,
    counted,
    label,
    prepare,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OWNER = "plot_unusual"

MOST = 20


def plot_unusual(judged: Any, *, n: int = 5, ax: "Axes | None" = None) -> "Axes":
    """Draw who is unusual: the frame of `UnusualBehaviour` in, axes out.

    Every customer is a point, the share of customers whom the forest finds less strange to the
    right, the score upwards. Those above the line are flagged; the strangest tell why. Flagged
    customers at the left are strange in one deed that the forest does not see.

    Parameters
    ----------
    judged : dataframe
        From ``UnusualBehaviour().fit(log).predict_frame(log)``.
    n : int, default=5
        How many of the strangest are told with their first reason, 0 to 20.
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes.

    Raises
    ------
    DataError
        If `judged` is no such frame, or `n` no whole number.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> judged = pd.DataFrame({"customer_id": ["a", "b"], "score": [0.9, 0.1],
    ...     "unusual": [True, False], "reasons": ["7 returns in 10 days; ...", ""],
    ...     "second_opinion": [0.99, 0.4]})
    >>> ax = plot_unusual(judged, ax=Figure().add_subplot())
    >>> [text.get_text() for text in ax.texts]
    ['a: 7 returns in 10 days']
    """
    check_whole(n, "n", OWNER, low=0)
    if n > MOST:
        raise DataError(f"{OWNER}: n must be at most {MOST}, for which there is room, got {n}.")
    if not _frames.is_frame(judged):
        raise DataError(
            f"{OWNER}: a frame is needed, as UnusualBehaviour().fit(log).predict_frame(log) makes "
            f"it, got {type(judged).__name__}."
        )
    table = _frames.to_eager(judged)
    names = ("score", "unusual", "reasons", "second_opinion")
    score, flag, reasons, opinion = (_frames.column_values(table, k, OWNER) for k in names)
    flag = flag.astype(bool)
    ids = _frames.column_values(table, _frames.column_names(table, OWNER)[0], OWNER)
    ax = prepare(ax, OWNER, size=(8.0, 4.6))
    ax.scatter(opinion[~flag], score[~flag], s=8, color=GREY, alpha=0.5, linewidth=0)
    ax.scatter(opinion[flag], score[flag], s=24, color=VERMILION, linewidth=0)
    ax.axhline(0.5, color=INK, linewidth=1.0, linestyle="--")
    told = [i for i in np.argsort(-score, kind="stable").tolist() if flag[i]][:n]
    _reasons(ax, [(opinion[i], score[i], f"{ids[i]}: {_first(str(reasons[i]))}") for i in told])
    ax.set_xlim(0.0, 1.02)
    ax.set_ylim(0.0, 1.02)
    ax.xaxis.set_major_formatter(as_percent)
    ax.grid(color=PALE)
    label(
        ax,
        title=f"{counted(int(flag.sum()), 'customers')} of {_judged(table):,} unlike their peers",
        x="customers whom the isolation forest finds less strange",
        y="score (0.5 is the limit)",
    )
    return ax


def _judged(table: Any) -> int:
    """Customers who did anything in the window; everybody where the frame does not tell."""
    names = _frames.column_names(table, OWNER)
    done = [_frames.column_values(table, k, OWNER) for k in ("orders", "returns") if k in names]
    if not done:
        return len(_frames.column_values(table, names[0], OWNER))
    return int((np.column_stack(done) > 0).any(axis=1).sum())


def _first(reasons: str) -> str:
    """What the first reason says of the customer."""
    return reasons.split("; ")[0].split(", rare")[0].split(". ")[0]


def _reasons(ax: "Axes", told: list[tuple[float, float, str]]) -> None:
    """Texts at the left, one below the other, each with a line to its point."""
    step = min(0.07, 0.92 / max(len(told), 1))
    room = {"facecolor": ax.get_facecolor(), "edgecolor": "none", "alpha": 0.8, "pad": 0.5}
    for k, (x, y, text) in enumerate(told):
        ax.annotate(
            text,
            (x, y),
            xytext=(0.03, 0.96 - step * k),
            bbox=room,
            textcoords="axes fraction",
            color=INK,
            size=8,
            va="center",
            arrowprops={"arrowstyle": "-", "color": PALE, "linewidth": 0.8},
        )
