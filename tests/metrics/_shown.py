"""Lists and purchases that one can count by eye, and random ones."""

import numpy as np
import pandas as pd

SHOWN = pd.DataFrame(
    {
        "customer": ["ann", "ann", "ann", "bob", "bob", "eve"],
        "item": ["x", "y", "z", "z", "w", "x"],
        "rank": [1, 2, 3, 1, 2, 1],
    }
)
BOUGHT = pd.DataFrame(
    {
        "customer": ["ann", "ann", "bob", "cid", "ann"],
        "item": ["y", "w", "z", "x", "y"],
        "amount": [30.0, 60.0, 5.0, 7.0, 10.0],
    }
)


def long_frame(lists):
    """Long frame of {customer: [items]} with ranks from 1."""
    rows = [(who, item, i) for who, items in lists.items() for i, item in enumerate(items, 1)]
    frame = pd.DataFrame(rows, columns=["customer", "item", "rank"])
    return frame if len(frame) else frame.astype("int64")


def pairs(relevant):
    """Long frame of {customer: items}."""
    rows = [(who, item) for who, items in relevant.items() for item in items]
    return pd.DataFrame(rows, columns=["customer", "item"])


def made(seed=0, n_customers=60, n_items=30, width=10):
    """Random lists and relevant items of customers."""
    random = np.random.default_rng(seed)
    lists = {c: random.permutation(n_items)[:width].tolist() for c in range(n_customers)}
    wanted = {
        c: set(random.permutation(n_items)[: random.integers(1, 15)].tolist())
        for c in range(5, n_customers + 5)
    }
    return lists, wanted
