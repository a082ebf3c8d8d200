"""Snapshots and classifiers for the tests of the churn report."""

from dataclasses import replace

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin

import crmkit as ck
from crmkit.churn import RFM, Active, NoPurchase, SnapshotBuilder
from crmkit.datasets import make_customers


def snapshots_of(n=250, cutoffs=("2024-01-01", "2024-03-01", "2024-05-01"), frame=None, **kwargs):
    """Snapshots of made customers, label 60 days."""
    events = make_customers(n, random_state=1).events if frame is None else frame
    kwargs = {"features": [RFM()], "label": NoPurchase("60D")} | kwargs
    return SnapshotBuilder(**kwargs).build(ck.EventLog(events), cutoffs)


def by_hand(columns, y, cutoffs, n_customers):
    """Snapshots of customers c0, c1, ... at each cut-off, with features and labels as given."""
    frame = pd.DataFrame(
        {
            "customer_id": [f"c{i}" for i in range(n_customers)],
            "timestamp": pd.Timestamp("2023-12-01"),
            "amount": 1.0,
        }
    )
    builder = SnapshotBuilder([RFM()], label=NoPurchase("30D"), population=Active(None))
    made = builder.build(ck.EventLog(frame), cutoffs, observed_until="2025-12-31")
    return replace(made, X=pd.DataFrame(columns), y=np.asarray(y))


class Echo(ClassifierMixin, BaseEstimator):
    """Says what stands in a column."""

    def __init__(self, column="p"):
        self.column = column

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        p = np.asarray(X[self.column], dtype=float)
        return np.column_stack([1.0 - p, p])


class Spy(Echo):
    """Remembers what it was trained on."""

    seen: list = []  # noqa: RUF012

    def fit(self, X, y, *, cutoff, label_end, groups):
        type(self).seen.append(
            {"n": len(X), "y": y, "cutoff": cutoff, "label_end": label_end, "groups": groups}
        )
        return super().fit(X, y)
