"""migration_matrix: how customers move between segments under rules that stay as they are.

A segmenter that were fitted anew at each date would move its edges instead of the customers: its
quintiles hold a fifth at every date, whatever happens. So it is fitted once, at the first date.
"""

from collections.abc import Sequence
from typing import Any

from crmkit.events import EventLog
from crmkit.exceptions import DataError
from crmkit.segment._migration import Migration
from crmkit.segment._segments_at import read_segments_at

OWNER = "migration_matrix"


def migration_matrix(
    segmenter: Any,
    log: EventLog,
    dates: Sequence[Any],
    *,
    lost_after: str | float | None = None,
) -> Migration:
    """Count who moved from which segment to which: a segmenter, a log and dates in, a table out.

    Use it to see which segments grow, where they grow from, and who slips. The edges are frozen:
    a segmenter that is not fitted is cloned and fitted to the customers of the first date, a
    fitted one is used as it is, and never again is anything learnt. The log is read once.

    Parameters
    ----------
    segmenter : estimator
        A segmenter of customers, such as `RFMSegmenter`, that reads columns of `summarize` (in
        days, without the instants `first_purchase` and `last_purchase`), or one of logs, with
        ``fit(log, as_of=)`` and ``predict_frame(log, as_of=)``. It is not changed.
    log : EventLog
        The events.
    dates : sequence of str, date or datetime
        At least two cut-offs, ascending and exclusive, each the beginning of a day. A forecast
        needs equal distances, such as the first of each month.
    lost_after : str, float or None, default=None
        Who has not bought for longer than this before a date, such as "365D" or a number of days,
        is "(lost)" instead of in a segment; who buys again is back. None: nobody is lost by rule,
        the silent stay in the segment that the segmenter gives them.

    Returns
    -------
    Migration
        Counts and shares, for each pair of neighbouring dates and for all together.

    Raises
    ------
    DataError
        If dates are fewer than two, do not ascend or are not the beginning of a day, nobody bought
        before one, or the segmenter is none.

    Warns
    -----
    DataWarning
        If a date lies further behind the end of the log than the log was ever silent.

    See Also
    --------
    cohort_table : Follows those who came together instead.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from crmkit.segment import RFMScorer, RFMSegmenter, migration_matrix
    >>> days = ["2024-01-05", "2024-01-20", "2024-02-10", "2024-01-08", "2024-02-29"]
    >>> frame = pd.DataFrame({"customer_id": list("aaabc"), "timestamp": pd.to_datetime(days),
    ...                       "amount": 10.0})
    >>> scorer = RFMScorer(levels=2, edges={"recency": [30], "frequency": [2], "monetary": [15]})
    >>> names = {"22": "loyal", "21": "recent", "12": "slipping", "11": "gone"}
    >>> moves = migration_matrix(RFMSegmenter(names, scorer), ck.EventLog(frame),
    ...                          ["2024-02-01", "2024-03-01"])
    >>> moves.matrix(0, shares=False)
    to      loyal  recent  slipping  gone
    from
    (new)       0       1         0     0
    loyal       1       0         0     0
    recent      0       0         0     1
    slipping    0       0         0     0
    gone        0       0         0     0
    """
    read = read_segments_at(segmenter, log, dates, lost_after, OWNER)
    if len(read.dates) < 2:
        raise DataError(f"{OWNER}: dates must hold at least two dates, got {len(read.dates)}.")
    return Migration(**vars(read))
