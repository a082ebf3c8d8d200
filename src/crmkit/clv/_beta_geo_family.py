"""What BG, MBG and their regular kin share as models: one frame for both dropouts and every k.

The likelihood is in `_beta_geo_likelihood`; expected purchases are in `_beta_mean` for random
timing (k = 1) and in `_erlang_purchases` for regular timing. A model of the family says its `Kind`.
"""

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from crmkit._validation import Floats
from crmkit.clv._beta_geo_likelihood import (
    Kind,
    Params,
    dropout_log_odds,
    family_objective,
    log_likelihood,
    phase_terms,
)
from crmkit.clv._beta_mean import purchases_if_alive
from crmkit.clv._distinct import Distinct
from crmkit.clv._erlang_purchases import erlang_pmf, erlang_purchases, phase_shares
from crmkit.clv._fitting import Objective
from crmkit.clv._futures import poisson_path
from crmkit.clv._purchase_model import PurchaseModel

_RAREST = 1e-300  # probability to leave that still draws a number


class BetaGeoFamily(PurchaseModel):
    """Base of the models in which a customer leaves after a purchase, with a beta probability."""

    _early: ClassVar[int] = 0

    def _kind(self) -> Kind:
        return Kind(self._early)

    def _values(self) -> Params:
        params = self.params_
        return params["r"], params["alpha"], params["a"], params["b"]

    def _parameter_names(self) -> tuple[str, ...]:
        return ("r", "alpha", "a", "b")

    def _start(self, data: Distinct) -> Floats:
        arrivals = self._kind().k * data.mean(0)
        return np.array([0.5, 0.5 * data.mean(2) / arrivals, 1.0, 2.0])

    def _objective(self, data: Distinct) -> Objective:
        return family_objective(data, self._kind())

    def _log_likelihood(self, rows: Floats) -> Floats:
        return log_likelihood(self._values(), self._kind(), *rows[:, :3].T)

    def _alive(self, rows: Floats) -> Floats:
        return np.asarray(expit(-self._log_odds(rows)))

    def _expected_if_alive(self, rows: Floats, horizon: Floats) -> Floats:
        kind, values = self._kind(), self._values()
        x, t, T = rows[:, :3].T
        if kind.k > 1:
            return erlang_purchases(values, kind, x, t, T, horizon)
        r, alpha, a, b = values
        return purchases_if_alive(a, b + kind.early, r, x, horizon / (alpha + T))

    def _no_purchase(self, rows: Floats, horizon: float) -> Floats:
        odds, silent = self._log_odds(rows), self._log_silence(rows, horizon)
        alive = expit(-odds)
        most = 1.0 + alive * np.expm1(silent)
        return np.where(silent > -0.5, most, expit(odds) + alive * np.exp(silent))

    def _pmf_if_alive(self, rows: Floats, n: npt.NDArray[np.int64], horizon: float) -> Floats:
        x, t, T = rows[:, :3].T
        return erlang_pmf(
            self._values(), self._kind(), (x, t, T), n.astype(np.float64), float(horizon)
        )

    def _future_if_alive(
        self, rows: Floats, horizons: Floats, random: np.random.Generator
    ) -> npt.NDArray[np.int64]:
        kind, values = self._kind(), self._values()
        r, alpha, a, b = values
        x, t, T = rows[:, :3].T
        phase = np.zeros(len(x), dtype=np.int64)
        if kind.k > 1:
            reached = np.cumsum(phase_shares(values, kind, x, t, T), axis=1)[:, :-1]
            phase = np.sum(random.random((len(x), 1)) > reached, axis=1)
        rate = random.standard_gamma(r + kind.k * x + phase) / (alpha + T)
        leave = random.beta(a, b + kind.early + x)
        bought = (phase + poisson_path(rate, horizons, random)) // kind.k
        return np.asarray(np.minimum(bought, random.geometric(np.maximum(leave, _RAREST))))

    def _history(self, ages: Floats, random: np.random.Generator) -> dict[str, npt.NDArray[Any]]:
        r, alpha, a, b = self._values()
        rate = random.gamma(r, 1.0 / alpha, len(ages))
        leave = random.beta(a, b, len(ages))
        frequency, recency, _ = simulate_purchases(self._kind(), rate, leave, ages, random)
        return {"frequency": frequency, "recency": recency}

    def _meaning(self, unknown: list[str]) -> str:
        r, _, a, b = self._values()
        texts = [f"The data do not tell {' and '.join(unknown)}."]
        if {"r", "alpha"} & set(unknown):
            alike = f"Customers hardly differ in their rates (r = {r:.3g})."
            texts.append(alike if r > 20 else "There are too few repeat buyers.")
        if {"a", "b"} & set(unknown):
            texts.append(meaning_of_dropout(a / (a + b), early=bool(self._early)))
        return " ".join(texts)

    def _log_odds(self, rows: Floats) -> Floats:
        return np.asarray(dropout_log_odds(self._values(), self._kind(), *rows[:, :3].T))

    def _log_silence(self, rows: Floats, horizon: float) -> Floats:
        """Log-probability of no purchase in (T, T + horizon] of customers who are alive."""
        kind, (r, alpha, _, _) = self._kind(), self._values()
        x, t, T = rows[:, :3].T
        q = r + kind.k * x
        logs = -q * np.log1p(horizon / (alpha + T))
        if kind.k > 1:
            now, later = (
                np.log(phase_terms(kind, q, (at - t) / (alpha + at)).sum(axis=1))
                for at in (T, T + horizon)
            )
            logs += later - now
        return np.asarray(np.minimum(logs, 0.0))


def meaning_of_dropout(leave: float, *, early: bool) -> str:
    """What it says about the customers that their mean dropout probability is all there is."""
    if leave < 0.05:
        return (
            f"No dropout seen (a / (a + b) = {leave:.1g}): the answer is that of the NBD model, in "
            "which nobody leaves. A longer log may show who does."
        )
    if leave > 0.5:
        after, rests = ("first", "a few") if early else ("first repeat", "one-time")
        return (
            f"Nearly everyone leaves after the {after} purchase (a / (a + b) = "
            f"{leave:.2g}): the forecast rests on {rests} buyers."
        )
    return (
        f"The mean dropout probability is {leave:.2g}, but how far customers differ in it is not "
        "told: they are alike, or too few."
    )


def simulate_purchases(
    kind: Kind, rate: Floats, leave: Floats, T: Floats, random: np.random.Generator
) -> tuple[npt.NDArray[np.int64], Floats, Floats]:
    """Frequency, recency and sum of log gaps of customers with these rates of arrivals."""
    frequency, recency, logs = np.zeros(len(T), dtype=np.int64), np.zeros(len(T)), np.zeros(len(T))
    active = np.flatnonzero(rate > 0)
    if kind.early:
        active = active[random.random(len(active)) >= leave[active]]
    while len(active):
        gap = random.standard_gamma(kind.k, len(active)) / rate[active]
        age = recency[active] + gap
        bought = age <= T[active]
        active, gap = active[bought], gap[bought]
        frequency[active] += 1
        recency[active] = age[bought]
        logs[active] += np.log(gap)
        active = active[random.random(len(active)) >= leave[active]]
    return frequency, recency, logs
