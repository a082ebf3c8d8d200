"""A made-up retailer of which everything is known: events, products, records and the truth."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from crmkit._validation import check_choice, check_real, check_whole
from crmkit.datasets._build import STREAMS, Plan, assemble, draw
from crmkit.datasets._names import NAMES
from crmkit.datasets._parameters import OWNER, check_share, population, regularity_shares
from crmkit.datasets._results import SyntheticRetailer
from crmkit.exceptions import DataError


def make_customers(
    n: int = 1000,
    *,
    start: Any = "2023-01-01",
    days: float = 730,
    acquisition_days: float | None = None,
    process: str = "pareto_nbd",
    parameters: Mapping[str, float] | None = None,
    regularity: int | Mapping[int, float] = 1,
    n_products: int = 300,
    n_clusters: int = 6,
    seasonality: float = 0.0,
    returns: float = 0.03,
    duplicates: float = 0.2,
    language: str = "en",
    random_state: Any = None,
) -> SyntheticRetailer:
    """Make a retailer of n customers: numbers in; events, products, records and truth out.

    Use it where the right answer must be known: does a model find its parameters, a segmentation
    the taste clusters, a deduplication the people, a recommender what was liked? Do not use it to
    choose between models for a real shop: real customers follow no model exactly.

    Parameters
    ----------
    n : int, default=1000
        Number of customers.
    start : str or datetime, default="2023-01-01"
        First instant of the data, without time zone.
    days : float, default=730
        Length of the data in days; nothing happens at or after ``start + days``.
    acquisition_days : float or None, default=None
        First purchases fall evenly into this many days from the start; None is half of `days`,
        0 lets all customers buy first at the start.
    process : {"pareto_nbd", "bg_nbd", "mbg_nbd"}, default="pareto_nbd"
        How customers buy and drop out. Purchase times follow the process exactly (rounded down to
        the second); the first purchase is its time zero.
    parameters : mapping of str to float or None, default=None
        Population parameters other than the defaults; `truth.parameters` shows all in use.

        * `r`, `alpha` (days): purchase rate, with mean ``r / alpha`` a day;
        * `s`, `beta` (days): dropout of Pareto/NBD; `a`, `b`: dropout of BG/NBD and MBG/NBD;
        * `p`, `q`, `v` (money): spend an order, gamma-gamma, with mean ``p v / (q - 1)``;
        * `lines`: mean number of lines an order; `loyalty`: share of lines bought again;
        * `taste`: how many times likelier a product of the customer's own cluster is chosen;
        * `appeal_sd`: standard deviation of log-appeal; `trend`: that of its step every 4 weeks;
        * `new_products`: share launched after the start; `novelty`: how much more they are bought
          at first, halved every 30 days;
        * `season_share`, `season_strength`: share of products with a season, and its swing (0-1).
    regularity : int or mapping of int to float, default=1
        Shape k of the gaps between purchases: 1 is a Poisson process, larger is more regular. A
        mapping such as ``{1: 0.7, 4: 0.3}`` gives shares of customers. The purchase rate is
        lambda / k, as in the models of Platzer and Reutterer (2016).
    n_products : int, default=300
        Number of products ever on sale.
    n_clusters : int, default=6
        Number of taste clusters of customers and products.
    seasonality : float, default=0.0
        How much the *purchase rate* swings over the year, from 0 to 1, highest on 10 December.
        Above 0 the process runs on a clock of that speed, so purchase models see a departure from
        their assumptions. Which *items* are chosen varies with season and trend in any case.
    returns : float, default=0.03
        Probability that an order is brought back whole, 1 to 30 days later (if before the end).
    duplicates : float, default=0.2
        Extra records per customer: 0.2 gives exactly ``round(0.2 * n)`` beside the n first ones.
    language : {"en", "zh"}, default="en"
        Language of products and people. The events are the same in either.
    random_state : int, numpy Generator, RandomState or None, default=None
        Seed. Purchases, items, returns and people are drawn from streams of their own: a switch
        changes only what it is about.

    Returns
    -------
    SyntheticRetailer
        With the frames `events`, `products`, `records`, and `truth`.

    Raises
    ------
    DataError
        If a parameter is out of its range; the text names it and the range.

    Notes
    -----
    *Times.* Purchases come at any time of day, and several on one day are possible: a summary by
    day merges them, which moves the estimates of frequent buyers a little; one by hour hardly.

    *Items.* In week w a customer of cluster g chooses product j in proportion to appeal, season(w),
    trend(w), novelty and, if j is of cluster g, `taste`; never before its launch. With probability
    `loyalty` a line instead copies one of the customer's earlier lines, recent ones rather.

    *Amounts.* The value of an order is drawn from the spend model and does not depend on its
    items; it is spread over the lines in proportion to list price times quantity, so the price
    paid differs from the list price, as with discounts. Lines sum to the order to the cent.

    *Records.* People live in households that share addresses, names and sometimes phones; twins
    share the birth date too. Extra records show nicknames, moves, new phones and e-mail addresses,
    typos, swapped names, other ways of writing and missing values. Each order is booked under a
    record of its customer: with `record_id` for the customer the events look as they do before
    duplicates are found. All people are invented.

    References
    ----------
    D. C. Schmittlein, D. G. Morrison and R. Colombo (1987), "Counting your customers", Management
    Science 33(1), 1-24. P. S. Fader, B. G. S. Hardie and K. L. Lee (2005), "Counting your
    customers the easy way", Marketing Science 24(2), 275-284.

    Examples
    --------
    >>> from crmkit.datasets import make_customers
    >>> shop = make_customers(200, random_state=0)
    >>> shop
    <SyntheticRetailer with events: ... rows, products: 300 rows, records: 240 rows>
    >>> shop.events["customer_id"].nunique()
    200
    >>> bool((shop.truth.orders["amount"] < 0).any())
    True
    """
    for name, value in (("n", n), ("n_products", n_products), ("n_clusters", n_clusters)):
        check_whole(value, name, OWNER, low=1)
    for name, share, high in (
        ("seasonality", seasonality, 1.0),
        ("returns", returns, 1.0),
        ("duplicates", duplicates, 10.0),
    ):
        check_share(share, name, high=high)
    check_choice(language, "language", NAMES, OWNER)
    first_days = check_days(days, acquisition_days)
    plan = Plan(
        n=n,
        begin=start_instant(start),
        days=float(days),
        process=process,
        shares=regularity_shares(regularity),
        n_products=n_products,
        language=language,
        numbers=population(process, parameters)
        | {
            "days": float(days),
            "acquisition_days": first_days,
            "n_clusters": float(n_clusters),
            "seasonality": float(seasonality),
            "returns": float(returns),
            "duplicates": float(duplicates),
        },
    )
    return assemble(plan, draw(plan, streams(random_state)))


def streams(random_state: Any) -> dict[str, np.random.Generator]:
    """Independent generators, so that one part does not change the draws of another."""
    if isinstance(random_state, np.random.Generator):
        random_state = int(random_state.integers(2**63))
    elif isinstance(random_state, np.random.RandomState):
        random_state = int(random_state.randint(2**31))
    elif random_state is not None:
        check_whole(random_state, "random_state", OWNER, low=0)
    seeds = np.random.SeedSequence(random_state).spawn(len(STREAMS))
    return {name: np.random.default_rng(s) for name, s in zip(STREAMS, seeds, strict=True)}


def start_instant(start: Any) -> pd.Timestamp:
    """First instant, naive."""
    try:
        begin = pd.Timestamp(start)
    except (ValueError, TypeError) as error:
        raise DataError(f"{OWNER}: start must be a date, got {start!r}.") from error
    if pd.isna(begin) or begin.tz is not None:
        raise DataError(f"{OWNER}: start must be a date without time zone, got {start!r}.")
    return begin.as_unit("us")


def check_days(days: Any, acquisition_days: Any) -> float:
    """Check both lengths and give that of the time of first purchases."""
    check_real(days, "days", OWNER, low=0, open_low=True)
    if acquisition_days is None:
        return float(days) / 2
    check_real(acquisition_days, "acquisition_days", OWNER, low=0)
    if acquisition_days > days:
        raise DataError(
            f"{OWNER}: acquisition_days must be at most days ({days:g}), got {acquisition_days!r}."
        )
    return float(acquisition_days)
