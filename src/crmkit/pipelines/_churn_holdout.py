"""Would the recipe have told who left? It is carried out a horizon earlier, and compared."""

from datetime import timedelta
from typing import Any

from sklearn.base import clone

from crmkit._progress import Progress, heard
from crmkit.churn import ChurnReport, churn_report
from crmkit.events import EventLog
from crmkit.events._event_log import check_log
from crmkit.exceptions import DataError
from crmkit.model_selection import PurgedForwardSplit
from crmkit.pipelines._churn import ChurnPipeline
from crmkit.pipelines._churn_plan import day_of

OWNER = "churn_holdout"


def churn_holdout(
    log: EventLog,
    as_of: Any = None,
    recipe: ChurnPipeline | None = None,
    *,
    baselines: Any = None,
    level: float = 0.95,
    n_resamples: int = 200,
    random_state: Any = 0,
    verbose: int = 0,
) -> ChurnReport:
    """Test the recipe of churn on the last horizon of a log: events in, a `ChurnReport` out.

    Look at it before you act on a risk: ``print`` it. The whole recipe, the choice of the
    classifier included, is carried out as if the horizon before `as_of` had not come yet; who was
    active then is compared with what they did. One test is one season.

    Parameters
    ----------
    log : EventLog
        The events.
    as_of : str, date, datetime or None, default=None
        Exclusive end of what is known of the outcome, a beginning of a day; None is midnight after
        the last event.
    recipe : ChurnPipeline or None, default=None
        What to test, fitted or not: a copy is fitted. A horizon of None is chosen from the log
        until `as_of`, as `fit` would. None is ``ChurnPipeline()``.
    baselines : classifier, list, mapping of str to such, or None, default=None
        As in `crmkit.churn.churn_report`: besides RFM, recency and the base rate.
    level : float, default=0.95
        Probability of the intervals.
    n_resamples : int, default=200
        How often customers are drawn for them.
    random_state : int, Generator, RandomState or None, default=0
        Seed of the resamples.
    verbose : int, default=0
        1 tells the steps with counts and seconds: logger "crmkit", level INFO, or standard error
        where nothing listens there. 0 tells nothing.

    Returns
    -------
    ChurnReport
        Scores of the recipe ("ChurnClassifier") beside the baselines, paired differences,
        calibration and predictions.

    Raises
    ------
    DataError
        If the log is shorter than three horizons, or too few left or stayed.

    See Also
    --------
    holdout_report : The same for purchases and spend.

    Examples
    --------
    >>> import crmkit as ck
    >>> from crmkit.churn import RFM, ChurnClassifier
    >>> log = ck.EventLog(ck.datasets.load_cdnow(sample=True))
    >>> model = ChurnClassifier("spline_logistic", calibrate="none")
    >>> recipe = ck.pipelines.ChurnPipeline("90D", features=[RFM()], model=model)
    >>> check = ck.pipelines.churn_holdout(log, "1998-07-01", recipe, n_resamples=50)
    >>> len(check.y), check.models, check.baselines
    (590, ('ChurnClassifier',), ('RFMLogistic', 'RecencyRule', 'base rate'))
    """
    check_log(log, OWNER)
    recipe = ChurnPipeline() if recipe is None else recipe
    if not isinstance(recipe, ChurnPipeline):
        raise DataError(f"{OWNER}: recipe must be a ChurnPipeline, got {recipe!r}.")
    day = day_of(log, as_of, OWNER)
    progress = Progress(OWNER, verbose)
    recipe = clone(recipe)
    model = heard(recipe._checked(), verbose)
    asked = recipe._asked(log, day)
    start = day - timedelta(days=asked.horizon)
    cutoffs = [*recipe._cutoffs_before(log, start, asked), start]
    known = recipe._snapshots(log, cutoffs, day, asked)[0]
    progress.step(f"took {len(known):,} snapshots, the last of {start:%Y-%m-%d}")
    return churn_report(
        model,
        known,
        baselines=baselines,
        splitter=PurgedForwardSplit(test_cutoffs=[start]),
        level=level,
        n_resamples=n_resamples,
        random_state=random_state,
        verbose=verbose,
    )
