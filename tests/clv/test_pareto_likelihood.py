"""Likelihood of the Pareto/NBD: many digits, derivatives, weights, covariates."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from crmkit.clv import ParetoNBDModel
from crmkit.clv._distinct import distinct_rows
from crmkit.clv._pareto_likelihood import Pairs, pareto_objective, scales
from tests.oracles import pareto_nbd

NAMES = ("r", "alpha", "s", "beta")


def rows(n=250, seed=0, n_covariates=0):
    """Histories in whole weeks, some of them alike, and covariates of few and of many values."""
    random = np.random.default_rng(seed)
    T = random.integers(1, 60, n).astype(float)
    x = np.where(random.random(n) < 0.4, 0, np.floor(10 ** random.uniform(0, 2, n)))
    t = np.where(x > 0, np.ceil(T * random.random(n)), 0.0)
    z = np.column_stack([random.integers(0, 2, n), random.normal(size=n)])[:, :n_covariates]
    return np.column_stack([x, t, T, z])


def value_of(params, table):
    model = ParetoNBDModel.from_dict({"fitted": {"params_": dict(zip(NAMES, params, strict=True))}})
    return model._log_likelihood(table)


@settings(max_examples=60)
@given(
    st.floats(0.05, 20),
    st.floats(0.1, 300),
    st.floats(0.05, 20),
    st.floats(0.1, 300),
    st.integers(0, 200),
    st.floats(0.01, 1),
    st.floats(0.1, 2000),
)
def test_log_likelihood_to_many_digits(r, alpha, s, beta, x, part, T):
    t = T * part if x else 0.0
    found = value_of((r, alpha, s, beta), np.array([[x, t, T]]))[0]
    exact = float(pareto_nbd.log_likelihood(r, alpha, s, beta, x, t, T))
    scale = 1.0 + (r + x) * (1.0 + abs(np.log(alpha + T)))
    assert found == pytest.approx(exact, abs=1e-13 * scale, rel=1e-11)


@pytest.mark.parametrize(
    "params",
    [(0.55, 10.6, 0.6, 11.7), (2.0, 300.0, 0.02, 5.0), (0.3, 1.0, 7.0, 400.0), (1.0, 9, 1.0, 9)],
)
def test_gradient_and_hessian_are_those_of_differences(params):
    objective = pareto_objective(distinct_rows(rows()))
    assert objective(np.array(params))[0] == pytest.approx(value_of(params, rows()).sum())
    check_derivatives(objective, np.array(params, dtype=float))


def test_derivatives_with_covariates():
    objective = pareto_objective(distinct_rows(rows(n_covariates=2)))
    check_derivatives(objective, np.array([0.8, 5.0, 1.3, 30.0, 0.2, -0.3, 0.5, 0.1]))


def check_derivatives(objective, params):
    _, gradient, hessian = objective(params)
    for i, size in enumerate(np.maximum(np.abs(params), 0.1)):
        step = np.zeros(len(params))
        step[i] = 1e-5 * size
        above, below = objective(params + step), objective(params - step)
        slope = (above[0] - below[0]) / (2 * step[i])
        assert slope == pytest.approx(gradient[i], rel=1e-6, abs=1e-5)
        bend = (above[1] - below[1]) / (2 * step[i])
        assert_allclose(bend, hessian[i], rtol=1e-6, atol=1e-7 * np.abs(hessian).max())
    assert_allclose(hessian, hessian.T, rtol=1e-12)


def test_covariates_scale_both_rates():
    table = rows(n_covariates=2)
    params = np.array([0.8, 5.0, 1.3, 30.0, 0.2, -0.3, 0.5, 0.1])
    value, _, _ = pareto_objective(distinct_rows(table))(params)
    alpha = 5.0 * np.exp(-table[:, 3:] @ params[4:6])
    beta = 30.0 * np.exp(-table[:, 3:] @ params[6:])
    x, t, T = table[:, :3].T
    some = x < 60  # where the formula of the paper stays finite
    oracle = pareto_nbd.scipy_log_likelihood(0.8, alpha, 1.3, beta, x, t, T)
    assert some.sum() > 200
    assert np.isfinite(oracle[some]).all()
    found = pareto_objective(distinct_rows(table[some]))(params)[0]
    assert found == pytest.approx(oracle[some].sum(), rel=1e-10)
    assert np.isfinite(value)


def test_without_effects_covariates_change_nothing():
    table, params = rows(n_covariates=2), np.array([0.8, 5.0, 1.3, 30.0])
    with_z = pareto_objective(distinct_rows(table))(np.append(params, np.zeros(4)))
    without = pareto_objective(distinct_rows(table[:, :3]))(params)
    assert with_z[0] == pytest.approx(without[0], rel=1e-13)
    assert_allclose(with_z[1][:4], without[1], rtol=1e-10)
    assert_allclose(with_z[2][:4, :4], without[2], rtol=1e-9)


def test_pairs_are_few_and_lead_back_to_the_rows():
    table = rows(n=4000)
    data = distinct_rows(table)
    pairs = Pairs.of(data)
    x, t, T = data.columns
    assert_allclose(pairs.x[pairs.last], x)
    assert_allclose(pairs.age[pairs.last], t)
    assert_allclose(pairs.age[pairs.now], T)
    assert len(pairs.x) == len(np.unique(np.column_stack([pairs.x, pairs.age]), axis=0))


def test_far_covariates_do_not_overflow():
    alpha, beta = scales(np.array([1, 2.0, 1, 3.0, 50.0, -50.0]), np.array([[1.0, -1e6]]))
    assert 0 < alpha[0] < 1e-100
    assert 1e100 < beta[0] < np.inf
