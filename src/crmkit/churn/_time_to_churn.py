"""Time to an event by boosted trees of rates within periods: see `_hazard` for the formulas."""

from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted, validate_data

from crmkit import _frames
from crmkit._mixed_columns import names_of, read_columns
from crmkit._progress import Progress
from crmkit._trees import Growth
from crmkit._units import in_unit
from crmkit._validation import Floats, check_whole, generator
from crmkit.churn._columns import check_rows, group_codes, id_name, per_customer
from crmkit.churn._hazard import (
    at_risk,
    base_rates,
    cumulated,
    cumulated_at,
    grow,
    levelled,
    period_edges,
    rates_of,
    rounds_of,
    tail_shares,
    time_of,
    time_step,
    without_empty_end,
)
from crmkit.churn._snapshots import features_of, opened
from crmkit.churn._survival_curve import SurvivalCurve, checked_durations
from crmkit.churn._table_encoder import encode, learn_columns, used_places
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
        durations. Within a period the hazard is constant. A last period in which no event came,
        nor could be expected to, is joined with the one before.
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
    verbose : int, default=0
        1 tells the steps with counts and seconds: logger "crmkit", level INFO, or standard error
        where nothing listens there. 0 tells nothing.

    Attributes
    ----------
    edges_ : ndarray of shape (n_periods + 1,)
        Ends of the periods, from 0 to the longest duration or the last end stated.
    base_rates_ : ndarray of shape (n_periods,)
        Hazard of each period, in events per unit of time, which the trees multiply by what tells
        customers apart.
    tail_shares_ : ndarray of shape (n_periods,)
        Shares of the periods in the hazard behind the last of them: that of the last 20 events.
    curve_ : dict of str to ndarray
        `times` at which customers were last seen, how many `events` there were at each and how
        many were `censored`: what `baseline` is drawn from.
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
    .. [1] Holford, T. R. (1980). The analysis of rates and of survivorship using log-linear
       models. Biometrics 36, 299-305.
    .. [2] Friedman, M. (1982). Piecewise exponential models for survival data with covariates.
       Annals of Statistics 10, 101-113.

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
        verbose: int = 0,
    ) -> None:
        self.periods = periods
        self.age = age
        self.rounds = rounds
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose

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
            whatever is not given beside them.
        duration : array-like of shape (n_rows,), default=None
            Time to the event, or as long as was watched, at least 0. Whole numbers are taken for
            steps: 3 says that it came after 2 and not after 3.
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
            If a parameter is not allowed, durations or events are missing or impossible, no event
            was seen, or all durations are 0.
        """
        self._check_parts()
        self.unit_: str | None = getattr(X, "unit", None)
        X, told = opened(X, duration=duration, event=event, groups=groups)
        duration, event, groups = (told[name] for name in ("duration", "event", "groups"))
        if duration is None or event is None:
            raise DataError(
                f"{OWNER}: duration and event are needed beside X: how long each customer was "
                "watched, and whether the event was seen. Or pass Snapshots."
            )
        table = self._features(X, reset=True)
        durations, ended = checked_durations(duration, event, OWNER)
        check_times(durations, ended)
        columns = read_columns(table, None, OWNER)
        n = len(columns[0].values)
        check_rows(n, durations, "duration", OWNER)
        self.columns_ = learn_columns(
            columns, names_of(table, OWNER), np.ones(n), _frames.is_frame(table), OWNER, ended
        )
        used = [columns[place] for place in used_places(self.columns_)]
        x = encode(used, self.columns_, OWNER).with_typical
        together = np.zeros(n, np.int64) if groups is None else group_codes(groups, n, OWNER)
        order = np.lexsort((together, ended, durations, *x.T))  # that of the rows cannot matter
        together = np.arange(n) if groups is None else together[order]
        self._learn(x[order], durations[order], ended[order], together)
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
            the unit. Behind the last period the hazard of the last periods with 20 events goes
            on.
        given_age : bool or array-like of shape (n_customers,), default=True
            Given that the customer has lasted so far: True takes the column `age` (0 without
            one), an array says the ages, False counts from the beginning.

        Returns
        -------
        ndarray of shape (n_customers,) or (n_customers, n_times)
            Survival, falling in time and 1 at time 0; the second shape where `times` is a list.
        """
        total, beyond, age = self._totals(X, given_age)
        each = self._times(times)
        before = cumulated_at(total, self.edges_, age[:, None], beyond)
        after = cumulated_at(total, self.edges_, age[:, None] + each[None, :], beyond)
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
        total, beyond, age = self._totals(X, given_age)
        now = cumulated_at(total, self.edges_, age[:, None], beyond)[:, 0]
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

        Raises
        ------
        DataError
            If a column is missing, or two times would give columns of one name.
        """
        check_is_fitted(self)
        table = _frames.to_eager(customers)
        id_column = id_name(table, customer, OWNER)
        each = np.atleast_1d(self._times(times))
        names = [f"survival_{time:.10g}" for time in each]
        if len(set(names)) < len(names):
            raise DataError(
                f"{OWNER}: times={times!r} would give two columns of one name: {names}."
            )
        survival = self.predict_survival(table, each)
        add = {name: survival[:, i] for i, name in enumerate(names)}
        add["median"] = self.predict_median(table)
        beside = _frames.attach(table, keep=[id_column], add=add, owner=OWNER)
        return _frames.hand_back(beside, like=customers)

    def baseline(self) -> SurvivalCurve:
        """Kaplan-Meier curve of the customers of `fit`: what the model has to beat."""
        check_is_fitted(self)
        told = [self.curve_["events"], self.curve_["censored"]]
        durations = np.concatenate([np.repeat(self.curve_["times"], number) for number in told])
        events = np.repeat([1.0, 0.0], [number.sum() for number in told])
        return SurvivalCurve.fit(durations, events, unit=self.unit_ or "D")

    def _learn(
        self, x: Floats, durations: Floats, ended: Floats, groups: npt.NDArray[np.int64]
    ) -> None:
        progress = Progress(OWNER, self.verbose)
        whole = isinstance(self.periods, (int, np.integer))
        edges = (
            period_edges(durations, ended, int(self.periods))
            if whole
            else stated_edges(self.periods)
        )
        self.edges_ = without_empty_end(edges, durations, ended)
        n_periods = len(self.edges_) - 1
        rows = at_risk(durations, ended, self.edges_, time_step(durations, ended))
        if not rows.y.any():
            raise DataError(
                f"{OWNER}: no event lies within the periods, which end at {self.edges_[-1]:g}. "
                "State longer periods, in the unit of the durations."
            )
        base, rows = base_rates(rows, n_periods)
        seed = int(generator(self.random_state, OWNER).integers(2**31 - 1))
        how = Growth(seed, 1 if self.n_jobs is None else max(int(self.n_jobs), 0))
        rounds = self.rounds or rounds_of(x, rows, base, groups, how)
        progress.step(f"chose {rounds:,} trees for {len(rows.y):,} rows at risk")
        self.model_ = grow(x, rows, base, rounds, how)
        progress.step(f"grew them on {len(durations):,} durations")
        self.base_rates_ = levelled(x, rows, base, groups, rounds, how)
        progress.done(f"set the level of {n_periods} periods")
        self.tail_shares_ = tail_shares(rows, n_periods)
        curve = SurvivalCurve.fit(durations, ended)
        self.curve_ = {name: getattr(curve, name) for name in ("times", "events", "censored")}

    def _totals(self, X: Any, given_age: bool | npt.ArrayLike) -> tuple[Floats, Floats, Floats]:
        """Each customer's -log S at the edges, its rate behind them, and the age that is given."""
        check_is_fitted(self)
        table = _frames.to_eager(features_of(X))
        features = self._features(table, reset=False)
        columns = read_columns(features, used_places(self.columns_), OWNER)
        x = encode(columns, self.columns_, OWNER).with_typical
        rates = rates_of(self.model_, x, self.base_rates_)
        total, beyond = cumulated(rates, self.edges_), rates @ self.tail_shares_
        if given_age is False or (given_age is True and self.age is None):
            return total, beyond, np.zeros(len(x))
        source = self.age if given_age is True else given_age
        age = per_customer(source, table, len(x), "age", OWNER, low=0.0, high=np.inf)
        return total, beyond, age

    def _features(self, X: Any, *, reset: bool) -> Any:
        """Eager frame or array with the columns of `fit` alone."""
        table = _frames.to_eager(X)
        if not _frames.is_frame(table):
            if self.age is not None:
                raise DataError(f"{OWNER}: age={self.age!r} names a column, so X must be a frame.")
            return validate_data(self, table, dtype=None, ensure_all_finite=False, reset=reset)
        names = _frames.column_names(table, OWNER)
        if reset and self.age is not None and self.age not in names:
            raise DataError.missing_column(OWNER, self.age, names, "age")
        if reset:
            names = [name for name in names if name != self.age]
        elif hasattr(self, "feature_names_in_"):
            names = list(self.feature_names_in_)
        elif any(isinstance(name, str) for name in names):
            raise DataError(f"{OWNER}: fitted on an array: pass one to predict, too.")
        if not names:
            raise DataError(f"{OWNER}: X has no columns to learn from.")
        if any(isinstance(name, str) for name in names):  # others go by their place
            table = _frames.attach(table, keep=names, add={}, owner=OWNER)
        validate_data(self, table, skip_check_array=True, reset=reset)
        return table

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


def check_times(durations: Floats, ended: Floats) -> None:
    """Refuse durations that tell of no event, or of no time."""
    if not ended.any():
        raise DataError(f"{OWNER}: no event was seen, so there is nothing to learn from.")
    if not durations.any():
        raise DataError(
            f"{OWNER}: all durations are 0, so no time was watched. Tell them in a finer unit, or "
            "count the first day as 1."
        )
    if durations.max() > np.finfo(np.float64).max / (4.0 * len(durations)):
        raise DataError(
            f"{OWNER}: durations up to {durations.max():g} are too long to add up. Tell them in a "
            "longer unit."
        )
