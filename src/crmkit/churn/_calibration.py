"""Calibration of log-odds: a line (sigmoid) or a rising curve (isotonic), kept as plain numbers.

Isotonic regression gives stairs; the curve goes straight from the middle of one step to that of
the next, so that customers on one step are still told apart. Platt (1999), Probabilistic outputs
for support vector machines; Zadrozny and Elkan (2002), KDD; Oron and Flournoy (2017), Centered
isotonic regression, Statistics in Biopharmaceutical Research 9, 258-267.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import optimize, special
from sklearn.isotonic import IsotonicRegression

from crmkit._validation import Floats
from crmkit.churn._logistic import fit_logistic

CALIBRATIONS = ("none", "sigmoid", "isotonic")

_ENOUGH = {"none": 0, "sigmoid": 30, "isotonic": 200}
"""Customers of the rarer label below which "auto" does not consider a kind."""
_PRIOR = 1.0
"""Average customers that every step of a curve is given: none is ever quite sure."""
_WIDEST = 30.0
_FREE = 1e6
"""Inverse penalty of the two numbers of a sigmoid: as good as none."""


def offered(kinds: list[str], y: Floats) -> list[str]:
    """Kinds that so many labels can support: few do not tell a curve from chance."""
    few = min(np.count_nonzero(y == 1.0), np.count_nonzero(y == 0.0))
    return [kind for kind in kinds if few >= _ENOUGH[kind]]


def fit_calibration(
    kind: str, odds: Floats, y: Floats, weight: Floats, owner: str
) -> dict[str, Any]:
    """Learn how log-odds of customers not learnt from turn into probabilities."""
    odds = np.clip(odds, -_WIDEST, _WIDEST)
    if kind == "none" or odds.min() == odds.max():
        return {"kind": "none"}
    if kind == "sigmoid":
        slope, intercept = fit_logistic(odds[:, None], y, weight, _FREE, owner)
        if slope[0] <= 0.0:  # a calibration may bend the odds, never turn the order round
            return {"kind": "none"}
        return {"kind": kind, "slope": float(slope[0]), "intercept": intercept}
    stairs = IsotonicRegression(out_of_bounds="clip").fit_transform(odds, y, sample_weight=weight)
    levels, step = np.unique(stairs, return_inverse=True)
    size = np.bincount(step, weight)
    middle = np.bincount(step, weight * odds) / size
    share = (size * levels + _PRIOR * (weight @ y / weight.sum())) / (size + _PRIOR)
    return {"kind": kind, "odds": middle, "share": np.maximum.accumulate(share)}


def levelled(odds: Floats, y: Floats, weight: Floats, fold: npt.NDArray[np.int64]) -> Floats:
    """Log-odds moved at each cut-off by what makes their mean probability the observed share.

    What remains to be calibrated is how far customers are told apart. The level of churn drifts
    from one cut-off to the next, and a drift that is over is no fault of the model.
    """
    odds = np.clip(odds, -_WIDEST, _WIDEST)
    moved = odds.copy()
    for part in np.unique(fold):
        here = fold == part
        share = weight[here] / weight[here].sum()
        seen = float(share @ y[here])
        if 0.0 < seen < 1.0:
            shift = optimize.brentq(
                lambda by, o=odds[here], w=share, s=seen: float(w @ special.expit(o + by)) - s,
                -3.0 * _WIDEST,
                3.0 * _WIDEST,
            )
            moved[here] += shift
    return moved


def calibrated(state: dict[str, Any], odds: Floats) -> Floats:
    """Probability of churn of log-odds."""
    if state["kind"] == "sigmoid":
        odds = state["slope"] * np.clip(odds, -_WIDEST, _WIDEST) + state["intercept"]
    if state["kind"] == "isotonic":
        return np.asarray(np.interp(odds, state["odds"], state["share"]))
    return np.asarray(special.expit(odds))


def cross_calibrated(
    kind: str,
    odds: Floats,
    y: Floats,
    weight: Floats,
    fold: npt.NDArray[np.int64],
    forward: bool,
    owner: str,
) -> Floats:
    """Probabilities calibrated on other folds, on earlier ones only if `forward`.

    Nothing is judged on what it was calibrated on; where there is nothing else, the odds stand.
    Forward in time the odds that are learnt from are `levelled`.
    """
    p = np.asarray(special.expit(odds))
    if kind == "none":
        return p
    given = levelled(odds, y, weight, fold) if forward else odds
    for part in np.unique(fold):
        here = fold == part
        others = fold < part if forward else ~here
        if len(np.unique(y[others])) == 2:
            state = fit_calibration(kind, given[others], y[others], weight[others], owner)
            p[here] = calibrated(state, odds[here])
    return p
