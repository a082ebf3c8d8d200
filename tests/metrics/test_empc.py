"""EMPC: by hand, another library's numbers, numerical integration, invariance, texts."""

import inspect

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from crmkit.exceptions import DataError
from crmkit.metrics import empc
from crmkit.metrics._empc import empc_of_groups, hull_blocks
from tests.metrics._churned import CHURNED, RISK, rows

SETTINGS = [
    {"value": 200.0, "offer_cost": 10.0, "contact_cost": 1.0, "acceptance": (6.0, 14.0)},
    {"value": 80.0, "offer_cost": 20.0, "contact_cost": 3.0, "acceptance": (2.0, 5.0)},
    {"value": 1000.0, "offer_cost": 100.0, "contact_cost": 0.0, "acceptance": (1.0, 1.0)},
]


def test_perfect_order_by_hand():
    # A block of churners pays unless acceptance is below 1/190: half the customers at 0.3*190 - 1.
    assert empc([1, 1, 0, 0], [0.9, 0.6, 0.4, 0.1]) == pytest.approx(28.0, abs=1e-6)


def test_the_published_defaults_stand_in_both_places():
    """Verbraken, Verbeke and Baesens (2013): value 200, offer 10, contact 1, Beta(6, 14)."""
    public = [p.default for p in inspect.signature(empc).parameters.values()][2:]
    of_groups = [p.default for p in inspect.signature(empc_of_groups).parameters.values()][2:]
    assert public == of_groups == [200.0, 10.0, 1.0, (6.0, 14.0)]


def test_constant_score_by_hand():
    """Uniform acceptance g, value 3, offer 1, no contact cost: all, if g is above a half."""
    got = empc(
        [1, 0], [0.3, 0.3], value=3.0, offer_cost=1.0, contact_cost=0.0, acceptance=(1.0, 1.0)
    )
    # Half earn 2 g, half cost 1: the integral of g - 1/2 from 1/2 to 1.
    assert got == pytest.approx(0.125)


def test_nobody_is_worth_a_contact():
    y, p = np.arange(500) == 0, np.zeros(500)
    assert empc(y, p, value=11.0, offer_cost=10.0) == pytest.approx(0.0, abs=1e-12)


def drawn(seed):
    random = np.random.default_rng(seed)
    p = random.beta(2, 3, int(random.integers(20, 200)))
    p = np.round(p, 1) if seed % 2 else p
    return (random.random(len(p)) < p).astype(int), p


# empulse 0.13.1: empc_score(*drawn(seed), alpha=acceptance[0], beta=acceptance[1], clv=value,
# incentive_cost=offer_cost, contact_cost=contact_cost) for seeds 0 to 11, settings in turn.
EMPULSE = [
    15.732717623462, 1.591222356875, 147.62638277236, 16.048886224567, 1.721654417793,
    165.575601536911, 14.278448861739, 1.825605590109, 127.23491708391, 19.392285556415,
    0.921183293675, 84.531024531025,
]  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
def test_another_library_agrees(seed):
    assert empc(*drawn(seed), **SETTINGS[seed % 3]) == pytest.approx(EMPULSE[seed], rel=1e-11)


@pytest.mark.parametrize("money", SETTINGS)
def test_integration_of_the_best_campaign_agrees(money):
    """For each acceptance the best number of riskiest customers, by trying them all."""
    y, p = CHURNED[:150], np.round(RISK[:150], 2)
    cuts = np.append(np.unique(p), 2.0)
    churned, stayed = (np.array([np.sum((p >= c) & (y == k)) for c in cuts]) for k in (1, 0))
    grid = (np.arange(20_000) + 0.5) / 20_000
    spent = money["offer_cost"] + money["contact_cost"]
    best = [
        np.max(
            churned * (g * (money["value"] - money["offer_cost"]) - money["contact_cost"])
            - stayed * spent
        )
        for g in stats.beta.ppf(grid, *money["acceptance"])
    ]
    assert empc(y, p, **money) == pytest.approx(np.mean(best) / 150, rel=1e-4)


@given(rows)
def test_only_the_order_counts(pairs):
    y, p = np.array(pairs).T
    found = empc(y, p)
    assert empc(y[::-1], p[::-1]) == pytest.approx(found, abs=1e-9)
    assert empc(y, 100 * p**3 - 40) == pytest.approx(found, abs=1e-9)
    assert empc(y, np.zeros(len(y))) - 1e-9 <= found <= empc(y, y) + 1e-9


@given(rows, st.floats(0.1, 50))
def test_currency_scales(pairs, rate):
    y, p = np.array(pairs).T
    money = {"value": 200.0 * rate, "offer_cost": 10.0 * rate, "contact_cost": rate}
    assert empc(y, p, **money) == pytest.approx(rate * empc(y, p), abs=1e-9)


def test_acceptance_as_an_array():
    given = empc(CHURNED, RISK, acceptance=np.array([3, 9]))
    assert given == empc(CHURNED, RISK, acceptance=(3.0, 9.0))


def test_blocks_have_falling_rates():
    order = np.argsort(-RISK)
    size, churned = hull_blocks(np.ones(600), CHURNED[order].astype(float))
    assert (np.diff(churned / size) < 0).all()
    assert (size.sum(), churned.sum()) == (600, CHURNED.sum())


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"value": 10.0}, "value must be a finite number above 10"),
        ({"offer_cost": -1}, "offer_cost must be a finite number of at least 0"),
        ({"contact_cost": np.nan}, "contact_cost must be a finite number of at least 0"),
        ({"acceptance": 0.3}, r"acceptance must be the two parameters .* \(6, 14\), got 0\.3"),
        ({"acceptance": np.ones((2, 2))}, "acceptance must be the two parameters"),
        ({"acceptance": np.ones(3)}, "acceptance must be the two parameters"),
        ({"acceptance": (0, 1)}, "acceptance must be a finite number above 0"),
    ],
)
def test_errors_teach(change, text):
    with pytest.raises(DataError, match=f"empc: {text}"):
        empc([0, 1], [0.1, 0.2], **change)
