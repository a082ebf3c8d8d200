"""Trees: they start from the base, learn what it misses, and carry it to a longer future."""

import numpy as np
import pytest

from crmkit._trees import Growth
from crmkit.clv import _value_trees
from crmkit.clv._value_snapshots import Outcome, Snapshot
from crmkit.clv._value_trees import (
    Example,
    Forecast,
    carried,
    early_stopping_parts,
    forecast,
    grow,
    mean_of,
)

HOW = Growth(seed=0, threads=1)


def example(seed, n=1500, twist=2.0):
    """Customers whose rate the base knows but for a factor that hangs on the first feature."""
    random = np.random.default_rng(seed)
    known, hidden = random.gamma(2.0, 0.5, n), random.random(n) < 0.5
    rate = known * np.where(hidden, twist, 1.0)
    purchases = random.poisson(rate).astype(float)
    came = Outcome(purchases, purchases * random.gamma(4.0, 5.0, n))
    base = Forecast(-np.expm1(-known), known, known * 20.0)
    features = np.column_stack([hidden, known, random.random(n)]).astype(float)
    seen = Snapshot(last=100 - seed, places=np.arange(n), customers=None, features=features)
    return Example(seen, base, features, came), rate


@pytest.fixture(scope="module")
def school():
    return [example(seed)[0] for seed in range(3)]


@pytest.mark.parametrize("offset", [True, False])
def test_what_the_base_misses_is_learnt(school, offset):
    grown = grow(school, offset, HOW, None)
    fresh, rate = example(9)
    found = forecast(grown, fresh.features, fresh.base)
    for got, known, truth in (
        (found.purchases, fresh.base.purchases, rate),
        (found.spend, fresh.base.spend, 20 * rate),
    ):
        assert np.mean((got - truth) ** 2) < 0.2 * np.mean((known - truth) ** 2)
    assert np.abs(found.purchases / rate - 1).mean() < 0.25
    assert np.corrcoef(found.any, -np.expm1(-rate))[0, 1] > 0.97
    assert (found.any <= found.purchases).all()
    assert found.spend.sum() == pytest.approx(20 * rate.sum(), rel=0.1)


def test_trees_start_from_the_base_but_believe_no_expectation_of_nothing(school):
    one = grow(school, True, HOW, {"any": 1, "purchases": 1, "spend": 1})
    fresh = example(9)[0]
    found = forecast(one, fresh.features, fresh.base)
    mean = np.mean([each.came.purchases.mean() for each in school])
    assert one.floors["purchases"] == pytest.approx(0.05 * mean)
    start = np.maximum(fresh.base.purchases, one.floors["purchases"])
    np.testing.assert_allclose(found.purchases, start, rtol=0.15)
    np.testing.assert_allclose(found.any, fresh.base.any, atol=0.05)


def test_the_seed_decides_and_the_number_of_threads_does_not(school):
    few = dict.fromkeys(("any", "purchases", "spend"), 3)
    one, again = (grow(school, True, HOW, None) for _ in range(2))
    assert one == again
    assert one.text != grow(school, True, Growth(1, 1), None).text
    fresh = example(9)[0]
    by_one, by_two = (
        forecast(grow(school, True, Growth(0, threads), few), fresh.features, fresh.base)
        for threads in (1, 2)
    )
    np.testing.assert_array_equal(by_one.spend, by_two.spend)


def test_early_stopping_watches_other_customers_later():
    places = np.tile(np.arange(1000), 3)
    latest = np.repeat([True, False, False], 1000)
    learn, watch = early_stopping_parts(places, latest, 0)
    assert not set(places[learn]) & set(places[watch])
    assert not (learn & latest).any()
    assert not (watch & ~latest).any()
    assert 250 < watch.sum() < 450
    learn, watch = early_stopping_parts(places[:1000], latest[:1000], 0)
    assert not set(places[:1000][learn]) & set(places[:1000][watch])
    assert (learn | watch).all(), "with one cut-off all customers serve"


def test_very_long_tables_are_thinned_by_customers(school, monkeypatch):
    monkeypatch.setattr(_value_trees, "_MOST_ROWS", 900)
    x, base, came, places, latest = _value_trees._stacked(school, 0)
    assert 700 < len(x) == len(base.any) == len(came.spend) == len(latest) < 1100
    np.testing.assert_array_equal(np.bincount(places)[np.unique(places)], 3)
    np.testing.assert_array_equal(x[latest, 1], school[0].base.purchases[places[latest]])


def test_nothing_is_printed_and_no_warning_given(school, capfd):
    grown = grow(school[:1], True, HOW, None)
    forecast(grown, school[0].features, school[0].base)
    assert capfd.readouterr() == ("", "")


def test_free_goods_and_a_base_that_expects_nothing_are_no_trouble(school):
    fresh = example(3)[0]
    came = Outcome(fresh.came.purchases, np.where(fresh.came.spend > 60, fresh.came.spend, 0.0))
    nothing = np.zeros(len(came.spend))
    odd = Example(fresh.seen, Forecast(nothing, nothing, nothing), fresh.features, came)
    found = forecast(grow([odd], True, HOW, None), fresh.features, odd.base)
    for values in (found.any, found.purchases, found.spend):
        assert np.isfinite(values).all()
        assert (values >= 0).all()


def test_mean_of_forecasts():
    one, two = (Forecast(np.array([a]), np.array([b]), np.array([c])) for a, b, c in
                ((0.2, 1.0, 10.0), (0.4, 3.0, 20.0)))  # fmt: skip
    mean = mean_of([one, two])
    assert [v.tolist() for v in (mean.any, mean.purchases, mean.spend)] == [
        pytest.approx([0.3]), [2.0], [15.0]
    ]  # fmt: skip


def test_carried_keeps_ratios_and_odds():
    near = Forecast(np.array([0.5, 0.0]), np.array([1.0, 0.0]), np.array([10.0, 0.0]))
    learnt = Forecast(np.array([2 / 3, 0.1]), np.array([1.5, 0.2]), np.array([8.0, 3.0]))
    to = Forecast(np.array([0.8, 0.0]), np.array([4.0, 0.0]), np.array([40.0, 0.0]))
    far = carried(to, learnt, near)
    assert far.purchases.tolist() == [6.0, 0.0]
    assert far.spend.tolist() == [32.0, 0.0]
    assert far.any[0] == pytest.approx(8 / 9)  # odds 4 times 2
    assert far.any[1] == 0.0, "no more likely than the purchases expected"
