"""ALS: implicit's own numbers, normal equations, reasons that add up, refits, seeds, messages."""

import sys

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from threadpoolctl import threadpool_limits

from crmkit import EventLog
from crmkit.exceptions import DataError, MissingExtraError
from crmkit.recommend import ALS
from tests.recommend.contract.shop import AS_OF, catalogue, lines, log_of

SMALL = {"n_factors": 6, "regularization": 1.0}


def random_bought(seed, shape=(50, 20), density=0.3):
    rng = np.random.default_rng(seed)
    bought = (rng.random(shape) < density).astype(np.float32)
    bought[bought.sum(axis=1) == 0, 0] = 1.0  # a log knows nobody who bought nothing
    return sp.csr_matrix(bought)


def log_of_matrix(bought):
    customer, item = bought.nonzero()
    frame = pd.DataFrame({"who": customer, "what": item, "when": pd.Timestamp("2024-01-01")})
    return EventLog(frame, customer="who", when="when", amount=None, item="what")


def reference(bought, alpha, seed, **parameters):
    """implicit itself, fitted with the seed that a whole number stands for."""
    native = pytest.importorskip("implicit.cpu.als")
    drawn = int(np.random.default_rng(seed).integers(2**31 - 1))
    with threadpool_limits(1, "blas"):
        model = native.AlternatingLeastSquares(
            alpha=alpha, num_threads=1, random_state=drawn, **parameters
        )
        model.fit(bought, show_progress=False)
    return model


def first_block(model):
    return next(model._ask(None, None, None).blocks())[1]


@pytest.mark.parametrize("alpha", [0.5, 1.0, 8.0])
def test_the_scores_are_those_of_implicit(alpha):
    bought = random_bought(1)
    log = log_of_matrix(bought)
    model = ALS(6, 2.0, alpha, popularity=0.0, random_state=4).fit(log)
    other = reference(bought, alpha, 4, factors=6, regularization=2.0)
    assert np.array_equal(model.item_factors_, other.item_factors)
    customers = other.recalculate_user(np.arange(50), bought)
    expected = customers @ other.item_factors.T
    np.testing.assert_allclose(model._scores(first_block(model)), expected, rtol=2e-3, atol=2e-4)


@pytest.mark.parametrize("alpha", [0.5, 1.0, 8.0])
def test_reasons_add_up_and_are_those_of_implicit(alpha):
    bought = random_bought(2)
    model = ALS(6, 2.0, alpha, popularity=0.0, random_state=4).fit(log_of_matrix(bought))
    histories = first_block(model)
    rows, items = np.repeat(np.arange(10), 5), np.tile(np.arange(5), 10)
    pair, because, value = model._contributions(histories, rows, items)
    sums = np.bincount(pair, weights=value, minlength=len(rows))
    np.testing.assert_allclose(sums, model._scores(histories)[rows, items], rtol=2e-4, atol=1e-5)
    other = reference(bought, alpha, 4, factors=6, regularization=2.0)
    total, told, _ = other.explain(3, bought, 4, N=100)
    mine = pair == 19  # row 3, item 4
    assert sums[19] == pytest.approx(total, rel=2e-3, abs=1e-4)
    expected = dict(told)
    for item, part in zip(because[mine], value[mine], strict=True):
        assert part == pytest.approx(expected[item], rel=5e-3, abs=1e-4)


@pytest.mark.parametrize("alpha", [0.5, 1.0, 8.0])
def test_customers_solve_their_weighted_regression(alpha):
    bought = random_bought(3)
    model = ALS(5, 3.0, alpha, popularity=0.0).fit(log_of_matrix(bought))
    q = model.item_factors_.astype(np.float64)
    found = model._customer_factors(first_block(model))
    for u, x in enumerate(bought.toarray()):
        weight = np.where(x > 0, alpha, 1.0)
        left = (q.T * weight) @ q + 3.0 * np.eye(5)
        expected = np.linalg.solve(left, q.T @ (weight * x))
        np.testing.assert_allclose(found[u], expected, rtol=1e-3, atol=1e-5)


def test_turns_lower_the_loss():
    bought = random_bought(5)
    log, x = log_of_matrix(bought), bought.toarray()
    losses = []
    for n_iter in (1, 3, 15):
        model = ALS(6, 1.0, 4.0, n_iter=n_iter, popularity=0.0).fit(log)
        p = model._customer_factors(first_block(model)).astype(np.float64)
        q = model.item_factors_.astype(np.float64)
        fit = (np.where(x > 0, 4.0, 1.0) * (x - p @ q.T) ** 2).sum()
        losses.append(fit + (p**2).sum() + (q**2).sum())
    assert losses == sorted(losses, reverse=True)
    assert losses[0] > 1.02 * losses[-1]


def test_a_refit_on_less_data_remembers_nothing():
    used = ALS(**SMALL).fit(log_of_matrix(random_bought(1, (300, 90))))
    few = log_of_matrix(random_bought(1, (12, 5), 0.5))
    used.fit(few)
    fresh = ALS(**SMALL).fit(few)
    assert np.array_equal(used.item_factors_, fresh.item_factors_)
    pd.testing.assert_frame_equal(used.recommend(), fresh.recommend())


def test_seeds_decide_every_bit():
    log = log_of_matrix(random_bought(2, (200, 40)))
    one, two, other = (ALS(**SMALL, random_state=s).fit(log) for s in (1, 1, 2))
    assert np.array_equal(one.item_factors_, two.item_factors_)
    assert not np.array_equal(one.item_factors_, other.item_factors_)
    old = ALS(**SMALL, random_state=np.random.RandomState(5)).fit(log)
    assert np.array_equal(
        old.item_factors_,
        ALS(**SMALL, random_state=np.random.RandomState(5)).fit(log).item_factors_,
    )


def test_one_customer_and_one_item_are_enough():
    frame = pd.DataFrame({"who": ["a"], "what": ["x"], "when": pd.Timestamp("2024-01-01")})
    log = EventLog(frame, customer="who", when="when", amount=None, item="what")
    model = ALS().fit(log)
    assert len(model.recommend()) == 0
    assert model.recommend(exclude_seen=False)["what"].tolist() == ["x"]


def test_items_never_sold_have_no_factors():
    model = ALS(**SMALL).fit(log_of(lines()), catalogue(), as_of=AS_OF)
    assert model.items_[model.unsold_].tolist() == ["i34", "i35"]
    assert not model.item_factors_[model.unsold_].any()


def test_factors_that_grow_without_bound_are_told():
    with pytest.raises(DataError, match=r"ALS: the factors grew without bound\. Raise regular"):
        ALS(6, regularization=1e-9, alpha=1e38).fit(log_of(lines()))


def test_a_missing_package_is_named_with_its_cure(monkeypatch):
    for name in [n for n in sys.modules if n.partition(".")[0] == "implicit"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "implicit", None)
    with pytest.raises(MissingExtraError, match=r'ALS needs implicit.*crmkit\[recommend\]"'):
        ALS().fit(log_of(lines()))


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"n_factors": 0}, "n_factors must be a whole number of at least 1"),
        ({"regularization": 0.0}, "regularization must be a finite number above 0"),
        ({"alpha": -1.0}, "alpha must be a finite number above 0"),
        ({"n_iter": 1.5}, "n_iter must be a whole number of at least 1"),
        ({"popularity": np.nan}, "popularity must be a finite number of at least 0"),
        ({"random_state": -1}, "random_state must be None, a whole number"),
    ],
)
def test_parameters_are_checked_in_fit(arguments, text):
    with pytest.raises(DataError, match=f"ALS: {text}"):
        ALS(**arguments).fit(log_of(lines()))
