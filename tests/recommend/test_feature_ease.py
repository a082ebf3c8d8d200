"""FeatureEASE: ridge regressions as oracle, EASE as special case, items never sold."""

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose, assert_array_equal

from crmkit.exceptions import DataError
from crmkit.recommend import EASE, FeatureEASE
from crmkit.recommend._catalogue import aligned, read_catalogue
from crmkit.recommend._feature_ease import add_features
from crmkit.recommend._item_features import item_features
from tests.recommend.contract.shop import AS_OF, catalogue, lines, log_of


def fitted(**more):
    return FeatureEASE(5.0, **more).fit(log_of(lines()), catalogue(), as_of=AS_OF)


def test_columns_are_ridge_regressions_on_purchases_and_features():
    model = fitted(feature_weight=20.0)
    told = aligned(read_catalogue(catalogue(), "what", "Test"), model.items_, "Test")
    features = item_features(told, "Test").toarray().astype(np.float64)
    x = np.vstack([model._known().matrix().toarray(), np.sqrt(20.0) * features.T])[:, model.sold_]
    assert len(model.sold_) == len(model.items_) == 26
    for j in range(x.shape[1]):
        others = np.delete(x, j, axis=1)
        left = others.T @ others + 5.0 * np.eye(others.shape[1])
        expected = np.linalg.solve(left, others.T @ x[:, j])
        assert_allclose(np.delete(model.weights_[:, j], j), expected, rtol=2e-3, atol=2e-4)


def test_without_weight_it_is_ease():
    plain = EASE(5.0).fit(log_of(lines()), as_of=AS_OF).recommend()
    assert_array_equal(fitted(feature_weight=0.0).recommend(), plain)


def test_items_never_sold_have_scores_from_their_features():
    model = fitted(feature_weight=50.0, popularity=0.0)
    fresh = model.recommend(n=2, allow=["i34", "i35"])
    assert set(fresh["source"]) == {"content"}
    every = model.recommend(n=50, exclude_seen=False)
    assert set(every[every["source"] == "model"]["what"]) == set(model.items_) - {"i34", "i35"}
    by_text = fitted(feature_weight=1000.0, category=[], number=[])
    alike = by_text.similar_items(["i34"], n=1)["similar_item"].item()
    names = dict(zip(catalogue()["what"], catalogue()["name"], strict=True))
    assert set(names["i34"].split()[:2]) & set(names[alike].split()[:2])


def test_a_new_item_nobody_describes_is_no_candidate():
    items = catalogue()
    items.loc[items["what"] == "i35", ["name", "group", "price"]] = [None, None, np.nan]
    model = FeatureEASE(5.0).fit(log_of(lines()), items, as_of=AS_OF)
    offered = set(model.recommend(n=50, exclude_seen=False)["what"])
    assert "i34" in offered
    assert "i35" not in offered


@pytest.mark.parametrize("size", [1, 3, 100])
def test_products_of_features_are_added_in_blocks(size):
    random = np.random.default_rng(0)
    features = sp.random(9, 30, 0.3, format="csr", dtype=np.float32, random_state=random)
    total = np.ones((9, 9), dtype=np.float32)
    add_features(total, features, 2.0, size=size)
    expected = 1.0 + 2.0 * (features @ features.T).toarray()
    assert_allclose(total, expected, rtol=1e-6)


def test_memory_and_parameters_are_checked():
    with pytest.raises(DataError, match=r"FeatureEASE: 26 items need .* max_memory"):
        fitted(max_memory=1e-9)
    with pytest.raises(DataError, match="FeatureEASE: feature_weight must be a finite number"):
        fitted(feature_weight=-1.0)
    with pytest.raises(DataError, match=r"FeatureEASE: .* fit\(log, items=frame\)"):
        FeatureEASE().fit(log_of(lines()))
