"""Tables of survivors as customers: who left at the end of which period, and who is still there.

A cohort that counts s_0, s_1, ... s_k customers after 0, 1, ... k periods holds s_(t-1) - s_t
customers who left at T = t, and s_k who are here at T = k. Every cohort stands alone.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from crmkit import _frames
from crmkit._validation import Floats
from crmkit.exceptions import DataError

_LABELS = {"cohort", "cohorts", "date", "day", "week", "month", "quarter", "year"}


def cohort_rows(survivors: Any, owner: str) -> tuple[Floats, Floats]:
    """Rows of T and churned, and the number of customers of each row."""
    parts = [_rows(cohort) for cohort in _cohorts(survivors, owner)]
    return np.vstack([rows for rows, _ in parts]), np.concatenate([many for _, many in parts])


def _cohorts(survivors: Any, owner: str) -> list[Floats]:
    """Each cohort as known so far, checked; all faults are told in one error."""
    ragged = isinstance(survivors, Sequence) and any(np.ndim(cohort) for cohort in survivors)
    try:
        table = [np.asarray(row, dtype=np.float64) for row in survivors] if ragged else None
        cohorts = list(np.atleast_2d(np.asarray(survivors, np.float64))) if table is None else table
    except (TypeError, ValueError):
        raise DataError(
            f"{owner}: survivors must be numbers of customers after 0, 1, 2, ... periods, a row "
            f"for each cohort, got {type(survivors).__name__}. Put names of cohorts in the index."
        ) from None
    known = [_known(cohort) for cohort in cohorts]
    _refuse_labels(survivors, known, owner)
    faults = [f"{what} (cohort {i})" for i, c in enumerate(known) if (what := _fault(c))]
    told = [cohort for cohort in known if len(cohort) > 1]
    if not faults and not told:
        none = "a cohort of one number, which tells nothing of renewal"
        faults = [f"{none} (cohort {i})" for i in range(len(known))]
    if not faults and all(cohort[0] <= 1 for cohort in told):
        faults = [f"shares, cohorts that start with {told[0][0]:g}"]
    if faults or not known:
        more = f", and {len(faults) - 3:,} more" if len(faults) > 3 else ""
        raise DataError(
            f"{owner}: survivors hold {'; '.join(faults[:3]) or 'no cohort'}{more}. Give the "
            "customers of a cohort who are there after 0, 1, 2, ... periods, NaN for those to "
            "come. Multiply shares by the number of customers of their cohort."
        )
    return told


def _refuse_labels(survivors: Any, cohorts: list[Floats], owner: str) -> None:
    """Refuse a frame whose first column names the cohorts instead of counting them."""
    if not _frames.is_frame(survivors) or not cohorts:
        return
    names = [str(name).strip().lower() for name in _frames.column_names(survivors, owner)]
    first = np.array([cohort[0] for cohort in cohorts if len(cohort)])
    told = names[:1] and (names[0] in _LABELS or names[1:2] == ["0"])
    if told or _are_dates(first) or all(_grows_at_once_only(cohort) for cohort in cohorts):
        raise DataError(
            f"{owner}: the first column of survivors, {names[0]!r}, looks like the names of "
            f"the cohorts (first {first[:1].tolist()}), not like their numbers of customers. Put "
            "it in the index (set_index in pandas) or drop it; if it does count customers, pass "
            "the values as an array."
        )


def _grows_at_once_only(cohort: Floats) -> bool:
    return len(cohort) > 2 and bool(cohort[0] < cohort[1] and (np.diff(cohort[1:]) <= 0).all())


def _are_dates(first: Floats) -> bool:
    """Whether numbers are years in a row, or months such as 202401 in a row."""
    whole = len(first) > 1 and bool((first == np.floor(first)).all())
    if not whole:
        return False
    year, month = np.divmod(first, 100.0)
    steps = [np.diff(first)] if _in_years(first) else []
    if _in_years(year) and ((month >= 1) & (month <= 12)).all():
        steps.append(np.diff(12 * year + month))
    return any((step == 1).all() or (step == -1).all() for step in steps)


def _in_years(values: Floats) -> bool:
    return bool(((values >= 1900) & (values <= 2100)).all())


def _known(cohort: Floats) -> Floats:
    """The cohort without the periods still to come."""
    last = np.flatnonzero(~np.isnan(cohort.ravel()))
    return cohort[: last[-1] + 1] if cohort.ndim == 1 and len(last) else cohort


def _fault(cohort: Floats) -> str | None:
    if cohort.ndim != 1:
        return "a table within a table"
    if not np.isfinite(cohort).all():
        return "gaps or infinite numbers"
    if len(cohort) == 0:
        return None
    if (cohort < 0).any():
        return f"a negative number, {cohort[cohort < 0][0]:g}"
    if cohort[0] == 0:
        return "a cohort that starts with nobody"
    if cohort[0] <= 1 and (cohort != np.floor(cohort)).any():
        return f"shares, a cohort that starts with {cohort[0]:g}"
    grown = np.flatnonzero(np.diff(cohort) > 0)
    if len(grown):
        t = int(grown[0])
        return f"a cohort that grows from {cohort[t]:g} to {cohort[t + 1]:g} in period {t + 1}"
    return None


def _rows(cohort: Floats) -> tuple[Floats, Floats]:
    periods = np.arange(1.0, len(cohort))
    rows = np.column_stack([periods, np.ones_like(periods)])
    rows = np.vstack([rows, [len(cohort) - 1.0, 0.0]])
    return rows, np.append(-np.diff(cohort), cohort[-1])
