"""EASE: ridge regressions as oracle, sums of reasons, memory, popularity for short histories."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from crmkit.exceptions import DataError
from crmkit.recommend import EASE
from crmkit.recommend._ease import check_memory, ease_solution, gram, mirror_lower
from tests.recommend.contract.shop import AS_OF, catalogue, lines, log_of


def random_bought(seed, shape=(60, 9), density=0.3):
    rng = np.random.default_rng(seed)
    return sp.csr_matrix((rng.random(shape) < density).astype(np.float32))


@pytest.mark.parametrize("regularization", [0.5, 20.0])
def test_columns_are_ridge_regressions_on_all_other_items(regularization):
    bought = random_bought(1)
    weights = ease_solution(gram(bought), regularization)[0]
    x = bought.toarray().astype(np.float64)
    for j in range(x.shape[1]):
        others = np.delete(x, j, axis=1)
        left = others.T @ others + regularization * np.eye(others.shape[1])
        expected = np.linalg.solve(left, others.T @ x[:, j])
        np.testing.assert_allclose(np.delete(weights[:, j], j), expected, rtol=1e-3, atol=1e-4)
    assert (np.diag(weights) == 0).all()


def test_the_orientation_is_that_of_the_paper():
    bought = sp.csr_matrix(np.float32([[1, 1, 0], [1, 0, 0], [1, 0, 1], [0, 1, 1], [1, 1, 0]]))
    x = bought.toarray()
    p = np.linalg.inv(x.T @ x + 2.0 * np.eye(3))
    weights = ease_solution(gram(bought), 2.0)[0]
    assert weights[0, 1] == pytest.approx(-p[0, 1] / p[1, 1], rel=1e-5)
    assert weights[0, 1] != pytest.approx(weights[1, 0], rel=1e-2)


@given(st.integers(0, 10_000))
def test_both_ways_to_multiply_agree_bit_by_bit(seed):
    bought = random_bought(seed, (40, 12), 0.5)
    dense = bought.toarray()
    assert np.array_equal(gram(bought), dense.T @ dense)
    sparse = random_bought(seed, (40, 12), 0.01)
    assert np.array_equal(gram(sparse), sparse.toarray().T @ sparse.toarray())


def test_the_mirror_is_right_across_blocks():
    whole = np.asfortranarray(np.random.default_rng(0).normal(size=(11, 11)).astype(np.float32))
    lower = np.asfortranarray(np.tril(whole))
    mirror_lower(lower, size=4)
    assert np.array_equal(lower, np.tril(whole) + np.tril(whole, -1).T)


def test_scores_are_sums_of_their_reasons():
    model = EASE(regularization=5.0, popularity=0.0).fit(log_of(lines()), as_of=AS_OF)
    asked = model._ask(None, None, None)
    _, histories = next(asked.blocks())
    rows, items = np.repeat(np.arange(10), 5), np.tile(np.arange(5), 10)
    pair, because, value = model._contributions(histories, rows, items)
    sums = np.bincount(pair, weights=value, minlength=len(rows))
    np.testing.assert_allclose(sums, model._scores(histories)[rows, items], rtol=1e-4, atol=1e-6)
    seen = set(zip(histories.customer.tolist(), histories.item.tolist(), strict=True))
    assert {(rows[k], i) for k, i in zip(pair, because, strict=True)} <= seen


def test_reasons_name_what_was_bought_most_telling_first():
    model = EASE(regularization=5.0).fit(log_of(lines()), catalogue(), as_of=AS_OF)
    offer = model.recommend(["c103"], n=1, exclude_seen=True, explain=True).iloc[0]
    assert offer["reason"].startswith("because you bought ")
    told = offer["reason"].removeprefix("because you bought ").split(", ")
    names = dict(zip(catalogue()["name"], catalogue()["what"], strict=True)) | {"i10": "i10"}
    target = np.searchsorted(model.items_, offer["what"])
    column = model.weights_[:, sold_place(model, target)]
    parts = [column[place_of(model, names[name])] for name in told]
    assert parts == sorted(parts, reverse=True)
    assert min(parts) > 0


def place_of(model, item):
    return sold_place(model, np.searchsorted(model.items_, item))


def sold_place(model, place):
    return int(np.searchsorted(model.sold_, place))


def test_popularity_helps_short_histories_only():
    pure = EASE(regularization=5.0, popularity=0.0).fit(log_of(lines()), as_of=AS_OF)
    mixed = EASE(regularization=5.0, popularity=0.5).fit(log_of(lines()), as_of=AS_OF)
    _, histories = next(mixed._ask(None, None, None).blocks())
    n_known = histories.n_known
    alone = pure._scores(histories)
    added = mixed._scores(histories) - alone
    share = 0.5 * np.clip((10 - n_known) / 5, 0, 1) * np.ptp(alone, axis=1)
    assert len(set(share)) > 5
    np.testing.assert_allclose(added, share[:, None] * mixed.prior_, atol=1e-5)
    assert mixed.prior_.max() == 1.0


def test_similar_items_follow_the_weights():
    model = EASE(regularization=5.0).fit(log_of(lines()), as_of=AS_OF)
    alike = model.similar_items(["i11"], n=3)
    row = model.weights_[place_of(model, "i11")].copy()
    row[place_of(model, "i11")] = -np.inf
    assert alike["similar_item"].tolist() == model.items_[np.argsort(-row)[:3]].tolist()


def test_memory_is_told_before_it_is_taken():
    with pytest.raises(DataError, match=r"EASE: 50,000 items need 20.0 GB .* ItemKNN"):
        check_memory(50_000, 4.0, "EASE")
    with pytest.raises(DataError, match="EASE: 24 items need"):
        EASE(max_memory=1e-6).fit(log_of(lines()))


@pytest.mark.parametrize(
    ("name", "value"), [("regularization", 0.0), ("popularity", -1), ("max_memory", "4 GB")]
)
def test_parameters_are_checked_in_fit(name, value):
    with pytest.raises(DataError, match=f"EASE: {name} must be a finite number"):
        EASE(**{name: value}).fit(log_of(lines()))


def test_the_sparse_product_takes_no_more_memory_than_is_told():
    rng = np.random.default_rng(0)
    n, n_items = 60_000, 1_600
    bought = sp.csr_matrix(
        (np.ones(n * 8, np.float32), (np.repeat(np.arange(n), 8), rng.integers(0, n_items, n * 8))),
        shape=(n, n_items),
    )
    bought.data[:] = 1.0
    tracemalloc.start()
    made = gram(bought)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * made.nbytes
    assert np.array_equal(made, (bought.T @ bought).toarray())


def test_a_refused_refit_leaves_the_fitted_model_alone():
    model = EASE(5.0).fit(log_of(lines().query("what < 'i20'")), as_of=AS_OF)
    expected = model.recommend()
    state = {name: id(value) for name, value in vars(model).items()}
    model.set_params(max_memory=1e-6)
    state["max_memory"] = id(model.max_memory)
    with pytest.raises(DataError, match="items need"):
        model.fit(log_of(lines()))
    assert {name: id(value) for name, value in vars(model).items()} == state
    pd.testing.assert_frame_equal(model.recommend(), expected)


def test_a_refused_first_fit_leaves_nothing():
    model = EASE(5.0, max_memory=1e-6)
    with pytest.raises(DataError, match="items need"):
        model.fit(log_of(lines()))
    assert sorted(vars(model)) == ["max_memory", "popularity", "regularization"]
