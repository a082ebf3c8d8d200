"""Curves as cubic pieces: what the splines they are made of say."""

import numpy as np
import pytest

from crmkit.churn._spline_curves import _BLOCK, curve, curves_of


def number(knots, *, log=False, step=False, trust=1.0):
    knots = np.asarray(knots, dtype=float)
    return {
        "levels": 0,
        "log": log,
        "mean": 0.5,
        "scale": 2.0,
        "fill": float(np.median(knots)),
        "step": step,
        "trust": trust,
        "knots": knots if len(knots) > 2 else np.empty(0),
        "reach": knots[[0, -1]],
    }


def state_of(terms, widths, rng):
    return {"terms": terms, "stops": np.cumsum(widths), "slopes": rng.normal(size=sum(widths))}


def by_splines(term, slopes, x):
    """What one number adds, by the splines themselves."""
    z = np.log1p(np.maximum(x, 0.0)) if term["log"] else x
    z = np.clip((z - term["mean"]) / term["scale"], *term["reach"])
    z = np.where(np.isnan(x), term["fill"], z)
    told = slopes[0] * z + (slopes[1] * np.isnan(x) if term["step"] else 0.0)
    if len(term["knots"]):
        told += curve(term["knots"], slopes[1 + term["step"] :])(z)
    return term["trust"] * told


@pytest.mark.parametrize("seed", range(4))
def test_cubics_are_the_weighted_splines(seed):
    rng = np.random.default_rng(seed)
    terms = [
        number(np.sort(rng.normal(size=5)), step=True, trust=0.7),
        number(np.sort(rng.normal(size=3)), log=True),
        number([-1.0, 1.0]),
        number(np.sort(rng.normal(size=4)), log=True, step=True),
    ]
    state = state_of(terms, [9, 6, 1, 8], rng)
    x = rng.normal(scale=4.0, size=(400, 4))
    x[::7] = np.nan
    for j in (0, 1, 3):
        x[1 : 1 + len(terms[j]["knots"]), j] = terms[j]["knots"] * 2.0 + 0.5
    slopes = np.split(state["slopes"], state["stops"][:-1])
    columns = [by_splines(*each) for each in zip(terms, slopes, x.T, strict=True)]
    np.testing.assert_allclose(curves_of(state).added(x), np.array(columns).T, atol=1e-12)


def test_words_add_the_step_of_their_level_and_an_unseen_one_nothing():
    rng = np.random.default_rng(0)
    state = state_of([{"levels": 2}, number([0.0, 1.0, 3.0])], [2, 6], rng)
    x = np.array([[0.0, 1.0], [1.0, 1.0], [2.0, 1.0]])
    added = curves_of(state).added(x)
    np.testing.assert_array_equal(added[:, 0], [0.0, *state["slopes"][:2]])
    assert len(set(added[:, 1])) == 1


def test_a_customer_has_the_same_bits_alone_as_among_many():
    rng = np.random.default_rng(5)
    terms = [number(np.sort(rng.normal(size=5)), log=j % 2 == 0, step=True) for j in range(6)]
    state = state_of(terms, [9] * 6, rng)
    x = np.abs(rng.normal(scale=4.0, size=(_BLOCK + 20, 6)))
    every = curves_of(state).added(x)
    for row in (0, 17, _BLOCK - 1, _BLOCK, _BLOCK + 19):
        np.testing.assert_array_equal(curves_of(state).added(x[[row]])[0], every[row])


def test_they_are_worked_out_once_for_a_model():
    state = state_of([number([0.0, 1.0, 3.0])], [6], np.random.default_rng(0))
    assert curves_of(state) is curves_of(state)
