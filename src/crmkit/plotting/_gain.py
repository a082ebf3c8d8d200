"""Whom does the score reach first? Gain and lift by the share of customers contacted."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit.metrics import gain_curve, lift_table
from crmkit.plotting._forecasts import chance, legend, shares_square, styled
from crmkit.plotting._style import INK, PALE, as_number, as_percent, label, prepare
from crmkit.plotting._values import curve_points

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHARES = np.arange(1, 101) / 100


def plot_gain(
    y_true: npt.ArrayLike,
    p: npt.ArrayLike | Mapping[str, npt.ArrayLike],
    *,
    groups: npt.ArrayLike | None = None,
    level: float = 0.95,
    n_resamples: int = 200,
    random_state: int | np.random.RandomState | None = 0,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw which part of the churners the riskiest customers hold: arrays in, axes out.

    Read it as "if we call the riskiest 20 %, we reach 45 % of those who would leave". It judges
    the order only; see `plot_calibration` for the level and `plot_profit` for the money.

    Parameters
    ----------
    y_true : array-like of shape (n_customers,)
        1 for churned, 0 for stayed; both must be there.
    p : array-like of shape (n_customers,) or mapping of str to such
        Probability of churn or any score that is higher where churn is likelier, one forecast or
        several by name.
    groups : array-like of shape (n_customers,) or None, default=None
        Customer of each row, where one customer has several rows: they are drawn together.
    level : float, default=0.95
        Probability of the bands, at each share for itself; above 0 and below 1.
    n_resamples : int, default=200
        How often customers are drawn for the bands, at least 2.
    random_state : int, RandomState instance or None, default=0
        Seed of the bands.
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with a line and band a forecast, the line of a random and of a perfect order.

    Raises
    ------
    DataError
        If values are missing, y_true is not 0 and 1, the lengths differ or are 0, or a parameter
        is out of its range.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> y, p = [1, 0, 1, 0], [0.9, 0.8, 0.6, 0.1]
    >>> ax = plot_gain(y, p, n_resamples=20, ax=Figure().add_subplot())
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['perfect', 'these probabilities', 'random']
    """
    ax = prepare(ax, "plot_gain", size=(5.6, 5.0))
    forecasts = list(styled(p, "plot_gain"))
    gain_curve(y_true, forecasts[0][1])  # refuses bad columns before anything is drawn
    base = float(np.mean(np.asarray(y_true, dtype=np.float64)))
    ax.plot([0, base, 1], [0, 1, 1], color=INK, linestyle="--", linewidth=1, label="perfect")
    for name, one, style in forecasts:
        line = tuple(side[curve_points(len(side))] for side in gain_curve(y_true, one))
        ax.plot(*line, linewidth=2, label=name, **style)
        table = _lifts(y_true, one, groups, level, n_resamples, random_state)
        ends = np.append(0.0, table["gain_lower"]), np.append(0.0, table["gain_upper"])
        band = {"color": style["color"], "alpha": 0.15, "linewidth": 0}
        ax.fill_between(np.append(0.0, SHARES), *ends, **band)
    chance(ax, [0, 1], [0, 1])
    shares_square(ax)
    legend(ax, "lower right")
    what = "share of customers, riskiest first"
    label(ax, title="Churners among the riskiest customers", x=what, y="share of churners")
    return ax


def plot_lift(
    y_true: npt.ArrayLike,
    p: npt.ArrayLike | Mapping[str, npt.ArrayLike],
    *,
    groups: npt.ArrayLike | None = None,
    level: float = 0.95,
    n_resamples: int = 200,
    random_state: int | np.random.RandomState | None = 0,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw how many times more churners the riskiest hold than a random pick: arrays in, axes out.

    It looks at the same order as `plot_gain`, closer where only few customers can be contacted.

    Parameters
    ----------
    y_true : array-like of shape (n_customers,)
        1 for churned, 0 for stayed; both must be there.
    p : array-like of shape (n_customers,) or mapping of str to such
        Probability of churn or any score that is higher where churn is likelier, one forecast or
        several by name.
    groups : array-like of shape (n_customers,) or None, default=None
        Customer of each row, where one customer has several rows: they are drawn together.
    level : float, default=0.95
        Probability of the bands, at each share for itself; above 0 and below 1.
    n_resamples : int, default=200
        How often customers are drawn for the bands, at least 2.
    random_state : int, RandomState instance or None, default=0
        Seed of the bands.
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with a line and band a forecast from 1 % to 100 % of the customers, the line of a
        random and of a perfect order.

    Raises
    ------
    DataError
        If values are missing, y_true is not 0 and 1, the lengths differ or are 0, or a parameter
        is out of its range.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> y, p = [1, 0, 1, 0], [0.9, 0.8, 0.6, 0.1]
    >>> ax = plot_lift(y, p, n_resamples=20, ax=Figure().add_subplot())
    >>> float(ax.lines[1].get_ydata()[24])  # lift of the riskiest quarter
    2.0
    """
    ax = prepare(ax, "plot_lift")
    forecasts = list(styled(p, "plot_lift"))
    gain_curve(y_true, forecasts[0][1])  # refuses bad columns before anything is drawn
    base = float(np.mean(np.asarray(y_true, dtype=np.float64)))
    perfect = 1.0 / np.maximum(SHARES, base)
    ax.plot(SHARES, perfect, color=INK, linestyle="--", linewidth=1, label="perfect")
    for name, one, style in forecasts:
        table = _lifts(y_true, one, groups, level, n_resamples, random_state)
        ax.plot(SHARES, table["lift"], linewidth=2, label=name, **style)
        band = {"color": style["color"], "alpha": 0.15, "linewidth": 0}
        ax.fill_between(SHARES, table["lift_lower"], table["lift_upper"], **band)
    chance(ax, [0, 1], [1, 1])
    ax.xaxis.set_major_formatter(as_percent)
    ax.yaxis.set_major_formatter(as_number)
    ax.set(xlim=(0, 1))
    ax.set_ylim(bottom=0)
    ax.grid(color=PALE)
    legend(ax, "upper right")
    what = "share of customers, riskiest first"
    label(ax, title="Lift of the riskiest customers", x=what, y="churn rate over that of all")
    return ax


def _lifts(
    y_true: npt.ArrayLike,
    p: npt.ArrayLike,
    groups: npt.ArrayLike | None,
    level: float,
    n_resamples: int,
    random_state: int | np.random.RandomState | None,
) -> pd.DataFrame:
    """Gain and lift at each whole percent, with intervals."""
    return lift_table(
        y_true,
        p,
        shares=SHARES.tolist(),
        groups=groups,
        level=level,
        n_resamples=n_resamples,
        random_state=random_state,
    )
