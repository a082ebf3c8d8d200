"""MappedFactors: ridge by numpy as oracle, blending by buyers, items never sold."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from crmkit.exceptions import ConvergenceWarning, DataError
from crmkit.recommend import MappedFactors
from crmkit.recommend._catalogue import aligned, read_catalogue
from crmkit.recommend._item_features import item_features
from crmkit.recommend._mapped_factors import conjugate_gradients
from tests.recommend.contract.shop import AS_OF, catalogue, lines, log_of


def fitted(items=None, **more):
    given = {"n_factors": 6, "popularity": 0.0, **more}
    items = catalogue() if items is None else items
    return MappedFactors(**given).fit(log_of(lines()), items, as_of=AS_OF)


@pytest.mark.parametrize("trust", [0.0, 10.0])
def test_factors_are_a_blend_of_singular_vectors_and_ridge_regression(trust):
    model = fitted(trust=trust, ridge=0.5)
    told = aligned(read_catalogue(catalogue(), "what", "Test"), model.items_, "Test")
    f = item_features(told, "Test").toarray().astype(np.float64)
    x = model._known().matrix().toarray().astype(np.float64)
    sold = x.any(axis=0)
    v = np.linalg.svd(x[:, sold], full_matrices=False)[2][:6].T
    w = np.linalg.solve(
        f[sold].T @ f[sold] + 0.5 * np.eye(f.shape[1]), f[sold].T @ (v - v.mean(axis=0))
    )
    expected = f @ w + v.mean(axis=0)
    n = x.sum(axis=0)[sold]
    a = (n / (n + trust))[:, None]
    expected[sold] = a * v + (1 - a) * expected[sold]
    z = model.item_factors_
    # signs of vectors are free, and the randomised decomposition is near the exact one
    assert_allclose(z @ z.T, expected @ expected.T, atol=2e-3)
    pairs = [(who, what) for who in model.customers_ for what in model.items_]
    scores = model.predict(pairs).reshape(x.shape)
    assert_allclose(scores, x @ expected @ expected.T, atol=2e-3)


def test_items_never_sold_are_offered_unless_nothing_is_told_of_them():
    items = catalogue()
    items.loc[items["what"] == "i35", ["name", "group", "price"]] = [None, None, np.nan]
    offers = fitted(items).recommend(n=50, exclude_seen=False)
    assert set(offers[offers["source"] == "content"]["what"]) == {"i34"}
    assert "i35" not in set(offers["what"])


def test_reasons_add_up_to_the_score():
    model = fitted()
    _, histories = next(model._ask(None, None, None).blocks())
    rows, items = np.repeat(np.arange(8), 4), np.tile([0, 5, 24, 25], 8)
    pair, _, value = model._contributions(histories, rows, items)
    sums = np.bincount(pair, weights=value, minlength=len(rows))
    assert_allclose(sums, model._scores(histories)[rows, items], rtol=1e-4, atol=1e-5)


def test_conjugate_gradients_solve_all_columns():
    random = np.random.default_rng(0)
    root = random.normal(size=(30, 30))
    matrix = root @ root.T + np.eye(30)
    right = random.normal(size=(30, 4))
    right[:, 2] = 0.0
    x, converged = conjugate_gradients(lambda c: matrix @ c, right)
    assert converged
    assert_allclose(x, np.linalg.solve(matrix, right), atol=1e-5)
    assert (x[:, 2] == 0).all()


def test_a_map_that_does_not_converge_says_so(monkeypatch):
    monkeypatch.setattr("crmkit.recommend._mapped_factors.STEPS", 1)
    with pytest.warns(ConvergenceWarning, match=r"MappedFactors: .* after 1 steps. Raise ridge"):
        fitted(ridge=1e-6)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"n_factors": 0}, "n_factors must be a whole number of at least 1"),
        ({"ridge": 0.0}, "ridge must be a finite number above 0"),
        ({"trust": -1}, "trust must be a finite number of at least 0"),
        ({"category": "group"}, "category must be a list of columns"),
        ({"random_state": "x"}, "random_state must be None"),
    ],
)
def test_parameters_are_checked(given, message):
    with pytest.raises(DataError, match=f"MappedFactors: {message}"):
        fitted(**given)
