"""Every night: take in what happened, fit once a month, score, and look whether all is as usual.

The recipe, top-down in `run`: add the events that came to those that are kept; fit where it is due
and the data look sound; score; compare the night with those before; write the state. The files are
replaced one by one, each whole, so that a run that is stopped leaves a folder that the next one
goes on from.
"""

from datetime import date, datetime
from typing import Any, Self

from sklearn.base import BaseEstimator, clone

from crmkit import _frames
from crmkit import io as model_files
from crmkit._progress import Progress, heard
from crmkit._validation import check_real, check_whole
from crmkit.churn import ChurnMonitor
from crmkit.events import EventLog
from crmkit.events._event_log import check_log
from crmkit.exceptions import DataError
from crmkit.pipelines import _daily_state as state
from crmkit.pipelines import _daily_watch as watch
from crmkit.pipelines._churn_plan import days_in
from crmkit.pipelines._customer_value import CustomerValuePipeline
from crmkit.pipelines._daily_result import DailyResult
from crmkit.pipelines._daily_scores import churn_alarm, fitted_monitor, settings_of
from crmkit.pipelines._daily_taken import Taken, take_in

OWNER = "DailyScoring"
MONTH = "month"


class DailyScoring(BaseEstimator):
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
        One process at a time.
    pipeline : CustomerValuePipeline or None, default=None
        What is fitted and scored; None is ``CustomerValuePipeline()``.
    refit : str, float or None, default="month"
        When to fit anew: "month" in the first run of a calendar month, text such as "14D" or days
        after that long, None never.
    keep : str, float or None, default=None
        How long events are kept in the folder, such as "1095D", or days; None keeps all.
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
        refit: float | str | None = MONTH,
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
        self._check_parameters()
        self._fit(log, log.cutoff(as_of, OWNER), items)
        return self

    def run(
        self, log: EventLog, *, as_of: Any = None, items: Any = None, refit: bool | None = None
    ) -> DailyResult:
        """Score a night: events in, the table, what was done and alarms out.

        Parameters
        ----------
        log : EventLog
            With a folder the events that are new, others do no harm; without one all.
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
            If the events cannot be used (nothing is written then), the first fit fails, or `as_of`
            is before that of the model, which knows more than was known then.
        """
        check_log(log, OWNER)
        self._check_parameters()
        progress = Progress(OWNER, self.verbose)
        folder = None if self.folder is None else state.opened(self.folder)
        self._take_up(folder)
        taken = take_in(folder, log, as_of, self.nights_, self.keep)
        progress.step(f"took in {taken.counts.get('new', taken.counts['known']):,} events")
        self._refuse_the_past(taken)
        rows = list(watch.unusual_days(taken.days, taken.begin, taken.end, self.watch_days))
        unsound = [watch.in_words(row) for row in rows if row[-1]]
        refitted, done, alarms = self._fit_if_due(taken, items, refit, unsound)
        if refitted:
            progress.step(f"fitted on {self.pipeline_.n_customers_:,} customers")
        table = self.pipeline_.transform(taken.log, as_of=taken.cutoff)
        night = {"fitted_as_of": self.fitted_as_of_, "shares": watch.shares_of(table)}
        progress.step(f"scored {sum_of(night):,} customers")
        rows += self._shifted(taken, night)
        if not refitted and self.monitor_ is not None:
            alarms += churn_alarm(self.monitor_, self.pipeline_, taken.log, taken.day)
        self._write(folder, taken, night, refitted)
        alarms = [*(watch.in_words(row) for row in rows if row[-1]), *alarms]
        progress.done(f"compared with former nights: {len(alarms)} alarms")
        done = [taken.text(), *done, f"Scored {sum_of(night):,} customers."]
        shown = table if folder is None else _frames.hand_back(table, like=log.data)
        return DailyResult(
            shown, taken.cutoff.isoformat(), self.fitted_as_of_, refitted, taken.counts,
            tuple(done), tuple(alarms), watch.told(rows),
        )  # fmt: skip

    def _take_up(self, folder: Any) -> None:
        """Take up the state of the folder, or that of this object."""
        if folder is None:
            self.nights_ = getattr(self, "nights_", {})
            return
        self.nights_ = state.kept_nights(folder)
        if (folder / state.MODEL).exists():
            kept = model_files.load(folder / state.MODEL)
            if not isinstance(kept, DailyScoring):
                raise DataError(
                    f"{OWNER}: {str(folder / state.MODEL)!r} is a {type(kept).__name__}, no state "
                    "of DailyScoring. Take an empty folder."
                )
            for name in ("pipeline_", "monitor_", "shares_", "settings_", "fitted_as_of_"):
                setattr(self, name, getattr(kept, name))
            self.pipeline_.set_params(verbose=max(self._asked().verbose, self.verbose))

    def _refuse_the_past(self, taken: Taken) -> None:
        """Refuse a night before the model, which knows what came after it."""
        if hasattr(self, "pipeline_") and taken.cutoff < datetime.fromisoformat(self.fitted_as_of_):
            raise DataError(
                f"{OWNER}: as_of={taken.cutoff.isoformat()} is before {self.fitted_as_of_}, when "
                "the model was fitted: it knows what came after. Score former nights in a folder "
                "of their own."
            )

    def _fit_if_due(
        self, taken: Taken, items: Any, asked: bool | None, unsound: list[str]
    ) -> tuple[bool, list[str], list[str]]:
        """Fit where it is due and the data look sound: whether, what was done, and alarms."""
        first = not hasattr(self, "pipeline_")
        if first:
            why = "for the first time"
        else:
            why = self._due(taken.day) if asked is None else "as asked" * asked
        if not why:
            return False, [], []
        if unsound and not first and asked is None:
            return False, [f"Fitting was due ({why}) and put off: the volumes are unusual."], []
        try:
            self._fit(taken.log, taken.cutoff, items)
        except DataError as error:
            if first:
                raise
            told = f"Fitting failed ({why}), so the model of {self.fitted_as_of_} goes on: {error}"
            return False, [], [told]
        return True, [f"Fitted {why}, on {self.pipeline_.n_customers_:,} customers."], []

    def _due(self, day: date) -> str:
        """Why to fit, in words; "" where it is not due."""
        before = date.fromisoformat(self.fitted_as_of_[:10])
        if settings_of(self._asked()) != self.settings_:
            return "since the settings have changed"
        if self.refit is None or day <= before:
            return ""
        if self.refit == MONTH:
            return "for the month" if (day.year, day.month) != (before.year, before.month) else ""
        return "since it was time" if (day - before).days >= self._every() else ""

    def _fit(self, log: EventLog, cutoff: datetime, items: Any) -> None:
        """Fit pipeline and monitor; what was fitted before stays if that fails."""
        made = heard(clone(self._asked()), self.verbose).fit(log, as_of=cutoff, items=items)
        monitor = fitted_monitor(made, log, cutoff.date())
        self.pipeline_, self.monitor_ = made, monitor
        self.settings_ = settings_of(self._asked())
        self.shares_ = watch.shares_of(made.transform(log, as_of=cutoff))
        self.fitted_as_of_ = made.as_of_

    def _shifted(self, taken: Taken, night: dict[str, Any]) -> list[watch.Row]:
        """Shares of tonight beside those of the night before and of the fit."""
        rows: list[watch.Row] = []
        before = self.nights_.get(str(taken.last_night), {})
        if before.get("fitted_as_of") == self.fitted_as_of_:  # else names and edges are others
            told = "the night before"
            rows += watch.shifted_shares(night["shares"], before["shares"], told, self.psi_limit)
        most = watch.SINCE_FIT * self.psi_limit
        return rows + list(watch.shifted_shares(night["shares"], self.shares_, "the fit", most))

    def _write(self, folder: Any, taken: Taken, night: dict[str, Any], refitted: bool) -> None:
        """Keep the state of the night: events, model and nights, in this order."""
        self.nights_ = {**self.nights_, str(taken.day): night}
        if folder is None:
            return
        if taken.table is not None:
            state.write_events(folder, taken.table)
        if refitted:
            bare = clone(self).set_params(folder=None)
            for name in ("pipeline_", "monitor_", "shares_", "settings_", "fitted_as_of_"):
                setattr(bare, name, getattr(self, name))
            model_files.save(bare, folder / state.MODEL, customers=True, note=OWNER)
        state.write_nights(folder, self.nights_)

    def _asked(self) -> CustomerValuePipeline:
        """The pipeline that the parameter means."""
        made = CustomerValuePipeline() if self.pipeline is None else self.pipeline
        if not isinstance(made, CustomerValuePipeline):
            raise DataError(f"{OWNER}: pipeline must be a CustomerValuePipeline, got {made!r}.")
        return made

    def _every(self) -> int:
        return days_in(self.refit, "refit", OWNER)  # type: ignore[arg-type]

    def _check_parameters(self) -> None:
        self._asked()
        if self.refit is not None and self.refit != MONTH:
            self._every()
        if self.keep is not None:
            days_in(self.keep, "keep", OWNER)
        check_whole(self.watch_days, "watch_days", OWNER, low=watch.FEWEST)
        check_real(self.psi_limit, "psi_limit", OWNER, low=0.0, open_low=True)


def sum_of(night: dict[str, Any]) -> int:
    """Customers of a night."""
    return sum(next(iter(night["shares"].values())).values())
