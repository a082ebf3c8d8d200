"""A small made-up movement of ten customers over three dates, and a shop whose customers move."""

from datetime import datetime, timedelta
from functools import cache

import numpy as np
import pandas as pd

from crmkit import EventLog
from crmkit.report import MovementContent
from crmkit.segment import LifecycleStager, Migration
from tests.pipelines._quick import shop

STAGES = ("loyal", "growing", "reactivated", "new", "at risk", "dormant", "lost")
DAY = "2024-10-20"
CODES = [
    *[[1, 1, 1]] * 2,  # loyal
    [1, 1, 5],  # loyal, then at risk
    *[[4, 4, 2]] * 3,  # new, then growing
    [6, 6, 7],  # dormant, then lost
    [6, 7, 3],  # lost, then reactivated
    *[[0, 0, 4]] * 2,  # new customers
]


def moves(codes=CODES, days=91, stages=STAGES):
    """Who was in which stage at dates that lie some days apart."""
    table = np.array(codes, dtype=np.int16)
    n = table.shape[1]
    dates = tuple(datetime(2024, 12, 31) - timedelta(days=days * i) for i in reversed(range(n)))
    told = {"library": "pandas", "types": {}}
    return Migration(dates, stages, table, np.arange(len(table)), "id", told, None, None)


def movement(made=None, **changes):
    """Content of the section on movement."""
    made = moves() if made is None else made
    more = {"forecast": made.forecast(1), "cohorts_note": "the log is too short"}
    return MovementContent(**({"moves": made} | more | changes))


@cache
def stager():
    """The stages of the shop."""
    return LifecycleStager().fit(EventLog(shop()), as_of=DAY)


def log_of_days(n, first="2024-01-01", customers=30):
    """A log of some days in which customers buy every third day."""
    frame = pd.DataFrame(
        [
            (f"c{c:02d}", pd.Timestamp(first) + pd.Timedelta(days=d), 5.0 + c)
            for c in range(customers)
            for d in range(n)
            if (d + c) % 3 == 0
        ],
        columns=["customer_id", "timestamp", "amount"],
    )
    return EventLog(frame)
