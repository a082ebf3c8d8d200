"""Regular buyers: BG/CNBD-k and MBG/CNBD-k, with gaps between purchases that are Erlang-k.

Reutterer, Platzer and Schroeder (2021), Leveraging purchase regularity for predicting customer
behavior the easy way, International Journal of Research in Marketing 38, 194-215. As BG/NBD and
MBG/NBD, but a purchase is completed at every k-th arrival only: the likelihood is in
`_beta_geo_likelihood`, the purchases to come are in `_erlang_purchases`. They are exact, and k is
the most likely one.
"""

from typing import ClassVar

from crmkit.clv._regular_model import RegularModel


class BetaGeoCNBDModel(RegularModel):
    """BG/CNBD-k model of purchases: customers in, expected purchases and probabilities out.

    For shops whose customers come back at regular intervals, as to a grocer, and leave in silence.
    As `BetaGeoModel`, customers leave after a repeat purchase only. With k = 1 it is that model.
    Not for subscriptions.

    Customers come with `sum_log_gaps`: ``crmkit.summarize(log, extras="sum_log_gaps")``. Purchases
    that were merged into periods can never be less than a period apart, so customers who buy
    every few periods look regular though they are not: keep the period short beside the gaps.

    Parameters
    ----------
    regularity : int or "auto", default="auto"
        Arrivals per purchase, k: gaps are Erlang-k, with a standard deviation of their mean over
        the root of k. "auto" tries 1, 2, 3 ... (at most 30) and stops when the likelihood falls.
    prior : {"weak"} or None, default="weak"
        "weak" is maximum likelihood where that settles every parameter. Where it leaves one open
        (a standard error above 1.5 in logs, or a search without end), a normal on each
        log-parameter joins, around a start taken from the data and with standard deviation 3, and
        keeps the answer finite; `prior_used_` tells. None is plain maximum likelihood, always.
    horizon : float or str, default=1.0
        Length of the future that predictions are made for unless they are told another, in the
        unit of `T`, or text such as "90D" (h, D, W, M, Y) where that unit is known.
    unit : {"h", "D", "W", "M"} or None, default=None
        Unit of `recency` and `T`. None reads it from `first_purchase` and `last_purchase` if the
        customers have them; a stated unit is checked against them.
    tol : float, default=1e-9
        Largest slope of the log-likelihood per customer, in log-parameters, at which to stop.
    max_iter : int, default=100
        Largest number of Newton steps; six are usual.

    Attributes
    ----------
    regularity_ : int
        Arrivals per purchase, k.
    regularity_log_likelihoods_ : dict of int to float
        Largest log-likelihood for every k that was tried, without the prior; they compare.
    params_ : dict of str to float
        `r` (shape of the rates), `alpha` (scale of the rates, in the unit of `T`), `a` and `b`
        (dropout); the mean rate of purchase is r / alpha / k, the mean dropout probability
        a / (a + b).
    log_likelihood_ : float
        Sum of the log-likelihoods in the unit of the data, without the prior.
    covariance_ : ndarray of shape (4, 4)
        Covariance of the logarithms of r, alpha, a, b; NaN where a direction is left open.
    prior_used_ : bool
        Whether the weak prior had to join.
    n_iter_ : int
        Newton steps taken for the k that was chosen.
    converged_ : bool
        Whether `tol` was reached.
    unit_ : str or None
        Unit of the ages, None where it is not known.
    n_features_in_ : int
        Four.
    feature_names_in_ : ndarray of str
        `frequency`, `recency`, `T` and `sum_log_gaps`, where the customers came as a frame.

    References
    ----------
    Reutterer, T., Platzer, M. and Schroeder, N. (2021). International Journal of Research in
    Marketing 38, 194-215.

    Examples
    --------
    >>> import pandas as pd
    >>> customers = pd.DataFrame({
    ...     "customer_id": ["ann", "bob"], "frequency": [3, 0], "recency": [30.0, 0.0],
    ...     "T": [34.0, 34.0], "sum_log_gaps": [6.9, 0.0],
    ... })
    >>> stated = {"regularity_": 3, "params_": {"r": 0.9, "alpha": 4.0, "a": 0.6, "b": 2.4}}
    >>> model = BetaGeoCNBDModel.from_dict({"fitted": stated})
    >>> model.predict(customers, horizon=39.0).round(3)
    array([2.71 , 0.575])
    >>> model.probability_alive(customers).round(3)
    array([0.866, 1.   ])
    """


class ModifiedBetaGeoCNBDModel(RegularModel):
    """MBG/CNBD-k model of purchases: customers in, expected purchases and probabilities out.

    For shops whose customers come back at regular intervals, as to a grocer, and leave in silence.
    As `ModifiedBetaGeoModel`, customers leave after any purchase, the first one too. With k = 1
    it is that model. Not for subscriptions.

    Customers come with `sum_log_gaps`: ``crmkit.summarize(log, extras="sum_log_gaps")``. Purchases
    that were merged into periods can never be less than a period apart, so customers who buy
    every few periods look regular though they are not: keep the period short beside the gaps.

    Parameters
    ----------
    regularity : int or "auto", default="auto"
        Arrivals per purchase, k: gaps are Erlang-k, with a standard deviation of their mean over
        the root of k. "auto" tries 1, 2, 3 ... (at most 30) and stops when the likelihood falls.
    prior : {"weak"} or None, default="weak"
        "weak" is maximum likelihood where that settles every parameter. Where it leaves one open
        (a standard error above 1.5 in logs, or a search without end), a normal on each
        log-parameter joins, around a start taken from the data and with standard deviation 3, and
        keeps the answer finite; `prior_used_` tells. None is plain maximum likelihood, always.
    horizon : float or str, default=1.0
        Length of the future that predictions are made for unless they are told another, in the
        unit of `T`, or text such as "90D" (h, D, W, M, Y) where that unit is known.
    unit : {"h", "D", "W", "M"} or None, default=None
        Unit of `recency` and `T`. None reads it from `first_purchase` and `last_purchase` if the
        customers have them; a stated unit is checked against them.
    tol : float, default=1e-9
        Largest slope of the log-likelihood per customer, in log-parameters, at which to stop.
    max_iter : int, default=100
        Largest number of Newton steps; six are usual.

    Attributes
    ----------
    regularity_ : int
        Arrivals per purchase, k.
    regularity_log_likelihoods_ : dict of int to float
        Largest log-likelihood for every k that was tried, without the prior; they compare.
    params_ : dict of str to float
        `r` (shape of the rates), `alpha` (scale of the rates, in the unit of `T`), `a` and `b`
        (dropout); the mean rate of purchase is r / alpha / k, the mean dropout probability
        a / (a + b).
    log_likelihood_ : float
        Sum of the log-likelihoods in the unit of the data, without the prior.
    covariance_ : ndarray of shape (4, 4)
        Covariance of the logarithms of r, alpha, a, b; NaN where a direction is left open.
    prior_used_ : bool
        Whether the weak prior had to join.
    n_iter_ : int
        Newton steps taken for the k that was chosen.
    converged_ : bool
        Whether `tol` was reached.
    unit_ : str or None
        Unit of the ages, None where it is not known.
    n_features_in_ : int
        Four.
    feature_names_in_ : ndarray of str
        `frequency`, `recency`, `T` and `sum_log_gaps`, where the customers came as a frame.

    References
    ----------
    Reutterer, T., Platzer, M. and Schroeder, N. (2021). International Journal of Research in
    Marketing 38, 194-215.

    Examples
    --------
    >>> import pandas as pd
    >>> customers = pd.DataFrame({
    ...     "customer_id": ["ann", "bob"], "frequency": [3, 0], "recency": [30.0, 0.0],
    ...     "T": [34.0, 34.0], "sum_log_gaps": [6.9, 0.0],
    ... })
    >>> stated = {"regularity_": 3, "params_": {"r": 0.9, "alpha": 4.0, "a": 0.6, "b": 2.4}}
    >>> model = ModifiedBetaGeoCNBDModel.from_dict({"fitted": stated})
    >>> model.predict(customers, horizon=39.0).round(3)
    array([2.832, 0.332])
    >>> model.probability_alive(customers).round(3)
    array([0.888, 0.568])
    """

    _early: ClassVar[int] = 1
