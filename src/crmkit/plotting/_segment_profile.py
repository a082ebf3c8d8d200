"""What sets segments apart: a map of how far each lies from the average customer."""

from typing import TYPE_CHECKING, Any

import numpy as np

from crmkit.exceptions import DataError
from crmkit.plotting._style import INK, as_percent, families, label, prepare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OWNER = "plot_segment_profile"
FAR = 2.0  # spreads: the deepest colour


def plot_segment_profile(segmenter: Any, *, ax: "Axes | None" = None) -> "Axes":
    """Draw how segments differ from the average customer: a fitted segmenter in, axes out.

    Use it to see at a glance what a name stands for. For numbers in the unit of the columns ask
    ``segmenter.describe()``.

    Parameters
    ----------
    segmenter : BehaviourSegmenter
        Fitted.
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with a field for each segment and column (or level of a category): the mean of
        the segment, in standard deviations from that of all, orange above and blue below.

    Raises
    ------
    DataError
        If `segmenter` is no fitted segmenter with a profile.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from crmkit.segment import BehaviourSegmenter
    >>> visits = [[1.0, 9.0], [2.0, 8.0], [9.0, 1.0], [8.0, 2.0], [9.0, 2.0]]
    >>> segmenter = BehaviourSegmenter(n_segments=2).fit(visits)
    >>> ax = plot_segment_profile(segmenter, ax=Figure().add_subplot())
    >>> [text.get_text() for text in ax.texts]
    ['+0.8', '\N{MINUS SIGN}0.8', '\N{MINUS SIGN}1.2', '+1.2']
    """
    if not (hasattr(segmenter, "profile_") and hasattr(segmenter, "shares_")):
        raise DataError(
            f"{OWNER}: a fitted crmkit.segment.BehaviourSegmenter is needed, got "
            f"{type(segmenter).__name__}."
        )
    told = segmenter.profile_
    segments = [str(name) for name in segmenter.segments_]
    z = np.reshape(told["z"], (len(segments), -1))
    n_rows, n_columns = z.shape
    columns = [
        str(column) if level is None else f"{column}: {level}"
        for column, level in zip(told["column"], told["level"], strict=True)
    ][:n_columns]
    ax = prepare(ax, OWNER, size=(4.2 + 0.75 * n_columns, 1.6 + 0.45 * n_rows))
    edges = np.arange(max(n_rows, n_columns) + 1) - 0.5
    ax.pcolormesh(
        edges[: n_columns + 1],
        edges[: n_rows + 1],
        z,
        cmap=_colours(),
        vmin=-FAR,
        vmax=FAR,
        edgecolors="white",
        linewidth=1.0,
    )
    for i, j in np.ndindex(z.shape):
        text = f"{z[i, j]:+.1f}".replace("-", "\N{MINUS SIGN}")
        text = "0.0" if text[1:] == "0.0" else text
        ax.text(j, i, text, ha="center", va="center", color=INK, fontsize="small")
    sized = [
        f"{name}  {as_percent(share)}"
        for name, share in zip(segments, segmenter.shares_, strict=True)
    ]
    fonts = families([*columns, *segments])
    ax.set_xticks(range(n_columns), columns, rotation=40, ha="right", fontfamily=fonts)
    ax.set_yticks(range(n_rows), sized, fontfamily=fonts)
    ax.invert_yaxis()
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.tick_params(length=0)
    label(ax, title="What sets segments apart", x="spreads from the average customer", y="")
    return ax


def _colours() -> Any:
    """From blue over white to orange, light enough for dark ink."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("away", ["#6BAED6", "#FFFFFF", "#F0A35E"])
