"""From a log of purchases to the risk of each active customer to leave, with reasons.

The recipe: choose how long a silence is churn, look at customers at some cut-offs of the past
beside what they then did, let the candidates of `ChurnClassifier` compete forward in time, and
score the customers of today with the same features. Each step is a public part of `crmkit.churn`
and can be used, or replaced, alone.
"""

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import clone

from crmkit import _frames
from crmkit._progress import Progress, heard
from crmkit._validation import Floats, check_whole, generator
from crmkit.base import Estimator, check_is_fitted
from crmkit.churn import (
    Active,
    ChurnClassifier,
    Cutoffs,
    NoPurchase,
    SnapshotBuilder,
    Snapshots,
)
from crmkit.churn._population import EmptyPopulationError
from crmkit.events import EventLog
from crmkit.events._event_log import check_log
from crmkit.exceptions import DataError, DataWarning
from crmkit.pipelines._churn_plan import (
    TooLittleError,
    choose_cutoffs,
    choose_horizon,
    day_of,
    days_in,
)

OWNER = "ChurnPipeline"
EMPTY_COLUMNS = r"SnapshotBuilder: .* columns? holds? no number"
FEWEST = 20  # customers of each kind, below which nothing can be learnt


@dataclass(frozen=True)
class Asked:
    """Days without purchase that are churn, why so many, and the days that make one active."""

    horizon: int
    reason: str
    within: int


class ChurnPipeline(Estimator):
    """Tell who is about to leave: an event log in, one row per active customer with reasons out.

    Churn is no purchase within the horizon. The recipe learns it from customers at cut-offs of
    the past, all of whose labels were observed before `as_of`, and scores those who are active
    now. Take it where nobody gives notice and the log is at least four horizons long; for a shorter
    one `BTYDChurn` needs no labels. It sees purchases only: to add what else is known, or another
    label, take `SnapshotBuilder` and `ChurnClassifier` themselves.

    Parameters
    ----------
    horizon : str, float or None, default=None
        Time without a purchase that is called churn: text such as "90D", or days; whole days.
        None is what `crmkit.churn.suggest_horizon` finds, at least four weeks and at most a
        quarter of the log.
    within : str, float or None, default=None
        Who is active: a purchase in this time before the cut-off, such as "180D", or days; whole
        days. None is twice the horizon.
    features : sequence of Feature or None, default=None
        What is looked at, such as ``[RFM(), Windows()]``; None is the good list of
        `SnapshotBuilder`.
    model : ChurnClassifier or None, default=None
        How it is learnt; None is ``ChurnClassifier(random_state=random_state)``.
    n_cutoffs : int, default=4
        How many cut-offs to learn at. Those that leave less than a horizon of history before them
        are left out.
    step : str, float or None, default=None
        Time between them, such as "30D", or days; whole days. None is half a horizon.
    top : int, default=3
        Reasons per customer.
    max_customers : int or None, default=10000
        Most customers to learn from, drawn at random with all their snapshots; None takes all.
        All are scored.
    random_state : int, RandomState, Generator or None, default=0
        Source of the random choices.
    verbose : int, default=0
        1 tells the steps with counts and seconds, and those of the model: logger "crmkit", level
        INFO, or standard error where nothing listens there. 0 tells nothing.

    Attributes
    ----------
    model_ : ChurnClassifier
        The fitted classifier; `model_.reason_` says what was chosen and how it was measured.
    horizon_, within_ : int
        Days of the horizon and of the population.
    horizon_reason_ : str
        Why this horizon.
    population_, label_ : str
        On whom, and what is told, in words.
    cutoffs_ : list of str
        Where it was learnt, in ISO 8601, ascending.
    rates_ : ndarray of shape (n_cutoffs,)
        Share that churned, by cut-off: a level that moves says how far to trust the next one.
    base_rate_ : float
        Share that churned in all snapshots.
    n_found_, n_customers_, n_snapshots_ : int
        Customers at the cut-offs, and the customers and snapshots that were learnt from.
    training_ : str
        All that in words.
    as_of_ : str
        The cut-off of `fit`, in ISO 8601.

    See Also
    --------
    CustomerValuePipeline : Churn beside segment and value, for all customers.
    churn_holdout : Whether it would have told who left.

    Examples
    --------
    >>> import crmkit as ck
    >>> from crmkit.churn import RFM, Windows
    >>> log = ck.EventLog(ck.datasets.load_cdnow(sample=True))
    >>> features = [RFM(), Windows(["30D", "90D"])]
    >>> recipe = ck.pipelines.ChurnPipeline("90D", features=features)
    >>> table = recipe.fit_transform(log, as_of="1998-01-01")
    >>> table.columns.tolist()
    ['customer_id', 'probability_churn', 'churn_reasons']
    >>> print(recipe.training_)
    6,804 snapshots of 2,357 customers at 4 cut-offs (1997-05-21 to 1997-10-03)
    """

    def __init__(
        self,
        horizon: float | str | None = None,
        within: float | str | None = None,
        features: Sequence[Any] | None = None,
        model: ChurnClassifier | None = None,
        n_cutoffs: int = 4,
        step: float | str | None = None,
        top: int = 3,
        max_customers: int | None = 10_000,
        random_state: Any = 0,
        verbose: int = 0,
    ) -> None:
        self.horizon = horizon
        self.within = within
        self.features = features
        self.model = model
        self.n_cutoffs = n_cutoffs
        self.step = step
        self.top = top
        self.max_customers = max_customers
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, log: EventLog, y: None = None, *, as_of: Any = None) -> Self:
        """Learn who leaves: an event log in, the fitted pipeline out.

        Parameters
        ----------
        log : EventLog
            The events; amounts are not needed.
        y : None
            Ignored.
        as_of : str, date, datetime or None, default=None
            Exclusive cut-off: nothing at or after it is read. None is midnight after the last
            event; within a day it is the beginning of that day.

        Returns
        -------
        ChurnPipeline
            The fitted pipeline itself.

        Raises
        ------
        DataError
            If a parameter is not allowed, the log is shorter than two horizons, or fewer than 20
            customers left or stayed.
        """
        check_log(log, OWNER)
        progress = Progress(OWNER, self.verbose)
        model = heard(self._checked(), self.verbose)
        day = day_of(log, as_of, OWNER)
        asked = self._asked(log, day)
        learnt, n_found = self._snapshots(log, self._cutoffs_before(log, day, asked), day, asked)
        progress.step(f"took {len(learnt):,} snapshots for a horizon of {asked.horizon} days")
        self.model_ = model.fit(learnt)
        self.horizon_, self.horizon_reason_ = asked.horizon, asked.reason
        self.within_, self.n_found_ = asked.within, n_found
        self.population_, self.label_ = learnt.population, learnt.label
        self._describe(learnt, log)
        self.as_of_ = log.cutoff(as_of, OWNER).isoformat()
        progress.done(f"learnt from {self.training_}")
        return self

    def transform(self, log: EventLog, *, as_of: Any = None) -> Any:
        """Score active customers: an event log in, one row per active customer out.

        Parameters
        ----------
        log : EventLog
            The events: those of `fit`, later ones, or those of other customers, with the same
            columns.
        as_of : str, date, datetime or None, default=None
            Exclusive cut-off, as in `fit`.

        Returns
        -------
        frame of customers
            In the library of the log's frame, sorted by customer id: the id, `probability_churn`
            (probability, 0 to 1, of no purchase within the horizon) and `churn_reasons` (the
            largest contributions in log-odds, as sentences; plus raises the risk). Customers
            outside the population have no row.

        Raises
        ------
        DataError
            If nobody is active, or the log cannot be used.
        """
        check_is_fitted(self)
        check_log(log, OWNER)
        now = self._seen(log, day_of(log, as_of, OWNER))
        return _frames.hand_back(self._scored(now, log.customer), like=log.data)

    def fit_transform(self, log: EventLog, y: None = None, *, as_of: Any = None) -> Any:
        """Learn, and score those who are active now: an event log in, active customers out.

        Parameters
        ----------
        log : EventLog
            The events.
        y : None
            Ignored.
        as_of : str, date, datetime or None, default=None
            Exclusive cut-off, as in `fit`.

        Returns
        -------
        frame of customers
            As `transform` gives it.
        """
        return self.fit(log, as_of=as_of).transform(log, as_of=as_of)

    def _checked(self) -> ChurnClassifier:
        """A copy of the model to fit, and the other parameters looked at."""
        check_whole(self.n_cutoffs, "n_cutoffs", OWNER, low=1)
        check_whole(self.top, "top", OWNER, low=1)
        if self.max_customers is not None:
            check_whole(self.max_customers, "max_customers", OWNER, low=2 * FEWEST)
        if self.model is None:
            return ChurnClassifier(random_state=self.random_state)
        if not isinstance(self.model, ChurnClassifier):
            raise DataError(
                f"{OWNER}: model must be a ChurnClassifier, got {self.model!r}. To compare another "
                "model, fit it on the snapshots of SnapshotBuilder."
            )
        copied: ChurnClassifier = clone(self.model)
        return copied

    def _asked(self, log: EventLog, day: date) -> Asked:
        """Decide what is asked, and of whom."""
        horizon, reason = choose_horizon(log, day, self.horizon, OWNER)
        within = 2 * horizon if self.within is None else self.within
        return Asked(horizon, reason, days_in(within, "within", OWNER))

    def _builder(self, horizon: int, within: int) -> SnapshotBuilder:
        """The same code for learning and scoring."""
        return SnapshotBuilder(
            self.features, label=NoPurchase(f"{horizon}D"), population=Active(f"{within}D")
        )

    def _seen(self, log: EventLog, day: date) -> Any:
        """Features of the active customers at a midnight, as the classifier was fitted on."""
        return self._builder(self.horizon_, self.within_).transform(log, day)

    def _cutoffs_before(self, log: EventLog, day: date, asked: Asked) -> Cutoffs:
        """Where to learn what is known by `day`."""
        step = None if self.step is None else days_in(self.step, "step", OWNER)
        first = log.first_event.date()
        return choose_cutoffs(first, day, asked.horizon, step, self.n_cutoffs, OWNER)

    def _snapshots(
        self, log: EventLog, cutoffs: Iterable[Any], day: date, asked: Asked
    ) -> tuple[Snapshots, int]:
        """Snapshots with labels known by `day`, of no more customers than asked for.

        Beside them the number of customers before any were drawn.
        """
        builder = self._builder(asked.horizon, asked.within)
        with warnings.catch_warnings():
            if self.features is None:  # a young log leaves long windows empty: nothing to act on
                warnings.filterwarnings("ignore", EMPTY_COLUMNS, DataWarning)
            try:
                found = builder.build(log, cutoffs, observed_until=day)
            except EmptyPopulationError:
                raise TooLittleError(
                    f"{OWNER}: nobody was active within {asked.within} days at the cut-offs before "
                    f"{day:%Y-%m-%d}, so there is nobody to learn from. Look whether the last "
                    "events of the log have the right date, or state a longer horizon."
                ) from None
        learnt = some_customers(found, self.max_customers, self.random_state)
        refuse_few(learnt)
        return learnt, len(np.unique(found.groups))

    def _describe(self, learnt: Snapshots, log: EventLog) -> None:
        """Keep what was learnt from as numbers and words; snapshots themselves are not kept."""
        days = np.unique(learnt.cutoff)
        self.cutoffs_ = days.astype("datetime64[D]").astype(str).tolist()
        self.rates_ = np.array([learnt.y[learnt.cutoff == each].mean() for each in days])
        self.base_rate_ = float(learnt.y.mean())
        self.n_snapshots_, self.n_customers_ = len(learnt), len(np.unique(learnt.groups))
        self.training_ = training_text(self)

    def _scored(self, now: Any, customer: str) -> Any:
        """Risk and reasons beside the ids, as an eager frame."""
        table = _frames.to_eager(now)
        risk, reasons = self._risk(table)
        add = {"probability_churn": risk, "churn_reasons": reasons}
        return _frames.attach(table, keep=[customer], add=add, owner=OWNER)

    def _risk(self, table: Any) -> tuple[Floats, npt.NDArray[np.str_]]:
        """Risk of each row of an eager frame of features, and its reasons in one text."""
        risk, sentences = self.model_._risk_and_sentences(table, self.top)
        return risk, np.array(["; ".join(each) for each in sentences], dtype=str)


def refuse_few(learnt: Snapshots) -> None:
    """Refuse to learn from a handful who left, or who stayed."""
    left, stayed = (len(np.unique(learnt.groups[learnt.y == label])) for label in (1, 0))
    if min(left, stayed) < FEWEST:
        raise TooLittleError(
            f"{OWNER}: {left:,} customers left and {stayed:,} stayed at the cut-offs "
            f"({learnt.population}, {learnt.label}); at least {FEWEST} of each are needed. Take "
            "another horizon or a longer log."
        )


def some_customers(snapshots: Snapshots, most: int | None, random_state: Any) -> Snapshots:
    """All snapshots of at most so many customers, drawn at random."""
    names, who = np.unique(snapshots.groups, return_inverse=True)
    if most is None or len(names) <= most:
        return snapshots
    drawn = np.zeros(len(names), dtype=bool)
    drawn[generator(random_state, OWNER).permutation(len(names))[:most]] = True
    return snapshots.subset(drawn[who])


def training_text(fitted: ChurnPipeline) -> str:
    """What was learnt from, in words."""
    whom = f"{fitted.n_customers_:,} customers"
    if fitted.n_found_ > fitted.n_customers_:
        whom += f" (drawn from {fitted.n_found_:,})"
    where = fitted.cutoffs_
    when = f"the cut-off {where[0]}"
    if len(where) > 1:
        when = f"{len(where)} cut-offs ({where[0]} to {where[-1]})"
    return f"{fitted.n_snapshots_:,} snapshots of {whom} at {when}"
