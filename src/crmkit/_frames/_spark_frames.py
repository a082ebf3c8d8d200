"""Tables that were fetched from Spark, or made of what was fetched, as frames of Spark again.

They travel as arrow, never through pandas, whose newest versions Spark does not yet know.
"""

from collections.abc import Mapping
from typing import Any

PLAIN = {
    "bool": "boolean",
    "int8": "tinyint",
    "int16": "smallint",
    "int32": "int",
    "int64": "bigint",
    "uint8": "smallint",
    "uint16": "int",
    "uint32": "bigint",
    "uint64": "decimal(20,0)",
    "float": "float",
    "double": "double",
    "date32[day]": "date",
}
"""Types of Spark for types of arrow; whatever is not here and no time is text."""


def spark_frame(table: Any, session: Any, types: Mapping[str, str]) -> Any:
    """Frame of Spark from an arrow table; `types` names those of columns of the caller's.

    Times without a zone stay clocks on the wall, whatever the session takes them for.
    """
    import pyarrow as pa

    fields, names = [], []
    for field in table.schema:
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        name = PLAIN.get(str(kind), "string")
        if pa.types.is_timestamp(kind):
            name = "timestamp_ntz" if kind.tz is None else "timestamp"
            kind = pa.timestamp("us", kind.tz)
        elif pa.types.is_decimal(kind):
            name = f"decimal({kind.precision},{kind.scale})"
        fields.append(field.with_type(kind))
        names.append(f"{ticked(field.name)} {name}")
    plain = table.cast(pa.schema(fields)).replace_schema_metadata(None)
    frame = session.createDataFrame(plain, ", ".join(names))
    if not types:
        return frame
    casts = [
        f"CAST({ticked(name)} AS {types[name]}) AS {ticked(name)}"
        if name in types
        else ticked(name)
        for name in table.column_names
    ]
    return frame.selectExpr(*casts)


def column_types(frame: Any) -> dict[str, str]:
    """Names of the types of the columns of a frame of Spark."""
    return dict(frame.dtypes)


def active_session() -> Any:
    """The session of Spark that this thread works in; one is made where there is none."""
    from pyspark.sql import SparkSession

    return SparkSession.getActiveSession() or SparkSession.builder.getOrCreate()


def ticked(name: str) -> str:
    """Name of a column as an identifier of Spark SQL."""
    return "`" + name.replace("`", "``") + "`"
