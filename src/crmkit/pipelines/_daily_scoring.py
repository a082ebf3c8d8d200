"""Every night: take in what happened, fit once a month, score, and look whether all is as usual.

The recipe, top-down in `run`: add the events that came to those that are kept; fit where it is due
and the data look sound; score; compare the night with those before; write the state. The files are
replaced one by one, each whole, so that a run that is stopped leaves a folder that the next one
goes on from.
"""

from typing import Any, Self

from sklearn.base import clone

from crmkit import _frames
from crmkit._progress import Progress, heard
from crmkit.base import Estimator
from crmkit.churn import ChurnMonitor
from crmkit.events import EventLog
from crmkit.events._event_log import check_log
from crmkit.exceptions import DataError
from crmkit.pipelines import _daily_plan as plan
from crmkit.pipelines import _daily_state as state
from crmkit.pipelines import _daily_watch as watch
from crmkit.pipelines._customer_value import CustomerValuePipeline
from crmkit.pipelines._customer_values import model_of
from crmkit.pipelines._daily_lock import held
from crmkit.pipelines._daily_result import DailyResult
from crmkit.pipelines._daily_scores import Scored, churn_alarm, fitted_monitor, score, settings_of
from crmkit.pipelines._daily_taken import Taken, take_in

OWNER = "DailyScoring"


class DailyScoring(Estimator):
    """Score all customers every night: new events in, the table of the night and alarms out.

    For a job that cron starts. With a `folder`, a run needs no more than the events that are new:
    the folder holds all events so far, the fitted model and what the nights were like, and the
    process may end in between. Without one, each run gets the whole log, and the object itself
    holds the model: for a notebook, or where a warehouse keeps the events.

    *Incremental.* Give the events since last night, or of the last few days to be safe, or all:
    rows that are known in all their columns are not added again, and late ones are taken in. So
    a run may be repeated: the same night gives the same table and leaves the same state.

    *Fitting.* Once a month, and when the settings of the pipeline change. A fit is put off while
    the volumes of the night raise an alarm, and where a fit fails the model of yesterday goes on,
    with an alarm.

    *Watching.* Volumes of each new day beside the same weekdays before it, shares of segments,
    stages and tiers beside the night before and the night of the fit, and features and scores of
    churn by `ChurnMonitor`. An alarm is a reason to look, and hardly ever a reason not to score.

    Parameters
    ----------
    folder : str, Path or None, default=None
        Where the state is kept; made where it is not there. It holds customers: keep it as such.
        One process at a time: a second one is refused.
    pipeline : CustomerValuePipeline or None, default=None
        What is fitted and scored; None is ``CustomerValuePipeline()``.
    refit : str, float or None, default="month"
        When to fit anew: "month" in the first run of a calendar month, text such as "14D" or days
        after that long, None never.
    keep : str, float or None, default=None
        How long events are kept in the folder, such as "1095D", or days; None keeps all. Who bought
        before is then as old as the first purchase that is kept: take years.
    watch_days : int, default=56
        Days that tell what is usual; 56 are eight of each weekday.
    psi_limit : float, default=0.1
        Population stability index of the shares of one night to the next that is an alarm; since
        the fit two and a half times as much.
    verbose : int, default=0
        1 tells the steps with counts and seconds, and those of the pipeline: logger "crmkit", level
        INFO, or standard error where nothing listens there. 0 tells nothing.

    Attributes
    ----------
    pipeline_ : CustomerValuePipeline
        The fitted pipeline.
    monitor_ : ChurnMonitor or None
        Features and scores of churn at the fit; None where churn is left out.
    shares_ : dict
        Customers of each segment, stage and tier at the fit.
    settings_ : dict of str to str
        Parameters of the pipeline at the fit.
    fitted_as_of_ : str
        The cut-off of the fit, in ISO 8601.
    nights_ : dict
        What each night was like, by its date; a folder has them in ``nights.json``.

    See Also
    --------
    CustomerValuePipeline : What is fitted, and the columns of the table.
    CustomerScorer : One customer at a time, in a service.

    Notes
    -----
    The model of a folder is ``crmkit.io.load(folder / "model.crmkit").pipeline_``.

    Examples
    --------
    >>> import crmkit as ck
    >>> frame = ck.datasets.load_cdnow(sample=True)
    >>> known = frame["timestamp"] < "1997-09-02"
    >>> job = ck.pipelines.DailyScoring(
    ...     getfixture("tmp_path") / "scores",
    ...     ck.pipelines.CustomerValuePipeline(churn=None, stager=None),
    ... )
    >>> job.run(ck.EventLog(frame[known]), as_of="1997-09-02").refitted
    True
    >>> night = job.run(ck.EventLog(frame[~known].head(9)), as_of="1997-09-03")
    >>> night.refitted, night.n_events["new"], len(night.table)
    (False, 9, 2357)
    """

    pipeline_: CustomerValuePipeline
    monitor_: ChurnMonitor | None
    shares_: dict[str, dict[str, int]]
    settings_: dict[str, str]
    fitted_as_of_: str
    nights_: dict[str, Any]

    def __init__(
        self,
        folder: Any = None,
        pipeline: CustomerValuePipeline | None = None,
        refit: float | str | None = plan.MONTH,
        keep: float | str | None = None,
        watch_days: int = 56,
        psi_limit: float = 0.1,
        verbose: int = 0,
    ) -> None:
        self.folder = folder
        self.pipeline = pipeline
        self.refit = refit
        self.keep = keep
        self.watch_days = watch_days
        self.psi_limit = psi_limit
        self.verbose = verbose

    def fit(self, log: EventLog, y: None = None, *, as_of: Any = None, items: Any = None) -> Self:
        """Fit at once, without a night: the whole event log in, the fitted job out.

        `run` fits by itself when it is due. This writes nothing, and reads no folder.

        Parameters
        ----------
        log : EventLog
            All events.
        y : None
            Ignored.
        as_of : str, date, datetime or None, default=None
            Exclusive cut-off; None is midnight after the last event.
        items : frame or None, default=None
            One row per item for the recommender, as in `CustomerValuePipeline.fit`.

        Returns
        -------
        DailyScoring
            The job itself.
        """
        check_log(log, OWNER)
        plan.check_parameters(self)
        self._learn(log, log.cutoff(as_of, OWNER), items)
        return self

    def run(
        self, log: EventLog, *, as_of: Any = None, items: Any = None, refit: bool | None = None
    ) -> DailyResult:
        """Score a night: events in, the table, what was done and alarms out.

        Parameters
        ----------
        log : EventLog
            With a folder the events that are new, others do no harm; where nothing came, a frame
            without rows. Without a folder all events.
        as_of : str, date, datetime or None, default=None
            Exclusive cut-off, the midnight of the night. None is midnight after the last known
            event, and hides that the last days are missing: state it in a job.
        items : frame or None, default=None
            One row per item for the recommender, as in `CustomerValuePipeline.fit`.
        refit : bool or None, default=None
            Whether to fit tonight; None is when it is due.

        Returns
        -------
        DailyResult
            `table`, `done`, `alarms`, `watch` and `ok`.

        Raises
        ------
        DataError
            If the events cannot be used (nothing is written then), the first fit fails, `as_of` is
            before that of the model, which knows more than was known then, or another process is at
            work in the folder.
        """
        check_log(log, OWNER)
        plan.check_parameters(self)
        progress = Progress(OWNER, self.verbose)
        folder = state.opened(self.folder)
        with held(folder):
            state.take_up(self, folder)
            taken = take_in(folder, log, as_of, self.nights_, self.keep)
            progress.step(f"took in {taken.counts.get('new', taken.counts['known']):,} events")
            plan.refuse_the_past(self, taken.cutoff)
            rows = list(watch.unusual_days(taken.days, taken.begin, taken.end, self.watch_days))
            why = plan.why_fit(self, taken.day, refit)
            put_off = refit is None and hasattr(self, "pipeline_") and watch.alarms_of(rows)
            scored, done, alarms = self._fit_if_due(taken, items, why, bool(put_off))
            if refitted := scored is not None:
                progress.step(f"fitted on {self.pipeline_.n_customers_:,} customers")
            else:
                scored = score(self.pipeline_, taken.log, taken.cutoff)
                alarms += churn_alarm(self.monitor_, scored)
            night = {"fitted_as_of": self.fitted_as_of_, "shares": watch.shares_of(scored.table)}
            progress.step(f"scored {sum_of(night):,} customers")
            before = self.nights_.get(str(taken.last_night), {})
            rows += watch.shifted(night, before, self.shares_, self.psi_limit)
            self.nights_ = {**self.nights_, str(taken.day): night}
            state.write(self, folder, taken.table, refitted)
        alarms = [*watch.alarms_of(rows), *alarms]
        progress.done(f"compared with former nights: {len(alarms)} alarms")
        return DailyResult(
            table=_frames.hand_back(scored.table, like=log.data),
            as_of=taken.cutoff.isoformat(),
            fitted_as_of=self.fitted_as_of_,
            refitted=refitted,
            n_events=taken.counts,
            done=(taken.text(), *done, f"Scored {sum_of(night):,} customers."),
            alarms=tuple(alarms),
            watch=watch.told(rows),
        )

    def _fit_if_due(
        self, taken: Taken, items: Any, why: str, put_off: bool
    ) -> tuple[Scored | None, list[str], list[str]]:
        """Fit where there is a reason: the scores of a new model, what was done, and alarms."""
        if not why:
            return None, [], []
        if put_off:
            return None, [f"Fitting was due ({why}) and put off: the volumes are unusual."], []
        try:
            scored = self._learn(taken.log, taken.cutoff, items)
        except DataError as error:
            if not hasattr(self, "pipeline_"):
                raise
            told = f"Fitting failed ({why}), so the model of {self.fitted_as_of_} goes on: {error}"
            return None, [], [told]
        return scored, [f"Fitted {why}, on {self.pipeline_.n_customers_:,} customers."], []

    def _learn(self, log: EventLog, cutoff: Any, items: Any) -> Scored:
        """Fit pipeline and monitor; what was fitted before stays if that fails."""
        made = heard(clone(plan.pipeline_of(self.pipeline)), self.verbose)
        model_of(made.fit(log, as_of=cutoff, items=items), OWNER)
        scored = score(made, log, cutoff)
        self.monitor_ = fitted_monitor(scored)
        self.pipeline_, self.settings_ = made, settings_of(plan.pipeline_of(self.pipeline))
        self.shares_, self.fitted_as_of_ = watch.shares_of(scored.table), made.as_of_
        return scored


def sum_of(night: dict[str, Any]) -> int:
    """Customers of a night."""
    return sum(next(iter(night["shares"].values())).values())
