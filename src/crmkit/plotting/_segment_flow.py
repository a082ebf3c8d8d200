"""Streams of customers between segments: an alluvial picture over two or more dates."""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from crmkit._validation import Floats, check_real
from crmkit.plotting._states import NEW, check_made, state_colours
from crmkit.plotting._style import INK, as_number, families, label, prepare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OWNER = "plot_segment_flow"
WIDTH, GAP, WRITTEN = 0.05, 0.012, 0.018  # of a bar, between bars, the least that is named
BEND = np.linspace(0.0, 1.0, 24)

Counts = npt.NDArray[np.int64]


def plot_segment_flow(moves: Any, *, min_share: float = 0.002, ax: "Axes | None" = None) -> "Axes":
    """Draw customers flowing between segments from date to date: a migration in, axes out.

    Use it to show a handful of dates to people; many dates and segments become a carpet, for
    which `plot_migration` is clearer.

    Parameters
    ----------
    moves : Migration
        From `crmkit.segment.migration_matrix`.
    min_share : float, default=0.002
        Streams below this share of the customers of the last date are not drawn (0 draws all).
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with a bar for each segment at each date, as high as it has customers, and streams
        in the colour of where they come from; who is new comes from below.

    Raises
    ------
    DataError
        If `moves` is no migration or `min_share` is negative.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> import numpy as np
    >>> from datetime import date
    >>> from matplotlib.figure import Figure
    >>> moves = SimpleNamespace(
    ...     dates=(date(2024, 1, 1), date(2024, 2, 1)), segments=("good", "poor"),
    ...     states=("(new)", "good", "poor"), size_counts=np.array([[8, 2], [9, 3]]),
    ...     counts=np.array([[[0, 2, 0], [0, 6, 2], [0, 1, 1]]]))
    >>> ax = plot_segment_flow(moves, ax=Figure().add_subplot())
    >>> [text.get_text() for text in ax.texts]
    ['good  8', 'poor  2', '(new)  2', 'good  9', 'poor  3']
    """
    parts = ("dates", "states", "segments", "counts", "size_counts")
    check_made(moves, parts, OWNER, "Migration", "segment.migration_matrix")
    check_real(min_share, "min_share", OWNER, low=0.0)
    n_dates = len(moves.dates)
    ax = prepare(ax, OWNER, size=(max(7.0, 2.4 + 1.6 * n_dates), 5.4))
    colours, states = state_colours(moves.segments), moves.states
    whole = float(moves.size_counts.sum(axis=1).max()) or 1.0
    bars = [column_of(sizes, i, moves.counts) / whole for i, sizes in enumerate(moves.size_counts)]
    tops = [stacked(heights) for heights in bars]
    for i in range(n_dates - 1):
        flows = moves.counts[i] / whole
        flows = np.where(flows >= min_share, flows, 0.0)
        _draw_streams(ax, i, flows, tops[i], tops[i + 1], [colours[s] for s in states])
    for i in range(n_dates):
        _draw_bars(ax, i, bars[i], tops[i], states, [colours[s] for s in states])
    _write(ax, moves, bars, tops, whole)
    ax.set_xticks(range(n_dates), [f"{date:%Y-%m-%d}" for date in moves.dates])
    ax.set_yticks([])
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.tick_params(length=0)
    lowest = min(float((top - bar).min()) for top, bar in zip(tops, bars, strict=True))
    ax.set(xlim=(-0.65, n_dates - 1 + 0.65), ylim=(lowest - GAP, 0.01))
    label(ax, title="How customers move between segments", x="date", y="")
    return ax


def column_of(sizes: Counts, i: int, counts: Counts) -> Floats:
    """Heights of all states at date i; who is new until the next date stands below the others."""
    coming = counts[i, 0].sum() if i < len(counts) else 0
    return np.append(coming, sizes).astype(np.float64)


def stacked(heights: Floats) -> Floats:
    """Upper ends of bars below one another, the first (who is new) at the bottom."""
    order = np.append(np.arange(1, len(heights)), 0)
    room = heights[order] + GAP * (heights[order] > 0)
    tops = np.empty(len(heights))
    tops[order] = -(np.cumsum(room) - room)
    return tops


def _draw_bars(
    ax: "Axes", i: int, heights: Floats, tops: Floats, states: Any, colours: list[str]
) -> None:
    shown = heights > 0
    ax.bar(
        np.full(shown.sum(), float(i)),
        heights[shown],
        WIDTH,
        bottom=(tops - heights)[shown],
        color=[c for c, s in zip(colours, shown, strict=True) if s],
        label=f"_{i}",
    )


def _draw_streams(
    ax: "Axes", i: int, flows: Floats, before: Floats, after: Floats, colours: list[str]
) -> None:
    """Streams between two dates, those of a bar one below the other in the order of the bars."""
    from matplotlib.collections import PolyCollection

    leave = before[:, None] - (np.cumsum(flows, axis=1) - flows)
    last = np.append(np.arange(1, len(flows)), 0)  # who is new stands at the bottom
    arrive = np.empty(flows.shape)
    arrive[last] = after[None, :] - (np.cumsum(flows[last], axis=0) - flows[last])
    x = i + WIDTH / 2 + BEND * (1.0 - WIDTH)
    ease = BEND**2 * (3.0 - 2.0 * BEND)
    shapes, paints = [], []
    for a, b in zip(*np.nonzero(flows), strict=True):
        upper = leave[a, b] + ease * (arrive[a, b] - leave[a, b])
        lower = upper - flows[a, b]
        shapes.append(np.column_stack([np.append(x, x[::-1]), np.append(upper, lower[::-1])]))
        paints.append(colours[a])
    ax.add_collection(PolyCollection(shapes, facecolors=paints, alpha=0.45, linewidths=0))


def _write(ax: "Axes", moves: Any, bars: list[Floats], tops: list[Floats], whole: float) -> None:
    """Name the bars of the first date on the left and of the last on the right."""
    fonts = families(moves.states)
    last = len(bars) - 1
    for i, shift, side in ((0, -0.05, "right"), (last, 0.05, "left")):
        for s in [*range(1, len(moves.states)), 0]:
            if bars[i][s] >= WRITTEN:
                name = f"{moves.states[s]}  {as_number(round(bars[i][s] * whole))}"
                y = tops[i][s] - bars[i][s] / 2
                ax.text(
                    i + shift,
                    y,
                    name,
                    ha=side,
                    va="center",
                    color=INK,
                    fontsize="small",
                    fontfamily=fonts,
                )
    for i in range(1, last):
        if bars[i][0] >= WRITTEN:
            y = tops[i][0] - bars[i][0] / 2
            name = f"{NEW}  {as_number(round(bars[i][0] * whole))}"
            ax.text(i - 0.05, y, name, ha="right", va="center", color=INK, fontsize="small")
