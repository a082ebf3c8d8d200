"""What a churn score can earn at best: the expected maximum profit of Verbraken and others.

Of the customers whom a campaign contacts at cost c, a churner accepts the offer d with
probability g and then stays and is worth v; whoever would have stayed takes the offer as well:

    profit of contacting = g (v - d) - c   for a churner
                         = - d - c         for one who stays

How many customers to contact depends on g, which is not known but Beta(a, b) distributed: EMPC is
the mean over g of the largest profit per customer. By the convex hull of the ROC curve customers
fall into blocks with churn rates r_1 > r_2 > ...; block i pays where

    g > g_i = ((d + c) (1 - r_i) / r_i + c) / (v - d)

so that the integral is a sum over blocks of incomplete beta functions. Verbraken, Verbeke and
Baesens (2013), IEEE Transactions on Knowledge and Data Engineering 25, 961-973.
"""

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

from crmkit._validation import Floats, check_real
from crmkit.exceptions import DataError
from crmkit.metrics._churn_checks import labelled
from crmkit.metrics._resampling import Falling

DEFAULTS = (200.0, 10.0, 1.0, (6.0, 14.0))


def empc(
    y_true: npt.ArrayLike,
    p: npt.ArrayLike,
    *,
    value: float = 200.0,
    offer_cost: float = 10.0,
    contact_cost: float = 1.0,
    acceptance: tuple[float, float] = (6.0, 14.0),
) -> float:
    """Score an order by the money it can make: two numbers a customer in, profit a customer out.

    Use it to choose between models where a campaign against churn is what they are for: it weighs
    the customers whom one would really contact. It judges the order only; probabilities that are
    wrong in level do not harm it, though they harm the decision. Where customers differ in value
    use `profit_curve`.

    Parameters
    ----------
    y_true : array-like of shape (n_customers,)
        1 for churned, 0 for stayed; both must be there.
    p : array-like of shape (n_customers,)
        Probability of churn, or any score that is higher where churn is likelier.
    value : float, default=200.0
        What a customer who stays is worth, in currency, above `offer_cost`.
    offer_cost : float, default=10.0
        What the offer costs when it is taken, in currency, at least 0.
    contact_cost : float, default=1.0
        What a contact costs, in currency, at least 0.
    acceptance : two floats, default=(6.0, 14.0)
        Parameters of the beta distribution of the share of contacted churners who accept, each
        above 0; the default has mean 0.3. These four defaults are those of the paper.

    Returns
    -------
    float
        Expected maximum profit per customer of the base, in currency; 0 where nobody is worth a
        contact. Equal scores are contacted together or not at all.

    Raises
    ------
    DataError
        If values are missing or infinite, y_true is not 0 and 1, the lengths differ or are 0, or
        a parameter is out of its range.

    Examples
    --------
    >>> round(empc([1, 1, 0, 0], [0.9, 0.6, 0.4, 0.1]), 3)
    28.0
    >>> round(empc([1, 1, 0, 0], [0.5, 0.5, 0.5, 0.5]), 3)  # all alike: contact all or none
    22.501
    """
    owner = "empc"
    true, score = labelled(y_true, p, owner, probability=False, both=True)
    check_real(offer_cost, "offer_cost", owner, low=0.0)
    check_real(contact_cost, "contact_cost", owner, low=0.0)
    check_real(value, "value", owner, low=float(offer_cost), open_low=True)
    if isinstance(acceptance, np.ndarray):
        acceptance = tuple(acceptance.tolist()) if acceptance.ndim == 1 else (np.nan,)
    if not isinstance(acceptance, (tuple, list)) or len(acceptance) != 2:
        raise DataError(
            f"{owner}: acceptance must be the two parameters of a beta distribution, such as "
            f"(6, 14), got {acceptance!r}."
        )
    for part in acceptance:
        check_real(part, "acceptance", owner, low=0.0, open_low=True)
    size, churned = Falling(score, true).grouped(np.ones((1, true.size)))
    return empc_of_groups(
        size[0], churned[0], value, offer_cost, contact_cost, (acceptance[0], acceptance[1])
    )


def empc_of_groups(
    size: Floats,
    churned: Floats,
    value: float = DEFAULTS[0],
    offer_cost: float = DEFAULTS[1],
    contact_cost: float = DEFAULTS[2],
    acceptance: tuple[float, float] = DEFAULTS[3],
) -> float:
    """Expected maximum profit per customer, of groups in falling order of their score."""
    size, churned = hull_blocks(size, churned)
    stayed = size - churned
    kept, spent = value - offer_cost, offer_cost + contact_cost
    with np.errstate(divide="ignore"):
        least = np.minimum((spent * stayed / churned + contact_cost) / kept, 1.0)
    a, b = acceptance
    pays = special.betaincc(a, b, least)  # probability that the block is contacted
    accepted = a / (a + b) * special.betaincc(a + 1.0, b, least)  # and the acceptance then
    profit = churned * kept * accepted - (churned * contact_cost + stayed * spent) * pays
    return float(profit.sum() / size.sum())


def hull_blocks(size: Floats, churned: Floats) -> tuple[Floats, Floats]:
    """Join groups into the blocks of the convex hull of the ROC curve; churn rates fall."""
    there = size > 0
    size, churned = size[there], churned[there]
    rate = optimize.isotonic_regression(churned / size, weights=size, increasing=False)
    starts = rate.blocks[:-1]
    return np.add.reduceat(size, starts), np.add.reduceat(churned, starts)
