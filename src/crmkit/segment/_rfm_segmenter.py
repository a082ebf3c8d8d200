"""RFM segments: a name for every combination of recency, frequency and monetary scores.

A customer's scores R, F and M (see `RFMScorer`) are a cell of a grid, and every cell has exactly
one name: no customer is left over as "other". The scores go back to Hughes, A. M. (1994),
Strategic Database Marketing (Probus); the names are conventions of practice, not findings.
"""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import clone

from crmkit import _frames
from crmkit._validation import Floats, check_choice
from crmkit.base import CustomerModel, check_is_fitted
from crmkit.exceptions import DataError
from crmkit.segment._rfm_parameters import three_columns
from crmkit.segment._rfm_scorer import SCORES, RFMScorer, score_columns
from crmkit.segment._schemes import LANGUAGES, NAMES, cube_cells, grid_cells, mapped_cells

Ints = npt.NDArray[np.int64]
Names = npt.NDArray[np.str_]


class RFMSegmenter(CustomerModel):
    """Name customers by their RFM scores: customers in, one segment name per customer out.

    Use it where people act on names: campaigns, reports, service levels. Do not use it where a
    number is needed: who will leave and what a customer is worth are answered better by the churn
    and lifetime value models.

    Parameters
    ----------
    scheme : {"grid11", "cube8"} or mapping, default="grid11"
        Which name each cell has.

        * "grid11": eleven names on the 5 x 5 grid of R and F, from Champions to Lost. M has no
          part in it (`segment_summary` shows the money of each). With more than 80 % of one-time
          buyers F = 1 and F = 2 are empty: set the frequency edges of the scorer by hand.
        * "cube8": the eight classes of high and low R, F and M of Chinese retail practice. A score
          is high when it is above the mean score of the customers seen in `fit`; the means are
          learnt once and kept in `thresholds_`. Any number of levels.
        * a mapping from every cell to a name, the cell as text: R and F, such as ``{"55":
          "best", "54": "best", ...}``, or R, F and M, such as "555" ("10-5" where the scorer has
          more than 9 levels). It must name all cells, best names first.
    scorer : RFMScorer, optional
        Makes the scores; ``RFMScorer()`` by default. It is cloned and fitted again.
    language : {"en", "zh"}, default="en"
        Language of the names of "grid11" and "cube8"; a mapping keeps its own names.

    Attributes
    ----------
    segments_ : ndarray of str
        Names of the segments, best to worst.
    cells_ : ndarray of int, shape (levels of R, levels of F, levels of M)
        Position in `segments_` of the name of each cell, counted from 0; entry [r-1, f-1, m-1] is
        the cell of the scores r, f and m.
    scorer_ : RFMScorer
        The fitted scorer, with the edges.
    thresholds_ : ndarray of shape (3,) or None
        Mean scores of R, F and M above which a score is high; None unless "cube8".
    n_features_in_ : int
        Number of columns: 3.
    feature_names_in_ : ndarray of str
        Names of the three columns, when `fit` saw a frame.

    See Also
    --------
    RFMScorer : The scores without names.
    segment_summary : Size and money of each segment.

    Notes
    -----
    The grid, R from the top, F from the left:

    ==  ==============  ==============  ===================  ================  ================
    R   F 1             F 2             F 3                  F 4               F 5
    ==  ==============  ==============  ===================  ================  ================
    5   New Customers   New Customers   Potential Loyalists  Champions         Champions
    4   Promising       Promising       Potential Loyalists  Loyal Customers   Champions
    3   About To Sleep  About To Sleep  Need Attention       Loyal Customers   Loyal Customers
    2   Hibernating     Hibernating     At Risk              At Risk           Cannot Lose Them
    1   Lost            Lost            At Risk              At Risk           Cannot Lose Them
    ==  ==============  ==============  ===================  ================  ================

    The cube:

    ====  ====  ===========================  ==============================
    R     F     M high                       M low
    ====  ====  ===========================  ==============================
    high  high  Key Value, 重要价值客户      General Value, 一般价值客户
    high  low   Key Growth, 重要发展客户     General Growth, 一般发展客户
    low   high  Key Retention, 重要保持客户  General Retention, 一般保持客户
    low   low   Key Win-Back, 重要挽留客户   General Win-Back, 一般挽留客户
    ====  ====  ===========================  ==============================

    References
    ----------
    .. [1] Hughes, A. M. (1994). Strategic Database Marketing. Probus, Chicago.
    .. [2] Miglautsch, J. R. (2000). Thoughts on RFM scoring. Journal of Database Marketing 8,
       67-72.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmkit.segment import RFMSegmenter
    >>> customers = pd.DataFrame({
    ...     "customer_id": list("abcdef"),
    ...     "days_since_last": [300, 200, 90, 20, 5, 1],
    ...     "n_orders": [1, 8, 1, 5, 1, 9],
    ...     "total_amount": [10.0, 520.0, 15.0, 90.0, 35.0, 800.0],
    ... })
    >>> RFMSegmenter().fit(customers).predict_frame(customers)
      customer_id  R  F  M           segment
    0           a  1  2  1              Lost
    1           b  2  5  5  Cannot Lose Them
    2           c  3  2  2    About To Sleep
    3           d  4  4  4   Loyal Customers
    4           e  5  2  3     New Customers
    5           f  5  5  5         Champions
    """

    def __init__(
        self,
        scheme: str | Mapping[str, str] = "grid11",
        scorer: RFMScorer | None = None,
        language: str = "en",
    ) -> None:
        self.scheme = scheme
        self.scorer = scorer
        self.language = language

    def fit(self, X: Any, y: None = None) -> Self:
        """Learn edges and cells: customers in, the fitted segmenter out.

        Parameters
        ----------
        X : {dataframe, array-like} of shape (n_customers, n_columns)
            Customers frame with the three columns of the scorer, or an array of just these three
            in the order recency, frequency, monetary. Finite numbers.
        y : None
            Ignored.

        Returns
        -------
        RFMSegmenter
            The fitted segmenter itself.

        Raises
        ------
        DataError
            If a parameter is not allowed, a mapping does not name every cell, "grid11" meets
            other than 5 levels, a column is missing or holds no finite numbers.
        """
        owner = type(self).__name__
        if not isinstance(self.scheme, Mapping):
            check_choice(self.scheme, "scheme (unless a mapping)", NAMES, owner)
        check_choice(self.language, "language", LANGUAGES, owner)
        table = _frames.to_eager(X)
        self.scorer_: RFMScorer = clone(self._scorer())
        x = self._validated(table, reset=True)
        self.scorer_.fit(table)
        self._name_cells(x, owner)
        return self

    def predict(self, X: Any) -> Names:
        """Name customers: customers in, an array of segment names (n_customers,) out.

        Parameters
        ----------
        X : {dataframe, array-like} of shape (n_customers, n_columns)
            Customers as in `fit`.

        Returns
        -------
        ndarray of str, shape (n_customers,)
            One of `segments_` for each customer, in row order.

        Raises
        ------
        DataError
            If a column is missing or holds no finite numbers.

        Examples
        --------
        >>> from crmkit.segment import RFMSegmenter
        >>> history = [[300, 1, 10.0], [90, 2, 40.0], [20, 5, 90.0], [1, 9, 800.0]]
        >>> segmenter = RFMSegmenter(scheme="cube8").fit(history)
        >>> segmenter.predict([[2, 1, 500.0], [400, 1, 5.0]]).tolist()
        ['Key Growth', 'General Win-Back']
        """
        check_is_fitted(self)
        return self._name(self._scores(X))

    def fit_predict(self, X: Any, y: None = None) -> Names:
        """Learn edges and name the same customers: ``fit(X).predict(X)``.

        Parameters
        ----------
        X : {dataframe, array-like} of shape (n_customers, n_columns)
            Customers as in `fit`.
        y : None
            Ignored.

        Returns
        -------
        ndarray of str, shape (n_customers,)
            One of `segments_` for each customer, in row order.
        """
        X = _frames.to_eager(X)
        return self.fit(X).predict(X)

    def predict_frame(self, customers: Any, customer: str | None = None) -> Any:
        """Name customers with their ids: customers in, a frame of id, R, F, M and segment out.

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
            M, and the name of the segment.

        Raises
        ------
        DataError
            If `customers` is no frame, a column is missing or holds no finite numbers, or the id
            is called like one of the new columns.
        """
        check_is_fitted(self)
        return self._beside_ids(customers, customer, self._told)

    def _scorer(self) -> RFMScorer:
        if self.scorer is None:
            return RFMScorer()
        if not isinstance(self.scorer, RFMScorer):
            raise DataError(
                f"{type(self).__name__}: scorer must be an RFMScorer or None, got {self.scorer!r}."
            )
        return self.scorer

    def _column_names(self) -> tuple[str, ...]:
        return self.scorer_.recency, self.scorer_.frequency, self.scorer_.monetary

    def _domain(self, x: Floats) -> Floats:
        return three_columns(x, self._column_names(), owner=type(self).__name__)

    def _scores(self, X: Any) -> Ints:
        return score_columns(self._validated(X, reset=False), self.scorer_.edges_)

    def _told(self, X: Any) -> dict[str, npt.NDArray[Any]]:
        """Scores and segment of each customer by the names of their columns."""
        scores = self._scores(X)
        return {**dict(zip(SCORES, scores.T, strict=True)), "segment": self._name(scores)}

    def _name(self, scores: Ints) -> Names:
        names: Names = self.segments_[self._cells(scores)]
        return names

    def _cells(self, scores: Ints) -> Ints:
        r, f, m = scores.T - 1
        cells: Ints = self.cells_[r, f, m]
        return cells

    def _positions(self, X: Any) -> Ints:
        """Position in `segments_` of the name of each customer: what `predict` says in numbers."""
        return self._cells(self._scores(X))

    def _name_cells(self, x: Floats, owner: str) -> None:
        """Set `segments_` and `cells_`, and `thresholds_` where the scheme has them."""
        levels = self.scorer_.levels_
        self.thresholds_: Floats | None = None
        if isinstance(self.scheme, Mapping):
            names, self.cells_ = mapped_cells(self.scheme, levels, owner)
            self.segments_: Names = np.array(names)
            return
        self.segments_ = np.array(NAMES[self.scheme][self.language])
        if self.scheme == "grid11":
            self.cells_ = grid_cells(levels, owner)
            return
        self.thresholds_ = score_columns(x, self.scorer_.edges_).mean(axis=0)
        self.cells_ = cube_cells(levels, self.thresholds_)
