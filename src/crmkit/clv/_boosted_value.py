"""BoostedLifetimeValue: customer value learnt from a log of events, if that beats the models.

At cut-offs inside the log the customers are described by what they had done (windows of counts
and spend, gaps, and the opinion of purchase and spend models fitted on the events before the
cut-off), and labelled by what they did in the window after it. Small boosted trees learn, from
there, the probability of a purchase, the number of purchases and the spend of those who buy. A
gate compares them with the models alone on a window that neither had seen; where they are not
clearly better, the models answer.

Spend of those who buy is fitted by gamma deviance, as the severity of claims is in insurance:
Henckaerts, Cote, Antonio and Verbelen (2021), Boosting insights in insurance tariff plans with
tree-based machine learning methods, North American Actuarial Journal 25, 255-285.
"""

from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from crmkit import _frames
from crmkit._progress import Progress
from crmkit._trees import Growth
from crmkit._units import HOURS, in_unit
from crmkit._validation import check_choice, check_whole
from crmkit.base import Estimator
from crmkit.clv._lifetime_value import CustomerLifetimeValue
from crmkit.clv._value_contest import (
    answer,
    choice_in_words,
    compete,
    grow_choice,
    silence_in_words,
)
from crmkit.clv._value_gate import LOSSES, Verdict, winner
from crmkit.clv._value_past import Past, base_forecast, features_of, own_average
from crmkit.clv._value_snapshots import Snapshot, snapshot
from crmkit.clv._value_trees import Forecast, Forest, carried
from crmkit.events import EventLog
from crmkit.events._event_log import check_log
from crmkit.events._windows import read_histories
from crmkit.exceptions import DataError, DataWarning, warn_user

Floats = npt.NDArray[np.float64]

OWNER = "BoostedLifetimeValue"


class BoostedLifetimeValue(Estimator):
    """Learn customer value from events: an event log in, one row per customer with value out.

    Use it where a log is several horizons long and holds thousands of customers, and where a
    purchase model is known to miss something: regular buyers, buyers who come back after long
    silence, spend that goes with frequency. With less it keeps the models (see `chosen_` and
    `reason_`), which `CustomerLifetimeValue` gives at a fraction of the time.

    What it cannot know is the level of the season to come. The windows it learns from lie in the
    past; if demand was high in them, its totals will be too high, and the noise that the gate
    allows for is that of customers, not of years. Compare `expected_spend_total` with
    `base_spend_total` before you budget with the sum.

    Parameters
    ----------
    base : CustomerLifetimeValue or None, default=None
        Models to start from and to beat: a copy is fitted, with the horizon and unit of this
        estimator. Its `margin` and `discount_rate` make `clv` of spend. Its model of purchases
        may need `sum_log_gaps`, but not whole opportunities or covariates. None takes
        ``CustomerLifetimeValue()``: revenue, discounted at 10 % a year.
    horizon : float or str, default="52W"
        Length of the future, in `unit`, or text such as "26W": whole days (hours for
        ``unit="h"``).
    window : float, str or None, default=None
        Length of the windows in the past to learn from and to judge by. None is the horizon: the
        log must then be at least two and a half horizons long, or the base is kept. A shorter
        window asks for less; what was learnt is then carried to the horizon as a ratio to the
        base, which no part of the log can check.
    unit : {"D", "W", "h"}, default="W"
        Unit of the ages that the models are fitted on, and of durations given as numbers.
    n_cutoffs : int, default=4
        Largest number of cut-offs to learn from, half a window apart.
    random_state : int, default=0
        Seed of the trees, of the customers held apart for early stopping, and of the bootstrap.
    n_jobs : int or None, default=None
        Threads for growing trees; None is one. More help from some 100,000 customers on, on cores
        that are free. Results do not depend on it.
    verbose : int, default=0
        1 tells the steps with counts and seconds: logger "crmkit", level INFO, or standard error
        where nothing listens there. 0 tells nothing.

    Attributes
    ----------
    chosen_ : str
        The candidate that predicts: "base"; "own_average", each customer's own past rate and
        spend; "boosted", trees that correct the base; "blend", the mean of these trees and the
        base; or "ensemble", the mean of these trees and of others that start from nothing.
    reason_ : str
        Why, in words and numbers.
    verdicts_ : list of dict
        For each window of the gate the `from` and `until` dates, the number of `customers`, and
        the losses, score and noise by candidate; `candidates` shows it as a table. Empty where
        the log was too short.
    base_ : CustomerLifetimeValue
        The copy of `base`, fitted on all events before `as_of`.
    trees_ : dict
        For each kind of trees that the choice needs: the trees as text, their numbers, floors.
    horizon_, window_ : int
        Horizon and window in days (hours for ``unit="h"``).
    as_of_ : str
        The cut-off of `fit`, in ISO 8601.
    n_customers_ : int
        Customers that were fitted on.

    Notes
    -----
    The choice scores by three losses against the base: Poisson deviance of purchases, Tweedie
    deviance (power 1.5) and root mean squared error of spend. In periods that no part of the fit
    had seen (`benchmarks/bench_boosted_value.py`, default base) their geometric mean fell by 13
    to 16 % on Complete Journey, by 4 to 10 % on Online Retail with cancelled orders netted and by
    0 to 2 % on CDNOW, where the base was often kept. It rose by up to 3 % (standard error 5 %) on
    Online Retail without netting, through one customer with one order. Totals stayed as far off
    as the season took them: 17 to 36 % too low in the autumn of Online Retail.

    Fitting takes about 10 seconds of one core for 24,000 customers and a minute for 300,000; a
    table of more than 200,000 rows is thinned by customers.

    Examples
    --------
    >>> import crmkit as ck
    >>> log = ck.EventLog(ck.datasets.load_cdnow(sample=True))
    >>> model = BoostedLifetimeValue(horizon="13W", n_cutoffs=1).fit(log)
    >>> model.chosen_ in ("base", "boosted", "blend", "ensemble")
    True
    >>> table = model.predict(log)
    >>> list(table.columns)[1:4]
    ['expected_purchases', 'probability_any_purchase', 'expected_spend_total']
    """

    chosen_: str
    reason_: str
    verdicts_: list[dict[str, Any]]
    base_: CustomerLifetimeValue
    trees_: dict[str, Any]
    horizon_: int
    window_: int
    as_of_: str
    n_customers_: int

    def __init__(
        self,
        base: CustomerLifetimeValue | None = None,
        horizon: float | str = "52W",
        window: float | str | None = None,
        unit: str = "W",
        n_cutoffs: int = 4,
        random_state: int = 0,
        n_jobs: int | None = None,
        verbose: int = 0,
    ) -> None:
        self.base = base
        self.horizon = horizon
        self.window = window
        self.unit = unit
        self.n_cutoffs = n_cutoffs
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose

    def fit(self, log: EventLog, y: None = None, *, as_of: Any = None) -> Self:
        """Learn, judge and choose: an event log in, the fitted estimator out.

        Parameters
        ----------
        log : EventLog
            The events, with an amount column.
        y : None
            Ignored.
        as_of : str, date, datetime or None, default=None
            Exclusive cut-off: nothing at or after it is read. None is midnight after the last
            event.

        Returns
        -------
        Self
            The estimator, with the attributes that end in "_".

        Raises
        ------
        DataError
            If the log or a parameter cannot be used, or the base cannot be fitted.

        Warns
        -----
        DataWarning
            If the log is too short or too thin to judge by, so that the base is kept; and what
            the base warns of.
        """
        progress = Progress(OWNER, self.verbose)
        base = self._checked(log)
        histories = read_histories(log, as_of, self._period(), OWNER)
        past = Past(histories, base, self.window_, self._per_unit())
        seen = snapshot(histories, histories.last, self.window_, self._per_unit())
        if not len(seen.places):
            raise DataError(f"{OWNER}: nobody bought before as_of: choose a later as_of.")
        self.base_ = clone(base).fit(seen.customers)
        self.as_of_ = log.cutoff(as_of, OWNER).isoformat()
        self.n_customers_ = len(seen.places)
        progress.step(f"fitted the base on {self.n_customers_:,} customers")
        self._choose(past, progress)
        progress.done(f"fitted, {self.chosen_!r} was chosen")
        return self

    def predict(self, log: EventLog, *, as_of: Any = None) -> Any:
        """Value customers: an event log in, one row per customer out.

        Parameters
        ----------
        log : EventLog
            The events: those of `fit`, later ones, or those of other customers.
        as_of : str, date, datetime or None, default=None
            Exclusive cut-off; None is midnight after the last event.

        Returns
        -------
        frame of customers
            In the library of the log's frame, sorted by customer id: the id;
            `expected_purchases` (purchase periods within the horizon);
            `probability_any_purchase`; `expected_spend_total` (within the horizon, in currency,
            not discounted); `clv` (its present value times the margin, discounted as the base
            dates the purchases); and what the base alone expects: `base_purchases`,
            `base_spend_total`, `base_clv`.
        """
        check_is_fitted(self)
        check_log(log, OWNER)
        _check_amount(log)
        histories = read_histories(log, as_of, self._period(), OWNER)
        seen = snapshot(histories, histories.last, self.window_, self._per_unit())
        columns = self._columns(seen)
        if log.customer in columns:
            raise DataError(
                f"{OWNER}: the customer id is called {log.customer!r}, as is a new column "
                f"({', '.join(columns)}). Rename it first."
            )
        return _frames.beside_ids(log.data, log.customer, histories.ids[seen.places], columns)

    def candidates(self) -> pd.DataFrame:
        """What the gate saw: nothing in, a pandas frame with a row per window and candidate out.

        Returns
        -------
        pandas.DataFrame
            `from` and `until` (the window, until exclusive), `customers`, `candidate`,
            `purchases_deviance`, `spend_deviance` and `spend_rmse` (mean losses: lower is better;
            the last in currency), `score` (mean log ratio of the three to the base: -0.03 is 3 %
            better), `noise` (its standard error over customers) and `chosen`.
        """
        check_is_fitted(self)
        names = ["from", "until", "customers", "candidate", *LOSSES, "score", "noise"]
        rows = [
            [window["from"], window["until"], window["customers"], name, *told]
            for window in self.verdicts_
            for name, told in window["candidates"].items()
        ]
        frame = pd.DataFrame(rows, columns=names)
        return frame.assign(chosen=frame["candidate"] == self.chosen_)

    def _checked(self, log: EventLog) -> CustomerLifetimeValue:
        """Check everything that can be checked before the events are read; the base to fit."""
        check_log(log, OWNER)
        check_choice(self.unit, "unit", HOURS, OWNER)
        _check_amount(log)
        check_whole(self.n_cutoffs, "n_cutoffs", OWNER, low=1)
        check_whole(self.random_state, "random_state", OWNER, low=0)
        if self.n_jobs is not None:
            check_whole(self.n_jobs, "n_jobs", OWNER, low=1)
        self.horizon_ = self._periods(self.horizon, "horizon")
        self.window_ = self.horizon_
        if self.window is not None:
            self.window_ = self._periods(self.window, "window")
        if self.window_ > self.horizon_:
            raise DataError(
                f"{OWNER}: window={self.window!r} is longer than horizon={self.horizon!r}. Learn "
                "from windows of the horizon (window=None) or shorter ones."
            )
        base = CustomerLifetimeValue() if self.base is None else self.base
        if not isinstance(base, CustomerLifetimeValue):
            raise DataError(
                f"{OWNER}: base must be a CustomerLifetimeValue, got {base!r}. For another model "
                "of purchases: CustomerLifetimeValue(purchases=...)."
            )
        if base.unit not in (None, self.unit):
            raise DataError(f"{OWNER}: unit={self.unit!r}, but base has unit={base.unit!r}.")
        copy: CustomerLifetimeValue = clone(base)
        copy.set_params(horizon=self.horizon_ / self._per_unit(), unit=self.unit)
        return copy

    def _period(self) -> _frames.Period:
        return "h" if self.unit == "h" else "D"

    def _per_unit(self) -> int:
        return HOURS[self.unit] // HOURS[self._period()]

    def _periods(self, duration: float | str, name: str) -> int:
        """A duration in whole periods."""
        length = in_unit(duration, self.unit, OWNER, name) * self._per_unit()
        if abs(length - round(length)) > 1e-6 * length or round(length) < 1:
            what = "hours" if self._period() == "h" else "days"
            raise DataError(
                f"{OWNER}: {name} must be a whole number of {what}, at least one, got "
                f"{duration!r} ({length:g} {what})."
            )
        return round(length)

    def _choose(self, past: Past, progress: Progress) -> None:
        """Let the candidates compete in the past; learn the winner on all of it."""
        how = Growth(self.random_state, self.n_jobs or 1)
        contest = compete(past, self.n_cutoffs, how, progress)
        self.verdicts_ = [
            self._told(verdicts, judged.seen)
            for verdicts, judged in zip(contest.verdicts, contest.judged, strict=True)
        ]
        if self.verdicts_:
            self.chosen_ = winner(contest.verdicts)
            spans = [f"{window['from']} to {window['until']}" for window in self.verdicts_]
            self.reason_ = choice_in_words(self.chosen_, contest, spans)
        else:
            what = "hours" if self._period() == "h" else "days"
            self.chosen_ = "base"
            self.reason_, cure = silence_in_words(past, self.n_customers_, what)
            warn_user(f"{OWNER}: {self.reason_}. {cure}", DataWarning)
        forests = grow_choice(self.chosen_, past, self.n_cutoffs, how, contest)
        self.trees_ = {kind: dict(vars(forest)) for kind, forest in forests.items()}

    def _columns(self, seen: Snapshot) -> dict[str, Floats]:
        """The columns of `predict` but the id."""
        table = self.base_.breakdown(
            seen.customers.assign(row=seen.places), customer="row", level=None
        )
        value = {name: table[name].to_numpy() for name in table.columns if name != "row"}
        purchases = value["expected_purchases"]
        some = 1.0 - value["probability_no_purchase"]
        base = Forecast(some, purchases, purchases * value["expected_spend"])
        chosen = self._chosen_forecast(seen, base)
        return {
            "expected_purchases": chosen.purchases,
            "probability_any_purchase": chosen.any,
            "expected_spend_total": chosen.spend,
            "clv": value["margin"] * value["discount_factor"] * chosen.spend,
            "base_purchases": base.purchases,
            "base_spend_total": base.spend,
            "base_clv": value["clv"],
        }

    def _chosen_forecast(self, seen: Snapshot, base: Forecast) -> Forecast:
        """The forecast of the chosen candidate over the horizon; `base` is the base's."""
        if self.chosen_ == "base":
            return base
        if self.chosen_ == "own_average":
            return own_average(seen.customers, self.horizon_ / self._per_unit())
        near = base_forecast(self.base_, seen.customers, self.window_ / self._per_unit())
        forests = {kind: Forest(**told) for kind, told in self.trees_.items()}
        features = features_of(seen, near, self.base_)
        learnt = answer(self.chosen_, forests, features, near)
        return learnt if self.window_ == self.horizon_ else carried(base, learnt, near)

    def _told(self, verdicts: dict[str, Verdict], seen: Snapshot) -> dict[str, Any]:
        """Verdicts on one window as plain numbers and text."""
        return {
            "from": self._date(seen.last + 1),
            "until": self._date(seen.last + 1 + self.window_),
            "customers": len(seen.places),
            "candidates": {
                name: [*verdict.losses, verdict.score, verdict.noise]
                for name, verdict in verdicts.items()
            },
        }

    def _date(self, period: int) -> str:
        return str(np.datetime64(period, self._period()))


def _check_amount(log: EventLog) -> None:
    if log.amount is None:
        raise DataError(
            f"{OWNER}: value needs the amounts of the events: EventLog(frame, amount=...)."
        )
