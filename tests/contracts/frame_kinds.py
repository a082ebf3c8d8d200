"""Every kind of frame that crmkit takes, made from pandas and turned back into it.

`FRAMES` are those for every table. Frames of Spark are for events and customers alone and cost a
session, so they are asked for apart: `to_spark` of `spark_session` makes them.
"""

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa

from tests.contracts.spark_session import from_spark

FRAMES = {
    "pandas": lambda frame: frame,
    "polars": pl.from_pandas,
    "polars lazy": lambda frame: pl.from_pandas(frame).lazy(),
    "pyarrow": lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
    "duckdb": lambda frame: duckdb.from_arrow(pa.Table.from_pandas(frame, preserve_index=False)),
}


def to_pandas(frame):
    """A frame of any kind as pandas; one of Spark in order of its first column."""
    if isinstance(frame, pd.DataFrame):
        return frame
    if isinstance(frame, pl.LazyFrame):
        frame = frame.collect()
    if isinstance(frame, duckdb.DuckDBPyRelation):
        frame = frame.to_arrow_table()
    if type(frame).__module__.startswith("pyspark."):
        return from_spark(frame)
    return frame.to_pandas()
