"""How dirty a list is: counts with their denominators, findings, and what changed since.

Five dimensions are measured, as in Batini and Scannapieco (2016), "Data and Information Quality",
Springer: completeness, validity (their syntactic accuracy), uniqueness, consistency, timeliness.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from crmkit.cleaning._quality._inspect import How
from crmkit.cleaning._quality._report import QualityReport, report_of

__all__ = ["QualityReport", "quality_report"]


def quality_report(
    data: Any,
    *,
    kinds: Mapping[str, str] | None = None,
    record: str | None = None,
    when: str | None = None,
    as_of: Any = None,
    rules: Mapping[str, Any] | None = None,
    earlier: Any = None,
    date_order: str | None = None,
    placeholders: Iterable[str] = (),
    decimal: str = ".",
    duplicates: bool = True,
    sample: int = 20_000,
    random_state: int = 0,
) -> QualityReport:
    """Tell how dirty a list is: records or events in, a report out.

    Use it before anything is learnt from a new list, and every night on a known one. Values are
    judged by what their column holds, told by name and content or by `kinds`. Rows that are equal
    are faults only where something tells rows apart (a name, an address, an id; an order or a time
    of day in a log); of classes alone, such as age in bands, they are a note. It changes nothing:
    `RecordNormalizer`, `Deduplicator`, `WrongValueDetector` and `MissingValueImputer` do.

    Parameters
    ----------
    data : frame or EventLog
        One row a record, of pandas, polars, pyarrow or duckdb; or purchase events. An EventLog is
        inspected even where models would refuse it. Every value is read in memory: a frame of Spark
        is refused, so fetch it, or a part of its customers, by ``frame.toArrow()``.
    kinds : dict of str to str, default=None
        What columns hold, by name, as in `RecordNormalizer`. Columns that are not named, or all,
        are told by their names and contents.
    record : str, default=None
        Column of record ids, which should not repeat. Not for logs.
    when : str, default=None
        Column of dates that tell the age of a record, such as its last change; that of a log is
        known. None measures no timeliness.
    as_of : str, date or datetime, default=None
        Day from which on nothing is known; ages count from it. None is the day after the newest
        date of `when`, never today; of few dates (one, or one in a hundred) that are after all
        others by more than five years and the span of these, such as 2099, it is not taken, and
        they count as dates ahead of it.
    rules : dict of str to rule, default=None
        What values of a column may be: a pair such as (0, 120), ends included and None for no end;
        a list or set of the allowed ones; or a regular expression that matches them whole.
    earlier : dict, QualityReport or frame, default=None
        An earlier state for `QualityReport.compare`: best what `QualityReport.snapshot` gave.
    date_order : {"DMY", "MDY"}, default=None
        Order of dates with the year last. None finds it from dates with one reading.
    placeholders : iterable of str, default=()
        Further values that mean "missing", in any case.
    decimal : {".", ","}, default="."
        Mark before the decimals of numbers that are text.
    duplicates : bool, default=True
        Whether to estimate pairs of one person by a quick run of `Deduplicator`; left out, with a
        word, where fewer than two columns tell people apart, and for logs.
    sample : int, default=20000
        Most rows that are compared for it, at least 2; the number of pairs is scaled from them,
        with its interval.
    random_state : int, default=0
        Seed of the sample.

    Returns
    -------
    QualityReport
        With `scores`, `to_frame`, `issues`, `rows`, `compare`, `snapshot` and `to_html`.

    Raises
    ------
    DataError
        If a parameter or a column name is wrong.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmkit.cleaning import quality_report
    >>> customers = pd.DataFrame({
    ...     "id": [1, 2, 3, 3],
    ...     "email": ["ann@post.example", "bob@post", "N/A", None],
    ...     "city": ["Leeds", "York", "leeds", "Leeds"],
    ... })
    >>> report = quality_report(customers, record="id", duplicates=False)
    >>> report.issues()[["severity", "column", "check", "n", "of", "example"]]
      severity column        check  n  of   example
    0     high  email   unreadable  1   2  bob@post
    1     high     id  repeated id  1   4         3
    2   medium  email  placeholder  1   3       N/A
    3      low  email      missing  1   4
    4      low   city         case  1   4     leeds
    5      low   city    spellings  1   4     leeds
    >>> report.scores()[["dimension", "score", "n_good", "of"]].round(2).head(4)
          dimension  score  n_good  of
    0  completeness   0.83      10  12
    1      validity   0.90       9  10
    2    uniqueness   0.75       3   4
    3   consistency   0.90       9  10
    """
    how = How(
        dict(kinds or {}), record, when, as_of, dict(rules or {}), date_order,
        tuple(placeholders) if not isinstance(placeholders, str) else placeholders,
        decimal, duplicates, sample, random_state,
    )  # fmt: skip
    return report_of(data, how, earlier)
