"""How good are probabilities of churn? Order, level, and what they are worth, in one table.

Order: `roc_auc` and `average_precision`, as in scikit-learn, and `top_decile_lift`. Level:
`log_loss` and `brier_score`, which judge level and order together, and `calibration_error`. Money:
`empc`. The base rate stands beside them, since all but the first depend on it.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn import metrics

from crmkit._validation import Floats
from crmkit.exceptions import DataError
from crmkit.metrics._calibration import expected_calibration_error
from crmkit.metrics._checks import by_name
from crmkit.metrics._churn_checks import labelled
from crmkit.metrics._churn_resampled import TOP
from crmkit.metrics._concentration import held_by_top
from crmkit.metrics._empc import empc

CHURN_SCORES = (
    "roc_auc",
    "average_precision",
    "log_loss",
    "brier_score",
    "calibration_error",
    "top_decile_lift",
    "empc",
    "base_rate",
)
"""Names and order of what `churn_scores` tells."""


def churn_scores(
    y_true: npt.ArrayLike, p: npt.ArrayLike | Mapping[str, npt.ArrayLike]
) -> pd.DataFrame:
    """Score probabilities of churn from every side: two numbers a customer in, a frame out.

    Use it with the simple baselines beside the model, and `score_intervals` with ``task="churn"``
    before you say "better than". All scores are of the customers at hand: dead one-time buyers in
    the population raise the order of any model.

    Parameters
    ----------
    y_true : array-like of shape (n_customers,)
        1 for churned, 0 for stayed; both must be there.
    p : array-like of shape (n_customers,) or mapping of str to such, or dataframe
        Probability of churn, one forecast or several by name (a dataframe: one a column), in the
        same row order.

    Returns
    -------
    pandas.DataFrame
        A row a forecast, indexed by `prediction` ("forecast" where p has no name):

        * `roc_auc`: probability that a churner is judged riskier than one who stays,
        * `average_precision`: area under the precision-recall curve; `base_rate` is chance,
        * `log_loss`: mean of minus the log of the probability of what came; lower is better,
        * `brier_score`: mean squared error, lower is better,
        * `calibration_error`: see `expected_calibration_error`, 15 bins; lower is better,
        * `top_decile_lift`: churn rate of the riskiest tenth over that of all; 1 is chance,
        * `empc`: see `empc`, with the defaults of the paper, in its currency per customer,
        * `base_rate`: share that churned.

    Raises
    ------
    DataError
        If values are missing, y_true is not 0 and 1, p is not between 0 and 1, the lengths differ
        or are 0, or there is no forecast.

    See Also
    --------
    score_intervals : The same scores with their uncertainty, and paired differences.

    Examples
    --------
    >>> table = churn_scores([1, 1, 0, 0], {"model": [0.9, 0.4, 0.6, 0.1], "rate": [0.5] * 4})
    >>> table[["roc_auc", "log_loss", "top_decile_lift", "base_rate"]].round(3)
                roc_auc  log_loss  top_decile_lift  base_rate
    prediction
    model          0.75     0.511              2.0        0.5
    rate           0.50     0.693              1.0        0.5
    """
    owner = "churn_scores"
    forecasts = by_name(p, owner)
    if not forecasts:
        raise DataError(f"{owner}: p holds no forecast. Pass at least one.")
    rows = {
        name: scores_of(*labelled(y_true, one, owner, both=True)) for name, one in forecasts.items()
    }
    table = pd.DataFrame.from_dict(rows, orient="index", columns=list(CHURN_SCORES))
    return table.rename_axis("prediction")


def scores_of(true: Floats, p: Floats) -> list[float]:
    """All scores of one forecast, in the order of `CHURN_SCORES`."""
    return [
        float(metrics.roc_auc_score(true, p)),
        float(metrics.average_precision_score(true, p)),
        float(metrics.log_loss(true, p, labels=[0, 1])),
        float(metrics.brier_score_loss(true, p)),
        expected_calibration_error(true, p),
        held_by_top(true, p, TOP) / TOP,
        empc(true, p),
        float(np.mean(true)),
    ]
