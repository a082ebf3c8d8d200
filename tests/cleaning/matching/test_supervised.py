"""What labels teach: nothing from few, the truth from many, trees only where they are better."""

import numpy as np
import pytest
from scipy.optimize import minimize

from crmkit.cleaning._matching import _supervised
from crmkit.cleaning._matching._scores import MatchModel
from crmkit.cleaning._matching._supervised import (
    entity_folds,
    features,
    learnt_correction,
    log_loss,
    ridge_logistic,
)
from tests.cleaning.build import units


def lesson(n, wrong, seed=0, bent=False):
    """Labelled pairs of entities of their own whose second feature the model has overlooked."""
    random = np.random.default_rng(seed)
    x = np.column_stack([np.ones(n), random.normal(size=n), random.normal(size=n)])
    log_odds = random.normal(0.0, 3.0, n)
    truth = log_odds + wrong * (np.abs(x[:, 1]) * 2 - 1.6 if bent else x[:, 1])
    match = random.random(n) < 1 / (1 + np.exp(-truth))
    return x, log_odds, match, (np.arange(n), np.arange(n, 2 * n))


def test_ridge_finds_the_best_weights():
    x, offset, y, _ = lesson(300, 1.5)

    def goal(w):
        return log_loss(offset + x @ w, y).sum() + 1.5 * w @ w

    oracle = minimize(goal, np.zeros(3), tol=1e-12).x
    assert ridge_logistic(x, y, offset, 3.0) == pytest.approx(oracle, abs=1e-4)


def test_without_a_penalty_worth_it_nothing_changes():
    assert np.abs(ridge_logistic(*_xyo(lesson(100, 2.0)), 1e9)).max() < 1e-6


def _xyo(made):
    x, offset, y, _ = made
    return x, y, offset


def test_a_right_model_is_left_alone():
    kept = [learnt_correction(*lesson(200, 0.0, seed), 0) is None for seed in range(10)]
    assert sum(kept) >= 8


def test_what_the_model_overlooked_is_learnt():
    x, log_odds, match, pairs = lesson(400, 2.0)
    found = learnt_correction(x, log_odds, match, pairs, 0)
    assert found.weights[1] == pytest.approx(2.0, abs=0.5)
    assert abs(found.weights[2]) < 0.4
    assert found.trees == ""
    new = lesson(2000, 2.0, seed=1)
    assert log_loss(new[1] + found.of(new[0]), new[2]).mean() < log_loss(new[1], new[2]).mean()


@pytest.mark.parametrize("n_matches", [0, 2])
def test_too_few_matches_teach_nothing(n_matches):
    x, log_odds, _, pairs = lesson(100, 2.0)
    match = np.zeros(100, dtype=bool)
    match[:n_matches] = True
    assert learnt_correction(x, log_odds, match, pairs, 0) is None


def test_no_trees_are_kept_where_a_line_does(monkeypatch):
    monkeypatch.setattr(_supervised, "N_TREES", 40)
    assert learnt_correction(*lesson(6000, 2.0), 0).trees == ""


def test_trees_take_what_is_left(monkeypatch):
    monkeypatch.setattr(_supervised, "N_TREES", 40)
    x, log_odds, match, pairs = lesson(6000, 2.0, bent=True)
    x = np.column_stack([x, log_odds / 12])
    match = match ^ (np.abs(x[:, 2]) > 2)  # and a line is needed to begin with
    found = learnt_correction(x, log_odds, match, pairs, 0)
    assert found.trees
    new_x, new_odds, new_match, _ = lesson(3000, 2.0, seed=1, bent=True)
    new_x = np.column_stack([new_x, new_odds / 12])
    new_match = new_match ^ (np.abs(new_x[:, 2]) > 2)
    line = _supervised.Correction(found.weights, found.penalty)
    losses = [log_loss(new_odds + each.of(new_x), new_match).mean() for each in (line, found)]
    assert losses[1] < losses[0]


def test_no_fold_parts_an_entity():
    left = np.array([0, 1, 3, 5, 0])
    right = np.array([1, 2, 4, 6, 3])
    match = np.array([True, True, True, False, False])
    folds = entity_folds((left, right), match, np.random.default_rng(0))
    assert folds.shape == (2, 5)
    assert len({*folds[:, 0], *folds[:, 1]}) == 1
    assert folds[0, 2] == folds[1, 2]
    assert folds[0, 3] != folds[1, 3]
    assert folds[:, 4].tolist() == [folds[0, 0], folds[0, 2]]


def test_features_by_hand():
    made = units(a=("country", ["x", "y", "x", None]), b=("country", ["p", "q", "q", "q"]))
    m = u = np.array([[1, 0.5, 0.5], [1, 0.5, 0.5]])
    model = MatchModel(("country",) * 2, m, u, 0.1, (), [], np.empty(0), [])
    table = np.array([[2, 1], [0, 2]], dtype=np.int8)
    equal = next(n for n in range(4) if made.columns[0].codes[n] >= 0)
    x = features(model, made, np.array([equal, equal]), table, np.array([6.0, -30.0]))
    value = made.columns[0].codes[equal]
    share = np.mean(made.columns[0].codes[made.columns[0].codes >= 0] == value)
    assert x.shape == (2, 2 + 2 * 4)
    assert x[0].tolist() == pytest.approx([1, 0.5, 0, 0, 1, np.log(0.5 / share) / 5, 0, 1, 0, 0])
    assert x[1, :6].tolist() == [1, -1, 1, 0, 0, 0]
