"""Tables of pipelines without what compares customers."""

import pandas as pd


def without_rank(table):
    """The table without clv_rank, in its library."""
    if hasattr(table, "to_arrow_table"):
        return table.project("* EXCLUDE (clv_rank)")
    if hasattr(table, "drop_columns"):
        return table.drop_columns(["clv_rank"])
    if isinstance(table, pd.DataFrame):
        return table.drop("clv_rank", axis=1)
    return table.drop("clv_rank")
