"""Whom to leave out of a campaign, and why: permission, value, returns, silence."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit._units import in_days
from crmkit._validation import Floats, check_finite, check_real
from crmkit.exceptions import DataError


@dataclass(frozen=True)
class Exclusion:
    """Rules of whom to leave out; None is no such rule."""

    value: str
    min_value: float
    lost_after: str | float | None
    returns: str | None
    max_returns: float
    contact: str | None


def excluded(
    table: Any, rules: Exclusion, owner: str
) -> tuple[npt.NDArray[np.str_], tuple[str, ...]]:
    """Why each customer is left out ("" for who is not), and the rules in words."""
    found, said = [], []
    for name, (bad, told) in _judged(table, rules, owner).items():
        found.append(np.where(bad, told, ""))
        said.append(f"{name} ({int(bad.sum()):,})")
    reasons = found[0]
    for more in found[1:]:
        both = (reasons != "") & (more != "")
        reasons = np.strings.add(np.strings.add(reasons, np.where(both, "; ", "")), more)
    return reasons, tuple(said)


def _judged(table: Any, rules: Exclusion, owner: str) -> dict[str, tuple[Any, Any]]:
    """Of each rule in words: whom it leaves out, and the reason in words."""
    made: dict[str, tuple[Any, Any]] = {}
    if rules.contact is not None:
        allowed = _frames.named_numbers(table, rules.contact, owner)
        if not np.isin(allowed[~np.isnan(allowed)], (0.0, 1.0)).all():
            raise DataError(
                f"{owner}: contact {rules.contact!r} must hold true and false, or 1, 0."
            )
        made["no permission to contact"] = (allowed != 1.0, "no permission to contact")
    check_real(rules.min_value, "min_value", owner, low=-np.inf)
    value = _numbers(table, rules.value, owner)
    made[f"{rules.value} of {rules.min_value:g} or less"] = (
        value <= rules.min_value,
        np.array([f"{rules.value} is {v:.2f}" for v in value]),
    )
    if rules.returns is not None:
        check_real(rules.max_returns, "max_returns", owner, low=0.0)
        share = _frames.named_numbers(table, rules.returns, owner)
        made[f"{rules.returns} above {rules.max_returns:.0%}"] = (
            share > rules.max_returns,
            np.array([f"{rules.returns} is {100 * s:.0f} %" for s in share]),
        )
    if rules.lost_after is not None:
        days = in_days(rules.lost_after, owner, "lost_after")
        silent = _numbers(table, "days_since_last", owner)
        made[f"silent for more than {days:g} days"] = (
            silent > days,
            np.array([f"silent for {d:.0f} days" for d in silent]),
        )
    return made


def _numbers(table: Any, name: str, owner: str) -> Floats:
    x = np.asarray(_frames.float_columns(table, [name], owner))
    check_finite(x, [name], owner)
    column: Floats = x[:, 0]
    return column
