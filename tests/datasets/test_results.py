"""The result classes: frozen, and short to look at."""

import dataclasses

import pandas as pd
import pytest

from crmkit.datasets import RetailerTruth
from crmkit.datasets._results import described

EMPTY = pd.DataFrame({"a": []})


def truth(**frames):
    names = ("customers", "people", "records", "products", "orders")
    return RetailerTruth(**{name: frames.get(name, EMPTY) for name in names})


def test_only_frames_are_counted():
    result = truth(customers=pd.DataFrame({"a": range(1_234)}))
    assert (
        described(result)
        == repr(result)
        == (
            "<RetailerTruth with customers: 1,234 rows, people: 0 rows, records: 0 rows, "
            "products: 0 rows, orders: 0 rows>"
        )
    )


def test_results_are_frozen_and_hashable():
    result = truth()
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.orders = EMPTY
    assert len({result, truth()}) == 2
