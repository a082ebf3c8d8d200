"""What every customer-level model shares."""

import pytest
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError

from crmkit.base import check_is_fitted


class Model(BaseEstimator):
    def __init__(self, rows=1):
        self.rows = rows

    def fit(self, X, y=None):
        self.rows_ = len(X)
        return self


def test_a_model_is_fitted_where_an_attribute_of_the_fit_is_there():
    model = Model()
    with pytest.raises(NotFittedError, match="This Model instance is not fitted yet"):
        check_is_fitted(model)
    model.__private__ = 1
    with pytest.raises(NotFittedError):
        check_is_fitted(model)
    check_is_fitted(model.fit([1, 2]))
