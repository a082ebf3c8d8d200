"""A small shop for profiles: categories, channels, promotions, times of day, over 500 days."""

import numpy as np
import pandas as pd

import crmkit as ck

KINDS = np.array(["tea", "coffee", "cake", "soap", None], dtype=object)
CHANNELS = np.array(["web", "shop", "phone"])
BEGIN = pd.Timestamp("2023-01-01")


def shop(seed=0, n=1500, n_customers=40, days=500):
    """Lines of customers with tastes of their own, of whom some begin late and some leave."""
    rng = np.random.default_rng(seed)
    customer = rng.choice(n_customers, n, p=rng.dirichlet(np.full(n_customers, 0.8)))
    begin = rng.integers(0, days // 2, n_customers)
    life = rng.integers(20, days, n_customers)
    day = np.minimum(begin[customer] + (life[customer] * rng.random(n)).astype(int), days - 1)
    tastes = rng.dirichlet(np.full(len(KINDS), 0.7), n_customers)
    kind = [rng.choice(len(KINDS), p=tastes[i]) for i in customer]
    amount = np.round(rng.gamma(2.0, 12.0, n), 2)
    returned = rng.random(n) < 0.05
    hour = np.clip(rng.normal(9 + 8 * rng.random(n_customers)[customer], 2.0), 0, 23).astype(int)
    return pd.DataFrame(
        {
            "who": np.char.add("c", (100 + customer).astype(str)),
            "when": BEGIN + pd.to_timedelta(day, "D") + pd.to_timedelta(hour, "h"),
            "amount": np.where(returned, -amount, amount),
            "kind": KINDS[kind],
            "channel": CHANNELS[rng.integers(0, 3, n_customers)[customer]],
            "promo": rng.random(n) < rng.beta(1.0, 2.0, n_customers)[customer],
        }
    )


def log_of(frame, **kwargs):
    return ck.EventLog(frame, customer="who", when="when", amount="amount", **kwargs)


def before(frame, day):
    return frame[frame["when"] < pd.Timestamp(day)]


def between(frame, begin, end):
    when = frame["when"]
    return frame[(when >= pd.Timestamp(begin)) & (when < pd.Timestamp(end))]
