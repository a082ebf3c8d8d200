"""ItemKNN and UserKNN: brute force over dense arrays as oracle."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from crmkit import EventLog
from crmkit.exceptions import DataError
from crmkit.recommend import ItemKNN, UserKNN
from crmkit.recommend._neighbours import K1, B, bm25, item_neighbours


def random_bought(seed, shape=(30, 11), density=0.3):
    rng = np.random.default_rng(seed)
    return sp.csr_matrix((rng.random(shape) < density).astype(np.float32))


def log_of(bought):
    customer, item = bought.nonzero()
    frame = pd.DataFrame({"who": customer, "what": item, "when": pd.Timestamp("2024-01-01")})
    return EventLog(frame, customer="who", when="when", amount=None, item="what")


def dense_cosine(left, right, shrinkage):
    left, right = left.astype(np.float64), right.astype(np.float64)
    scale = np.linalg.norm(left, axis=1)[:, None] * np.linalg.norm(right, axis=1) + shrinkage
    return (left @ right.T) / np.where(scale == 0, 1, scale)


def keep_best(alike, k):
    """The k best positive entries of each row, equal ones in order."""
    kept = np.zeros_like(alike)
    for row, line in enumerate(alike):
        best = np.lexsort((np.arange(len(line)), -line.astype(np.float32)))[:k]
        kept[row, best] = np.maximum(line[best], 0)
    return kept


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(1, 12), st.sampled_from([0.0, 7.0]))
def test_item_neighbours_by_brute_force(seed, k, shrinkage):
    bought = random_bought(seed)
    alike = dense_cosine(bought.toarray().T, bought.toarray().T, shrinkage)
    np.fill_diagonal(alike, -np.inf)
    expected = keep_best(alike, k).T
    np.testing.assert_allclose(item_neighbours(bought, k, shrinkage).toarray(), expected, rtol=1e-5)


def test_neighbours_across_blocks_of_items():
    bought = random_bought(3, (80, 300), 0.05)
    alike = dense_cosine(bought.toarray().T, bought.toarray().T, 2.0)
    np.fill_diagonal(alike, -np.inf)
    got = item_neighbours(bought, 300, 2.0).toarray()
    np.testing.assert_allclose(got, keep_best(alike, 300).T, rtol=1e-5)


def test_bm25_by_hand():
    bought = sp.csr_matrix(np.float32([[1, 1, 0], [1, 0, 0], [1, 0, 1]]))
    lengths = np.array([3, 1, 1]) / (5 / 3)
    rarity = np.maximum(np.log(3) - np.log1p([2, 1, 2]), 0)
    expected = bought.toarray() * rarity[:, None] * (K1 + 1) / (K1 * (1 - B + B * lengths) + 1)
    np.testing.assert_allclose(bm25(bought).toarray(), expected, rtol=1e-6)


@pytest.mark.parametrize("metric", ["cosine", "bm25"])
def test_item_scores_are_sums_over_the_history(metric):
    bought = random_bought(5)
    model = ItemKNN(metric=metric, k=4, shrinkage=1.0).fit(log_of(bought))
    expected = bought[model.customers_].toarray() @ model.similarity_.toarray()
    pairs = [(u, i) for u in range(len(model.customers_)) for i in range(len(model.items_))]
    named = [(model.customers_[u], model.items_[i]) for u, i in pairs]
    got = model.predict(named)
    for (u, i), score in zip(pairs, got, strict=True):
        assert score == (pytest.approx(expected[u, i], rel=1e-5) if expected[u, i] else -np.inf)


def test_item_reasons_add_up():
    model = ItemKNN(k=4).fit(log_of(random_bought(5)))
    _, histories = next(model._ask(None, None, None).blocks())
    row, item = np.nonzero(model._scores(histories) > -np.inf)
    pair, _, value = model._contributions(histories, row, item)
    sums = np.bincount(pair, weights=value, minlength=len(row))
    np.testing.assert_allclose(sums, model._scores(histories)[row, item], rtol=1e-5)


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(1, 40), st.sampled_from(["cosine", "idf"]))
def test_user_scores_by_brute_force(seed, k, metric):
    bought = random_bought(seed)
    bought = bought[np.diff(bought.indptr) > 0]
    bought = bought[:, np.bincount(bought.indices, minlength=11) > 0]
    model = UserKNN(metric=metric, k=k, shrinkage=2.0).fit(log_of(bought))
    x = bought.toarray()
    idf = np.maximum(np.log(len(x)) - np.log1p(x.sum(axis=0)), 0) if metric == "idf" else 1.0
    expected = keep_best(dense_cosine(x * idf, x * idf, 2.0).astype(np.float32), k) @ x
    _, histories = next(model._ask(None, None, None).blocks())
    got = model._scores(histories)
    np.testing.assert_allclose(np.where(got > -np.inf, got, 0), expected, rtol=2e-4, atol=1e-5)


def test_user_neighbours_in_slices_are_the_same(monkeypatch):
    model = UserKNN(k=5).fit(log_of(random_bought(2)))
    whole = model.recommend()
    monkeypatch.setattr("crmkit.recommend._user_knn.CELLS", 40)
    pd.testing.assert_frame_equal(model.recommend(), whole)


@pytest.mark.parametrize("kind", [ItemKNN, UserKNN])
def test_parameters_are_checked_in_fit(kind):
    for arguments, text in [
        ({"metric": "cosin"}, "Did you mean 'cosine'"),
        ({"k": 0}, "k must be a whole number of at least 1"),
        ({"shrinkage": -1.0}, "shrinkage must be a finite number of at least 0"),
    ]:
        with pytest.raises(DataError, match=text):
            kind(**arguments).fit(log_of(random_bought(0)))
