"""Two engines for tables that no machine can hold: DuckDB, which spills to disk, and Spark.

Both speak the little SQL that matching needs. What SQL cannot do, such as normal forms and the
comparison of values, is done by functions of Arrow tables, a batch of rows at a time. Queries name
tables in braces.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from crmkit import _frames, _optional
from crmkit.exceptions import DataError
from crmkit.scale._carried import Carried
from crmkit.scale._spark import (
    Table,
    arrow_schema,
    fitted_into,
    functions,
    is_spark,
    map_tables,
    schema_of,
    spark_type,
)

BATCH = 200_000  # rows that DuckDB hands to Python at once
PART_BITS = 33  # of the numbers that Spark gives to rows, those within a partition
RECORDS = "SELECT * FROM {records}"
NAMED = re.compile(r"\{(\w+)\}")
Change = Callable[[Table], Table]


class Engine(Protocol):
    """Tables by name, made by SQL or by functions of batches."""

    def read(self, columns: Sequence[str]) -> Any:
        """Read some columns of the records alone, from now on; the Arrow type of the first."""

    def carry(self, content: Any) -> Callable[[], Any]:
        """What functions of batches use: something to get it by, on every worker."""

    def table(self, name: str, query: str) -> None:
        """Make a table of a query."""

    def mapped(self, name: str, query: str, change: Change, schema: Any) -> None:
        """Make a table of batches of a query, each changed by a function to the Arrow schema."""

    def numbered(self, name: str, query: str, by: Sequence[str]) -> None:
        """Make a table of a query with `unit`: 0, 1, ... in the order of some columns."""

    def fetch(self, query: str) -> Table:
        """The rows of a query as an Arrow table."""

    def put(self, name: str, table: Table) -> None:
        """Make a table of an Arrow table."""

    def answer(self, query: str, change: Change, schema: Any) -> Any:
        """Batches of a query, changed: the answer in the caller's kind of frame."""

    def close(self) -> None:
        """Let go of everything but the answer."""


def engine_of(records: Any, settings: Mapping[str, Any] | None, owner: str) -> Engine:
    """Engine for a frame of records, with the frame as its table `records`."""
    if is_spark(records):
        if settings is not None:
            raise DataError(f"{owner}: settings are of DuckDB; those of Spark are its session's.")
        return SparkEngine(records)
    if type(records).__name__ == "DuckDBPyRelation":
        return DuckEngine(records, settings or {})
    kind = f"{type(records).__module__}.{type(records).__qualname__}"
    raise DataError(
        f"{owner}: records must be a relation of duckdb or a Spark data frame, got {kind}. Frames "
        "in memory go to Deduplicator.fit_predict."
    )


class DuckEngine:
    """DuckDB in this process, in a database of its own that spills to disk."""

    def __init__(self, records: Any, settings: Mapping[str, Any]) -> None:
        duckdb = _optional.require("duckdb", extra="duckdb", purpose="crmkit.scale.match_records")
        self._records = records
        self._connection = duckdb.connect(config=dict(settings))

    def read(self, columns: Sequence[str]) -> Any:
        """Read some columns of the records alone, from now on; the Arrow type of the first."""
        self._records = self._records.project(", ".join(map(quoted, columns)))
        return self._records.limit(0).to_arrow_table().schema.field(0).type

    def carry(self, content: Any) -> Callable[[], Any]:
        """What functions of batches use, as it is."""
        return lambda: content

    def table(self, name: str, query: str) -> None:
        """Make a table of a query."""
        self._connection.execute(f"CREATE TABLE {name} AS {_plain(query)}")

    def mapped(self, name: str, query: str, change: Change, schema: Any) -> None:
        """Make a table of batches of a query."""
        writer = self._connection.cursor()
        writer.register("crmkit_batch", schema.empty_table())
        writer.execute(f"CREATE TABLE {name} AS SELECT * FROM crmkit_batch")
        for table in self._batches(query):
            writer.register("crmkit_batch", fitted_into(change(table), schema))
            writer.execute(f"INSERT INTO {name} SELECT * FROM crmkit_batch")
        writer.close()

    def numbered(self, name: str, query: str, by: Sequence[str]) -> None:
        """Make a table of a query with the number of each row."""
        order = ", ".join(f"{column} NULLS FIRST" for column in by)
        self.table(
            name, f"SELECT *, row_number() OVER (ORDER BY {order}) - 1 AS unit FROM ({query})"
        )

    def fetch(self, query: str) -> Table:
        """The rows of a query as an Arrow table."""
        return self._connection.sql(_plain(query)).to_arrow_table()

    def put(self, name: str, table: Table) -> None:
        """Make a table of an Arrow table."""
        self._connection.register("crmkit_given", table)
        self.table(name, "SELECT * FROM crmkit_given")
        self._connection.unregister("crmkit_given")

    def answer(self, query: str, change: Change, schema: Any) -> Any:
        """The changed batches as a relation of the caller's connection."""
        import pyarrow as pa

        parts = [fitted_into(change(table), schema) for table in self._batches(query)]
        made = pa.concat_tables(parts) if parts else schema.empty_table()
        return _frames.hand_back(made, like=self._records)

    def close(self) -> None:
        """Close the database and forget its tables."""
        self._connection.close()

    def _batches(self, query: str) -> Any:
        import pyarrow as pa

        if query == RECORDS:
            reader = self._records.to_arrow_reader(BATCH)
        else:
            reader = self._connection.cursor().sql(_plain(query)).to_arrow_reader(BATCH)
        for batch in reader:
            if batch.num_rows:
                yield pa.Table.from_batches([batch])


class SparkEngine:
    """Spark: views of frames that are kept once they are worked out."""

    def __init__(self, records: Any) -> None:
        self._session = records.sparkSession
        self._records = records
        self._kept: list[tuple[str, Any]] = []
        self._prefix = f"crmkit_{id(self):x}_"

    def read(self, columns: Sequence[str]) -> Any:
        """Read some columns of the records alone, from now on; the Arrow type of the first."""
        names = [f"`{name.replace('`', '``')}`" for name in columns]
        self._records = self._records.select(*names)
        return arrow_schema(self._records.schema).field(0).type

    def carry(self, content: Any) -> Callable[[], Any]:
        """What functions of batches use, sent to the workers once."""
        return Carried(content, self._records, "match_records").unpacked

    def table(self, name: str, query: str) -> None:
        """Make a table of a query."""
        self._keep(name, self._sql(query))

    def mapped(self, name: str, query: str, change: Change, schema: Any) -> None:
        """Make a table of batches of a query."""
        self._keep(name, map_tables(self._sql(query), change, _spark_schema(schema)))

    def numbered(self, name: str, query: str, by: Sequence[str]) -> None:
        """Make a table of a query with the number of each row: its place in its part, and before.

        Spark's own numbers ascend in the order of the rows, but leave gaps between the parts.
        """
        f = functions()
        rows = self._sql(query).orderBy(*(f.col(column).asc_nulls_first() for column in by))
        rows = rows.withColumn("place", f.monotonically_increasing_id())
        rows = self._keep(f"{name}_ordered", rows)
        part = f.shiftright("place", PART_BITS).cast("int")
        sizes = rows.groupBy(part.alias("part")).count().toArrow().to_pylist()
        before, so_far = [], 0
        for each in sorted(sizes, key=lambda row: row["part"]):
            before += [f.lit(each["part"]), f.lit(so_far).cast("long")]
            so_far += each["count"]
        within = f.col("place").bitwiseAND(f.lit(2**PART_BITS - 1))
        first = f.element_at(f.create_map(*before), part) if before else f.lit(0)
        self._keep(name, rows.withColumn("unit", within + first).drop("place"))

    def fetch(self, query: str) -> Table:
        """The rows of a query as an Arrow table."""
        return self._sql(query).toArrow()

    def put(self, name: str, table: Table) -> None:
        """Make a table of an Arrow table."""
        self._keep(name, self._session.createDataFrame(table, _spark_schema(table.schema)))

    def answer(self, query: str, change: Change, schema: Any) -> Any:
        """The changed batches as a frame that is worked out and kept."""
        types = {field.name: spark_type(field.type) for field in schema}
        first = schema.names[0]
        if first in self._records.columns:
            types[first] = self._records.schema[first].dataType
        found = map_tables(self._sql(query), change, schema_of(types)).persist()
        found.count()
        return found

    def close(self) -> None:
        """Forget the views."""
        for view, frame in self._kept:
            self._session.catalog.dropTempView(view)
            frame.unpersist()

    def _keep(self, name: str, frame: Any) -> Any:
        kept = frame.persist()
        kept.createOrReplaceTempView(self._prefix + name)
        self._kept.append((self._prefix + name, kept))
        return kept

    def _sql(self, query: str) -> Any:
        if query == RECORDS:
            return self._records
        return self._session.sql(NAMED.sub(lambda found: self._prefix + found[1], query))


def quoted(name: str) -> str:
    """Name of a column as an identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'


def _plain(query: str) -> str:
    """A query with its tables named as they are."""
    return NAMED.sub(r"\1", query)


def _spark_schema(schema: Any) -> Any:
    return schema_of({field.name: spark_type(field.type) for field in schema})
