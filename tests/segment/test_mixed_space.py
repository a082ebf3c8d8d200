"""The space of numbers and categories: scales and dummies by hand, the oracle of distances."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.exceptions import DataError
from crmkit.segment._mixed_space import dummies, learn_space, project, scale_of, scaled

NUMBER = {"name": "x", "kind": "number", "levels": []}
WORD = {"name": "w", "kind": "category", "levels": ["a", "b", "c"]}


def space_of(x, columns, scaling="auto", n_components=None):
    x = np.asarray(x, dtype=float)
    return learn_space(x, np.arange(len(x)), columns, scaling, n_components, "Model")


def test_dummies_by_hand():
    # shares 1/2, 1/4, 1/4: (1 - .5) / sqrt(.5), -.25 / sqrt(.25), ...
    made = dummies(np.array([1.0, 1.0, 2.0, 3.0]), np.array([0.5, 0.25, 0.25]))
    assert made[0] == pytest.approx([0.5**0.5, -0.5, -0.5])
    assert made[2] == pytest.approx([-(0.5**0.5), 1.5, -0.5])
    assert made.mean(axis=0) == pytest.approx([0, 0, 0])
    assert (made**2).mean(axis=0) == pytest.approx([0.5, 0.75, 0.75])  # 1 - share


def test_a_level_not_seen_is_the_mean():
    assert dummies(np.array([0.0]), np.array([0.5, 0.5])).tolist() == [[0.0, 0.0]]


def test_a_flag_weighs_as_much_as_a_number_as_in_words():
    flags = np.array([1.0, 1.0, 0.0, 0.0, 0.0])
    as_number = scaled(flags, scale_of(flags, "standard"))
    as_words = dummies(flags + 1.0, np.array([0.6, 0.4]))
    assert np.ptp(as_number) ** 2 == pytest.approx(((as_words[0] - as_words[2]) ** 2).sum())


def test_axes_keep_distances_where_all_are_kept():
    rng = np.random.default_rng(0)
    x = np.column_stack([rng.normal(size=60), rng.integers(1, 4, 60)])
    turned = project(x, space_of(x, [NUMBER, WORD], n_components=4))
    plain = project(x, space_of(x, [NUMBER, WORD]) | {"axes": None})
    apart = [((z[:, None] - z[None]) ** 2).sum(axis=2) for z in (turned, plain)]
    assert apart[0] == pytest.approx(apart[1], abs=1e-9)


def test_categories_keep_as_many_axes_as_there_are_columns():
    rng = np.random.default_rng(0)
    x = np.column_stack([rng.normal(size=60), rng.integers(1, 4, 60)])
    assert project(x, space_of(x, [NUMBER, WORD])).shape == (60, 2)
    assert space_of(x[:, :1], [NUMBER])["axes"] is None


def test_scales_by_shape():
    even = np.arange(100.0)
    skewed = np.exp(np.random.default_rng(0).normal(size=500))
    assert scale_of(even, "auto")["kind"] == "standard"
    assert scale_of(skewed, "auto")["kind"] == "log"
    assert scale_of(-skewed, "auto")["kind"] == "robust"
    assert scale_of(skewed, "auto")["unit"] == np.quantile(skewed, 0.05)
    for kind in ("log", "standard", "robust"):
        z = scaled(skewed, scale_of(skewed, kind))
        assert (z.mean(), z.std()) == (pytest.approx(0), pytest.approx(1))
    assert scaled(skewed, scale_of(skewed, "none")).tolist() == skewed.tolist()


def test_a_whale_is_held_at_three_spreads():
    values = np.append(np.tile([1.0, 2.0, 3.0], 200), 1e9)
    scale = scale_of(values, "robust")  # median 2, quartiles 1 and 3
    assert scale["high"] == pytest.approx(2.0 + 3.0 * 2.0 / 1.349)
    z = scaled(values, scale)
    assert z[-1] == z.max() == scaled(np.array([1e300]), scale)[0]
    assert np.ptp(z[:-1]) > 2.0  # the others stay apart


@given(
    st.lists(st.floats(0, 1e9), min_size=5, max_size=50).filter(lambda v: max(v) > min(v)),
    st.sampled_from(["auto", "log", "standard", "robust"]),
)
def test_scaling_never_turns_the_order(values, kind):
    x = np.sort(values)
    z = scaled(x, scale_of(x, kind))
    assert np.isfinite(z).all()
    assert (np.diff(z) >= 0).all()


def test_the_smallest_numbers_make_no_infinite_logarithm():
    values = np.array([5e-324, 0.0, 1.0, 2.0, 1e9])
    assert np.isfinite(scaled(values, scale_of(values, "log"))).all()


def test_scaling_by_column_and_its_errors():
    x = np.random.default_rng(0).normal(size=(50, 1))
    assert space_of(x, [NUMBER], {"x": "robust"})["scales"][0]["kind"] == "robust"
    with pytest.raises(DataError, match="scaling must be one of"):
        space_of(x, [NUMBER], {"x": "rank"})
    with pytest.raises(DataError, match="Model: column 'y' not found"):
        space_of(x, [NUMBER], {"y": "log"})
    with pytest.raises(DataError, match="n_components must be None, a whole number from 1 to 1"):
        space_of(x, [NUMBER], n_components=2)
    assert space_of(x, [NUMBER], n_components=0.9)["axes"].shape == (1, 1)
