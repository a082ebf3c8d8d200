"""Does the model hold, and does it beat the simple rules? Forward in time, paired, with intervals.

At every test cut-off the models and the baselines learn from the snapshots whose labels were known
by then, and from no others; what they foretell is compared with what came, customer by customer.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit._progress import Progress
from crmkit._validation import Floats, check_whole, generator
from crmkit.churn._churn_report import ChurnReport
from crmkit.churn._report_draws import draws
from crmkit.churn._report_models import OWNER, ToldWith, entrants, foretold, learnt
from crmkit.churn._snapshots import Snapshots
from crmkit.exceptions import DataError, DataWarning, warn_user
from crmkit.metrics._checks import check_level
from crmkit.model_selection import PurgedForwardSplit
from crmkit.model_selection._instants import told

FEW_TESTS, MOST_TESTS = 2, 4

_DAY = np.timedelta64(1, "D")

Rows = npt.NDArray[np.intp]


def churn_report(
    model: Any,
    snapshots: Snapshots,
    *,
    baselines: Any = None,
    splitter: PurgedForwardSplit | None = None,
    level: float = 0.95,
    n_resamples: int = 300,
    random_state: int | np.random.Generator | np.random.RandomState | None = 0,
    verbose: int = 0,
) -> ChurnReport:
    """Test churn models forward in time beside the simple rules: snapshots in, a report out.

    Look at it before you trust a model, and before you choose between models: ``print`` it. A copy
    of each model is fitted anew for every test cut-off. Snapshots of one cut-off, and tables
    without time, cannot be tested so: use folds of scikit-learn, and believe them less.

    Parameters
    ----------
    model : classifier, list of such, or mapping of str to such
        Any classifier of scikit-learn's kind, such as ``ChurnClassifier()`` or a pipeline; several
        are called by their class or by the key. Copies are fitted. `cutoff`, `label_end` and
        `groups` are passed to a `fit` that names them, or that requests them by metadata routing.
    snapshots : Snapshots
        Customers at several cut-offs with labels of churn, as `SnapshotBuilder.build` makes them.
        Rows without a label are left aside with a warning.
    baselines : classifier, list, mapping of str to such, or None, default=None
        Baselines besides the usual ones, which are `RFMLogistic` and `RecencyRule` (as far as the
        snapshots have their columns) and the base rate. A purchase model is a good one:
        ``{"BG/NBD": BTYDChurn(BetaGeoModel(), horizon="90D")}``, with the horizon of the label; it
        is fitted anew as well, even if it was fitted. The name of a usual one replaces it, and
        ``{"RFMLogistic": None}`` leaves it away.
    splitter : PurgedForwardSplit or None, default=None
        Which cut-offs are tested on, with embargo or on other customers; None tests on the latest
        before which a model has labels to learn from and to be validated by, at most 4 of them; on
        two that have labels to learn from where fewer have both.
    level : float, default=0.95
        Probability of the intervals, above 0 and below 1.
    n_resamples : int, default=300
        How often customers are drawn, at least 2; the time grows with it and with the rows: about
        three seconds for 10,000 rows and four forecasts.
    random_state : int, Generator, RandomState or None, default=0
        Seed of the resamples; the models have their own.
    verbose : int, default=0
        1 tells the steps with counts and seconds: logger "crmkit", level INFO, or standard error
        where nothing listens there. 0 tells nothing.

    Returns
    -------
    ChurnReport
        Scores at each test cut-off, their means, paired differences, calibration, predictions.

    Raises
    ------
    DataError
        If no cut-off lies after a label to learn from, labels are not 0 and 1 or all alike at a
        test cut-off or before it, a model has no `predict_proba`, two have one name, or a
        parameter is out of its range.

    Warns
    -----
    DataWarning
        If rows have no label: counted.

    See Also
    --------
    crmkit.model_selection.PurgedForwardSplit : Which rows may train.
    crmkit.metrics.score_intervals : The same for forecasts that you have already.
    leakage_check : Run it when a score is too good.

    References
    ----------
    .. [1] Lopez de Prado, M. (2018). Advances in Financial Machine Learning, chapter 7. Wiley.
    .. [2] Cameron, A. C., Gelbach, J. B. and Miller, D. L. (2008). Bootstrap-based improvements
       for inference with clustered errors. Review of Economics and Statistics 90, 414-427.

    Examples
    --------
    >>> import crmkit as ck
    >>> from crmkit.churn import Cutoffs, NoPurchase, RFMLogistic, SnapshotBuilder, churn_report
    >>> log = ck.EventLog(ck.datasets.make_customers(400, random_state=0).events)
    >>> builder = SnapshotBuilder(label=NoPurchase("60D"))
    >>> snapshots = builder.build(log, Cutoffs.rolling("2024-09-01", step="60D", n=4))
    >>> model = RFMLogistic(columns=["days_since_last", "frequency", "T"])
    >>> report = churn_report({"three columns": model}, snapshots, n_resamples=100)
    >>> len(report.splits), report.best_baseline("roc_auc")
    (2, 'RFMLogistic')
    >>> report.differences("log_loss", to="base rate")["verdict"].item()
    'better'
    >>> print(report)
    ChurnReport, tested forward in time: three columns beside 3 baselines
    ...
    """
    check_level(level, OWNER)
    check_whole(n_resamples, "n_resamples", OWNER, low=2)
    random, progress = generator(random_state, OWNER), Progress(OWNER, verbose)
    known, n_aside = labelled_rows(snapshots)
    splitter = checked_splitter(splitter, known)
    splits = list(splitter.split(known))
    check_classes(known, splits)
    who = entrants(model, baselines, known)
    run = run_all(who.all, known, splits, progress)
    tested = known.subset(np.concatenate([test for _, test in splits]))
    scores = draws(
        tested.y.astype(np.float64),
        run.probabilities,
        tested.cutoff,
        tested.groups,
        n_resamples,
        random,
        OWNER,
        progress,
    )
    progress.step(f"drew the customers {n_resamples:,} times")
    return ChurnReport(
        tested=tested,
        probabilities=run.probabilities,
        models=tuple(who.models),
        baselines=tuple(who.baselines),
        fitted=run.fitted,
        splits=split_table(splitter, known, splits),
        splitter=repr(splitter),
        level=float(level),
        n_resamples=int(n_resamples),
        n_left_aside=n_aside,
        notes=who.notes,
        draws=scores,
    )


@dataclass(frozen=True, eq=False)
class Run:
    """Probabilities of the tested rows in order of the splits, and the fitted copies, by name."""

    probabilities: dict[str, Floats]
    fitted: dict[str, list[Any]]


def run_all(
    models: dict[str, Any], known: Snapshots, splits: list[tuple[Rows, Rows]], progress: Progress
) -> Run:
    """Fit every model for every test cut-off, and ask it about the customers there."""
    fitted: dict[str, list[Any]] = {name: [] for name in models}
    found: dict[str, list[Floats]] = {name: [] for name in models}
    for train, test in splits:
        past, now = known.subset(train), known.subset(test)
        for name, model in models.items():
            with ToldWith(f"{OWNER}: {name!r} at {at_test(now)}"):
                fitted[name].append(learnt(model, past))
                found[name].append(foretold(fitted[name][-1], name, now))
            rows = f"learnt from {len(past):,} rows and foretold {len(now):,} of {at_test(now)}"
            progress.step(f"{name} {rows}")
    return Run({name: np.concatenate(each) for name, each in found.items()}, fitted)


def labelled_rows(snapshots: Any) -> tuple[Snapshots, int]:
    """The rows whose label is known, as 0 and 1, and how many others there are."""
    if not isinstance(snapshots, Snapshots):
        raise DataError(
            f"{OWNER}: snapshots must be Snapshots, as SnapshotBuilder(...).build(log, cutoffs) "
            f"makes them, got {type(snapshots).__name__}."
        )
    y = np.asarray(snapshots.y)
    missing = np.asarray(pd.isna(y))
    if missing.all():
        raise DataError(
            f"{OWNER}: none of {len(y):,} rows has a label ({snapshots.label}). Choose cut-offs "
            f"whose label ends by {told(snapshots.observed_until.astype('M8[us]').astype(int))}."
        )
    if missing.any():
        warn_user(
            f"{OWNER}: {missing.sum():,} of {len(y):,} rows have no label and are left aside. "
            "Choose earlier cut-offs to silence this.",
            DataWarning,
        )
        snapshots, y = snapshots.subset(~missing), y[~missing]
    wrong = ~np.isin(y, [0, 1])
    if wrong.any():
        raise DataError(
            f"{OWNER}: labels must be 1 (churned) and 0 (stayed), got {wrong.sum():,} others "
            f"(first at row {wrong.argmax():,}: {y[wrong.argmax()]}); the label is "
            f'"{snapshots.label}". Build the snapshots with a yes-or-no label such as '
            'NoPurchase("90D").'
        )
    return replace(snapshots, y=y.astype(np.int64)), int(missing.sum())


def checked_splitter(splitter: Any, known: Snapshots) -> PurgedForwardSplit:
    """The splitter that was given, or the usual one, where the cut-offs allow it."""
    if splitter is not None:
        if not isinstance(splitter, PurgedForwardSplit):
            raise DataError(
                f"{OWNER}: splitter must be a PurgedForwardSplit, got {splitter!r}. Other splits "
                "let labels of the same days stand on both sides."
            )
        return splitter
    if known.label_end.min() > known.cutoff.max():
        raise DataError(too_few_cutoffs(known))
    n = PurgedForwardSplit().get_n_splits(known)
    return PurgedForwardSplit(min(max(n_validated(known), FEW_TESTS), n, MOST_TESTS))


def n_validated(known: Snapshots) -> int:
    """Test cut-offs before which a model can itself be validated forward in time.

    Among the cut-offs it learns from, one has its labels by the last of them.
    """
    begins, place = np.unique(known.cutoff, return_inverse=True)
    ends = np.full(len(begins), known.label_end.min())
    np.maximum.at(ends, place, known.label_end)
    learnt = [ends <= test for test in begins]
    return sum(bool(some.any() and (ends[some] <= begins[some].max()).any()) for some in learnt)


def too_few_cutoffs(known: Snapshots) -> str:
    """Why nothing can be tested forward in time, and which cut-offs would do."""
    there = [told(each.astype(np.int64)) for each in np.unique(known.cutoff)]
    last, end = known.cutoff.max(), known.label_end.min()
    days = int(np.ceil((known.label_end - known.cutoff).max() / _DAY))
    earlier = told((last - days * _DAY).astype(np.int64))
    many = f"the only cut-off is {there[0]}" if len(there) == 1 else f"cut-offs are {there}"
    return (
        f"{OWNER}: nothing can be tested forward in time: {many}, and the first label is known on "
        f"{told(end.astype(np.int64))}, after the last cut-off. A model learns from labels that "
        f"were known by the test cut-off, so two cut-offs must lie at least a label apart, here "
        f"{days} days. Add one at {earlier} or earlier, such as by "
        f"Cutoffs.rolling({there[-1]!r}, step='{days}D', n=3), which gives two tests, or shorten "
        "the horizon."
    )


def check_classes(known: Snapshots, splits: list[tuple[Rows, Rows]]) -> None:
    """Refuse test cut-offs at which, or before which, all customers did the same."""
    for train, test in splits:
        now = known.subset(test)
        for rows, what in ((train, "to learn from for"), (test, "at")):
            y = known.y[rows]
            if y.min() == y.max():
                did = "churned" if y[0] else "stayed"
                raise DataError(
                    f"{OWNER}: all {len(y):,} rows {what} {at_test(now)} {did}, so there is no "
                    "order to judge. Leave it out by splitter=PurgedForwardSplit("
                    "test_cutoffs=[...]), or take another horizon or a wider population."
                )


def at_test(now: Snapshots) -> str:
    """The test cut-off of some rows in words."""
    return f"the test cut-off {told(now.cutoff[0].astype(np.int64))}"


def split_table(
    splitter: PurgedForwardSplit, known: Snapshots, splits: list[tuple[Rows, Rows]]
) -> pd.DataFrame:
    """What each split holds, with the first cut-off that trained."""
    table = splitter.summary(known)
    first = np.array([known.cutoff[train].min() for train, _ in splits])
    table.insert(1, "first_train_cutoff", first)
    return table
