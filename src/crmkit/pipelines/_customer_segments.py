"""What kind each customer is: stage of the life cycle, tier of value, segment of behaviour.

Stages are those of the midnight at or before a cut-off. Who bought for the first time after that
midnight is new.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit.events import EventLog
from crmkit.exceptions import DataError, DataWarning, muted, warn_user
from crmkit.pipelines._churn_plan import day_of
from crmkit.pipelines._customer_values import RANK, VALUES
from crmkit.segment import BehaviourSegmenter, LifecycleStager, RFMSegmenter, ValueTiers
from crmkit.segment._stages import NEW

OWNER = "CustomerValuePipeline"
AUTO = "auto"
STAGED = ("stage", "stage_reason")
OF_VALUE = {*VALUES, RANK}
BEHAVIOUR = ["n_orders", "days_since_last", "total_amount"]
SILENT = "LifecycleStager: .* behind the end of the log"
TODAY = "first purchase since the midnight at which stages are looked at"


def segmenter_of(segmenter: Any) -> RFMSegmenter:
    """The segmenter that a parameter means."""
    segmenter = RFMSegmenter() if segmenter is None else segmenter
    if not isinstance(segmenter, RFMSegmenter):
        raise DataError(
            f"{OWNER}: segmenter must be an RFMSegmenter, got {segmenter!r}. For another "
            "scheme of names: RFMSegmenter(scheme=...)."
        )
    return segmenter


def stager_of(stager: Any) -> LifecycleStager | None:
    """The stager that a parameter means; None where stages are left out."""
    if stager is None or isinstance(stager, LifecycleStager):
        return stager
    if isinstance(stager, str) and stager == AUTO:
        return LifecycleStager()
    raise DataError(
        f'{OWNER}: stager must be a LifecycleStager, "auto" or None, got {stager!r}. For other '
        "names of the stages: LifecycleStager(stages=...)."
    )


def tiers_of(tiers: Any) -> ValueTiers | None:
    """The tiers that a parameter means; None where tiers are left out."""
    if tiers is None or isinstance(tiers, ValueTiers):
        return tiers
    if isinstance(tiers, str) and tiers == AUTO:
        return ValueTiers(value="clv")
    raise DataError(
        f'{OWNER}: tiers must be ValueTiers, "auto" or None, got {tiers!r}. For tiers of past '
        'revenue: ValueTiers(value="total_amount").'
    )


def behaviour_of(behaviour: Any) -> BehaviourSegmenter | None:
    """The segmenter of behaviour that a parameter means; None where it is left out."""
    if behaviour is None or isinstance(behaviour, BehaviourSegmenter):
        return behaviour
    if isinstance(behaviour, str) and behaviour == AUTO:
        return BehaviourSegmenter(BEHAVIOUR)
    raise DataError(
        f'{OWNER}: behaviour must be a BehaviourSegmenter, "auto" or None, got {behaviour!r}. For '
        "other columns: BehaviourSegmenter(columns=[...])."
    )


def fitted(part: Any, customers: Any) -> Any:
    """A part learnt from customers; None stays None."""
    return None if part is None else part.fit(customers)


def learnt_tiers(tiers: ValueTiers | None, customers: Any, *, valued: bool) -> ValueTiers | None:
    """Fitted tiers; none where they are of a value that was not learnt."""
    if tiers is None or (tiers.value in OF_VALUE and not valued):
        return None
    return tiers.fit(customers)


def labels(**asked: tuple[Any, Any]) -> dict[str, npt.NDArray[Any]]:
    """What each part calls each row of a frame of customers; nothing of parts that are left out."""
    return {name: part.predict(table) for name, (part, table) in asked.items() if part is not None}


def fitted_stager(stager: LifecycleStager, log: EventLog, as_of: Any) -> LifecycleStager:
    """Learn the rules of the stages at the midnight of a cut-off."""
    day = day_of(log, as_of, OWNER)
    if day <= log.first_event.date():
        raise DataError(f"{OWNER}: stages are told at midnight, and nothing happened before {day}.")
    return stager.fit(log, as_of=day)


def learnt_stages(
    stager: LifecycleStager | None, log: EventLog, as_of: Any, *, is_default: bool
) -> tuple[LifecycleStager | None, str]:
    """Fitted stager and no note; where the default cannot be fitted, none, why, and a warning."""
    if stager is None:
        return None, ""
    try:
        return fitted_stager(stager, log, as_of), ""
    except DataError as error:
        if not is_default:
            raise
        warn_user(
            f"{OWNER}: stages of life cannot be learnt from this log, so there are none. "
            f"{error} Pass stager=None to leave them out.",
            DataWarning,
        )
        return None, str(error)


def stage_columns(
    fitted: LifecycleStager, customers: Any, log: EventLog, as_of: Any
) -> Mapping[str, npt.NDArray[Any]]:
    """Stage of each customer, and why, in the row order of a frame of customers."""
    ids = _frames.column_values(customers, log.customer, OWNER)
    stage = np.full(len(ids), fitted.stages_[NEW], dtype=object)
    reason = np.full(len(ids), TODAY, dtype=object)
    day = day_of(log, as_of, OWNER)
    first = _frames.local_days(customers, "first_purchase", log.tz, OWNER)
    if first.min() < (day - date(1970, 1, 1)).days:
        with muted(SILENT):  # the log of one customer often ends long before the day
            known, positions, evidence = fitted._looked_at(log, day)
        rows = _frames.places_of(known, ids)
        stage[rows] = fitted.stages_[positions]
        reason[rows] = fitted._reasons(positions, evidence)
    return dict(zip(STAGED, (stage.astype(str), reason.astype(str)), strict=True))
