"""A made-up shop where purchase models are wrong: half of the customers buy every other week."""

import numpy as np
import pandas as pd

import crmkit as ck

START = np.datetime64("2023-01-02T12:00", "s")


def regular_shop(n=300, days=160, seed=0):
    """Events: regulars with a gap of about 14 days who may stop, and buyers at random."""
    random = np.random.default_rng(seed)
    regular = random.random(n) < 0.5
    start = random.uniform(0, 40, n)
    end = np.where(random.random(n) < 0.4, random.uniform(40, days, n), days)
    mean = np.where(regular, 14.0, random.gamma(2.0, 15.0, n))
    gaps = mean[:, None] * np.where(
        regular[:, None], random.normal(1.0, 0.08, (n, 60)), random.exponential(1.0, (n, 60))
    )
    at = np.column_stack([start, start[:, None] + np.cumsum(np.maximum(gaps, 1.0), axis=1)])
    customer, column = np.nonzero(at < np.maximum(end, start + 1e-9)[:, None])
    amount = np.round(random.gamma(8.0, 3.0, len(customer)) * (1 + regular[customer]), 2)
    when = START + (at[customer, column] * 86_400).astype("int64").astype("m8[s]")
    frame = {"customer_id": customer + 1000, "timestamp": when, "amount": amount}
    return pd.DataFrame(frame).sample(frac=1.0, random_state=seed, ignore_index=True)


def random_shop(n=300, days=160, seed=0):
    """Events of customers who buy as the models believe: BG/NBD counts, spend apart from them."""
    random = np.random.default_rng(seed)
    rate, stop = random.gamma(1.0, 1.0 / 20.0, n), random.beta(1.0, 4.0, n)
    mean = 8.0 * random.gamma(6.0, 1.0, n) ** -1.0 * 100.0
    rows = []
    for i in range(n):
        at = random.uniform(0, 60)
        while at < days:
            rows.append((i + 1000, at, random.gamma(6.0, mean[i] / 6.0)))
            at += random.exponential(1.0 / rate[i])
            if random.random() < stop[i]:
                break
    customer, at, amount = (np.array(x) for x in zip(*rows, strict=True))
    when = START + (at * 86_400).astype("int64").astype("m8[s]")
    return pd.DataFrame({"customer_id": customer, "timestamp": when, "amount": np.round(amount, 2)})


def log_of(frame, **kwargs):
    return ck.EventLog(frame, **kwargs)
