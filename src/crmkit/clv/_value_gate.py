"""The gate: a rival replaces the base model only if it was clearly better in a time before.

For every candidate three losses are averaged over the customers of a past window that it was not
fitted on: the Poisson deviance of purchases, the Tweedie deviance (power 1.5) of spend and the
squared error of spend. The score of a rival is the mean of the logarithms of its three losses
over those of the base (root mean squared error for the last): -0.03 is 3 % better. Customers
drawn again and again give its noise.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import kl_div

from crmkit.clv._value_snapshots import Outcome
from crmkit.clv._value_trees import Forecast

Floats = npt.NDArray[np.float64]

LOSSES = ("purchases_deviance", "spend_deviance", "spend_rmse")
_POWERS = np.array([1.0, 1.0, 0.5])  # the squared error counts as its root
_GROUPS, _DRAWS = 1_000, 400
_FLOOR = 0.01  # of the mean outcome: nothing is expected to be less likely
SMALLEST_GAIN = 0.005
"""A rival must be better by half a percent, whatever the noise."""


@dataclass(frozen=True)
class Verdict:
    """What one candidate achieved in one window: its losses, score against the base, and noise."""

    losses: tuple[float, float, float]
    score: float
    noise: float


def judge(forecasts: dict[str, Forecast], came: Outcome, seed: int) -> dict[str, Verdict]:
    """Verdict on each candidate in a window; the first is the base."""
    random = np.random.default_rng(seed)
    n = len(came.purchases)
    groups = random.permutation(n) % min(n, _GROUPS)
    n_groups = int(groups.max()) + 1
    draws = random.multinomial(n_groups, np.full(n_groups, 1.0 / n_groups), size=_DRAWS)
    verdicts: dict[str, Verdict] = {}
    grouped_base: Floats | None = None
    for name, expected in forecasts.items():
        losses = customer_losses(came, expected)
        sums = [np.bincount(groups, column) for column in losses.T]
        grouped: Floats = np.column_stack(sums).astype(np.float64)
        base = grouped if grouped_base is None else grouped_base
        grouped_base = base
        score = float(_score(grouped.sum(axis=0), base.sum(axis=0)))
        noise = float(np.std(_score(draws @ grouped, draws @ base)))
        mean = losses.mean(axis=0) ** _POWERS
        verdicts[name] = Verdict((float(mean[0]), float(mean[1]), float(mean[2])), score, noise)
    return verdicts


def winner(windows: list[dict[str, Verdict]]) -> str:
    """The best candidate over all windows if it clearly beats the base in all, else the base.

    Clearly: by two standard errors and `SMALLEST_GAIN` over all windows, and in no single window
    worse by more than two standard errors.
    """
    base, *rivals = windows[0]
    scores = {name: overall(windows, name) for name in rivals}
    best = min(rivals, key=lambda name: scores[name][0])
    score, noise = scores[best]
    steady = all(window[best].score <= 2.0 * window[best].noise for window in windows)
    return best if steady and score < -max(2.0 * noise, SMALLEST_GAIN) else base


def overall(windows: list[dict[str, Verdict]], name: str) -> tuple[float, float]:
    """Mean score of a candidate over the windows and its noise."""
    score = float(np.mean([window[name].score for window in windows]))
    noise = float(np.sqrt(np.sum([window[name].noise ** 2 for window in windows])) / len(windows))
    return score, noise


def customer_losses(came: Outcome, expected: Forecast) -> Floats:
    """The three losses of each customer; expectations count as at least a share of the mean."""
    spend = np.maximum(expected.spend, _FLOOR * came.spend.mean())
    purchases = np.maximum(expected.purchases, _FLOOR * came.purchases.mean())
    root = np.sqrt(came.spend)
    return np.column_stack(
        [
            2.0 * kl_div(came.purchases, purchases),
            4.0 * (root - np.sqrt(spend)) ** 2 / np.sqrt(spend),
            (came.spend - expected.spend) ** 2,
        ]
    )


def _score(losses: Floats, base: Floats) -> Floats:
    """Mean of the logarithms of the ratios of losses, over the last axis."""
    ratio = np.log(losses / base)
    return np.asarray((ratio * _POWERS).mean(axis=-1))
