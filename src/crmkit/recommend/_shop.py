"""What a fit reads: purchases before a cut-off and the items, in one order of ids."""

from datetime import datetime
from typing import Any

from crmkit.events._event_log import EventLog, check_log
from crmkit.exceptions import DataWarning, warn_user
from crmkit.recommend._catalogue import Catalogue, aligned, read_catalogue
from crmkit.recommend._ids import Ids, find
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
    find(known.items, catalogue.items, "items=", owner)
    place = find(catalogue.items, known.items, "the item column of the log", owner)
    if (place < 0).all():
        warn_user(
            f"{owner}: no row of items is an item of the log (items begin with "
            f"{first_ids(catalogue.items)}, the log with {first_ids(known.items)}). Nothing is "
            f"told of what was sold: is {str(log.item)!r} the same id in both?",
            DataWarning,
        )
    known = known.with_items(catalogue.items)
    return cutoff, known, aligned(catalogue, known.items, owner)


def first_ids(ids: Ids) -> str:
    """The first ids in words."""
    return ", ".join(repr(one) for one in ids[:2].tolist())
