"""A small shop: customers, items, purchases, returns, a catalogue, and events after the cut-off."""

import numpy as np
import pandas as pd

from crmkit import EventLog

AS_OF = "2024-05-01"
N_CUSTOMERS, N_ITEMS = 40, 24


def lines(seed=7, n=700):
    """Purchases of customers who like one half of the shop, with returns and a late tail."""
    rng = np.random.default_rng(seed)
    customer = rng.integers(0, N_CUSTOMERS, n)
    popular = np.minimum(rng.geometric(0.15, n) - 1, N_ITEMS // 2 - 1)
    item = (popular + (customer % 2) * N_ITEMS // 2) % N_ITEMS
    amount = np.round(rng.gamma(2.0, 15.0, n), 2)
    amount[rng.random(n) < 0.04] *= -1
    return pd.DataFrame(
        {
            "who": np.char.add("c", (100 + customer).astype(str)),
            "when": np.datetime64("2024-01-01T00:00", "us")
            + rng.integers(0, 180 * 86_400, n).astype("m8[s]"),
            "amount": amount,
            "order": rng.integers(0, n // 2, n),
            "what": np.char.add("i", (10 + item).astype(str)),
        }
    )


def catalogue():
    """Every item but one, and two that nobody bought yet; words, a category and a price."""
    place = np.arange(1, N_ITEMS + 2)
    colour = np.asarray(["red", "blue", "green"])[place % 3]
    thing = np.asarray(["cup", "lamp", "bag", "clock"])[place % 4]
    return pd.DataFrame(
        {
            "what": np.char.add("i", (10 + place).astype(str)),
            "name": [f"{c} {t} no {p}" for c, t, p in zip(colour, thing, place, strict=True)],
            "group": np.where(place < N_ITEMS // 2, "home", "garden"),
            "price": place * 1.5,
        }
    )


def log_of(frame, **kwargs):
    given = {"customer": "who", "when": "when", "amount": "amount", "order": "order"}
    return EventLog(frame, **{**given, "item": "what", **kwargs})


def pairs_of(offers):
    return list(zip(offers["who"], offers["what"], strict=True))
