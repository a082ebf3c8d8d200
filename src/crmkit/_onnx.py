"""Boosted trees as a graph of ONNX, in double precision throughout.

LightGBM compares doubles. The older operators of ONNX compare floats, so that a value near a
threshold may fall on the other side; the operator TreeEnsemble of ai.onnx.ml 5 takes doubles, and
only the order in which the leaves of the trees are added may differ: some 1e-15 of the sum.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from crmkit import _optional
from crmkit._validation import Floats

OPSET, ML_OPSET, IR = 17, 5, 9
LESS_OR_EQUAL, SUM, NO_TRANSFORM = 0, 1, 0


@dataclass
class Graph:
    """Nodes of a graph that is being written, one behind the other."""

    purpose: str
    nodes: list[Any] = field(default_factory=list)
    constants: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.onnx: Any = _optional.require("onnx", extra="onnx", purpose=self.purpose)

    def constant(self, values: Any) -> str:
        """Name of an array of the graph."""
        name = f"c{len(self.constants)}"
        array = np.asarray(values, dtype=np.float64)
        self.constants.append(self.onnx.numpy_helper.from_array(array, name))
        return name

    def add(self, operator: str, *inputs: str, to: str = "", **attributes: Any) -> str:
        """Name of what an operator makes of its inputs."""
        name = to or f"v{len(self.nodes)}"
        make = self.onnx.helper.make_node
        self.nodes.append(make(operator, list(inputs), [name], **attributes))
        return name

    def trees(self, text: str, x: str) -> str:
        """Sum of the trees of LightGBM for each row of `x`, of shape (n_rows, 1)."""
        attributes, alone = ensemble(text)
        of = self.onnx.numpy_helper.from_array
        tensors = {name: of(attributes.pop(name), name) for name in TENSORS if name in attributes}
        if not tensors:  # no tree has a split
            return self.level(self.add("ReduceSum", x, self.integers([1]), keepdims=1), alone)
        made = self.add("TreeEnsemble", x, domain="ai.onnx.ml", **attributes, **tensors)
        return self.add("Add", made, self.constant(alone))

    def level(self, like: str, value: float) -> str:
        """The same value for every row."""
        same = self.constant(value)
        return self.add("Where", self.add("IsNaN", like), same, same)

    def integers(self, values: Sequence[int]) -> str:
        """Name of an array of whole numbers of the graph."""
        name = f"c{len(self.constants)}"
        array = np.asarray(values, dtype=np.int64)
        self.constants.append(self.onnx.numpy_helper.from_array(array, name))
        return name

    def model(self, n_columns: int, outputs: Sequence[str], told: Mapping[str, str]) -> bytes:
        """The file of the graph: doubles of shape (n_rows, n_columns) in."""
        helper, double = self.onnx.helper, self.onnx.TensorProto.DOUBLE
        of = helper.make_tensor_value_info
        graph = helper.make_graph(
            self.nodes,
            "crmkit",
            [of("X", double, [None, n_columns])],
            [of(name, double, [None, 1]) for name in outputs],
            self.constants,
        )
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", ML_OPSET)]
        model = helper.make_model(graph, opset_imports=opsets, producer_name="crmkit")
        model.ir_version = IR
        helper.set_model_props(model, dict(told))
        self.onnx.checker.check_model(model)
        return bytes(model.SerializeToString())


TENSORS = ("nodes_splits", "nodes_modes", "leaf_weights")


def ensemble(text: str) -> tuple[dict[str, Any], float]:
    """Attributes of TreeEnsemble for the trees of a text, and the sum of trees without a split."""
    nodes: dict[str, list[Any]] = {name: [] for name in NODES}
    leaves: list[float] = []
    roots: list[int] = []
    alone = 0.0
    for tree in trees_of(text):
        if "split_index" not in tree:
            alone += tree["leaf_value"]
            continue
        roots.append(len(nodes["nodes_splits"]))
        _write(tree, nodes, leaves)
    if not roots:
        return {}, alone
    made: dict[str, Any] = dict(nodes)
    made["nodes_splits"] = np.asarray(made["nodes_splits"], dtype=np.float64)
    made["nodes_modes"] = np.full(len(made["nodes_splits"]), LESS_OR_EQUAL, dtype=np.uint8)
    made["leaf_weights"] = np.asarray(leaves, dtype=np.float64)
    made |= {"leaf_targetids": [0] * len(leaves), "tree_roots": roots, "n_targets": 1}
    return made | {"aggregate_function": SUM, "post_transform": NO_TRANSFORM}, alone


NODES = (
    "nodes_featureids",
    "nodes_splits",
    "nodes_missing_value_tracks_true",
    "nodes_trueleafs",
    "nodes_truenodeids",
    "nodes_falseleafs",
    "nodes_falsenodeids",
)


def trees_of(text: str) -> Iterator[dict[str, Any]]:
    """The trees of a text of LightGBM as nested dicts."""
    import lightgbm

    told = lightgbm.Booster(model_str=text).dump_model()
    for each in json.loads(json.dumps(told["tree_info"])):
        yield each["tree_structure"]


def _write(root: dict[str, Any], nodes: dict[str, list[Any]], leaves: list[float]) -> None:
    """Write a tree behind the others, a node before its children."""
    waiting: list[tuple[dict[str, Any], int, str]] = [(root, -1, "")]
    while waiting:
        split, parent, side = waiting.pop()
        if "split_index" not in split:
            nodes[f"nodes_{side}leafs"][parent] = 1
            nodes[f"nodes_{side}nodeids"][parent] = len(leaves)
            leaves.append(split["leaf_value"])
            continue
        place = len(nodes["nodes_splits"])
        if parent >= 0:
            nodes[f"nodes_{side}nodeids"][parent] = place
        nodes["nodes_featureids"].append(split["split_feature"])
        nodes["nodes_splits"].append(split["threshold"])
        nodes["nodes_missing_value_tracks_true"].append(int(_missing_goes_left(split)))
        for name in NODES[3:]:
            nodes[name].append(0)
        waiting.append((split["right_child"], place, "false"))
        waiting.append((split["left_child"], place, "true"))


def _missing_goes_left(split: dict[str, Any]) -> bool:
    """Where LightGBM sends NaN; where it saw none in training it takes NaN for 0."""
    if split["decision_type"] != "<=" or split["missing_type"] not in ("NaN", "None"):
        raise AssertionError(f"splits are of numbers, got {split['decision_type']!r}")
    if split["missing_type"] == "NaN":
        return bool(split["default_left"])
    return bool(split["threshold"] >= 0.0)


def interpolated(graph: Graph, x: str, at: Floats, values: Floats) -> str:
    """What numpy.interp gives: straight lines between points, level beyond them."""
    if len(at) == 1:
        return graph.level(x, float(values[0]))
    slopes = np.diff(values) / np.diff(at)
    above = graph.add("Max", graph.add("Sub", x, graph.constant(at[:-1])), graph.constant(0.0))
    inside = graph.add("Min", above, graph.constant(np.diff(at)))
    risen = graph.add("MatMul", inside, graph.constant(slopes[:, None]))
    return graph.add("Add", risen, graph.constant(values[0]))
