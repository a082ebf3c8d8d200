"""A shop whose customers each like one of four shelves, and recommenders that fit in a moment."""

import numpy as np

from crmkit.recommend import ItemKNN
from tests.pipelines._quick import shop

SHELVES = ("tea", "soap", "wool", "nail")


def shop_of_items(kind="int", **changes):
    """Orders with an item each, ten a shelf; ids are whole numbers or text."""
    frame = shop(**changes)
    rng = np.random.default_rng(1)
    shelf = frame["customer_id"].str[1:].astype(int) % 4
    item = shelf * 10 + rng.integers(0, 10, len(frame))
    if kind == "str":
        return frame.assign(item=[f"{SHELVES[i // 10]} {i % 10}" for i in item])
    return frame.assign(item=item)


def names(frame):
    """What the items are called: item and text."""
    items = frame[["item"]].drop_duplicates().sort_values("item", ignore_index=True)
    return items.assign(name=[f"{SHELVES[i // 10]} no. {i % 10}" for i in items["item"]])


def neighbours(**changes):
    """A recommender that is fitted in a moment, and may offer what was bought before."""
    return ItemKNN(**changes)
