"""Stages of the life cycle: their names, the rule of each in words, the reason of a customer."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit._validation import Floats
from crmkit.exceptions import DataError

Whole = npt.NDArray[Any]

LOYAL, GROWING, REACTIVATED, NEW, AT_RISK, DORMANT, LOST = range(7)

STAGES = {
    "en": ("loyal", "growing", "reactivated", "new", "at risk", "dormant", "lost"),
    "zh": ("忠诚客户", "成长客户", "复活客户", "新客户", "风险客户", "沉睡客户", "流失客户"),
}


def stage_names(stages: Any, owner: str) -> tuple[str, ...]:
    """Names of the seven stages: those of a language, or as given."""
    if isinstance(stages, str) and stages in STAGES:
        return STAGES[stages]
    some = isinstance(stages, (list, tuple, np.ndarray))
    given = tuple(stages.tolist() if isinstance(stages, np.ndarray) else stages) if some else ()
    if len(set(given)) != 7 or not all(isinstance(name, str) and name for name in given):
        raise DataError(
            f"{owner}: stages must be one of {list(STAGES)} or seven different names for "
            f"{', '.join(STAGES['en'])}, got {stages!r}."
        )
    return given


def stage_positions(
    passed: Whole, n_days: Whole, back: Whole, rising: npt.NDArray[np.bool_], loyal_from: int
) -> Whole:
    """Stage of each customer: the first rule that holds, silence before all.

    `passed` levels of silence (0 to 3), `n_days` with a purchase, `back` purchases since a return
    from a long pause (0 is none), `rising` whether the pace rises.
    """
    growing = (n_days < loyal_from) | rising
    positions = np.full(len(n_days), LOYAL, dtype=np.int64)
    rules = [growing, back > 0, n_days == 1, passed == 1, passed == 2, passed == 3]
    stages = [GROWING, REACTIVATED, NEW, AT_RISK, DORMANT, LOST]
    for rule, stage in zip(rules, stages, strict=True):  # the first rule that holds comes last
        positions[rule] = stage
    return positions


def rule_texts(
    thresholds: Floats | None,
    levels: Sequence[float],
    loyal_from: int,
    period: float,
    new_for: float,
) -> list[str]:
    """Rule of each stage in words; `thresholds` in rhythms, first pauses and later ones."""
    if thresholds is None:
        silent = [f"chance of a purchase at most {x:.0%} of that at the last one" for x in levels]
        silent[0] += f", or bought once, more than {new_for:.0f} days ago"
    else:
        silent = [
            f"silent for more than {later:.1f} own rhythms ({first:.1f} after the first purchase)"
            for first, later in zip(*thresholds, strict=True)
        ]
    active = "not at risk"
    return [
        f"{active}, {loyal_from} or more purchase days at a steady pace",
        f"{active}, bought again but on fewer than {loyal_from} days, or clearly more in the last "
        f"{period:g} days than in those before",
        f"{active}, back from a pause as long as a dormant one, less than {loyal_from} purchases "
        "ago",
        f"{active}, one purchase day so far, at most {new_for:.0f} days ago",
        *silent,
    ]


def reasons(
    positions: Whole, evidence: dict[str, Whole], loyal_from: int, levels: Floats
) -> list[str]:
    """Why each customer is in the stage, one sentence each."""
    rows = zip(*(values.tolist() for values in evidence.values()), strict=True)
    return [
        sentence(stage, dict(zip(evidence, row, strict=True)), loyal_from, levels)
        for stage, row in zip(positions.tolist(), rows, strict=True)
    ]


def sentence(stage: int, own: dict[str, Any], loyal_from: int, levels: Floats) -> str:
    """Why one customer is in a stage."""
    since, n = counted(own["days_since_last"], "day"), counted(own["purchase_days"], "purchase day")
    pace = f"a rhythm of {counted(own['rhythm'], 'day')}"
    left = f"{own['chance_left']:.0%} of the chance of a purchase is left"
    if stage in (AT_RISK, DORMANT, LOST):
        if own["chance_left"] <= levels[stage - AT_RISK]:
            return f"silent for {since} after {n} and {pace}: {left}"
        if stage == AT_RISK and own["purchase_days"] == 1:
            return f"bought once, {since} ago, which is too long for a new customer"
        return f"silent for {since} after {n} and {pace}: longer than the log can tell"
    if stage == NEW:
        return f"first purchase {since} ago"
    if stage == REACTIVATED:
        pause = counted(own["pause"], "day")
        return f"back after a pause of {pause}; {n}, the last {since} ago"
    if own["recent"] > own["before"] and own["purchase_days"] >= loyal_from and stage == GROWING:
        recent = counted(own["recent"], "purchase day")
        return f"{recent} lately after {own['before']} in as long before"
    if stage == GROWING:
        return f"{n} of the {loyal_from} that make loyal, {pace}; the last {since} ago"
    return f"{n}, {pace}; the last {since} ago"


def counted(number: float, word: str) -> str:
    """1 and "day" as "1 day", 2.4 as "2 days"."""
    told = f"{number:,.0f}"
    return f"{told} {word}" + ("" if told == "1" else "s")
