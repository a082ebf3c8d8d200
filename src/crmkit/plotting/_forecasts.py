"""Lines of one or several forecasts: their names, colours and dashes."""

import textwrap
from collections.abc import Iterator, Mapping
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from crmkit.exceptions import DataError
from crmkit.metrics._checks import by_name
from crmkit.plotting._holdout import LINES, MORE_LINES
from crmkit.plotting._style import GREY, INK, PALE, as_percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Style = dict[str, Any]
LONG, WIDEST = 32, 46  # letters of a name in a legend
GLUE = "\N{NO-BREAK SPACE}"


def styled(
    p: npt.ArrayLike | Mapping[str, npt.ArrayLike], owner: str
) -> Iterator[tuple[str, npt.ArrayLike, Style]]:
    """Name, forecast and line style of each; one without a name is "these probabilities"."""
    forecasts = by_name(p, owner, "these probabilities")
    if not forecasts:
        raise DataError(f"{owner}: p holds no forecast. Pass at least one.")
    looks = cycle(LINES + MORE_LINES)
    return (
        (name, one, {"color": colour, "linestyle": dashes})
        for (name, one), (colour, _, dashes) in zip(forecasts.items(), looks, strict=False)
    )


def shares_square(ax: "Axes") -> None:
    """Both axes from 0 to 100 %, with a pale grid."""
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(as_percent)
    ax.set(xlim=(0, 1), ylim=(0, 1.02))
    ax.grid(color=PALE)


def chance(ax: "Axes", x: Any, y: Any, name: str = "random") -> None:
    """A dotted line to beat."""
    ax.plot(x, y, color=GREY, linestyle=":", label=name)


def legend(ax: "Axes", where: Any) -> None:
    """Write the legend without a frame; long names are small and broken, lines behind them pale."""
    handles, names = ax.get_legend_handles_labels()
    longest = max((len(name) for name in names), default=0)
    drawn = ax.legend(
        handles,
        [broken(name) for name in names],
        loc=where,
        labelcolor=INK,
        fontsize="small" if longest > LONG else None,
        framealpha=0.8,
        edgecolor="none",
    )
    drawn.set_in_layout(False)  # axes do not shrink for a name


def broken(name: str) -> str:
    """Name in lines, the score in brackets at its end in one piece."""
    text, bracket, score = name.rpartition(" (")
    whole = f"{text}{bracket}{score.replace(' ', GLUE)}"
    return textwrap.fill(whole, WIDEST).replace(GLUE, " ")
