"""What a profile can be made of: parameters, a stager, and logs that go on where one ended."""

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from crmkit import _frames
from crmkit._validation import check_real, check_share, check_whole
from crmkit.events import EventLog
from crmkit.events._customers_at import longest_silence, read_customers_at, warn_of_silence
from crmkit.events._instants import on_log_clock, read_instant, read_zone
from crmkit.events._ledger import begin_of_day, day_of
from crmkit.events._rows import Rows
from crmkit.exceptions import DataError, DataWarning, warn_user
from crmkit.segment._lifecycle import LifecycleStager
from crmkit.segment._profile_events import Seen

NAMED = ("customer", "when", "amount", "quantity", "returns", "min_amount", "tz")
"""What is kept of a log."""

RULES = ("returns", "min_amount")
"""What must be the same in any log that is read, beside whether there is a quantity."""


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
        fitted: LifecycleStager = clone(stager)
        return fitted._fit_at(read_customers_at(log, [cutoff], owner))
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
    elif as_of is None:
        day = max(day_of(log.cutoff(None, owner), owner), known)
    else:
        cutoff = on_log_clock(read_instant(as_of, "as_of", owner), log.zone, owner)
        day = day_of(cutoff, owner, "as_of")
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


def check_alike(
    log: EventLog, fitted: dict[str, Any], rules: dict[str, Any], owner: str, *more: str
) -> None:
    """Refuse a log that is read by other rules than the one of `fit`."""
    if "spending" in rules and log.amount is None:
        raise DataError(f"{owner}: the log of fit had amounts, this one has none: name amount=.")
    told = {name: (getattr(log, name), fitted[name]) for name in (*RULES, *more)}
    if (log.quantity is None) != (fitted["quantity"] is None):
        told["quantity"] = (log.quantity, fitted["quantity"])
    for name, (new, known) in told.items():
        if new != known:
            raise DataError(
                f"{owner}: the new log has {name}={new!r}, the log of fit had {known!r}. Events "
                "must be read by the same rules."
            )


def check_columns(log: EventLog, of: Any, owner: str) -> None:
    """Refuse a log without a column that a profile reads."""
    names = _frames.column_names(log.data, owner)
    for part in ("category", "channel", "promotion"):
        column = getattr(of, part)
        if column is not None and column not in names:
            raise DataError.missing_column(owner, column, names, part)


def has_events_before(log: EventLog, day: int) -> bool:
    """Whether an event lies before a day."""
    return log.facts.first_us < _frames.microseconds(begin_of_day(day, log))


def silences(days: Rows, before: int) -> tuple[int, int]:
    """Days without a purchase between the last one known and new ones, and among these."""
    if not len(days):
        return 0, 0
    return int(days.period.min()) - before - 1, longest_silence(days)


def tell_silence(last_day: int, day: int, longest: int, owner: str) -> None:
    """Warn of a date further behind the last purchase than there was ever a silence."""
    silent = day - 1 - last_day
    if silent > longest:
        warn_user(
            f"{owner}: as_of {np.datetime64(day, 'D')} lies {silent:,} days behind the last "
            f"purchase known ({np.datetime64(last_day, 'D')}), and there was never a silence of "
            f"more than {longest:,}. If purchases are missing, everybody seems to fall silent.",
            DataWarning,
        )


def day_number(as_of: str) -> int:
    """A date as days since 1970."""
    return int(np.datetime64(as_of, "D").astype(np.int64))
