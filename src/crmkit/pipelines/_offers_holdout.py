"""Would the offers have met what was bought? They are made a horizon earlier, and compared."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from crmkit import _frames
from crmkit._progress import Progress, heard
from crmkit._validation import check_whole
from crmkit.events import EventLog
from crmkit.events._event_log import check_log
from crmkit.events._ledger import begin_of_day
from crmkit.exceptions import DataError
from crmkit.pipelines._churn_plan import day_of, days_in
from crmkit.pipelines._customer_offers import (
    AUTO,
    MOST_ITEMS,
    best_sold,
    buyers,
    only_items,
    recommender_of,
    rows_of,
)
from crmkit.recommend import Evaluation, evaluate
from crmkit.recommend._recommender import Recommender

OWNER = "offers_holdout"
HORIZON = "30D"
NEVER = np.iinfo(np.int64).max  # buyers of an item that is taken away: no item has so many


def offers_holdout(
    log: EventLog,
    as_of: Any = None,
    recommender: Recommender | str = AUTO,
    *,
    items: Any = None,
    horizon: Any = None,
    n: int = 10,
    max_customers: int | None = 10_000,
    level: float = 0.95,
    n_resamples: int = 200,
    random_state: int = 0,
    verbose: int = 0,
) -> Evaluation:
    """Test the offers on the last horizon of a log: events in, an `Evaluation` out.

    Look at it before you act on offers: ``print`` it. The whole recipe, the choice of items and of
    the model included, is carried out as if the horizon before `as_of` had not come yet; its lists
    are compared with what the same customers then bought, beside three simple rules. One test is
    one season; `crmkit.recommend.evaluate` makes several, and tells of cold customers and items.

    Parameters
    ----------
    log : EventLog
        Purchases with an `item` column.
    as_of : str, date, datetime or None, default=None
        Exclusive end of what is known of the outcome; None is midnight after the last event. Within
        a day it is the beginning of that day.
    recommender : recommender, "auto", "explore" or "repeat", default="auto"
        What to test, fitted or not: a copy is fitted. The words mean what they mean to
        `CustomerValuePipeline`, with the items that most customers bought before the test; what is
        bought of other items is not counted.
    items : frame or None, default=None
        One row per item, as in `CustomerValuePipeline.fit`.
    horizon : str, float or None, default=None
        How long purchases after the offers count: text such as "30D", or days; whole days. None is
        the horizon of the recommender, 30 days where it has none.
    n : int, default=10
        Length of the lists.
    max_customers : int or None, default=10000
        Most customers to learn from and to ask, drawn at random; None takes all.
    level : float, default=0.95
        Probability of the intervals.
    n_resamples : int, default=200
        How often customers are drawn for them, at least 2.
    random_state : int, default=0
        Seed of the draws, at least 0.
    verbose : int, default=0
        1 tells the steps with counts and seconds: logger "crmkit", level INFO, or standard error
        where nothing listens there. 0 tells nothing.

    Returns
    -------
    Evaluation
        Its first table is "new items" where the recommender leaves out what was bought before,
        "repeat purchases" with "repeat", else "all purchases".

    Raises
    ------
    DataError
        If the log names no items, is too short, or nothing could have been foretold.

    See Also
    --------
    churn_holdout : The same for churn.
    holdout_report : The same for purchases and spend.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from crmkit.recommend import ItemKNN
    >>> random = np.random.default_rng(0)
    >>> day = pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 200, 1500), "D")
    >>> lines = pd.DataFrame({"day": day, "customer": random.integers(0, 60, 1500)})
    >>> lines["item"] = lines["customer"] % 4 * 10 + random.integers(0, 10, 1500)
    >>> log = ck.EventLog(lines, customer="customer", when="day", amount=None, item="item")
    >>> found = ck.pipelines.offers_holdout(log, recommender=ItemKNN(), n_resamples=50)
    >>> found.new_items["verdict"].to_dict()
    {'ItemKNN': 'better', 'popularity': 'worse', 'recent popularity': 'best simple rule'}
    """
    check_log(log, OWNER)
    check_whole(random_state, "random_state", OWNER, low=0)
    progress = Progress(OWNER, verbose)
    model = heard(recommender_of(recommender, log, OWNER), verbose)
    if model is None:
        raise DataError(
            f"{OWNER}: there is nothing to test without a recommender and a column of product ids: "
            "EventLog(frame, ..., item='product_id')."
        )
    horizon = getattr(model, "horizon", HORIZON) if horizon is None else horizon
    days = days_in(horizon, "horizon", OWNER)
    begin = begin_of_test(log, as_of, days)
    some = some_customers(log, max_customers, random_state)
    sold, n_buyers = buyers(some, begin, OWNER)
    if isinstance(recommender, str):
        kept = best_sold(sold, n_buyers, MOST_ITEMS)
        if items is not None and len(kept) < len(sold):
            items = rows_of(items, str(log.item), kept, OWNER)
        some = only_items(some, kept, OWNER) or some
    progress.step(f"chose from {len(sold):,} items sold before {begin:%Y-%m-%d}")
    return evaluate(
        model,
        some,
        [begin],
        items=items,
        horizon=days,
        n=n,
        modes=mode_of(model),
        level=level,
        n_resamples=n_resamples,
        cold_min_buyers=NEVER,
        n_given=(),
        random_state=random_state,
        verbose=verbose,
    )


def mode_of(model: Recommender) -> str:
    """What is to be foretold: what the recommender is made for."""
    if model._leaves_out_seen():
        return "new"
    return "repeat" if getattr(model, "mode", "both") == "repeat" else "all"


def begin_of_test(log: EventLog, as_of: Any, days: int) -> datetime:
    """Midnight so many days before that of `as_of`, with purchases before it."""
    day = day_of(log, as_of, OWNER)
    begin = day - timedelta(days=days)
    first = log.first_event.date()
    if begin <= first:
        raise DataError(
            f"{OWNER}: the log is too short. A test of the {days} days before {day:%Y-%m-%d} needs "
            f"purchases before them, and the first one is of {first:%Y-%m-%d}. Take a longer log "
            "or a shorter horizon."
        )
    return begin_of_day((begin - date(1970, 1, 1)).days, log)


def some_customers(log: EventLog, most: int | None, random_state: int) -> EventLog:
    """The lines of at most so many customers, drawn at random."""
    if most is None:
        return log
    check_whole(most, "max_customers", OWNER, low=1)
    used = [name for name in dict.fromkeys(log.columns.named().values()) if name != log.customer]
    table = _frames.rows_with(log.data, log.customer, used, OWNER)
    codes, ids = _frames.id_codes(table, log.customer, OWNER)
    if len(ids) <= most:
        return log
    drawn = np.argsort(ids)[np.random.default_rng(random_state).permutation(len(ids))[:most]]
    kept = np.zeros(len(ids), dtype=bool)
    kept[drawn] = True
    return replace(log, data=_frames.drop_rows(table, ~kept[codes], OWNER))
