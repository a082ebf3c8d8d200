"""The narrow waist: the only place that knows which frame library the caller uses.

Everything above asks for columns and hands columns back; pandas, polars (eager and lazy), pyarrow
and duckdb come in, and the same kind goes out; so do events of Spark.
"""

from crmkit._frames._arrow import from_arrow, to_arrow
from crmkit._frames._cells import change_ids, take_cells, write_columns
from crmkit._frames._coded_columns import RawColumn, coded_columns
from crmkit._frames._engines import is_spark
from crmkit._frames._event_facts import (
    EventColumns,
    EventFacts,
    check_event_frame,
    count_distinct,
    event_facts,
    microseconds,
)
from crmkit._frames._event_rows import EventRows, event_rows
from crmkit._frames._events import customers_like, engine_name, reduce_events
from crmkit._frames._filled import Gaps, fill_gaps, rows_before, stored_kinds
from crmkit._frames._fingerprint import fingerprint
from crmkit._frames._id_codes import id_codes, places_of
from crmkit._frames._id_columns import (
    check_id_type,
    drop_rows,
    id_column,
    id_frame,
    id_types,
    id_values,
    joint_ids,
    missing_values,
    named_numbers,
)
from crmkit._frames._mixed import MixedColumn, array_column, mixed_columns
from crmkit._frames._native import (
    attach,
    column_names,
    column_values,
    float_columns,
    hand_back,
    has_rows,
    held,
    is_frame,
    new_frame,
    rows_with,
    to_eager,
    with_column,
)
from crmkit._frames._period_sums import PeriodSums, adds_up, first_values, read_period_sums
from crmkit._frames._plain import PlainFrame, is_plain, once
from crmkit._frames._read_events import (
    Events,
    beside,
    beside_ids,
    local_days,
    matrix_frame,
    read_events,
    take_rows,
)
from crmkit._frames._reduce import CustomerTotals, Period, Reduction, period_numbers
from crmkit._frames._reduce_spark import Ages, somebody_bought, summarize_in_spark

__all__ = [
    "Ages",
    "CustomerTotals",
    "EventColumns",
    "EventFacts",
    "EventRows",
    "Events",
    "Gaps",
    "MixedColumn",
    "Period",
    "PeriodSums",
    "PlainFrame",
    "RawColumn",
    "Reduction",
    "adds_up",
    "array_column",
    "attach",
    "beside",
    "beside_ids",
    "change_ids",
    "check_event_frame",
    "check_id_type",
    "coded_columns",
    "column_names",
    "column_values",
    "count_distinct",
    "customers_like",
    "drop_rows",
    "engine_name",
    "event_facts",
    "event_rows",
    "fill_gaps",
    "fingerprint",
    "first_values",
    "float_columns",
    "from_arrow",
    "hand_back",
    "has_rows",
    "held",
    "id_codes",
    "id_column",
    "id_frame",
    "id_types",
    "id_values",
    "is_frame",
    "is_plain",
    "is_spark",
    "joint_ids",
    "local_days",
    "matrix_frame",
    "microseconds",
    "missing_values",
    "mixed_columns",
    "named_numbers",
    "new_frame",
    "once",
    "period_numbers",
    "places_of",
    "read_events",
    "read_period_sums",
    "reduce_events",
    "rows_before",
    "rows_with",
    "somebody_bought",
    "stored_kinds",
    "summarize_in_spark",
    "take_cells",
    "take_rows",
    "to_arrow",
    "to_eager",
    "with_column",
    "write_columns",
]
