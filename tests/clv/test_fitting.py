"""The search: a maximum known by hand, scales, priors, flat directions."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from crmkit.clv._fitting import (
    covariance_of,
    maximise,
    newton_step,
    on_log_scale,
    summed,
    with_prior,
)


def gamma_like(counts, total):
    """counts ln x - total x: its maximum is counts / total."""
    counts, total = np.asarray(counts, dtype=float), np.asarray(total, dtype=float)

    def objective(x):
        value = float(np.sum(counts * np.log(x) - total * x))
        return value, counts / x - total, np.diag(-counts / x**2)

    return objective


@pytest.mark.parametrize("start", [1e-6, 1.0, 1e6])
def test_a_known_maximum_is_found_from_afar(start):
    objective = on_log_scale(gamma_like([3.0, 50.0], [2.0, 1e-3]), np.zeros(2))
    found = maximise(objective, np.log([start, start]), size=53.0, tol=1e-10, max_iter=100)
    assert found.converged
    assert_allclose(np.exp(found.point), [1.5, 5e4], rtol=1e-8)
    assert_allclose(found.hessian, np.diag([-3.0, -50.0]), atol=1e-6)


def test_logs_are_taken_above_the_lower_bound():
    objective = on_log_scale(gamma_like([3.0], [2.0]), np.array([1.0]))
    value, gradient, hessian = objective(np.log([0.25]))
    assert value == pytest.approx(3 * np.log(1.25) - 2.5)
    assert gradient == pytest.approx([0.25 * (3 / 1.25 - 2)])
    assert hessian == pytest.approx(np.array([[0.25 * (3 / 1.25 - 2) - 0.0625 * 3 / 1.25**2]]))


def test_a_prior_is_a_normal_on_the_logs():
    flat = on_log_scale(gamma_like([0.0, 0.0], [0.0, 0.0]), np.zeros(2))
    value, gradient, hessian = with_prior(flat, np.array([1.0, -1.0]), sd=2.0)(np.array([3.0, 0.0]))
    assert value == pytest.approx(-0.5 * (1 + 0.25))
    assert gradient == pytest.approx([-0.5, -0.25])
    assert hessian == pytest.approx(-np.eye(2) / 4)


def test_a_saddle_is_left_uphill():
    step = newton_step(np.array([1.0, 1e-3]), np.diag([-2.0, 1.0]))
    assert step == pytest.approx([0.5, 1e-3])


def test_no_step_is_longer_than_two():
    assert np.max(np.abs(newton_step(np.array([1.0, 5.0]), -1e-9 * np.eye(2)))) == 2.0


def test_running_out_of_steps_is_told():
    objective = on_log_scale(gamma_like([3.0], [2.0]), np.zeros(1))
    found = maximise(objective, np.array([9.0]), size=3.0, tol=1e-10, max_iter=2)
    assert (found.n_iter, found.converged) == (2, False)


def test_a_wall_of_nan_ends_the_search():
    def wall(x):
        inside = x[0] == 0.0
        return (0.0 if inside else np.nan), np.ones(1), -np.eye(1)

    found = maximise(wall, np.zeros(1), size=1.0, tol=1e-10, max_iter=50)
    assert (found.n_iter, found.converged) == (0, False)


def test_covariance_is_nan_only_where_nothing_holds():
    assert_allclose(covariance_of(np.diag([-4.0, -0.5])), np.diag([0.25, 2.0]))
    open_pair = np.array([[-4.0, 0, 0], [0, -1.0, 1.0], [0, 1.0, -1.0]])
    found = covariance_of(open_pair)
    assert found[0, 0] == pytest.approx(0.25)
    assert np.isnan(found[1:, :]).all()
    assert np.isnan(found[:, 1:]).all()


def test_parts_are_summed():
    part = (1.5, np.array([1.0, 2.0]), np.eye(2))
    value, gradient, hessian = summed(part, part)
    assert value == 3.0
    assert gradient.tolist() == [2.0, 4.0]
    assert hessian.tolist() == [[2.0, 0.0], [0.0, 2.0]]
