"""Customers of known risk, made for the tests of classifiers."""

import numpy as np
import pandas as pd
from scipy.special import expit


def made_customers(n=600, seed=0):
    """Table with words, numbers, gaps and an interaction; labels and true probabilities."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "days_since_last": rng.integers(0, 200, n),
            "contract": rng.choice(["monthly", "yearly", "two years"], n, p=[0.5, 0.3, 0.2]),
            "charges": rng.gamma(2.0, 30.0, n).round(2),
            "paperless": rng.random(n) < 0.6,
        }
    )
    odds = (
        -2.0
        + frame["days_since_last"] / 60.0
        + 1.2 * (frame["contract"] == "monthly")
        - 0.8 * (frame["contract"] == "two years")
    ).to_numpy()
    p = expit(odds)
    frame["charges"] = frame["charges"].mask(rng.random(n) < 0.1)
    return frame, (rng.random(n) < p).astype(int), p
