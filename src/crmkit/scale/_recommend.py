"""Offers for customers beyond one machine: a fitted recommender serves each bucket of customers."""

from collections.abc import Mapping
from typing import Any

from sklearn.utils.validation import check_is_fitted

from crmkit import _frames
from crmkit._validation import check_whole
from crmkit.events import EventLog
from crmkit.exceptions import DataError, muted
from crmkit.recommend._given import given_log, present
from crmkit.recommend._recommender import Recommender
from crmkit.scale._carried import Carried
from crmkit.scale._events import (
    BUCKET,
    check_groups,
    in_buckets,
    known_events,
    local_log,
    log_settings,
)
from crmkit.scale._spark import (
    SparkFrame,
    SparkSchema,
    Table,
    arrow_schema,
    check_spark,
    is_spark,
    map_tables,
    map_two_groups,
    named,
    picked,
    schema_of,
    types,
)

OWNER = "recommend"
GROUPS = 200


def recommend(
    model: Recommender,
    customers: SparkFrame | None = None,
    n: int = 10,
    *,
    history: Any = None,
    exclude_seen: bool | None = None,
    allow: Any = None,
    deny: Any = None,
    stock: Any = None,
    as_of: Any = None,
    explain: bool = False,
    groups: int = GROUPS,
) -> SparkFrame:
    """Next offers beyond one machine: Spark frames of customers and events in, offers out.

    A recommender that was fitted on one machine, on some millions of customers, serves all there
    are: with `history` it scores what each customer bought, whether it knew him from the fit or
    not. It goes to every worker once, the events of a customer come together, and offers are those
    of the local `recommend`. To learn beyond one machine too, see `SparkALS`.

    Parameters
    ----------
    model : recommender
        A fitted recommender of `crmkit.recommend`.
    customers : Spark data frame or None, default=None
        Whom to serve: the ids in the column called as in the fit, else the first. None means the
        customers of `history`. Each is served once.
    n : int, default=10
        Most items a customer gets.
    history : EventLog over Spark, Spark data frame of events, or None, default=None
        What is known of the customers now, as in the local call. None: what the model knows from
        its fit.
    exclude_seen : bool or None, default=None
        Leave out what a customer already bought; None is what the model is made for.
    allow, deny : list of item ids, dict, flags or frame, default=None
        What may and may not be offered, as in the local call; frames are local ones, for they
        travel to every worker.
    stock : dict or frame of item and quantity, default=None
        Items of quantity 0 or less are not offered.
    as_of : str, date, datetime or None, default=None
        The present, as in the local call. None with a `history` reads its last event at once.
    explain : bool, default=False
        Whether to add the column `reason`.
    groups : int, default=200
        Buckets of customers that are served in one go where a `history` is given: more for a longer
        one, since the events of a bucket lie in the memory of one worker.

    Returns
    -------
    Spark data frame
        Customer id, item id, `score`, `rank` from 1, `source` and, with `explain`, `reason`. Rows
        come in no order; nothing runs before the answer is asked for. Workers do not warn: lines
        without an item, or of items that the fit did not know, are left out in silence.

    Raises
    ------
    DataError
        If the model is no recommender, or a parameter has no meaning.
    MissingExtraError
        If pyspark is not installed.

    Examples
    --------
    .. code-block:: python

        model = HybridRecommender().fit(sample)  # an EventLog of some million customers
        offers = ck.scale.recommend(model, n=5, history=all_events, as_of="2024-07-01")
    """
    if not isinstance(model, Recommender):
        raise DataError(f"{OWNER}: a recommender is needed, got {type(model).__name__}.")
    check_is_fitted(model)
    check_whole(n, "n", OWNER, low=1)
    check_groups(groups, OWNER)
    for name, rule in (("allow", allow), ("deny", deny), ("stock", stock)):
        if is_spark(rule):
            raise DataError(f"{OWNER}: {name} goes to every worker: collect it to a local frame.")
    call: dict[str, Any] = {
        "n": n, "exclude_seen": exclude_seen, "allow": allow, "deny": deny, "stock": stock,
        "as_of": as_of, "explain": explain,
    }  # fmt: skip
    if customers is not None:
        customers = _ids_of(customers, model)
    if history is None:
        if customers is None:
            raise DataError(f"{OWNER}: say whom to serve: give customers, a history, or both.")
        return _from_the_fit(model, customers, call)
    return with_histories(model, customers, spark_log(model, history), call, groups)


def with_histories(
    model: Recommender,
    customers: SparkFrame | None,
    log: EventLog,
    call: dict[str, Any],
    groups: int,
) -> SparkFrame:
    """Offers by what a log over Spark tells, a bucket of customers at a time."""
    cutoff = present(model.as_of_, model.columns_["tz"], log, call["as_of"], OWNER)
    call = call | {"as_of": cutoff}
    events = known_events(log, cutoff)
    name = model.columns_["customer"]
    if customers is None:
        customers = picked(events, [log.customer]).withColumnRenamed(log.customer, name).distinct()
        check_ids(events, log.customer, model.customers_)
    held = customers.schema[name].dataType
    events = events.withColumn(log.customer, named(log.customer).cast(held))
    check_ids(events, str(log.item), model.items_)
    schema = answer_schema(model, held, events.schema[str(log.item)].dataType, call["explain"])
    carried = Carried((model, call, log_settings(log), name), events, OWNER)
    arrow = arrow_schema(schema)

    def change(asked: Table, told: Table) -> Table:
        fitted, rules, settings, column = carried.unpacked()
        if not asked.num_rows:
            return arrow.empty_table()
        given = local_log(told, settings) if told.num_rows else None
        with muted(""):
            return answered(fitted, asked.column(column), rules | {"history": given}, arrow)

    one, other = in_buckets(customers, name, groups), in_buckets(events, log.customer, groups)
    return map_two_groups(one, other, BUCKET, change, schema)


def answered(model: Recommender, ids: Any, rules: Mapping[str, Any], arrow: Any) -> Table:
    """Offers of a recommender as an Arrow table."""
    import pyarrow as pa

    found = _frames.to_eager(model.recommend(_frames.id_values(ids, "customers", OWNER), **rules))
    columns = [_frames.column_values(found, name, OWNER) for name in arrow.names]
    arrays = [pa.array(each.tolist() if each.dtype.kind in "UO" else each) for each in columns]
    return pa.Table.from_arrays(arrays, names=arrow.names).cast(arrow)


def answer_schema(model: Recommender, customer: Any, item: Any, explain: bool) -> SparkSchema:
    """Schema of the offers, with the types that the ids have in Spark."""
    kinds = types()
    fields = {
        model.columns_["customer"]: customer,
        model.columns_["item"]: item,
        "score": kinds.DoubleType(),
        "rank": kinds.LongType(),
        "source": kinds.StringType(),
    }
    return schema_of(fields | ({"reason": kinds.StringType()} if explain else {}))


def _from_the_fit(model: Recommender, customers: SparkFrame, call: dict[str, Any]) -> SparkFrame:
    """Offers by what the model knows from its fit."""
    kinds, name = types(), model.columns_["customer"]
    item = kinds.StringType() if model.items_.dtype.kind == "U" else kinds.LongType()
    schema = answer_schema(model, customers.schema[name].dataType, item, call["explain"])
    carried = Carried((model, call, name), customers, OWNER)
    arrow = arrow_schema(schema)

    def change(asked: Table) -> Table:
        fitted, rules, column = carried.unpacked()
        return answered(fitted, asked.column(column), rules, arrow)

    return map_tables(customers, change, schema)


def _ids_of(customers: Any, model: Recommender) -> SparkFrame:
    """Distinct ids of a frame of Spark, in a column called as in the fit."""
    check_spark(customers, "customers", OWNER, "Other ids go to the model's own recommend.")
    name = model.columns_["customer"]
    column = name if name in customers.columns else customers.columns[0]
    check_ids(customers, column, model.customers_)
    return picked(customers, [column]).withColumnRenamed(column, name).distinct()


def check_ids(frame: SparkFrame, column: str, fitted: Any) -> None:
    """Refuse text where the fit knows numbers, and numbers where it knows text, at once."""
    kind = frame.schema[column].dataType.simpleString()
    if len(fitted) and (kind == "string") != (fitted.dtype.kind == "U"):
        known = "text" if fitted.dtype.kind == "U" else "whole numbers"
        raise DataError(
            f"{OWNER}: {column!r} is {kind}, but the model was fitted with {known} (first "
            f"{fitted[0].item()!r}). Convert one of them."
        )


def spark_log(model: Recommender, history: Any) -> EventLog:
    """The event log that a history is or can be read as, by the rules of the fit."""
    frame = history.data if isinstance(history, EventLog) else history
    check_spark(frame, "history", OWNER, "Others go to the model's own recommend.")
    log = given_log(history, model.columns_, OWNER)
    if log is None or log.item is None:
        raise DataError(
            f"{OWNER}: history must tell customers, items and times, in the columns of the fit "
            f"({', '.join(repr(model.columns_[part]) for part in PARTS)}) or named in an EventLog."
        )
    return log


PARTS: tuple[str, ...] = ("customer", "item", "when")
