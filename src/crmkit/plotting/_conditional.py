"""Is the forecast right on average, group by group? What came and what was expected of it."""

from collections.abc import Sequence
from itertools import cycle
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.stats import chi2

from crmkit._validation import Floats, check_choice, check_whole
from crmkit.exceptions import DataError
from crmkit.plotting._holdout import LINES, MORE_LINES, frequency_groups, group_means, held
from crmkit.plotting._style import INK, PALE, UNITS, as_number, counted, label, prepare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OWNER = "plot_conditional_expectations"
AXES = {
    "frequency": "repeat purchases before the cut-off",
    "silence": "silence: time from the last purchase to the cut-off ({})",
}
N_GROUPS = 8
BOTH, CHANCE = 1.96, 0.025


def plot_conditional_expectations(
    report: Any,
    by: Literal["frequency", "silence"] = "frequency",
    *,
    names: Sequence[str] | None = None,
    last: int = 7,
    ax: "Axes | None" = None,
) -> "Axes":
    r"""Draw actual and expected purchases of groups with their uncertainty: a report in, axes out.

    Use it to tell a wrong forecast from chance: a line that passes outside the bars of a large
    group is wrong for it. By frequency it asks whether loyal customers are judged rightly, by
    silence whether those who stayed away are. For a plain picture with the counts as bars see
    `plot_holdout`.

    Parameters
    ----------
    report : HoldoutReport
        From `crmkit.pipelines.holdout_report`. Read are `calibration_frequency` (repeat purchases
        before the cut-off), `actual`, `predictions` (name to array), `horizon` and `unit`, and
        by silence `calibration_silence` (time from the last purchase to the cut-off, in `unit`).
    by : {"frequency", "silence"}, default="frequency"
        What the customers are grouped by. Silence, which marketing calls recency, makes eight
        groups of repeat buyers of about equal size, and one of the one-time buyers.
    names : sequence of str, default=None
        Which of the `predictions` to draw, or the name of one; None draws all. A baseline that is
        far off stretches the scale.
    last : int, default=7
        Customers with this many repeat purchases or more share the last group; where they are
        over half of all, the groups double instead (3-4, 5-8, ...).
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with the mean of each group in purchases a customer; the bars reach 1.96 standard
        errors up and down. Where all of a group did the same (nobody bought, or it is a single
        customer) they are the exact 95 % interval of a Poisson count.

    Raises
    ------
    DataError
        If there are no customers, no prediction has one of the `names`, there are no `names`, or
        the report lacks what `by` needs.
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
    check_choice(by, "by", ["frequency", "silence"], OWNER)
    check_whole(last, "last", OWNER, low=1)
    group, counts, labels = groups(report, by, last)
    names = chosen(names, report.predictions)
    actual = np.asarray(report.actual, dtype=np.float64)
    mean = group_means(group, actual)
    ax = prepare(ax, OWNER)
    place = np.arange(len(labels))
    ax.errorbar(
        place,
        mean,
        yerr=bars(group, actual),
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
    label(
        ax,
        title=f"Purchases in the next {counted(report.horizon, unit)}, by earlier {by}",
        x=f"{AXES[by].format(unit)}, and number of customers",
        y="mean purchases per customer",
    )
    return ax


def chosen(names: Sequence[str] | None, predictions: Any) -> list[str]:
    """Names of the predictions to draw, checked."""
    wanted = list(predictions) if names is None else [names] if isinstance(names, str) else names
    if not len(wanted):
        raise DataError(f"{OWNER}: names is empty. Choose from {list(predictions)}.")
    for name in wanted:
        check_choice(name, "names", predictions, OWNER)
    return list(wanted)


def groups(
    report: Any, by: str, last: int
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], list[str]]:
    """Group of each customer, size and name of the groups."""
    frequency = held(report, "calibration_frequency", OWNER)
    if by == "frequency":
        return frequency_groups(frequency, last)
    return silence_groups(frequency > 0, held(report, "calibration_silence", OWNER))


def silence_groups(
    repeat: npt.NDArray[np.bool_], silence: Floats
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], list[str]]:
    """One-time buyers, and repeat buyers in about equal groups from the shortest silence up."""
    silence = silence.round(9)  # equal silences are differences of unequal ages
    edges = np.zeros(0)
    if repeat.any():
        shares = np.arange(1, N_GROUPS + 1) / N_GROUPS
        edges = np.unique(np.quantile(silence[repeat], shares, method="inverted_cdf"))
    code = np.where(repeat, np.searchsorted(edges, silence) + 1, 0)
    found, group, counts = np.unique(code, return_inverse=True, return_counts=True)
    names = np.array(["one-time", *(f"to {text}" for text in distinct_texts(edges))])
    return group, counts, names[found].tolist()


def distinct_texts(lengths: Floats) -> list[str]:
    """Different lengths of time with two digits each, or with as many as tell them apart."""
    for digits in range(2, 16):
        texts = [short(length, digits) for length in lengths]
        if len(set(texts)) == len(texts):
            break
    return texts


def short(length: float, digits: int) -> str:
    """A length with so many digits, or all of them before the point."""
    before = len(f"{int(length)}") if length >= 1 else 0
    text = f"{length:,.{max(digits - before, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def bars(group: npt.NDArray[np.intp], values: Floats) -> Floats:
    """How far chance may move the mean of each group, down (first row) and up."""
    n, mean = np.bincount(group), group_means(group, values)
    squares = np.bincount(group, weights=(values - mean[group]) ** 2)
    error = np.sqrt(squares / (np.maximum(n - 1.0, 1.0) * n))
    total = n * mean
    low = np.where(total > 0, chi2.ppf(CHANCE, 2.0 * np.maximum(total, 0.5)) / 2.0, 0.0)
    high = chi2.ppf(1.0 - CHANCE, 2.0 * total + 2.0) / 2.0
    reach = np.where(error > 0, BOTH * error, [mean - low / n, high / n - mean])
    return np.asarray(reach, dtype=np.float64)
