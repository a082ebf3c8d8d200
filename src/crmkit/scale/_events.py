"""Events of Spark in buckets of customers: all events of a customer come together, as one log."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from crmkit import _frames
from crmkit._validation import check_whole
from crmkit.events import EventLog
from crmkit.events._event_log import check_log
from crmkit.exceptions import DataError
from crmkit.scale._spark import (
    SparkFrame,
    Table,
    bucket_of,
    check_spark,
    functions,
    named,
    picked,
)

BUCKET = "crmkit_bucket"


def check_spark_log(log: Any, owner: str, instead: str) -> None:
    """Refuse anything but an event log over a frame of Spark."""
    check_log(log, owner)
    check_spark(log.data, "the frame of the log", owner, instead)


def check_groups(groups: Any, owner: str) -> None:
    """Refuse a number of groups without meaning."""
    check_whole(groups, "groups", owner, low=1)


def log_settings(log: EventLog) -> dict[str, Any]:
    """Everything that a log says but its frame."""
    return {each.name: getattr(log, each.name) for each in fields(log) if each.name != "data"}


def used_columns(log: EventLog) -> list[str]:
    """Names of the columns of a log that models read."""
    return list(dict.fromkeys(log.columns.named().values()))


def known_events(log: EventLog, cutoff: datetime) -> SparkFrame:
    """Events of a log with a customer, before an instant on its clock: the columns in use."""
    f = functions()
    when, microseconds = named(log.when), f.timestamp_micros(f.lit(_frames.microseconds(cutoff)))
    if log.tz is None:  # a clock without a zone: compared as it reads
        when = when.cast("timestamp_ntz")
        microseconds = f.lit(cutoff.isoformat(sep=" ")).cast("timestamp_ntz")
    known = named(log.customer).isNotNull() & (when < microseconds)
    kept: SparkFrame = picked(log.data, used_columns(log)).where(known)
    return kept


def in_buckets(frame: SparkFrame, column: str, groups: int) -> SparkFrame:
    """Rows with the number of their bucket of customers."""
    if BUCKET in frame.columns:
        raise DataError(f"scale: a column is called {BUCKET!r}. Rename it first.")
    return frame.withColumn(BUCKET, bucket_of(column, groups))


def local_log(events: Table, settings: Mapping[str, Any]) -> EventLog:
    """The log of one bucket."""
    return EventLog(events.drop_columns([BUCKET]), **settings)


def anybody_bought(log: EventLog) -> bool:
    """Whether a log of known customers has a purchase: some buckets hold returns alone."""
    found = log.facts
    return found.n_rows > found.n_returns + found.n_below_min_amount
