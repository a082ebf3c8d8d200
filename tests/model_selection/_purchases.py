"""A small log of purchases with items, returns and several orders a day, and plain sets of it."""

import numpy as np
import pandas as pd

from crmkit import EventLog
from tests.contracts.frame_kinds import to_pandas

START = pd.Timestamp("2024-01-01")


def events(seed=7, n=700, n_customers=40, n_items=25):
    random = np.random.default_rng(seed)
    amount = np.round(random.gamma(2.0, 15.0, n), 2)
    amount[random.random(n) < 0.05] *= -1
    minutes = random.integers(0, 120 * 24 * 12, n) * 5
    return pd.DataFrame(
        {
            "customer_id": random.integers(100, 100 + n_customers, n).astype(str),
            "timestamp": START + pd.to_timedelta(minutes, unit="min"),
            "amount": amount,
            "order_id": random.integers(0, n // 3, n),
            "item_id": "i" + pd.Series(random.integers(0, n_items, n)).astype(str),
        }
    )


def log_of(frame, **more):
    return EventLog(frame, order="order_id", item="item_id", **more)


def pair_set(frame):
    """Pairs of customer and item of a frame."""
    frame = to_pandas(frame)
    return set(zip(frame["customer_id"], frame["item_id"], strict=True))


def purchases(frame):
    """Rows that are purchases."""
    return frame[frame["amount"] >= 0]


def expected(seen, held, mode, known_items=None):
    """Relevant pairs by sets."""
    wanted = {"new": held - seen, "repeat": held & seen, "all": held}[mode]
    customers = {who for who, _ in seen}
    items = {what for _, what in seen} if known_items is None else known_items
    return {(who, what) for who, what in wanted if who in customers and what in items}


def check_any_split(splitter, held_out_days=None):
    """What must hold of every splitter of logs; returns the splits of the usual log."""
    frame = events()
    before = frame.copy(deep=True)
    splits = list(splitter.split(log_of(frame)))
    pd.testing.assert_frame_equal(frame, before)
    assert len(splits) == splitter.get_n_splits()
    shuffled = splitter.split(log_of(frame.sample(frac=1, random_state=1)))
    for split, again in zip(splits, shuffled, strict=True):
        pd.testing.assert_frame_equal(split.relevant, again.relevant)
        assert split.as_of == again.as_of
        assert sorted_rows(split.known) == sorted_rows(again.known)
        check_nothing_leaks(split)
    return splits


def sorted_rows(log):
    return sorted(map(tuple, to_pandas(log.data).astype(str).to_numpy().tolist()))


def check_nothing_leaks(split):
    """No relevant new pair is known or told; no customer is asked without something relevant."""
    relevant = pair_set(split.relevant)
    known = pair_set(purchases(to_pandas(split.known.data)))
    told = set() if split.history is None else pair_set(to_pandas(split.history.data))
    assert relevant
    if split.mode == "new":
        assert not relevant & (known | told)
    assert {who for who, _ in relevant} == set(split.customers.tolist())
    assert len(split.relevant) == len(relevant)
    assert (to_pandas(split.relevant)["amount"] >= 0).all()
