"""Spline-logistic regression: curves that bend where the data bend, and add up."""

import numpy as np
from scipy.special import expit, logit

from crmkit.churn._spline_logistic import (
    _learn_curve,
    _splines,
    fit_spline_logistic,
    spline_contributions,
)
from crmkit.churn._table_encoder import Table


def fit(x, y, levels=(0,), weight=None):
    weight = np.ones(len(y)) if weight is None else weight
    return fit_spline_logistic(Table(x, levels), y.astype(float), weight, "test")


def odds(state, x, levels=(0,)):
    return spline_contributions(state, Table(x, levels)).sum(axis=1)


def test_splines_are_a_partition_of_one_between_the_outer_knots():
    basis = _splines(np.linspace(-1.0, 3.0, 50), np.array([-1.0, 0.0, 0.5, 1.0, 3.0]))
    assert basis.shape == (50, 7)
    np.testing.assert_allclose(basis.sum(axis=1), 1.0)
    assert (basis >= -1e-12).all()


def test_a_u_shape_is_found_and_nothing_runs_away_beyond_the_data():
    rng = np.random.default_rng(0)
    x = rng.uniform(-3, 3, 4000)[:, None]
    y = rng.random(4000) < expit(x[:, 0] ** 2 - 3.0)
    state = fit(x, y)
    low, middle, high = odds(state, np.array([[-3.0], [0.0], [3.0]]))
    assert low > middle + 3
    assert high > middle + 3
    beyond = odds(state, np.array([[3.0], [1e9]]))
    np.testing.assert_allclose(beyond, odds(state, np.full((2, 1), x.max())), atol=0.2)


def test_words_are_steps_near_the_shares_of_their_levels():
    x = np.repeat([1.0, 2.0], 1000)[:, None]
    y = np.concatenate([np.arange(1000) < 100, np.arange(1000) < 600])
    found = odds(fit(x, y, (2,)), np.array([[1.0], [2.0]]), (2,))
    np.testing.assert_allclose(found, logit([0.1, 0.6]), atol=0.05)


def test_an_unseen_word_lies_between_the_levels():
    x = np.repeat([1.0, 2.0], 1000)[:, None]
    y = np.concatenate([np.arange(1000) < 100, np.arange(1000) < 600])
    low, unseen, high = odds(fit(x, y, (2,)), np.array([[1.0], [0.0], [2.0]]), (2,))
    assert low < unseen < high


def test_unknown_numbers_have_a_step_of_their_own():
    x = np.concatenate([np.linspace(0, 1, 500), np.full(500, np.nan)])[:, None]
    y = np.concatenate([np.zeros(450), np.ones(50), np.ones(450), np.zeros(50)])
    known, unknown = odds(fit(x, y), np.array([[0.3], [np.nan]]))
    assert known < -1
    assert unknown > 1.5


def test_the_average_customer_has_the_base_contribution_alone():
    rng = np.random.default_rng(1)
    x = np.column_stack([rng.normal(size=800), rng.integers(1, 4, 800)])
    y = rng.random(800) < expit(x[:, 0])
    state = fit(x, y, (0, 3))
    added = spline_contributions(state, Table(x, (0, 3)))
    np.testing.assert_allclose(added[:, :-1].mean(axis=0), 0.0, atol=1e-9)
    np.testing.assert_allclose(expit(added.sum(axis=1)).mean(), y.mean(), atol=1e-6)


def test_weights_are_repeated_rows():
    rng = np.random.default_rng(2)
    x, y, weight = rng.gamma(1.0, 9.0, (60, 2)), rng.random(60) < 0.4, rng.integers(1, 5, 60)
    weighted = fit(x, y, (0, 0), weight.astype(float))
    repeated = fit(np.repeat(x, weight, axis=0), np.repeat(y, weight), (0, 0))
    np.testing.assert_allclose(odds(weighted, x, (0, 0)), odds(repeated, x, (0, 0)), rtol=1e-6)


def test_heavy_tails_are_taken_as_logarithms_and_symmetric_numbers_are_not():
    rng = np.random.default_rng(3)
    assert _learn_curve(np.exp(rng.normal(size=500)), np.ones(500))["log"]
    assert not _learn_curve(rng.normal(size=500), np.ones(500))["log"]
    assert not _learn_curve(rng.uniform(size=500), np.ones(500))["log"]


def test_a_flag_is_a_line_without_knots():
    assert len(_learn_curve(np.array([0.0, 1.0, 1.0]), np.ones(3))["knots"]) == 0


def test_what_few_tell_is_believed_little():
    """A window that 6 of 3,000 had filled, by chance all churners, is full for everybody later."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3000, 2))
    y = rng.random(3000) < expit(x[:, 0])
    young = np.ones(3000, dtype=bool)
    young[np.flatnonzero(y)[:6]] = False
    x[young, 1] = np.nan
    state = fit(x, y, (0, 0))
    later = np.column_stack([np.zeros(50), np.linspace(-2, 2, 50)])
    assert np.abs(spline_contributions(state, Table(later, (0, 0)))[:, 1]).max() < 0.1
    whole = fit(np.where(np.isnan(x), 0.0, x), y, (0, 0))
    assert whole["terms"][0]["trust"] == 1.0
