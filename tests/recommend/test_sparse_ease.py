"""SparseEASE: EASE as its limit, regressions by brute force, blocks, reasons, messages."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from crmkit import EventLog
from crmkit.exceptions import DataError
from crmkit.recommend import EASE, SparseEASE
from crmkit.recommend._ease import ease_solution, gram
from crmkit.recommend._neighbours import item_neighbours
from crmkit.recommend._sparse_ease import local_weights
from tests.recommend.contract.shop import AS_OF, catalogue, lines, log_of


def random_bought(seed, shape=(60, 25), density=0.2):
    rng = np.random.default_rng(seed)
    return sp.csr_matrix((rng.random(shape) < density).astype(np.float32))


def log_of_matrix(bought):
    customer, item = bought.nonzero()
    frame = pd.DataFrame({"who": customer, "what": item, "when": pd.Timestamp("2024-01-01")})
    return EventLog(frame, customer="who", when="when", amount=None, item="what")


def regressions(bought, near, regularization):
    """One ridge regression after the other, in double precision."""
    x = bought.toarray().astype(np.float64)
    weights = np.zeros((x.shape[1], x.shape[1]))
    for j in range(x.shape[1]):
        some = near[j].indices
        left = x[:, some].T @ x[:, some] + regularization * np.eye(len(some))
        weights[some, j] = np.linalg.solve(left, x[:, some].T @ x[:, j])
    return weights


def neighbours(bought, k):
    return item_neighbours(bought, k, 0.0).T.tocsr()


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(1, 24), st.sampled_from([1.0, 50.0]))
def test_columns_are_regressions_on_the_neighbours(seed, k, regularization):
    bought = random_bought(seed)
    near = neighbours(bought, k)
    got = local_weights(bought, near, regularization)
    expected = regressions(bought, near, regularization)
    np.testing.assert_allclose(got.toarray(), expected, rtol=2e-3, atol=1e-5)
    assert np.bincount(got.indices, minlength=25).max() <= k


@pytest.mark.parametrize("k", [3, 40])
def test_blocks_of_a_large_catalogue_give_the_same(k, monkeypatch):
    bought = random_bought(2, (150, 90), 0.02)
    near = neighbours(bought, k)
    assert np.diff(near.indptr).min() < k  # some items have fewer neighbours
    at_once = local_weights(bought, near, 5.0).toarray()
    monkeypatch.setattr("crmkit.recommend._sparse_ease.WHOLE", 0)
    for union in (1, 60, 4096):
        monkeypatch.setattr("crmkit.recommend._sparse_ease.UNION", union)
        np.testing.assert_allclose(local_weights(bought, near, 5.0).toarray(), at_once, rtol=1e-5)
    np.testing.assert_allclose(at_once, regressions(bought, near, 5.0), rtol=2e-3, atol=1e-5)


def test_with_all_neighbours_it_is_ease():
    rng = np.random.default_rng(0)
    bought = sp.csr_matrix((rng.random((100, 12)) < 0.5).astype(np.float32))
    assert gram(bought).min() > 0
    got = local_weights(bought, neighbours(bought, 12), 20.0).toarray()
    np.testing.assert_allclose(got, ease_solution(gram(bought), 20.0)[0], rtol=1e-3, atol=1e-5)


def test_items_without_a_common_customer_have_no_weights():
    """Tea and jam share nobody, cup stands between them: EASE tells them apart all the same."""
    bought = sp.csr_matrix(np.array([[1, 1, 0], [1, 1, 0], [0, 1, 1]], dtype=np.float32))
    got = local_weights(bought, neighbours(bought, 3), 1.0).toarray()
    assert got[0, 2] == got[2, 0] == 0.0
    assert ease_solution(gram(bought), 1.0)[0][0, 2] < -0.1
    np.testing.assert_allclose(got[1, [0, 2]], [2 / 4, 1 / 4], rtol=1e-5)  # G_1j / (G_11 + 1)


def test_offers_are_those_of_ease_where_all_items_go_together():
    rng = np.random.default_rng(1)
    log = log_of_matrix(sp.csr_matrix((rng.random((80, 10)) < 0.4).astype(np.float32)))
    dense = EASE(30.0, popularity=0.0).fit(log).recommend(n=3)
    sparse = SparseEASE(10, 30.0).fit(log).recommend(n=3)
    pd.testing.assert_frame_equal(sparse, dense, rtol=1e-3)


def test_scores_are_sums_of_their_reasons():
    model = SparseEASE(4, 5.0).fit(log_of(lines()), as_of=AS_OF)
    _, histories = next(model._ask(None, None, None).blocks())
    scores = model._scores(histories)
    row, item = np.nonzero(scores > -np.inf)
    pair, _, value = model._contributions(histories, row, item)
    sums = np.bincount(pair, weights=value, minlength=len(row))
    np.testing.assert_allclose(sums, scores[row, item], rtol=1e-4, atol=1e-6)


def test_items_never_sold_have_no_weights():
    model = SparseEASE().fit(log_of(lines()), catalogue(), as_of=AS_OF)
    places = np.searchsorted(model.items_, ["i34", "i35"])
    assert model.weights_[places].nnz == 0
    assert model.weights_[:, places].nnz == 0


def test_one_item_has_no_neighbours():
    model = SparseEASE().fit(log_of_matrix(sp.csr_matrix(np.ones((3, 1), dtype=np.float32))))
    assert model.weights_.nnz == 0
    assert len(model.recommend(exclude_seen=False)) == 0


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"k": 0}, "k must be a whole number of at least 1"),
        ({"regularization": 0.0}, "regularization must be a finite number above 0"),
    ],
)
def test_parameters_are_checked_in_fit(arguments, text):
    with pytest.raises(DataError, match=f"SparseEASE: {text}"):
        SparseEASE(**arguments).fit(log_of(lines()))
