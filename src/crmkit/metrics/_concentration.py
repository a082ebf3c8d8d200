"""How unequally customers share a value: Lorenz curve, Gini coefficient, share of the best.

With n values sorted from small to large, the Lorenz curve joins the points
(k / n, sum of the k smallest / sum of all), k = 0 ... n, by straight lines, and the Gini
coefficient is twice the area between it and the diagonal: Lorenz (1905), Publications of the
American Statistical Association 9, 209-219; Gini (1914), Atti del Reale Istituto Veneto 73,
1203-1248.
"""

import numpy as np
import numpy.typing as npt

from crmkit._validation import Floats, check_real
from crmkit.exceptions import DataError
from crmkit.metrics._checks import amounts


def lorenz_curve(values: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Cumulate a value from the poorest customer up: one value a customer in, the curve out.

    Use it to draw how concentrated revenue is; for a single number use `gini` or `top_share`.

    Parameters
    ----------
    values : array-like of shape (n_customers,)
        A value per customer, such as revenue or lifetime value, in any unit; at least one above 0.

    Returns
    -------
    share_of_customers : ndarray of shape (n_customers + 1,)
        0, 1 / n, ... 1.
    share_of_value : ndarray of shape (n_customers + 1,)
        Part of the total that the poorest customers hold, from 0 to 1.

    Raises
    ------
    DataError
        If values are missing, infinite or negative, if there are none, or if all are 0.

    Examples
    --------
    >>> customers, value = lorenz_curve([30.0, 10.0, 60.0, 0.0])
    >>> customers.tolist(), value.tolist()
    ([0.0, 0.25, 0.5, 0.75, 1.0], [0.0, 0.0, 0.1, 0.4, 1.0])
    """
    array = shared(values, "lorenz_curve")
    return cumulated(array, by=-array)


def gini(values: npt.ArrayLike) -> float:
    """Measure concentration by one number: one value a customer in, 0 (equal) to 1 out.

    The largest value that n customers can reach, when one holds everything, is 1 - 1 / n; no
    correction for small n is made.

    Parameters
    ----------
    values : array-like of shape (n_customers,)
        A value per customer, in any unit; at least one above 0.

    Returns
    -------
    float
        The Gini coefficient, without unit.

    Raises
    ------
    DataError
        If values are missing, infinite or negative, if there are none, or if all are 0.

    Examples
    --------
    >>> gini([5.0, 5.0, 5.0])
    0.0
    >>> gini([0.0, 0.0, 0.0, 8.0])
    0.75
    """
    array = shared(values, "gini")
    return gini_of(array, by=array)


def top_share(values: npt.ArrayLike, share: float = 0.1) -> float:
    """Part of the total that the best customers hold: one value a customer in, 0 to 1 out.

    A part of a customer counts as that part: of 15 customers the top tenth is the best one and
    half of the second. So the answer does not jump when a customer is added.

    Parameters
    ----------
    values : array-like of shape (n_customers,)
        A value per customer, in any unit; at least one above 0.
    share : float, default=0.1
        Which part of the customers counts as the best, above 0 and at most 1.

    Returns
    -------
    float
        Part of the total, between `share` and 1.

    Raises
    ------
    DataError
        If values are missing, infinite or negative, if there are none, if all are 0, or if
        `share` is no number in (0, 1].

    Examples
    --------
    >>> top_share([50.0, 20.0, 10.0, 10.0, 10.0], share=0.2)
    0.5
    """
    array = shared(values, "top_share")
    return held_by_top(array, array, check_share(share, "top_share"))


def check_share(share: float, owner: str) -> float:
    """Refuse a share that is not above 0 and at most 1."""
    check_real(share, "share", owner, low=0.0, open_low=True)
    if share > 1:
        raise DataError(f"{owner}: share must be at most 1, got {share!r}. A tenth is share=0.1.")
    return float(share)


def shared(values: npt.ArrayLike, owner: str) -> Floats:
    """Values of which at least one is above 0."""
    array = amounts(values, "values", owner)
    if not array.any():
        raise DataError(f"{owner}: all {array.size:,} values are 0: there is nothing to share.")
    return array


def cumulated(value: Floats, by: Floats) -> tuple[Floats, Floats]:
    """Cumulate shares of `value` over customers in falling order of `by`; ties share alike."""
    _, group, size = np.unique(-by, return_inverse=True, return_counts=True)
    scaled = np.ldexp(value, -np.frexp(value.max())[1])  # exact, and no sum overflows
    of_group = np.bincount(group, weights=scaled)
    running = np.append(0.0, np.cumsum(np.repeat(of_group / size, size)))
    return np.arange(value.size + 1) / value.size, running / running[-1]


def gini_of(value: Floats, by: Floats) -> float:
    """Gini coefficient of `value` with the customers in the order of `by`."""
    customers, share = cumulated(value, by)
    return float(2.0 * np.trapezoid(share, customers) - 1.0)


def held_by_top(value: Floats, by: Floats, share: float) -> float:
    """Part of the total `value` that the first `share` of customers by `by` hold."""
    customers, held = cumulated(value, by)
    return float(np.interp(share, customers, held))
