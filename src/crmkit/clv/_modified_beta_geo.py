"""MBG/NBD: customers buy at random at their own rate, and may leave after any purchase.

Batislam, Denizel and Filiztekin (2007), Empirical validation and comparison of models for customer
base analysis, International Journal of Research in Marketing 24, 201-209; Wagner and Hoppe (2008),
Erratum on the MBG/NBD model, ibid. 25, 225-226. As BG/NBD, but the first purchase may be the last.
For x repeat purchases, the last at age t, age now T:

    L = Gamma(r+x)/Gamma(r) alpha^r B(a, b+x+1)/B(a, b) [ (alpha+T)^-(r+x) + D ]
    D = a/(b+x) (alpha+t)^-(r+x)

It is a member of a family: see `_beta_geo_likelihood`.
"""

from typing import ClassVar

from crmkit.clv._beta_geo_family import BetaGeoFamily


class ModifiedBetaGeoModel(BetaGeoFamily):
    """MBG/NBD model of purchases: customers in, expected purchases and probabilities out.

    For shops without contracts, where customers leave in silence. A customer may leave after any
    purchase, the first one too, so one-time buyers who stay away lose their probability of being
    alive: take it instead of `BetaGeoModel` where that probability matters. Not for
    subscriptions, nor for customers who buy at fixed intervals (`ModifiedBetaGeoCNBDModel`).

    Parameters
    ----------
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
    params_ : dict of str to float
        `r` (shape of the rates), `alpha` (scale of the rates, in the unit of `T`), `a` and `b`
        (dropout); the mean rate is r / alpha, the mean dropout probability a / (a + b).
    log_likelihood_ : float
        Sum of the log-likelihoods in the unit of the data, without the prior.
    covariance_ : ndarray of shape (4, 4)
        Covariance of the logarithms of r, alpha, a, b; NaN where a direction is left open.
    prior_used_ : bool
        Whether the weak prior had to join.
    n_iter_ : int
        Newton steps taken.
    converged_ : bool
        Whether `tol` was reached.
    unit_ : str or None
        Unit of the ages, None where it is not known.
    n_features_in_ : int
        Three.
    feature_names_in_ : ndarray of str
        `frequency`, `recency` and `T`, where the customers came as a frame.

    References
    ----------
    Batislam, E. P., Denizel, M. and Filiztekin, A. (2007). International Journal of Research in
    Marketing 24, 201-209.

    Wagner, U. and Hoppe, D. (2008). International Journal of Research in Marketing 25, 225-226.

    Examples
    --------
    >>> import pandas as pd
    >>> customers = pd.DataFrame({
    ...     "customer_id": ["ann", "bob"], "frequency": [2, 0], "recency": [30.43, 0.0],
    ...     "T": [38.86, 38.86],
    ... })
    >>> published = {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614}
    >>> model = ModifiedBetaGeoModel.from_dict(
    ...     {"init": {"unit": "W"}, "fitted": {"params_": published}}
    ... )
    >>> model.predict(customers, horizon="39W").round(3)
    array([1.263, 0.154])
    >>> model.probability_alive(customers).round(3)
    array([0.706, 0.39 ])
    """

    _early: ClassVar[int] = 1
