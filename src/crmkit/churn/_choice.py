"""Choice of a candidate and its calibration, with the table behind it and the reason in words."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from crmkit._trees import Growth
from crmkit.churn._calibration import fit_calibration, levelled, offered
from crmkit.churn._candidates import CANDIDATES, ENOUGH_FOR_TREES, SINGLE, Examples
from crmkit.churn._contest import (
    BASE_RATE,
    Judged,
    Verdict,
    as_rows,
    judge,
    parts_of,
    verdict_on,
    verdicts_on,
    winner,
)
from crmkit.churn._folds import Validation
from crmkit.exceptions import DataWarning, warn_user

AUTO = "auto"
KINDS = {
    "auto": ["none", "sigmoid", "isotonic"],
    "none": ["none"],
    "sigmoid": ["sigmoid"],
    "isotonic": ["isotonic"],
}
_CALIBRATED = {
    "none": "no calibration",
    "sigmoid": "sigmoid calibration",
    "isotonic": "isotonic calibration",
}


@dataclass(frozen=True, eq=False)
class Choice:
    """The chosen candidate, the parts to fit, its calibration, and why."""

    chosen: str
    parts: list[str]
    calibration: dict[str, Any]
    rows: list[dict[str, Any]]
    reason: str


def choose(
    model: str, calibrate: str, examples: Examples, plan: Validation, how: Growth, owner: str
) -> Choice:
    """Let the candidates that `model` allows compete; a single one is only calibrated.

    Where the contest was thinned, a calibration is learnt anew from whole folds: a candidate that
    learnt from few rows errs in another way than one that learnt from many.
    """
    names = allowed(model, len(examples.y))
    if names == [model] and model != "average" and calibrate == "none":
        reason = f"{model!r} as asked for: neither compared nor calibrated, so not validated"
        return Choice(model, [model], {"kind": "none"}, [], reason)
    singles = list(SINGLE) if "average" in names else names
    seen = judge(singles, examples, plan, how, owner)
    if seen is None:
        warn_uncalibrated(calibrate, plan.told, owner)
        chosen = names[0]
        reason = f"took {chosen!r}, {plan.told or 'not validated'}"
        parts = ["spline_logistic", "boosted_small"] if chosen == "average" else [chosen]
        return Choice(chosen, parts, {"kind": "none"}, [], reason)
    kinds = offered(KINDS[AUTO], seen.y) if calibrate == AUTO else KINDS[calibrate]
    verdicts = verdicts_on(seen, [*singles, *names], kinds, owner)
    chosen = winner({name: verdicts[name] for name in names})
    parts = parts_of(chosen, verdicts)
    kind = verdicts[chosen].calibration
    rows = as_rows(seen, verdicts, chosen)
    reason = in_words(chosen, parts, rows, seen, verdicts, plan, model == AUTO)
    if kind == "none" or plan.whole is None:
        state = _calibration(kind, parts, seen, owner)
        if state["kind"] == "none":
            warn_uncalibrated(calibrate, "scores and churn do not rise together", owner)
        return Choice(chosen, parts, state, rows, reason)
    whole = judge(parts, examples, replace(plan, splits=plan.whole), how, owner)
    state = {"kind": "none"}
    if whole is not None:
        odds = np.mean([whole.odds[part] for part in parts], axis=0)
        kind = verdict_on(odds, whole, kinds, owner).calibration
        state = _calibration(kind, parts, whole, owner)
    reason += f"; learnt from whole folds: {_CALIBRATED[state['kind']]}"
    return Choice(chosen, parts, state, rows, reason)


def _calibration(kind: str, parts: list[str], seen: Judged, owner: str) -> dict[str, Any]:
    """Numbers of a calibration, learnt from all that was judged."""
    odds = np.mean([seen.odds[part] for part in parts], axis=0)
    odds = levelled(odds, seen.y, seen.weight, seen.fold) if seen.forward else odds
    return fit_calibration(kind, odds, seen.y, seen.weight, owner)


def warn_uncalibrated(calibrate: str, why: str, owner: str) -> None:
    """Warn where a calibration was asked for by name and cannot be had."""
    if calibrate in ("sigmoid", "isotonic"):
        warn_user(
            f"{owner}: calibrate={calibrate!r} was left away: {why or 'not validated'}. "
            "Probabilities are as the model gives them.",
            DataWarning,
        )


def allowed(model: str, n: int) -> list[str]:
    """Candidates that may be chosen, the simplest first."""
    if model != AUTO:
        return [model]
    return list(CANDIDATES) if n >= ENOUGH_FOR_TREES else ["spline_logistic"]


def in_words(
    chosen: str,
    parts: list[str],
    rows: list[dict[str, Any]],
    seen: Judged,
    verdicts: dict[str, Verdict],
    plan: Validation,
    competed: bool,
) -> str:
    """Who was chosen and why, on whom it was judged, and whether it beats knowing nothing."""
    own, base = verdicts[chosen], rows[0]["log_loss"]
    made = f" (mean log-odds of {' and '.join(parts)})" if len(parts) > 1 else ""
    word = "chose" if competed else "took, as asked for,"
    text = f"{word} {chosen!r}{made}: log loss {own.loss:.4f}"
    rivals = {name: verdict.loss for name, verdict in verdicts.items() if name != chosen}
    if rivals:
        best = min(rivals, key=lambda name: rivals[name])
        tie = " (a tie goes to the simpler)" if competed and rivals[best] < own.loss else ""
        text += f" against {rivals[best]:.4f} of {best!r}, the best of the others{tie}"
    text += f", and {base:.4f} of the {BASE_RATE.replace('_', ' ')}"
    if rows[0]["above_chosen"] < 2.0 * rows[0]["noise"]:
        text += ", which it does not clearly beat: the features tell little of churn"
    told = _CALIBRATED[own.calibration]
    told += f" ({own.raw:.4f} without)" if own.calibration != "none" else ""
    return f"{text}; {told}; {len(seen.y):,} rows judged {plan.told}"
