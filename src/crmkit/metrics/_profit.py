"""What would a campaign against churn have earned? Profit by the share of customers contacted.

With value v of a customer who stays, offer cost d, contact cost c and acceptance g, contacting a
customer who churned would have earned g (v - d) - c, one who stayed -d - c (who takes the offer
as well). Before the outcome is known the expected profit is

    p (g (v - d) - c) - (1 - p) (d + c)

so that contacting pays above the break-even probability (d + c) / (g (v - d) + d). Neslin, Gupta,
Kamakura, Lu and Mason (2006), Journal of Marketing Research 43, 204-211.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit._validation import Floats, check_choice, check_whole, generator
from crmkit.metrics._checks import check_level, one_each
from crmkit.metrics._churn_checks import labelled
from crmkit.metrics._resampling import Falling, clusters, drawn_weights, sums_of_best

OWNER = "profit_curve"


def profit_curve(
    y_true: npt.ArrayLike,
    p: npt.ArrayLike,
    *,
    value: npt.ArrayLike,
    acceptance: npt.ArrayLike,
    offer_cost: npt.ArrayLike,
    contact_cost: npt.ArrayLike,
    order: str = "profit",
    n_points: int = 100,
    groups: npt.ArrayLike | None = None,
    level: float = 0.95,
    n_resamples: int = 500,
    random_state: int | np.random.Generator | np.random.RandomState | None = None,
) -> pd.DataFrame:
    """Tell what contacting more and more customers earns: numbers a customer in, a frame out.

    Use it to see what the score is worth in money with the values of your own customers, and how
    far to go. `expected_profit` is known beforehand and says where to stop; the best share read
    off `profit` itself is wise after the event. It takes the acceptance for granted: what the
    offer really changes only an experiment tells.

    Parameters
    ----------
    y_true : array-like of shape (n_customers,)
        1 for churned, 0 for stayed.
    p : array-like of shape (n_customers,)
        Probability of churn.
    value : float or array-like of shape (n_customers,)
        What a customer who stays is worth, in currency; negative where he costs more.
    acceptance : float or array-like of shape (n_customers,)
        Probability that a contacted churner takes the offer and stays, from 0 to 1.
    offer_cost : float or array-like of shape (n_customers,)
        What the offer costs when it is taken, in currency, at least 0.
    contact_cost : float or array-like of shape (n_customers,)
        What a contact costs, in currency, at least 0.
    order : {"profit", "risk"}, default="profit"
        Whom to contact first: those with the highest expected profit, or the riskiest.
    n_points : int, default=100
        Number of steps from nobody to everybody, at least 1.
    groups : array-like of shape (n_customers,) or None, default=None
        Customer of each row, where one customer has several rows: they are drawn together.
    level : float, default=0.95
        Probability of the intervals, above 0 and below 1.
    n_resamples : int, default=500
        How often customers are drawn for the intervals, at least 2.
    random_state : int, Generator, RandomState or None, default=None
        Seed; the same whole number gives the same intervals.

    Returns
    -------
    pandas.DataFrame
        A row a share of customers contacted, indexed by `share` (0 to 1): `n_customers`,
        `profit` (what it would have earned, in currency), `lower` and `upper` (its interval) and
        `expected_profit` (what the probabilities promised). Customers who tie count by their
        share. ``attrs["order"]`` holds `order`, for `plot_profit`.

    Raises
    ------
    DataError
        If values are missing, infinite or out of their range, or the lengths differ or are 0.

    Examples
    --------
    >>> curve = profit_curve(
    ...     [1, 0, 1, 0], [0.9, 0.6, 0.3, 0.1], value=[150.0, 150.0, 300.0, 15.0],
    ...     acceptance=0.4, offer_cost=15.0, contact_cost=2.0, n_points=4, random_state=0,
    ... )
    >>> curve[["n_customers", "profit", "expected_profit"]].round(2)
           n_customers  profit  expected_profit
    share
    0.00           0.0     0.0              0.0
    0.25           1.0    52.0             45.1
    0.50           2.0    35.0             69.5
    0.75           3.0   147.0             91.2
    1.00           4.0   130.0             75.7
    """
    true, prob = labelled(y_true, p, OWNER)
    check_choice(order, "order", ("profit", "risk"), OWNER)
    check_whole(n_points, "n_points", OWNER, low=1)
    check_level(level, OWNER)
    check_whole(n_resamples, "n_resamples", OWNER, low=2)
    random = generator(random_state, OWNER)
    n, cluster = true.size, clusters(groups, true.size, OWNER)
    columns = [
        one_each(value, "value", n, OWNER),
        one_each(offer_cost, "offer_cost", n, OWNER, low=0.0),
        one_each(contact_cost, "contact_cost", n, OWNER, low=0.0),
        one_each(acceptance, "acceptance", n, OWNER, low=0.0, high=1.0),
    ]
    expected = profit_of_contact(prob, *columns)
    rank = expected if order == "profit" else prob
    came, foretold = Falling(rank, profit_of_contact(true, *columns)), Falling(rank, expected)
    shares, once = np.arange(n_points + 1) / n_points, np.ones((1, n))
    drawn = [
        sums_of_best(*came.grouped(weight), shares)
        for weight in drawn_weights(n, n_resamples, random, cluster)
    ]
    tails = [(1.0 - level) / 2.0, (1.0 + level) / 2.0]
    lower, upper = np.quantile(np.concatenate(drawn), tails, axis=0)
    curve = pd.DataFrame(
        {
            "n_customers": shares * n,
            "profit": sums_of_best(*came.grouped(once), shares)[0],
            "lower": lower,
            "upper": upper,
            "expected_profit": sums_of_best(*foretold.grouped(once), shares)[0],
        },
        index=pd.Index(shares, name="share"),
    )
    curve.attrs["order"] = order
    return curve


def profit_of_contact(
    p: Floats, value: Floats, offer_cost: Floats, contact_cost: Floats, acceptance: Floats
) -> Floats:
    """Profit of contacting a customer who churns with probability `p`, in currency."""
    kept = acceptance * (value - offer_cost) - contact_cost
    return np.asarray(p * kept - (1.0 - p) * (offer_cost + contact_cost))
