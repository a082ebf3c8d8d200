"""Who customers are: records of one person found and put together."""

from crmkit.cleaning._deduplicator import Deduplicator

__all__ = ["Deduplicator"]
