"""Gamma-Gamma: how much a customer spends per purchase, shrunk towards all customers.

Fader and Hardie (2013), The Gamma-Gamma model of monetary value, note 025 (brucehardie.com).
Spend per purchase is Gamma(p, nu), and nu differs between customers as Gamma(q, v). For a mean m
over x purchases:

    L = Gamma(px+q) / (Gamma(px) Gamma(q)) v^q m^(px-1) x^(px) / (xm+v)^(px+q)
    E[spend] = p (v + xm) / (px + q - 1),        which is p v / (q - 1) for a one-time buyer

The mean over all customers exists for q > 1 only, so the search runs over ln(q - 1).
"""

from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, ndtr, polygamma, psi

from crmkit._validation import Floats
from crmkit.base import check_is_fitted
from crmkit.clv._distinct import Distinct
from crmkit.clv._fitting import Objective, summed
from crmkit.clv._likelihood_model import LikelihoodModel, TooFewRepeatsError
from crmkit.clv._negative_binomial import deviance, log_negative_binomial, stirling_error
from crmkit.clv._spend_model import SpendModel
from crmkit.exceptions import DataError, DataWarning, warn_user

_STRONG, _CHANCE = 0.3, 0.01  # a correlation to warn of

_TINY = 1e-300
_LOSSY = 1e4  # shapes from which logarithms of gamma functions lose digits to one another
_SMALLEST, _LARGEST, _APART = 1e-250, 1e250, 1e100  # amounts, and how far apart they may be


class GammaGammaModel(LikelihoodModel, SpendModel):
    """Gamma-Gamma model of spend: customers in, expected spend per purchase period out.

    A customer seen often is predicted near the own average, one seen seldom near that of all. Use
    it beside a purchase model, where spend does not go with frequency. Where most customers have
    many purchases their own average does as well.

    Parameters
    ----------
    prior : {"weak"} or None, default="weak"
        "weak" is maximum likelihood where that settles every parameter. Where it leaves one open
        (a standard error above 1.5 in logs, or a search without end), a normal on ln p, ln(q - 1)
        and ln v joins, around a start taken from the data and with standard deviation 3, and
        keeps the answer finite; `prior_used_` tells. None is plain maximum likelihood, always.
    tol : float, default=1e-9
        Largest slope of the log-likelihood per customer at which to stop.
    max_iter : int, default=100
        Largest number of Newton steps.

    Attributes
    ----------
    params_ : dict of str to float
        `p` (shape of the spends of one customer), `q` (shape between customers, above 1) and `v`
        (scale, in the unit of `monetary_value`).
    log_likelihood_ : float
        Sum over the repeat buyers, in the unit of the data, without the prior.
    covariance_ : ndarray of shape (3, 3)
        Covariance of ln p, ln(q - 1) and ln v; NaN where a direction is left open.
    frequency_spend_correlation_ : float
        Pearson correlation of `frequency` and `monetary_value` among repeat buyers, which the
        model takes to be 0; NaN where one of them is constant.
    frequency_spend_p_value_ : float
        Probability of a correlation at least as strong by chance (large-sample, two-sided).
    prior_used_ : bool
        Whether the weak prior had to join.
    n_iter_ : int
        Newton steps taken.
    converged_ : bool
        Whether `tol` was reached.
    n_features_in_ : int
        Two.
    feature_names_in_ : ndarray of str
        `frequency` and `monetary_value`, where the customers came as a frame.

    References
    ----------
    Fader, P. S. and Hardie, B. G. S. (2013). The Gamma-Gamma model of monetary value. Note 025.

    Examples
    --------
    >>> import pandas as pd
    >>> customers = pd.DataFrame({"frequency": [2, 0], "monetary_value": [22.35, 0.0]})
    >>> published = {"p": 6.25, "q": 3.74, "v": 15.44}
    >>> model = GammaGammaModel.from_dict({"fitted": {"params_": published}})
    >>> model.predict(customers).round(2)
    array([24.66, 35.22])
    """

    frequency_spend_correlation_: float
    frequency_spend_p_value_: float

    def __init__(self, prior: str | None = "weak", tol: float = 1e-9, max_iter: int = 100) -> None:
        self.prior = prior
        self.tol = tol
        self.max_iter = max_iter

    def fit(self, X: Any, y: None = None, sample_weight: npt.ArrayLike | None = None) -> Self:
        """Find the parameters: customers in, the fitted model out.

        Only repeat buyers who paid tell. One-time buyers are left aside, and so are repeat buyers
        whose mean spend is zero or negative (free goods; refunds above purchases under
        ``returns="net"``): a warning counts them.

        Parameters
        ----------
        X : {array-like, dataframe} of shape (n_customers, 2)
            Customers with `frequency` (repeat purchase periods) and `monetary_value` (mean spend
            of a repeat period, in any currency); as an array, in this order.
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
            If columns are missing or hold impossible values, there are fewer than two repeat
            buyers, or amounts are too large, too small or too far apart to be of one currency.

        Warns
        -----
        ConvergenceWarning
            If the search stopped early, or the data do not tell a parameter: in words.
        DataWarning
            If repeat buyers with zero or negative spend were left aside, or if spend and frequency
            clearly go together, which the model takes them not to do.
        """
        x = self._validated(X, reset=True)
        self._warn_of_free_goods(x)
        told = (x[:, 0] > 0) & (x[:, 1] > 0)
        data = self._weighted(x, sample_weight, told)
        counted = told if sample_weight is None else told & (np.asarray(sample_weight) > 0)
        n_paid = np.count_nonzero(counted)
        if n_paid < 2:
            raise TooFewRepeatsError(
                f"GammaGammaModel: {n_paid:,} of {len(x):,} customers "
                f"bought again and paid (n_samples={len(x)}), and at least two such buyers are "
                "needed to tell how spend differs. Fit on all customers, or take a longer log."
            )
        data = self._estimate_scaled(data)
        found, chance = correlation(data)
        self.frequency_spend_correlation_, self.frequency_spend_p_value_ = found, chance
        if abs(found) > _STRONG and chance < _CHANCE:
            warn_user(
                "GammaGammaModel: frequency and monetary_value go together among repeat buyers "
                f"(correlation {found:.2f}), but the model takes them "
                "to be independent: the value of frequent buyers will be off. Fit groups of "
                "customers apart, or compare with the customers' own averages.",
                DataWarning,
            )
        return self

    def predict(self, X: Any) -> Floats:
        """Expected spend per purchase period: customers in, one amount per customer out.

        Parameters
        ----------
        X : {array-like, dataframe} of shape (n_customers, 2)
            Customers as in `fit`; one-time buyers get the mean over all customers, and a mean
            spend below zero is read as zero.

        Returns
        -------
        ndarray of shape (n_customers,)
            Amounts, in the currency of `monetary_value`.
        """
        check_is_fitted(self)
        return self._expected(self._validated(X, reset=False))

    def _warn_of_free_goods(self, x: Floats) -> None:
        repeat = x[:, 0] > 0
        unpaid = np.count_nonzero(repeat & (x[:, 1] <= 0))
        if unpaid:
            warn_user(
                f"GammaGammaModel: {unpaid:,} of {np.count_nonzero(repeat):,} repeat buyers have a "
                "mean spend of zero or less and were left aside in the fit. They are predicted as "
                "if they had paid nothing.",
                DataWarning,
            )

    def _estimate_scaled(self, data: Distinct) -> Distinct:
        """Estimate in a currency of which the mean is about one, then go back: that one is out."""
        x, m = data.columns
        check_amounts(m)
        power = int(np.round(np.log2(m.max())))
        scaled = Distinct((x, np.ldexp(m, -power)), data.weight)
        power += (shift := int(np.round(np.log2(scaled.mean(1)))))
        scaled = Distinct((x, np.ldexp(scaled.columns[1], -shift)), data.weight)
        self._estimate(scaled)
        log_unit = power * np.log(2.0)
        self.params_["v"] = float(np.ldexp(self.params_["v"], power))
        self.log_likelihood_ -= data.total * log_unit
        self._data, self._centre = data, self._centre + np.array([0.0, 0.0, log_unit])
        return scaled

    def _expected(self, rows: Floats) -> Floats:
        return expected_spend(_values(self.params_), *rows.T)

    def _scale(self, rows: Floats) -> Floats:
        x, m = rows.T
        return np.asarray(self.params_["v"] + x * np.where(x > 0, np.maximum(m, 0.0), 0.0))

    def _relative_mean(self, x: Floats, random: np.random.Generator) -> Floats:
        p, q, _ = _values(self.params_)
        return np.asarray(p / np.maximum(random.gamma(p * x + q), _TINY))

    def _relative_total(self, x: Floats, purchases: Floats, random: np.random.Generator) -> Floats:
        p, q, _ = _values(self.params_)
        return np.asarray(random.gamma(p * purchases) / np.maximum(random.gamma(p * x + q), _TINY))

    def _parameter_names(self) -> tuple[str, ...]:
        return ("p", "q", "v")

    def _lower(self) -> Floats:
        return np.array([0.0, 1.0, 0.0])

    def _start(self, data: Distinct) -> Floats:
        return np.array([3.0, 3.0, data.mean(1) * 2.0 / 3.0])

    def _objective(self, data: Distinct) -> Objective:
        return spend_objective(data)

    def _log_likelihood(self, x: Floats) -> Floats:
        out = np.zeros(len(x))
        repeat = (x > 0).all(axis=1)
        out[repeat] = spend_log_likelihood(_values(self.params_), *x[repeat].T)
        return out

    def _meaning(self, unknown: list[str]) -> str:
        p, q, _ = _values(self.params_)
        told = f"The data do not tell {' and '.join(unknown)}."
        if q < 1.05:
            return (
                f"{told} Spend differs so widely between customers that its mean hardly exists "
                f"(q = {q:.3f}): what one-time buyers are expected to spend is a guess. Look for "
                "wholesale customers, and fit them apart."
            )
        if q > 100 or p > 100:
            who = "Customers are" if q > 100 else "The purchases of a customer are"
            return f"{told} {who} nearly alike in spend (p = {p:.3g}, q = {q:.3g})."
        return f"{told} There are too few repeat buyers."


def _values(params: dict[str, float]) -> tuple[float, float, float]:
    return params["p"], params["q"], params["v"]


def correlation(data: Distinct) -> tuple[float, float]:
    """Pearson correlation of the two columns and its two-sided p-value for a large sample."""
    x, m = (column - data.mean(i) for i, column in enumerate(data.columns))
    spread = float(np.sqrt((data.weight @ x**2) * (data.weight @ m**2)))
    if not spread > 0:
        return np.nan, np.nan
    found = float(np.clip((data.weight @ (x * m)) / spread, -1.0, 1.0))
    z = np.arctanh(min(abs(found), 1.0 - 1e-12)) * np.sqrt(max(data.total - 3.0, 0.0))
    return found, float(2.0 * ndtr(-z))


def expected_spend(params: tuple[float, float, float], x: Floats, m: Floats) -> Floats:
    """Mean spend per purchase given a mean m over x purchases; m is not read where x = 0.

    A negative m, of refunds above purchases, counts as 0.
    """
    p, q, v = params
    return np.asarray(p * (v + x * np.where(x > 0, np.maximum(m, 0.0), 0.0)) / (p * x + (q - 1.0)))


def spend_log_likelihood(params: tuple[float, float, float], x: Floats, m: Floats) -> Floats:
    """Log-likelihood of each row with x > 0 and m > 0."""
    p, q, v = params
    px = np.maximum(p * x, _TINY)
    odds = np.clip(x * (m / v), _TINY, 1.0 / _TINY)
    counted = log_negative_binomial(px, np.full(len(x), q), odds)
    return np.asarray(counted + np.log(px) - np.log(m))


def spend_objective(data: Distinct) -> Objective:
    """Log-likelihood of all rows, gradient and Hessian in (p, q, v)."""
    constant = -float(data.weight @ np.log(data.columns[1]))
    frequencies = data.by(0, data.weight)

    most = float(frequencies[0].max(initial=0.0))

    def objective(params: Floats) -> tuple[float, Floats, Floats]:
        large = params[0] * most + params[1] > _LOSSY
        value, gradient, hessian = summed(
            gamma_part(params, *frequencies, large=large), spread_part(params, data, large=large)
        )
        return constant + value, gradient, hessian

    return objective


def gamma_part(
    params: Floats, x: Floats, customers: Floats, *, large: bool
) -> tuple[float, Floats, Floats]:
    """Sum of ln Gamma(px+q) - ln Gamma(px) - ln Gamma(q) over frequencies.

    Where shapes are large, the value is what Stirling's formula leaves of it beside the powers in
    `spread_part`.
    """
    p, q, _ = params
    px = np.maximum(p * x, _TINY)
    if large:
        errors = stirling_error(px + q) - stirling_error(px) - stirling_error(np.full(1, q))
        size = 0.5 * (np.log(px) + np.log(q) - np.log(px + q) - np.log(2.0 * np.pi))
        value = customers @ (size + errors)
    else:
        value = customers @ (gammaln(px + q) - gammaln(px) - gammaln(q))
    curve = polygamma(1, px + q)
    gradient, hessian = np.zeros(3), np.zeros((3, 3))
    gradient[0] = customers @ (x * (psi(px + q) - psi(px)))
    gradient[1] = customers @ (psi(px + q) - psi(q))
    hessian[0, 0] = customers @ (x**2 * (curve - polygamma(1, px)))
    hessian[0, 1] = hessian[1, 0] = customers @ (x * curve)
    hessian[1, 1] = customers @ (curve - polygamma(1, q))
    return float(value), gradient, hessian


def spread_part(params: Floats, data: Distinct, *, large: bool) -> tuple[float, Floats, Floats]:
    """Sum of -px ln(1 + v/(xm)) - q ln(1 + xm/v) over rows.

    Where shapes are large, the value has the powers of Stirling's formula in it: with N = px + q
    and the share u of xm in xm + v, it is -px ln(px/(N u)) - q ln(q/(N (1-u))), which loses no
    digits.
    """
    p, q, v = params
    value, gradient, hessian = 0.0, np.zeros(3), np.zeros((3, 3))
    for block in data.blocks():
        x, m = block.columns
        total, weight = x * m, block.weight
        own, all_, share = x * np.log1p(v / total), np.log1p(total / v), 1.0 / (total + v)
        spread = apart(p * x, q, total, v) if large else p * own + q * all_
        value -= float(weight @ spread)
        gradient -= weight @ own, weight @ all_, weight @ ((p * x - q * total / v) * share)
        hessian[0, 2] -= weight @ (x * share)
        hessian[1, 2] += weight @ (total / v * share)
        hessian[2, 2] += weight @ (p * x * share**2 - q * total / v * share * (share + 1.0 / v))
    hessian[2, :2] = hessian[:2, 2]
    return value, gradient, hessian


def apart(px: Floats, q: float, total: Floats, v: float) -> Floats:
    """Value of px ln(px/(N u)) + q ln(q/(N (1-u))), with N = px + q and u = total / (total + v)."""
    many, excess = px + q, px * v - q * total
    of_total = deviance(px / many * (1.0 + v / total), excess / (many * total)) * total
    of_v = deviance(q / many * (1.0 + total / v), -excess / (many * v)) * v
    return np.asarray(many * (of_total + of_v) / (total + v))


def check_amounts(m: Floats) -> None:
    """Refuse amounts that no sum or square of them can be taken of."""
    low, high = float(m.min()), float(m.max())
    if low < _SMALLEST or high > _LARGEST or high / low > _APART:
        raise DataError(
            f"GammaGammaModel: monetary_value of repeat buyers goes from {low:g} to {high:g}, "
            f"which are no amounts of one currency: at least {_SMALLEST:g}, at most {_LARGEST:g} "
            f"and at most a factor of {_APART:g} apart can be fitted. Look for faulty rows."
        )
