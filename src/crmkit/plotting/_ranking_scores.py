"""How good are the recommenders, and is it more than luck? A dot each, and an interval."""

from typing import TYPE_CHECKING, Any

import numpy as np

from crmkit.exceptions import DataError
from crmkit.plotting._evaluations import SIMPLE, TITLES, at_n, score_column, table_of
from crmkit.plotting._style import (
    BLUE,
    GREY,
    INK,
    PALE,
    VERMILION,
    as_number,
    counted,
    families,
    label,
    prepare,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OWNER = "plot_ranking_scores"
COLOURS = {"better": BLUE, "worse": VERMILION, "unclear": GREY}


def plot_ranking_scores(
    evaluation: Any,
    table: str = "new items",
    *,
    score: str = "ndcg",
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw scores of recommenders beside the best simple rule: an evaluation in, axes out.

    Use it to show what is earned over a rule that costs nothing. The intervals are those of the
    difference to that rule, paired by customer, drawn at the score: where one does not touch the
    line, the difference is more than luck.

    Parameters
    ----------
    evaluation : Evaluation
        From `crmkit.recommend.evaluate`.
    table : str, default="new items"
        One of ``evaluation.tables``.
    score : str, default="ndcg"
        A score of accuracy of the table, such as "ndcg", "recall" or "hit_rate".
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with a dot a recommender, the best at the top, hollow for simple rules, the
        interval in the colour of the verdict, and a line at the best simple rule.

    Raises
    ------
    DataError
        If it is no evaluation, or there is no such table or score.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> import crmkit as ck
    >>> from crmkit.recommend import EASE, evaluate
    >>> random = np.random.default_rng(0)
    >>> day = pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 200, 1500), "D")
    >>> lines = pd.DataFrame({"day": day, "item": random.integers(0, 40, 1500)})
    >>> lines["customer"] = random.integers(0, 60, 1500)
    >>> log = ck.EventLog(lines, customer="customer", when="day", amount=None, item="item")
    >>> found = evaluate(EASE(), log, 1, modes="new", n_given=(), n_resamples=20)
    >>> ax = plot_ranking_scores(found, ax=Figure().add_subplot())
    >>> ax.get_xlabel()
    'NDCG@10, mean over 52 customers'
    """
    found = table_of(evaluation, table, OWNER)
    values = score_column(found, score, OWNER).sort_values(ascending=False, kind="stable")
    spread = spread_of(evaluation, table, score)
    rule = next(name for name in values.index if name not in spread.index)
    base = float(values[rule])
    ax = prepare(ax, OWNER, size=(7.0, 1.4 + 0.42 * len(values)))
    ax.axvline(base, color=INK, linewidth=1, linestyle=":")
    used: set[str] = set()
    for row, (name, value) in enumerate(values.items()):
        verdict = str(spread["verdict"].get(name, ""))
        colour = COLOURS.get(verdict, INK)
        if name in spread.index:
            low, high = base + spread.loc[name, ["lower", "upper"]].to_numpy(dtype=np.float64)
            told = verdict if verdict not in used else "_again"  # the legend leaves it out
            ax.hlines(row, low, high, color=colour, linewidth=5, alpha=0.45, label=told)
            used.add(verdict)
        face = "white" if name in SIMPLE else colour
        ax.plot(value, row, marker="o", color=colour, markerfacecolor=face, linestyle="none")
    names = [str(name) for name in values.index]
    ax.set_yticks(np.arange(len(names)), names, fontfamily=families(names))
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.xaxis.set_major_formatter(as_number)
    ax.grid(axis="x", color=PALE)
    if used:
        ax.legend(
            title=f"against {rule}",
            frameon=False,
            loc="upper left",  # beside the axes: inside it would hide an interval
            bbox_to_anchor=(1.0, 1.0),
            labelcolor=INK,
            alignment="left",
        )
    n = counted(int(found["n_customers"].iloc[0]), "customers")
    what = f"{at_n(score, evaluation)}, mean over {n}"
    where = table.replace("cold: ", "cold items, ")
    label(ax, title=f"{TITLES.get(score, score)} of recommenders: {where}", x=what, y="")
    return ax


def spread_of(evaluation: Any, table: str, score: str) -> Any:
    """Differences to the best simple rule with their intervals, a row a recommender."""
    if not hasattr(evaluation, "intervals"):
        raise DataError(
            f"{OWNER}: a table of scores does not tell intervals. Give the Evaluation that "
            "crmkit.recommend.evaluate made."
        )
    every = evaluation.intervals(table)
    told = list(dict.fromkeys(every.index.get_level_values("score")))
    if score not in told:
        raise DataError(
            f"{OWNER}: score must be one that has intervals, {told}, got {score!r}. "
            "plot_coverage_accuracy draws the others."
        )
    return every.xs(score, level="score")
