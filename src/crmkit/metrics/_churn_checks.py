"""What the scores of churn ask of their arrays: 0 or 1 a customer, and a probability of 1."""

import numpy as np
import numpy.typing as npt

from crmkit._validation import Floats
from crmkit.exceptions import DataError
from crmkit.metrics._checks import amounts, check_lengths


def labelled(
    y_true: npt.ArrayLike,
    p: npt.ArrayLike,
    owner: str,
    name: str = "p",
    *,
    probability: bool = True,
    both: bool = False,
) -> tuple[Floats, Floats]:
    """Outcome and forecast of equal length, the latter any score unless a `probability`.

    With `both`, an order is to be judged, so there must be churned and stayed customers.
    """
    true, score = outcomes(y_true, owner), scores(p, owner, name, probability=probability)
    check_lengths(true, score, name, owner)
    if both and true.min() == true.max():
        what, other = ("churned", "stayed") if true[0] else ("stayed", "churned")
        raise DataError(
            f"{owner}: all {true.size:,} customers {what} (y_true is {true[0]:g} throughout), so "
            f"no order of them is better than another. Add customers who {other}: more of them, "
            "or another horizon."
        )
    return true, score


def outcomes(y_true: npt.ArrayLike, owner: str) -> Floats:
    """Outcome as float64: 1 for churned, 0 for stayed."""
    true = amounts(y_true, "y_true", owner, signed=True)
    wrong = (true != 0) & (true != 1)
    if wrong.any():
        raise DataError(
            f"{owner}: y_true must be 1 (churned) or 0 (stayed), got {wrong.sum():,} other values "
            f"(first at row {wrong.argmax():,}: {true[wrong.argmax()]:g}). Recode them first."
        )
    return true


def scores(p: npt.ArrayLike, owner: str, name: str = "p", *, probability: bool) -> Floats:
    """Forecast as float64; a `probability` is between 0 and 1."""
    shape = np.shape(p)
    if len(shape) == 2 and shape[1] == 2:
        raise DataError(
            f"{owner}: {name} has shape {shape}, as predict_proba gives it. Pass the column of "
            "churn: predict_proba(X)[:, 1]."
        )
    score = amounts(p, name, owner, signed=True)
    wrong = (score < 0) | (score > 1)
    if probability and wrong.any():
        raise DataError(
            f"{owner}: {name} must be probabilities between 0 and 1, got {wrong.sum():,} outside "
            f"(first at row {wrong.argmax():,}: {score[wrong.argmax()]:g}). Scores and log-odds "
            "have to become probabilities first."
        )
    return score
