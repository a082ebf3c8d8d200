"""Likeness: terms by hand, area and its error, what tells and what does not."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from crmkit.segment._attributes import Attribute
from crmkit.segment._core_likeness import area, likeness, pulls, standard_error, terms_of

RANDOM = np.random.default_rng(2)
ALL = np.ones(100, dtype=bool)


def word(name, codes, levels):
    return Attribute(name, "category", np.asarray(codes, dtype=float), tuple(levels))


def test_numbers_are_standardised_logarithms():
    values = np.append(np.expm1(np.arange(99.0) % 3), np.nan)
    terms = terms_of([Attribute("spend", "number", values)], ALL)
    assert terms.names == ("spend",)  # a single gap is too rare for a flag
    assert terms.x[-1].tolist() == [0]
    assert terms.x[:3, 0].tolist() == pytest.approx(np.array([-1, 0, 1]) / np.sqrt(2 / 3))
    negative = terms_of([Attribute("d", "number", -values)], ALL)
    assert (negative.x == -terms.x).all()


def test_gaps_rare_levels_and_opposites():
    codes = np.array([0] * 50 + [1] * 30 + [2] * 18 + [3] * 2, dtype=float)
    terms = terms_of([word("region", codes, "nsew")], ALL)
    assert terms.names == ("region n", "region s", "region e")
    gaps = np.where(np.arange(100) < 40, np.nan, codes)
    assert terms_of([word("region", gaps, "nsew")], ALL).names[-1] == "region (missing)"
    two = terms_of([word("sex", codes > 0, "fm")], ALL)
    assert two.names == ("sex m",)
    numbers = terms_of([Attribute("x", "number", np.where(np.isnan(gaps), np.nan, codes))], ALL)
    assert numbers.names == ("x", "x (missing)")
    constant = terms_of([Attribute("x", "number", np.ones(100))], ALL)
    assert constant.x.shape == (100, 0)


def test_area_is_scikit_learns_and_its_error_that_of_draws():
    core = RANDOM.random(300) < 0.3
    p = np.round(RANDOM.random(300) + 0.5 * core, 1)
    assert area(p, core) == pytest.approx(roc_auc_score(core, p), rel=1e-12)
    draws = []
    for _ in range(400):
        x = np.append(RANDOM.normal(1, 1, 40), RANDOM.normal(0, 1, 120))
        draws.append(area(x, np.arange(160) < 40))
    assert standard_error(float(np.mean(draws)), 40, 120) == pytest.approx(np.std(draws), rel=0.15)


def test_what_tells_and_what_does_not():
    core = RANDOM.random(600) < 0.3
    signal = (RANDOM.normal(size=600) + core)[:, None]
    found = likeness(signal, core, 5, 0)
    assert found.tells
    assert 0.7 < found.auc < 0.82
    assert found.weights[0] > 0.5
    shuffled = RANDOM.permutation(600)
    assert not likeness(signal[shuffled], core, 5, 0).tells


def test_the_area_is_of_customers_not_seen():
    core = np.arange(60) % 3 == 0
    flags = np.random.default_rng(0).normal(size=(60, 55))  # enough to learn everyone by heart
    found = likeness(flags, core, 5, 0)
    assert area(found.probability, core) > 0.95
    assert found.auc < 0.75


def test_too_few_are_not_judged():
    x = RANDOM.normal(size=(30, 1))
    assert likeness(x, np.arange(30) < 9, 5, 0) is None
    assert likeness(x[:, :0], np.arange(30) < 15, 5, 0) is None
    assert likeness(x, np.arange(30) < 15, 5, 0) is not None


def test_pulls_add_up_to_the_log_odds():
    number = Attribute("x", "number", RANDOM.normal(size=100))
    words = word("region", RANDOM.integers(0, 3, 100), "nse")
    terms = terms_of([number, words], ALL)
    weights = np.array([1.0, -2.0, 0.5, 3.0])
    moved = pulls(terms, weights, ALL, 2)
    odds = terms.x @ weights
    assert moved.sum(axis=1) == pytest.approx(odds - odds.mean())
    assert moved[:, 0] == pytest.approx(terms.x[:, 0])
