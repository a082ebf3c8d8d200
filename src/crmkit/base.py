"""What estimators share: the diagram of a notebook, and at customer level named columns and ids."""

import re
from collections.abc import Callable
from html import escape
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import estimator_html_repr, validation
from sklearn.utils.validation import validate_data

from crmkit import _frames
from crmkit._validation import Floats, check_finite, select_columns
from crmkit.exceptions import DataError


def check_is_fitted(estimator: Any) -> None:
    """Refuse an estimator without fitted attributes, in the words of scikit-learn.

    Its own check looks up the tags of the estimator too, which a service that scores one customer
    at a time need not do at every step.
    """
    for name in reversed(vars(estimator)):  # what the fit has set comes last
        if name.endswith("_") and not name.startswith("__"):
            return
    validation.check_is_fitted(estimator)


class Estimator(BaseEstimator):
    """Base of estimators whose diagram in a notebook says on what they were fitted."""

    def _html_repr(self) -> str:
        told = fitted_on(self)
        line = f'<div style="font-size:0.9em;margin-top:0.3em">{escape(told)}</div>' if told else ""
        return f"{estimator_html_repr(self)}{line}"


class CustomerModel(Estimator):
    """Base of estimators that read a few named columns of a customers frame.

    A subclass says which columns in `_column_names` and what values they may hold in `_domain`.
    Arrays are taken as these columns, in this order.
    """

    def _column_names(self) -> tuple[str, ...]:
        raise AttributeError(f"{type(self).__name__} does not name its columns.")

    def _columns(self, X: Any) -> Any:
        return select_columns(X, self._column_names(), owner=type(self).__name__)

    def _domain(self, x: Floats) -> Floats:
        return x

    def _validated(self, X: Any, *, reset: bool) -> Floats:
        """Rows of `X` as float64 columns, checked; `reset` in `fit` only."""
        columns = self._columns(X)
        if _frames.is_plain(columns) and not reset:  # these columns, in this order, as float64
            x = np.asarray(columns)
            check_finite(x, self._column_names(), type(self).__name__)
            return self._domain(x)
        try:
            x = validate_data(self, columns, dtype=np.float64, reset=reset)
        except ValueError:
            if _frames.is_frame(columns):  # names and rows tell more than "contains NaN"
                names = _frames.column_names(columns, type(self).__name__)
                check_finite(np.asarray(columns), names, type(self).__name__)
            raise
        if reset:
            self._n_fitted = len(x)
        return self._domain(x)

    def _beside_ids(
        self, X: Any, customer: str | None, columns: Callable[[Any], dict[str, Any]]
    ) -> Any:
        """Frame of the customer id and the columns that `columns` makes of the collected frame.

        A lazy frame is collected once, so ids and columns stay in one order, and comes back lazy.
        """
        owner = type(self).__name__
        table = _frames.to_eager(X)
        names = _frames.column_names(table, owner)
        customer = names[0] if customer is None else customer
        if customer not in names:
            raise DataError.missing_column(owner, customer, names, "customer")
        add = columns(table)
        if customer in add:
            raise DataError(
                f"{owner}: the customer id is called {customer!r}, as is a new column "
                f"({', '.join(add)}). Rename it first."
            )
        beside = _frames.attach(table, keep=[customer], add=add, owner=owner)
        return _frames.hand_back(beside, like=X)


COUNTS = {
    "n_records_": "records",
    "_unit_of_row": "records",
    "n_entities_": "entities",
    "n_people_": "people",
    "n_customers_": "customers",
    "customers_": "customers",
    "_n_fitted": "customers",
    "n_items_": "items",
    "items_": "items",
}
"""Fitted attributes that tell how many there were, a number or all of them."""
MOST_NAMED = 6  # columns that are named, more are counted


def fitted_on(estimator: Any) -> str:
    """What was learnt from and until when, in words, as far as fitted attributes tell; else ""."""
    known = vars(estimator)
    told = [str(known["training_"])] if known.get("training_") else counted(known)
    names = known.get("feature_names_in_")
    if names is not None:
        few = len(names) <= MOST_NAMED
        told.append(", ".join(map(str, names)) if few else f"{len(names)} columns")
    as_of = known.get("as_of_", known.get("fitted_as_of_"))
    if as_of is not None:
        told.append(f"events before {re.sub('[T ]00:00:00$', '', str(as_of))}")
    return f"Fitted on {'; '.join(told)}" if told else ""


def counted(known: dict[str, Any]) -> list[str]:
    """How many of each kind there were, each kind once."""
    found: dict[str, int] = {}
    for name, what in COUNTS.items():
        value = known.get(name)
        if value is not None and what not in found:
            found[what] = int(value) if np.ndim(value) == 0 else len(value)
    some = [f"{n:,} {what}" for what, n in found.items() if n]
    return [", ".join(some)] if some else []
