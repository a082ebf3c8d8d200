"""LifecycleStager: where customers are in their life, told by their own rhythm.

A silence of 30 days says nothing by itself: it is a week too long for one and nothing for another.
So silence is told in own rhythms (see `_rhythm`), or by what a purchase model makes of it (see
`_model_chance`), and the stages begin where the chance of a purchase has fallen to given shares of
what it was at the last one.
"""

from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit._units import in_days
from crmkit._validation import Floats, check_whole
from crmkit.base import Estimator, check_is_fitted
from crmkit.events import EventLog
from crmkit.events._customers_at import CustomersAt, read_customers_at
from crmkit.events._event_log import check_log
from crmkit.events._moment import Moment
from crmkit.exceptions import DataError
from crmkit.segment._model_chance import ready_model, share_left
from crmkit.segment._rhythm import (
    RhythmRules,
    chance_at,
    learn_rhythm,
    levels_passed,
    own_rhythm,
)
from crmkit.segment._stage_evidence import at_least, paces, returns
from crmkit.segment._stages import reasons, rule_texts, stage_names, stage_positions
from crmkit.segment._value_edges import shares_of

if TYPE_CHECKING:
    import pandas as pd

Whole = npt.NDArray[Any]

LIMITS = ("at_risk_after", "dormant_after", "lost_after")
COLUMNS = (
    "stage",
    "days_since_last",
    "purchase_days",
    "rhythm",
    *LIMITS,
    "recent",
    "before",
    "pause",
    "probability",
    "chance_left",
    "reason",
)

RISING = 0.05
"""Chance at which an equal pace would give as many more purchases: below it the pace rises."""


class LifecycleStager(Estimator):
    """Stage customers by their life cycle: an event log in, one stage per customer out.

    Use it where people act on stages: welcome, develop, keep, win back. Every customer is in one
    stage, for a reason in words. Do not use it to rank customers by risk: the churn models do that
    better, and say how well.

    The rules are learnt once, in `fit`, and stay as they are at any later date and on any other
    log, so that customers move between stages and not the edges. The first rule that holds decides:

    ===========  =================================================================================
    stage        rule
    ===========  =================================================================================
    lost         at most 15 % of the chance of a purchase is left (the third of `levels`)
    dormant      at most 30 %
    at risk      at most 50 %; or one purchase day, longer ago than a repeat buyer of the usual
                 rhythm may be silent without being at risk
    new          one purchase day so far
    reactivated  back from a pause as long as a dormant one, less than `loyal_from` purchases ago
    growing      fewer than `loyal_from` purchase days, or clearly more of them in the last `period`
                 than in the one before (a sign test at 5 %)
    loyal        all others
    ===========  =================================================================================

    Parameters
    ----------
    purchase_model : estimator or None, default=None
        None judges silence by the own rhythm. A purchase model, such as ``clv.ParetoNBDModel()``,
        judges it by ``probability_no_purchase(customers, horizon)`` or, where it has none, by
        ``probability_alive(customers)``; it reads `frequency`, `recency` and `T` in days or weeks.
        A fitted one is used as it is, any other is cloned and fitted to the customers of `fit`.
        Since `clone` forgets what a model has learnt, wrap a fitted one in scikit-learn's
        ``FrozenEstimator`` where the stager itself is cloned.
    levels : sequence of 3 float, default=(0.5, 0.3, 0.15)
        Share of the chance of a purchase, as it was at the last one, at which a customer is at
        risk, dormant and lost; falling, between 0 and 1.
    loyal_from : int, default=4
        Days with a purchase from which on a customer can be loyal, at least 2.
    period : str or float, default="90D"
        The last period, in days or as text: its revenue is told by `describe`, its purchases are
        compared with those of the period before, and a purchase model is asked for a purchase in
        the next one. Customers younger than two periods are compared over the halves of their age.
    stages : {"en", "zh"} or sequence of 7 str, default="en"
        Names of the stages: of a language, or given in the order loyal, growing, reactivated, new,
        at risk, dormant, lost. Reasons and rules are English.

    Attributes
    ----------
    stages_ : ndarray of str, shape (7,)
        Names of the stages, best to worst.
    thresholds_ : ndarray of shape (2, 3) or None
        Silence, in own rhythms, beyond which a customer is at risk, dormant and lost: after the
        first purchase in row 0, after later ones in row 1. None with a purchase model.
    new_for_ : float
        Days after the only purchase for which a customer can be new, and not yet at risk: as long
        as a repeat buyer of the usual rhythm may be silent without being at risk.
    usual_gap_ : float
        Median pause of those that end, in days: the rhythm of who has shown none.
    gap_weight_ : float
        How many own gaps the usual gap is worth in a rhythm.
    rhythm_ : dict
        All that silence is judged by without a model, such as `chance` (of a purchase within the
        usual pause) at `silence` (in rhythms).
    purchase_model_ : estimator or None
        The fitted purchase model.
    period_ : int
        The period, in days.
    sizes_ : ndarray of int, shape (7,)
        Customers in each stage at `fit`.
    revenue_ : ndarray of shape (7,) or None
        What they spent in the last period before it; None for a log without amounts.
    as_of_ : str
        Instant of the fit.

    See Also
    --------
    migration_matrix : Who moved between the stages.
    RFMSegmenter : Segments by rank among customers instead.

    Notes
    -----
    The own rhythm is the mean of the own gaps, shrunk towards the median pause of the log by a
    weight that foretold gaps best. How the chance falls with silence is read from the Kaplan-Meier
    curve of all pauses told in rhythms; unfinished pauses count for as long as they were seen. A
    log that is too short to show a level takes the end of what it shows, or twice the silence of
    the level before, and the reason says "longer than the log can tell".

    Who bought once often has a small chance from the start that hardly falls, so it alone would
    call some new for a year: at most for `new_for_` days anybody is new.

    References
    ----------
    .. [1] Kaplan, E. L., Meier, P. (1958). Nonparametric estimation from incomplete observations.
       Journal of the American Statistical Association 53, 457-481.

    Examples
    --------
    >>> import crmkit as ck
    >>> from crmkit.segment import LifecycleStager
    >>> log = ck.EventLog(ck.datasets.make_customers(400, random_state=0).events)
    >>> stager = LifecycleStager().fit(log, as_of="2024-01-01")
    >>> stager.describe()[["stage", "n_customers", "share_of_revenue"]].round(2)
             stage  n_customers  share_of_revenue
    0        loyal           90              0.65
    1      growing           22              0.07
    2  reactivated           46              0.11
    3          new           35              0.04
    4      at risk           30              0.08
    5      dormant           27              0.04
    6         lost          150              0.02
    >>> print(stager.predict_frame(log, as_of="2024-03-01")["reason"][1])
    silent for 355 days after 9 purchase days and a rhythm of 9 days:
    0% of the chance of a purchase is left
    """

    def __init__(
        self,
        purchase_model: Any = None,
        *,
        levels: Any = (0.5, 0.3, 0.15),
        loyal_from: int = 4,
        period: str | float = "90D",
        stages: Any = "en",
    ) -> None:
        self.purchase_model = purchase_model
        self.levels = levels
        self.loyal_from = loyal_from
        self.period = period
        self.stages = stages

    def fit(self, log: EventLog, *, as_of: Any = None) -> Self:
        """Learn the rules: an event log in, the fitted stager out.

        Parameters
        ----------
        log : EventLog
            The events.
        as_of : str, date, datetime or None, default=None
            Exclusive cut-off, the beginning of a day; None is midnight after the last event.

        Returns
        -------
        LifecycleStager
            The fitted stager itself.

        Raises
        ------
        DataError
            If a parameter is not allowed, or nobody bought on two days before the cut-off.
        """
        owner = type(self).__name__
        check_log(log, owner)
        return self._fit_at(read_customers_at(log, [log.cutoff(as_of, owner)], owner))

    def _fit_at(self, at: CustomersAt) -> Self:
        """`fit` to a log that is read already, at its first date."""
        owner = type(self).__name__
        names, levels = stage_names(self.stages, owner), checked_levels(self.levels, owner)
        check_whole(self.loyal_from, "loyal_from", owner, low=2)
        period = whole_days(self.period, owner)
        moment = at.moment(0)
        if moment.n_days.max() < 2:
            raise DataError(
                f"{owner}: nobody bought on two days before {at.dates[0]:%Y-%m-%d}, so there is no "
                "rhythm to learn. Take a longer log or a later as_of."
            )
        model = None
        if self.purchase_model is not None:
            model = ready_model(self.purchase_model, moment, owner)
        rules = learn_rhythm(moment, levels)
        self.stages_: npt.NDArray[np.str_] = np.array(names)
        self.purchase_model_, self.period_, self.as_of_ = model, period, str(at.dates[0])
        self.usual_gap_, self.gap_weight_ = rules.usual_gap, rules.weight
        self.new_for_ = float(rules.thresholds[1, 0] * rules.usual_gap)
        self.rhythm_: dict[str, Any] = vars(rules)
        self.thresholds_: Floats | None = rules.thresholds if model is None else None
        positions = self._staged(moment)[0]
        self.sizes_: Whole = np.bincount(positions, minlength=7)
        self.revenue_: Floats | None = None
        if moment.has_money:
            spent = moment.spent((period,))[0]
            self.revenue_ = np.bincount(positions, weights=spent, minlength=7).astype(np.float64)
        return self

    def predict_frame(self, log: EventLog, as_of: Any = None) -> Any:
        """Stage customers at a date: an event log in, a frame of id, stage and evidence out.

        Parameters
        ----------
        log : EventLog
            The events, of the customers of `fit` or of others.
        as_of : str, date, datetime or None, default=None
            Exclusive cut-off, the beginning of a day; None is midnight after the last event.

        Returns
        -------
        dataframe
            In the library of the log, one row for everybody who has bought, sorted by id: the id,
            `stage`, `days_since_last`, `purchase_days`, `rhythm` (own, in days), `at_risk_after`,
            `dormant_after` and `lost_after` (days of silence; NaN with a purchase model), `recent`
            and `before` (purchase days in the last period and the one before), `pause` (days of
            the long pause of who came back lately, else NaN), `probability` (of a purchase within
            the usual pause, or with a purchase model within the period), `chance_left` (its share
            of what it was at the last purchase, 0 to 1; beyond what the log shows it is at most
            this) and `reason`.

        Raises
        ------
        DataError
            If the log or the date cannot be used, or nobody bought before it.
        """
        ids, positions, evidence = self._looked_at(log, as_of)
        owner = type(self).__name__
        known = evidence | self._limits(evidence)
        known["stage"] = self.stages_[positions]
        known["reason"] = np.asarray(self._reasons(positions, evidence))
        if log.customer in COLUMNS:
            raise DataError(
                f"{owner}: the customer id is called {log.customer!r}, as is a new column "
                f"({', '.join(COLUMNS)}). Rename it first."
            )
        told = _frames.id_types(log.data, [log.customer], owner)
        columns = {log.customer: ids, **{name: known[name] for name in COLUMNS}}
        return _frames.id_frame(columns, told, like=log.data)

    def describe(self) -> "pd.DataFrame":
        """Stages at `fit` as a table: a pandas frame of one row per stage, best to worst.

        Returns
        -------
        DataFrame
            The columns stage, n_customers, share_of_customers (0 to 1), revenue and
            share_of_revenue (of the last period, in currency and 0 to 1; NaN where they add up to
            nothing or less, absent for a log without amounts) and rule.
        """
        import pandas as pd  # here, so that segment loads without it

        check_is_fitted(self)
        columns: dict[str, Any] = {
            "stage": self.stages_,
            "n_customers": self.sizes_,
            "share_of_customers": self.sizes_ / self.sizes_.sum(),
        }
        if self.revenue_ is not None:
            columns["revenue"] = self.revenue_
            columns["share_of_revenue"] = shares_of(self.revenue_)
        levels = [float(level) for level in self.levels]
        columns["rule"] = rule_texts(
            self.thresholds_, levels, self.loyal_from, self.period_, self.new_for_
        )
        return pd.DataFrame(columns)

    def _looked_at(self, log: EventLog, as_of: Any) -> tuple[Whole, Whole, dict[str, Whole]]:
        """Ids of everybody who has bought, ascending, places in `stages_`, and the evidence."""
        check_is_fitted(self)
        owner = type(self).__name__
        check_log(log, owner)
        at = read_customers_at(log, [log.cutoff(as_of, owner)], owner)
        moment = at.moment(0)
        ids = _frames.id_values(at.ledger.ids[moment.places], repr(log.customer), owner)
        return ids, *self._staged(moment)

    def _positions_at(self, at: CustomersAt, i: int) -> Whole:
        """Stage of everybody at date i of a log that is read already, as places in `stages_`."""
        return self._staged(at.moment(i))[0]

    def _reasons(self, positions: Whole, evidence: dict[str, Whole]) -> list[str]:
        """Why each customer is in the stage at `positions`."""
        levels = np.asarray(self.levels, dtype=np.float64)
        return reasons(positions, evidence, self.loyal_from, levels)

    def _staged(self, at: Moment) -> tuple[Whole, dict[str, Whole]]:
        """Stage of everybody at a moment, as places in `stages_`, and the evidence."""
        frequency, recency = at.n_days - 1, (at.last_day - at.first_day).astype(np.float64)
        passed, probability, left = self._silence(frequency, recency, at.since)
        back, pause = returns(at, self.loyal_from, self._passed)
        recent, before = paces(at, self.period_)
        rising = (recent > before) & (at_least(recent, recent + before) <= RISING)
        rhythm = own_rhythm(recency, frequency, self.usual_gap_, self.gap_weight_)
        evidence = {"days_since_last": at.since, "purchase_days": at.n_days, "rhythm": rhythm}
        evidence |= {"recent": recent, "before": before, "pause": pause}
        evidence |= {"probability": probability, "chance_left": left}
        positions = stage_positions(passed, at.n_days, back, rising, self.loyal_from)
        return positions, evidence

    def _silence(
        self, frequency: Whole, recency: Floats, since: Whole
    ) -> tuple[Whole, Floats, Floats]:
        """Levels passed by a silence in days, the probability now, and the chance that is left."""
        if self.purchase_model_ is not None:
            owner, age = type(self).__name__, recency + since - 1
            now, left = share_left(
                self.purchase_model_, frequency, recency, age, self.period_, owner
            )
            passed = (left[:, None] <= np.asarray(self.levels)).sum(axis=1)
            old = (frequency == 0) & (since > self.new_for_)
            return np.maximum(passed, old), now, left
        z, later = self._in_rhythms(frequency, recency, since)
        rules = RhythmRules(**self.rhythm_)
        now = chance_at(rules, z, later)
        return levels_passed(rules.thresholds, z, later), now, now / rules.chance[later, 0]

    def _passed(self, frequency: Whole, recency: Floats, since: Whole) -> Whole:
        """Levels passed by a silence in days."""
        if self.thresholds_ is None:
            return self._silence(frequency, recency, since)[0]
        return levels_passed(self.thresholds_, *self._in_rhythms(frequency, recency, since))

    def _in_rhythms(
        self, frequency: Whole, recency: Floats, since: Whole
    ) -> tuple[Floats, npt.NDArray[np.int64]]:
        """A silence in own rhythms, and 0 after the first purchase or 1 after a later one."""
        rhythm = own_rhythm(recency, frequency, self.usual_gap_, self.gap_weight_)
        return since / rhythm, np.minimum(frequency, 1)

    def _limits(self, evidence: dict[str, Whole]) -> dict[str, Whole]:
        """Days of silence after which each customer is at risk, dormant and lost."""
        later = np.minimum(evidence["purchase_days"] - 1, 1)
        limits = np.full((2, 3), np.nan) if self.thresholds_ is None else self.thresholds_
        return dict(zip(LIMITS, limits[later].T * evidence["rhythm"], strict=True))


def checked_levels(levels: Any, owner: str) -> Floats:
    """Three falling shares between 0 and 1."""
    try:
        shares = np.asarray(levels, dtype=np.float64)
    except (TypeError, ValueError):
        shares = np.empty(0)
    if shares.shape != (3,) or not 1.0 > shares[0] > shares[1] > shares[2] > 0.0:
        raise DataError(
            f"{owner}: levels must be three falling numbers between 0 and 1, got {levels!r}."
        )
    return shares


def whole_days(period: Any, owner: str) -> int:
    """A period as whole days, at least one."""
    days = in_days(period, owner, "period")
    if days < 1 or days != round(days):
        raise DataError(
            f"{owner}: period must be whole days, at least one, such as '90D' or 90, got "
            f"{period!r}."
        )
    return round(days)
