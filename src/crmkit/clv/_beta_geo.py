"""BG/NBD: customers buy at random at their own rate, and may leave after any repeat purchase.

Fader, Hardie and Lee (2005), "Counting your customers" the easy way: an alternative to the
Pareto/NBD model, Marketing Science 24, 275-284. Rates are Gamma(r, alpha), the probability to
leave after a repeat purchase is Beta(a, b). For x repeat purchases, the last at age t, age now T:

    L = Gamma(r+x)/Gamma(r) alpha^r B(a, b+x)/B(a, b) [ (alpha+T)^-(r+x) + D ]
    D = a/(b+x-1) (alpha+t)^-(r+x) for x > 0, else 0

It is the simplest member of a family: see `_beta_geo_likelihood`.
"""

from crmkit.clv._beta_geo_family import BetaGeoFamily


class BetaGeoModel(BetaGeoFamily):
    """BG/NBD model of purchases: customers in, expected purchases and probabilities out.

    For shops without contracts, where customers leave in silence. A customer can leave only after
    a repeat purchase, so every one-time buyer is alive with probability 1: judge them by
    `probability_no_purchase`. Not for subscriptions, nor for customers who buy at fixed intervals.

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
    Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). Marketing Science 24, 275-284.

    Examples
    --------
    >>> import pandas as pd
    >>> customers = pd.DataFrame({
    ...     "customer_id": ["ann", "bob"], "frequency": [2, 0], "recency": [30.43, 0.0],
    ...     "T": [38.86, 38.86],
    ... })
    >>> published = {"r": 0.2426, "alpha": 4.414, "a": 0.793, "b": 2.426}
    >>> model = BetaGeoModel.from_dict({"init": {"unit": "W"}, "fitted": {"params_": published}})
    >>> model.predict(customers, horizon="39W").round(3)
    array([1.226, 0.195])
    >>> model.probability_alive(customers).round(3)
    array([0.727, 1.   ])
    """
