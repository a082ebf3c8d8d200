"""The parts that the parameters of a CustomerValuePipeline mean, checked before any is fitted."""

from typing import Any

from sklearn.base import clone

from crmkit._progress import heard
from crmkit.events import EventLog
from crmkit.events._event_log import check_log
from crmkit.exceptions import DataError
from crmkit.pipelines._customer_churn import check_offer, recipe_of
from crmkit.pipelines._customer_interval import check_level
from crmkit.pipelines._customer_offers import recommender_of
from crmkit.pipelines._customer_people import matcher_of
from crmkit.pipelines._customer_segments import behaviour_of, segmenter_of, stager_of, tiers_of
from crmkit.pipelines._customer_values import value_of

OWNER = "CustomerValuePipeline"
RULES = ("returns", "min_amount", "tz")


def parts_of(pipeline: Any, log: EventLog, records: Any) -> dict[str, Any]:
    """Copies of the parts, not fitted, by the names of their parameters; None is left out."""
    check_log(log, OWNER)
    if log.amount is None:
        raise DataError(
            f"{OWNER}: the log has no amounts, which segments and values are made of. Name their "
            "column: EventLog(frame, ..., amount='amount')."
        )
    asked = {
        "matcher": matcher_of(pipeline.matcher, log, records),
        "segmenter": segmenter_of(pipeline.segmenter),
        "value": value_of(pipeline.value),
        "stager": stager_of(pipeline.stager),
        "tiers": tiers_of(pipeline.tiers),
        "behaviour": behaviour_of(pipeline.behaviour),
        "churn": recipe_of(pipeline.churn),
    }
    check_offer(pipeline.offer, asked["churn"])
    check_level(pipeline.level, OWNER)
    parts: dict[str, Any] = {
        name: None if part is None else heard(clone(part), pipeline.verbose)
        for name, part in asked.items()
    }
    own = recommender_of(pipeline.recommender, log)  # a copy already
    parts["recommender"] = heard(own, pipeline.verbose)
    if parts["value"].unit is None:
        parts["value"].set_params(unit=pipeline.unit)
    return parts


def columns_of(log: EventLog) -> dict[str, Any]:
    """How a log was made: the names of its columns, and the rules that its events are read by."""
    return {**vars(log.columns), **{rule: getattr(log, rule) for rule in RULES}}
