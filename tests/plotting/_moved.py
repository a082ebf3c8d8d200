"""A migration and cohorts for the tests of pictures."""

from functools import cache

import pandas as pd

import crmkit as ck
from crmkit.segment import RFMScorer, RFMSegmenter, cohort_table, migration_matrix

DATES = ["2024-02-01", "2024-03-01", "2024-04-01"]
ROWS = [
    ("a", "2024-01-05"),
    ("a", "2024-01-20"),
    ("b", "2024-01-08"),
    ("a", "2024-02-10"),
    ("c", "2024-02-20"),
    ("c", "2024-02-20"),
    ("b", "2024-03-15"),
    ("d", "2024-03-31"),
]


def log():
    when = pd.to_datetime([row[1] for row in ROWS])
    frame = pd.DataFrame({"customer_id": [row[0] for row in ROWS], "timestamp": when, "amount": 10})
    return ck.EventLog(frame)


@cache
def moved(lost_after=None, names=("loyal", "recent", "slipping", "gone")):
    """Four customers and three dates; see the tests of `migration_matrix` for the moves."""
    scorer = RFMScorer(levels=2, edges={"recency": [30], "frequency": [2], "monetary": [15.0]})
    scheme = dict(zip(("22", "21", "12", "11"), names, strict=True))
    return migration_matrix(RFMSegmenter(scheme, scorer), log(), DATES, lost_after=lost_after)


@cache
def cohorts(**options):
    return cohort_table(log(), **options)
