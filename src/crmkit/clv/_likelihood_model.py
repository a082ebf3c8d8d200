"""What every model fitted by maximum likelihood shares: the fit, its uncertainty, its dictionary.

A model adds the names of its parameters, a start, and the log-likelihood of the distinct rows
with gradient and Hessian in the parameters themselves; the rest is here.
"""

from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from crmkit._validation import Floats, check_choice, check_real, check_whole
from crmkit.base import CustomerModel
from crmkit.clv._distinct import Distinct, distinct_rows
from crmkit.clv._fitting import (
    PRIOR_SD,
    Objective,
    Optimum,
    covariance_of,
    maximise,
    on_log_scale,
    with_prior,
)
from crmkit.exceptions import ConvergenceWarning, DataError, warn_user

# A log-parameter is not told by the data if its standard error is larger than this, or the prior
# has moved it by more than this.
_VAGUE, _MOVED = PRIOR_SD / 2.0, 0.5


class LikelihoodModel(CustomerModel):
    """Base of models whose positive parameters are found by maximum likelihood."""

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

    def _parameter_names(self) -> tuple[str, ...]:
        """Names of the parameters, as in the paper."""
        raise NotImplementedError

    def _lower(self) -> Floats:
        """Values that the parameters stay above: zero for most."""
        return np.zeros(len(self._parameter_names()))

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
        lower, start = self._lower(), self._start(data)
        centre = np.log(start - lower)
        likelihood = on_log_scale(self._objective(data), lower)
        size = data.total

        def search(objective: Objective) -> Optimum:
            return maximise(objective, centre, size=size, tol=self.tol, max_iter=self.max_iter)

        found = search(likelihood)
        self.prior_used_ = self.prior is not None and not is_told(found)
        if self.prior_used_:
            found = search(with_prior(likelihood, centre))
        params = lower + np.exp(found.point)
        self.params_ = dict(zip(self._parameter_names(), params.tolist(), strict=True))
        self.covariance_ = covariance_of(found.hessian)
        self.log_likelihood_ = float(likelihood(found.point)[0])
        self.n_iter_, self.converged_ = found.n_iter, found.converged
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

    def _weighted(self, x: Floats, sample_weight: npt.ArrayLike | None) -> Distinct:
        """Distinct rows of `x` with the number of customers of each."""
        owner = type(self).__name__
        if sample_weight is None:
            return distinct_rows(x)
        weight = np.asarray(sample_weight, dtype=np.float64)
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
        return distinct_rows(x, weight)

    def score(self, X: Any, y: None = None) -> float:
        """Mean log-likelihood of a customer: customers in, one number out; higher is better.

        Use it to compare settings on the same customers, for example on held-out ones; compare
        different models only if they describe the same columns.

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

    def summary(self) -> pd.DataFrame:
        """Estimates and their uncertainty: nothing in, a pandas frame with a row a parameter out.

        Returns
        -------
        pandas.DataFrame
            Columns `estimate`, `std_error`, `lower_95` and `upper_95`, in the unit of the
            parameter. The interval comes from the curvature in logs, so it stays positive; it is
            NaN where the data leave a direction open.
        """
        check_is_fitted(self)
        lower = self._lower()
        estimate = np.array([self.params_[name] for name in self._parameter_names()])
        error = np.sqrt(np.diag(self.covariance_))
        distance = estimate - lower
        with np.errstate(over="ignore"):
            reach = np.exp(1.96 * error)
        return pd.DataFrame(
            {
                "estimate": estimate,
                "std_error": distance * error,
                "lower_95": lower + distance / reach,
                "upper_95": lower + distance * reach,
            },
            index=pd.Index(self._parameter_names(), name="parameter"),
        )

    def to_dict(self) -> dict[str, Any]:
        """Everything learned as plain numbers and text: nothing in, a dictionary for JSON out."""
        check_is_fitted(self)
        fitted = {
            name: value.tolist() if isinstance(value, np.ndarray) else value
            for name, value in vars(self).items()
            if name.endswith("_")
        }
        return {"model": type(self).__name__, "init": self.get_params(), "fitted": fitted}

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> Self:
        """Rebuild a fitted model: a dictionary of `to_dict` in, the model out.

        Parameters
        ----------
        state : dict
            What `to_dict` gave. `{"fitted": {"params_": {...}}}` is enough to predict for frames
            with published estimates.

        Raises
        ------
        DataError
            If it is the dictionary of another model, or parameters are missing or impossible.
        """
        kind = state.get("model", cls.__name__)
        if kind != cls.__name__:
            raise DataError(f"{cls.__name__}: the dictionary is of a {kind}: use {kind}.from_dict.")
        model = cls(**state.get("init", {}))
        names, params = model._parameter_names(), state.get("fitted", {}).get("params_", {})
        if set(params) != set(names) or not all(
            np.isfinite(params[n]) and params[n] > low
            for n, low in zip(names, model._lower(), strict=True)
        ):
            raise DataError(
                f"{cls.__name__}: params_ must hold {', '.join(names)}, each above "
                f"{model._lower().tolist()}, got {params!r}."
            )
        model.n_features_in_ = len(model._column_names())
        model.feature_names_in_ = np.asarray(model._column_names(), dtype=object)
        model.covariance_ = np.full((len(names), len(names)), np.nan)
        for name, value in state["fitted"].items():
            array = np.asarray(value, dtype=object if name == "feature_names_in_" else None)
            setattr(model, name, array if isinstance(value, list) else value)
        return model


def is_told(found: Optimum) -> bool:
    """Whether the likelihood alone settles every parameter."""
    errors = np.sqrt(np.diag(covariance_of(found.hessian)))
    return found.converged and bool((errors <= _VAGUE).all())


def check_rows(
    faults: dict[str, tuple[Floats, npt.NDArray[np.bool_]]], cures: dict[str, str], owner: str
) -> None:
    """Refuse bad rows: each fault names its column and the rows it marks, all in one error."""
    told = [
        f"{bad.sum():,} {what} (first at row {bad.argmax():,}: {column[bad.argmax()]:g}): "
        f"{cures[what]}"
        for what, (column, bad) in faults.items()
        if bad.any()
    ]
    if told:
        raise DataError(f"{owner}: {'; '.join(told)}. crmkit.summarize makes such columns.")
