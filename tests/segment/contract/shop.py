"""A small shop: customers, orders of several lines, returns, and events after the cut-off."""

import numpy as np
import pandas as pd

from crmkit import EventLog

FIT_AT, AS_OF = "2024-04-01", "2024-05-01"
N_CUSTOMERS = 60


def lines(seed=5, n=900):
    """Purchases of customers of very different rates, half of whom leave, and a late tail."""
    rng = np.random.default_rng(seed)
    share = rng.gamma(0.7, 1.0, N_CUSTOMERS)
    customer = rng.choice(N_CUSTOMERS, n, p=share / share.sum())
    leaves = np.where(rng.random(N_CUSTOMERS) < 0.5, rng.uniform(5, 150, N_CUSTOMERS), 180.0)
    seconds = (rng.random(n) * leaves[customer] * 86_400).astype("m8[s]")
    amount = np.round(rng.gamma(2.0, 15.0, n), 2)
    quantity = rng.integers(1, 6, n)
    back = rng.random(n) < 0.05
    return pd.DataFrame(
        {
            "who": np.char.add("c", (100 + customer).astype(str)),
            "when": np.datetime64("2024-01-01T00:00", "us") + seconds,
            "amount": np.where(back, -amount, amount),
            "quantity": np.where(back, -quantity, quantity),
            "order": rng.integers(0, n // 2, n),
            "channel": np.asarray(["web", "shop"])[customer % 2],
        }
    )


def log_of(frame, **kwargs):
    given = {"customer": "who", "when": "when", "amount": "amount", "order": "order"}
    return EventLog(frame, **{**given, "quantity": "quantity", **kwargs})
