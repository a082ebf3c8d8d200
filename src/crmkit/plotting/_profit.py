"""How far should a campaign go? Profit by the share of customers contacted."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crmkit.exceptions import DataError
from crmkit.plotting._forecasts import chance, legend
from crmkit.plotting._style import (
    BLUE,
    INK,
    ORANGE,
    PALE,
    VERMILION,
    as_number,
    as_percent,
    label,
    prepare,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OWNER = "plot_profit"
_FIRST = {"profit": ", the most promising first", "risk": ", the riskiest first"}
COLUMNS = ("profit", "lower", "upper", "expected_profit")


def plot_profit(curve: pd.DataFrame, *, ax: "Axes | None" = None) -> "Axes":
    """Draw what contacting more and more customers earns: a profit curve in, axes out.

    Use it to choose the size of a campaign. The break-even is where the expected profit peaks:
    the next customer costs more than he brings in. That is known beforehand; where the line of
    what came peaks is known only afterwards.

    Parameters
    ----------
    curve : pandas.DataFrame
        From `crmkit.metrics.profit_curve`: indexed by `share`, with `profit`, `lower`, `upper`
        and `expected_profit`, in currency.
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with profit as it came and its band, the expected profit with its break-even, and
        the line of a random pick.

    Raises
    ------
    DataError
        If a column is missing.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from crmkit.metrics import profit_curve
    >>> curve = profit_curve(
    ...     [1, 0, 1, 0], [0.9, 0.6, 0.3, 0.1], value=150.0, acceptance=0.4, offer_cost=15.0,
    ...     contact_cost=2.0, n_points=4, n_resamples=20, random_state=0,
    ... )
    >>> ax = plot_profit(curve, ax=Figure().add_subplot())
    >>> ax.texts[0].get_text()
    'break-even: contact 75 %'
    """
    for name in COLUMNS:
        if name not in curve.columns:
            raise DataError.missing_column(OWNER, name, [str(c) for c in curve.columns])
    share = curve.index.to_numpy(dtype=np.float64)
    came, low, high, expected = (curve[name].to_numpy(dtype=np.float64) for name in COLUMNS)
    best = int(expected.argmax())
    ax = prepare(ax, OWNER)
    ax.axhline(0.0, color=INK, linewidth=0.8)
    ax.fill_between(share, low, high, color=BLUE, alpha=0.15, linewidth=0)
    ax.plot(share, came, color=BLUE, linewidth=2, label="as it came")
    ax.plot(share, expected, color=ORANGE, linewidth=2, linestyle="--", label="expected")
    chance(ax, [0, 1], [0, came[-1]], "random pick")
    ax.axvline(share[best], color=VERMILION, linewidth=1)
    text = (
        "break-even: contact nobody" if best == 0 else f"break-even: contact {_part(share[best])}"
    )
    right = share[best] > 0.6
    ax.annotate(
        text,
        (share[best], 0.0),
        xycoords=("data", "axes fraction"),
        xytext=(-5 if right else 5, 6),
        textcoords="offset points",
        ha="right" if right else "left",
        color=VERMILION,
    )
    ax.xaxis.set_major_formatter(as_percent)
    ax.yaxis.set_major_formatter(as_number)
    ax.set(xlim=(0, 1))
    ax.grid(color=PALE)
    legend(ax, "best")
    what = f"share of customers contacted{_FIRST.get(str(curve.attrs.get('order')), '')}"
    label(ax, title="What the campaign earns", x=what, y="profit, in currency")
    return ax


def _part(share: float) -> str:
    return "all" if share == 1 else as_percent(share)
