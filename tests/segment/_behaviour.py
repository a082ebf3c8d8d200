"""Customers of known kinds for the tests of BehaviourSegmenter."""

import numpy as np
import pandas as pd

from crmkit.segment import BehaviourSegmenter

SIZES = (120, 90, 60, 30)


def made_kinds(seed=0, sizes=SIZES):
    """Four kinds of customers that do not overlap, and which kind each is."""
    rng = np.random.default_rng(seed)
    kind = np.repeat(np.arange(4), sizes)
    n = len(kind)
    orders = rng.poisson(np.array([2, 3, 30, 30])[kind]) + 1
    customers = pd.DataFrame(
        {
            "customer_id": [f"c{i:04d}" for i in range(n)],
            "days_since_last": rng.poisson(np.array([300, 20, 300, 20])[kind]),
            "n_orders": orders,
            "total_amount": np.round(orders * rng.gamma(8.0, 5.0, n), 2),
            "channel": np.where(
                rng.random(n) < np.array([0.9, 0.9, 0.1, 0.1])[kind], "web", "shop"
            ),
        }
    )
    return customers, kind


CUSTOMERS, KIND = made_kinds()
NUMBERS = CUSTOMERS[["days_since_last", "n_orders", "total_amount"]]


class SegmenterInNumbers(BehaviourSegmenter):
    """Predicts positions, since scikit-learn's checks of clusters compare numbers."""

    def predict(self, X):
        return self._positions(X)

    def fit_predict(self, X, y=None):
        super().fit_predict(X)
        return self.labels_
