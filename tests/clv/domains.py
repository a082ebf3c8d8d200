"""Test-only subclasses that map whatever scikit-learn's checks send into the models' domains."""

import numpy as np

from crmkit.clv import (
    AverageSpendModel,
    BetaGeoBetaBinomialModel,
    BetaGeoCNBDModel,
    BetaGeoModel,
    CustomerLifetimeValue,
    GammaGammaModel,
    ModifiedBetaGeoCNBDModel,
    ModifiedBetaGeoModel,
    NBDModel,
    ParetoNBDModel,
    ShiftedBetaGeoModel,
)


def histories(x):
    """Frequency, recency and T out of any numbers."""
    x = np.abs(x)
    x = np.column_stack([x, x[:, -1:] + 1, x[:, -1:] + 1])[:, :3]
    frequency = np.ceil(4 * x[:, 0])
    recency, T = np.sort(x[:, 1:], axis=1).T
    return np.column_stack([frequency, np.where(frequency > 0, recency + 0.5, 0.0), T + 1.0])


def spends(x):
    """Frequency and monetary_value out of any numbers."""
    x = np.abs(x)
    return np.column_stack([np.ceil(4 * x[:, 0]), x[:, -1] + 0.1])


class AnyBetaGeo(BetaGeoModel):
    def _columns(self, X):
        return X

    def _domain(self, x):
        return super()._domain(histories(x))


class AnyGammaGamma(GammaGammaModel):
    def _columns(self, X):
        return X

    def _domain(self, x):
        return super()._domain(spends(x))


class AnyLifetimeValue(CustomerLifetimeValue):
    def _columns(self, X):
        return X

    def _domain(self, x):
        return super()._domain(np.column_stack([histories(x), spends(x)[:, 1]]))


class AnyNBD(NBDModel):
    def _columns(self, X):
        return X

    def _domain(self, x):
        return super()._domain(histories(x))


class AnyParetoNBD(ParetoNBDModel):
    def _columns(self, X):
        return X

    def _domain(self, x):
        return super()._domain(histories(x))


class AnyAverageSpend(AverageSpendModel):
    def _columns(self, X):
        return X

    def _domain(self, x):
        return super()._domain(spends(x))


def opportunities(x):
    """Frequency, recency and T in whole opportunities out of any numbers."""
    frequency, recency, T = np.ceil(histories(x) % 1e3).T
    frequency = np.minimum(frequency, np.ceil(frequency % 40))
    recency = np.where(frequency > 0, recency % 40 + frequency, 0.0)
    return np.column_stack([frequency, recency, recency + T % 40])


class AnyBetaGeoBetaBinomial(BetaGeoBetaBinomialModel):
    def _columns(self, X):
        return X

    def _domain(self, x):
        return super()._domain(opportunities(x))


class AnyModifiedBetaGeo(ModifiedBetaGeoModel):
    def _columns(self, X):
        return X

    def _domain(self, x):
        return super()._domain(histories(x))


def regular_histories(x):
    """Histories with the sum of log gaps that equal gaps would have, and a little less."""
    x = histories(x)
    frequency, recency, _ = x.T
    count = np.maximum(frequency, 1.0)
    gaps = frequency * (np.log(np.maximum(recency, 0.5) / count) - 0.1 * (frequency > 1))
    return np.column_stack([x, gaps])


class AnyBetaGeoCNBD(BetaGeoCNBDModel):
    def _columns(self, X):
        return X

    def _domain(self, x):
        return super()._domain(regular_histories(x))


class AnyModifiedBetaGeoCNBD(ModifiedBetaGeoCNBDModel):
    def _columns(self, X):
        return X

    def _domain(self, x):
        return super()._domain(regular_histories(x))


def contracts(x):
    """T and churned out of any numbers."""
    x = np.abs(x)
    return np.column_stack([1.0 + np.floor(9 * x[:, 0] % 30), np.floor(7 * x[:, -1]) % 2])


class AnyShiftedBetaGeo(ShiftedBetaGeoModel):
    def _columns(self, X):
        return X

    def _domain(self, x):
        return super()._domain(contracts(x))
