"""Boosted trees: text in and out, additive, the same at every fit."""

import numpy as np
import pytest
from scipy.special import expit

from crmkit._trees import Growth
from crmkit.churn._boosted_trees import (
    grow_default,
    grow_small,
    tree_contributions,
    tree_log_odds,
)
from crmkit.churn._table_encoder import Table

HOW = Growth(seed=0, threads=1)


@pytest.fixture(scope="module")
def customers():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2000, 3))
    y = (rng.random(2000) < expit(2.0 * x[:, 0] * np.sign(x[:, 1]))).astype(float)
    return Table(x, (0, 0, 0)), y


@pytest.mark.parametrize("grow", [grow_small, grow_default])
def test_contributions_add_up(grow, customers):
    table, y = customers
    text = grow(table, y, np.ones(2000), np.arange(2000), HOW)
    added = tree_contributions(text, table)
    assert added.shape == (2000, 4)
    np.testing.assert_allclose(added.sum(axis=1), tree_log_odds(text, table), atol=1e-6)


@pytest.mark.parametrize("grow", [grow_small, grow_default])
def test_the_same_seed_grows_the_same_trees(grow, customers):
    table, y = customers
    args = (table, y, np.ones(2000), np.arange(2000))
    assert grow(*args, HOW) == grow(*args, HOW)


def test_an_interaction_is_found(customers):
    table, y = customers
    text = grow_small(table, y, np.ones(2000), np.arange(2000), HOW)
    asked = Table(np.array([[2.0, 1.0, 0.0], [2.0, -1.0, 0.0]]), table.levels)
    high, low = tree_log_odds(text, asked)
    assert high > 1.5
    assert low < -1.5


def test_noise_stops_early(customers):
    table, _ = customers
    y = (np.random.default_rng(1).random(2000) < 0.3).astype(float)
    text = grow_small(table, y, np.ones(2000), np.arange(2000), HOW)
    assert text.count("Tree=") < 60


def test_customers_watched_are_whole_groups(customers):
    table, y = customers
    one = grow_small(table, y, np.ones(2000), np.repeat(np.arange(1000), 2), HOW)
    other = grow_small(table, y, np.ones(2000), np.arange(2000), HOW)
    assert one != other


def test_too_few_to_watch_grow_the_usual_number():
    rng = np.random.default_rng(2)
    table, y = Table(rng.normal(size=(60, 1)), (0,)), np.arange(60) % 2.0
    text = grow_small(table, y, np.ones(60), np.arange(60), HOW)
    assert np.isfinite(tree_log_odds(text, table)).all()
