"""How good are lists of recommendations? Accuracy, money, breadth and surprise in one table.

Let a list have the places 1, 2, ... k, let r be the number of relevant items of a customer and
hit(p) be 1 where the item at place p is relevant, else 0. Per customer

    ndcg       sum of hit(p) / log2(p + 1) over the sum of 1 / log2(p + 1) for p up to min(r, k)
    recall     hits / r
    precision  hits / k, also where the list is shorter
    map        sum over the hits of (hits down to p) / p, over min(r, k)
    mrr        1 / place of the first hit, 0 without one
    hit_rate   1 with a hit, 0 without

and a score is the mean over the customers who have relevant items. NDCG with gains of 0 and 1 is
that of Jarvelin and Kekalainen (2002), ACM Transactions on Information Systems 20, 422-446; its
ideal and that of MAP are what is attainable, min(r, k) hits on top, so that a perfect list scores
1 whatever r. Nothing is sampled: all candidates must have been ranked (Krichene and Rendle 2020,
KDD, 1748-1757).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from crmkit import _frames
from crmkit._validation import Floats, check_whole
from crmkit.metrics import _ranking_math as formulas
from crmkit.metrics._ranking_breadth import (
    Vectors,
    coverage,
    diversity,
    revenue_recall,
    standing,
    unit_vectors,
)
from crmkit.metrics._ranking_lists import (
    Ranking,
    TopLists,
    by_name,
    pair_columns,
    read_ranking,
)

HIGHER_IS_BETTER = ("ndcg", "recall", "precision", "map", "mrr", "hit_rate", "revenue_recall")
"""Scores of accuracy: of the others, more is not always better."""


def ranking_scores(
    recommended: Any | Mapping[str, Any],
    relevant: Any,
    k: int = 10,
    *,
    customer: str | None = None,
    item: str | None = None,
    weight: str | None = None,
    catalogue: Any = None,
    known: Any = None,
    features: Any = None,
) -> pd.DataFrame:
    """Score recommendations from every side: pairs of customer and item in, a frame of scores out.

    Use it with the simple baselines beside the model, with lists made before the relevant
    purchases, and `ranking_intervals` before you say "better than". All scores are of the
    customers with relevant items: one of them without a list counts 0, one with a list and nothing
    relevant is left aside, and both are counted.

    Parameters
    ----------
    recommended : frame of (customer, item), or mapping of str to such
        Lists, one row an item, of one recommender or several by name, with a column `rank` (1 is
        first; only the order is read) or, without one, `score` (the highest is first); equals in
        order of the rows. An item stands once in a list.
    relevant : frame of (customer, item)
        What should have been recommended, such as later purchases; repeats of a pair count once.
    k : int, default=10
        Places of a list that are looked at, at least 1; more than there are items is no harm.
    customer, item : str or None, default=None
        Columns of the ids, in every frame alike; None are the first two of `relevant`.
    weight : str or None, default=None
        Column of `relevant` with what a row is worth, such as its amount in currency, at least 0;
        rows of a pair are added up. It gives `revenue_recall`.
    catalogue : array-like of ids, frame with the column of items, or None, default=None
        Items that could be recommended; None takes those of `known`. It gives `coverage`.
    known : frame of (customer, item) or None, default=None
        Purchases before, which tell how popular items are. It gives `novelty` and
        `popularity_percentile`.
    features : frame with the column of items, or None, default=None
        One row an item; every other column describes it, numbers as they are, text by its values.
        It gives `diversity`.

    Returns
    -------
    pandas.DataFrame
        A row a recommender, indexed by `recommender`:

        * `ndcg`, `recall`, `precision`, `map`, `mrr`, `hit_rate`: means over customers; NDCG and
          MAP are divided by what min(relevant, k) hits would give, recall by the number of
          relevant items, precision by k. All lie between 0 and 1,
        * `revenue_recall`: of the weight of a customer's relevant items the part that is in the
          list, mean over the customers with a weight above 0,
        * `coverage`: part of the catalogue that is in anybody's list,
        * `novelty`: bits that tell an item, -log2 of the share of the customers of `known` who
          bought it (nobody counts as one), mean over lists of their mean,
        * `popularity_percentile`: part of the catalogue that fewer customers bought, equals half:
          near 1 only bestsellers are shown; mean over lists of their mean,
        * `diversity`: one less the mean cosine of the features over all pairs of a list, at most 1
          (opposite numbers count as unlike), mean over lists of two items or more; 0 is all alike.
          Items without features are left out,
        * `n_customers`: customers with relevant items, of whom `n_without_list` had no list,
        * `n_left_aside`: customers with a list and nothing relevant.

    Raises
    ------
    DataError
        If a column is missing, an id is missing or a float, ids are text here and numbers there,
        a list names an item twice or has no order, a list holds items outside `catalogue`, a
        weight is negative, `relevant` is empty, or k is not at least 1.

    See Also
    --------
    ranking_scores_by_customer : The same scores, a row a customer.
    ranking_intervals : The same scores with their uncertainty, and paired differences.

    Examples
    --------
    >>> import pandas as pd
    >>> shown = pd.DataFrame({"customer": ["ann"] * 3, "item": ["x", "y", "z"], "rank": [1, 2, 3]})
    >>> bought = pd.DataFrame({"customer": ["ann", "ann", "bob"], "item": ["y", "w", "x"]})
    >>> scores = ranking_scores(shown, bought, k=3)
    >>> scores[["recall", "precision", "map", "mrr", "n_customers", "n_without_list"]].round(3)
                 recall  precision    map   mrr  n_customers  n_without_list
    recommender
    recommended    0.25      0.167  0.125  0.25            2               1
    """
    owner = "ranking_scores"
    check_whole(k, "k", owner, low=1)
    named = by_name(recommended, owner)
    more = {"weight": weight, "catalogue": catalogue, "known": known, "features": features}
    ranking = read_ranking(named, relevant, k, (customer, item), owner, **more)
    vectors = unit_vectors(features, pair_columns(relevant, (customer, item), owner)[1], ranking)
    rows = {}
    for name, lists in ranking.lists.items():
        each = scores_of_customers(lists, ranking, k, vectors)
        rows[name] = {column: mean_of_known(values) for column, values in each.items()}
        rows[name] |= coverage(lists, ranking, f"{owner}: {name!r}")
        rows[name] |= {
            "n_customers": ranking.relevant.n_customers,
            "n_without_list": int((~(lists.items >= 0).any(axis=1)).sum()),
            "n_left_aside": lists.n_left_aside,
        }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("recommender")
    return table.astype({name: np.int64 for name in table if str(name).startswith("n_")})


def ranking_scores_by_customer(
    recommended: Any,
    relevant: Any,
    k: int = 10,
    *,
    customer: str | None = None,
    item: str | None = None,
    weight: str | None = None,
    known: Any = None,
    features: Any = None,
) -> Any:
    """Score each list by itself: pairs of customer and item in, a row per customer out.

    The means of its columns are the scores of `ranking_scores`. Use it to see for whom a
    recommender works, and to compare two of them customer by customer.

    Parameters
    ----------
    recommended : frame of (customer, item)
        Lists of one recommender, as in `ranking_scores`.
    relevant : frame of (customer, item)
        What should have been recommended.
    k : int, default=10
        Places of a list that are looked at, at least 1.
    customer, item : str or None, default=None
        Columns of the ids; None are the first two of `relevant`.
    weight : str or None, default=None
        Column of `relevant` with what a row is worth.
    known : frame of (customer, item) or None, default=None
        Purchases before.
    features : frame with the column of items, or None, default=None
        One row an item; every other column describes it.

    Returns
    -------
    frame, of the library of `relevant`
        The customer id and a column a score, see `ranking_scores`, in order of the first row of
        each customer in `relevant`; then `n_relevant` and `n_recommended` (at most k), in items.
        Accuracy without a list is 0; what is not defined, such as the diversity of one item, is
        NaN.

    Raises
    ------
    DataError
        As in `ranking_scores`.

    Examples
    --------
    >>> import pandas as pd
    >>> shown = pd.DataFrame({"customer": ["ann"] * 3, "item": ["x", "y", "z"], "rank": [1, 2, 3]})
    >>> bought = pd.DataFrame({"customer": ["ann", "ann", "bob"], "item": ["y", "w", "x"]})
    >>> each = ranking_scores_by_customer(shown, bought, k=3)
    >>> each[["customer", "ndcg", "recall", "n_relevant", "n_recommended"]].round(3)
      customer   ndcg  recall  n_relevant  n_recommended
    0      ann  0.387     0.5           2              3
    1      bob  0.000     0.0           1              0
    """
    owner = "ranking_scores_by_customer"
    check_whole(k, "k", owner, low=1)
    names, relevant = (customer, item), _frames.to_eager(relevant)
    more = {"weight": weight, "known": known, "features": features}
    ranking = read_ranking({"recommended": recommended}, relevant, k, names, owner, **more)
    customer, item = pair_columns(relevant, names, owner)
    lists = ranking.lists["recommended"]
    add = scores_of_customers(lists, ranking, k, unit_vectors(features, item, ranking))
    counts = {
        "n_relevant": ranking.relevant.n_relevant,
        "n_recommended": (lists.items >= 0).sum(axis=1),
    }
    rows = _frames.take_rows(relevant, ranking.relevant.first, owner)
    return _frames.attach(rows, keep=[customer], add=add | counts, owner=owner)


def scores_of_customers(
    lists: TopLists, ranking: Ranking, k: int, vectors: "Vectors | None"
) -> dict[str, Floats]:
    """Every score of each customer that has a meaning for one list."""
    hits, n = lists.hits, ranking.relevant.n_relevant
    scores = {
        "ndcg": formulas.ndcg(hits, n, k),
        "recall": formulas.recall(hits, n),
        "precision": formulas.precision(hits, k),
        "map": formulas.average_precision(hits, n, k),
        "mrr": formulas.reciprocal_rank(hits),
        "hit_rate": formulas.any_hit(hits),
    }
    if ranking.relevant.weight is not None:
        scores["revenue_recall"] = revenue_recall(lists, ranking)
    if ranking.known is not None:
        bits, place = standing(ranking)
        scores["novelty"] = formulas.mean_of_list(bits, lists.items)
        scores["popularity_percentile"] = formulas.mean_of_list(place, lists.items)
    if vectors is not None:
        scores["diversity"] = diversity(lists, vectors)
    return scores


def mean_of_known(values: Floats) -> float:
    """Mean without NaN; NaN where nothing else is."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")
