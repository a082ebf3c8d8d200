"""Who moves where: segments before and after as a map of shares."""

from typing import TYPE_CHECKING, Any

import numpy as np

from crmkit.plotting._states import check_made
from crmkit.plotting._style import INK, PALE, as_percent, families, label, prepare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OWNER = "plot_migration"
DEEPEST = 0.6  # of the blues: dark ink stays legible
LEAST = 0.005  # shares below are coloured, not written


def plot_migration(moves: Any, *, pair: int | None = None, ax: "Axes | None" = None) -> "Axes":
    """Draw which share of a segment went where: a migration in, axes out.

    Use it to see where customers come from and slip to: a row is a segment before, its fields add
    up to 100 %. For lists of who moved ask ``moves.movers``.

    Parameters
    ----------
    moves : Migration
        From `crmkit.segment.migration_matrix`.
    pair : int, default=None
        Which pair of dates, counted from 0, -1 is the last; None adds up all of them.
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with a field for each move, darker for a larger share; rows without customers are
        left out.

    Raises
    ------
    DataError
        If `moves` is no migration or has no such pair.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> import pandas as pd
    >>> from datetime import date
    >>> from matplotlib.figure import Figure
    >>> counts = pd.DataFrame([[6, 2], [1, 1]], index=["good", "poor"], columns=["good", "poor"])
    >>> moves = SimpleNamespace(dates=(date(2024, 1, 1), date(2024, 2, 1)),
    ...                         matrix=lambda pair, shares: counts)
    >>> ax = plot_migration(moves, ax=Figure().add_subplot())
    >>> [text.get_text() for text in ax.texts]
    ['75 %', '25 %', '50 %', '50 %']
    """
    check_made(moves, ("matrix", "dates"), OWNER, "Migration", "segment.migration_matrix")
    table = moves.matrix(pair, shares=False)
    counts = table.to_numpy(dtype=np.float64)
    some = counts.sum(axis=1) > 0
    counts = counts[some]
    shares = counts / counts.sum(axis=1, keepdims=True)
    rows, columns = [str(name) for name in table.index[some]], [str(n) for n in table.columns]
    n_rows, n_columns = shares.shape
    ax = prepare(ax, OWNER, size=(3.2 + 0.62 * n_columns, 1.9 + 0.42 * n_rows))
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap

    blues = ListedColormap(colormaps["Blues"](np.linspace(0.0, DEEPEST, 256)))
    edges = np.arange(max(n_rows, n_columns) + 1) - 0.5
    ax.pcolormesh(
        edges[: n_columns + 1],
        edges[: n_rows + 1],
        shares,
        cmap=blues,
        vmin=0.0,
        vmax=1.0,
        edgecolors="white",
        linewidth=1.0,
    )
    for i, j in zip(*np.nonzero(shares >= LEAST), strict=True):
        text = as_percent(shares[i, j])
        ax.text(j, i, text, ha="center", va="center", color=INK, fontsize="small")
    fonts = families([*rows, *columns])
    sized = [f"{name}  {n:,.0f}" for name, n in zip(rows, counts.sum(axis=1), strict=True)]
    ax.set_xticks(range(n_columns), columns, rotation=40, ha="right", fontfamily=fonts)
    ax.set_yticks(range(n_rows), sized, fontfamily=fonts)
    ax.invert_yaxis()
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.tick_params(length=0, color=PALE)
    steps = " of all steps" if pair is None and len(moves.dates) > 2 else ""
    before = f"segment before, customers{steps}"
    label(ax, title=_title(moves, pair), x="segment after", y=before)
    return ax


def _title(moves: Any, pair: int | None) -> str:
    if pair is None:
        first, last = moves.dates[0], moves.dates[-1]
        step = "" if len(moves.dates) == 2 else f", {len(moves.dates) - 1} steps together"
        return f"Moves from {first:%Y-%m-%d} to {last:%Y-%m-%d}{step}"
    before, after = list(zip(moves.dates, moves.dates[1:], strict=False))[pair]
    return f"Moves from {before:%Y-%m-%d} to {after:%Y-%m-%d}"
