"""What every model fitted by maximum likelihood shares: the fit, its uncertainty, its dictionary.

A model adds the names of its parameters, a start, and the log-likelihood of the distinct rows
with gradient and Hessian in the parameters themselves; the rest is here.
"""

from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit._progress import Progress
from crmkit._validation import Floats, check_choice, check_real, check_whole, generator
from crmkit.base import CustomerModel, check_is_fitted
from crmkit.clv._dictionary import from_plain, to_plain
from crmkit.clv._distinct import Distinct, distinct_rows
from crmkit.clv._fitting import (
    PRIOR_SD,
    Objective,
    Optimum,
    covariance_of,
    from_search_scale,
    maximise,
    on_log_scale,
    to_search_scale,
    with_prior,
)
from crmkit.clv._posterior import MANY, Posterior, importance_draws, laplace_draws
from crmkit.exceptions import ConvergenceWarning, DataError, warn_user

# A log-parameter is not told by the data if its standard error is larger than this, or the prior
# has moved it by more than this.
_VAGUE, _MOVED = PRIOR_SD / 2.0, 0.5
_FINITE = np.finfo(np.float64)


class TooFewRepeatsError(DataError):
    """Too few customers bought again to learn how often, or for how much, customers do."""


class LikelihoodModel(CustomerModel):
    """Base of models whose parameters are found by maximum likelihood."""

    prior: str | None
    tol: float
    max_iter: int

    params_: dict[str, float]
    covariance_: Floats
    log_likelihood_: float
    prior_used_: bool
    n_iter_: int
    converged_: bool
    n_features_in_: int
    feature_names_in_: npt.NDArray[np.object_]

    _data: Distinct | None = None  # what the posterior looks at; a saved model goes without
    _centre: Floats

    def _parameter_names(self) -> tuple[str, ...]:
        """Names of the parameters, as in the paper."""
        raise NotImplementedError

    def _lower(self) -> Floats:
        """Values that the parameters stay above: zero for most, -inf for one of any sign."""
        return np.zeros(len(self._parameter_names()))

    def _shrink(self) -> Floats | None:
        """Standard deviations of a normal on each parameter that always joins; inf for none."""
        return None

    def _start(self, data: Distinct) -> Floats:
        """Parameters to start from, in proportion to the unit of the data."""
        raise NotImplementedError

    def _objective(self, data: Distinct) -> Objective:
        """Log-likelihood of all rows, with gradient and Hessian in the parameters."""
        raise NotImplementedError

    def _log_likelihood(self, x: Floats) -> Floats:
        """Log-likelihood of each customer under `params_`."""
        raise NotImplementedError

    def _meaning(self, unknown: list[str]) -> str:
        """What it means that the data do not tell these parameters; may end with a cure."""
        raise NotImplementedError

    def _estimate(self, data: Distinct) -> None:
        """Find the parameters and what is known of them; warn in words where that is little."""
        self._check_parameters()
        lower = self._lower()
        centre = to_search_scale(self._start(data), lower)
        likelihood = on_log_scale(self._objective(data), lower)
        size = data.total

        def search(objective: Objective) -> Optimum:
            return maximise(objective, centre, size=size, tol=self.tol, max_iter=self.max_iter)

        shrink = None if self.prior is None else self._shrink()
        told = likelihood if shrink is None else with_prior(likelihood, centre, shrink)
        found = search(told)
        self.prior_used_ = self.prior is not None and not is_told(found)
        if self.prior_used_:
            found = search(with_prior(told, centre))
        params = from_search_scale(found.point, lower)
        self.params_ = dict(zip(self._parameter_names(), params.tolist(), strict=True))
        self.covariance_ = covariance_of(found.hessian)
        self.log_likelihood_ = float(likelihood(found.point)[0])
        self.n_iter_, self.converged_ = found.n_iter, found.converged
        self._data, self._centre = data, centre
        pull = (found.point - centre) / PRIOR_SD**2 * self.prior_used_
        self._warn_of_weak_fit(found, size, pull)

    def _check_parameters(self) -> None:
        owner = type(self).__name__
        if self.prior is not None:
            check_choice(self.prior, "prior", ["weak"], owner)
        check_real(self.tol, "tol", owner, low=0.0, open_low=True)
        check_whole(self.max_iter, "max_iter", owner, low=1)

    def _warn_of_weak_fit(self, found: Optimum, size: float, pull: Floats) -> None:
        """Tell of an early stop, and of parameters that the prior decides; `pull` is its slope."""
        texts = []
        if not found.converged:
            slope = float(np.max(np.abs(found.gradient))) / size
            texts.append(
                f"Stopped after {found.n_iter} steps at a slope of {slope:.0e} per customer "
                f"(wanted {self.tol:.0e}). Try a larger max_iter"
                + ("." if self.prior else ', or prior="weak".')
            )
        errors = np.sqrt(np.diag(self.covariance_))
        moved = np.abs(np.nan_to_num(self.covariance_) @ pull)  # NaN speaks through the errors
        known = (errors <= _VAGUE) & (moved <= _MOVED)
        if not known.all():
            names = [n for n, k in zip(self._parameter_names(), known, strict=True) if not k]
            texts.append(self._meaning(names))
        if texts:
            text = " ".join(texts)
            warn_user(f"{type(self).__name__}: {text[0].lower()}{text[1:]}", ConvergenceWarning)

    def _weighted(
        self,
        x: Floats,
        sample_weight: npt.ArrayLike | None,
        keep: npt.NDArray[np.bool_] | slice = slice(None),
    ) -> Distinct:
        """Distinct rows of `x[keep]` with the number of customers of each."""
        owner = type(self).__name__
        if sample_weight is None:
            return distinct_rows(x[keep])
        try:
            weight = np.asarray(sample_weight, dtype=np.float64)
        except (TypeError, ValueError):
            raise DataError(f"{owner}: sample_weight must hold numbers.") from None
        if weight.shape != (len(x),):
            raise DataError(
                f"{owner}: sample_weight must hold one number for each of the {len(x):,} rows, "
                f"got shape {weight.shape}."
            )
        bad = ~(np.isfinite(weight) & (weight >= 0))
        if bad.any():
            raise DataError(
                f"{owner}: sample_weight has {bad.sum():,} negative or non-finite values "
                f"(first at row {bad.argmax():,}: {weight[bad.argmax()]})."
            )
        if not weight.any():
            raise DataError(f"{owner}: sample_weight is zero for every row: nothing to fit.")
        return distinct_rows(x[keep], weight[keep])

    def score(self, X: Any, y: None = None) -> float:
        """Mean log-likelihood of a customer: customers in, one number out; higher is better.

        Use it to compare settings on the same customers, for example on held-out ones. Different
        models compare only where they describe the same columns, in one unit of time, and in the
        same way: `BetaGeoBetaBinomialModel` gives probabilities, the models of continuous time give
        densities.

        Parameters
        ----------
        X : {array-like, dataframe} of shape (n_customers, n_columns)
            Customers as in `fit`.
        y : None
            Ignored.

        Returns
        -------
        float
            Mean log-likelihood, in nats; times are in the unit of the data.
        """
        return float(np.mean(self.log_likelihood(X)))

    def log_likelihood(self, X: Any) -> Floats:
        """Log-likelihood of each customer: customers in, one number per customer out.

        Very low values mark customers whom the model does not understand.

        Parameters
        ----------
        X : {array-like, dataframe} of shape (n_customers, n_columns)
            Customers as in `fit`.

        Returns
        -------
        ndarray of shape (n_customers,)
            Log-likelihoods, in nats.
        """
        check_is_fitted(self)
        return self._log_likelihood(self._validated(X, reset=False))

    def posterior(
        self,
        n_draws: int = 1000,
        random_state: int | np.random.Generator | np.random.RandomState | None = 0,
        verbose: int = 0,
    ) -> Posterior:
        """Draw parameters that the data allow: nothing in, draws and how they were found out.

        Up to 50,000 customers the posterior is sampled by importance, beyond a normal around the
        estimates (Laplace) is as good. The prior is that of `prior`: a normal with standard
        deviation 3 on each log-parameter, which counts little beside more than a few customers;
        none with ``prior=None``. A model that was saved and loaded, or copied, no longer holds the
        customers and takes the normal.

        Parameters
        ----------
        n_draws : int, default=1000
            Number of draws, and of proposals where they are sampled.
        random_state : int, Generator, RandomState or None, default=0
            Seed; the same whole number gives the same draws.
        verbose : int, default=0
            1 tells how far the draws are and how long they will take: logger "crmkit", level INFO,
            or standard error where nothing listens there. 0 tells nothing.

        Returns
        -------
        Posterior
            `draws` (a frame, a row a draw), `method` and `effective_sample_size`.

        Raises
        ------
        DataError
            If nothing is known of the uncertainty: the parameters were stated, not fitted, or
            ``prior=None`` left one open.

        Warns
        -----
        ConvergenceWarning
            If the draws are worth less than a fifth of their number.
        """
        check_is_fitted(self)
        owner = type(self).__name__
        check_whole(n_draws, "n_draws", owner, low=2)
        random, progress = generator(random_state, owner), Progress(owner, verbose)
        if np.isnan(self.covariance_).any():
            raise DataError(
                f"{owner}: nothing is known of the uncertainty of the parameters "
                f'{list(self.params_)}. Fit the model on customers, with prior="weak".'
            )
        lower = self._lower()
        point = to_search_scale(self._values_in_order(), lower)
        if self._data is None or self._data.total > MANY:
            method, size = "Laplace", float(n_draws)
            draws = laplace_draws(point, self.covariance_, n_draws, random)
        else:
            method = "importance sampling"
            draws, size = importance_draws(
                self._log_posterior, point, self.covariance_, n_draws, random, progress
            )
            if size < n_draws / 5:
                warn_user(
                    f"{owner}: {n_draws:,} draws tell as much as {size:,.0f} independent ones: the "
                    "data leave the parameters far from normal. Take more draws.",
                    ConvergenceWarning,
                )
        names = self._parameter_names()
        with np.errstate(over="ignore"):
            values = np.clip(from_search_scale(draws, lower), _FINITE.min, _FINITE.max)
        frame = pd.DataFrame(values, columns=list(names))
        return Posterior(frame, method, size, type(self).__name__)

    def _log_posterior(self, theta: Floats) -> float:
        """Log posterior density at a point of the search, but for a constant."""
        assert self._data is not None
        twin = self._with_params(from_search_scale(theta, self._lower()))
        told = float(self._data.weight @ twin._log_likelihood(np.column_stack(self._data.columns)))
        if self.prior is None:
            return told
        shrink = self._shrink()
        off = theta - self._centre
        strength = 1.0 / PRIOR_SD**2 + (0.0 if shrink is None else 1.0 / shrink**2)
        return told - 0.5 * float(np.sum(strength * off**2))

    def _values_in_order(self) -> Floats:
        return np.array([self.params_[name] for name in self._parameter_names()])

    def _with_params(self, params: Floats) -> Self:
        """Twin with other parameters."""
        twin: Self = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin.params_ = dict(zip(self._parameter_names(), params.tolist(), strict=True))
        return twin

    def _twins(
        self, n: int, posterior: Posterior | None, random: np.random.Generator
    ) -> list[Self]:
        """Twins with parameters drawn from a posterior; None draws from the normal.

        Where the uncertainty is not known, the parameters stay as they are.
        """
        if posterior is None:
            if np.isnan(self.covariance_).any():
                return [self] * n
            lower = self._lower()
            point = to_search_scale(self._values_in_order(), lower)
            draws = from_search_scale(laplace_draws(point, self.covariance_, n, random), lower)
        else:
            names = list(self._parameter_names())
            owner = type(self).__name__
            if not isinstance(posterior, Posterior) or (
                posterior.model != owner or list(posterior.draws.columns) != names
            ):
                raise DataError(
                    f"{owner}: posterior must hold draws of {', '.join(names)}, as posterior() of "
                    f"this model gives them, got {posterior!r}."
                )
            draws = posterior.draws.to_numpy()
            draws = draws[random.choice(len(draws), n, replace=n > len(draws))]
        return [self._with_params(row) for row in np.clip(draws, -_FINITE.max, _FINITE.max)]

    def __getstate__(self) -> dict[str, Any]:
        """State to save: no customers are in it."""
        state = dict(super().__getstate__())
        state.pop("_data", None)
        return state

    def summary(self) -> pd.DataFrame:
        """Estimates and their uncertainty: nothing in, a pandas frame with a row a parameter out.

        Returns
        -------
        pandas.DataFrame
            Columns `estimate`, `std_error`, `lower_95` and `upper_95`, in the unit of the
            parameter. The interval of a positive parameter comes from the curvature in logs, so
            it stays positive; it is NaN where the data leave a direction open.
        """
        check_is_fitted(self)
        lower = self._lower()
        estimate = self._values_in_order()
        error = np.sqrt(np.diag(self.covariance_))
        point = to_search_scale(estimate, lower)
        slope = np.where(np.isneginf(lower), 1.0, estimate - np.maximum(lower, _FINITE.min))
        with np.errstate(over="ignore"):
            ends = [from_search_scale(point + side * error, lower) for side in (-1.96, 1.96)]
        return pd.DataFrame(
            {
                "estimate": estimate,
                "std_error": slope * error,
                "lower_95": ends[0],
                "upper_95": ends[1],
            },
            index=pd.Index(self._parameter_names(), name="parameter"),
        )

    def to_dict(self) -> dict[str, Any]:
        """Everything learned as plain numbers and text: nothing in, a dictionary for JSON out.

        Returns
        -------
        dict
            The keys `model`, `init` and `fitted`; what is not known is None.
        """
        check_is_fitted(self)
        return to_plain(self)

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> Self:
        """Rebuild a fitted model: a dictionary of `to_dict` in, the model out.

        Parameters
        ----------
        state : dict
            What `to_dict` gave. `{"fitted": {"params_": {...}}}` is enough to predict for frames
            with published estimates.

        Returns
        -------
        Self
            The fitted model.

        Raises
        ------
        DataError
            If it is the dictionary of another model, or parameters are missing or impossible.
        """
        return from_plain(cls, state)


def is_told(found: Optimum) -> bool:
    """Whether the likelihood alone settles every parameter."""
    errors = np.sqrt(np.diag(covariance_of(found.hessian)))
    return found.converged and bool((errors <= _VAGUE).all())


def check_rows(
    faults: dict[str, tuple[Floats, npt.NDArray[np.bool_]]],
    cures: dict[str, str],
    owner: str,
    hint: str = "crmkit.summarize makes such columns.",
) -> None:
    """Refuse bad rows: each fault names its column and the rows it marks, all in one error."""
    told = [
        f"{n:,} {what} (first at row {bad.argmax():,}: {column[bad.argmax()]:g}): {cures[what]}"
        for what, (column, bad) in faults.items()
        if (n := np.count_nonzero(bad))
    ]
    if told:
        raise DataError(f"{owner}: {'; '.join(told)}. {hint}")
