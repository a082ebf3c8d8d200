"""RFM scores: recency, frequency and monetary value, each from 1 to the number of levels.

With n customers, the score of a value is ceil(levels * rank / n), where its rank counts from the
least favourable customer and equal values share the mean of their places (the midrank: Kendall
1945, Biometrika 33, 239-251). Twice a midrank is a whole number, so nothing is rounded; equal
values always share a score, and the order of the rows never matters. Quintiles that cut through
equal values, as sorting and counting off does, are what Miglautsch (2000), Journal of Database
Marketing 8, 67-72, warns of: most customers of most shops have bought once.
"""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import TransformerMixin

from crmkit import _frames
from crmkit._validation import Floats, check_choice
from crmkit.base import CustomerModel, check_is_fitted
from crmkit.exceptions import DataWarning, warn_user
from crmkit.segment import _rounding
from crmkit.segment._rfm_parameters import ROLES, checked_edges, checked_levels, three_columns
from crmkit.segment._schemes import rfm_text

Ints = npt.NDArray[np.int64]

SCORES = ("R", "F", "M")
TIES = ("midrank", "lowest", "highest")


class RFMScorer(TransformerMixin, CustomerModel):
    """Score recency, frequency and monetary value: customers in, scores R, F and M out.

    Use it to rank customers in a way that anybody can read, to compare two dates with the same
    edges, or as the input of `RFMSegmenter`. Do not use it to predict: a purchase model or a churn
    classifier keeps what a score throws away.

    The edges are learnt in `fit` and stay as they are. A later customer with a value that `fit`
    saw gets the score it had there; a value between two known ones gets the score of the worse of
    them; a value better than all known ones gets the highest score, a worse one gets 1.

    Parameters
    ----------
    levels : int or mapping, default=5
        Number of scores, at least 2; 5 gives fifths. A mapping says one number for each of
        "recency", "frequency" and "monetary".
    ties : {"midrank", "lowest", "highest"}, default="midrank"
        Which place equal values share: the mean of their places, the least favourable one (half
        of the customers bought once: they get F = 1) or the most favourable one (they get the
        score of the best among them).
    edges : "quantile" or mapping, default="quantile"
        How levels are cut. A mapping from "recency", "frequency" or "monetary" to its levels - 1
        inner edges, ascending and in the unit of the column, such as
        ``{"recency": [30, 90, 180, 365]}``, sets them by hand; what it leaves out is learnt. A
        value equal to an edge gets the better score: 30 days score 5, 31 days score 4; with
        ``{"frequency": [2, 3, 5, 10]}`` two orders score 2. The `edges_` of a fitted scorer fit in.
    recency : str, default="days_since_last"
        Column with the time since the last purchase (days); least is best. The only column that
        is reversed, and once. Not the column `recency` of `summarize`, which is an age.
    frequency : str, default="n_orders"
        Column with the number of purchases; most is best.
    monetary : str, default="total_amount"
        Column with the money spent (currency of the log); most is best.

    Attributes
    ----------
    edges_ : dict of ndarray
        For each of "recency", "frequency" and "monetary" its levels - 1 edges, ascending, in the
        unit of the column. For frequency and monetary entry k - 2 is the least value that scores
        k or more; for recency entry levels - k is the greatest. Where equal values kept everybody
        from the highest scores, their edge lies next to the best known value.
    levels_ : dict of int
        Number of levels of each of "recency", "frequency" and "monetary".
    n_features_in_ : int
        Number of columns: 3.
    feature_names_in_ : ndarray of str
        Names of the three columns, when `fit` saw a frame.

    See Also
    --------
    RFMSegmenter : Gives names to the cells that the scores make.

    References
    ----------
    .. [1] Miglautsch, J. R. (2000). Thoughts on RFM scoring. Journal of Database Marketing 8,
       67-72.
    .. [2] Kendall, M. G. (1945). The treatment of ties in ranking problems. Biometrika 33,
       239-251.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmkit.segment import RFMScorer
    >>> customers = pd.DataFrame({
    ...     "customer_id": list("abcdefg"),
    ...     "days_since_last": [300, 200, 90, 60, 20, 5, 1],
    ...     "n_orders": [1, 1, 1, 2, 5, 5, 8],
    ...     "total_amount": [10.0, 20.0, 15.0, 70.0, 90.0, 150.0, 800.0],
    ... })
    >>> RFMScorer(levels=4).fit(customers).transform_frame(customers)
      customer_id  R  F  M  rfm
    0           a  1  2  1  121
    1           b  2  2  2  222
    2           c  2  2  2  222
    3           d  3  3  3  333
    4           e  3  4  3  343
    5           f  4  4  4  444
    6           g  4  4  4  444
    """

    def __init__(
        self,
        levels: int | Mapping[str, int] = 5,
        ties: str = "midrank",
        edges: str | Mapping[str, Any] = "quantile",
        recency: str = "days_since_last",
        frequency: str = "n_orders",
        monetary: str = "total_amount",
    ) -> None:
        self.levels = levels
        self.ties = ties
        self.edges = edges
        self.recency = recency
        self.frequency = frequency
        self.monetary = monetary

    def fit(self, X: Any, y: None = None) -> Self:
        """Learn the edges: customers in, the fitted scorer out.

        Parameters
        ----------
        X : {dataframe, array-like} of shape (n_customers, n_columns)
            Customers frame with the three columns, or an array of just these three in the order
            recency, frequency, monetary. Finite numbers.
        y : None
            Ignored.

        Returns
        -------
        RFMScorer
            The fitted scorer itself.

        Raises
        ------
        DataError
            If a parameter is not allowed, a column is missing or holds no finite numbers.

        Warns
        -----
        DataWarning
            If `recency` names the age at the last purchase, where more is better.
        """
        owner = type(self).__name__
        self._warn_of_age(X, owner)
        levels = checked_levels(self.levels, owner)
        check_choice(self.ties, "ties", TIES, owner)
        edges = checked_edges(self.edges, levels, owner)
        x = self._validated(X, reset=True)
        for role, column in zip(ROLES, x.T, strict=True):
            if role not in edges:
                reverse = role == "recency"
                edges[role] = learn_edges(column, levels[role], self.ties, reverse=reverse)
        self.levels_ = levels
        self.edges_ = {role: edges[role] for role in ROLES}
        return self

    def transform(self, X: Any) -> Ints:
        """Score customers: customers in, an array of R, F and M (n_customers, 3) out.

        Parameters
        ----------
        X : {dataframe, array-like} of shape (n_customers, n_columns)
            Customers as in `fit`.

        Returns
        -------
        ndarray of int64, shape (n_customers, 3)
            Scores R, F and M from 1 (worst) to `levels` (best), in row order; a frame after
            ``set_output(transform="pandas")`` or "polars".

        Raises
        ------
        DataError
            If a column is missing or holds no finite numbers.

        Examples
        --------
        >>> from crmkit.segment import RFMScorer
        >>> scorer = RFMScorer(levels=2).fit([[9, 1, 5.0], [4, 1, 2.5], [2, 3, 20.0], [1, 6, 9.0]])
        >>> scorer.transform([[3, 2, 100.0]])
        array([[1, 1, 2]])
        """
        check_is_fitted(self)
        return score_columns(self._validated(X, reset=False), self.edges_)

    def transform_frame(self, customers: Any, customer: str | None = None) -> Any:
        """Score customers with their ids: customers in, a frame of id, R, F, M and rfm out.

        Parameters
        ----------
        customers : dataframe
            Customers frame with the id and the three columns.
        customer : str, optional
            Column of the customer id; the first column by default.

        Returns
        -------
        dataframe
            In the library of `customers` and in its row order: the id, the whole numbers R, F and
            M, and the text rfm, such as "543" ("10-4-3" where a score can exceed 9).

        Raises
        ------
        DataError
            If `customers` is no frame, a column is missing or holds no finite numbers, or the id
            is called like one of the new columns.

        Examples
        --------
        >>> import pandas as pd
        >>> from crmkit.segment import RFMScorer
        >>> customers = pd.DataFrame({"who": ["ann", "bob"], "days_since_last": [3, 400],
        ...                           "n_orders": [4, 1], "total_amount": [80.0, 15.0]})
        >>> RFMScorer(levels=2).fit(customers).transform_frame(customers)
           who  R  F  M  rfm
        0  ann  2  2  2  222
        1  bob  1  1  1  111
        """
        check_is_fitted(self)

        def columns(table: Any) -> dict[str, npt.NDArray[Any]]:
            scores = score_columns(self._validated(table, reset=False), self.edges_)
            return {
                **dict(zip(SCORES, scores.T, strict=True)),
                "rfm": rfm_text(scores, self.levels_),
            }

        return self._beside_ids(customers, customer, columns)

    def get_feature_names_out(self, input_features: Any = None) -> npt.NDArray[np.object_]:
        """Names of the columns of `transform`: R, F and M.

        Parameters
        ----------
        input_features : None
            Ignored; the names are always the same.

        Returns
        -------
        ndarray of str
            "R", "F" and "M".
        """
        check_is_fitted(self)
        return np.array(SCORES, dtype=object)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []  # scores are whole numbers
        return tags

    def _column_names(self) -> tuple[str, str, str]:
        return self.recency, self.frequency, self.monetary

    def _domain(self, x: Floats) -> Floats:
        return three_columns(x, self._column_names(), owner=type(self).__name__)

    def _warn_of_age(self, X: Any, owner: str) -> None:
        if self.recency != "recency" or not _frames.is_frame(X):
            return
        if "T" in _frames.column_names(X, owner):
            warn_user(
                f"{owner}: column 'recency' beside 'T' is the age at the last purchase, where more "
                "is better, and is scored upside down here. Use recency='days_since_last'.",
                DataWarning,
            )


def rank_scores(counts: Ints, levels: int, ties: str) -> Ints:
    """Scores ceil(levels * rank / n) of groups of equal values, counted from worst to best."""
    below = np.cumsum(counts) - counts
    twice_rank = {
        "midrank": 2 * below + counts + 1,
        "lowest": 2 * below + 2,
        "highest": 2 * (below + counts),
    }[ties]
    scores: Ints = -(-levels * twice_rank // (2 * counts.sum()))
    return scores


def learn_edges(column: Floats, levels: int, ties: str, *, reverse: bool) -> Floats:
    """Ascending edges of a column; with `reverse` the least value is the best."""
    known, counts = _rounding.distinct(-column if reverse else column)
    reached = np.searchsorted(rank_scores(counts, levels, ties), np.arange(2, levels + 1))
    with np.errstate(over="ignore"):  # above the largest float there is only infinity
        beyond = np.nextafter(_rounding.above(_rounding.above(known[-1])), np.inf)
    edges: Floats = np.append(known, beyond)[reached]
    return 0.0 - edges[::-1] if reverse else edges


def score_columns(x: Floats, edges: Mapping[str, Floats]) -> Ints:
    """Scores of the columns recency (reversed), frequency and monetary, shape (n, 3)."""
    recency = _rounding.above(edges[ROLES[0]])
    frequency, monetary = (_rounding.below(edges[role]) for role in ROLES[1:])
    scores = np.empty(x.shape, dtype=np.int64)
    scores[:, 0] = len(recency) + 1 - recency.searchsorted(x[:, 0], side="left")
    scores[:, 1] = frequency.searchsorted(x[:, 1], side="right") + 1
    scores[:, 2] = monetary.searchsorted(x[:, 2], side="right") + 1
    return scores
