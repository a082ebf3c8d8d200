"""What to offer next: events in, a long frame of offers per customer out."""

from crmkit.recommend._ease import EASE
from crmkit.recommend._popularity import Popularity

__all__ = ["EASE", "Popularity"]
