"""What a profile can be made of: parameters, a stager, and logs that go on where one ended."""

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from crmkit._validation import check_real, check_share, check_whole
from crmkit.events import EventLog
from crmkit.events._customers_at import warn_of_silence
from crmkit.events._event_log import check_log
from crmkit.events._instants import on_log_clock, read_instant, read_zone
from crmkit.events._ledger import day_of
from crmkit.exceptions import DataError, DataWarning, warn_user
from crmkit.segment._lifecycle import LifecycleStager
from crmkit.segment._profile_events import Seen

NAMED = ("customer", "when", "amount", "returns", "min_amount", "tz")
"""What is kept of a log; the last three must be the same in an update."""


def checked_quantiles(of: Any, owner: str) -> npt.NDArray[np.float64]:
    """The two quantiles of a profile; its other parameters are only looked at."""
    for name in ("category", "channel", "promotion"):
        value = getattr(of, name)
        if not (value is None or isinstance(value, str)):
            raise DataError(f"{owner}: {name} must name a column of the log, got {value!r}.")
    check_whole(of.top, "top", owner, low=1)
    check_whole(of.min_evidence, "min_evidence", owner, low=1)
    check_real(of.min_lift, "min_lift", owner, low=1.0)
    check_share(of.confidence, "confidence", owner)
    try:
        edges = np.asarray(of.quantiles, dtype=np.float64)
    except (TypeError, ValueError):
        edges = np.empty(0)
    if edges.shape != (2,) or not (np.diff(np.r_[0.0, edges, 1.0]) > 0).all():
        raise DataError(
            f"{owner}: quantiles must be two rising numbers between 0 and 1, got {of.quantiles!r}."
        )
    if not (of.stager is None or isinstance(of.stager, LifecycleStager)):
        raise DataError(f"{owner}: stager must be a LifecycleStager, got {of.stager!r}.")
    return edges


def ready_stager(
    given: LifecycleStager | None, log: EventLog, cutoff: Any, seen: Seen, owner: str
) -> LifecycleStager | None:
    """A fitted stager as it is, any other fitted to the log; None where there is no rhythm."""
    stager = LifecycleStager() if given is None else given
    try:
        check_is_fitted(stager)
        warn_of_silence(log, cutoff, seen.days, owner)
        return stager
    except NotFittedError:
        pass
    if seen.state.n_days.max() >= 2:
        fitted: LifecycleStager = clone(stager).fit(log, as_of=cutoff)
        return fitted
    warn_user(
        f"{owner}: nobody bought on two days, so there is no rhythm and no life_cycle. Take a "
        "longer log, or hand in a fitted stager.",
        DataWarning,
    )
    return None


def new_day(log: EventLog | None, as_of: Any, before: str, tz: str | None, owner: str) -> int:
    """The new date of a profile as a day, not before the former one."""
    known = day_number(before)
    if log is None:
        if as_of is None:
            raise DataError(f"{owner}: without new events as_of= is needed.")
        zone = None if tz is None else read_zone(tz, owner)
        cutoff = on_log_clock(read_instant(as_of, "as_of", owner), zone, owner)
        day = day_of(cutoff, owner, "as_of")
    else:
        check_log(log, owner)
        day = day_of(log.cutoff(as_of, owner), owner, "as_of")
        day = max(day, known) if as_of is None else day
    if day < known:
        raise DataError(
            f"{owner}: as_of={str(as_of)!r} lies before {before}, up to which events are "
            "known. What is known cannot be taken back: fit again, or use predict_frame."
        )
    return day


def tell_late(seen: Seen, before: str, late: str, owner: str) -> None:
    """Refuse late events, or warn of them."""
    if not seen.n_late:
        return
    told = (
        f"{owner}: {seen.n_late:,} new events lie before as_of_ {before} (the first on "
        f"{np.datetime64(seen.first_late, 'D')})"
    )
    if late == "raise":
        raise DataError(
            f"{told}. They may be known already: give only events from {before} on, drop "
            'the others with late="drop", or fit again on all events.'
        )
    warn_user(f"{told} and were dropped. Fit again on all events to take them in.", DataWarning)


def check_alike(log: EventLog, fitted: dict[str, Any], owner: str) -> None:
    """Refuse a log that is read by other rules than the one of `fit`."""
    for name in NAMED[3:]:
        if getattr(log, name) != fitted[name]:
            raise DataError(
                f"{owner}: the new log has {name}={getattr(log, name)!r}, the log of fit had "
                f"{fitted[name]!r}. Events must be read by the same rules."
            )


def check_money_is_told(log: EventLog, rules: dict[str, Any], owner: str) -> None:
    """Refuse a log without money where the rules need it."""
    if "spending" in rules and log.amount is None:
        raise DataError(f"{owner}: the log of fit had amounts, this one has none: name amount=.")


def day_number(as_of: str) -> int:
    """A date as days since 1970."""
    return int(np.datetime64(as_of, "D").astype(np.int64))
