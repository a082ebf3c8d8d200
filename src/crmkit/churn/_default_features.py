"""The groups of features that are taken where none are named."""

from crmkit.churn._basket_features import Basket, Variety
from crmkit.churn._feature import Feature
from crmkit.churn._gap_features import Gaps
from crmkit.churn._rfm_features import RFM
from crmkit.churn._spending_features import Spending
from crmkit.churn._time_features import Season, Tenure, Trend
from crmkit.churn._window_features import Windows
from crmkit.events import EventLog

COMMON = (RFM(), Windows(), Gaps(), Trend(), Tenure(), Season(), Basket())
OF_AMOUNTS, OF_ITEMS = (Spending(),), (Variety(),)


def default_features(log: EventLog) -> tuple[Feature, ...]:
    """Groups of features that the columns of a log allow, and nothing else of it decides."""
    amounts = OF_AMOUNTS if log.amount is not None else ()
    return COMMON + amounts + (OF_ITEMS if log.item is not None else ())
