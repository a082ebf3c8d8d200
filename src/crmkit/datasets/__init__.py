"""Data to learn and test with: real sets inside installable packages, and made ones with truth."""

from crmkit.datasets._cdnow import load_cdnow
from crmkit.datasets._complete_journey import CompleteJourney, load_complete_journey
from crmkit.datasets._febrl import load_febrl
from crmkit.datasets._results import RetailerTruth, SyntheticRetailer
from crmkit.datasets._retailer import make_customers
from crmkit.datasets._sources import available

__all__ = [
    "CompleteJourney",
    "RetailerTruth",
    "SyntheticRetailer",
    "available",
    "load_cdnow",
    "load_complete_journey",
    "load_febrl",
    "make_customers",
]
