"""Whether a text of LightGBM is one that it wrote: its compiled code believes every number of it.

Checked is what it follows without looking: where the text of each tree begins, which node comes
after which, and which column is compared. Ours compare numbers only and give one value a row.
"""

import re

import numpy as np
import numpy.typing as npt

Whole = npt.NDArray[np.int64]

DEEPEST = 1000  # levels of a tree, which compiled code goes down by calling itself
CATEGORICAL = 1
HEAD = {"num_class": "1", "num_tree_per_iteration": "1"}


def fault_of_text(text: str) -> str | None:
    """What is wrong with a text of LightGBM; None for a sound one, and for any other text."""
    if not re.search(r"[\r\n]", text) or not re.search("Tree=|tree_sizes", text):
        return None
    try:
        return _fault(text)
    except (ValueError, KeyError, IndexError) as error:
        return f"trees of LightGBM cannot be read ({type(error).__name__})"


def _fault(text: str) -> str | None:
    if "\r" in text or "\0" in text or not text.isascii():
        return "trees of LightGBM hold a sign that it does not write"
    begin = text.find("\nTree=") + 1
    head = _named(text[:begin] if begin else text)
    sizes = [int(size) for size in head["tree_sizes"].split()]
    if any(head.get(name) != value for name, value in HEAD.items()) or "Tree=" in text[: begin - 1]:
        return "trees of LightGBM give more than one value"
    n_columns, at = int(head["max_feature_idx"]) + 1, begin
    for number, size in enumerate(sizes):
        tree = text[at : at + size]
        if size < 1 or not tree.startswith(f"Tree={number}\n") or tree.count("Tree=") != 1:
            return f"tree {number} of LightGBM does not lie where it should"
        found = _fault_of_tree(_named(tree), n_columns)
        if found:
            return f"tree {number} of LightGBM {found}"
        at += size
    return None if "Tree=" not in text[at:] else "LightGBM does not count all of its trees"


def _named(lines: str) -> dict[str, str]:
    """Values by name, of the lines that have both; a name stands once."""
    found: dict[str, str] = {}
    for line in lines.split("\n"):
        name, there, value = line.partition("=")
        if there and name in found:
            raise ValueError(name)
        if there:
            found[name] = value
    return found


def _fault_of_tree(told: dict[str, str], n_columns: int) -> str | None:
    n = int(told["num_leaves"])
    if told["num_cat"] != "0" or told.get("is_linear", "0") != "0":
        return "does not compare numbers only"
    leaves = told["leaf_value"].split()
    left, right, columns, kinds = (
        np.array(told[name].split(), dtype=np.int64)
        for name in ("left_child", "right_child", "split_feature", "decision_type")
    )
    lengths = {len(left), len(right), len(columns), len(kinds), len(told["threshold"].split())}
    if n < 1 or len(leaves) != n or lengths != {n - 1}:
        return "has other leaves than it says"
    if ((columns < 0) | (columns >= n_columns)).any():
        return "asks for a column that is not there"
    if ((kinds < 0) | (kinds > 127) | (kinds & CATEGORICAL != 0)).any():
        return "does not compare numbers only"
    wanted = np.concatenate([np.arange(-n, 0), np.arange(1, n - 1)]) if n > 1 else np.empty(0)
    if not np.array_equal(np.sort(np.concatenate([left, right])), wanted):
        return "points to a node that is not there"
    return _fault_of_depth(left, right)


def _fault_of_depth(left: Whole, right: Whole) -> str | None:
    depth = np.zeros(len(left), dtype=np.int64)
    for node, children in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
        for child in children:
            if 0 <= child <= node:
                return "leads back to a node before"
            if child > 0:
                depth[child] = depth[node] + 1
    return "is too deep" if len(depth) and depth.max() > DEEPEST else None
