"""Kinds of forecast: which scores judge them, and how these are computed, plain and weighted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from crmkit._validation import Floats
from crmkit.metrics._checks import pair
from crmkit.metrics._churn_checks import labelled
from crmkit.metrics._churn_resampled import ChurnResampler
from crmkit.metrics._churn_scores import CHURN_SCORES, scores_of
from crmkit.metrics._value import SCORES, value_scores
from crmkit.metrics._value_resampled import ValueResampler


@dataclass(frozen=True, kw_only=True)
class Scores:
    """Names of scores and how two forecasts are compared by them.

    Of scores that are `signless` two forecasts are compared by size; those that are `reflected`
    grow by resampling itself, and with the distinct values of a forecast, so that they are not
    compared; `facts` are about the customers, not the forecast. `rarest` counts those on whom a
    comparison rests: the customers, or those of the rarer label.
    """

    names: tuple[str, ...]
    higher_is_better: tuple[str, ...]
    signless: tuple[str, ...] = ()
    reflected: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    rarest: Callable[[Floats], int] = len


@dataclass(frozen=True, kw_only=True)
class Task(Scores):
    """Scores of one kind of forecast: how to read the columns, the scores, and their resamples."""

    read: Callable[[Any, Any, str, str], tuple[Floats, Floats]]
    score: Callable[[Floats, Floats], Sequence[float]]
    resampler: Callable[[Floats, dict[str, Floats]], Callable[[Floats], dict[str, Floats]]]


VALUE = Task(
    names=SCORES,
    read=pair,
    score=lambda true, pred: list(value_scores(true, pred).values()),
    resampler=ValueResampler,
    higher_is_better=("spearman", "normalized_gini", "top_decile_share"),
    signless=("total_bias",),
)
CHURN = Task(
    names=CHURN_SCORES,
    read=lambda true, p, owner, name: labelled(true, p, owner, name, both=True),
    score=scores_of,
    resampler=ChurnResampler,
    higher_is_better=("roc_auc", "average_precision", "top_decile_lift", "empc"),
    reflected=("calibration_error",),
    facts=("base_rate",),
    rarest=lambda true: int(min((true == 1.0).sum(), (true == 0.0).sum())),
)
TASKS = {"value": VALUE, "churn": CHURN}
