"""Tables of survivors as customers: who left at the end of which period, and who is still there.

A cohort that counts s_0, s_1, ... s_k customers after 0, 1, ... k periods holds s_(t-1) - s_t
customers who left at T = t, and s_k who are here at T = k. Every cohort stands alone.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from crmkit._validation import Floats
from crmkit.exceptions import DataError


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
    faults = [f"{what} (cohort {i})" for i, c in enumerate(known) if (what := _fault(c))]
    if faults or not known:
        more = f", and {len(faults) - 3:,} more" if len(faults) > 3 else ""
        raise DataError(
            f"{owner}: survivors hold {'; '.join(faults[:3]) or 'no cohort'}{more}. Give the "
            "customers of a cohort who are there after 0, 1, 2, ... periods, NaN for those to come."
        )
    return known


def _known(cohort: Floats) -> Floats:
    """The cohort without the periods still to come."""
    last = np.flatnonzero(~np.isnan(cohort.ravel()))
    return cohort[: last[-1] + 1] if cohort.ndim == 1 and len(last) else cohort


def _fault(cohort: Floats) -> str | None:
    if cohort.ndim != 1:
        return "a table within a table"
    if not np.isfinite(cohort).all():
        return "gaps or infinite numbers"
    if len(cohort) < 2:
        return "a cohort of one number, which tells nothing of renewal"
    if (cohort < 0).any():
        return f"a negative number, {cohort[cohort < 0][0]:g}"
    if cohort[0] == 0:
        return "a cohort that starts with nobody"
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
