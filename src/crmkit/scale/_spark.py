"""Spark frames: told apart without importing Spark, mapped as Arrow tables, never as pandas.

Arrow keeps what pandas would change: whole numbers that are missing somewhere, and times of a zone.
"""

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from crmkit import _optional
from crmkit._frames._spark_frames import ticked
from crmkit.exceptions import DataError

Table = Any  # pyarrow.Table
SparkFrame = Any  # pyspark.sql.DataFrame
SparkSchema = Any  # pyspark.sql.types.StructType

ROWS_AT_ONCE = 50_000
"""Rows that a function gets in one go: Spark's batches are small, and models work on many."""
EXAMPLES: dict[str, object] = {
    "string": "a",
    "boolean": True,
    "date": date(2000, 1, 1),
    "timestamp": datetime(2000, 1, 1, tzinfo=UTC),
    "timestamp_ntz": datetime(2000, 1, 1),
}
"""A value of each type of Spark that holds no numbers, by its name."""
NUMBERS = ("tinyint", "smallint", "int", "bigint", "float", "double")


def is_spark(data: object) -> bool:
    """Tell whether `data` is a frame of Spark; nothing is imported for that."""
    return type(data).__module__.startswith("pyspark.sql.") and hasattr(data, "mapInArrow")


def check_spark(data: object, name: str, owner: str, instead: str) -> None:
    """Refuse anything but a frame of Spark, and say what serves other frames."""
    if not is_spark(data):
        kind = f"{type(data).__module__}.{type(data).__qualname__}"
        raise DataError(f"{owner}: {name} must be a Spark data frame, got {kind}. {instead}")


def require_spark(module: str, owner: str) -> Any:
    """Import a module of pyspark, or say how to install it."""
    return _optional.require(module, extra="spark", purpose=f"crmkit.scale.{owner}")


def types() -> Any:
    """The module of Spark's types."""
    return require_spark("pyspark.sql.types", "predict")


def functions() -> Any:
    """The module of Spark's functions of columns."""
    return require_spark("pyspark.sql.functions", "predict")


def named(column: str) -> Any:
    """Column of Spark by its name, in which dots mean nothing."""
    return functions().col(ticked(column))


def picked(frame: SparkFrame, columns: Iterable[str]) -> SparkFrame:
    """Columns of a frame of Spark, whatever they are called."""
    return frame.select(*map(ticked, columns))


def arrow_schema(schema: SparkSchema) -> Any:
    """Arrow's schema of a frame of Spark."""
    made: Any = require_spark("pyspark.sql.pandas.types", "predict").to_arrow_schema(
        schema, timezone="UTC"
    )
    return made


def spark_type(arrow_type: Any) -> Any:
    """Spark's type of a column of Arrow."""
    pa = _optional.require("pyarrow", extra="spark", purpose="crmkit.scale")
    if pa.types.is_large_string(arrow_type) or str(arrow_type) == "string_view":
        arrow_type = pa.string()
    if pa.types.is_timestamp(arrow_type):
        arrow_type = pa.timestamp("us", tz=None if arrow_type.tz is None else "UTC")
    return require_spark("pyspark.sql.pandas.types", "predict").from_arrow_type(arrow_type)


def schema_of(fields: Mapping[str, Any]) -> SparkSchema:
    """Schema of Spark from types by name."""
    kinds = types()
    return kinds.StructType([kinds.StructField(name, kind) for name, kind in fields.items()])


def schema_like(table: Table, given: SparkSchema) -> SparkSchema:
    """Schema of an Arrow table; columns called like given ones keep the types these have."""
    held = {field.name: field.dataType for field in given.fields}
    return schema_of(
        {field.name: held.get(field.name) or spark_type(field.type) for field in table.schema}
    )


def example_rows(schema: SparkSchema, values: Mapping[str, list[Any]], n_rows: int = 1) -> Table:
    """A small Arrow table of a schema: the given values, and an example of its type elsewhere."""
    import pyarrow as pa

    arrow = arrow_schema(schema)
    columns = [
        pa.array(values.get(field.name, [_example(held)] * n_rows), type=field.type)
        for field, held in zip(arrow, schema.fields, strict=True)
    ]
    return pa.Table.from_arrays(columns, schema=arrow)


def _example(field: Any) -> object:
    kind = field.dataType.simpleString()
    if kind.startswith("decimal"):
        return Decimal(1)
    return EXAMPLES.get(kind, 1 if kind in NUMBERS else None)


def fitted_into(table: Table, arrow: Any) -> Table:
    """An Arrow table with the columns and types of a schema."""
    return table.select(arrow.names).cast(arrow)


def map_tables(
    frame: SparkFrame, change: Callable[[Table], Table], schema: SparkSchema
) -> SparkFrame:
    """Map batches of rows, each an Arrow table; nothing runs before the answer is asked for."""
    plain, names = numbered_columns(frame)
    with no_warning_of_pandas():
        return plain.mapInArrow(_over_batches(change, arrow_schema(schema), names), schema)


def map_groups(
    frame: SparkFrame,
    key: str,
    change: Callable[[Table], Table],
    schema: SparkSchema,
) -> SparkFrame:
    """Map groups of rows of one key, each an Arrow table."""
    arrow = arrow_schema(schema)
    plain, names = numbered_columns(frame)

    def mapped(table: Table) -> Table:
        return fitted_into(change(table.rename_columns(names)), arrow)

    with no_warning_of_pandas():
        return plain.groupBy(number_of(key, names)).applyInArrow(mapped, schema)


def map_two_groups(
    one: SparkFrame,
    other: SparkFrame,
    key: str,
    change: Callable[[Table, Table], Table],
    schema: SparkSchema,
) -> SparkFrame:
    """Map the groups of two frames that have one key, each an Arrow table, perhaps empty."""
    arrow = arrow_schema(schema)
    (left, own), (right, others) = numbered_columns(one), numbered_columns(other)

    def mapped(mine: Table, theirs: Table) -> Table:
        made = change(mine.rename_columns(own), theirs.rename_columns(others))
        return fitted_into(made, arrow)

    with no_warning_of_pandas():
        both = left.groupBy(number_of(key, own)).cogroup(right.groupBy(number_of(key, others)))
        return both.applyInArrow(mapped, schema)


def numbered_columns(frame: SparkFrame) -> tuple[SparkFrame, list[str]]:
    """A frame with numbered columns, since Spark maps no others with dots; and their names."""
    names = list(frame.columns)
    return frame.toDF(*(f"c{place}" for place in range(len(names)))), names


def number_of(column: str, names: list[str]) -> str:
    """Name of a numbered column."""
    return f"c{names.index(column)}"


def _over_batches(
    change: Callable[[Table], Table], arrow: Any, names: list[str]
) -> Callable[[Iterable[Any]], Iterator[Any]]:
    def mapped(batches: Iterable[Any]) -> Iterator[Any]:
        import pyarrow as pa

        for some in gathered(batches, ROWS_AT_ONCE):
            table = pa.Table.from_batches(some).rename_columns(names)
            made = fitted_into(change(table), arrow)
            yield from made.combine_chunks().to_batches()

    return mapped


def gathered(batches: Iterable[Any], n_rows: int) -> Iterator[list[Any]]:
    """Batches in lists of at least so many rows, the last one of what is left; none is empty."""
    held: list[Any] = []
    for batch in batches:
        if batch.num_rows:
            held.append(batch)
        if sum(each.num_rows for each in held) >= n_rows:
            yield held
            held = []
    if held:
        yield held


@contextmanager
def no_warning_of_pandas() -> Iterator[None]:
    """Keep Spark from warning of pandas 3, through which nothing goes here."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas")
        yield


def bucket_of(column: str, groups: int) -> Any:
    """Column of Spark: the number of the bucket, 0 to groups - 1, that an id falls into."""
    f = functions()
    return f.pmod(f.xxhash64(named(column)), f.lit(groups)).cast("int")
