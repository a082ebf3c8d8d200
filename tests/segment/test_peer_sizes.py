"""Sizes among peers: power laws, levels of packs and tariffs, few peers, abusers among them."""

import numpy as np
import pytest

from crmkit.segment._peer_sizes import fall, fall_at, fit_level, fit_size, size_tail


def tail(values, peers):
    """Chances of values among peers."""
    values = np.asarray(values, dtype=float)
    rules = {k: np.repeat(np.asarray(v)[None], len(values), 0) for k, v in fit_size(peers).items()}
    return size_tail(values, **rules)


def test_a_power_law_is_met_and_shorter_tails_are_judged_with_care():
    random = np.random.default_rng(4)
    for values, at_most in ((random.pareto(2.5, 50_000) + 1, 1.3), (random.gamma(5, 1, 50_000), 1)):
        p = tail(values, values)
        for rate in (0.01, 0.001):
            assert (p < rate).mean() <= rate * at_most
    pareto = random.pareto(2.5, 50_000) + 1
    assert (tail(pareto, pareto) < 0.001).mean() >= 0.0007
    assert tail([np.nan, 0.0], pareto).tolist() == [1.0, 1.0]
    assert tail([5.0], np.array([np.nan])).tolist() == [1.0]


@pytest.mark.parametrize("n", [250, 3000])
@pytest.mark.parametrize("share", [0.002, 0.01, 0.03, 0.06])
@pytest.mark.parametrize("levels", [(1, 2), (9.99, 14.99)])
def test_the_next_level_is_never_rarer_than_peers_show(n, share, levels):
    have = np.arange(n) < max(1, round(share * n))
    p = tail(levels, np.where(have, levels[1], levels[0]))
    assert p[0] == 1.0
    assert p[1] >= min(have.mean(), 0.01)


def test_a_dear_tariff_of_one_in_a_hundred_is_usual_and_a_little_more_as_well():
    peers = np.where(np.arange(2000) < 20, 99.99, 9.99)
    p = tail([99.99, 101.0, 999.9], peers)
    assert p[0] == pytest.approx(0.01)
    assert 0.009 < p[1] < 0.01
    assert p[2] < 2e-4


def test_abusers_who_differ_do_not_excuse_one_another():
    random = np.random.default_rng(5)
    peers = random.choice([1.0, 2.0, 3.0], 2000, p=[0.8, 0.15, 0.05])
    peers[:40] = random.uniform(200, 900, 40)
    assert (tail(peers[:40], peers) < 2e-4).all()
    alone = np.append(np.ones(250), 500.0)
    assert tail([500.0], alone)[0] < 1e-6 < 1e-3 < tail([2.0], alone)[0]


def test_a_slope_of_few_peers_is_judged_with_more_care():
    random = np.random.default_rng(6)
    for n in (60, 200):
        p = np.concatenate(
            [tail(*np.exp(random.exponential(1, (2, n)))) for _ in range(30_000 // n)]
        )
        assert (p < 0.001).mean() < 0.0025
    assert fall(np.array([-1.0, 0.0]), 10.0).tolist() == [1.0, 1.0]
    assert fall(np.array([5.0]), 1e9)[0] == pytest.approx(np.exp(-5))
    assert fall_at(float(fall(np.array([5.0]), 7.0)[0]), 7.0) == pytest.approx(5.0)


def test_the_level_of_several_peers_by_hand():
    assert fit_level(np.array([0.0, 0.2, 0.5, 1.0, 1.0])) == (0.5, 0.6)
    assert fit_level(np.array([1.0, 0.0])) == (0.0, 1.0)
    assert fit_level(np.append(np.zeros(990), np.ones(10))) == (1.0, 0.01)
