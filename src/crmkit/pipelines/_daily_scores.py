"""Churn of tonight beside churn at the fit, and whether the settings are still those of the fit."""

import warnings
from datetime import date
from typing import Any

from sklearn.base import clone

from crmkit import _frames
from crmkit.churn import ChurnMonitor
from crmkit.churn._population import EmptyPopulationError
from crmkit.events import EventLog
from crmkit.exceptions import DataError, DataWarning

OWNER = "DailyScoring"
FALSE_ALARM = 0.001  # of a night in which nothing changed


def settings_of(pipeline: Any) -> dict[str, str]:
    """Parameters of a pipeline and its parts as text, but for those that change no answer."""
    talk = [each for each in pipeline.get_params() if each.rpartition("__")[-1] == "verbose"]
    quiet = clone(pipeline).set_params(**dict.fromkeys(talk, 0))
    told = quiet.get_params().items()
    return {name: repr(value) for name, value in told if name not in talk}


def fitted_monitor(pipeline: Any, log: EventLog, day: date) -> ChurnMonitor | None:
    """Features and scores of the active customers on the day of the fit."""
    told = None if pipeline.churn_ is None else scores(pipeline.churn_, log, day)
    if told is None:
        return None
    try:
        return ChurnMonitor(false_alarm=FALSE_ALARM).fit(*told)
    except DataError:  # too few are active to tell a change from chance
        return None


def churn_alarm(monitor: ChurnMonitor, pipeline: Any, log: EventLog, day: date) -> list[str]:
    """What `ChurnMonitor` says of tonight, where it asks for a new model."""
    told = scores(pipeline.churn_, log, day)
    if told is None:
        return ["Churn: nobody is active any more."]
    try:
        report = monitor.check(*told)
    except DataError as error:
        return [f"Churn: {error}"]
    if not report.retrain:
        return []
    return [f"Churn: {' '.join(report.text.split())}"]


def scores(recipe: Any, log: EventLog, day: date) -> tuple[Any, Any] | None:
    """Features and risk of the active customers; None where nobody is active."""
    builder = recipe._builder(recipe.horizon_, recipe.within_)
    if day <= log.first_event.date():
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)  # told by the scoring itself
        try:
            now = _frames.to_eager(builder.transform(log, day))
        except EmptyPopulationError:
            return None
        names = [name for name in _frames.column_names(now, OWNER) if name != log.customer]
        features = _frames.attach(now, keep=names, add={}, owner=OWNER)
        return features, recipe.model_.predict_proba(features)[:, 1]
