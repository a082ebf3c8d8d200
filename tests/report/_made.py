"""A small made-up result: six customers, three segments, a check with two baselines."""

from datetime import datetime
from types import SimpleNamespace

import numpy as np
import pandas as pd

from crmkit.metrics import value_scores
from crmkit.report import ReportContent
from crmkit.segment import segment_summary

CUSTOMERS = pd.DataFrame(
    {
        "id": ["007", "b", "c", "d", "e", "f"],
        "frequency": [9, 3, 1, 0, 0, 0],
        "n_orders": [10, 4, 2, 1, 1, 1],
        "total_amount": [1000.0, 300.0, 100.0, 50.0, 30.0, 20.0],
        "days_since_last": [3, 40, 100, 200, 300, 350],
        "segment": ["Champions", "Champions", "At Risk", "Lost", "Lost", "Lost"],
        "expected_purchases": [6.0, 2.0, 0.5, 0.25, 0.15, 0.1],
        "probability_no_purchase": [0.01, 0.2, 0.7, 0.85, 0.9, 0.95],
        "clv": [600.0, 150.0, 25.0, 12.5, 4.5, 2.0],
    }
)


class Events(SimpleNamespace):
    def to_frame(self):
        return pd.DataFrame(
            {
                "finding": ["no customer id", "returns", "exact duplicates"],
                "rows": [2, 0, 1],
                "share": [0.1, 0.0, 0.05],
                "treatment": ["dropped", "left out", "kept"],
            }
        )


EVENTS = Events(
    n_rows=20,
    n_customers=7,
    n_null_customers=2,
    n_customers_without_purchase=1,
    first_event=datetime(2024, 1, 5),
    last_event=datetime(2024, 12, 28, 15, 30),
    total_amount=1500.0,
    returns_amount=0.0,
    returns="exclude",
)


class Holdout(SimpleNamespace):
    def scores(self):
        rows = {name: value_scores(self.actual, p) for name, p in self.predictions.items()}
        return pd.DataFrame(rows).T


HOLDOUT = Holdout(
    as_of=datetime(2024, 10, 1),
    until=datetime(2025, 1, 1),
    horizon=13.0,
    unit="W",
    n_customers=5,
    calibration_frequency=np.array([8, 2, 1, 0, 0]),
    actual=np.array([2.0, 1.0, 0.0, 1.0, 0.0]),
    models={"BetaGeoModel": None},
    predictions={
        "BetaGeoModel": np.array([2.0, 0.8, 0.4, 0.2, 0.1]),
        "own rate": np.array([2.5, 0.7, 0.3, 0.0, 0.0]),
        "mean": np.full(5, 0.7),
    },
)


def content(customers=CUSTOMERS, **changes):
    made = {
        "customers": customers,
        "events": EVENTS,
        "as_of": datetime(2025, 1, 1),
        "horizon": 52.0,
        "unit": "W",
        "holdout": HOLDOUT,
        "models": {"BetaGeoModel": {"r": 0.2426, "alpha": 4.414}},
        "notes": ["No dropout seen."],
        "spend_correlation": 0.11,
        "discount_rate": 0.1,
        "title": "Report of the shop",
    }
    if "segments" not in changes:
        made["segments"] = segment_summary(customers, customers["segment"])
    return ReportContent(**(made | changes))
