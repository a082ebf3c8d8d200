"""What a report tells of the data: quality of the log and of the records, and who was merged."""

from dataclasses import dataclass, field
from typing import NamedTuple

from crmkit.cleaning import QualityReport


class Merged(NamedTuple):
    """Hold what became of purchases when records of one person were joined.

    Parameters
    ----------
    n_records : int
        Records that were compared.
    n_people : int
        People they were found to be.
    n_ids : int
        Ids with a purchase before they were joined.
    n_customers : int
        Customers after it.
    n_unknown : int, default=0
        Ids of the log without a record; they stay as they are.
    precision : float
        Share of the joined pairs that are right, by the matcher's own probabilities; NaN (the
        default) where it is not told.

    Examples
    --------
    >>> from crmkit.report import Merged
    >>> Merged(n_records=120, n_people=100, n_ids=110, n_customers=95).n_customers
    95
    """

    n_records: int
    n_people: int
    n_ids: int
    n_customers: int
    n_unknown: int = 0
    precision: float = float("nan")


@dataclass(frozen=True, eq=False)
class QualityContent:
    """What a report tells of the data: quality reports in, a section out.

    Parameters
    ----------
    log : QualityReport, default=None
        Of the events, from `crmkit.cleaning.quality_report`; None leaves it out.
    records : QualityReport, default=None
        Of the records of customers; None leaves it out.
    merged : Merged, default=None
        What joining the records of one person changed; None where nothing was joined.
    note : str, default=""
        Why something is not told.

    Examples
    --------
    >>> from crmkit.report import QualityContent
    >>> QualityContent(note="The records have no column in common.").log is None
    True
    """

    log: QualityReport | None = field(default=None, repr=False)
    records: QualityReport | None = field(default=None, repr=False)
    merged: Merged | None = None
    note: str = ""
