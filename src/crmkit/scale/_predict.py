"""Predictions for customers beyond one machine: each worker predicts for its own rows."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from crmkit import _frames
from crmkit.exceptions import DataError
from crmkit.scale._carried import Carried
from crmkit.scale._spark import (
    SparkFrame,
    SparkSchema,
    Table,
    check_spark,
    example_rows,
    map_tables,
    picked,
    schema_like,
)

OWNER = "predict"
WITH_IDS = ("breakdown",)
NAMES = {"predict": "prediction", "predict_proba": "probability", "decision_function": "decision"}


def predict(
    model: Any,
    customers: SparkFrame,
    *,
    method: str = "predict",
    customer: str | None = None,
    **arguments: Any,
) -> SparkFrame:
    """Predict for customers beyond one machine: a Spark frame of customers in, ids and answers out.

    For tables of customers that no machine can hold, or that lie in Spark anyway. The model is
    fitted on one machine: its parameters need far fewer customers than there are. It goes to every
    worker once, each row is answered where it lies, nothing runs before the answer is asked for,
    and the numbers are those of the local call. What one machine holds, some ten million
    customers, is faster without Spark.

    Parameters
    ----------
    model : estimator
        Any fitted model of customers: purchase and spend models, `CustomerLifetimeValue`,
        `ChurnClassifier`, `RFMSegmenter`, `BehaviourSegmenter`, `ValueTiers`, or one of
        scikit-learn's that was fitted on named columns.
    customers : Spark data frame
        One row a customer: the id and the columns that the model reads.
    method : str, default="predict"
        Which method answers: one that gives numbers or words row by row ("predict_proba",
        "probability_alive"), or a frame with the id ("predict_frame", "breakdown").
    customer : str or None, default=None
        Name of the id column; None takes the first column.
    **arguments : keyword arguments
        Passed to the method, such as ``horizon=52``.

    Returns
    -------
    Spark data frame
        The id, then `prediction` (of other methods: their name; of several columns:
        `probability_` and the class, or the name and a number), or the columns of the frame that
        the method gives. Rows come in no order.

    Raises
    ------
    DataError
        If `customers` is no frame of Spark, or the model has no such method.
    MissingExtraError
        If pyspark is not installed.

    Notes
    -----
    Answers that are drawn at random for a whole table, such as `predict_interval`, are drawn batch
    by batch here: they hold, but are not those of one call for all.

    Examples
    --------
    .. code-block:: python

        model = CustomerLifetimeValue().fit(ck.summarize(sample, unit="W"))
        values = ck.scale.predict(model, spark.table("customers"), customer="customer_id")
        values.write.parquet("values")
    """
    check_spark(customers, "customers", OWNER, f"Other frames go to the model's own {method}.")
    check_is_fitted(model)
    if not callable(getattr(model, method, None)):
        raise DataError(f"{OWNER}: {type(model).__name__} has no method {method!r}.")
    names = list(customers.columns)
    customer = names[0] if customer is None else customer
    if customer not in names:
        raise DataError.missing_column(OWNER, customer, names, "customer")
    read = [customer, *(name for name in names if name != customer)]
    table = picked(customers, read)
    carried = Carried((model, method, customer, arguments), table, OWNER)

    def change(rows: Table) -> Table:
        return answered(rows, *carried.unpacked())

    schema = _schema(table, model, method, customer, arguments)
    return map_tables(table, change, schema)


def answered(
    rows: Table, model: Any, method: str, customer: str, arguments: Mapping[str, Any]
) -> Table:
    """Ids and answers of an Arrow table of customers."""
    found = getattr(model, method)(_read_by(model, rows, method), **arguments)
    if _frames.is_frame(found):
        return found
    add = named_columns(np.asarray(found), method, getattr(model, "classes_", None))
    return _frames.attach(rows, keep=[customer], add=add, owner=OWNER)


def named_columns(found: Any, method: str, classes: Any) -> dict[str, Any]:
    """Answers as columns with names: one by the method, several by class or number."""
    name = NAMES.get(method, method)
    if found.ndim == 1:
        return {name: found}
    several = range(found.shape[1])
    if method == "predict_proba" and classes is not None:
        several = classes
    return {f"{name}_{each}": found[:, place] for place, each in enumerate(several)}


def _read_by(model: Any, rows: Table, method: str) -> Any:
    """What the method is given: all columns, or those of the fit where it wants no others."""
    names = getattr(model, "feature_names_in_", None)
    if names is None or method.endswith("_frame") or method in WITH_IDS:
        return rows
    for name in map(str, names):
        if name not in rows.column_names:
            raise DataError.missing_column(OWNER, name, rows.column_names)
    kept = rows.select([str(name) for name in names])
    return kept if type(model).__module__.startswith("crmkit.") else kept.to_pandas()


def _schema(
    table: SparkFrame, model: Any, method: str, customer: str, arguments: Mapping[str, Any]
) -> SparkSchema:
    """Schema of the answer: told by an example, else by a first row."""
    given = picked(table, [customer]).schema
    rows = example_rows(table.schema, {})
    try:
        found = answered(rows, model, method, customer, arguments)
    except ValueError:  # an example of all columns may be no possible customer
        found = answered(table.limit(1).toArrow(), model, method, customer, arguments)
    return schema_like(found, given)
