"""Time to an event by boosted trees of the discrete hazard: see `_hazard` for the formulas."""

from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted, validate_data

from crmkit import _frames
from crmkit._units import in_unit
from crmkit._validation import Floats, check_whole, generator
from crmkit.churn._columns import per_customer
from crmkit.churn._hazard import (
    at_risk,
    base_odds,
    cumulated,
    cumulated_at,
    grow,
    hazards,
    levelled,
    period_edges,
    time_of,
)
from crmkit.churn._survival_curve import SurvivalCurve, checked_durations
from crmkit.churn._table_encoder import encode, learn_columns, names_of, read_columns, used_places
from crmkit.exceptions import DataError

OWNER = "TimeToChurn"


class TimeToChurn(BaseEstimator):
    """Tell how long customers last: customers with durations in, survival curves out.

    Use it where "when" matters and not only "whether within 90 days": one model answers for every
    horizon, and customers who were watched for a short time only still teach it. What survival
    means is what the event is: with snapshots of `NoPurchase` or `NextPurchaseTime` the event is
    the next purchase, so that survival to 90 days is the probability of no purchase in 90 days;
    with `SubscriptionEnd`, or a table of contracts, it is leaving. For one fixed horizon
    `ChurnClassifier` is as good and calibrated.

    Parameters
    ----------
    periods : int or sequence of float, default=12
        Number of periods with equal numbers of events, or their ends, rising, in the unit of the
        durations. Within a period the hazard is constant.
    age : str, default=None
        For durations that begin with the customer, not at a cut-off (a table with one row per
        contract): the column with the age so far. It is no feature, and predictions are given
        that the customer has reached it. None where durations begin at the cut-off.
    rounds : int, default=None
        Number of trees; None stops early by a fifth of the customers and refits on all.
    random_state : int, Generator, RandomState or None, default=0
        Seed of the choices that trees make at random.
    n_jobs : int, default=None
        Threads; None is 1, -1 all.

    Attributes
    ----------
    edges_ : ndarray of shape (n_periods + 1,)
        Ends of the periods from 0 to the longest duration.
    base_odds_ : ndarray of shape (n_periods,)
        Log-odds of the hazard of each period, to which the trees add what tells customers apart.
    model_ : str
        The trees, as text of LightGBM.
    columns_ : list of dict
        What each column was taken for.
    unit_ : str or None
        Unit of the durations, where snapshots told it.
    n_features_in_ : int
        Number of columns.
    feature_names_in_ : ndarray of str
        Their names, when `fit` saw a frame.

    See Also
    --------
    ChurnClassifier : Whether within one horizon.
    SurvivalCurve : The same for all customers alike, the baseline: see `baseline`.

    References
    ----------
    .. [1] Singer, J. D. and Willett, J. B. (1993). It's about time: using discrete-time survival
       analysis to study duration and the timing of events. Journal of Educational Statistics 18,
       155-195.
    .. [2] Tutz, G. and Schmid, M. (2016). Modeling Discrete Time-to-Event Data. Springer.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from crmkit.churn import TimeToChurn
    >>> random = np.random.default_rng(0)
    >>> plan = np.repeat(["month", "year"], 400)
    >>> months = np.ceil(random.exponential(np.where(plan == "month", 6.0, 30.0)))
    >>> X = pd.DataFrame({"plan": plan})
    >>> model = TimeToChurn(rounds=150).fit(X, np.minimum(months, 24), months <= 24)
    >>> model.predict_survival(X.iloc[[0, -1]], [3, 6]).round(1)
    array([[0.7, 0.4],
           [0.9, 0.8]])
    """

    def __init__(
        self,
        periods: Any = 12,
        age: str | None = None,
        rounds: int | None = None,
        random_state: Any = 0,
        n_jobs: int | None = None,
    ) -> None:
        self.periods = periods
        self.age = age
        self.rounds = rounds
        self.random_state = random_state
        self.n_jobs = n_jobs

    def fit(
        self,
        X: Any,
        duration: npt.ArrayLike | None = None,
        event: npt.ArrayLike | None = None,
        *,
        groups: npt.ArrayLike | None = None,
    ) -> Self:
        """Learn hazards: customers and durations, or snapshots, in, the fitted model out.

        Parameters
        ----------
        X : {dataframe, array-like} of shape (n_rows, n_columns) or Snapshots
            Columns of numbers, words or missing values, as they are; or snapshots, which hold
            everything.
        duration : array-like of shape (n_rows,), default=None
            Time to the event, or as long as was watched, at least 0.
        event : array-like of shape (n_rows,), default=None
            1 where the event was seen, 0 where the customer was only watched so long.
        groups : array-like of shape (n_rows,), default=None
            Customer of each row, where one has several: they are kept on one side of the early
            stopping.

        Returns
        -------
        Self
            The fitted model.

        Raises
        ------
        DataError
            If a parameter is not allowed, durations or events are missing or impossible, or no
            event was seen.
        """
        self._check_parts()
        self.unit_: str | None = None
        if hasattr(X, "label_end") and hasattr(X, "duration"):
            duration, event, groups, self.unit_ = X.duration, X.event, X.groups, X.unit
            X = X.X
        if duration is None or event is None:
            raise DataError(
                f"{OWNER}: duration and event are needed beside X: how long each customer was "
                "watched, and whether the event was seen. Or pass Snapshots."
            )
        table = self._features(X, reset=True)
        durations, ended = checked_durations(duration, event, OWNER)
        if not ended.any():
            raise DataError(f"{OWNER}: no event was seen, so there is nothing to learn from.")
        columns = read_columns(table, None, OWNER)
        n = len(columns[0].values)
        check_rows(n, durations, "duration")
        self.columns_ = learn_columns(
            columns, names_of(table, OWNER), np.ones(n), _frames.is_frame(table), OWNER
        )
        used = [columns[place] for place in used_places(self.columns_)]
        x = encode(used, self.columns_, OWNER).x
        together = np.arange(n) if groups is None else np.unique(groups, return_inverse=True)[1]
        check_rows(n, together, "groups")
        self._learn(x, durations, ended, together.astype(np.int64))
        return self

    def predict_survival(
        self, X: Any, times: Any, given_age: bool | npt.ArrayLike = True
    ) -> Floats:
        """Probability of lasting longer: customers and times in, a probability for each pair out.

        Parameters
        ----------
        X : {dataframe, array-like} or Snapshots
            Customers as in `fit`.
        times : float, str or array-like of shape (n_times,)
            Times from now, in the unit of the durations; text such as "90D" where snapshots told
            the unit. Behind the longest duration of `fit` the hazard of the last period goes on.
        given_age : bool or array-like of shape (n_customers,), default=True
            Given that the customer has lasted so far: True takes the column `age` (0 without
            one), an array says the ages, False counts from the beginning.

        Returns
        -------
        ndarray of shape (n_customers,) or (n_customers, n_times)
            Survival, falling in time and 1 at time 0; the second shape where `times` is a list.
        """
        total, age = self._totals(X, given_age)
        each = self._times(times)
        before = cumulated_at(total, self.edges_, age[:, None])
        after = cumulated_at(total, self.edges_, age[:, None] + each[None, :])
        survival = np.exp(np.minimum(before - after, 0.0))
        return np.asarray(survival[:, 0] if np.ndim(times) == 0 else survival)

    def predict_median(self, X: Any, given_age: bool | npt.ArrayLike = True) -> Floats:
        """Time by which half are gone: customers in, one time per customer out.

        Parameters
        ----------
        X : {dataframe, array-like} or Snapshots
            Customers as in `fit`.
        given_age : bool or array-like of shape (n_customers,), default=True
            As in `predict_survival`.

        Returns
        -------
        ndarray of shape (n_customers,)
            Median remaining time, in the unit of the durations; infinite where it is longer than
            anything seen in `fit`.
        """
        total, age = self._totals(X, given_age)
        now = cumulated_at(total, self.edges_, age[:, None])[:, 0]
        return time_of(total, self.edges_, now + np.log(2.0)) - age

    def predict_frame(self, customers: Any, times: Any, customer: str | None = None) -> Any:
        """Survival with ids: customers in, a frame of id, survival at each time and median out.

        Parameters
        ----------
        customers : dataframe
            Customers with their id, the columns of `fit` and the column `age`, if any.
        times : float, str or array-like of shape (n_times,)
            Times from now, as in `predict_survival`.
        customer : str, default=None
            Name of the id column; None takes the first column.

        Returns
        -------
        dataframe
            The id, `survival_30` (and so on, by time) and `median`, in the library and the row
            order of `customers`.
        """
        check_is_fitted(self)
        table = _frames.to_eager(customers)
        id_column = _frames.column_names(table, OWNER)[0] if customer is None else customer
        each = self._times(times)
        survival = self.predict_survival(table, each)
        add = {f"survival_{time:g}": survival[:, i] for i, time in enumerate(each)}
        add["median"] = self.predict_median(table)
        beside = _frames.attach(table, keep=[id_column], add=add, owner=OWNER)
        return _frames.hand_back(beside, like=customers)

    def baseline(self) -> SurvivalCurve:
        """Kaplan-Meier curve of the customers of `fit`: what the model has to beat."""
        check_is_fitted(self)
        return SurvivalCurve.fit(self.durations_, self.ended_, unit=self.unit_ or "D")

    def _learn(
        self, x: Floats, durations: Floats, ended: Floats, groups: npt.NDArray[np.int64]
    ) -> None:
        whole = isinstance(self.periods, (int, np.integer))
        self.edges_ = (
            period_edges(durations, ended, int(self.periods))
            if whole
            else stated_edges(self.periods)
        )
        rows = at_risk(durations, ended, self.edges_)
        if not rows[2].any():
            raise DataError(
                f"{OWNER}: no event lies within the periods, which end at {self.edges_[-1]:g}. "
                "State longer periods, in the unit of the durations."
            )
        base = base_odds(*rows[1:], len(self.edges_) - 1)
        seed = int(generator(self.random_state, OWNER).integers(2**31 - 1))
        threads = 1 if self.n_jobs is None else max(int(self.n_jobs), 0)
        self.model_ = grow(x, rows, base, groups, self.rounds, seed, threads)
        self.base_odds_ = levelled(self.model_, x, rows, base)
        self.durations_, self.ended_ = durations, ended

    def _totals(self, X: Any, given_age: bool | npt.ArrayLike) -> tuple[Floats, Floats]:
        """Value of -log S of each customer at the edges, and the age that is given."""
        check_is_fitted(self)
        table = X.X if hasattr(X, "label_end") and hasattr(X, "X") else X
        table = _frames.to_eager(table)
        features = self._features(table, reset=False)
        columns = read_columns(features, used_places(self.columns_), OWNER)
        x = encode(columns, self.columns_, OWNER).x
        total = cumulated(hazards(self.model_, x, self.base_odds_))
        if given_age is False or (given_age is True and self.age is None):
            return total, np.zeros(len(x))
        source = self.age if given_age is True else given_age
        return total, per_customer(source, table, len(x), "age", OWNER, low=0.0, high=np.inf)

    def _features(self, X: Any, *, reset: bool) -> Any:
        """Eager frame or array with the columns of `fit` alone."""
        table = _frames.to_eager(X)
        if not _frames.is_frame(table):
            if self.age is not None:
                raise DataError(f"{OWNER}: age={self.age!r} names a column, so X must be a frame.")
            return validate_data(self, table, dtype=None, ensure_all_finite=False, reset=reset)
        if reset:
            names = _frames.column_names(table, OWNER)
            if self.age is not None and self.age not in names:
                raise DataError.missing_column(OWNER, self.age, names, "age")
            names = [name for name in names if name != self.age]
        elif hasattr(self, "feature_names_in_"):
            names = list(self.feature_names_in_)
        else:
            raise DataError(f"{OWNER}: fitted on an array: pass one to predict, too.")
        kept = _frames.attach(table, keep=names, add={}, owner=OWNER)
        validate_data(self, kept, skip_check_array=True, reset=reset)
        return kept

    def _times(self, times: Any) -> Floats:
        told = [times] if np.ndim(times) == 0 else list(times)
        if not told:
            raise DataError(f"{OWNER}: times is empty. State at least one.")
        return np.array([in_unit(time, self.unit_, OWNER, "times") for time in told])

    def _check_parts(self) -> None:
        if isinstance(self.periods, (int, np.integer)):
            check_whole(self.periods, "periods", OWNER, low=1)
        else:
            stated_edges(self.periods)
        if self.rounds is not None:
            check_whole(self.rounds, "rounds", OWNER, low=1)
        if self.n_jobs is not None and self.n_jobs != -1:
            check_whole(self.n_jobs, "n_jobs", OWNER, low=1)
        if self.age is not None and not isinstance(self.age, str):
            raise DataError(f"{OWNER}: age must name a column, got {self.age!r}.")


def stated_edges(periods: Any) -> Floats:
    """Edges from stated ends of periods, 0 before them."""
    try:
        ends = np.asarray(periods, dtype=np.float64)
    except (TypeError, ValueError):
        ends = np.empty(0)
    if ends.ndim != 1 or not len(ends) or not np.isfinite(ends).all():
        ends = np.array([-1.0])
    edges = np.concatenate([[0.0], ends[int(ends[0] == 0) :]])
    if len(edges) < 2 or not (np.diff(edges) > 0).all():
        raise DataError(
            f"{OWNER}: periods must be a whole number of at least 1, or rising ends above 0, got "
            f"{periods!r}."
        )
    return edges


def check_rows(n: int, values: npt.NDArray[Any], name: str) -> None:
    """Refuse a column of another length than X."""
    if len(values) != n:
        raise DataError(f"{OWNER}: X has {n:,} rows and {name} {len(values):,}.")
