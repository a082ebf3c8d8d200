"""One local Spark session for all tests that need one, and frames of pandas as frames of Spark."""

from functools import cache
from importlib.util import find_spec

import pyarrow as pa

from crmkit.exceptions import DataError
from crmkit.scale import local_session
from crmkit.scale._java import usable_java

SESSION_ZONE = "America/New_York"  # no test's own zone: nothing may depend on it


@cache
def why_not():
    """Reason why there is no Spark here, None where there is."""
    if find_spec("pyspark") is None:
        return 'pyspark is not installed: pip install "crmkit[spark]"'
    try:
        usable_java("Spark")
    except DataError as error:
        return str(error)
    return None


@cache
def local_spark():
    """The session: two threads, two partitions, little memory, a zone that is nobody's."""
    settings = {"spark.sql.session.timeZone": SESSION_ZONE, "spark.sql.shuffle.partitions": "2"}
    session = local_session(2, "1g", settings=settings)
    session.sparkContext.setLogLevel("OFF")
    return session


def to_spark(frame):
    """A frame of pandas in Spark: naive times stay clocks on the wall."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    return local_spark().createDataFrame(plain(table), ", ".join(map(spark_field, table.schema)))


def plain(table):
    """The table without dictionaries, which Spark does not know."""
    fields = [
        field.with_type(field.type.value_type) if pa.types.is_dictionary(field.type) else field
        for field in table.schema
    ]
    return table.cast(pa.schema(fields)).replace_schema_metadata(None)


def spark_field(field):
    """Name and type of a column of Spark, where naive times are `timestamp_ntz`."""
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    types = {pa.int64(): "bigint", pa.int32(): "int", pa.int16(): "smallint", pa.int8(): "tinyint"}
    types |= {pa.float64(): "double", pa.float32(): "float", pa.bool_(): "boolean"}
    types |= {pa.string(): "string", pa.large_string(): "string", pa.date32(): "date"}
    if pa.types.is_timestamp(kind):
        name = "timestamp_ntz" if kind.tz is None else "timestamp"
    elif pa.types.is_decimal(kind):
        name = f"decimal({kind.precision},{kind.scale})"
    else:
        name = types[kind]
    return f"`{field.name.replace('`', '``')}` {name}"


def from_spark(frame):
    """A frame of Spark as pandas, in order of its first column: its rows have none."""
    table = frame.toArrow()
    found = table.to_pandas()
    return found.sort_values(table.column_names[0], kind="stable", ignore_index=True)
