"""PureSVD: exact decompositions as oracle, reasons that add up, rank, seeds, messages."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.linalg import svds

from crmkit import EventLog
from crmkit.exceptions import DataError
from crmkit.recommend import PureSVD
from crmkit.recommend._pure_svd import truncated_svd
from tests.recommend.contract.shop import AS_OF, catalogue, lines, log_of


def random_bought(seed, shape=(80, 30), density=0.25):
    rng = np.random.default_rng(seed)
    return sp.csr_matrix((rng.random(shape) < density).astype(np.float32))


def log_of_matrix(bought):
    customer, item = bought.nonzero()
    frame = pd.DataFrame({"who": customer, "what": item, "when": pd.Timestamp("2024-01-01")})
    return EventLog(frame, customer="who", when="when", amount=None, item="what")


def tastes(seed):
    """Customers of three kinds, whose matrix has three directions far stronger than the others."""
    rng = np.random.default_rng(seed)
    chance = np.full((3, 30), 0.05)
    for kind in range(3):
        chance[kind, kind * 10 : kind * 10 + 10] = 0.9 - 0.2 * kind
    return sp.csr_matrix((rng.random((120, 30)) < chance[np.arange(120) % 3]).astype(np.float32))


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_directions_are_those_of_an_exact_decomposition(seed):
    bought = tastes(seed)
    strength, directions = truncated_svd(bought, 3, seed=1)
    _, expected, rows = svds(bought.astype(np.float64), k=3, random_state=0)
    np.testing.assert_allclose(strength, np.sort(expected)[::-1], rtol=1e-4)
    np.testing.assert_allclose(directions @ directions.T, rows.T @ rows, atol=2e-3)
    np.testing.assert_allclose(directions.T @ directions, np.eye(3), atol=1e-5)


def test_scores_are_projections_of_the_history():
    bought = tastes(4)
    model = PureSVD(n_factors=3, popularity=0.0).fit(log_of_matrix(bought))
    _, histories = next(model._ask(None, None, None).blocks())
    rows = svds(bought.astype(np.float64), k=3, random_state=0)[2]
    expected = bought[:64].toarray() @ rows.T @ rows
    np.testing.assert_allclose(model._scores(histories), expected, atol=2e-3)


def test_all_directions_give_the_history_back():
    bought = random_bought(2)
    model = PureSVD(n_factors=99, popularity=0.0).fit(log_of_matrix(bought))
    assert model.item_factors_.shape == (30, 30)
    _, histories = next(model._ask(None, None, None).blocks())
    np.testing.assert_allclose(model._scores(histories), bought[:64].toarray(), atol=1e-5)


def test_directions_without_strength_are_left_out():
    bought = sp.csr_matrix(np.float32([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]]))
    strength, directions = truncated_svd(bought, 4, seed=0)
    np.testing.assert_allclose(strength, [2.0, 2.0], rtol=1e-5)
    np.testing.assert_allclose(directions @ directions.T, bought.toarray() / 2, atol=1e-5)


def test_scores_are_sums_of_their_reasons():
    model = PureSVD(n_factors=6, popularity=0.0).fit(log_of(lines()), as_of=AS_OF)
    _, histories = next(model._ask(None, None, None).blocks())
    rows, items = np.repeat(np.arange(10), 5), np.tile(np.arange(5), 10)
    pair, because, value = model._contributions(histories, rows, items)
    sums = np.bincount(pair, weights=value, minlength=len(rows))
    np.testing.assert_allclose(sums, model._scores(histories)[rows, items], rtol=1e-4, atol=1e-6)
    seen = set(zip(histories.customer.tolist(), histories.item.tolist(), strict=True))
    assert {(rows[k], i) for k, i in zip(pair, because, strict=True)} <= seen


def test_popularity_helps_short_histories_only():
    models = [PureSVD(6, popularity=w).fit(log_of(lines()), as_of=AS_OF) for w in (0.0, 0.5)]
    _, histories = next(models[0]._ask(None, None, None).blocks())
    alone, mixed = (model._scores(histories) for model in models)
    share = 0.5 * np.clip((10 - histories.n_known) / 5, 0, 1) * np.ptp(alone, axis=1)
    assert len(set(share)) > 5
    np.testing.assert_allclose(mixed - alone, share[:, None] * models[0].prior_, atol=1e-5)


def test_items_are_alike_by_the_angle_of_their_customers():
    bought = tastes(3)
    model = PureSVD(n_factors=30).fit(log_of_matrix(bought))
    x = bought.toarray().astype(np.float64)
    cosine = (x.T @ x) / np.outer(np.linalg.norm(x, axis=0), np.linalg.norm(x, axis=0))
    np.testing.assert_allclose(model._similar(np.arange(30)), cosine, atol=1e-5)


def test_items_never_sold_are_alike_to_none():
    model = PureSVD(n_factors=4).fit(log_of(lines()), catalogue(), as_of=AS_OF)
    alike = model.similar_items(n=100)
    assert not {"i34", "i35"} & (set(alike["what"]) | set(alike["similar_item"]))
    assert model.items_[model.unsold_].tolist() == ["i34", "i35"]
    assert not model.item_factors_[model.unsold_].any()


@pytest.mark.parametrize("seed", [3, np.random.RandomState(3), np.random.default_rng(3)])
def test_seeds_of_all_kinds(seed):
    again = type(seed)(3) if isinstance(seed, np.random.RandomState) else 3
    if isinstance(seed, np.random.Generator):
        again = np.random.default_rng(3)
    left, right = (PureSVD(5, random_state=s).fit(log_of(lines())) for s in (seed, again))
    assert np.array_equal(left.item_factors_, right.item_factors_)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"n_factors": 0}, "n_factors must be a whole number of at least 1"),
        ({"popularity": -1.0}, "popularity must be a finite number of at least 0"),
        ({"random_state": "x"}, "random_state must be None, a whole number"),
    ],
)
def test_parameters_are_checked_in_fit(arguments, text):
    with pytest.raises(DataError, match=f"PureSVD: {text}"):
        PureSVD(**arguments).fit(log_of(lines()))
