"""What was asked of `crmkit report`: the parts of the job, contradictions refused, files read."""

from pathlib import Path
from typing import Any, Literal, cast

from crmkit.cli._records import read_records
from crmkit.cli._telling import as_number
from crmkit.cli._transactions import OWNER, Columns, CsvStyle, read_transactions
from crmkit.events import EventLog
from crmkit.exceptions import DataError
from crmkit.report._churn_job import ChurnJob
from crmkit.report._offers_job import OffersJob
from crmkit.report._quality_job import RecordsJob
from crmkit.report._segment_job import ProfileJob


def churn_job(
    wanted: bool,
    horizon: str | None,
    offer_cost: float | None,
    contact_cost: float | None,
    acceptance: float | None,
) -> ChurnJob | None:
    """What to tell of churn; None where it is left away."""
    job = ChurnJob(as_number(horizon), offer_cost, contact_cost, acceptance)
    if not wanted and job != ChurnJob():
        raise DataError(
            f"{OWNER}: a horizon of churn, costs and an acceptance need the churn risk: "
            "leave --no-churn away."
        )
    return job if wanted else None


def offers_job(
    wanted: bool, mode: str, item: str | None, item_text: str | None
) -> OffersJob | None:
    """What to tell of offers; None where they are left away."""
    job = OffersJob(mode, item_text)
    if job != OffersJob() and (item is None or not wanted):
        raise DataError(
            f"{OWNER}: names of products and the mode of offers need offers: name the "
            "column of product ids with --item, and leave --no-offers away."
        )
    return job if wanted else None


def profile_job(
    wanted: bool, category: str | None, channel: str | None, promotion: str | None
) -> ProfileJob | None:
    """What the tags are read from; None where they are left away."""
    job = ProfileJob(category, channel, promotion)
    if not wanted and job != ProfileJob():
        raise DataError(
            f"{OWNER}: categories, channels and promotions are for the tags of customers: "
            "leave --no-profile away."
        )
    return job if wanted else None


def check_records_asked(records: Path | None, record_id: str | None, merge: bool) -> None:
    """Refuse what is asked of records where none are named."""
    if records is None and (merge or record_id is not None):
        raise DataError(
            f"{OWNER}: --merge and --record-id are about records of customers: name their "
            "file with --records."
        )


def records_job(
    records: Path | None, record: str, merge: bool, style: CsvStyle
) -> RecordsJob | None:
    """The records of customers, read; None where none are named."""
    if records is None:
        return None
    return RecordsJob(read_records(records, record, style), record, merge)


def log_of(
    path: Path,
    columns: Columns,
    style: CsvStyle,
    *,
    date_format: str | None,
    returns: str,
    min_amount: float | None,
    tz: str | None,
) -> EventLog:
    """The purchases of a file as an event log."""
    frame: Any = read_transactions(path, columns, date_format=date_format, style=style)
    return EventLog(
        frame,
        columns.customer,
        columns.when,
        columns.amount,
        order=columns.order,
        item=columns.item,
        quantity=columns.quantity or columns.first_factor(frame.columns),
        returns=cast(Literal["exclude", "net"], returns),
        min_amount=min_amount,
        tz=tz,
    )
