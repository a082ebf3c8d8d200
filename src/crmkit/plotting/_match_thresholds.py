"""From which probability on should records be joined? Precision and recall by threshold."""

from typing import TYPE_CHECKING, Any

import numpy as np

from crmkit import _frames
from crmkit._validation import check_share
from crmkit.exceptions import DataError
from crmkit.plotting._style import BLUE, GREY, INK, PALE, VERMILION, as_percent, label, prepare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OWNER = "plot_match_thresholds"
COLOURS = {"precision": BLUE, "recall": VERMILION}


def plot_match_thresholds(
    scores: Any,
    measured: Any = None,
    *,
    threshold: float | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw precision and recall by threshold: one or two frames of scores in, axes out.

    Use it to choose a threshold: a wrong join mixes two people, a missed one counts a person
    twice. With both frames it shows how far the matcher's own estimate can be believed.

    Parameters
    ----------
    scores : frame
        `threshold`, `precision` and `recall`, one row a threshold, such as from
        `crmkit.metrics.expected_match_scores`; drawn dashed where `measured` is given.
    measured : frame, default=None
        The same where the truth is known, such as from `crmkit.metrics.match_threshold_curve`.
    threshold : float, default=None
        The threshold in use, between 0 and 1, for a line.
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with lines of precision and recall, measured ones solid, estimated ones dashed.

    Raises
    ------
    DataError
        If a column is missing, a frame has no rows, or the threshold is not between 0 and 1.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from crmkit.metrics import expected_match_scores
    >>> scores = expected_match_scores([0.9, 0.7, 0.2, 0.2], [0.1, 0.5, 0.8])
    >>> ax = plot_match_thresholds(scores, ax=Figure().add_subplot())
    >>> [line.get_label() for line in ax.lines]
    ['precision', 'recall']
    """
    if threshold is not None:
        check_share(threshold, "threshold", OWNER)
    drawn = [(scores, "", "-")]
    if measured is not None:
        drawn = [(measured, ", measured", "-"), (scores, ", estimated", "--")]
    tables = [(_columns(frame), word, dashes) for frame, word, dashes in drawn]
    ax = prepare(ax, OWNER)
    for columns, word, dashes in tables:
        for name, colour in COLOURS.items():
            ax.plot(
                columns["threshold"],
                columns[name],
                color=colour,
                linestyle=dashes,
                linewidth=2,
                marker="o" if dashes == "-" else None,
                markersize=3,
                label=f"{name}{word}",
            )
    if threshold is not None:
        ax.axvline(threshold, color=GREY, linewidth=1)
        ax.text(threshold, 0.02, " in use", color=INK, fontsize="small",
                transform=ax.get_xaxis_transform())  # fmt: skip
    lowest = min(float(np.min(c[name])) for c, _, _ in tables for name in COLOURS)
    ax.set_ylim(max(0.0, lowest - 0.05), 1.005)
    ax.set_xlim(0.0, 1.0)
    ax.xaxis.set_major_formatter(as_percent)
    ax.yaxis.set_major_formatter(as_percent)
    ax.grid(color=PALE)
    ax.legend(frameon=False, labelcolor=INK, loc="center left", bbox_to_anchor=(1.0, 0.5))
    title = "Precision and recall of matches by threshold"
    label(ax, title=title, x="probability from which a pair is joined", y="share of pairs")
    return ax


def _columns(frame: Any) -> dict[str, Any]:
    """Thresholds in order with their scores."""
    names = ("threshold", *COLOURS)
    table = np.asarray(_frames.float_columns(_frames.to_eager(frame), names, OWNER))
    if not len(table):
        raise DataError(f"{OWNER}: the frame has no rows. Pass at least one threshold.")
    ordered = table[np.argsort(table[:, 0], kind="stable")]
    return dict(zip(names, ordered.T, strict=True))
