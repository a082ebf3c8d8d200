"""Whole customers from events beyond one machine: each bucket of customers goes the local way."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from crmkit import _frames
from crmkit.events import EventLog
from crmkit.exceptions import DataError, muted
from crmkit.scale._carried import Carried
from crmkit.scale._events import (
    BUCKET,
    anybody_bought,
    check_groups,
    check_spark_log,
    in_buckets,
    known_events,
    local_log,
    log_settings,
    used_columns,
)
from crmkit.scale._recommend import GROUPS
from crmkit.scale._spark import (
    SparkFrame,
    SparkSchema,
    Table,
    arrow_schema,
    example_rows,
    functions,
    map_groups,
    picked,
    require_spark,
    schema_like,
)

OWNER = "transform"
RANK, VALUE = "clv_rank", "clv"


def transform(
    model: Any,
    log: EventLog,
    *,
    as_of: Any = None,
    method: str = "transform",
    groups: int = GROUPS,
    rank: bool = True,
    **arguments: Any,
) -> SparkFrame:
    """Describe customers beyond one machine: an event log over Spark in, one row a customer out.

    For a `CustomerValuePipeline` that was fitted on a sample of customers and is to describe all of
    them. All events of a customer come together on one worker, which goes the local way with them:
    segment, stage, value, risk and offer are those that the local call gives. Where the log fits
    into memory, ``model.transform(log)`` is faster.

    Parameters
    ----------
    model : CustomerValuePipeline or other estimator of events
        Fitted; its method takes an event log and `as_of`, and what it says of a customer must
        depend on his own events alone.
    log : EventLog over a Spark data frame
        The events, under the names that the log of the fit had.
    as_of : str, date, datetime or None, default=None
        Exclusive cut-off; None is midnight after the last event, which is looked for at once.
    method : str, default="transform"
        Which method of the model: also "predict_frame" of a `LifecycleStager`, or "recommend".
    groups : int, default=200
        Buckets of customers; the events of one lie in the memory of one worker. A bucket costs some
        tenths of a second beside its customers: some ten thousand customers in each are good.
    rank : bool, default=True
        Whether to rank all customers by `clv` anew where the answer has a `clv_rank`: this sorts
        them all in one place. False leaves the column away.
    **arguments : keyword arguments
        Passed to the method.

    Returns
    -------
    Spark data frame
        What the method gives, for the customers of all buckets. Rows come in no order; nothing
        else runs before the answer is asked for. Workers do not warn.

    Raises
    ------
    DataError
        If the log is not over Spark, or the model has no such method.
    MissingExtraError
        If pyspark is not installed.

    Examples
    --------
    .. code-block:: python

        pipeline = CustomerValuePipeline(unit="W").fit(sample, as_of="2024-07-01")
        log = ck.EventLog(spark.table("events"), customer="who", when="day", amount="paid")
        ck.scale.transform(pipeline, log, as_of="2024-07-01", groups=2000).write.parquet("values")
    """
    check_is_fitted(model)
    check_spark_log(log, OWNER, f"Logs of other frames go to the model's own {method}.")
    check_groups(groups, OWNER)
    if not callable(getattr(model, method, None)):
        raise DataError(f"{OWNER}: {type(model).__name__} has no method {method!r}.")
    cutoff = log.cutoff(as_of, OWNER)
    arguments = arguments | {"as_of": cutoff}
    events = in_buckets(known_events(log, cutoff), log.customer, groups)
    schema = _schema(model, log, method, cutoff, arguments)
    carried = Carried((model, method, log_settings(log), arguments), events, OWNER)
    arrow = arrow_schema(schema)

    def change(table: Table) -> Table:
        fitted, called, settings, given = carried.unpacked()
        own = local_log(table, settings)
        with muted(""):
            if not anybody_bought(own):
                return arrow.empty_table()
            return getattr(fitted, called)(own, **given)

    found = map_groups(events, BUCKET, change, schema)
    return ranked_anew(found, rank) if RANK in found.columns else found


def ranked_anew(found: SparkFrame, rank: bool) -> SparkFrame:
    """Customers with their rank by value among all: 1 is the most valuable, equals share."""
    if not rank:
        return found.drop(RANK)
    f, window = functions(), require_spark("pyspark.sql.window", OWNER).Window
    place = f.rank().over(window.orderBy(f.col(VALUE).desc())).cast("long")
    return found.withColumn(RANK, place)


def _schema(
    model: Any, log: EventLog, method: str, cutoff: datetime, arguments: dict[str, Any]
) -> SparkSchema:
    """Schema of the answer, told by an example: a customer who bought thrice."""
    given = picked(log.data, used_columns(log)).schema
    naive = cutoff.replace(tzinfo=None)
    days: list[Any] = [cutoff - timedelta(days=age) for age in (200, 100, 50)]
    if given[log.when].dataType.simpleString() == "date":
        days = [(naive - timedelta(days=age)).date() for age in (200, 100, 50)]
    values: dict[str, list[Any]] = {log.when: days}
    items = getattr(getattr(model, "recommender_", None), "items_", np.empty(0))
    if log.item is not None and len(items):
        values[log.item] = [items[0].item()] * len(days)
    settings = log_settings(log) | {"min_amount": None}  # an example's amounts are small
    example = EventLog(example_rows(given, values, len(days)), **settings)
    found = _frames.to_eager(getattr(model, method)(example, **arguments))
    return schema_like(found, given)
