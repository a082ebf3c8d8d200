"""Test-only subclasses: labels where a contract gives none, columns where a check gives any."""

import numpy as np

from crmkit.churn import BTYDChurn, RecencyRule, RFMLogistic
from tests.clv.domains import AnyBetaGeo


def labels(X):
    """Labels that a row alone decides, so that any order of rows has the same; both classes."""
    days = np.asarray(X["days_since_last"])
    return ((days % 3 == 0) | (days > 40)).astype(int)


class _OwnLabels:
    def fit(self, X, y=None, **rest):
        if y is None:
            table = X.collect() if hasattr(X, "collect") else X
            y = labels(table)
        return super().fit(X, y, **rest)


class LabelledLogistic(_OwnLabels, RFMLogistic):
    def predict(self, X):
        return self.predict_proba(X)[:, 1]


class LabelledRule(_OwnLabels, RecencyRule):
    def predict(self, X):
        return self.predict_proba(X)[:, 1]


class ScoredBTYD(BTYDChurn):
    def predict(self, X):
        return self.predict_proba(X)[:, 1]


class AnyLogistic(RFMLogistic):
    """Reads whatever columns the checks send."""

    def _columns(self, X):
        return X


class AnyRule(RecencyRule):
    """Reads the first column that the checks send."""

    def _columns(self, X):
        return X

    def _domain(self, x):
        return super()._domain(x[:, :1])

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.poor_score = True  # one column of many
        return tags


class AnyBTYD(BTYDChurn):
    """A purchase model that takes whatever the checks send."""

    def __init__(self, purchases=None, horizon=1.0, recalibrate=False):
        super().__init__(purchases, horizon, recalibrate)

    def fit(self, X, y=None):
        given, self.purchases = self.purchases, AnyBetaGeo()
        try:
            return super().fit(X, y)
        finally:
            self.purchases = given

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.poor_score = True  # it does not learn from y
        return tags
