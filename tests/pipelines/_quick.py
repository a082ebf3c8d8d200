"""A recipe of churn that is fitted in a moment, and a shop whose customers leave."""

import numpy as np
import pandas as pd

from crmkit.churn import RFM, ChurnClassifier
from crmkit.pipelines import ChurnPipeline


def quick(**changes):
    """Few features and one candidate; everything else as it is by default."""
    made = {"features": [RFM()], "model": ChurnClassifier("spline_logistic", calibrate="none")}
    return ChurnPipeline(**(made | changes))


def shop(n_customers=150, days=300, seed=5):
    """Orders of customers who each buy at an own rate until an own day."""
    rng = np.random.default_rng(seed)
    rows = []
    for customer in range(n_customers):
        rate, day = rng.gamma(2.0, 0.03), rng.uniform(0, 90)
        left = min(day + rng.exponential(250.0), days)
        spend = rng.gamma(6.0, 5.0)
        while day < left:
            rows.append((f"c{customer:03d}", day, round(float(spend * rng.gamma(8.0, 0.125)), 2)))
            day += rng.exponential(1 / rate)
    frame = pd.DataFrame(rows, columns=["customer_id", "timestamp", "amount"])
    start = pd.Timestamp("2024-01-01")
    return frame.assign(timestamp=start + pd.to_timedelta(frame["timestamp"], "D").dt.floor("s"))
