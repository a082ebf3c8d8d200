"""Why two records are one person or not: the weight of each column, one on top of the other."""

from typing import TYPE_CHECKING, Any

import numpy as np

from crmkit import _frames
from crmkit._validation import Floats, check_choice
from crmkit.exceptions import DataError
from crmkit.plotting._style import (
    BLUE,
    GREY,
    INK,
    PALE,
    VERMILION,
    as_number,
    families,
    label,
    prepare,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OWNER = "plot_match_evidence"
UNITS = {
    "bits": (float(np.log(2.0)), "bits of evidence: each doubles the odds of one person"),
    "log-odds": (1.0, "log-odds of one person"),
}
TEXTS = ("column", "a", "b", "agreement")
LONGEST = 28  # letters of a value that are shown


def plot_match_evidence(
    evidence: Any, *, unit: str = "bits", values: bool = True, ax: "Axes | None" = None
) -> "Axes":
    r"""Draw what speaks for and against a pair of records: a frame of evidence in, axes out.

    Use it to show why two records were put together or kept apart, and which column decided.

    Parameters
    ----------
    evidence : frame
        One row a step, from `crmkit.cleaning.Deduplicator.explain` (pandas, polars, pyarrow or
        duckdb), the prior first.
    unit : {"bits", "log-odds"}, default="bits"
        Unit of the weights: logarithms of base 2 or e.
    values : bool, default=True
        Whether the values of both records are written beside the bars; they are personal data.
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with a bar a step, from the total before to the total after it, and a last one of
        the whole, with the probability in the title.

    Raises
    ------
    DataError
        If a column is missing, the frame has no rows, or the unit has no meaning.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> evidence = pd.DataFrame({"column": ["any two records", "email", "city"],
    ...     "a": ["", "ann@x.com", "rome"], "b": ["", "ann@x.com", "bonn"],
    ...     "agreement": ["", "equal", "different"], "weight": [-7.0, 12.0, -1.0]})
    >>> ax = plot_match_evidence(evidence, ax=Figure().add_subplot())
    >>> ax.get_title(loc="left")
    'One person with probability 98.2 %'
    """
    check_choice(unit, "unit", UNITS, OWNER)
    table = _frames.to_eager(evidence)
    weight = np.asarray(_frames.float_columns(table, ["weight"], OWNER)).ravel()
    if not len(weight):
        raise DataError(f"{OWNER}: the frame has no rows. Ask a Deduplicator to explain a pair.")
    words = {name: [str(v) for v in _frames.column_values(table, name, OWNER)] for name in TEXTS}
    log_base, axis = UNITS[unit]
    steps = weight / log_base
    ends = np.cumsum(steps)
    ax = prepare(ax, OWNER, size=(9.0, 1.6 + 0.36 * len(steps)))
    _bars(ax, steps, ends)
    names = [*words["column"], "all together"]
    told = _told(words, values=values)
    fonts = families([*names, *told])
    style: dict[str, Any] = {"va": "center", "fontsize": "small", "color": INK}
    right = max(0.0, float(ends.max()))
    span = max(right - min(0.0, float(ends.min())), 1.0)
    for row, text in enumerate(told):
        ax.text(right + 0.16 * span, row, text, fontfamily=fonts, **style)
    for row, (step, end) in enumerate(zip([*steps, ends[-1]], [*ends, ends[-1]], strict=True)):
        ax.text(max(end, end - step, 0.0) + 0.01 * span, row, f"{step + 0.0:+.1f}", **style)
    ax.set_yticks(range(len(names)), names, fontfamily=fonts)
    ax.invert_yaxis()
    ax.set_xlim(min(0.0, float(ends.min())) - 0.03 * span, right + (0.9 if values else 0.4) * span)
    ax.set_xticks([tick for tick in ax.get_xticks() if ax.get_xlim()[0] <= tick <= right])
    ax.xaxis.set_major_formatter(as_number)
    ax.axvline(0.0, color=GREY, linewidth=1)
    ax.grid(axis="x", color=PALE)
    label(ax, title=f"One person with probability {_probability(weight.sum())}", x="", y="")
    ax.set_xlabel(axis, loc="left", color=INK)
    return ax


def _bars(ax: "Axes", steps: Floats, ends: Floats) -> None:
    """A bar from each total to the next, thin lines between, and the whole below."""
    colours = [GREY, *(BLUE if step >= 0 else VERMILION for step in steps[1:]), INK]
    begins = np.append(ends - steps, 0.0)
    widths = np.append(steps, ends[-1])
    ax.barh(range(len(widths)), widths, left=begins, height=0.7, color=colours)
    for row, end in enumerate(ends):
        ax.plot([end, end], [row - 0.35, row + 1.35], color=GREY, linewidth=0.8)


def _told(words: dict[str, list[str]], *, values: bool) -> list[str]:
    """What is written beside each bar: how the values agree, and what they are."""
    made = []
    for a, b, agreement in zip(words["a"], words["b"], words["agreement"], strict=True):
        parts = [agreement]
        if values and agreement not in ("", "missing"):
            parts.append(_short(a) if a == b else f"{_short(a)} / {_short(b)}")
        made.append(": ".join(part for part in parts if part))
    return made


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _probability(log_odds: float) -> str:
    """Log-odds as a percentage that is never rounded to none or all."""
    p = float(1.0 / (1.0 + np.exp(-log_odds)))
    if p > 0.9995:
        return "above 99.9 %"
    return "below 0.1 %" if p < 0.0005 else f"{100 * p:.1f} %"
