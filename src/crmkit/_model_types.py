"""Types that a saved model may hold, and whether what was built from a file is sound.

skops builds nothing of a type that nobody vouched for. Vouched for are here the public estimators
of crmkit and what they take as parameters (features, labels, splitters), sparse matrices and
scikit-learn's trees; a matrix, tree or text of LightGBM whose numbers point beyond its own arrays
is refused, because compiled code would follow them.
"""

import importlib
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.tree._tree import Tree

from crmkit._model_text import fault_of_text
from crmkit.exceptions import ModelFileError

PACKAGES = (
    "churn",
    "cleaning",
    "clv",
    "model_selection",
    "pipelines",
    "recommend",
    "scale",
    "segment",
)
PARAMETERS = {"Active", "BaseCrossValidator", "BaseEstimator", "Feature", "Label"}
"""Classes, or bases of them, that are part of a model."""
OF_OTHERS = frozenset(
    {
        "scipy.sparse._csr.csr_matrix",
        "scipy.sparse._csr.csr_array",
        "scipy.sparse._csc.csc_matrix",
        "scipy.sparse._csc.csc_array",
        "sklearn.tree._tree.Tree",
    }
)


@cache
def trusted_types() -> frozenset[str]:
    """Full names of the types that need no word of the caller."""
    names = set(OF_OTHERS)
    for package in PACKAGES:
        module = importlib.import_module(f"crmkit.{package}")
        for public in module.__all__:
            each = getattr(module, public)
            if isinstance(each, type) and PARAMETERS & {base.__name__ for base in each.__mro__}:
                names.add(f"{each.__module__}.{each.__qualname__}")
    return frozenset(names)


def check_types(types: Iterable[str], trusted: Iterable[str], where: str, owner: str) -> None:
    """Refuse types that neither crmkit nor the caller vouches for; nothing of them was built."""
    unknown = sorted(set(types) - trusted_types() - set(trusted))
    if unknown:
        raise ModelFileError(
            f"{owner}: {where} holds {len(unknown)} type{'s' if len(unknown) > 1 else ''} that "
            f"crmkit does not vouch for: {', '.join(unknown[:10])}"
            f"{', ...' if len(unknown) > 10 else ''}. Nothing was built. If you know who wrote the "
            "file and trust these types, pass their full names as trusted=[...]."
        )


def parts_of(thing: Any) -> Iterator[Any]:
    """A model and everything inside it that is no number, texts among them."""
    seen: set[int] = set()
    waiting = [thing]
    while waiting:
        each = waiting.pop()
        if id(each) in seen or isinstance(each, (bytes, int, float, type(None))):
            continue
        seen.add(id(each))
        yield each
        if isinstance(each, str):
            continue
        if isinstance(each, dict):
            waiting.extend(each.values())
        elif isinstance(each, (list, tuple, set, frozenset)):
            waiting.extend(each)
        elif isinstance(each, np.ndarray):
            waiting.extend(each.ravel() if each.dtype == object else ())
        elif hasattr(each, "__dict__") and not isinstance(each, type):
            waiting.extend(vars(each).values())
        if hasattr(each, "tree_"):
            waiting.append(each.tree_)


def check_sound(model: Any, where: str, owner: str) -> None:
    """Refuse sparse matrices, trees and texts of LightGBM that point beyond themselves."""
    for each in parts_of(model):
        fault = None
        if isinstance(each, str):
            fault = fault_of_text(each)
        elif sparse.issparse(each):
            fault = _fault_of_matrix(each)
        elif isinstance(each, Tree):
            fault = _fault_of_tree(each)
        elif isinstance(each, BaseEstimator):
            fault = _fault_of_width(each)
        if fault:
            raise ModelFileError(f"{owner}: {where} is damaged or was tampered with: {fault}.")


def _fault_of_matrix(matrix: Any) -> str | None:
    try:
        matrix.check_format(full_check=True)
    except (ValueError, AttributeError, IndexError, TypeError) as error:
        return f"a sparse matrix is not sound ({error})"
    return None


def _fault_of_tree(tree: Tree) -> str | None:
    """A node's children come after it and exist; its column exists."""
    n = tree.node_count
    if n < 1:
        return "a tree has no node"
    own = np.arange(n)
    inner = tree.children_left != -1
    for child in (tree.children_left, tree.children_right):
        good = np.where(inner, (child > own) & (child < n), child == -1)
        if not good.all():
            return (
                f"node {int(np.flatnonzero(~good)[0])} of a tree points to a node that is not there"
            )
    columns = tree.feature[inner]
    if ((columns < 0) | (columns >= tree.n_features)).any():
        return "a tree asks for a column that is not there"
    return None


def _fault_of_width(estimator: BaseEstimator) -> str | None:
    """Trees are asked for rows as wide as their estimator says, whom nobody asks again."""
    own = vars(estimator)
    if isinstance(own.get("tree_"), Tree) and own.get("n_features_in_") != own["tree_"].n_features:
        return "a tree has other columns than its estimator"
    members = own.get("estimators_")
    trees = [each for each in np.ravel(np.asarray(members, dtype=object)) if hasattr(each, "tree_")]
    if members is None or not trees:
        return None
    chosen = own.get("estimators_features_")
    widths = [own.get("n_features_in_")] * len(trees) if chosen is None else [*map(len, chosen)]
    if [each.tree_.n_features for each in trees] != widths:
        return "a tree of a forest has other columns than the forest"
    return None
