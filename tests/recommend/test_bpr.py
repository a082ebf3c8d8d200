"""BPR: implicit's own numbers, the map to strangers, reasons, refits, seeds, messages."""

import sys

import numpy as np
import pytest
import scipy.sparse as sp
from threadpoolctl import threadpool_limits

from crmkit.exceptions import DataError, MissingExtraError
from crmkit.recommend import BPR
from crmkit.recommend._bpr import customer_map, mean_rows
from crmkit.recommend._implicit import checked
from tests.recommend.contract.shop import AS_OF, catalogue, lines, log_of
from tests.recommend.test_als import first_block, log_of_matrix, random_bought

SMALL = {"n_factors": 6, "learning_rate": 0.05, "n_iter": 20}


def test_items_are_those_of_implicit():
    native = pytest.importorskip("implicit.cpu.bpr")
    bought = random_bought(1)
    with threadpool_limits(1, "blas"):
        other = native.BayesianPersonalizedRanking(
            factors=6,
            learning_rate=0.05,
            regularization=0.01,
            iterations=20,
            num_threads=1,
            random_state=int(np.random.default_rng(4).integers(2**31 - 1)),
        )
        other.fit(bought, show_progress=False)
    model = BPR(**SMALL, random_state=4).fit(log_of_matrix(bought))
    assert np.array_equal(model.item_factors_, other.item_factors)
    assert (other.user_factors[:, -1] == 1.0).all()
    x = mean_rows(bought, other.item_factors).astype(np.float64)
    wanted = np.linalg.lstsq(
        np.vstack([x, np.sqrt(1e-3) * np.eye(7)]),
        np.vstack([other.user_factors, np.zeros((7, 7))]),
        rcond=None,
    )[0]
    expected = x[:, :] @ wanted[:, :-1] @ other.item_factors[:, :-1].T + other.item_factors[:, -1]
    np.testing.assert_allclose(model._scores(first_block(model)), expected, atol=2e-4)


def test_a_linear_world_is_mapped_exactly():
    rng = np.random.default_rng(0)
    means = rng.normal(size=(200, 4)).astype(np.float32)
    means[:, -1] = 1.0
    truth = rng.normal(size=(4, 4))
    truth[:, -1] = [0.0, 0.0, 0.0, 1.0]
    found = customer_map(means, (means @ truth).astype(np.float32), ridge=1e-9)
    np.testing.assert_allclose(found, truth, atol=1e-5)


def test_means_are_those_of_the_items_of_each_row():
    bought = random_bought(2)
    factors = np.random.default_rng(1).normal(size=(20, 5)).astype(np.float32)
    x = bought.toarray()
    expected = x @ factors / x.sum(axis=1, keepdims=True)
    means = mean_rows(bought, factors)
    np.testing.assert_allclose(means[:, :-1], expected[:, :-1], rtol=1e-4, atol=1e-6)
    assert (means[:, -1] == 1.0).all()


def test_reasons_and_what_holds_for_all_add_up():
    model = BPR(**SMALL).fit(log_of(lines()), as_of=AS_OF)
    histories = first_block(model)
    rows, items = np.repeat(np.arange(10), 5), np.tile(np.arange(5), 10)
    pair, _, value = model._contributions(histories, rows, items)
    sums = np.bincount(pair, weights=value, minlength=len(rows))
    for_all = model.item_factors_[items] @ model.map_[-1]
    expected = model._scores(histories)[rows, items]
    np.testing.assert_allclose(sums + for_all, expected, rtol=1e-4, atol=1e-5)


def test_bought_items_come_before_others():
    model = BPR(n_factors=8, learning_rate=0.05, n_iter=100).fit(log_of(lines()), as_of=AS_OF)
    histories = first_block(model)
    scores, bought = model._scores(histories), histories.matrix().toarray() > 0
    pairs = [np.mean(s[b][:, None] > s[~b]) for s, b in zip(scores, bought, strict=True)]
    popular = model.item_factors_[:, -1]
    by_popularity = [np.mean(popular[b][:, None] > popular[~b]) for b in bought]
    assert np.mean(pairs) > 0.85
    assert np.mean(pairs) > np.mean(by_popularity) + 0.1


def test_a_refit_on_less_data_remembers_nothing():
    used = BPR(**SMALL).fit(log_of_matrix(random_bought(1, (300, 90))))
    few = log_of_matrix(random_bought(1, (12, 5), 0.5))
    used.fit(few)
    fresh = BPR(**SMALL).fit(few)
    assert np.array_equal(used.item_factors_, fresh.item_factors_)
    assert np.array_equal(used.map_, fresh.map_)


def test_seeds_decide_every_bit():
    log = log_of_matrix(random_bought(2, (200, 40)))
    one, two, other = (BPR(**SMALL, random_state=s).fit(log) for s in (1, 1, 2))
    assert np.array_equal(one.item_factors_, two.item_factors_)
    assert not np.array_equal(one.item_factors_, other.item_factors_)


def test_factors_that_grow_without_bound_are_told():
    with pytest.raises(DataError, match=r"BPR: the factors grew without bound\. Lower learning"):
        BPR(learning_rate=1e30, n_iter=20).fit(log_of(lines()))


def test_items_never_sold_are_no_candidates():
    model = BPR(**SMALL).fit(log_of(lines()), catalogue(), as_of=AS_OF)
    assert model.items_[model.unsold_].tolist() == ["i34", "i35"]
    assert not {"i34", "i35"} & set(model.recommend(n=99, exclude_seen=False)["what"])


def test_the_matrix_is_made_fit_for_native_code():
    places = np.array([2, 0, 1, 0], dtype=np.int64), np.array([0, 2, 4], dtype=np.int64)
    bought = sp.csr_matrix((np.array([1.0, 2.0, 3.0, 4.0]), *places), shape=(2, 3))
    assert not bought.has_sorted_indices
    made = checked(bought)
    assert made.has_sorted_indices
    assert (made.dtype, made.indices.dtype, made.indptr.dtype) == (np.float32, np.int32, np.int32)
    assert np.array_equal(made.toarray(), bought.toarray())


def test_a_missing_package_is_named_with_its_cure(monkeypatch):
    for name in [n for n in sys.modules if n.partition(".")[0] == "implicit"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "implicit", None)
    with pytest.raises(MissingExtraError, match=r'BPR needs implicit.*crmkit\[recommend\]"'):
        BPR().fit(log_of(lines()))


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"n_factors": 0}, "n_factors must be a whole number of at least 1"),
        ({"learning_rate": 0.0}, "learning_rate must be a finite number above 0"),
        ({"regularization": -1.0}, "regularization must be a finite number of at least 0"),
        ({"n_iter": 0}, "n_iter must be a whole number of at least 1"),
        ({"random_state": "x"}, "random_state must be None, a whole number"),
    ],
)
def test_parameters_are_checked_in_fit(arguments, text):
    with pytest.raises(DataError, match=f"BPR: {text}"):
        BPR(**arguments).fit(log_of(lines()))
