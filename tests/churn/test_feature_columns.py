"""Features by blocks: neither the blocks nor the threads leave a bit."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator

from crmkit.churn import RFM, Gaps, ModelScores, NoPurchase, SnapshotBuilder, Variety
from crmkit.churn._feature import Feature
from crmkit.events import _rows
from crmkit.exceptions import DataError
from tests.churn._shop import CUTS, EVERYBODY, log_of, shop
from tests.churn.test_snapshot_builder import RICH


def built(features, **kwargs):
    builder = SnapshotBuilder(features, NoPurchase("30D"), EVERYBODY, **kwargs)
    frame = shop().assign(amount=lambda f: f["amount"] * np.pi)
    return builder.build(log_of(frame, returns="net"), CUTS, observed_until="2024-12-31")


@pytest.mark.parametrize("block", [1, 40, 300])
@pytest.mark.parametrize("n_jobs", [None, 3, -1])
def test_blocks_and_threads_leave_no_bit(block, n_jobs, monkeypatch):
    expected = built(RICH, n_jobs=1).X
    monkeypatch.setattr(_rows, "BLOCK", block)
    pd.testing.assert_frame_equal(built(RICH, n_jobs=n_jobs).X, expected, check_exact=True)


def test_a_purchase_model_learns_from_all_blocks(monkeypatch):
    class Size(BaseEstimator):
        """Tells of everybody how many it was fitted on."""

        def fit(self, customers):
            self.size_ = len(customers)
            return self

        def predict(self, customers, horizon=None):
            return np.full(len(customers), self.size_)

        probability_alive = probability_no_purchase = predict

    monkeypatch.setattr(_rows, "BLOCK", 40)
    snapshots = built([ModelScores(Size()), RFM()])
    _, cut, sizes = np.unique(snapshots.cutoff, return_inverse=True, return_counts=True)
    assert snapshots.X["model_alive"].tolist() == sizes[cut].tolist()
    assert snapshots.feature_names[2:4] == ["model_purchases", "frequency"]


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_what_goes_wrong_in_a_block_is_told(n_jobs, monkeypatch):
    @dataclass(frozen=True)
    class Broken(Feature):
        def _values(self, at):
            if len(at):
                raise DataError("a fault")
            return {"broken": np.zeros(0)}

    monkeypatch.setattr(_rows, "BLOCK", 100)
    with pytest.raises(DataError, match="a fault"):
        built([RFM(), Broken()], n_jobs=n_jobs)


def test_half_the_bytes():
    features = [RFM(), Gaps(), Variety()]
    whole, half = built(features).X, built(features, dtype="float32").X
    assert set(half.dtypes) == {np.dtype("float32")}
    pd.testing.assert_frame_equal(half, whole.astype("float32"), check_exact=True)
