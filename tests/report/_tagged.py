"""Content on kinds, tags and unusual behaviour, from a small made-up shop."""

from functools import cache

import numpy as np
import pandas as pd

from crmkit import EventLog
from crmkit.pipelines import CustomerValuePipeline
from crmkit.report import KindsContent, ProfileContent, ReportContent, UnusualContent
from crmkit.segment import CustomerProfile
from tests.pipelines._quick import shop
from tests.report._moved import DAY

CALLED = ("tea", "soap", "nails")


def lines():
    """The shop with an own liking, a channel and returns of one customer in a few days."""
    frame = shop()
    code = frame["customer_id"].str[1:].astype(int)
    rng = np.random.default_rng(3)
    liked = np.where(rng.random(len(frame)) < 0.9, code % 3, rng.integers(0, 3, len(frame)))
    made = frame.assign(kind=np.array(CALLED)[liked], channel="web", order=np.arange(len(frame)))
    back = pd.DataFrame(
        {
            "customer_id": made["customer_id"].iloc[-1],
            "timestamp": pd.date_range("2024-10-10", periods=9, freq="D"),
            "amount": -4.0,
            "kind": "tea",
            "channel": "web",
            "order": np.arange(9) + 10_000,
        }
    )
    return pd.concat([made, back], ignore_index=True)


LOG = EventLog(lines(), order="order")


@cache
def fitted():
    """A fitted pipeline and its customers."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pipe = CustomerValuePipeline(churn=None, recommender=None)
        return pipe, pipe.fit_transform(LOG, as_of=DAY)


def kinds():
    """Content on kinds."""
    return KindsContent.from_pipeline(fitted()[0])


@cache
def profile():
    """Content on tags."""
    tags = CustomerProfile("kind", "channel", stager=fitted()[0].stager_)
    return ProfileContent.from_log(tags, LOG, as_of=DAY)


@cache
def unusual():
    """Content on unusual behaviour."""
    return UnusualContent.from_log(LOG, as_of=DAY)


def report(**changes):
    """Content of a report of the shop."""
    pipe, customers = fitted()
    return ReportContent.from_pipeline(pipe, LOG, customers, **changes)
