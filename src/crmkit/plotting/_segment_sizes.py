"""How large segments are at each date, and how large they are expected to be."""

from typing import TYPE_CHECKING, Any

import numpy as np

from crmkit.exceptions import DataError
from crmkit.plotting._states import check_made, state_colours
from crmkit.plotting._style import (
    INK,
    PALE,
    as_number,
    as_percent,
    families,
    label,
    prepare,
    time_axis,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OWNER = "plot_segment_sizes"


def plot_segment_sizes(moves: Any, forecast: Any = None, *, ax: "Axes | None" = None) -> "Axes":
    """Draw customers by segment over time: a migration and perhaps its forecast in, axes out.

    Use it to see which segments grow. What lies ahead is dashed within its band; ``print`` the
    forecast to read how far it can be trusted.

    Parameters
    ----------
    moves : Migration
        From `crmkit.segment.migration_matrix`.
    forecast : SegmentForecast, default=None
        From ``moves.forecast(...)``; None draws what is known.
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with a line for each segment that has had customers.

    Raises
    ------
    DataError
        If `moves` is no migration, or `forecast` no forecast of the same segments.
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
    ...     states=("(new)", "good", "poor"), size_counts=np.array([[8, 2], [9, 3]]))
    >>> ax = plot_segment_sizes(moves, ax=Figure().add_subplot())
    >>> [line.get_ydata().tolist() for line in ax.lines]
    [[8, 9], [2, 3]]
    """
    parts = ("dates", "states", "segments", "size_counts")
    check_made(moves, parts, OWNER, "Migration", "segment.migration_matrix")
    states = moves.states[1:]
    if forecast is not None:
        check_made(forecast, ("expected", "level"), OWNER, "SegmentForecast", "moves.forecast")
        if tuple(forecast.states) != tuple(states):
            raise DataError(
                f"{OWNER}: the forecast is of {list(forecast.states)}, the migration of "
                f"{list(states)}. Forecast the same migration."
            )
    ax = prepare(ax, OWNER, size=(8.0, 4.6))
    colours = state_colours(moves.segments)
    known = _instants(moves.dates)
    ahead = known[:0] if forecast is None else _instants(forecast.dates)
    for s, name in enumerate(states):
        sizes, colour = moves.size_counts[:, s], colours[name]
        if not sizes.any() and (forecast is None or forecast.expected[-1, s] < 0.5):
            continue
        ax.plot(known, sizes, color=colour, linewidth=2, marker="o", markersize=3, label=name)
        if forecast is not None:
            expected = forecast.expected[:, s]
            ax.plot(ahead, expected, color=colour, linewidth=2, linestyle="--", label=f"_{name}")
            band = (forecast.lower[:, s], forecast.upper[:, s])
            ax.fill_between(ahead, *band, color=colour, alpha=0.18, linewidth=0)
    _axes(ax, [*known, *ahead])
    fonts = families(states)
    ax.legend(
        frameon=False,
        loc="center left",
        bbox_to_anchor=(1.0, 0.5),
        labelcolor=INK,
        prop={"family": fonts},
    )
    title = "Customers by segment"
    if forecast is not None:
        title += f", with a forecast and its {as_percent(forecast.level)} band"
    label(ax, title=title, x="date", y="customers")
    return ax


def _instants(dates: Any) -> Any:
    return np.array([np.datetime64(f"{date:%Y-%m-%d}", "D") for date in dates])


def _axes(ax: "Axes", dates: list[Any]) -> None:
    """Dates below, customers from 0 to the left."""
    from matplotlib.ticker import MaxNLocator

    time_axis(ax)
    ax.set_ylim(bottom=0.0)
    ax.yaxis.set_major_locator(MaxNLocator("auto", integer=True))
    ax.yaxis.set_major_formatter(as_number)
    ax.set_xlim(min(dates), max(dates) + (max(dates) - min(dates)) / 50)
    ax.grid(color=PALE)
