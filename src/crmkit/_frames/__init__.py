"""The narrow waist: the only place that knows which frame library the caller uses.

Everything above asks for columns and hands columns back; pandas, polars (eager and lazy), pyarrow
and duckdb come in, and the same kind goes out.
"""

from crmkit._frames._native import (
    attach,
    column_names,
    column_values,
    float_columns,
    hand_back,
    is_frame,
    new_frame,
    to_eager,
)

__all__ = [
    "attach",
    "column_names",
    "column_values",
    "float_columns",
    "hand_back",
    "is_frame",
    "new_frame",
    "to_eager",
]
