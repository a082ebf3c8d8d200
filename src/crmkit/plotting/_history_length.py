"""For whom does a recommender work? Scores by how much is known of a customer."""

from typing import TYPE_CHECKING, Any

import numpy as np

from crmkit._validation import check_choice
from crmkit.exceptions import DataError
from crmkit.plotting._evaluations import TITLES, at_n, score_column, styles
from crmkit.plotting._style import INK, PALE, as_number, label, prepare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OWNER = "plot_history_length"
KINDS = {
    "history": ("cold_customers", "items known of a customer"),
    "told": ("strangers", "items told by a customer held out whole"),
}


def plot_history_length(
    evaluation: Any,
    of: str = "history",
    *,
    score: str = "ndcg",
    ax: "Axes | None" = None,
) -> "Axes":
    r"""Draw scores by how much is known of a customer: an evaluation in, axes out.

    Use it to see what newcomers get, and from how many items on a model beats best sellers.

    Parameters
    ----------
    evaluation : Evaluation
        From `crmkit.recommend.evaluate`.
    of : {"history", "told"}, default="history"
        "history" groups the customers of the new items by the items they had bought; "told" is of
        customers held out whole, the same at each number of items told.
    score : str, default="ndcg"
        A score of the tables.
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with a line a recommender, dashed and grey for simple rules; below each group the
        number of customers.

    Raises
    ------
    DataError
        If it is no evaluation, holds no such customers, or has no such score.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> import pandas as pd
    >>> from types import SimpleNamespace
    >>> from matplotlib.figure import Figure
    >>> scores = pd.DataFrame({"n_customers": [40, 40, 90, 90], "ndcg": [0.05, 0.06, 0.09, 0.06]})
    >>> scores.index = pd.MultiIndex.from_product([["1-2", "6+"], ["EASE", "popularity"]])
    >>> found = SimpleNamespace(cold_customers=scores, n=10)
    >>> ax = plot_history_length(found, ax=Figure().add_subplot())
    >>> [text.get_text() for text in ax.get_xticklabels()]
    ['1-2\n40', '6+\n90']
    """
    check_choice(of, "of", KINDS, OWNER)
    kept, what = KINDS[of]
    found = getattr(evaluation, kept, None)
    if found is None:
        raise DataError(
            f"{OWNER}: an Evaluation is needed, got {type(evaluation).__name__}. Make it with "
            "crmkit.recommend.evaluate."
        )
    if not len(found):
        raise DataError(
            f"{OWNER}: the evaluation has no such customers. Evaluate with mode 'new' and "
            "n_given= for of='told'."
        )
    values = score_column(found, score, OWNER)
    groups = list(dict.fromkeys(found.index.get_level_values(0)))
    names = list(dict.fromkeys(found.index.get_level_values(1)))
    counts = [int(found.loc[group, "n_customers"].iloc[0]) for group in groups]
    ax = prepare(ax, OWNER, size=(8.0, 4.2))
    place = np.arange(len(groups))
    for name, (colour, marker, dashes) in styles(names).items():
        line = [float(values.get((group, name), np.nan)) for group in groups]
        ax.plot(place, line, color=colour, marker=marker, linestyle=dashes, label=str(name))
    ax.set_xticks(place, [f"{g}\n{n:,}" for g, n in zip(groups, counts, strict=True)])
    ax.set_ylim(bottom=0.0)
    ax.margins(x=0.08)
    ax.yaxis.set_major_formatter(as_number)
    ax.grid(axis="y", color=PALE)
    ax.legend(
        frameon=False,
        labelcolor=INK,
        fontsize="small",
        loc="center left",
        bbox_to_anchor=(1.0, 0.5),
    )
    title = f"{TITLES.get(score, score)} by how much is known"
    label(ax, title=title, x=f"{what}, and number of customers", y=at_n(score, evaluation))
    return ax
