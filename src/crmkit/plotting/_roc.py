"""How well is churn told from staying? The ROC and the precision-recall curve."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from sklearn import metrics

from crmkit.metrics import gain_curve
from crmkit.plotting._forecasts import chance, legend, shares_square, styled
from crmkit.plotting._style import label, prepare
from crmkit.plotting._values import curve_points

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_roc(
    y_true: npt.ArrayLike,
    p: npt.ArrayLike | Mapping[str, npt.ArrayLike],
    *,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw churners found over false alarms: an outcome and a probability a customer in, axes out.

    Each point is a threshold. The area under the curve is the probability that a churner is
    judged riskier than one who stays; it does not depend on how many churn, and therefore looks
    the same where churners are rare and hard to find: see `plot_precision_recall`.

    Parameters
    ----------
    y_true : array-like of shape (n_customers,)
        1 for churned, 0 for stayed; both must be there.
    p : array-like of shape (n_customers,) or mapping of str to such
        Probability of churn or any score that is higher where churn is likelier, one forecast or
        several by name.
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with a line a forecast, its area in the legend, and the line of chance.

    Raises
    ------
    DataError
        If values are missing, y_true is not 0 and 1, or the lengths differ or are 0.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = plot_roc([1, 0, 1, 0], [0.9, 0.8, 0.6, 0.1], ax=Figure().add_subplot())
    >>> ax.get_legend().get_texts()[0].get_text()
    'these probabilities (area 0.750)'
    """
    ax = prepare(ax, "plot_roc", size=(5.6, 5.0))
    for name, one, style in styled(p, "plot_roc"):
        gain_curve(y_true, one)  # says in words what is wrong with the columns
        y, score = np.asarray(y_true, dtype=np.float64), np.asarray(one, dtype=np.float64)
        false, true, _ = metrics.roc_curve(y, score)
        at = curve_points(len(false))
        text = f"{name} (area {metrics.roc_auc_score(y, score):.3f})"
        ax.plot(false[at], true[at], linewidth=2, label=text, **style)
    chance(ax, [0, 1], [0, 1])
    shares_square(ax)
    legend(ax, "lower right")
    label(
        ax,
        title="Churners found and false alarms",
        x="share of those who stay that is flagged",
        y="share of churners that is flagged",
    )
    return ax


def plot_precision_recall(
    y_true: npt.ArrayLike,
    p: npt.ArrayLike | Mapping[str, npt.ArrayLike],
    *,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw how right the flags are over how many churners they find: arrays in, axes out.

    Each point is a threshold: of those flagged, which part churns, and which part of all churners
    is among them. Chance is the base rate, so curves of different populations do not compare.

    Parameters
    ----------
    y_true : array-like of shape (n_customers,)
        1 for churned, 0 for stayed; both must be there.
    p : array-like of shape (n_customers,) or mapping of str to such
        Probability of churn or any score that is higher where churn is likelier, one forecast or
        several by name.
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with a line a forecast, its average precision in the legend, and the base rate.

    Raises
    ------
    DataError
        If values are missing, y_true is not 0 and 1, or the lengths differ or are 0.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> y, p = [1, 0, 1, 0], [0.9, 0.8, 0.6, 0.1]
    >>> ax = plot_precision_recall(y, p, ax=Figure().add_subplot())
    >>> ax.get_legend().get_texts()[0].get_text()
    'these probabilities (average precision 0.833)'
    """
    ax = prepare(ax, "plot_precision_recall", size=(5.6, 5.0))
    base = 0.0
    for name, one, style in styled(p, "plot_precision_recall"):
        gain_curve(y_true, one)  # says in words what is wrong with the columns
        y, score = np.asarray(y_true, dtype=np.float64), np.asarray(one, dtype=np.float64)
        precision, recall, _ = metrics.precision_recall_curve(y, score)
        at, base = curve_points(len(recall)), float(y.mean())
        text = f"{name} (average precision {metrics.average_precision_score(y, score):.3f})"
        style |= {"drawstyle": "steps-post", "linewidth": 2}
        ax.plot(recall[at], precision[at], label=text, **style)
    chance(ax, [0, 1], [base, base], "random (base rate)")
    shares_square(ax)
    legend(ax, "best")
    label(
        ax,
        title="How right the flags are",
        x="share of churners that is flagged",
        y="share of the flagged that churns",
    )
    return ax
