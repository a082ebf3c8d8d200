"""How large is each tier of risk, and does it keep its promise? Two bars a tier."""

from typing import TYPE_CHECKING, Any

import numpy as np

from crmkit import _frames
from crmkit.plotting._style import BLUE, INK, ORANGE, PALE, as_percent, families, label, prepare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OWNER = "plot_risk_tiers"


def plot_risk_tiers(summary: Any, *, ax: "Axes | None" = None) -> "Axes":
    r"""Draw predicted and observed churn of each tier: a summary of tiers in, axes out.

    Use it to show who is in which tier and whether the tiers part the customers as promised.

    Parameters
    ----------
    summary : frame
        One row per tier, from `crmkit.churn.RiskTiers.summary` (pandas, polars, pyarrow or
        duckdb), with the columns `tier`, `n_customers`, `mean_probability` and, where the outcome
        is known, `churn_rate`. The first row is drawn at the top.
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with a bar of the mean probability a tier, beside it one of the share that
        churned; the names carry the number of customers.

    Raises
    ------
    DataError
        If a column is missing.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> summary = pd.DataFrame(
    ...     {"tier": ["high", "low"], "n_customers": [20, 80], "mean_probability": [0.7, 0.1]}
    ... )
    >>> ax = plot_risk_tiers(summary, ax=Figure().add_subplot())
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['high\n20 (20 %)', 'low\n80 (80 %)']
    """
    table = _frames.to_eager(summary)
    names = [str(name) for name in _frames.column_values(table, "tier", OWNER)]
    bars = [("mean_probability", BLUE, "predicted")]
    if "churn_rate" in _frames.column_names(table, OWNER):
        bars.append(("churn_rate", ORANGE, "churned"))
    wanted = ["n_customers", *(column for column, _, _ in bars)]
    n, *shares = np.asarray(_frames.float_columns(table, wanted, OWNER)).T
    shares = [np.nan_to_num(column) for column in shares]  # a tier without customers has no bar
    ax = prepare(ax, OWNER, size=(7.0, 1.3 + 0.7 * len(names)))
    rows, height = np.arange(len(names)), 0.76 / len(bars)
    for i, ((_, colour, name), share) in enumerate(zip(bars, shares, strict=True)):
        place = rows + (i - (len(bars) - 1) / 2.0) * height
        drawn = ax.barh(place, share, height=0.95 * height, color=colour, label=name)
        texts = [as_percent(v) if k else "" for v, k in zip(share, n, strict=True)]
        ax.bar_label(drawn, texts, padding=3, color=INK, fontsize="small")
    parts = n / max(n.sum(), 1.0)
    told = [f"{t}\n{k:,.0f} ({as_percent(s)})" for t, k, s in zip(names, n, parts, strict=True)]
    ax.set_yticks(rows, told, fontfamily=families(names))
    ax.invert_yaxis()
    ax.set_xlim(0.0, 1.15 * max(float(np.max(shares, initial=0.0)), 0.01))
    ax.xaxis.set_major_formatter(as_percent)
    ax.grid(axis="x", color=PALE)
    ax.legend(frameon=False, loc="best", labelcolor=INK)
    label(ax, title="Churn by tier of risk", x="probability and share of churn", y="")
    return ax
