"""A small shop with everything that a log may hold, and the comparison with brute force."""

import numpy as np
import pandas as pd

import crmkit as ck
from crmkit.churn import RFM, Active, NoPurchase, SnapshotBuilder
from tests.contracts.frame_kinds import to_pandas
from tests.oracles import snapshots as brute_force

EVERYBODY = Active(within=None)
DAYS = 400
CUTS = ["2023-03-01", "2023-09-10", "2024-01-20"]


def shop(seed=0, n_customers=30, n=700):
    """Orders of several lines, returns, free lines, missing orders, items and channels."""
    rng = np.random.default_rng(seed)
    owner = rng.integers(100, 100 + n_customers, n // 2)
    start = rng.integers(0, DAYS * 86_400, n // 2)
    order = rng.integers(0, n // 2, n)
    amount = np.round(rng.gamma(2.0, 15.0, n), 2)
    amount[rng.random(n) < 0.08] *= -1
    amount[rng.random(n) < 0.03] = 0.0
    seconds = np.minimum(start[order] + rng.integers(0, 60, n) ** 3, DAYS * 86_400 - 1)
    frame = pd.DataFrame(
        {
            "customer_id": owner[order].astype(str),
            "timestamp": np.datetime64("2023-01-01", "us") + seconds.astype("m8[s]"),
            "amount": amount,
            "order_id": pd.Series(order.astype(str)).mask(rng.random(n) < 0.05),
            "item": pd.Series(rng.integers(0, 12, n).astype(str)).mask(rng.random(n) < 0.05),
            "channel": pd.Series(rng.choice(["web", "shop", "app"], n)).mask(rng.random(n) < 0.1),
        }
    )
    return frame.sample(frac=1.0, random_state=seed).reset_index(drop=True)


def log_of(frame, **kwargs):
    return ck.EventLog(frame, order="order_id", item="item", **kwargs)


def table(features, frame, cutoff, population=EVERYBODY, **kwargs):
    """What `transform` gives, as pandas by customer."""
    builder = SnapshotBuilder(features, population=population)
    made = to_pandas(builder.transform(log_of(frame, **kwargs), cutoff))
    return made.set_index("customer_id")


def agrees_with_brute_force(features, describe, **kwargs):
    """The features at three cut-offs, of every customer, are those of the oracle."""
    frame = shop()
    net = kwargs.get("returns") == "net"
    for cutoff in CUTS:
        expected = brute_force.by_customer(frame, cutoff, describe, net=net)
        got = table(features, frame, cutoff, **kwargs).loc[expected.index]
        assert list(got.columns)
        assert set(got.columns) == set(expected.columns)
        for name in got:
            np.testing.assert_allclose(
                got[name], expected[name].astype(float), rtol=1e-9, atol=1e-9, err_msg=name
            )


def log_by_hand(rows, **kwargs):
    frame = pd.DataFrame(rows, columns=["customer_id", "timestamp", "amount"])
    frame["timestamp"] = pd.to_datetime(frame["timestamp"], format="ISO8601", utc="tz" in kwargs)
    return ck.EventLog(frame, **kwargs)


PQS = [
    ("p", "2023-05-02", 12.0),
    ("p", "2023-06-10", 8.0),
    ("p", "2023-07-05", 9.0),
    ("q", "2023-05-20", 30.0),
    ("s", "2023-06-10", 5.0),
]
"""p comes back after the cut-off of 10 June, q does not, s is no customer before it."""


def churned(log, cutoff="2023-06-10", label=None, observed_until="2023-12-31", **kwargs):
    """y by customer at one cut-off."""
    builder = SnapshotBuilder([RFM()], label=label or NoPurchase("30D"), **kwargs)
    snapshots = builder.build(log, [cutoff], observed_until=observed_until)
    return dict(zip(snapshots.groups, snapshots.y, strict=True))
