"""The groups of features that are taken where none are named."""

from crmkit.churn._basket_features import Basket, Variety
from crmkit.churn._feature import Feature
from crmkit.churn._gap_features import Gaps
from crmkit.churn._rfm_features import RFM
from crmkit.churn._spending_features import Spending
from crmkit.churn._time_features import Season, Tenure, Trend
from crmkit.churn._window_features import Windows
from crmkit.events import EventLog


def default_features(log: EventLog) -> list[Feature]:
    """Groups of features that the columns of a log allow, and nothing else of it decides."""
    features: list[Feature] = [RFM(), Windows(), Gaps(), Trend(), Tenure(), Season(), Basket()]
    if log.amount is not None:
        features.append(Spending())
    if log.item is not None:
        features.append(Variety())
    return features
