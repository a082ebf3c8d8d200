"""Boosted trees in ONNX: the bits of LightGBM but for the order of adding, at every threshold."""

import lightgbm
import numpy as np
import pytest

from crmkit import _trees
from crmkit._onnx import Graph, ensemble, interpolated, trees_of

pytest.importorskip("onnx", reason='graphs need onnx: pip install "crmkit[onnx]"')
runtime = pytest.importorskip("onnxruntime", reason="equal answers are checked by onnxruntime")

RNG = np.random.default_rng(0)


def grown(x, y, **settings):
    how = _trees.Growth(0, 1)
    return _trees.grow(_trees.Lesson(x, y), {"objective": "binary", **settings}, 30, how)


def run(graph, output, x, n_columns=None):
    file = graph.model(x.shape[1], [output], {})
    session = runtime.InferenceSession(file, providers=["CPUExecutionProvider"])
    return session.run([output], {"X": x})[0].ravel()


def sums(text, x):
    graph = Graph("test")
    graph.add("Identity", graph.trees(text, "X"), to="sum")
    return run(graph, "sum", x)


def table(n=3000, gaps=True):
    x = RNG.normal(size=(n, 4)) * [1.0, 1e6, 1e-6, 1.0]
    x[:, 3] = RNG.integers(0, 5, n)
    y = (x[:, 0] + x[:, 3] / 3 + RNG.normal(size=n) > 1).astype(float)
    if gaps:
        x[RNG.random((n, 4)) < 0.1] = np.nan
    return x, y


@pytest.mark.parametrize("gaps", [True, False])
def test_sums_of_trees_are_those_of_lightgbm(gaps):
    x, y = table(gaps=gaps)
    text = grown(x, y)
    asked = np.vstack([x, np.full((1, 4), np.nan), np.zeros((1, 4)), np.full((1, 4), -0.0)])
    difference = np.abs(sums(text, asked) - _trees.raw_sums(text, asked))
    assert difference.max() < 1e-12


def test_a_value_at_a_threshold_or_one_bit_beside_falls_on_the_right_side():
    x, y = table()
    text = grown(x, y)
    attributes, _ = ensemble(text)
    asked = []
    for column, split in zip(
        attributes["nodes_featureids"], attributes["nodes_splits"], strict=True
    ):
        for value in (split, np.nextafter(split, -np.inf), np.nextafter(split, np.inf)):
            row = x[len(asked) % len(x)].copy()
            row[column] = value
            asked.append(row)
    asked = np.asarray(asked)
    exact = _trees.raw_sums(text, asked)
    assert np.abs(sums(text, asked) - exact).max() < 1e-12
    rounded = _trees.raw_sums(text, asked.astype(np.float32).astype(np.float64))
    assert np.abs(rounded - exact).max() > 1e-3, "single precision would not have been exact"


def test_trees_without_a_split_are_a_number():
    x = np.zeros((60, 2))
    text = grown(x, np.arange(60) % 2.0)
    assert ensemble(text)[0] == {}
    asked = np.asarray([[0.0, 1.0], [np.nan, np.nan]])
    assert np.abs(sums(text, asked) - _trees.raw_sums(text, asked)).max() < 1e-15


def test_every_leaf_stands_once_and_every_node_before_its_children():
    x, y = table()
    text = grown(x, y)
    attributes, alone = ensemble(text)
    structure = list(trees_of(text))
    booster = lightgbm.Booster(model_str=text)
    n_leaves = sum(tree["num_leaves"] for tree in booster.dump_model()["tree_info"])
    assert len(attributes["leaf_weights"]) == n_leaves
    assert (len(attributes["tree_roots"]), alone) == (len(structure), 0.0)
    for side in ("true", "false"):
        places = zip(
            attributes[f"nodes_{side}nodeids"], attributes[f"nodes_{side}leafs"], strict=True
        )
        assert all(leaf or child > own for own, (child, leaf) in enumerate(places))


@pytest.mark.parametrize("points", [1, 2, 7])
def test_lines_between_points_are_those_of_numpy(points):
    at = np.sort(RNG.normal(size=points))
    values = np.sort(RNG.random(points))
    graph = Graph("test")
    graph.add("Identity", interpolated(graph, "X", at, values), to="y")
    x = np.concatenate([RNG.normal(size=200) * 2, at, [-50.0, 50.0]])[:, None]
    assert np.abs(run(graph, "y", x) - np.interp(x.ravel(), at, values)).max() < 1e-15
