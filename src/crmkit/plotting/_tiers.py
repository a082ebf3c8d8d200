"""How many customers each tier of value has, and what it brings: two bars a tier, with its edge."""

from typing import TYPE_CHECKING, Any

import numpy as np

from crmkit import _frames
from crmkit.plotting._style import (
    BLUE,
    INK,
    ORANGE,
    PALE,
    as_number,
    as_percent,
    families,
    label,
    prepare,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OWNER = "plot_tiers"


def plot_tiers(description: Any, *, ax: "Axes | None" = None) -> "Axes":
    r"""Draw size and revenue of tiers of value: a description of tiers in, axes out.

    Use it to show what the best tier brings, and from which value on a customer is in it.

    Parameters
    ----------
    description : frame
        One row per tier, from `crmkit.segment.ValueTiers.describe` (pandas, polars, pyarrow or
        duckdb), with the columns `tier`, `from_value`, `share_of_customers` and
        `share_of_revenue`. The first row is drawn at the top.
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with two horizontal bars a tier, in percent; the names carry the lower ends.

    Raises
    ------
    DataError
        If a column is missing.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from crmkit.segment import ValueTiers
    >>> tiers = ValueTiers(("low", "high"), by="thresholds", edges=[500])
    >>> described = tiers.fit([[900.0], [60.0], [40.0]]).describe()
    >>> ax = plot_tiers(described, ax=Figure().add_subplot())
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['high\nfrom 500', 'low']
    """
    table = _frames.to_eager(description)
    names = [str(name) for name in _frames.column_values(table, "tier", OWNER)]
    wanted = ["from_value", "share_of_customers", "share_of_revenue"]
    ends, *shares = np.asarray(_frames.float_columns(table, wanted, OWNER)).T
    shares = [np.nan_to_num(share) for share in shares]  # a share of no revenue is drawn as none
    ax = prepare(ax, OWNER, size=(7.0, 1.3 + 0.7 * len(names)))
    rows = np.arange(len(names))
    bars = zip((-0.2, 0.2), shares, (BLUE, ORANGE), ("customers", "revenue"), strict=True)
    for offset, share, colour, name in bars:
        drawn = ax.barh(rows + offset, share, height=0.38, color=colour, label=f"share of {name}")
        texts = [as_percent(v) for v in share]
        ax.bar_label(drawn, texts, padding=3, color=INK, fontsize="small")
    told = [
        f"{name}\nfrom {as_number(float(f'{end:.4g}'))}" if np.isfinite(end) else name
        for name, end in zip(names, ends, strict=True)
    ]
    ax.set_yticks(rows, told, fontfamily=families(names))
    ax.invert_yaxis()
    low = min(float(np.min(shares, initial=0.0)), 0.0)
    ax.set_xlim(1.15 * low, 1.15 * max(float(np.max(shares, initial=0.0)), 0.01))
    ax.xaxis.set_major_formatter(as_percent)
    ax.grid(axis="x", color=PALE)
    ax.legend(frameon=False, loc="best", labelcolor=INK)
    label(ax, title="Customers and revenue by tier", x="share of the total", y="")
    return ax
