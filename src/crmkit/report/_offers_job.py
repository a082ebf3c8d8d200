"""The part of the whole job that is about offers: what was asked, bundles, and the test."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from crmkit import _frames
from crmkit._validation import check_choice
from crmkit.events import EventLog
from crmkit.exceptions import DataError
from crmkit.pipelines import CustomerValuePipeline, offers_holdout
from crmkit.pipelines._customer_offers import only_items
from crmkit.recommend import MarketBasket
from crmkit.report._numbers import plural
from crmkit.report._offers_content import Bundle, OffersContent, names_of
from crmkit.report._past import on_past_data

OWNER = "crmkit report"
MODES = {"both": "auto", "explore": "explore", "repeat": "repeat"}
N_BUNDLES = 10


@dataclass(frozen=True)
class OffersJob:
    """What to tell of offers: which items, and the column that says what they are called."""

    mode: str = "both"
    item_text: str | None = None


def recommender_of(job: OffersJob | None) -> str | None:
    """What the pipeline is told of offers."""
    if job is None:
        return None
    check_choice(job.mode, "--offers-mode", MODES, OWNER)
    return MODES[job.mode]


def items_of(job: OffersJob | None, log: EventLog) -> pd.DataFrame | None:
    """What the items are called: one row each, the name its most frequent text.

    A name that several items share is told with the id; items without a text are called by it.
    """
    if job is None or job.item_text is None:
        return None
    if log.item is None:
        raise DataError(f"{OWNER}: --item-text names products: say which column has their ids.")
    names = _frames.column_names(log.data, OWNER)
    if job.item_text not in names:
        raise DataError.missing_column(OWNER, job.item_text, names, "--item-text")
    told = pd.DataFrame({"item": log.data[log.item], "text": log.data[job.item_text]}).dropna()
    told = told.assign(text=told["text"].astype("str").str.split().str.join(" "))
    told = told[told["text"] != ""]
    counts = told.groupby(["item", "text"], observed=True).size().reset_index(name="n")
    counts = counts.sort_values(["n", "text"], ascending=[False, True], kind="stable")
    items = counts.drop_duplicates("item").sort_values("item", ignore_index=True)
    shared = items["text"].duplicated(keep=False)
    with_id = items["text"] + " (" + items["item"].astype("str") + ")"
    other = "name" if log.item != "name" else "text"
    return pd.DataFrame({log.item: items["item"], other: items["text"].mask(shared, with_id)})


def offers_content(
    pipe: CustomerValuePipeline,
    log: EventLog,
    customers: Any,
    cutoff: datetime,
    check: bool,
    items: Any,
    say: Callable[[str], None],
) -> OffersContent | None:
    """What the report tells of offers, with bundles, and with a test where the log allows it."""
    fitted = pipe.recommender_
    if fitted is None:
        if not pipe.recommender_note_:
            return None
        say("offers cannot be learnt from this log")
        return OffersContent(note=pipe.recommender_note_)
    say(f"learnt what to offer of {plural(len(fitted.items_), 'item')}")
    more: dict[str, Any] = {}
    more["bundles"], more["basket"] = bundles_of(pipe, log, cutoff)
    if check:
        word = str(pipe.recommender)
        more["check"], more["check_note"] = on_past_data(
            lambda: offers_holdout(log, cutoff, word, items=items),
            "a test of the offers",
            "the offers",
            say,
        )
    return OffersContent.from_pipeline(pipe, log, customers, **more)


def bundles_of(
    pipe: CustomerValuePipeline, log: EventLog, cutoff: datetime
) -> tuple[Sequence[Bundle] | None, str]:
    """Products that belong together, of those that are offered; None where it cannot be told."""
    fitted: Any = pipe.recommender_
    item = str(log.item)
    try:
        known = only_items(log, fitted.items_, OWNER) or log
        baskets = MarketBasket(max_size=2).fit(known, as_of=cutoff)
        found = _frames.to_eager(baskets.bundles(N_BUNDLES))
    except DataError:
        return None, ""
    names = names_of(fitted)
    pairs = zip(
        *(_frames.id_column(found, c, OWNER).tolist() for c in (item, "and_item")), strict=True
    )
    numbers = (
        _frames.column_values(found, c, OWNER) for c in ("n_baskets", "support", "adjusted_lift")
    )
    made = [
        Bundle(" + ".join(names[str(one)] for one in both), int(n), float(share), float(lift))
        for both, n, share, lift in zip(pairs, *numbers, strict=True)
    ]
    return made, baskets.basket_
