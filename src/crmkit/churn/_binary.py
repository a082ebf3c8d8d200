"""What every churn classifier of customers shares: two labels, a probability, a frame with ids."""

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_consistent_length, check_is_fitted, column_or_1d

from crmkit._validation import Floats
from crmkit.base import CustomerModel
from crmkit.churn._snapshots import features_of
from crmkit.exceptions import DataError

PROBABILITY = "probability_churn"

Ints = npt.NDArray[np.int64]


class BinaryChurn(ClassifierMixin, CustomerModel):
    """Base of classifiers that give one probability of churn: see `_probability`."""

    classes_: npt.NDArray[Any]

    def _probability(self, X: Any) -> Floats:
        """Probability of churn of each row of `X`."""
        raise NotImplementedError

    def predict_proba(self, X: Any) -> Floats:
        """Probability of staying and of churn: customers in, two numbers per customer out.

        Parameters
        ----------
        X : {array-like, dataframe} or Snapshots
            Customers as in `fit`.

        Returns
        -------
        ndarray of shape (n_customers, 2)
            Probabilities in the order of `classes_`: the second column is churn. Rows in the
            order of `X`; each sums to 1.
        """
        check_is_fitted(self)
        p = self._probability(features_of(X))
        return np.column_stack([1.0 - p, p])

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """Label that is more probable than not: customers in, one label per customer out.

        A cut at one half is rarely the right one: see `RetentionValue` for whom to treat.

        Parameters
        ----------
        X : {array-like, dataframe} or Snapshots
            Customers as in `fit`.

        Returns
        -------
        ndarray of shape (n_customers,)
            One of `classes_` for each customer, in the order of `X`.
        """
        churned = self.predict_proba(X)[:, 1] > 0.5
        return np.asarray(self.classes_[churned.astype(np.intp)])

    def predict_frame(self, customers: Any, customer: str | None = None) -> Any:
        """Probability of churn with ids: customers in, a frame of id and probability out.

        Parameters
        ----------
        customers : dataframe
            Customers with their id and the columns of `fit`.
        customer : str, default=None
            Name of the id column; None takes the first column.

        Returns
        -------
        dataframe
            The id and `probability_churn`, in the library and the row order of `customers`.
        """
        check_is_fitted(self)
        return self._beside_ids(
            customers, customer, lambda table: {PROBABILITY: self._probability(table)}
        )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags


def encoded_labels(y: Any, n: int, owner: str) -> tuple[npt.NDArray[Any], Ints]:
    """Two labels in order, and 1 for each row that has the second one, which is churn."""
    if y is None:
        raise DataError(
            f"{owner}: requires y to be passed, but the target y is None. Pass 1 for each "
            "customer who churned and 0 for each who stayed."
        )
    labels = column_or_1d(y, warn=True)
    if labels.dtype.kind == "f" and not np.isfinite(labels).all():
        bad = ~np.isfinite(labels)
        raise DataError(
            f"{owner}: Input y contains NaN or infinity: {bad.sum():,} of {len(bad):,} (first at "
            f"row {bad.argmax():,}). Unknown is not churned: leave these customers out of the fit."
        )
    check_classification_targets(labels)
    check_consistent_length(labels, np.empty(n))
    classes, codes = np.unique(labels, return_inverse=True)
    if len(classes) > 2:
        raise DataError(
            f"{owner}: Only binary classification is supported. The type of the target is "
            f"multiclass. y holds {len(classes)} labels, such as {classes[:5].tolist()}: pass 1 "
            "for churned and 0 for stayed."
        )
    if len(classes) < 2:
        raise DataError(
            f"{owner}: y holds one class only ({classes.tolist()[0]!r}), so there is nothing to "
            "tell apart. Take another cut-off or horizon, or a wider population."
        )
    return classes, codes.astype(np.int64)
