"""What an error of each class costs: the weights of classes, which never bend a probability."""

from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit._validation import Floats
from crmkit.exceptions import DataError, DataWarning, warn_user


def class_cost(
    class_weight: Any, classes: npt.NDArray[Any], y: Floats, weight: Floats, owner: str
) -> tuple[float, float]:
    """Weights of staying and of churn: 1 and 1, balanced by customers, or as given by label."""
    if class_weight is None:
        return 1.0, 1.0
    if isinstance(class_weight, str) and class_weight == "balanced":
        churned = float(weight @ y)
        total = float(weight.sum())
        return total / (2.0 * (total - churned)), total / (2.0 * churned)
    if not isinstance(class_weight, Mapping):
        raise DataError(
            f'{owner}: class_weight must be None, "balanced" or a dict of label and weight, got '
            f"{class_weight!r}."
        )
    labels = classes.tolist()
    foreign = [label for label in class_weight if label not in labels]
    if foreign:
        raise DataError(f"{owner}: class_weight names {foreign}, but the labels are {labels}.")
    stayed, churned = (class_weight.get(label, 1.0) for label in labels)
    numbers = all(isinstance(cost, Real) for cost in (stayed, churned))
    if not (numbers and stayed > 0 and churned > 0 and np.isfinite([stayed, churned]).all()):
        raise DataError(f"{owner}: class_weight must be above 0 and finite, got {class_weight!r}.")
    return float(stayed), float(churned)


def warn_of_disguise(y: Floats, weight: Floats, owner: str) -> None:
    """Warn where sample weights are one number per class: they move the base rate."""
    low, high = (np.unique(weight[y == label]) for label in (0.0, 1.0))
    if len(low) == 1 and len(high) == 1 and low[0] != high[0]:
        rate = float(weight @ y / weight.sum())
        warn_user(
            f"{owner}: sample_weight is {high[0]:.4g} for every churner and {low[0]:.4g} for "
            f"everyone else, so probabilities are about customers of whom {rate:.1%} churn, not "
            f"{y.mean():.1%}. For costs of errors use class_weight=, which leaves probabilities "
            "as they are.",
            DataWarning,
        )
