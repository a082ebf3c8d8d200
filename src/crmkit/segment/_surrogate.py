"""Rules for segments: a shallow decision tree that imitates a clustering on the original columns.

A surrogate tree (Craven and Shavlik 1996, Advances in Neural Information Processing Systems 8) is
as good as its fidelity, the share of customers whom it puts where the clustering puts them. Nodes
below which all leaves say the same are one rule.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.tree import DecisionTreeClassifier

from crmkit._validation import Floats

Bounds = dict[int, tuple[float, float]]
Labels = npt.NDArray[Any]

LEAST_LEAF = 0.005  # of the customers
LARGEST = 1e38  # the tree counts in float32


def fit_tree(x: Floats, columns: list[dict[str, Any]], labels: Labels, depth: int) -> Any:
    """Tree on the original columns, levels of categories as flags."""
    least = max(1, int(LEAST_LEAF * len(x)))
    matrix = tree_matrix(x, columns)
    tree = DecisionTreeClassifier(max_depth=depth, min_samples_leaf=least, random_state=0)
    tree.fit(matrix, labels)
    _shorten_cuts(tree.tree_, matrix)
    return tree


def _shorten_cuts(inner: Any, matrix: npt.NDArray[np.float32]) -> None:
    """Move each cut to the shortest number that leaves every customer on the same side."""
    for node in np.flatnonzero(inner.children_left != inner.children_right):
        values, cut = matrix[:, inner.feature[node]], inner.threshold[node]
        below = values <= cut
        low, high = float(values[below].max()), float(values[~below].min())
        inner.threshold[node] = shortest_between(low, high)


def shortest_between(low: float, high: float) -> float:
    """The number of fewest digits from `low` on and below `high`, near the middle."""
    middle = low / 2 + high / 2
    for digits in range(17):
        near = float(f"{middle:.{digits}e}")
        if low <= near < high:
            return near
    return low


def tree_matrix(x: Floats, columns: list[dict[str, Any]]) -> npt.NDArray[np.float32]:
    """Numbers as they are, a flag for each level."""
    parts = []
    for values, each in zip(x.T, columns, strict=True):
        if each["kind"] == "number":
            parts.append(np.clip(values, -LARGEST, LARGEST)[:, None])
        else:
            parts.append(values[:, None] == np.arange(1.0, len(each["levels"]) + 1.0))
    return np.concatenate(parts, axis=1, dtype=np.float32, casting="unsafe")


def fidelity(tree: Any, matrix: npt.NDArray[np.float32], labels: Labels) -> float:
    """Share of customers whom the tree puts where the clustering puts them."""
    return float((tree.predict(matrix) == labels).mean())


def rules_of(tree: Any, columns: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """Rules of a tree, largest first: segment, text, and how well each holds."""
    inner = tree.tree_
    of_class = inner.value[:, 0, :] * inner.n_node_samples[:, None]
    total = of_class[0]
    labels = _labels(columns)
    rows = []
    for node, bounds in _branches(inner, 0, {}):
        found = int(of_class[node].argmax())
        size, right = of_class[node].sum(), of_class[node][found]
        segment = int(tree.classes_[found])
        rows.append((segment, _text(bounds, labels), size, right / size, right / total[found]))
    rows.sort(key=lambda row: (-row[2], row[1]))
    told = {name: [row[i] for row in rows] for i, name in enumerate(("segment", "rule"))}
    told["share_of_customers"] = [float(row[2] / total.sum()) for row in rows]
    told["precision"] = [float(row[3]) for row in rows]
    told["coverage"] = [float(row[4]) for row in rows]
    return told


def _branches(inner: Any, node: int, bounds: Bounds) -> list[tuple[int, Bounds]]:
    """Nodes below which all leaves say the same, with what leads to each."""
    left, right = inner.children_left[node], inner.children_right[node]
    if left == right or len(_said(inner, node)) == 1:
        return [(node, bounds)]
    place, cut = int(inner.feature[node]), float(inner.threshold[node])
    low, high = bounds.get(place, (-np.inf, np.inf))
    below = bounds | {place: (low, min(high, cut))}
    above = bounds | {place: (max(low, cut), high)}
    return _branches(inner, left, below) + _branches(inner, right, above)


def _said(inner: Any, node: int) -> set[int]:
    """Classes that the leaves below a node say."""
    left, right = inner.children_left[node], inner.children_right[node]
    if left == right:
        return {int(inner.value[node, 0].argmax())}
    return _said(inner, left) | _said(inner, right)


def _labels(columns: list[dict[str, Any]]) -> list[tuple[str, str | None, bool]]:
    """Name, level and whether whole, for each column of the matrix of the tree."""
    found: list[tuple[str, str | None, bool]] = []
    for each in columns:
        if each["kind"] == "number":
            found.append((each["name"], None, each["whole"]))
        else:
            found += [(each["name"], level, False) for level in each["levels"]]
    return found


def _text(bounds: Bounds, labels: list[tuple[str, str | None, bool]]) -> str:
    """A rule in words: all of its conditions hold."""
    said = []
    for place, (low, high) in bounds.items():
        name, level, whole = labels[place]
        if level is not None:
            said.append(f"{name} is {'' if low > 0 else 'not '}{level}")
            continue
        if whole and low > -np.inf and high < np.inf and np.floor(low) + 1 == np.floor(high):
            said.append(f"{name} = {number(np.floor(high))}")
            continue
        if low > -np.inf:
            said.append(
                f"{name} >= {number(np.floor(low) + 1)}" if whole else f"{name} > {number(low)}"
            )
        if high < np.inf:
            said.append(f"{name} <= {number(np.floor(high) if whole else high)}")
    return " and ".join(said) or "everybody"


def number(value: float) -> str:
    """A number for reading, with commas and no more digits than it has."""
    digits = next(d for d in range(1, 18) if float(f"{value:.{d}g}") == value)
    if 1e-4 <= abs(value) < 1e15:
        return f"{value:,.{max(digits - 1 - int(np.floor(np.log10(abs(value)))), 0)}f}"
    return f"{value:.{digits}g}"
