"""The part of the whole job that is about the data: their quality, and records of one person."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from crmkit import _frames
from crmkit.cleaning import Deduplicator, GoldenRecord, quality_report
from crmkit.events import EventLog
from crmkit.exceptions import DataError
from crmkit.report._numbers import plural
from crmkit.report._quality_content import Merged, QualityContent

OWNER = "crmkit report"


@dataclass(frozen=True, eq=False)
class RecordsJob:
    """Records of customers, the column of their ids, and whether those of one person are joined."""

    records: Any = field(repr=False)
    record: str
    merge: bool = False


def joined(
    log: EventLog, job: RecordsJob | None, say: Callable[[str], None]
) -> tuple[EventLog, Merged | None]:
    """The log by people where that was asked for, and what that changed."""
    if job is None:
        return log, None
    check_ids(log, job)
    if not job.merge:
        return log, None
    matcher = Deduplicator(record=job.record).fit(job.records)
    golden = GoldenRecord(record=job.record)
    people = golden.fit_transform(matcher.annotate(job.records))
    before = ids_of(log)
    log = golden.rekey(log)
    known = np.isin(before.astype(str), record_ids(job).astype(str))
    made = Merged(
        n_records=len(job.records),
        n_people=len(people),
        n_ids=len(before),
        n_customers=len(ids_of(log)),
        n_unknown=int((~known).sum()),
        precision=float(matcher.estimated_precision_),
    )
    say(f"joined {plural(made.n_records, 'record')} into {made.n_people:,} people")
    return log, made


def check_ids(log: EventLog, job: RecordsJob) -> None:
    """Refuse records that know none of the ids in the log."""
    names = _frames.column_names(job.records, OWNER)
    if job.record not in names:
        raise DataError.missing_column(OWNER, job.record, names, "--record-id")
    theirs, ours = record_ids(job), ids_of(log)
    if not np.isin(ours.astype(str), theirs.astype(str)).any():
        raise DataError(
            f"{OWNER}: no id in {log.customer!r} of the purchases is in {job.record!r} of the "
            f"records (purchases: {str(ours[0])!r}, records: {str(theirs[0])!r}). Name the column "
            "of the records that holds the ids of the purchases with --record-id."
        )


def record_ids(job: RecordsJob) -> Any:
    """Ids of the records."""
    ids = job.records[job.record].dropna()
    if not len(ids):
        raise DataError(f"{OWNER}: column {job.record!r} of the records holds no ids.")
    return ids.to_numpy()


def ids_of(log: EventLog) -> Any:
    """Distinct ids in the log."""
    return log.data[log.customer].dropna().unique()


def quality_content(
    log: EventLog,
    records: RecordsJob | None,
    merged: Merged | None,
    asked: bool,
    say: Callable[[str], None],
) -> QualityContent | None:
    """What the report tells of the data; None where it was not asked for."""
    if not asked and records is None:
        return None
    told, note = {}, ""
    try:
        if asked:
            told["log"] = quality_report(log)
        if records is not None:
            told["records"] = quality_report(records.records, record=records.record)
    except DataError as error:
        note = f"The quality of the data cannot be told. {error}"
    say("looked at the quality of the data" if not note else "the quality cannot be told")
    return QualityContent(**told, merged=merged, note=note)
