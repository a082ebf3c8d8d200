"""Whether the parameters of NextOffer have a meaning, and what its offers are judged by."""

from collections.abc import Sized
from typing import Any

from crmkit._validation import check_choice, check_share, check_whole
from crmkit.exceptions import DataError
from crmkit.recommend._recommender import Recommender

OWNER = "NextOffer"
GOALS = ("both", "explore", "repeat")
JUDGED = {"both": "all", "explore": "new", "repeat": "repeat"}


def check_parameters(asked: Any, items: Any) -> None:
    """Refuse parameters without a meaning, and those that need a table of the items without one."""
    check_choice(asked.goal, "goal", GOALS, OWNER)
    if asked.recommender is not None and not isinstance(asked.recommender, Recommender):
        raise DataError(
            f"{OWNER}: recommender must be a recommender of crmkit.recommend or None, got "
            f"{asked.recommender!r}. What the default offers is said by goal=."
        )
    for name in ("variety", "margin_weight"):
        value = getattr(asked, name)
        if value not in (0, 1) or isinstance(value, bool):
            check_share(value, name, OWNER)
    if asked.max_items is not None:
        check_whole(asked.max_items, "max_items", OWNER, low=1)
    if asked.margin is not None and not isinstance(asked.margin, str):
        raise DataError(f"{OWNER}: margin must be the name of a column, got {asked.margin!r}.")
    if isinstance(asked.new_places, str) or not isinstance(asked.new_places, Sized):
        raise DataError(
            f"{OWNER}: new_places must be a list of places, such as (3,), got {asked.new_places!r}."
        )
    if items is None and (asked.margin is not None or len(asked.new_places)):
        what = "margin" if asked.margin is not None else "new_places"
        raise DataError(
            f"{OWNER}: {what}= needs a table of the items: fit(log, items). One row per item."
        )


def judged_by(asked: Any, model: Recommender) -> str:
    """Which purchases the offers are to foretell."""
    if asked.recommender is None:
        return JUDGED[asked.goal]
    return "new" if model._leaves_out_seen() else "all"
