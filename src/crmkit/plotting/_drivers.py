"""Which attributes go with a target: a bar of strength each, the sure apart from the unsure."""

from typing import TYPE_CHECKING, Any

import numpy as np

from crmkit import _frames
from crmkit._validation import check_share, check_whole
from crmkit.exceptions import DataError
from crmkit.plotting._style import BLUE, GREY, INK, ORANGE, PALE, families, label, prepare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OWNER = "plot_drivers"

SURE, UNSURE, PART = "sure", "may be chance", "probably a part of the target"


def plot_drivers(
    found: Any, *, n: int = 15, alpha: float = 0.05, ax: "Axes | None" = None
) -> "Axes":
    """Draw how strongly attributes go with a target: a frame of drivers in, axes out.

    Use it to show where valuable customers differ. It shows association: no bar says that a
    change of the attribute would change the target.

    Parameters
    ----------
    found : frame
        One row per attribute, from `crmkit.segment.drivers` (pandas, polars, pyarrow or duckdb).
        Attributes that were left out are not drawn.
    n : int, default=15
        Most attributes to draw, strongest first.
    alpha : float, default=0.05
        Corrected p value up to which an attribute is called sure, between 0 and 1.
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with a horizontal bar of strength (0 to 1) an attribute, and its direction in
        words.

    Raises
    ------
    DataError
        If a column is missing, or no attribute has a strength.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> found = pd.DataFrame({"column": ["visits", "coin"], "strength": [0.6, 0.02],
    ...     "p_adjusted": [0.001, 0.8], "direction": ["higher visits, higher value", ""],
    ...     "note": ["", ""]})
    >>> ax = plot_drivers(found, ax=Figure().add_subplot())
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['visits', 'coin']
    """
    check_whole(n, "n", OWNER, low=1)
    check_share(alpha, "alpha", OWNER)
    table = _frames.to_eager(found)
    numbers = _frames.float_columns(table, ["strength", "p_adjusted"], OWNER)
    strength, p = np.asarray(numbers).T
    words = [_frames.column_values(table, name, OWNER) for name in ("column", "direction", "note")]
    drawn = np.flatnonzero(~np.isnan(strength))
    drawn = drawn[np.argsort(-strength[drawn], kind="stable")][:n]
    if not len(drawn):
        raise DataError(f"{OWNER}: no attribute has a strength: all were left out.")
    names, directions, notes = ([str(each[i]) for i in drawn] for each in words)
    kinds = [_kind(note, float(p[i]), alpha) for note, i in zip(notes, drawn, strict=True)]
    ax = prepare(ax, OWNER, size=(8.6, 1.4 + 0.42 * len(drawn)))
    for kind, colour in ((SURE, BLUE), (UNSURE, GREY), (PART, ORANGE)):
        rows = [row for row, each in enumerate(kinds) if each == kind]
        if rows:
            ax.barh(rows, strength[drawn[rows]], height=0.7, color=colour, label=kind)
    fonts = families([*names, *directions])
    style: dict[str, Any] = {"va": "center", "color": INK, "fontsize": "small", "fontfamily": fonts}
    for row, (i, text) in enumerate(zip(drawn, directions, strict=True)):
        ax.text(strength[i] + 0.01, row, f"{strength[i]:.2f}  {text}", **style)
    ax.set_yticks(range(len(drawn)), names, fontfamily=fonts)
    ax.invert_yaxis()
    ax.set_xlim(0.0, 2.2 * float(strength[drawn[0]]) + 0.01)
    ax.set_xticks([tick for tick in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0) if tick <= ax.get_xlim()[1]])
    ax.grid(axis="x", color=PALE)
    _legend(ax)
    title = "What goes with the target (association, not cause)"
    label(ax, title=title, x="", y="")
    ax.set_xlabel("strength, 0 to 1", loc="left", color=INK)
    return ax


def _legend(ax: "Axes") -> None:
    """Kinds below the label of the axis, as far below in inches however many bars there are."""
    from matplotlib.transforms import ScaledTranslation  # matplotlib is an extra

    figure: Any = ax.figure
    below = ax.transAxes + ScaledTranslation(0.0, -0.5, figure.dpi_scale_trans)
    ax.legend(
        frameon=False,
        loc="upper left",
        bbox_to_anchor=(0.0, 0.0),
        bbox_transform=below,
        borderaxespad=0.0,
        borderpad=0.0,
        ncols=3,
        labelcolor=INK,
    )


def _kind(note: str, p: float, alpha: float) -> str:
    if note:
        return PART
    return SURE if p <= alpha else UNSURE
