"""Candidates: additive log-odds, and weights of classes that leave the odds alone."""

import numpy as np
import pytest
from scipy.special import expit

from crmkit.churn._boosted_trees import Growth
from crmkit.churn._candidates import SINGLE, Examples, contributions, fit_single, log_odds
from crmkit.churn._table_encoder import Table

HOW = Growth(0, 1)


def examples(n=4000, cost=(1.0, 1.0), seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 2))
    y = (rng.random(n) < expit(x[:, 0] - 1.5)).astype(float)
    return Examples(Table(x, (0, 0)), y, np.ones(n), np.arange(n), cost)


@pytest.mark.parametrize("name", SINGLE)
def test_weights_of_classes_are_undone(name):
    plain, heavy = (
        log_odds({name: fit_single(name, examples(cost=cost), HOW, "t")}, examples().table)
        for cost in ((1.0, 1.0), (0.5, 2.0))
    )
    base = examples().y.mean()
    assert expit(plain).mean() == pytest.approx(base, abs=0.005)
    assert expit(heavy).mean() == pytest.approx(base, abs=0.02)


def test_undone_by_hand():
    """Weights 4 : 1 on one level turn 3 churners in 11 into odds 12 / 8, raw .6: .273 again."""
    table = Table(np.ones((11, 1)), (1,))
    y = np.array([1.0] * 3 + [0.0] * 8)
    given = Examples(table, y, np.ones(11), np.arange(11), (1.0, 4.0))
    found = log_odds({"s": fit_single("spline_logistic", given, HOW, "t")}, table)
    np.testing.assert_allclose(expit(found), 3 / 11, atol=1e-6)
    assert round(3 / 11, 3) == 0.273


@pytest.mark.parametrize("names", [*[(name,) for name in SINGLE], SINGLE[:2]])
def test_contributions_add_up_to_the_log_odds(names):
    given = examples(cost=(1.0, 3.0))
    parts = {name: fit_single(name, given, HOW, "t") for name in names}
    added = contributions(parts, given.table)
    np.testing.assert_allclose(added.sum(axis=1), log_odds(parts, given.table), atol=1e-6)


def test_the_average_is_that_of_log_odds():
    given = examples(1000)
    parts = {name: fit_single(name, given, HOW, "t") for name in SINGLE[:2]}
    each = [log_odds({name: state}, given.table) for name, state in parts.items()]
    np.testing.assert_allclose(log_odds(parts, given.table), np.mean(each, axis=0))
