"""A fitted ChurnClassifier as a graph of ONNX: boosted trees and their calibration."""

import json
from typing import Any

import numpy as np

from crmkit._onnx import Graph, interpolated
from crmkit.churn._calibration import _WIDEST
from crmkit.exceptions import DataError

LOG_ODDS, PROBABILITY = "log_odds", "probability_churn"


def classifier_graph(fitted: Any, owner: str) -> bytes:
    """The file of the graph; refuses what is not boosted trees over numbers."""
    columns = [each for each in fitted.columns_ if each["kind"] != "aside"]
    _check(fitted, columns, owner)
    graph = Graph(f"crmkit.io.{owner}")
    x = _filled(graph, columns)
    sums = [graph.trees(state["trees"], x) for state in fitted.model_.values()]
    odds = sums[0]
    for each in sums[1:]:
        odds = graph.add("Add", odds, each)
    odds = graph.add("Div", odds, graph.constant(float(len(sums))), to=LOG_ODDS)
    _calibrated(graph, fitted.calibration_, odds)
    told = {
        "columns": json.dumps([each["name"] for each in columns]),
        "classes": json.dumps(np.asarray(fitted.classes_).tolist(), default=str),
        "threshold": repr(float(fitted.threshold_)),
    }
    return graph.model(len(columns), (LOG_ODDS, PROBABILITY), told)


def _check(fitted: Any, columns: list[dict[str, Any]], owner: str) -> None:
    others = [name for name, state in fitted.model_.items() if "trees" not in state]
    if others:
        raise DataError(
            f"{owner}: this ChurnClassifier chose {fitted.chosen_!r}, and {', '.join(others)} is "
            "no boosted trees. Fit with model='boosted_small', or save it with crmkit.io.save."
        )
    words = [each["name"] for each in columns if each["kind"] != "number"]
    if words:
        raise DataError(
            f"{owner}: {', '.join(map(repr, words))} hold words, which the graph would not read as "
            "fit does. Write them as numbers before fit, or save it with crmkit.io.save."
        )


def _filled(graph: Graph, columns: list[dict[str, Any]]) -> str:
    """The columns with what stands for a missing number where fit saw none missing."""
    fill = [np.nan if each["gaps"] else each["fill"] for each in columns]
    missing = graph.add("IsNaN", "X")
    return graph.add("Where", missing, graph.constant([fill]), "X")


def _calibrated(graph: Graph, state: dict[str, Any], odds: str) -> None:
    """Log-odds to a probability, as `calibrated` does."""
    if state["kind"] == "isotonic":
        made = interpolated(graph, odds, state["odds"], state["share"])
        graph.add("Identity", made, to=PROBABILITY)
        return
    if state["kind"] == "sigmoid":
        low, high = graph.constant(-_WIDEST), graph.constant(_WIDEST)
        clipped = graph.add("Min", graph.add("Max", odds, low), high)
        scaled = graph.add("Mul", clipped, graph.constant(state["slope"]))
        odds = graph.add("Add", scaled, graph.constant(state["intercept"]))
    graph.add("Sigmoid", odds, to=PROBABILITY)
