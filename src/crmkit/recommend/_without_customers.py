"""A recommender without the customers it learnt from: what is left serves whoever brings a history.

What was learnt of items stays, because it is made of the purchases of all customers together. The
purchases themselves and the ids go, and with them what only they can answer: offers to a customer
of the fit by his id alone, and what goes together where a model does not tell that itself.
"""

import copy
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from crmkit._model_types import parts_of
from crmkit.exceptions import DataError

ROWS = ("customer", "item", "day", "orders")


def without_customers(model: Any) -> Any:
    """A copy that holds no customer; refuses a model that scores by the purchases of others."""
    owner = type(model).__name__
    needing = {
        type(part).__name__
        for part in parts_of(model)
        if isinstance(part, BaseEstimator) and _needs_customers(part)
    }
    if needing:
        named = " and ".join(sorted(needing))
        raise DataError(
            f"{owner}: {named} scores by the purchases of single customers and cannot do without "
            "them. Take a model of items instead, such as EASE, SparseEASE, ItemKNN or PureSVD "
            "(HybridRecommender takes one as collaborative=)."
        )
    return _bare(model, {})


def purchases_of_nobody(purchases: dict[str, Any]) -> dict[str, Any]:
    """The state of `Interactions` with the same items and no customer."""
    none = np.empty(0, dtype=np.int32)
    amount = purchases["amount"]
    return {
        **purchases,
        **dict.fromkeys(ROWS, none),
        "customers": purchases["customers"][:0],
        "amount": None if amount is None else np.empty(0),
    }


def _needs_customers(part: BaseEstimator) -> bool:
    asked = getattr(part, "_needs_customers", None)
    return bool(asked is not None and asked())


def _bare(thing: Any, made: dict[int, Any]) -> Any:
    """The same without customers: estimators that hold any are copied, arrays are shared."""
    if id(thing) in made:
        return made[id(thing)]
    if isinstance(thing, list | tuple):
        return type(thing)(_bare(each, made) for each in thing)
    if not isinstance(thing, BaseEstimator):
        return thing
    own = made[id(thing)] = copy.copy(thing)
    for name in ("_kept", "_relation"):
        vars(own).pop(name, None)
    for name, value in vars(own).items():
        vars(own)[name] = _bare(value, made)
    for name in getattr(own, "_customer_rows", ()):
        if hasattr(own, name):
            setattr(own, name, getattr(own, name)[:0])
    if "purchases_" in vars(own):
        vars(own)["purchases_"] = purchases_of_nobody(vars(own)["purchases_"])
    return own
