"""RP3beta: the walk by brute force, chances that add up to one, pruning, reasons, messages."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from crmkit import EventLog
from crmkit.exceptions import DataError
from crmkit.recommend import RP3beta
from crmkit.recommend._rp3_beta import walk_weights


def random_bought(seed, shape=(30, 11), density=0.3):
    rng = np.random.default_rng(seed)
    return sp.csr_matrix((rng.random(shape) < density).astype(np.float32))


def log_of(bought):
    customer, item = bought.nonzero()
    frame = pd.DataFrame({"who": customer, "what": item, "when": pd.Timestamp("2024-01-01")})
    return EventLog(frame, customer="who", when="when", amount=None, item="what")


def walked(x, alpha, beta):
    """The weights of the definition, one pair at a time, nothing left out but the diagonal."""
    n_items = x.shape[1]
    weights = np.zeros((n_items, n_items))
    for i in range(n_items):
        for j in range(n_items):
            both = [v for v in range(len(x)) if x[v, i] and x[v, j] and i != j]
            steps = [(1 / x[:, i].sum()) ** alpha * (1 / x[v].sum()) ** alpha for v in both]
            weights[i, j] = sum(steps) / max(x[:, j].sum(), 1) ** beta
    return weights


def best_of_columns(weights, k):
    kept = np.zeros_like(weights)
    for j, column in enumerate(weights.T.astype(np.float32)):
        best = np.lexsort((np.arange(len(column)), -column))[:k]
        kept[best, j] = weights[best, j]
    return kept


@settings(max_examples=25)
@given(
    st.integers(0, 10_000),
    st.sampled_from([0.5, 1.0, 1.7]),
    st.sampled_from([0.0, 0.4, 1.0]),
)
def test_weights_by_brute_force(seed, alpha, beta):
    bought = random_bought(seed)
    got = walk_weights(bought, alpha, beta, k=11).toarray()
    np.testing.assert_allclose(got, walked(bought.toarray(), alpha, beta), rtol=1e-5)


def test_each_column_keeps_its_best_across_blocks():
    bought = random_bought(3, (60, 300), 0.05)
    x = bought.toarray().astype(np.float64)
    size = [np.maximum(x.sum(axis=axis), 1) for axis in (0, 1)]
    whole = (x / size[0]).T @ (x / size[1][:, None]) / size[0] ** 0.3
    np.fill_diagonal(whole, 0.0)
    every = walk_weights(bought, 1.0, 0.3, k=300).toarray()
    np.testing.assert_allclose(every, whole, rtol=1e-5)
    got = walk_weights(bought, 1.0, 0.3, k=7)
    assert np.array_equal(got.toarray(), best_of_columns(every, 7))
    assert np.bincount(got.indices, minlength=300).max() == 7


def test_undamped_steps_are_chances_that_add_up_to_one():
    bought = random_bought(1)
    weights = walk_weights(bought, 1.0, 0.0, k=11).toarray()
    x = bought.toarray()
    stay = (x / x.sum(axis=0) * (1 / np.maximum(x.sum(axis=1), 1))[:, None]).sum(axis=0)
    np.testing.assert_allclose(weights.sum(axis=1) + stay, 1.0, rtol=1e-6)


def test_by_hand():
    bought = sp.csr_matrix(np.float32([[1, 1, 0], [1, 1, 0], [1, 0, 1], [1, 0, 0]]))
    weights = walk_weights(bought, 1.0, 0.5, k=1).toarray()
    expected = np.zeros((3, 3))
    expected[1, 0] = (1 / 2 * 1 / 2 + 1 / 2 * 1 / 2) / np.sqrt(4)  # item 2 gives as much: too late
    expected[0, 1] = (1 / 4 * 1 / 2 + 1 / 4 * 1 / 2) / np.sqrt(2)
    expected[0, 2] = 1 / 4 * 1 / 2
    np.testing.assert_allclose(weights, expected, rtol=1e-6)


def test_scores_are_sums_of_their_reasons():
    bought = random_bought(5)
    model = RP3beta(k=4).fit(log_of(bought))
    _, histories = next(model._ask(None, None, None).blocks())
    scores = model._scores(histories)
    row, item = np.nonzero(scores > -np.inf)
    pair, because, value = model._contributions(histories, row, item)
    sums = np.bincount(pair, weights=value, minlength=len(row))
    np.testing.assert_allclose(sums, scores[row, item], rtol=1e-5)
    seen = set(zip(histories.customer.tolist(), histories.item.tolist(), strict=True))
    assert {(row[k], i) for k, i in zip(pair, because, strict=True)} <= seen


def test_similar_items_are_the_row_of_an_item():
    model = RP3beta().fit(log_of(random_bought(5)))
    row = model.weights_[3].toarray().ravel()
    alike = model.similar_items([model.items_[3]], n=20)
    assert len(alike) == (row > 0).sum()
    np.testing.assert_array_equal(alike["score"], np.sort(row[row > 0])[::-1])


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("alpha", 0.0, "alpha must be a finite number above 0"),
        ("beta", -0.1, "beta must be a finite number of at least 0"),
        ("k", 2.5, "k must be a whole number of at least 1"),
    ],
)
def test_parameters_are_checked_in_fit(name, value, text):
    with pytest.raises(DataError, match=f"RP3beta: {text}"):
        RP3beta(**{name: value}).fit(log_of(random_bought(0)))
