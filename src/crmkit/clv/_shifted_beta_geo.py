"""Shifted beta-geometric: how long customers with a contract renew it.

Fader and Hardie (2007), How to project customer retention, Journal of Interactive Marketing 21,
76-90. At the end of each period a customer leaves with an own probability, which is
Beta(alpha, beta) among customers and never changes:

    P(leaves at the end of period t) = B(alpha+1, beta+t-1) / B(alpha, beta)
    P(renews t times)                = B(alpha, beta+t) / B(alpha, beta)
    retention rate of period t       = (beta+t-1) / (alpha+beta+t-1)

Retention rises with age although nobody changes: those who leave easily leave first. All that
counts is how many customers of each age renewed and how many left.
"""

from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from crmkit import _frames
from crmkit._validation import Floats, check_real, check_share, check_whole, generator
from crmkit.clv._cohorts import cohort_rows
from crmkit.clv._distinct import Distinct, on_distinct
from crmkit.clv._fitting import Objective
from crmkit.clv._futures import interval, n_twins
from crmkit.clv._likelihood_model import LikelihoodModel
from crmkit.clv._opportunities import opportunities_if_alive, stays
from crmkit.clv._posterior import Posterior
from crmkit.clv._renewals import (
    check_contracts,
    check_periods,
    log_survival,
    sbg_log_likelihood,
    sbg_objective,
)
from crmkit.exceptions import DataError


class ShiftedBetaGeoModel(LikelihoodModel):
    """sBG model of contracts: customers in, expected renewals and retention probabilities out.

    For subscriptions, memberships and other contracts that are renewed or ended at regular
    periods, so that leaving is seen. It projects a retention curve far beyond the periods seen,
    and tells old customers from new ones. Not for shops, where customers leave in silence
    (`BetaGeoModel`), nor where prices or terms changed over the periods looked at.

    Customers have `T`, the number of periods from their start until now, or until they left, and
    `churned`, 1 for those who left at the end of period T and 0 for those who renewed then and are
    still here. Tables of survivors go to `fit_cohorts`.

    Parameters
    ----------
    prior : {"weak"} or None, default="weak"
        "weak" is maximum likelihood where that settles both parameters. Where it leaves one open
        (a standard error above 1.5 in logs, or a search without end), a normal on each
        log-parameter joins, around a start taken from the data and with standard deviation 3, and
        keeps the answer finite; `prior_used_` tells. None is plain maximum likelihood, always.
    horizon : int, default=1
        Number of renewals to come that predictions are made for unless they are told another.
    tol : float, default=1e-9
        Largest slope of the log-likelihood per customer, in log-parameters, at which to stop.
    max_iter : int, default=100
        Largest number of Newton steps.

    Attributes
    ----------
    params_ : dict of str to float
        `alpha` and `beta` of the probability to leave at the end of a period, whose mean over new
        customers is alpha / (alpha + beta). Small values mean that customers differ much.
    log_likelihood_ : float
        Sum of the log-probabilities of the customers, without the prior.
    covariance_ : ndarray of shape (2, 2)
        Covariance of the logarithms of alpha and beta; NaN where a direction is left open.
    prior_used_ : bool
        Whether the weak prior had to join.
    n_iter_ : int
        Newton steps taken.
    converged_ : bool
        Whether `tol` was reached.
    n_features_in_ : int
        Two.
    feature_names_in_ : ndarray of str
        `T` and `churned`, where the customers came as a frame.

    References
    ----------
    Fader, P. S. and Hardie, B. G. S. (2007). How to project customer retention. Journal of
    Interactive Marketing 21, 76-90.

    Fader, P. S. and Hardie, B. G. S. (2010). Customer-base valuation in a contractual setting: the
    perils of ignoring heterogeneity. Marketing Science 29, 85-93.

    Examples
    --------
    >>> import pandas as pd
    >>> survivors = [1000, 869, 743, 653, 593, 551, 517, 491]  # after 0, 1, ... 7 years
    >>> model = ShiftedBetaGeoModel().fit_cohorts(survivors)
    >>> {name: round(value, 3) for name, value in model.params_.items()}
    {'alpha': 0.668, 'beta': 3.806}
    >>> model.retention_curve(12).loc[[1, 7, 12]].round(3)
            survival  retention
    period
    1          0.851      0.851
    7          0.489      0.936
    12         0.378      0.957
    >>> members = pd.DataFrame({"member": ["new", "old", "gone"], "T": [1, 7, 3]})
    >>> model.predict(members.assign(churned=[0, 0, 1]), horizon=5).round(2)
    array([3.66, 4.26, 0.  ])
    """

    def __init__(
        self,
        prior: str | None = "weak",
        horizon: int = 1,
        tol: float = 1e-9,
        max_iter: int = 100,
    ) -> None:
        self.prior = prior
        self.horizon = horizon
        self.tol = tol
        self.max_iter = max_iter

    def fit(self, X: Any, y: None = None, sample_weight: npt.ArrayLike | None = None) -> Self:
        """Find the parameters: customers in, the fitted model out.

        Parameters
        ----------
        X : {array-like, dataframe} of shape (n_customers, 2)
            Customers with `T` (periods from the start until now, or until they left) and `churned`
            (1 if they left then, 0 if they are here); as an array, in this order.
        y : None
            Ignored.
        sample_weight : array-like of shape (n_customers,), default=None
            How many customers each row stands for; None means one.

        Returns
        -------
        Self
            The model, with the attributes that end in "_".

        Raises
        ------
        DataError
            If columns are missing or hold impossible values (all told in one error), or if nobody
            has come to the end of a period yet.

        Warns
        -----
        ConvergenceWarning
            If the search stopped early, or the data do not tell a parameter: in words.
        """
        check_periods(self.horizon)
        x = self._validated(X, reset=True)
        data = self._weighted(x, sample_weight)
        if not data.columns[0].any():
            raise DataError(
                f"ShiftedBetaGeoModel: none of the {len(x):,} customers (n_samples={len(x)}) has "
                "come to the end of a first period, so there is nothing to learn about renewal. "
                "Wait for it, or count shorter periods if they can leave sooner."
            )
        self._estimate(data)
        return self

    def fit_cohorts(self, survivors: Any) -> Self:
        """Find the parameters of a table of survivors: cohorts in, the fitted model out.

        Every cohort is followed on its own: cohorts may be of any size and length.

        Parameters
        ----------
        survivors : sequence of float, sequence of such sequences, 2-D array or dataframe
            Customers of a cohort who were still there after 0, 1, 2, ... periods; one cohort, or
            one in each row, with NaN in the periods still to come. A cohort of which only the size
            is known is left out. Give numbers of people. Shares are refused. Percentages count as
            a cohort of 100: standard errors are those of so few, and where so few leave a
            parameter open the prior joins and moves the estimates.

        Returns
        -------
        Self
            The model, as after `fit` with one row for each customer.

        Raises
        ------
        DataError
            If a cohort grows, starts with nobody or has gaps, if none has two periods, if the
            numbers are shares, or if the first column of a frame holds names of cohorts.

        Warns
        -----
        ConvergenceWarning
            As in `fit`.
        """
        rows, weight = cohort_rows(survivors, type(self).__name__)
        return self.fit(pd.DataFrame(rows, columns=["T", "churned"]), sample_weight=weight)

    def predict(self, X: Any, horizon: int | None = None) -> Floats:
        """Expected renewals: customers in, one number per customer out.

        Parameters
        ----------
        X : {array-like, dataframe} of shape (n_customers, 2)
            Customers as in `fit`, fitted on or not.
        horizon : int, default=None
            Number of renewals to come; None takes the `horizon` of the model.

        Returns
        -------
        ndarray of shape (n_customers,)
            How many of them are expected to happen; 0 for customers who left.
        """
        x, ahead = self._prepared(X, horizon)
        return self._renewals(x, float(ahead), 0.0)

    def probability_retained(self, X: Any, horizon: int | None = None) -> Floats:
        """Probability of staying: customers in, one probability per customer out.

        One minus it is the churn score for a stated number of periods.

        Parameters
        ----------
        X : {array-like, dataframe} of shape (n_customers, 2)
            Customers as in `fit`.
        horizon : int, default=None
            Number of renewals to come; None takes the `horizon` of the model.

        Returns
        -------
        ndarray of shape (n_customers,)
            Probabilities that all of them happen; 0 for customers who left.
        """
        x, ahead = self._prepared(X, horizon)
        return self._retained(x, ahead)

    def predict_interval(
        self,
        X: Any,
        horizon: int | None = None,
        level: float = 0.8,
        *,
        n_draws: int = 1000,
        random_state: int | np.random.Generator | np.random.RandomState | None = 0,
        posterior: Posterior | None = None,
    ) -> Floats:
        """Interval of the renewals to come: customers in, a lower and an upper end each out.

        Parameters
        ----------
        X : {array-like, dataframe} of shape (n_customers, 2)
            Customers as in `fit`.
        horizon : int, default=None
            Number of renewals to come; None takes the `horizon` of the model.
        level : float, default=0.8
            Probability that the interval holds. What is left is shared equally between the
            sides, but lies above where the lower end is 0.
        n_draws : int, default=1000
            Futures of each customer; the ends are as exact as so many allow.
        random_state : int, Generator, RandomState or None, default=0
            Seed; the same whole number and customers give the same ends.
        posterior : Posterior, default=None
            Draws of the parameters, from `posterior`; None takes a normal around the estimates,
            or the estimates themselves where they were stated and not fitted.

        Returns
        -------
        ndarray of shape (n_customers, 2)
            Lower and upper end, in renewals.
        """
        x, ahead = self._prepared(X, horizon)
        owner = type(self).__name__
        check_share(level, "level", owner)
        check_whole(n_draws, "n_draws", owner, low=10)
        random = generator(random_state, owner)

        twins = self._twins(n_twins(n_draws), posterior, random)

        def futures(twin: Any, tenures: Floats, repeats: int) -> Floats:
            alpha, beta = _values(twin.params_)
            leave = random.beta(alpha, beta + np.repeat(tenures[:, 0], repeats))
            return np.minimum(stays(leave, random), float(ahead))

        return interval(x[:, :1], 1.0 - x[:, 1], twins, n_draws, level, futures)

    def discounted_renewals(self, X: Any, horizon: float | None, rate: float) -> Floats:
        """Expected renewals, the k-th worth exp(-k rate): customers in, one number each out.

        Times the margin of a period it is the value of a contract just after a renewal, without
        what that one paid: the discounted expected residual lifetime of Fader and Hardie (2010),
        where it is taken just before a renewal, is exp(rate) times as much.

        Parameters
        ----------
        X : {array-like, dataframe} of shape (n_customers, 2)
            Customers as in `fit`.
        horizon : int, float or None
            Number of renewals to come, as in `predict`; infinity (``float("inf")``) is for ever.
        rate : float
            Continuous discount rate per period, at least 0; above 0 for ever. For an effective
            rate of 10 % a period it is ln 1.1.

        Returns
        -------
        ndarray of shape (n_customers,)
            Discounted renewals; 0 for customers who left.
        """
        forever = isinstance(horizon, float) and horizon == np.inf
        x, ahead = self._prepared(X, 0 if forever else horizon)
        check_real(rate, "rate", type(self).__name__, low=0.0, open_low=forever)
        return self._renewals(x, np.inf if forever else float(ahead), rate)

    def predict_frame(
        self,
        customers: Any,
        horizon: int | None = None,
        customer: str | None = None,
        level: float | None = None,
    ) -> Any:
        """All predictions with ids: a frame of customers in, a frame of the same library out.

        Parameters
        ----------
        customers : dataframe
            Customers with their id, `T` and `churned`.
        horizon : int, default=None
            Number of renewals to come, as in `predict`.
        customer : str, default=None
            Name of the id column; None takes the first column.
        level : float, default=None
            Probability of an interval of the renewals, as in `predict_interval`; None leaves the
            interval out.

        Returns
        -------
        dataframe
            The id, `expected_renewals` and `probability_retained`; with a `level` also `lower`
            and `upper`.
        """

        def columns(table: Any) -> dict[str, Floats]:
            x, ahead = self._prepared(table, horizon)
            add = {
                "expected_renewals": self._renewals(x, float(ahead), 0.0),
                "probability_retained": self._retained(x, ahead),
            }
            if level is not None:
                ends = self.predict_interval(table, ahead, level)
                add |= {"lower": ends[:, 0], "upper": ends[:, 1]}
            return add

        return self._beside_ids(customers, customer, columns)

    def retention_curve(self, n_periods: int) -> pd.DataFrame:
        """Survival and retention of new customers: a number in, a row a period out.

        Parameters
        ----------
        n_periods : int
            Number of periods, at least 1.

        Returns
        -------
        pandas.DataFrame
            Indexed by `period` from 1: `survival`, the share of new customers still there after
            the period, and `retention`, the share of those there before who are there after.
        """
        check_is_fitted(self)
        check_whole(n_periods, "n_periods", type(self).__name__, low=1)
        alpha, beta = _values(self.params_)
        period = np.arange(1, n_periods + 1)
        before = beta + (period - 1.0)
        survival = np.exp(log_survival((alpha, beta), period.astype(np.float64)))
        columns = {"survival": survival, "retention": before / (alpha + before)}
        return pd.DataFrame(columns, index=pd.Index(period, name="period"))

    def simulate(
        self,
        T: npt.ArrayLike,
        random_state: int | np.random.Generator | np.random.RandomState | None = None,
    ) -> pd.DataFrame:
        """Invent customers who started a given time ago: times in, a pandas frame of customers out.

        Parameters
        ----------
        T : array-like of shape (n_customers,)
            Whole periods since the start of each customer, at least 0.
        random_state : int, Generator, RandomState or None, default=None
            Seed; the same whole number gives the same customers.

        Returns
        -------
        pandas.DataFrame
            Columns `T` and `churned`, a row for each customer; `T` is less than was given for
            customers who left earlier.
        """
        check_is_fitted(self)
        owner = type(self).__name__
        ages = np.atleast_1d(np.asarray(T, dtype=np.float64))
        if ages.ndim != 1 or not (np.isfinite(ages) & (ages >= 0) & (ages % 1 == 0)).all():
            raise DataError(f"{owner}: T must be a list of whole numbers of periods, at least 0.")
        random = generator(random_state, owner)
        left = 1.0 + stays(random.beta(*_values(self.params_), len(ages)), random)
        churned = (left <= ages).astype(np.int64)
        return pd.DataFrame({"T": np.minimum(left, ages), "churned": churned})

    def _prepared(self, X: Any, horizon: object) -> tuple[Floats, int]:
        check_is_fitted(self)
        x = self._validated(X, reset=False)
        return x, check_periods(self.horizon if horizon is None else horizon)

    def _retained(self, x: Floats, ahead: int) -> Floats:
        T, churned = x.T
        params = _values(self.params_)
        stay = np.exp(log_survival(params, T + ahead) - log_survival(params, T))
        return np.where(churned == 1, 0.0, stay)

    def _renewals(self, x: Floats, horizon: float, rate: float) -> Floats:
        """Renewals to come, discounted: that of the next one, times what it opens."""
        alpha, beta = _values(self.params_)

        def if_here(T: Floats) -> Floats:
            next_one = np.exp(-rate) * (beta + T) / (alpha + beta + T)
            ahead = np.full(len(T), horizon)
            later = opportunities_if_alive((1.0, 1.0, alpha, beta), T, ahead, rate)
            return np.asarray(next_one * later)

        return np.where(x[:, 1] == 1, 0.0, on_distinct(if_here, x[:, 0]))

    def _column_names(self) -> tuple[str, ...]:
        return ("T", "churned")

    def _columns(self, X: Any) -> Any:
        if not _frames.is_frame(X):
            return X
        return _frames.float_columns(
            X, self._column_names(), type(self).__name__, flags=["churned"]
        )

    def _domain(self, x: Floats) -> Floats:
        return check_contracts(x)

    def _parameter_names(self) -> tuple[str, ...]:
        return ("alpha", "beta")

    def _start(self, data: Distinct) -> Floats:
        leave = (data.mean(1) + 1e-3) / (data.mean(0) + 2e-3)
        return np.array([1.0, (1.0 - leave) / leave])

    def _objective(self, data: Distinct) -> Objective:
        return sbg_objective(data)

    def _log_likelihood(self, x: Floats) -> Floats:
        return sbg_log_likelihood(_values(self.params_), *x.T)

    def _meaning(self, unknown: list[str]) -> str:
        assert self._data is not None
        alpha, beta = _values(self.params_)
        told = f"The data do not tell {' and '.join(unknown)}."
        if not (self._data.columns[1] > 0).any():
            return f"{told} Nobody has left yet: the answer rests on the prior and on the wait."
        if self._data.columns[0].max() <= 1:
            return (
                f"{told} Only the first renewal was seen: it tells the share who leave, not how "
                "customers differ. The projection beyond it rests on the prior."
            )
        return (
            f"{told} The mean probability to leave is {alpha / (alpha + beta):.2g} a period, but "
            "how far customers differ in it is not told: they are alike, or too few."
        )


def _values(params: dict[str, float]) -> tuple[float, float]:
    return params["alpha"], params["beta"]
