"""Which of two labels means that a customer left: `classes_[1]`, by order or by name."""

import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit.churn._binary import Ints, encoded_labels
from crmkit.exceptions import DataError

_LEFT = re.compile(
    r"churn|attrit|\bleft\b|leav|cancel|\blost\b|lapse|inactiv|\bgone\b|closed|exited", re.I
)
_STAYED = re.compile(r"\bstay|retain|\bactiv|existing|loyal|current|\bkept\b", re.I)
_NEGATED = re.compile(r"\b(no|not|non|un)\b|^(no|non|not|un)[-_ ]?", re.I)


def churn_labels(y: Any, churned: Any, n: int, owner: str) -> tuple[npt.NDArray[Any], Ints]:
    """Two labels, churn last, and 1 for each customer who has it.

    Without `churned` the second label in order is churn (1, True, "Yes", "churned"); words that
    say the opposite are refused rather than guessed at.
    """
    classes, codes = encoded_labels(_plain(y, owner), n, owner)
    if all(isinstance(label, str) for label in classes):
        classes = np.asarray([str(label) for label in classes])
    labels = classes.tolist()
    if churned is None:
        if _reads_backwards(*labels):
            raise DataError(
                f"{owner}: y holds {labels[0]!r} and {labels[1]!r}, and the second in order would "
                f"be taken for churn. Say which label is churn: churned={labels[0]!r}, or "
                f"churned={labels[1]!r} if that is meant."
            )
        return classes, codes
    if churned not in labels:
        raise DataError(f"{owner}: churned={churned!r} is no label of y: {labels}.")
    if churned == labels[0]:
        return np.asarray(classes[::-1]), 1 - codes
    return classes, codes


def _plain(y: Any, owner: str) -> Any:
    """Labels as an array; missing ones are refused."""
    if y is None:
        return None
    labels = np.asarray(y)
    if labels.dtype.kind == "O" and labels.ndim == 1:
        missing = np.asarray(pd.isna(labels))
        if missing.any():
            raise DataError(
                f"{owner}: y has {missing.sum():,} missing labels (first at row "
                f"{missing.argmax():,}). Unknown is not churned: leave these customers out."
            )
    return y if labels.ndim != 1 else labels


def _reads_backwards(first: Any, second: Any) -> bool:
    """Tell whether the first label speaks of leaving, or the second of staying, alone."""
    left = _means_left(first) and not _means_left(second)
    return left or (_means_stayed(second) and not _means_stayed(first))


def _means_left(label: Any) -> bool:
    return isinstance(label, str) and bool(_LEFT.search(label)) and not _NEGATED.search(label)


def _means_stayed(label: Any) -> bool:
    if not isinstance(label, str):
        return False
    return bool(_STAYED.search(label)) and not _NEGATED.search(label)
