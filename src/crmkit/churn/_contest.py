"""The contest of candidates: each is judged by log loss on customers it was not learnt from.

Log loss is a proper score: no candidate gains by any but its honest probabilities. A candidate is
judged as it would serve, with the calibration that lowers its loss, if one does; forward in time
it must do harm at no cut-off. Losses less than a thousandth apart are a tie, and go to the
simpler. Gneiting and Raftery (2007), Strictly proper scoring rules, JASA 102, 359-378.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special
from sklearn.metrics import roc_auc_score

from crmkit._trees import Growth
from crmkit._validation import Floats
from crmkit.churn._calibration import cross_calibrated
from crmkit.churn._candidates import SINGLE, Examples, fit_single, log_odds
from crmkit.churn._folds import Rows, Validation

TIE = 1e-3
BASE_RATE = "base_rate"

_SURE = 1e-15


@dataclass(frozen=True, eq=False)
class Judged:
    """Log-odds of customers not learnt from, one column per candidate, in order of the folds."""

    odds: dict[str, Floats]
    base: Floats
    y: Floats
    weight: Floats
    groups: npt.NDArray[np.int64]
    fold: npt.NDArray[np.int64]
    forward: bool


@dataclass(frozen=True, eq=False)
class Verdict:
    """How a candidate did: as it is, and with the calibration that served it best."""

    raw: float
    calibration: str
    loss: float
    auc: float
    losses: Floats


def judge(
    names: list[str], examples: Examples, plan: Validation, how: Growth, owner: str
) -> Judged | None:
    """Learn every candidate without each fold in turn, and ask it about the fold."""
    asked: list[tuple[Rows, dict[str, Floats], Floats]] = []
    for fold, (learn, test) in enumerate(plan.splits, 1):
        known = examples.rows(learn)
        if len(test) == 0 or len(np.unique(known.y)) < 2:
            continue
        table = examples.table.rows(test)
        odds = {
            name: log_odds({name: fit_single(name, known, how, owner)}, table) for name in names
        }
        base = np.full(len(test), known.weight @ known.y / known.weight.sum())
        asked.append((test, odds, base))
        rows = f"from {len(learn):,} rows, foretold {len(test):,}"
        plan.progress.step(f"fold {fold} of {len(plan.splits)}: {', '.join(names)} {rows}")
    if not asked:
        return None
    every = np.concatenate([test for test, _, _ in asked])
    if len(np.unique(examples.y[every])) < 2:
        return None
    return Judged(
        {name: np.concatenate([odds[name] for _, odds, _ in asked]) for name in names},
        np.concatenate([base for _, _, base in asked]),
        examples.y[every],
        examples.weight[every],
        examples.groups[every],
        np.repeat(np.arange(len(asked)), [len(test) for test, _, _ in asked]),
        plan.forward,
    )


def verdict_on(odds: Floats, seen: Judged, kinds: list[str], owner: str) -> Verdict:
    """Loss of a candidate with each calibration in turn, the simplest first."""
    plain = special.expit(odds)
    raw = _mean(seen, row_losses(seen.y, plain))
    auc = float(roc_auc_score(seen.y, odds, sample_weight=seen.weight))
    found = []
    for kind in kinds:
        p = cross_calibrated(kind, odds, seen.y, seen.weight, seen.fold, seen.forward, owner)
        losses = row_losses(seen.y, p)
        found.append(Verdict(raw, kind, _mean(seen, losses), auc, losses))
    best = found[0]
    for verdict in found[1:]:
        lower = verdict.loss < best.loss * (1.0 - TIE)
        best = verdict if lower and _is_steady(verdict, found[0], seen) else best
    return best


def _is_steady(verdict: Verdict, first: Verdict, seen: Judged) -> bool:
    """Forward in time, tell whether a calibration does harm at no cut-off.

    One that corrects the drift between two cut-offs need not fit the next.
    """
    gain = np.bincount(seen.fold, seen.weight * (first.losses - verdict.losses))
    return not seen.forward or bool((gain >= 0.0).all())


def verdicts_on(seen: Judged, names: list[str], kinds: list[str], owner: str) -> dict[str, Verdict]:
    """Verdicts on all candidates; the average is of the curves and the better trees."""
    found = {name: verdict_on(odds, seen, kinds, owner) for name, odds in seen.odds.items()}
    if "average" in names:
        parts = parts_of("average", found)
        mean = np.mean([seen.odds[part] for part in parts], axis=0)
        found["average"] = verdict_on(mean, seen, kinds, owner)
    return {name: found[name] for name in (*SINGLE, "average") if name in names}


def parts_of(name: str, verdicts: dict[str, Verdict]) -> list[str]:
    """The single candidates that a candidate is the mean of."""
    if name != "average":
        return [name]
    trees = [part for part in ("boosted_small", "boosted_default") if part in verdicts]
    return ["spline_logistic", winner({part: verdicts[part] for part in trees})]


def winner(verdicts: dict[str, Verdict]) -> str:
    """Simplest candidate whose loss is within a tie of the lowest."""
    least = min(verdict.loss for verdict in verdicts.values())
    return next(name for name, verdict in verdicts.items() if verdict.loss <= least * (1.0 + TIE))


def as_rows(seen: Judged, verdicts: dict[str, Verdict], chosen: str) -> list[dict[str, Any]]:
    """The table of candidates, the base rate first, the chosen one marked."""
    base = row_losses(seen.y, seen.base)
    rows = [
        {
            "candidate": BASE_RATE,
            "log_loss": _mean(seen, base),
            "auc": 0.5,
            "calibration": "none",
            "calibrated_log_loss": _mean(seen, base),
            **_against(base, verdicts[chosen].losses, seen),
            "chosen": False,
        }
    ]
    for name, verdict in verdicts.items():
        rows.append(
            {
                "candidate": name,
                "log_loss": verdict.raw,
                "auc": verdict.auc,
                "calibration": verdict.calibration,
                "calibrated_log_loss": verdict.loss,
                **_against(verdict.losses, verdicts[chosen].losses, seen),
                "chosen": name == chosen,
            }
        )
    return rows


def row_losses(y: Floats, p: Floats) -> Floats:
    """Log loss of each customer."""
    return np.asarray(-np.log(np.clip(np.where(y == 1.0, p, 1.0 - p), _SURE, 1.0)))


def _mean(seen: Judged, losses: Floats) -> float:
    return float(seen.weight @ losses / seen.weight.sum())


def _against(losses: Floats, chosen: Floats, seen: Judged) -> dict[str, float]:
    """Mean loss above that of the chosen one, and its standard error over customers."""
    share = seen.weight / seen.weight.sum()
    gap = losses - chosen
    mean = float(share @ gap)
    each = np.bincount(seen.groups, share * (gap - mean))
    return {"above_chosen": mean, "noise": float(np.sqrt(each @ each))}
