"""The likelihood of the BG family: many digits, derivatives, the gaps, the simplest cases."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from crmkit.clv._beta_geo_likelihood import (
    Kind,
    dropout_log_odds,
    family_objective,
    gap_factor,
    log_likelihood,
    phase_terms,
)
from crmkit.clv._distinct import distinct_rows
from tests.oracles import beta_geo, beta_geo_family

KINDS = [Kind(early, k) for early in (0, 1) for k in (1, 2, 4)]
wide = st.floats(-6, 6).map(lambda exponent: 10.0**exponent)


def histories(n=300, seed=0):
    random = np.random.default_rng(seed)
    T = random.integers(20, 60, n).astype(float)
    x = random.poisson(2.0, n).astype(float)
    t = np.where(x > 0, np.ceil(T * random.uniform(size=n)), 0.0)
    t[:20] = np.where(x[:20] > 0, T[:20], 0.0)
    return np.column_stack([x, t, T])


def test_one_time_buyers_of_the_mbg_by_hand():
    """Left at once with probability a / (a + b), else silent as in the NBD."""
    r, alpha, a, b, T = 0.5, 6.0, 0.9, 1.6, 30.0
    leave = a / (a + b)
    expected = np.log(leave + (1 - leave) * (alpha / (alpha + T)) ** r)
    found = log_likelihood((r, alpha, a, b), Kind(1), *np.array([[0.0], [0.0], [T]]))
    assert found[0] == pytest.approx(expected, rel=1e-14)
    odds = dropout_log_odds((r, alpha, a, b), Kind(1), *np.array([[0.0], [0.0], [T]]))
    assert np.exp(odds[0]) == pytest.approx(
        leave / (1 - leave) / (alpha / (alpha + T)) ** r, rel=1e-13
    )


def test_phases_by_hand():
    terms = phase_terms(Kind(0, 3), np.array([2.0]), np.array([0.1]))
    assert_allclose(terms, [[1.0, 2.0 * 0.1, 2.0 * 3.0 / 2.0 * 0.01]])


def test_gap_factor_by_hand():
    found = gap_factor(Kind(0, 4), np.array([0.0, 2.0]), np.array([0.0, 5.0]))
    assert_allclose(found, [0.0, 3 * 5.0 - 2 * np.log(6.0)])


def test_the_paper_s_bg_is_the_simplest_member():
    for x, t, T in ((0, 0.0, 38.86), (2, 30.43, 38.86), (7, 12.0, 12.0)):
        found = log_likelihood(
            (0.243, 4.414, 0.793, 2.426), Kind(), *np.array([[x], [t], [T]], dtype=float)
        )
        exact = float(beta_geo.log_likelihood(0.243, 4.414, 0.793, 2.426, x, t, T))
        assert found[0] == pytest.approx(exact, rel=1e-13)


@given(
    wide, wide, wide, wide, st.integers(0, 1), st.sampled_from([1, 2, 3, 7]),
    st.integers(0, 200), st.floats(0.01, 1), st.floats(0.1, 5000),
)  # fmt: skip
def test_log_likelihood_to_many_digits(r, alpha, a, b, early, k, x, part, T):
    t = T * part if x else 0.0
    params = (r, alpha, a, b)
    found = log_likelihood(params, Kind(early, k), *np.array([[x], [t], [T]], dtype=float))[0]
    exact = float(beta_geo_family.log_likelihood(params, early, k, x, t, T))
    scale = 1.0 + (r + k * x) * (1.0 + abs(np.log(alpha + T)))
    assert found == pytest.approx(exact, abs=1e-13 * scale, rel=1e-12)


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize(
    "params", [(0.24, 4.4, 0.8, 2.4), (3.0, 90.0, 0.01, 40.0), (9, 0.2, 5, 0.1)]
)
def test_gradient_and_hessian_are_those_of_differences(kind, params):
    rows = histories()
    objective = family_objective(distinct_rows(rows), kind)
    params = np.array(params, dtype=float)
    value, gradient, hessian = objective(params)
    by_row = log_likelihood(tuple(params), kind, *rows.T)
    assert value == pytest.approx(by_row.sum(), rel=1e-12)
    for i, step in enumerate(params * 1e-5):
        shift = np.zeros(4)
        shift[i] = step
        above, below = objective(params + shift), objective(params - shift)
        assert (above[0] - below[0]) / (2 * step) == pytest.approx(gradient[i], rel=1e-6, abs=1e-4)
        assert_allclose((above[1] - below[1]) / (2 * step), hessian[i], rtol=2e-6, atol=1e-3)
    assert_allclose(hessian, hessian.T)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_no_density_is_lost(kind):
    """The densities of all histories of up to two purchases until T, and the rest, sum to one."""
    params, T = (1.3, 8.0, 0.7, 1.9), 2.0
    nodes, weights = np.polynomial.legendre.leggauss(40)
    instants, weights = T * (nodes + 1) / 2, T * weights / 2

    def density(x, gaps, weight):
        t = gaps.sum(axis=0)
        x = np.full(len(t), float(x))
        logs = log_likelihood(params, kind, x, t, np.full(len(t), T))
        logs += gap_factor(kind, x, np.log(gaps).sum(axis=0))
        return weight @ np.exp(logs)

    none = np.exp(log_likelihood(params, kind, *np.array([[0.0], [0.0], [T]])))[0]
    one = density(1, instants[None], weights)
    share = (nodes + 1) / 2
    first = np.outer(instants, share).ravel()
    second = np.outer(instants, 1 - share).ravel()
    two = density(2, np.stack([first, second]), np.outer(weights * instants, weights / T).ravel())
    draws = beta_geo_family.simulate(params, kind.early, kind.k, T, 0.0, 200_000, seed=1)[0]
    for x, chance in enumerate((none, one, two)):
        seen = (draws == x).mean()
        assert abs(seen - chance) < 4 * np.sqrt(chance / 200_000) + 1e-9, x
