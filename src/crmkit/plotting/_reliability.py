"""Do probabilities of churn hold? Predicted beside observed shares, with how many there are."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from crmkit._validation import Floats
from crmkit.metrics import calibration_table, expected_calibration_error
from crmkit.plotting._forecasts import chance, legend, styled
from crmkit.plotting._style import GREY, PALE, as_percent, label, prepare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OWNER = "plot_calibration"
N_BARS, BAR_HEIGHT = 40, 0.15


def plot_calibration(
    y_true: npt.ArrayLike,
    p: npt.ArrayLike | Mapping[str, npt.ArrayLike],
    *,
    n_bins: int = 10,
    level: float = 0.95,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw observed over predicted churn: an outcome and a probability a customer in, axes out.

    Points on the diagonal are probabilities that hold; below it they are too high. A flat line is
    a model that is too sure, a steep one that is not sure enough. Only gaps wider than the
    whiskers say anything. For the order, which this does not show, see `plot_gain`.

    Parameters
    ----------
    y_true : array-like of shape (n_customers,)
        1 for churned, 0 for stayed.
    p : array-like of shape (n_customers,) or mapping of str to such
        Probability of churn, one forecast or several by name.
    n_bins : int, default=10
        Number of points; each stands for an equal number of customers, equal probabilities in one.
    level : float, default=0.95
        Probability of the whiskers, above 0 and below 1.
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with a point a bin and whiskers for the luck in it; the grey bars count the
        customers by (the first) predicted probability.

    Raises
    ------
    DataError
        If values are missing, y_true is not 0 or 1, p is not between 0 and 1, the lengths differ
        or are 0, or a parameter is out of its range.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> y, p = [0, 0, 1, 0, 1, 1], [0.1, 0.2, 0.4, 0.5, 0.8, 0.9]
    >>> ax = plot_calibration(y, p, n_bins=2, ax=Figure().add_subplot())
    >>> ax.get_legend().get_texts()[1].get_text()
    'these probabilities (error 0.283)'
    """
    ax = prepare(ax, OWNER, size=(5.6, 5.0))
    made = []
    for name, one, style in styled(p, OWNER):
        error = expected_calibration_error(y_true, one)
        table = calibration_table(y_true, one, n_bins=n_bins, level=level)
        made.append((f"{name} (error {error:.3f})", table, np.asarray(one, np.float64), style))
    top = float(max(table[["highest", "upper"]].to_numpy().max() for _, table, _, _ in made))
    tallest = count_bars(ax, made[0][2], top)
    chance(ax, [0, top], [0, top], "probabilities that hold")
    for text, table, _, style in made:
        x, y = table["mean_predicted"].to_numpy(), table["observed"].to_numpy()
        whiskers = np.maximum([y - table["lower"], table["upper"] - y], 0.0)
        ax.errorbar(x, y, whiskers, marker="o", markersize=5, capsize=2, label=text, **style)
    ax.set(xlim=(0, 1.03 * top), ylim=(0, 1.03 * top))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(as_percent)
    ax.grid(color=PALE)
    legend(ax, "upper left")
    note = f"predicted probability of churn (grey: customers, at most {tallest:,} a bar)"
    label(ax, title="Predicted and observed churn", x=note, y="share that churned")
    return ax


def count_bars(ax: "Axes", p: Floats, top: float) -> int:
    """Pale bars of how many customers have which probability; the number in the tallest."""
    counts, edges = np.histogram(p, bins=N_BARS, range=(0.0, top))
    heights = BAR_HEIGHT * top * counts / counts.max()
    ax.bar(edges[:-1], heights, np.diff(edges), align="edge", color=GREY, alpha=0.45, linewidth=0)
    return int(counts.max())
