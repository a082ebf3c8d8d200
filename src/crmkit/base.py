"""What every customer-level model shares: named columns in, ids kept apart, validated arrays."""

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import validation
from sklearn.utils.validation import validate_data

from crmkit import _frames
from crmkit._validation import Floats, check_finite, select_columns
from crmkit.exceptions import DataError


def check_is_fitted(estimator: Any) -> None:
    """Refuse an estimator without fitted attributes, in the words of scikit-learn.

    Its own check looks up the tags of the estimator too: for one customer that costs as much as
    the score does.
    """
    if not any(name.endswith("_") and not name.startswith("__") for name in vars(estimator)):
        validation.check_is_fitted(estimator)


class CustomerModel(BaseEstimator):
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
