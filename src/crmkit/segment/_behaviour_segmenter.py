"""BehaviourSegmenter: clusters of customers on numbers and categories, stable and told in words."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import ClusterMixin, TransformerMixin
from sklearn.utils.validation import validate_data

from crmkit import _frames
from crmkit._mixed_columns import read_columns
from crmkit._units import unit_of
from crmkit._validation import Floats
from crmkit.base import CustomerModel, check_is_fitted
from crmkit.exceptions import DataError
from crmkit.segment._behaviour_fit import Settings, check_settings, decide, measured, tried
from crmkit.segment._canonical import canonical_order, rows_in
from crmkit.segment._clusters import labels_of, memberships
from crmkit.segment._mixed_space import project
from crmkit.segment._segment_columns import Wanted, learn_columns, read_values, used

if TYPE_CHECKING:
    import pandas as pd

Ints = npt.NDArray[np.int64]
Names = npt.NDArray[np.str_]


class BehaviourSegmenter(TransformerMixin, ClusterMixin, CustomerModel):
    """Find segments in behaviour: customers in, one segment name per customer out.

    Use it to see what kinds of customers there are, on any mix of numbers and categories. The
    number of segments is one that comes out again on other customers of the same kind, with none
    too small or too large, and that a few rules can tell. Do not use it where the
    segments are known beforehand (`RFMSegmenter`), or for what is to be foretold: churn and value
    models answer better. Behaviour is mostly a continuum, and segments are a way to cut it that
    holds, not species.

    Parameters
    ----------
    columns : list of str, default=None
        Columns to segment on; None takes all columns of numbers, flags and words. A first column
        that is the id, identifiers and instants are left aside, constants with a warning. Choose
        three to seven that say different things: columns that say one thing twice count twice,
        and with many columns little is stable. Arrays: all columns.
    n_segments : int or "auto", default="auto"
        Number of segments; "auto" chooses it, see Notes.
    method : {"auto", "kmeans", "mixture"}, default="auto"
        k-means, or a Gaussian mixture whose columns are independent within a segment. "auto" asks
        k-means first, and the mixture too where k-means finds no `min_segments` suitable segments.
    scaling : {"auto", "log", "standard", "robust", "none"} or dict, default="auto"
        One for all columns of numbers, or by column (others are "auto"). "log" is log1p(x / u), u
        being what 5 % of the customers above 0 are below, so that cents segment like euros; then
        standardised. "robust" uses median and quartiles, "standard" mean and standard deviation.
        All but "none" hold what is farther than 3 spreads from the centre there. "auto" takes
        the logarithm of skewed columns that are never negative, "robust" for other skewed ones.
    n_components : int, float or None, default=None
        Principal components to cluster on; a float is a share of the variance (0 to 1). None
        clusters on all dimensions of numbers alone; with categories, on as many components as
        there are columns.
    missing : {"error", "median"}, default="error"
        What to do with missing numbers. Missing words are a level of their own.
    min_segments : int, default=4
        Number of segments that "auto" would rather not go below.
    max_segments : int, default=10
        Largest number of segments that "auto" tries; the smallest is 2.
    min_stability : float, default=0.8
        Least mean adjusted Rand index over the resamples.
    min_share : float, default=0.03
        Least share of customers of a segment. Levels of categories that are rarer share one code.
    max_share : float, default=0.6
        Largest share of customers of a segment.
    min_fidelity : float, default=0.85
        Least share of customers whom the rules put into their segment.
    rule_depth : int, default=4
        Levels of the tree that makes the rules.
    n_resamples : int, default=20
        Bootstrap samples by which stability is measured; up to five times as many where it lies
        within two standard errors of `min_stability`.
    sample_size : int, default=10000
        Most customers on whom scales, number and rules are learnt, spread evenly over all; the
        segments themselves are fitted to everybody.
    random_state : int, Generator or RandomState, default=0
        Source of the starts and resamples.
    verbose : int, default=0
        1 tells the steps with counts and seconds: logger "crmkit", level INFO, or standard error
        where nothing listens there. 0 tells nothing.

    Attributes
    ----------
    segments_ : ndarray of str
        Names of the segments, the largest first.
    labels_ : ndarray of int, shape (n_customers,)
        Position in `segments_` of the segment of each customer of `fit`.
    n_segments_ : int
        Number of segments.
    method_ : str
        "kmeans" or "mixture".
    reason_ : str
        Why this number and method.
    stability_ : dict of lists
        One entry for each number tried: `method`, `k`, `stability` (mean adjusted Rand index),
        `stability_sd`, `n_resamples`, `silhouette`, `smallest_share`, `largest_share`,
        `fidelity` (on the customers from whom the rules were learnt) and `misses`
        (what it lacks, empty if suitable). Empty lists where `n_segments` was given.
    fidelity_ : float
        Share of the customers of `fit` whom the rules put into their segment (of ten times
        `sample_size` of them, if there are more).
    shares_ : ndarray of shape (n_segments,)
        Share of the customers of `fit` in each segment.
    surrogate_ : DecisionTreeClassifier
        The tree of the rules, on the original columns, levels of categories as flags.
    columns_, space_, clusters_, profile_, rules_ : list and dicts
        What was learnt of columns, scales and axes, segments, their profile and rules.
    n_features_in_ : int
        Number of columns: of those used from a frame, of all in an array.
    unit_ : str or None
        Unit of `recency` and `T` at `fit`: "h", "D", "W" or "M"; None where customers do not tell.
    feature_names_in_ : ndarray of str
        Names of the columns used, when `fit` saw a frame.

    See Also
    --------
    segment_stability : The table behind the choice.
    RFMSegmenter : Segments of fixed meaning.

    Notes
    -----
    For each number of segments and `n_resamples` bootstrap samples or more, a clustering of the
    sample and that of all are compared on all customers [2]_. Of the numbers whose mean adjusted
    Rand index, smallest and largest share and fidelity meet the demands, and whose segments all
    have a rule, the largest is taken, at least `min_segments` if any is; where the silhouette of
    some is 0.5 or more, so that segments lie apart, the one where it is highest. The silhouette
    never decides alone: on raw spend it is highest for one segment of 99 % and a few whales.

    Numbers and categories share a space by factor analysis of mixed data [1]_. A level that was
    not seen in `fit` lies at the mean, with a warning that counts. The order of the customers does
    not matter.

    References
    ----------
    .. [1] Pagès, J. (2004). Analyse factorielle de données mixtes. Revue de statistique appliquée
       52(4), 93-111.
    .. [2] Hennig, C. (2007). Cluster-wise assessment of cluster stability. Computational
       Statistics and Data Analysis 52, 258-271.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from crmkit.segment import BehaviourSegmenter
    >>> rng = np.random.default_rng(0)
    >>> kind = np.repeat([0, 1, 2], 60)
    >>> customers = pd.DataFrame({
    ...     "customer_id": np.arange(180),
    ...     "n_orders": rng.poisson(np.array([2, 10, 10])[kind]) + 1,
    ...     "days_since_last": rng.poisson(np.array([200, 150, 10])[kind]),
    ... })
    >>> segmenter = BehaviourSegmenter(n_segments=3).fit(customers)
    >>> segmenter.predict_frame(customers).iloc[[0, 60, 120]]
         customer_id                     segment
    0              0     Few orders, long silent
    60            60    Many orders, long silent
    120          120    Very recent, many orders
    """

    def __init__(
        self,
        columns: Sequence[str] | None = None,
        n_segments: int | str = "auto",
        method: str = "auto",
        scaling: str | Mapping[str, str] = "auto",
        n_components: float | None = None,
        missing: str = "error",
        min_segments: int = 4,
        max_segments: int = 10,
        min_stability: float = 0.8,
        min_share: float = 0.03,
        max_share: float = 0.6,
        min_fidelity: float = 0.85,
        rule_depth: int = 4,
        n_resamples: int = 20,
        sample_size: int = 10_000,
        random_state: Any = 0,
        verbose: int = 0,
    ) -> None:
        self.columns = columns
        self.n_segments = n_segments
        self.method = method
        self.scaling = scaling
        self.n_components = n_components
        self.missing = missing
        self.min_segments = min_segments
        self.max_segments = max_segments
        self.min_stability = min_stability
        self.min_share = min_share
        self.max_share = max_share
        self.min_fidelity = min_fidelity
        self.rule_depth = rule_depth
        self.n_resamples = n_resamples
        self.sample_size = sample_size
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X: Any, y: None = None) -> Self:
        """Find the segments: customers in, the fitted segmenter out.

        Parameters
        ----------
        X : {dataframe, array-like} of shape (n_customers, n_columns)
            Customers frame, with or without the id, or an array.
        y : None
            Ignored.

        Returns
        -------
        BehaviourSegmenter
            The fitted segmenter itself.

        Raises
        ------
        DataError
            If a parameter is not allowed, a column is missing or holds NaN or infinity, no column
            tells customers apart, or there are fewer different customers than segments.
        """
        settings = self._settings()
        x = self._learn_columns(X)
        self.unit_: str | None = unit_of(X)
        order = canonical_order(x)
        x = rows_in(x, order)
        found = decide(x, self.columns_, settings)
        self.space_, self.clusters_ = found.space, found.clusters
        self.method_, self.reason_ = found.clusters["method"], found.reason
        self.stability_ = found.stability
        self.labels_: Ints = np.empty(len(x), dtype=np.int64)
        self.labels_[order] = found.labels
        self.n_segments_ = len(self.clusters_["centers"])
        told = measured(x, self.columns_, found, settings)
        self.segments_: Names = np.array(told.names)
        self.shares_: Floats = told.shares
        self.surrogate_, self.fidelity_ = told.tree, told.fidelity
        self.rules_, self.profile_ = told.rules, told.profile
        self._n_fitted = len(x)
        settings.progress.done(f"described {self.n_segments_} segments")
        return self

    def predict(self, X: Any) -> Names:
        """Name customers: customers in, an array of segment names (n_customers,) out.

        Parameters
        ----------
        X : {dataframe, array-like} of shape (n_customers, n_columns)
            Customers as in `fit`; a frame may hold further columns, and those of `fit` in any order
            where `columns` names them, else in that of `fit`.

        Returns
        -------
        ndarray of str, shape (n_customers,)
            One of `segments_` for each customer, in row order.

        Raises
        ------
        DataError
            If a column of `fit` is missing, or holds what it must not.
        """
        positions = self._positions(X)
        names: Names = self.segments_[positions]
        return names

    def fit_predict(self, X: Any, y: None = None) -> Names:
        """Find segments and name the same customers: ``fit(X).predict(X)``.

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
        self.fit(X)
        names: Names = self.segments_[self.labels_]
        return names

    def transform(self, X: Any) -> Floats:
        """Tell how near each segment is: customers in, one number per customer and segment out.

        Parameters
        ----------
        X : {dataframe, array-like} of shape (n_customers, n_columns)
            Customers as in `fit`.

        Returns
        -------
        ndarray of shape (n_customers, n_segments)
            For k-means the distance to the centre of each segment, in spreads of a column; for a
            mixture the probability of each segment. Columns in the order of `segments_`.
        """
        check_is_fitted(self)
        return memberships(self._points(X), self.clusters_)

    def predict_frame(self, customers: Any, customer: str | None = None) -> Any:
        """Name customers with their ids: customers in, a frame of id and segment out.

        Parameters
        ----------
        customers : dataframe
            Customers with their id and the columns of `fit`, in any order.
        customer : str, default=None
            Column of the customer id; None takes the first column.

        Returns
        -------
        dataframe
            The id and `segment`, in the library and the row order of `customers`.
        """
        check_is_fitted(self)

        def columns(table: Any) -> dict[str, npt.NDArray[Any]]:
            if not hasattr(self, "feature_names_in_"):
                raise DataError(
                    f"{type(self).__name__}: fitted on an array, whose columns have no names: use "
                    "predict, or fit on a frame."
                )
            names = list(self.feature_names_in_)
            known = _frames.attach(table, keep=names, add={}, owner=type(self).__name__)
            return {"segment": self.predict(known)}

        return self._beside_ids(customers, customer, columns)

    def describe(self) -> "pd.DataFrame":
        """Segments at a glance: a fitted segmenter in, one row per segment out.

        Returns
        -------
        pandas.DataFrame
            The largest segment first: `segment`, `n_customers`, `share_of_customers` (0 to 1),
            `rule` (the rule that covers most of the segment), `precision` (share of those under
            the rule who are in the segment), `coverage` (share of the segment under the rule), and
            `median_<column>` of each column of numbers, `most_<column>` the level of each category
            that is most common.
        """
        import pandas as pd

        check_is_fitted(self)
        rules = self.rules()
        best = rules.sort_values("coverage", ascending=False, kind="stable")
        best = best.drop_duplicates("segment").set_index("segment").reindex(self.segments_)
        counts = np.bincount(self.labels_, minlength=self.n_segments_)
        made: dict[str, Any] = {
            "segment": self.segments_,
            "n_customers": counts,
            "share_of_customers": self.shares_,
            "rule": best["rule"].fillna("(no rule)").to_numpy(),
            "precision": best["precision"].to_numpy(),
            "coverage": best["coverage"].fillna(0.0).to_numpy(),
        }
        profile = self.profile()
        for each in self.columns_:
            rows = profile[profile["column"] == each["name"]]
            if each["kind"] == "number":
                made[f"median_{each['name']}"] = rows["median"].to_numpy()
            else:
                shares = rows["mean"].to_numpy().reshape(self.n_segments_, -1)
                made[f"most_{each['name']}"] = np.array(each["levels"])[shares.argmax(axis=1)]
        return pd.DataFrame(made)

    def rules(self) -> "pd.DataFrame":
        """Tell segments by a few conditions: a fitted segmenter in, one row per rule out.

        Every customer is under one rule; `fidelity_` is how many it puts into their segment.

        Returns
        -------
        pandas.DataFrame
            The rule with most customers first: `segment`, `rule`, `share_of_customers` under it,
            `precision` and `coverage` as in `describe`.
        """
        import pandas as pd

        check_is_fitted(self)
        frame = pd.DataFrame(self.rules_)
        return frame.assign(segment=self.segments_[frame["segment"].to_numpy()])

    def profile(self) -> "pd.DataFrame":
        """What sets segments apart: a fitted segmenter in, a row per segment and column out.

        Returns
        -------
        pandas.DataFrame
            `segment`, `column`, `level` (of a category, else None), `z` (mean of the segment after
            scaling, in standard deviations from that of all), `median` (NaN for levels), `mean`
            (unit of the column; the share of a level) and `lift` (the mean over that of all).
        """
        import pandas as pd

        check_is_fitted(self)
        frame = pd.DataFrame(self.profile_)
        return frame.assign(segment=self.segments_[frame["segment"].to_numpy()])

    def get_feature_names_out(self, input_features: Any = None) -> npt.NDArray[Any]:
        """Names of the columns of `transform`: those of the segments.

        Parameters
        ----------
        input_features : None
            Ignored.

        Returns
        -------
        ndarray of str
            `segments_`.
        """
        check_is_fitted(self)
        return self.segments_.astype(object)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.allow_nan = self.missing == "median"
        return tags

    def _settings(self) -> Settings:
        return check_settings(self.get_params(deep=False), type(self).__name__)

    def _learn_columns(self, X: Any) -> Floats:
        """Learn which columns are used, and read them."""
        owner = type(self).__name__
        table = as_table(X)
        if not _frames.is_frame(table):
            table = validate_data(self, table, dtype=None, ensure_all_finite=False, reset=True)
        wanted = Wanted(self.columns, self.missing, self.min_share, owner)
        learnt, x = learn_columns(table, wanted)
        self.columns_ = used(learnt)
        if _frames.is_frame(table):
            names = [each["name"] for each in self.columns_]
            known = _frames.attach(table, keep=names, add={}, owner=owner)
            validate_data(self, known, skip_check_array=True, reset=True)
            self.columns_ = [each | {"place": j} for j, each in enumerate(self.columns_)]
        return x

    def _points(self, X: Any) -> Floats:
        owner = type(self).__name__
        table = as_table(X)
        if _frames.is_frame(table):
            table = self._known(table, owner)
            try:
                if not _frames.is_plain(table):
                    validate_data(self, table, skip_check_array=True, reset=False)
            except ValueError as error:
                raise self._lacking(table, owner, error) from None
        else:
            table = validate_data(self, table, dtype=None, ensure_all_finite=False, reset=False)
        columns = read_columns(table, [each["place"] for each in self.columns_], owner)
        return project(read_values(columns, self.columns_, owner), self.space_)

    def _tried(self, X: Any, ks: list[int]) -> dict[str, list[Any]]:
        """The table of `stability_` for these numbers, without choosing one."""
        settings = self._settings()
        x = self._learn_columns(X)
        return tried(rows_in(x, canonical_order(x)), self.columns_, ks, settings)

    def _known(self, table: Any, owner: str) -> Any:
        """The columns of `fit` out of a frame; in its order where it names them itself."""
        asked = list(getattr(self, "feature_names_in_", ()))
        there = _frames.column_names(table, owner)
        if _frames.is_plain(table):
            return _frames.attach(table, keep=asked, add={}, owner=owner)
        if not asked or not set(asked) <= set(there):
            return table
        keep = asked if self.columns is not None else [name for name in there if name in asked]
        return _frames.attach(table, keep=keep, add={}, owner=owner)

    def _lacking(self, table: Any, owner: str, error: ValueError) -> ValueError:
        """Which column of `fit` a frame lacks, and what scikit-learn says of it."""
        there = _frames.column_names(table, owner)
        lacking = [name for name in getattr(self, "feature_names_in_", ()) if name not in there]
        if not lacking:
            return error
        return DataError(f"{DataError.missing_column(owner, str(lacking[0]), there)}\n{error}")

    def _positions(self, X: Any) -> Ints:
        """Position in `segments_` of the name of each customer: what `predict` says in numbers."""
        check_is_fitted(self)
        return labels_of(self._points(X), self.clusters_)


def as_table(X: Any) -> Any:
    """An eager frame, or an array; frames whose columns have no names are arrays."""
    table = _frames.to_eager(X)
    if not _frames.is_frame(table):
        return table
    names = _frames.column_names(table, "BehaviourSegmenter")
    return table if all(isinstance(name, str) for name in names) else np.asarray(table)
