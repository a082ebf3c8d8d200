"""SnapshotBuilder: from an event log to customers at cut-offs, for training and for scoring alike.

The log is sorted once; every cut-off is answered by look-ups. At a cut-off c a row is a customer
of the population that bought before c; its features read the events before c, its label those at
or after c. A customer who is not seen after c is a row like all others: absence is what churn is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit._validation import check_choice, check_whole
from crmkit.churn._cutoffs import Cutoffs
from crmkit.churn._default_features import default_features
from crmkit.churn._feature import OWNER, Feature
from crmkit.churn._feature_columns import feature_columns, warn_of_empty
from crmkit.churn._label import Label, NoPurchase, Outcome
from crmkit.churn._population import Active, EmptyPopulationError
from crmkit.churn._snapshots import Snapshots
from crmkit.events import EventLog
from crmkit.events._event_log import check_log
from crmkit.events._ledger import Ledger, day_of, read_ledger
from crmkit.events._moment import Moment, known_at
from crmkit.exceptions import DataError, DataWarning, warn_user

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SnapshotBuilder:
    """Look at customers at cut-offs: an event log in, one row per customer and cut-off out.

    `build` makes tables to learn from, at many cut-offs and with labels; `transform` makes the
    table to score, at one cut-off and without. Both go the same way, so that training and scoring
    cannot differ. Nothing is learnt: a builder has no state. For one summary without labels,
    `summarize` is enough.

    Days are local days of the log's zone, cut-offs begin a day and are exclusive. Returns are no
    purchases and keep nobody active; several orders of a day are one occasion.

    Parameters
    ----------
    features : list of groups of features or None, default=None
        Groups such as ``RFM()`` and ``Windows()``; None is a good list of them.
    label : label or None, default=None
        What is to be told: `NoPurchase`, `Spend`, `NextPurchaseTime` or `SubscriptionEnd`; None is
        ``NoPurchase("90D")``.
    population : Active or None, default=None
        Who is looked at; None is `Active("180D")`.
    unit : {"D", "W"}, default="D"
        Unit of ages and durations: days or weeks.
    unobserved : {"raise", "nan"}, default="raise"
        What happens where the window of a label ends after the last observed instant. "raise": an
        error. "nan": `y` is NaN for these rows, and a warning counts them. Never churned.
    dtype : {"float64", "float32"}, default="float64"
        How features are held. "float32" halves the memory of large tables and keeps seven digits:
        enough for trees.
    n_jobs : int or None, default=-1
        Threads that share the customers of a large log; None is 1, -1 all cores. The bits of the
        result are the same.

    Examples
    --------
    >>> from datetime import timedelta
    >>> import crmkit as ck
    >>> from crmkit.churn import Active, Cutoffs, NoPurchase, SnapshotBuilder
    >>> from crmkit.datasets import make_customers
    >>> log = ck.EventLog(make_customers(200, random_state=0).events)
    >>> builder = SnapshotBuilder(label=NoPurchase("30D"), population=Active("90D"))
    >>> last = log.cutoff() - timedelta(days=30)
    >>> snapshots = builder.build(log, Cutoffs.rolling(last.date(), step="30D", n=3))
    >>> now = builder.transform(log)
    >>> list(now.columns[1:]) == snapshots.feature_names
    True
    """

    features: Sequence[Feature] | None = None
    label: Label | None = None
    population: Active | None = None
    unit: str = "D"
    unobserved: str = "raise"
    dtype: str = "float64"
    n_jobs: int | None = -1

    def build(self, log: EventLog, cutoffs: Iterable[Any], observed_until: Any = None) -> Snapshots:
        """Look at customers at cut-offs, and at what came of it: events in, `Snapshots` out.

        Parameters
        ----------
        log : EventLog
            Events.
        cutoffs : iterable of str, date or datetime
            Beginnings of days, such as `Cutoffs.rolling` makes.
        observed_until : str, date, datetime or None, default=None
            Beginning of the first day that is not observed. None is midnight after the last event
            of the log: give the date where the data are known to reach further.

        Returns
        -------
        Snapshots
            One row per customer and cut-off, by cut-off and then by id.

        Raises
        ------
        DataError
            If a cut-off is not the beginning of a day, lies before the first event or after what
            is observed; if nobody belongs to the population; if a label's window is not observed
            and `unobserved` is "raise"; if a feature lacks its column.

        Warns
        -----
        DataWarning
            If rows have no label because their window is not observed: counted. If columns hold
            no number at any cut-off, as those of windows longer than the history: named. They
            stay, so that training and scoring have the same columns.
        """
        features, label, population = self._checked(log)
        days = [day_of(log.cutoff(c, OWNER, "cutoff"), OWNER) for c in Cutoffs(cutoffs)]
        bound = log.cutoff(observed_until, OWNER, "observed_until")
        observed = day_of(bound, OWNER, "observed_until")
        self._check_observed(label, days, observed)
        ends = [label._end(day, self.unit) for day in days]
        until = max([observed if end is None else min(end, observed) for end in ends] + days)
        ledger = _ledger(log, until, features)
        ledger.days.look_up([*days, *(end for end in ends if end is not None)])
        known = label._read(log, ledger)
        moments = self._moments(ledger, days, population, label, log, known)
        outcomes = [label._outcome(at, observed, known) for at in moments]
        columns = self._columns(features, moments, log)
        warn_of_empty(columns, max(int(at.age.max(initial=0)) for at in moments))
        X = _frames.matrix_frame(columns, like=log.data, owner=OWNER)
        return self._snapshots(X, moments, outcomes, log, observed)

    def transform(self, log: EventLog, as_of: Any = None) -> Any:
        """Look at customers now: events in, one row per customer of the population out.

        Parameters
        ----------
        log : EventLog
            Events.
        as_of : str, date, datetime or None, default=None
            The cut-off, a beginning of a day; None is midnight after the last event.

        Returns
        -------
        frame of customers
            The customer id first, then the features as in `Snapshots.X`; in the library of the
            log, ascending by id.

        Raises
        ------
        DataError
            As for `build`.
        """
        features, label, population = self._checked(log)
        day = day_of(log.cutoff(as_of, OWNER), OWNER, "as_of")
        ledger = _ledger(log, day, features)
        known = label._read(log, ledger)
        moments = self._moments(ledger, [day], population, label, log, known)
        columns = self._columns(features, moments, log)
        X = _frames.matrix_frame(columns, like=log.data, owner=OWNER, for_duckdb="pyarrow")
        table = _frames.beside(ledger.ids[moments[0].places], log.customer, {}, X)
        return _frames.hand_back(table, like=log.data)

    def _checked(self, log: EventLog) -> tuple[Sequence[Feature], Label, Active]:
        check_log(log, OWNER)
        check_choice(self.unit, "unit", ["D", "W"], OWNER)
        check_choice(self.unobserved, "unobserved", ["raise", "nan"], OWNER)
        check_choice(self.dtype, "dtype", ["float64", "float32"], OWNER)
        if self.n_jobs is not None and self.n_jobs != -1:
            check_whole(self.n_jobs, "n_jobs", OWNER, low=1)
        features = default_features(log) if self.features is None else _checked_list(self.features)
        population = Active() if self.population is None else self.population
        _check_kind(population, Active, "population", 'one such as Active("180D")')
        population._check(self.unit)
        label = NoPurchase() if self.label is None else self.label
        _check_kind(label, Label, "label", 'one such as NoPurchase("90D")')
        label._check(log, self.unit)
        return features, label, population

    def _check_observed(self, label: Label, days: list[int], observed: int) -> None:
        if days[-1] > observed:
            raise DataError(
                f"{OWNER}: the cut-off {_date(days[-1])} lies after what is observed, which ends "
                f"at {_date(observed)}. Choose earlier cut-offs, or give observed_until."
            )
        ends = [(day, label._end(day, self.unit)) for day in days]
        late = [(day, end) for day, end in ends if end is not None and end > observed]
        if late and self.unobserved == "raise":
            day, end = late[0]
            raise DataError(
                f"{OWNER}: the label of {len(late)} of {len(days)} cut-offs is not decided within "
                f"the log: the window of {_date(day)} ends at {_date(end)}, events are observed "
                f"until {_date(observed)}. Choose earlier cut-offs or a shorter horizon, give "
                'observed_until, or pass unobserved="nan".'
            )

    def _moments(
        self,
        ledger: Ledger,
        days: list[int],
        population: Active,
        label: Label,
        log: EventLog,
        known: Any,
    ) -> list[Moment]:
        """Those who are looked at, at every cut-off."""
        moments = []
        for day in days:
            at = known_at(ledger, day, self.unit, tuple(days))
            at = at.part(population._holds(at))
            asked = label._holds(at, known)
            moments.append(at if asked is None else at.part(asked))
        if not any(map(len, moments)):
            _refuse_nobody(days, population._text(self.unit) + label._asked, log)
        return moments

    def _columns(
        self, features: Sequence[Feature], moments: list[Moment], log: EventLog
    ) -> dict[str, npt.NDArray[Any]]:
        """Features of all moments, one under the other."""
        columns = feature_columns(features, moments, self.dtype, self.n_jobs or 1)
        if log.customer in columns:
            raise DataError(
                f"{OWNER}: the customer id is called {log.customer!r}, as is a feature. Rename it "
                "first."
            )
        return columns

    def _snapshots(
        self,
        X: Any,
        moments: list[Moment],
        outcomes: list[Outcome],
        log: EventLog,
        observed: int,
    ) -> Snapshots:
        label, population = self.label or NoPurchase(), self.population or Active()
        y = np.concatenate([outcome.y for outcome in outcomes])
        missing = np.isnan(y)
        if missing.any():
            warn_user(
                f"{OWNER}: {missing.sum():,} of {len(y):,} rows have no label: their windows end "
                f"after {_date(observed)}, the end of what is observed. Their y is NaN.",
                DataWarning,
            )
        elif label.is_binary:
            y = y.astype(np.int64)
        sizes = [len(at) for at in moments]
        places = np.concatenate([at.places for at in moments])
        ids = moments[0].ledger.ids[places]
        return Snapshots(
            X=X,
            y=y,
            groups=np.asarray(ids.to_numpy()),
            cutoff=np.repeat(_instants([at.day for at in moments]), sizes),
            label_end=np.repeat(_instants([outcome.end for outcome in outcomes]), sizes),
            duration=np.concatenate([outcome.duration for outcome in outcomes]),
            event=np.concatenate([outcome.event for outcome in outcomes]),
            population=population._text(self.unit) + label._asked,
            label=label._text(self.unit),
            customer=log.customer,
            unit=self.unit,
            observed_until=_instants([observed])[0],
            ids=ids,
            tz=log.tz,
        )


def _checked_list(features: object) -> Sequence[Feature]:
    """Groups of features that somebody chose."""
    if not isinstance(features, (list, tuple)):
        raise DataError(
            f"{OWNER}: features must be a list of groups such as [RFM(), Windows()], got "
            f"{features!r}."
        )
    for feature in features:
        _check_kind(feature, Feature, "features", "groups such as RFM() and Windows()")
    return features


def _check_kind(value: object, kind: type, name: str, example: str) -> None:
    """Refuse what is no group of features, label or population, and a class of them."""
    if not isinstance(value, kind):
        hint = f": {value.__name__} lacks its brackets" if isinstance(value, type) else ""
        raise DataError(f"{OWNER}: {name} must be {example}, got {value!r}{hint}.")


def _ledger(log: EventLog, until: int, features: Sequence[Feature]) -> Ledger:
    """The log sorted once, with the columns that the features read."""
    columns = dict.fromkeys(name for feature in features for name in feature._reads(log))
    ledger = read_ledger(log, until, OWNER, columns=tuple(columns))
    for feature in features:
        feature._check(ledger)
    return ledger


def _refuse_nobody(days: list[int], population: str, log: EventLog) -> NoReturn:
    raise EmptyPopulationError(
        f"{OWNER}: nobody is in the population ({population}) at {_date(days[0])}"
        f"{' or any other cut-off' if len(days) > 1 else ''}. Events reach from "
        f"{log.first_event:%Y-%m-%d} to {log.last_event:%Y-%m-%d}: choose another cut-off or "
        "population."
    )


def _instants(days: Sequence[int]) -> npt.NDArray[np.datetime64]:
    return np.array(days, dtype="datetime64[D]").astype("datetime64[us]")


def _date(day: int) -> str:
    return str(np.datetime64(day, "D"))
