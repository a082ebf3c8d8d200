"""BG/BB: customers who may buy at each of a number of opportunities, until they leave in silence.

Fader, Hardie and Shang (2010), Customer-base analysis in a discrete-time noncontractual setting,
Marketing Science 29, 1086-1108. At each opportunity a customer who is still there buys with an own
probability, Beta(alpha, beta); before each one customers leave with an own probability,
Beta(gamma, delta). For x purchases at n opportunities, the last of them at opportunity t,

    L = B(alpha+x, beta+n-x) B(gamma, delta+n+1) / B
        + sum over i = t ... n of B(alpha+x, beta+i-x) B(gamma+1, delta+i) / B
    B = B(alpha, beta) B(gamma, delta)

where the first term belongs to customers who will still be there at opportunity n + 1 (formula 4
of the paper, with what happens after opportunity n taken apart). Customers of one history count
once, and there are at most n(n+1)/2 + 1 histories.
"""

from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit._validation import Floats
from crmkit.clv._distinct import Distinct, on_distinct
from crmkit.clv._fitting import Objective
from crmkit.clv._likelihood_model import check_rows
from crmkit.clv._opportunities import (
    Params,
    bgbb_objective,
    dropout_log_odds,
    log_likelihood,
    opportunities_if_alive,
    pmf_if_alive,
    sigmoid,
    stays,
)
from crmkit.clv._purchase_model import PurchaseModel, check_purchases
from crmkit.clv._silent_for_ever import silent_for_ever
from crmkit.exceptions import DataError

_SLACK = 1e-9  # by which a horizon may miss a whole number, after a change of unit
_MOST = 10_000  # opportunities, past or to come: sums go over them one by one
_CURES = {
    f"T above {_MOST:,}": "T counts opportunities, is it in seconds? Summarize with longer periods"
}


class BetaGeoBetaBinomialModel(PurchaseModel):
    """BG/BB model of purchases at regular opportunities: customers in, expected purchases out.

    For customers who can buy once each month, year or event, and leave in silence: donors, members
    who come to a yearly meeting, buyers on a weekly market. All ages are counts of opportunities.
    Not for purchases at any time (`BetaGeoModel`), and not for contracts, where leaving is told
    (`ShiftedBetaGeoModel`).

    `crmkit.summarize` makes such customers of a log where opportunities are calendar periods:
    ``summarize(log, as_of, unit="M", period="M")``, with `as_of` at the start of a period, for an
    unfinished one would count as an opportunity missed. See the notes for other opportunities.

    Parameters
    ----------
    prior : {"weak"} or None, default="weak"
        "weak" is maximum likelihood where that settles every parameter. Where it leaves one open
        (a standard error above 1.5 in logs, or a search without end), a normal on each
        log-parameter joins, around a start taken from the data and with standard deviation 3, and
        keeps the answer finite; `prior_used_` tells. None is plain maximum likelihood, always.
    horizon : float or str, default=1.0
        Length of the future that predictions are made for unless they are told another: a number
        of opportunities, of which a part counts as none, or text such as "12M" where the unit is
        known.
    unit : {"h", "D", "W", "M"} or None, default=None
        Time from one opportunity to the next. None reads it from `first_purchase` and
        `last_purchase` if the customers have them; a stated unit is checked against them.
    tol : float, default=1e-9
        Largest slope of the log-likelihood per customer, in log-parameters, at which to stop.
    max_iter : int, default=100
        Largest number of Newton steps; eight are usual.

    Attributes
    ----------
    params_ : dict of str to float
        `alpha` and `beta` (purchase at an opportunity, with mean alpha / (alpha + beta)), `gamma`
        and `delta` (leaving before an opportunity, with mean gamma / (gamma + delta)).
    log_likelihood_ : float
        Sum of the log-probabilities of the histories, without the prior.
    covariance_ : ndarray of shape (4, 4)
        Covariance of the logarithms of alpha, beta, gamma, delta; NaN where a direction is left
        open.
    prior_used_ : bool
        Whether the weak prior had to join.
    n_iter_ : int
        Newton steps taken.
    converged_ : bool
        Whether `tol` was reached.
    unit_ : str or None
        Time between opportunities, None where it is not known.
    n_features_in_ : int
        Three.
    feature_names_in_ : ndarray of str
        `frequency`, `recency` and `T`, where the customers came as a frame: the opportunities
        taken, the number of the last one taken (0 for none), and the opportunities so far (at most
        10,000), not counting the first purchase.

    Notes
    -----
    `probability_alive` is that of still being there for the next opportunity. With a discount,
    a purchase at the k-th opportunity from now is worth exp(-k rate); without end, that is the
    discounted expected residual transactions of the paper.

    Where opportunities are no calendar periods (a fair every second year, say), number them and
    let each be a day; yearly gifts, for example::

        day = pd.Timestamp("2000-01-01") + pd.to_timedelta(gifts["year"] - 1995, unit="D")
        log = ck.EventLog(gifts.assign(opportunity=day), when="opportunity")
        donors = ck.summarize(log, as_of=day.max() + pd.Timedelta("1D"), unit="D")

    References
    ----------
    Fader, P. S., Hardie, B. G. S. and Shang, J. (2010). Marketing Science 29, 1086-1108.

    Examples
    --------
    >>> import pandas as pd
    >>> donors = pd.DataFrame({
    ...     "donor": ["every year", "not lately", "once"],
    ...     "frequency": [6, 4, 0], "recency": [6, 4, 0], "T": [6, 6, 6],
    ... })
    >>> published = {"alpha": 1.204, "beta": 0.750, "gamma": 0.657, "delta": 2.783}
    >>> model = BetaGeoBetaBinomialModel.from_dict({"fitted": {"params_": published}})
    >>> model.predict(donors, horizon=5).round(2)
    array([3.75, 0.58, 0.07])
    >>> model.probability_alive(donors).round(2)
    array([0.93, 0.2 , 0.11])
    """

    def _domain(self, x: Floats) -> Floats:
        owner = type(self).__name__
        check_purchases(x, self._column_names(), owner, whole_ages=True)
        check_rows({f"T above {_MOST:,}": (x[:, 2], x[:, 2] > _MOST)}, _CURES, owner)
        return x

    def _parameter_names(self) -> tuple[str, ...]:
        return ("alpha", "beta", "gamma", "delta")

    def _start(self, data: Distinct) -> Floats:
        taken, seen = data.mean(0), data.mean(2)
        return np.array([1.0, max(seen / taken - 1.0, 0.05), 1.0, max(seen, 1.0)])

    def _objective(self, data: Distinct) -> Objective:
        return bgbb_objective(data)

    def _log_likelihood(self, rows: Floats) -> Floats:
        return on_distinct(partial(log_likelihood, _values(self.params_)), *rows.T)

    def _alive(self, rows: Floats) -> Floats:
        return sigmoid(-self._log_odds_of_leaving(rows))

    def _expected_if_alive(self, rows: Floats, horizon: Floats) -> Floats:
        return self._discounted_opportunities(rows, np.floor(horizon + _SLACK), 0.0)

    def _no_purchase(self, rows: Floats, horizon: float) -> Floats:
        odds = self._log_odds_of_leaving(rows)
        silent = self._pmf_if_alive(rows, np.zeros(1, dtype=np.int64), horizon)[:, 0]
        some = np.minimum(sigmoid(odds) + sigmoid(-odds) * silent, 1.0)
        return np.where(silent == 1.0, 1.0, some)

    def _never_again(self, rows: Floats) -> Floats:
        """Probability to buy nothing for ever, the limit of `_no_purchase`."""
        odds = self._log_odds_of_leaving(rows)
        silent = self._on_states(self._never_again_if_alive, rows)
        return np.minimum(sigmoid(odds) + sigmoid(-odds) * silent, 1.0)

    def _never_again_if_alive(self, rows: Floats) -> Floats:
        alpha, beta, gamma, delta = _values(self.params_)
        x, _, n = rows.T
        return silent_for_ever(np.full(len(n), gamma), delta + n + 1.0, alpha + x, beta + (n - x))

    def _pmf_if_alive(self, rows: Floats, n: npt.NDArray[np.int64], horizon: float) -> Floats:
        if horizon >= _MOST + 1:
            raise DataError(
                f"{type(self).__name__}: probabilities are told for a horizon of at most {_MOST:,} "
                f"opportunities, got {horizon:g}. Expected purchases have no such limit: use "
                "predict, or discounted_purchases."
            )
        params, ahead = _values(self.params_), int(np.floor(horizon + _SLACK))
        return self._on_states(
            lambda state: pmf_if_alive(params, state[:, 0], state[:, 2], n, ahead), rows
        )

    def _future_if_alive(
        self, rows: Floats, horizons: Floats, random: np.random.Generator
    ) -> npt.NDArray[Any]:
        alpha, beta, gamma, delta = _values(self.params_)
        x, _, n = rows.T
        buy = random.beta(alpha + x, beta + (n - x))
        there = 1.0 + stays(random.beta(gamma, delta + n + 1.0), random)
        by = np.minimum(there, np.floor(horizons + _SLACK)[:, None])
        taken = random.binomial(np.diff(by, axis=0, prepend=0.0).astype(np.int64), buy)
        return np.asarray(np.cumsum(taken, axis=0))

    def _history(self, ages: Floats, random: np.random.Generator) -> dict[str, npt.NDArray[Any]]:
        if (ages != np.floor(ages)).any():
            raise DataError(
                "BetaGeoBetaBinomialModel: T must be whole numbers of opportunities, got "
                f"{ages[ages != np.floor(ages)][0]:g}."
            )
        if (ages > _MOST).any():
            raise DataError(
                f"BetaGeoBetaBinomialModel: T must be at most {_MOST:,} opportunities, got "
                f"{ages.max():g}. Count longer periods."
            )
        alpha, beta, gamma, delta = _values(self.params_)
        buy = random.beta(alpha, beta, len(ages))
        there = np.minimum(stays(random.beta(gamma, delta, len(ages)), random), ages)
        frequency, recency = np.zeros(len(ages), dtype=np.int64), np.zeros(len(ages))
        for opportunity in range(1, int(there.max(initial=0.0)) + 1):
            bought = (there >= opportunity) & (random.uniform(size=len(ages)) < buy)
            frequency += bought
            recency[bought] = opportunity
        return {"frequency": frequency, "recency": recency}

    def _discounted_until(self, rows: Floats, horizon: float, rate: float) -> Floats:
        return self._discounted_opportunities(
            rows, np.full(len(rows), np.floor(horizon + _SLACK)), rate
        )

    def _discounted_opportunities(self, rows: Floats, horizon: Floats, rate: float) -> Floats:
        """Purchases at the next whole opportunities, the k-th of them worth exp(-k rate)."""
        alpha, beta, _, _ = params = _values(self.params_)
        x, _, n = rows.T
        buy = np.exp(-rate) * (alpha + x) / (alpha + beta + n)
        return np.asarray(buy * opportunities_if_alive(params, n, horizon, rate))

    def _log_odds_of_leaving(self, rows: Floats) -> Floats:
        return on_distinct(partial(dropout_log_odds, _values(self.params_)), *rows.T)

    def _meaning(self, unknown: list[str]) -> str:
        alpha, beta, gamma, delta = _values(self.params_)
        texts = [f"The data do not tell {' and '.join(unknown)}."]
        if {"alpha", "beta"} & set(unknown):
            texts.append(_how_alike("buy at an opportunity", alpha, beta))
        if {"gamma", "delta"} & set(unknown):
            leave = gamma / (gamma + delta)
            none = (
                f"No dropout seen (gamma / (gamma + delta) = {leave:.1g}): whoever is silent may "
                "come back. A longer log may show who leaves."
            )
            texts.append(none if leave < 0.02 else _how_alike("leave before one", gamma, delta))
        return " ".join(texts)


def _values(params: dict[str, float]) -> Params:
    return params["alpha"], params["beta"], params["gamma"], params["delta"]


def _how_alike(deed: str, a: float, b: float) -> str:
    return (
        f"The mean probability to {deed} is {a / (a + b):.2g}, but how far customers differ in it "
        "is not told: they are alike, or there are too few of them or of opportunities."
    )
