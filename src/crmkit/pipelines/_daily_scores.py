"""The table of a night, churn of tonight beside churn at the fit, and the settings of the fit."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sklearn.base import clone

from crmkit import _frames
from crmkit.churn import ChurnMonitor
from crmkit.events import EventLog
from crmkit.exceptions import DataError
from crmkit.pipelines._customer_churn import seen_at

OWNER = "DailyScoring"
FALSE_ALARM = 0.001  # of a night in which nothing changed
ADDRESS = re.compile(r" at 0x[0-9A-Fa-f]+")  # of this process alone


@dataclass(frozen=True, eq=False)
class Scored:
    """The table of a night as an eager frame, and features and risk of the active customers.

    Both are None where nobody is active, or churn is left out.
    """

    table: Any
    features: Any
    risk: Any


def settings_of(pipeline: Any) -> dict[str, str]:
    """Parameters of a pipeline and its parts as text, but for those that change no answer."""
    talk = [each for each in pipeline.get_params() if each.rpartition("__")[-1] == "verbose"]
    quiet = clone(pipeline).set_params(**dict.fromkeys(talk, 0))
    told = quiet.get_params().items()
    return {name: ADDRESS.sub("", repr(value)) for name, value in told if name not in talk}


def score(pipeline: Any, log: EventLog, cutoff: datetime) -> Scored:
    """What `transform` of a pipeline tells, and what churn was told from, looked at once."""
    seen = seen_at(pipeline.churn_, log, cutoff)
    customers = pipeline._customers(log, cutoff)
    table = pipeline._described(customers, log, cutoff, None, seen)
    if seen.features is None:
        return Scored(table, None, None)
    active, everybody = (
        _frames.column_values(each, log.customer, OWNER) for each in (seen.features, table)
    )
    risk = _frames.column_values(table, "probability_churn", OWNER)
    names = [n for n in _frames.column_names(seen.features, OWNER) if n != log.customer]
    features = _frames.attach(seen.features, keep=names, add={}, owner=OWNER)
    return Scored(table, features, risk[_frames.places_of(active, everybody)])


def fitted_monitor(scored: Scored) -> ChurnMonitor | None:
    """Features and scores of the active customers on the day of the fit."""
    if scored.features is None:
        return None
    try:
        return ChurnMonitor(false_alarm=FALSE_ALARM).fit(scored.features, scored.risk)
    except DataError:  # too few are active to tell a change from chance
        return None


def churn_alarm(monitor: ChurnMonitor | None, scored: Scored) -> list[str]:
    """What `ChurnMonitor` says of tonight, where it asks for a new model."""
    if monitor is None:
        return []
    if scored.features is None:
        return ["Churn: nobody is active any more."]
    try:
        report = monitor.check(scored.features, scored.risk)
    except DataError as error:
        return [f"Churn: {error}"]
    if not report.retrain:
        return []
    return [f"Churn: {' '.join(report.text.split())}"]
