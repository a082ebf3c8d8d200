"""The mathematics of the sBG model: formulas to many digits, derivatives."""

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from crmkit.clv._distinct import distinct_rows
from crmkit.clv._renewals import (
    check_contracts,
    check_periods,
    log_survival,
    sbg_log_likelihood,
    sbg_objective,
)
from crmkit.exceptions import DataError

wide = st.floats(-6, 6).map(lambda exponent: 10.0**exponent)


def test_by_hand():
    """Alpha 1 and beta 1: half leave first, then a third of the rest, then a quarter."""
    survival = np.exp(log_survival((1.0, 1.0), np.arange(4.0)))
    assert_allclose(survival, [1, 1 / 2, 1 / 3, 1 / 4], rtol=1e-15)
    T, churned = np.array([1.0, 2.0, 2.0]), np.array([1.0, 1.0, 0.0])
    found = np.exp(sbg_log_likelihood((1.0, 1.0), T, churned))
    assert_allclose(found, [1 / 2, 1 / 6, 1 / 3], rtol=1e-15)


@given(wide, wide, st.integers(1, 500), st.booleans())
def test_log_likelihood_to_many_digits(alpha, beta, T, churned):
    found = sbg_log_likelihood((alpha, beta), np.array([float(T)]), np.array([float(churned)]))[0]
    with mp.workdps(40):
        a, b = mp.mpf(alpha), mp.mpf(beta)
        value = mp.beta(a + 1, b + T - 1) if churned else mp.beta(a, b + T)
        exact = mp.log(value / mp.beta(a, b))
    assert found == pytest.approx(float(exact), rel=1e-11)


@pytest.mark.parametrize("params", [(0.67, 3.8), (30.0, 2.0), (0.01, 0.4)])
def test_gradient_and_hessian_are_those_of_differences(params):
    random = np.random.default_rng(0)
    rows = np.column_stack([random.integers(1, 15, 300), random.integers(0, 2, 300)]).astype(float)
    data = distinct_rows(rows, random.uniform(0, 2, 300))
    objective, params = sbg_objective(data), np.array(params)
    value, gradient, hessian = objective(params)
    assert value == pytest.approx(data.weight @ sbg_log_likelihood(tuple(params), *data.columns))
    for i, step in enumerate(params * 1e-5):
        shift = np.zeros(2)
        shift[i] = step
        above, below = objective(params + shift), objective(params - shift)
        assert (above[0] - below[0]) / (2 * step) == pytest.approx(gradient[i], rel=1e-6, abs=1e-4)
        assert_allclose((above[1] - below[1]) / (2 * step), hessian[i], rtol=1e-6, atol=1e-3)


@pytest.mark.parametrize("horizon", [None, True, "3", -1, 0.5, 10_000_001, float("nan")])
def test_a_horizon_is_a_whole_number_of_renewals(horizon):
    with pytest.raises(DataError, match="horizon must be a whole number of renewals to come"):
        check_periods(horizon)
    assert [check_periods(asked) for asked in (0, 3.0, 10_000_000)] == [0, 3, 10_000_000]


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ((2.0, 0.5), "1 churned that are neither 0 nor 1"),
        ((2.0, 2.0), "1 churned that are neither 0 nor 1"),
        ((2.0, -1.0), "1 churned that are neither 0 nor 1"),
        ((0.0, 1.0), "1 customers who left at T 0"),
        ((1.5, 1.0), "1 T that are not whole"),
        ((-1.0, 0.0), "1 negative T"),
        ((10_000_001.0, 0.0), "1 T above 10,000,000"),
    ],
)
def test_rows_that_no_contract_has(row, text):
    fine = [(0.0, 0.0), (1.0, 1.0), (10_000_000.0, 0.0)]
    assert len(check_contracts(np.array(fine))) == 3
    with pytest.raises(DataError, match=text) as refused:
        check_contracts(np.array([*fine, row]))
    assert "left at T 0" not in str(refused.value) or row == (0.0, 1.0)
