"""A shop whose customers have tastes: the group of a customer tells which items he buys."""

import numpy as np
import pandas as pd

from crmkit import EventLog

START = pd.Timestamp("2024-01-01")
GROUPS, PER_GROUP = 4, 15


def purchases(seed=0, n=4000, n_customers=160, n_days=240):
    """Lines of customers, nine in ten of them of the customer's own group of items."""
    random = np.random.default_rng(seed)
    who = random.integers(0, n_customers, n)
    group = np.where(random.random(n) < 0.9, who % GROUPS, random.integers(0, GROUPS, n))
    item = group * PER_GROUP + random.integers(0, PER_GROUP, n)
    day = START + pd.to_timedelta(random.integers(0, n_days, n), unit="D")
    frame = pd.DataFrame(
        {
            "customer": "c" + pd.Series(who).astype(str),
            "day": day,
            "item": "i" + pd.Series(item).astype(str).str.zfill(2),
            "amount": np.round(random.gamma(2.0, 10.0, n), 2),
        }
    )
    return frame.sort_values("day", kind="stable", ignore_index=True)


def items():
    """One row an item, with its group as a category."""
    number = np.arange(GROUPS * PER_GROUP)
    return pd.DataFrame(
        {"item": [f"i{i:02d}" for i in number], "group": [f"g{i // PER_GROUP}" for i in number]}
    )


def log_of(frame, **more):
    return EventLog(frame, customer="customer", when="day", amount="amount", item="item", **more)
