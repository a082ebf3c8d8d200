"""What a fit reads: purchases before a cut-off and the items, in one order of ids."""

from datetime import datetime
from typing import Any

from crmkit.events._event_log import EventLog, check_log
from crmkit.recommend._catalogue import Catalogue, aligned, read_catalogue
from crmkit.recommend._ids import find
from crmkit.recommend._interactions import Interactions, read_interactions


def read_shop(
    log: EventLog, items: Any, as_of: Any, owner: str
) -> tuple[datetime, Interactions, Catalogue | None]:
    """Cut-off, purchases before it, and the catalogue of sold and told items, if items are told."""
    check_log(log, owner)
    cutoff = log.cutoff(as_of, owner)
    known = read_interactions(log, cutoff, owner)
    if items is None:
        return cutoff, known, None
    catalogue = read_catalogue(items, str(log.item), owner)
    find(catalogue.items, known.items, "the item column of the log", owner)
    known = known.with_items(catalogue.items)
    return cutoff, known, aligned(catalogue, known.items, owner)
