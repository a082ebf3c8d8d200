"""Is the forecast right on average, group by group? What came and what was expected of it."""

from collections.abc import Sequence
from itertools import cycle
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from crmkit._validation import Floats, check_choice, check_whole
from crmkit.exceptions import DataError
from crmkit.plotting._holdout import LINES, MORE_LINES, frequency_groups, group_means
from crmkit.plotting._style import INK, PALE, UNITS, as_number, label, prepare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OWNER = "plot_conditional_expectations"
N_GROUPS = 8
BOTH = 1.96


def plot_conditional_expectations(
    report: Any,
    by: Literal["frequency", "recency"] = "frequency",
    *,
    names: Sequence[str] | None = None,
    last: int = 7,
    ax: "Axes | None" = None,
) -> "Axes":
    r"""Draw actual and expected purchases of groups with their uncertainty: a report in, axes out.

    Use it to tell a wrong forecast from chance: a line that passes outside the bars of a large
    group is wrong for it. By frequency it asks whether loyal customers are judged rightly, by
    recency whether silence is. For a plain picture with the counts as bars see `plot_holdout`.

    Parameters
    ----------
    report : HoldoutReport
        From `crmkit.pipelines.holdout_report`. Read are `calibration_frequency` (repeat purchases
        before the cut-off) or `calibration_recency` (age at the last of them), `actual`,
        `predictions` (name to array), `horizon` and `unit`.
    by : {"frequency", "recency"}, default="frequency"
        What the customers are grouped by. Recency makes eight groups of repeat buyers of about
        equal size, and one of the one-time buyers.
    names : sequence of str, default=None
        Which of the `predictions` to draw; None draws all. A baseline that is far off stretches
        the scale.
    last : int, default=7
        Customers with this many repeat purchases or more share the last group; where they are
        over half of all, the groups double instead (3-4, 5-8, ...).
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with the mean of each group in purchases a customer; the bars reach 1.96 standard
        errors up and down. A group of one customer has none.

    Raises
    ------
    DataError
        If there are no customers, no prediction has one of the `names`, or the report lacks what
        `by` needs.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from matplotlib.figure import Figure
    >>> report = SimpleNamespace(
    ...     calibration_frequency=[0, 0, 1], actual=[0, 2, 2], horizon=39.0, unit="W",
    ...     predictions={"BetaGeoModel": [0.3, 0.5, 1.0]},
    ... )
    >>> ax = plot_conditional_expectations(report, ax=Figure().add_subplot())
    >>> [text.get_text() for text in ax.get_xticklabels()]
    ['0\n2', '1\n1']
    """
    check_choice(by, "by", ["frequency", "recency"], OWNER)
    check_whole(last, "last", OWNER, low=1)
    names = list(report.predictions) if names is None else names
    for name in names:
        check_choice(name, "names", report.predictions, OWNER)
    group, counts, labels = groups(report, by, last)
    actual = np.asarray(report.actual, dtype=np.float64)
    mean, error = group_means(group, actual), standard_errors(group, actual)
    ax = prepare(ax, OWNER)
    place = np.arange(len(labels))
    ax.errorbar(
        place,
        mean,
        yerr=BOTH * np.nan_to_num(error),
        fmt="_",
        color=INK,
        markersize=14,
        capsize=4,
        label="actual, ± 1.96 standard errors",
    )
    for name, (colour, marker, dashes) in zip(names, cycle(LINES + MORE_LINES), strict=False):
        expected = group_means(group, np.asarray(report.predictions[name], dtype=np.float64))
        ax.plot(place, expected, color=colour, marker=marker, linestyle=dashes, label=name)
    ax.set_xticks(place, [f"{n}\n{c:,}" for n, c in zip(labels, counts, strict=True)])
    ax.yaxis.set_major_formatter(as_number)
    ax.set_ylim(bottom=0.0)
    ax.grid(axis="y", color=PALE)
    ax.legend(frameon=False, loc="best", labelcolor=INK)
    unit = UNITS.get(report.unit, report.unit)
    what = "repeat purchases" if by == "frequency" else f"age at the last purchase ({unit})"
    label(
        ax,
        title=f"Purchases in the next {as_number(report.horizon)} {unit}, by earlier {by}",
        x=f"{what} before the cut-off, and number of customers",
        y="mean purchases per customer",
    )
    return ax


def groups(
    report: Any, by: str, last: int
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], list[str]]:
    """Group of each customer, size and name of the groups."""
    attribute = f"calibration_{by}"
    given = getattr(report, attribute, None)
    if given is None:
        raise DataError(
            f"{OWNER}: by={by!r} needs a report with {attribute}, got {type(report).__name__}. "
            "Make it with crmkit.pipelines.holdout_report."
        )
    values = np.asarray(given, dtype=np.float64)
    if values.size == 0:
        raise DataError(f"{OWNER}: the report has no customers. Choose a later cut-off.")
    if by == "frequency":
        return frequency_groups(values, last)
    return recency_groups(values)


def recency_groups(
    recency: Floats,
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], list[str]]:
    """One-time buyers (recency 0), and repeat buyers in about equal groups of recency."""
    repeat = recency[recency > 0]
    edges = np.zeros(0)
    if repeat.size:
        edges = np.unique(np.quantile(repeat, np.arange(1, N_GROUPS) / N_GROUPS))
        edges = np.append(edges[edges < repeat.max()], repeat.max())
    code = np.where(recency > 0, np.searchsorted(edges, recency) + 1, 0)
    found, group, counts = np.unique(code, return_inverse=True, return_counts=True)
    names = ["0" if k == 0 else f"to {short(edges[k - 1])}" for k in found]
    return group, counts, names


def short(age: float) -> str:
    """An age with two digits, or all of them before the point."""
    return f"{age:,.0f}" if age >= 10 else f"{age:.2g}"


def standard_errors(group: npt.NDArray[np.intp], values: Floats) -> Floats:
    """Standard error of the mean of each group; NaN for a group of one."""
    n = np.bincount(group)
    squares = np.bincount(group, weights=(values - group_means(group, values)[group]) ** 2)
    return np.sqrt(squares / np.where(n > 1, (n - 1.0) * n, np.nan))
