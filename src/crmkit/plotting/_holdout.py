"""Expected against actual purchases in a holdout period, the simple baselines beside the model."""

from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from crmkit._validation import Floats, check_whole
from crmkit.exceptions import DataError
from crmkit.plotting._style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PALE,
    PURPLE,
    SKY,
    UNITS,
    VERMILION,
    as_number,
    counted,
    label,
    prepare,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LINES = ((BLUE, "o", "-"), (ORANGE, "s", "--"), (GREEN, "^", ":"), (VERMILION, "D", "-."))
MANY, SMALL = 8, 7.5  # groups above which their names are smaller, and their size in points
MORE_LINES = ((PURPLE, "v", "--"), (SKY, "P", "-."), (INK, "X", ":"))


def plot_holdout(report: Any, *, last: int = 7, ax: "Axes | None" = None) -> "Axes":
    r"""Draw actual and expected purchases by earlier frequency: a holdout report in, axes out.

    Use it to see for whom a purchase model is right: bars are what came on average, lines what
    was expected. A model that is right in total may still be wrong for the frequent buyers.

    Parameters
    ----------
    report : HoldoutReport
        From `crmkit.pipelines.holdout_report`. Read are `calibration_frequency` (repeat
        purchases before the cut-off), `actual` (purchases in the holdout period), `predictions`
        (name to array; the first is the model), `horizon` and `unit`.
    last : int, default=7
        Customers with this many repeat purchases or more share the last bar; where they are over
        half of all, the groups double instead (3-4, 5-8, ...).
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with a bar per earlier frequency and a line per forecast, in purchases a
        customer; below each bar the number of customers.

    Raises
    ------
    DataError
        If it is no report, there are no customers, or `last` is no whole number of at least 1.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from matplotlib.figure import Figure
    >>> report = SimpleNamespace(
    ...     calibration_frequency=[0, 0, 1], actual=[0, 1, 2], horizon=39.0, unit="W",
    ...     predictions={"BetaGeoModel": [0.3, 0.4, 1.0], "mean": [1.0, 1.0, 1.0]},
    ... )
    >>> ax = plot_holdout(report, ax=Figure().add_subplot())
    >>> [text.get_text() for text in ax.get_xticklabels()]
    ['0\n2', '1\n1']
    """
    owner = "plot_holdout"
    check_whole(last, "last", owner, low=1)
    frequency = held(report, "calibration_frequency", owner)
    group, counts, names = frequency_groups(frequency, last)
    ax = prepare(ax, owner)
    place = np.arange(len(names))
    actual = group_means(group, np.asarray(report.actual, dtype=np.float64))
    ax.bar(place, actual, color=GREY, width=0.7, label="actual")
    for (name, predicted), (colour, marker, dashes) in zip(
        report.predictions.items(), cycle(LINES + MORE_LINES), strict=False
    ):
        mean = group_means(group, np.asarray(predicted, dtype=np.float64))
        ax.plot(place, mean, color=colour, marker=marker, linestyle=dashes, label=name)
    ax.set_xticks(place, [f"{n}\n{c:,}" for n, c in zip(names, counts, strict=True)])
    if len(names) > MANY:
        ax.tick_params(axis="x", labelsize=SMALL)
    ax.yaxis.set_major_formatter(as_number)
    ax.grid(axis="y", color=PALE)
    ax.legend(frameon=False, loc="best", labelcolor=INK)
    window = counted(report.horizon, UNITS.get(report.unit, report.unit))
    label(
        ax,
        title=f"Purchases in the next {window}: actual and expected",
        x="repeat purchases before the cut-off, and number of customers",
        y="mean purchases per customer",
    )
    return ax


def held(report: Any, name: str, owner: str) -> Floats:
    """What a holdout report holds of its customers under this name; there must be some."""
    values = getattr(report, name, None)
    if values is None or not hasattr(report, "predictions"):
        raise DataError(
            f"{owner}: a report with {name} is needed, got {type(report).__name__}. Make it with "
            "crmkit.pipelines.holdout_report."
        )
    found = np.asarray(values, dtype=np.float64)
    if found.size == 0:
        raise DataError(f"{owner}: the report has no customers. Choose a later cut-off.")
    return found


def frequency_groups(
    frequency: Floats, last: int
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], list[str]]:
    """Group of each customer, size and name of the groups: 0, 1, ... and `last` or more.

    Where over half of the customers would share the last group the groups double instead: 0, 1,
    2, 3-4, 5-8 and so on.
    """
    starts = group_starts(frequency, last)
    capped = starts[np.searchsorted(starts, frequency, side="right") - 1]
    values, group, counts = np.unique(capped, return_inverse=True, return_counts=True)
    tops = np.maximum.reduceat(np.sort(frequency), np.append(0, np.cumsum(counts)[:-1]))
    spans = zip(values, tops, strict=True)
    doubled = mostly_beyond(frequency, last)
    return group, counts, [group_name(low, high, doubled=doubled) for low, high in spans]


def mostly_beyond(frequency: Floats, last: int) -> bool:
    """Whether over half of the customers have at least `last`, and not all of these just that."""
    return bool(np.mean(frequency >= last) > 0.5 and frequency.max() > last)


def group_starts(frequency: Floats, last: int) -> Floats:
    """Least frequency of each group: 0 to `last`, or doubling where most are beyond."""
    if mostly_beyond(frequency, last):
        starts = np.append([0.0, 1.0], 2.0 ** np.arange(0, np.log2(frequency.max()) + 1) + 1.0)
        return np.asarray(starts[starts <= frequency.max()])
    return np.arange(last + 1.0)


def group_name(low: float, high: float, *, doubled: bool) -> str:
    """Name of a group of frequencies from `low` to the largest seen, `high`."""
    if low == high:
        return f"{low:g}"
    return f"{low:g}–{2 * low - 2:g}" if doubled else f"{low:g}+"


def group_means(group: npt.NDArray[np.intp], values: Floats) -> Floats:
    """Mean of `values` in each group."""
    return np.bincount(group, weights=values) / np.bincount(group)
