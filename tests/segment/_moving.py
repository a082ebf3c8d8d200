"""Small logs of customers who move, and segmenters of one line each."""

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator

import crmkit as ck
from crmkit.segment import RFMScorer, RFMSegmenter

NAMES = {"22": "loyal", "21": "recent", "12": "slipping", "11": "gone"}
DATES = ["2024-02-01", "2024-03-01", "2024-04-01"]
# Recent is within 30 days, often is two orders.
ROWS = [
    ("a", "2024-01-05"),
    ("a", "2024-01-20"),
    ("b", "2024-01-08"),
    ("a", "2024-02-10"),
    ("c", "2024-02-20"),
    ("c", "2024-02-20"),
    ("b", "2024-03-15"),
    ("d", "2024-03-31"),
]


def by_hand():
    """Four segments with edges set by hand; nothing is learnt from data."""
    scorer = RFMScorer(levels=2, edges={"recency": [30], "frequency": [2], "monetary": [15.0]})
    return RFMSegmenter(NAMES, scorer)


def frame_of(rows, ids=None):
    """Orders of 10 each."""
    return pd.DataFrame(
        {
            "customer_id": [r[0] if ids is None else ids[r[0]] for r in rows],
            "timestamp": pd.to_datetime([r[1] for r in rows]),
            "amount": 10.0,
        }
    )


def log_of(rows=ROWS, kind=lambda frame: frame, ids=None, **kwargs):
    return ck.EventLog(kind(frame_of(rows, ids)), **kwargs)


class OddOrEven(BaseEstimator):
    """A segmenter of logs: odd or even number of orders before the date."""

    def fit(self, log, *, as_of=None):
        self.as_of_ = str(as_of)
        self.stages_ = np.array(["odd", "even"])
        return self

    def predict_frame(self, log, as_of=None):
        customers = ck.summarize(log, as_of=as_of)
        n_orders = customers["n_orders"].to_numpy()
        stage = np.where(n_orders % 2 == 1, "odd", "even")
        made = pd.DataFrame({"customer_id": customers["customer_id"], "stage": stage})
        return made.iloc[::-1].reset_index(drop=True)  # in no order that one could rely on
