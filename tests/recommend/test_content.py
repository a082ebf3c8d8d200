"""ContentRecommender: brute-force cosines, new items, sources, reasons."""

import numpy as np
import pandas as pd
import pytest

from crmkit.recommend import ContentRecommender
from crmkit.recommend._catalogue import aligned, read_catalogue
from crmkit.recommend._item_features import item_features
from tests.recommend.contract.shop import AS_OF, catalogue, lines, log_of


@pytest.mark.parametrize("k", [1, 4, 100])
def test_scores_are_sums_of_cosines_to_the_history(k):
    model = ContentRecommender(k=k).fit(log_of(lines()), catalogue(), as_of=AS_OF)
    told = aligned(read_catalogue(catalogue(), "what", "Test"), model.items_, "Test")
    features = item_features(told, "Test").toarray().astype(np.float64)
    alike = features @ features.T
    np.fill_diagonal(alike, 0.0)
    for j in range(len(alike)):
        least = np.sort(alike[:, j])[::-1][k - 1] if k < len(alike) else 0.0
        alike[alike[:, j] < least - 1e-6, j] = 0.0
    expected = model._known().matrix().toarray() @ alike
    pairs = [(who, what) for who in model.customers_ for what in model.items_]
    got = model.predict(pairs).reshape(expected.shape)
    np.testing.assert_allclose(np.where(got > -np.inf, got, 0.0), expected, atol=2e-5)


def test_items_never_sold_are_offered_and_say_why():
    model = ContentRecommender(k=6).fit(log_of(lines()), catalogue(), as_of=AS_OF)
    fresh = model.recommend(n=2, allow=["i34", "i35"], explain=True)
    assert set(fresh["what"]) == {"i34", "i35"}
    assert set(fresh["source"]) == {"content"}
    assert fresh["reason"].str.startswith("because you bought ").all()


def test_an_item_nobody_describes_is_never_offered():
    model = ContentRecommender().fit(log_of(lines()), catalogue(), as_of=AS_OF)
    assert "i10" in model.items_
    assert "i10" not in set(model.recommend(n=100, exclude_seen=False)["what"])


def test_chinese_names():
    log = pd.DataFrame(
        {"who": ["a", "b"], "what": ["p1", "p2"], "when": pd.Timestamp("2024-01-05")}
    )
    items = pd.DataFrame(
        {
            "what": ["p1", "p2", "p3", "p4"],
            "name": ["格力空调 1.5匹", "小米净水器", "美的空调", "净水器滤芯"],
        }
    )
    model = ContentRecommender().fit(log_of(log, amount=None, order=None), items)
    assert model.recommend(n=1)["what"].tolist() == ["p3", "p4"]


def test_similar_items_are_the_nearest_texts():
    model = ContentRecommender(category=[], number=[], k=5)
    model.fit(log_of(lines()), catalogue(), as_of=AS_OF)
    alike = model.similar_items(["i11"], n=1)["similar_item"].item()
    names = dict(zip(catalogue()["what"], catalogue()["name"], strict=True))
    assert set(names["i11"].split()[:2]) & set(names[alike].split()[:2])
