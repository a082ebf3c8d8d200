"""Which products belong together? Rules as dots in a table: what leads to what, and how much."""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit._validation import check_whole
from crmkit.exceptions import DataError
from crmkit.plotting._style import INK, PALE, as_number, as_percent, families, label, prepare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OWNER = "plot_rules"
THEN = ("consequent", "then_item")
AND = "and_item"
LONGEST, LARGEST = 34, 420.0


def plot_rules(rules: Any, n: int = 20, *, ax: "Axes | None" = None) -> "Axes":
    """Draw rules of what is bought together: a frame with one row a rule in, axes out.

    Use it to find families of products: a row with many dots leads to many others, a block of dots
    is a set. The first rows are drawn, so sort them by what matters.

    Parameters
    ----------
    rules : frame
        As from `crmkit.recommend.MarketBasket.rules` (pandas, polars, pyarrow or duckdb): the
        columns `antecedent` and `consequent`, or an item column, perhaps `and_item`, and
        `then_item`; with `support` and `confidence` (shares) and `adjusted_lift` or `lift`.
    n : int, default=20
        Most rules, the first ones.
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure. A colour bar takes some of their room.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with a dot a rule: its row is what is bought, its column what goes with it, its
        area the confidence, its colour the lift (adjusted where it is told), darker for more.

    Raises
    ------
    DataError
        If a column is missing, there is no rule, or `n` is no whole number of at least 1.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> rules = pd.DataFrame(
    ...     {
    ...         "antecedent": ["air conditioner", "water purifier"],
    ...         "consequent": ["water purifier", "filter"],
    ...         "support": [0.02, 0.05], "confidence": [0.3, 0.6], "lift": [2.5, 6.0],
    ...     }
    ... )
    >>> ax = plot_rules(rules, ax=Figure().add_subplot())
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['air conditioner', 'water purifier']
    """
    check_whole(n, "n", OWNER, low=1)
    table = _frames.to_eager(rules)
    left, right = sides(table)
    adjusted = "adjusted_lift" in _frames.column_names(table, OWNER)
    names = ["support", "confidence", "adjusted_lift" if adjusted else "lift"]
    columns = _frames.float_columns(table, names, OWNER)
    support, confidence, lift = np.asarray(columns, dtype=np.float64)[:n].T
    left, right = left[:n], right[:n]
    if not len(left):
        raise DataError(f"{OWNER}: there is no rule to draw. Ask for rules with less support.")
    rows, columns_ = list(dict.fromkeys(left)), list(dict.fromkeys(right))
    size = (3.4 + 0.42 * len(columns_), 2.6 + 0.34 * len(rows))
    ax = prepare(ax, OWNER, size=size)
    x, y = [columns_.index(name) for name in right], [rows.index(name) for name in left]
    area = LARGEST * confidence / max(float(confidence.max()), 1e-12)
    drawn = ax.scatter(x, y, s=area, c=lift, cmap=_blues(), edgecolors=INK, linewidths=0.5)
    _names(ax, rows, columns_)
    bar = ax.figure.colorbar(drawn, ax=ax, format=as_number, shrink=0.8)
    bar.set_label("lift, adjusted for basket sizes" if adjusted else "lift")
    bar.outline.set_visible(False)
    bar.ax.yaxis.label.set_color(INK)
    bar.ax.tick_params(color=INK, labelcolor=INK)
    text = f"area: confidence, up to {as_percent(float(confidence.max()))}"
    text += f"; support from {_share(support.min())} to {_share(support.max())}"
    many = "rule" if len(left) == 1 else "rules"
    label(ax, title=f"What goes together: {len(left)} {many}", x=f"is bought with it\n{text}", y="")
    return ax


def sides(table: Any) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """What leads to what, as text; two items that lead together are one."""
    names = _frames.column_names(table, OWNER)
    then = next((name for name in THEN if name in names), None)
    if then is None:
        raise DataError.missing_column(OWNER, THEN[0], names)
    first = "antecedent" if "antecedent" in names else names[0]
    left, right = (
        np.asarray([str(v) for v in _frames.column_values(table, name, OWNER)], dtype=object)
        for name in (first, then)
    )
    if AND in names:
        more = [str(v) for v in _frames.column_values(table, AND, OWNER)]
        left = np.asarray([f"{a} + {b}" for a, b in zip(left, more, strict=True)], dtype=object)
    return left, right


def _names(ax: "Axes", rows: list[str], columns: list[str]) -> None:
    """Rows from above, columns at a slant, long names cut."""
    fonts = families([*rows, *columns])
    ax.set_yticks(np.arange(len(rows)), [_short(name) for name in rows], fontfamily=fonts)
    ax.set_xticks(
        np.arange(len(columns)),
        [_short(name) for name in columns],
        fontfamily=fonts,
        rotation=40,
        ha="right",
        rotation_mode="anchor",
    )
    ax.set_xlim(-0.7, len(columns) - 0.3)
    ax.set_ylim(len(rows) - 0.3, -0.7)
    ax.grid(color=PALE)


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"


def _share(value: float) -> str:
    """A small share with its digits: 0.0123 as "1.2 %"."""
    return f"{100 * value:.2g} %"


def _blues() -> Any:
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap

    return ListedColormap(colormaps["Blues"](np.linspace(0.15, 0.95, 256)))
