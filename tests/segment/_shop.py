"""Customers for the tests of segments, and the models on any data that scikit-learn sends."""

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

from crmkit.segment import RFMScorer, RFMSegmenter

CUSTOMERS = pd.DataFrame(
    {
        "customer_id": list("abcdefghij"),
        "days_since_last": [300, 200, 90, 60, 20, 5, 1, 1, 45, 410],
        "n_orders": [1, 1, 1, 2, 5, 5, 8, 1, 3, 1],
        "total_amount": [10.0, 20.0, 15.0, 70.0, 90.0, 150.0, 800.0, 15.0, 44.5, 9.99],
    }
)
NUMBERS = CUSTOMERS.drop(columns="customer_id")

FRAMES = {
    "pandas": lambda frame: frame,
    "polars": pl.from_pandas,
    "lazy": lambda frame: pl.from_pandas(frame).lazy(),
    "pyarrow": lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
    "duckdb": lambda frame: duckdb.connect().from_arrow(pa.Table.from_pandas(frame)),
}


def as_dict(frame):
    """Columns of any kind of frame as lists."""
    if isinstance(frame, pl.LazyFrame):
        frame = frame.collect()
    if isinstance(frame, duckdb.DuckDBPyRelation):
        frame = frame.to_arrow_table()
    if isinstance(frame, pa.Table):
        return frame.to_pydict()
    if isinstance(frame, pl.DataFrame):
        return frame.to_dict(as_series=False)
    return {name: frame[name].tolist() for name in frame.columns}


def three_of_any(x):
    """Columns 0, 1 and 2 of any number of columns, going round."""
    return x[:, np.arange(3) % x.shape[1]]


class ScorerOnAnyData(RFMScorer):
    def _columns(self, X):
        return X

    def _domain(self, x):
        return three_of_any(x)


class SegmenterOnAnyData(RFMSegmenter):
    """Predicts positions, since the checks compare numbers."""

    def _columns(self, X):
        return X

    def _domain(self, x):
        return three_of_any(x)

    def _scorer(self):
        return ScorerOnAnyData()

    def predict(self, X):
        names = super().predict(X)
        return np.array([self.segments_.tolist().index(name) for name in names])
