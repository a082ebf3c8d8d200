"""Candidates: additive log-odds, and what an unseen word counts for."""

import numpy as np
import pytest
from scipy.special import expit

from crmkit._trees import Growth
from crmkit.churn._candidates import (
    SINGLE,
    Examples,
    contributions,
    fit_single,
    log_odds,
    odds_and_contributions,
)
from crmkit.churn._table_encoder import Table

HOW = Growth(0, 1)


def examples(n=4000, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 2))
    y = (rng.random(n) < expit(x[:, 0] - 1.5)).astype(float)
    return Examples(Table(x, (0, 0)), y, np.ones(n), np.arange(n))


@pytest.mark.parametrize("name", SINGLE)
def test_an_unseen_word_is_scored_near_the_base_rate(name):
    """Annual contracts are first in the alphabet and churn least: a new word is not like them."""
    rng = np.random.default_rng(0)
    codes = rng.integers(1, 4, 3000).astype(float)
    y = (rng.random(3000) < np.array([0, 0.03, 0.6, 0.3])[codes.astype(int)]).astype(float)
    given = Examples(Table(codes[:, None], (3,), (3,)), y, np.ones(3000), np.arange(3000))
    parts = {name: fit_single(name, given, HOW, "t")}
    new = Table(np.array([[0.0], [1.0]]), (3,), (3,))
    unseen, annual = expit(log_odds(parts, new))
    assert unseen == pytest.approx(y.mean(), abs=0.09)
    assert annual < 0.1
    np.testing.assert_allclose(contributions(parts, new).sum(axis=1), log_odds(parts, new))


@pytest.mark.parametrize("names", [*[(name,) for name in SINGLE], SINGLE[:2]])
def test_contributions_add_up_to_the_log_odds(names):
    given = examples()
    parts = {name: fit_single(name, given, HOW, "t") for name in names}
    added = contributions(parts, given.table)
    np.testing.assert_allclose(added.sum(axis=1), log_odds(parts, given.table), atol=1e-6)


@pytest.mark.parametrize("names", [*[(name,) for name in SINGLE], SINGLE[:2]])
def test_odds_and_contributions_are_the_same_together(names):
    given = examples()
    parts = {name: fit_single(name, given, HOW, "t") for name in names}
    odds, added = odds_and_contributions(parts, given.table)
    np.testing.assert_allclose(odds, log_odds(parts, given.table), rtol=1e-12, atol=1e-13)
    np.testing.assert_array_equal(added, contributions(parts, given.table))


def test_the_average_is_that_of_log_odds():
    given = examples(1000)
    parts = {name: fit_single(name, given, HOW, "t") for name in SINGLE[:2]}
    each = [log_odds({name: state}, given.table) for name, state in parts.items()]
    np.testing.assert_allclose(log_odds(parts, given.table), np.mean(each, axis=0))
