"""Shops where time matters: half the items of a group come into season; customers have habits."""

import numpy as np
import pandas as pd

from tests.recommend._seasons import GROUPS, PER_GROUP, START, log_of


def seasonal(seed=0, n=2500, n_customers=150, n_days=200, season=0.9):
    """In the last half of the days the odd items of each group sell, before that the even ones."""
    random = np.random.default_rng(seed)
    who = random.integers(0, n_customers, n)
    day = random.integers(0, n_days, n)
    late = day > n_days // 2
    odd = np.where(random.random(n) < season, late, ~late)
    item = who % GROUPS * PER_GROUP + 2 * random.integers(0, PER_GROUP // 2, n) + odd
    return pd.DataFrame(
        {
            "customer": np.char.add("c", who.astype(str)),
            "day": START + pd.to_timedelta(day, unit="D"),
            "item": np.char.add("i", np.char.zfill(item.astype(str), 2)),
            "amount": 1.0,
        }
    )


def habits(seed=0, n_customers=120, n_days=240):
    """Customers who buy the same three items over and over, and now and then anything."""
    random = np.random.default_rng(seed)
    who = np.repeat(np.arange(n_customers), 40)
    own = random.integers(0, 60, (n_customers, 3))
    item = own[who, random.integers(0, 3, len(who))]
    item = np.where(random.random(len(who)) < 0.2, random.integers(0, 60, len(who)), item)
    return pd.DataFrame(
        {
            "customer": np.char.add("c", who.astype(str)),
            "day": START + pd.to_timedelta(random.integers(0, n_days, len(who)), unit="D"),
            "item": np.char.add("i", np.char.zfill(item.astype(str), 2)),
            "amount": 1.0,
        }
    )


__all__ = ["habits", "log_of", "seasonal"]
