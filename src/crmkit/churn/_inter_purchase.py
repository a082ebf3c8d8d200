"""How long customers pause between purchases, and which pause is long enough to be called churn.

Every customer has one pause that has not ended: the one since the last purchase. Left out, the
long pauses are missing more often than the short ones, and the median comes out too short; the
Kaplan-Meier curve counts them for as long as they were seen.
"""

import math
from typing import Any

from crmkit._validation import check_choice, check_share
from crmkit.churn._survival_curve import SurvivalCurve
from crmkit.events import EventLog
from crmkit.events._event_log import check_log
from crmkit.events._pauses import pauses, usual_pause
from crmkit.exceptions import DataError, DataWarning, warn_user

_UNITS = ("h", "D", "W", "M")


def inter_purchase_time(
    log: EventLog, as_of: Any = None, unit: str = "D", level: float = 0.95
) -> SurvivalCurve:
    """Distribution of the pauses between purchases: events in, a Kaplan-Meier curve out.

    Use it to see how regular the buying is and to choose the horizon of churn. Pauses count once
    each, so customers who buy often have the larger say; and pauses of one customer are alike, so
    the interval is narrower than it should be.

    Parameters
    ----------
    log : EventLog
        The purchases. Those of one period merge into one; returns are no purchases.
    as_of : str, date or datetime, default=None
        Instant at and after which events are unknown; None is midnight after the last event.
    unit : {"h", "D", "W", "M"}, default="D"
        Period of purchase and unit of the pauses.
    level : float, default=0.95
        Probability that the interval of the curve holds.

    Returns
    -------
    SurvivalCurve
        `times`, `survival`, `at_risk`, `events`, `lower`, `upper` and `quantile`; the pause since
        the last purchase of each customer counts as not ended.

    Raises
    ------
    DataError
        If `log` is no EventLog, or nothing lies before `as_of`.

    See Also
    --------
    suggest_horizon : The pause to call churn.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from crmkit.churn import inter_purchase_time
    >>> days = ["2024-01-01", "2024-01-03", "2024-01-07", "2024-01-02"]
    >>> log = ck.EventLog(pd.DataFrame(
    ...     {"customer_id": list("aaab"), "timestamp": pd.to_datetime(days), "amount": 9.0}
    ... ))
    >>> curve = inter_purchase_time(log, as_of="2024-01-10")
    >>> curve
    SurvivalCurve(4 durations, 2 (50%) not ended, median 4 D)
    >>> curve.frame()[["time", "at_risk", "events", "censored", "survival"]]
       time  at_risk  events  censored  survival
    0   2.0        4       1         1     0.750
    1   4.0        2       1         0     0.375
    2   7.0        1       0         1     0.375
    """
    owner = "inter_purchase_time"
    check_log(log, owner)
    check_choice(unit, "unit", _UNITS, owner)
    durations, ended = pauses(log, as_of, unit, owner)
    return SurvivalCurve.fit(durations, ended, level=level, unit=unit)


def suggest_horizon(log: EventLog, share: float = 0.8, as_of: Any = None) -> str:
    """Pause that is long enough to be called churn: events in, a duration such as "84D" out.

    It is the time within which `share` of those pauses end that end at all, unfinished pauses
    counted rightly, and rounded up to whole weeks, so that every window has the same weekdays. It
    is a start: the horizon that fits best is the one in which the business can act.

    Parameters
    ----------
    log : EventLog
        The purchases.
    share : float, default=0.8
        Share of the pauses that end within the horizon, among those that end in the time that the
        log tells about; a higher share calls fewer customers churned who come back.
    as_of : str, date or datetime, default=None
        Instant at and after which events are unknown; None is midnight after the last event.

    Returns
    -------
    str
        Whole weeks in days, for ``NoPurchase(suggest_horizon(log))``.

    Raises
    ------
    DataError
        If `log` is no EventLog, or nobody bought twice.

    Warns
    -----
    DataWarning
        If the horizon is longer than a third of the log, which leaves no room for a history, the
        labels of training and the labels of a test.

    See Also
    --------
    inter_purchase_time : The whole distribution.

    Notes
    -----
    With S the Kaplan-Meier curve and t* the last time at which 30 pauses or more are at risk, it
    is the least t with 1 - S(t) >= share (1 - S(t*)). Twice the median of the finished pauses,
    the usual rule, is too short, because the unfinished ones are the long ones.

    Examples
    --------
    >>> import crmkit as ck
    >>> from crmkit.churn import suggest_horizon
    >>> events = ck.datasets.make_customers(300, random_state=0).events
    >>> suggest_horizon(ck.EventLog(events))
    '35D'
    """
    owner = "suggest_horizon"
    check_log(log, owner)
    check_share(share, "share", owner)
    durations, ended = pauses(log, as_of, "D", owner)
    if not ended.any():
        raise DataError(
            f"{owner}: nobody bought on two days, so no pause has ended. Take a longer log, or "
            "state a horizon."
        )
    curve = SurvivalCurve.fit(durations, ended)
    weeks = max(1, math.ceil(usual_pause(curve, share) / 7.0))
    span = (log.cutoff(as_of, owner) - log.first_event).days
    if 21 * weeks > span:
        warn_user(
            f"{owner}: a horizon of {7 * weeks} days is more than a third of the {span:,} days of "
            "the log. There is little room for a history, labels to train on and labels to test "
            "on: take a longer log or a smaller share.",
            DataWarning,
        )
    return f"{7 * weeks}D"
