"""Do the models hold? Fit on the past, compare with what customers then did.

The models see events before `as_of` only. What they expect in [as_of, as_of + horizon) is compared
with the purchases of that time, customer by customer, beside baselines that need little or no
model: each customer's own past rate, the mean rate of all, the hiatus rule (the own rate of those
who bought lately, tuned within the past), and NBD, in which nobody leaves.
"""

from datetime import datetime
from typing import Any

import numpy as np

from crmkit._progress import Progress, heard
from crmkit._units import HOURS
from crmkit._validation import Floats, check_choice, check_share
from crmkit.clv import AverageSpendModel, BetaGeoModel, NBDModel
from crmkit.events import EventLog
from crmkit.events._event_log import check_log
from crmkit.exceptions import DataError
from crmkit.pipelines._baselines import best_threshold, hiatus_rule, mean_rate, own_rate
from crmkit.pipelines._holdout_models import purchase_models, spend_models
from crmkit.pipelines._holdout_period import earlier_cutoff, holdout_period, length_of
from crmkit.pipelines._holdout_report import HoldoutReport
from crmkit.pipelines._split import Split, forecast, past

OWNER = "holdout_report"


def holdout_report(
    log: EventLog,
    as_of: Any = None,
    horizon: float | str | None = None,
    unit: str = "W",
    purchases: Any = None,
    *,
    spend: Any = None,
    covariates: Any = None,
    level: float | None = 0.8,
    random_state: int | np.random.RandomState | np.random.Generator | None = 0,
    verbose: int = 0,
) -> HoldoutReport:
    """Test purchase models on the last part of a log: events in, expected beside actual out.

    Look at it before you trust a forecast, and before you choose between models: ``print`` it for
    the whole table. One split is one season: a shop with a strong Christmas is over- or
    underestimated by it.

    Parameters
    ----------
    log : EventLog
        The events.
    as_of : str, date, datetime or None, default=None
        Exclusive end of what the models may see. None leaves the last third of the log as the
        holdout period (or exactly `horizon`, where it is given).
    horizon : float, str or None, default=None
        Length of the holdout period, in `unit`, or text such as "26W": whole days (hours, for
        ``unit="h"``). None is from `as_of` to the end of the log.
    unit : {"D", "W", "h"}, default="W"
        Unit of the ages and of `horizon`.
    purchases : purchase model, list of such, mapping of str to such, or None, default=None
        Unfitted models of `crmkit.clv`, called by their class or by the key; copies are fitted.
        None is ``BetaGeoModel()``. What columns a model needs of `summarize`, it gets. A
        `BoostedLifetimeValue` learns from the log before `as_of`, for this horizon and unit.
    spend : spend model, list of such, mapping of str to such, or None, default=None
        Unfitted models of spend per purchase, such as ``GammaGammaModel()``: spend in the holdout
        period is judged too, with `AverageSpendModel` beside them. None leaves spend away.
    covariates : dataframe or None, default=None
        What is known of each customer beside the purchases, a row a customer: the id, called as in
        the log, and the columns that a model asks for, such as those of
        ``ParetoNBDModel(covariates=["channel"])``. It must have been known before `as_of`. Where
        no model reads it, a warning says so.
    level : float or None, default=0.8
        Probability of the prediction intervals of the models that have `predict_interval`; None
        leaves the intervals away, which saves most of the time of a large log.
    random_state : int, Generator, RandomState or None, default=0
        Seed of the prediction intervals; the same whole number gives the same intervals.
    verbose : int, default=0
        1 tells the steps with counts and seconds: logger "crmkit", level INFO, or standard error
        where nothing listens there. 0 tells nothing.

    Returns
    -------
    HoldoutReport
        Expected and actual purchases of each customer, and their scores.

    Raises
    ------
    DataError
        If the period is not wholly within the log or not of whole days, nobody bought before
        `as_of`, two models have one name, one has the name of a baseline or is of the wrong kind,
        or `spend` is given and the log has no amounts.

    Examples
    --------
    >>> import crmkit as ck
    >>> log = ck.EventLog(ck.datasets.load_cdnow(sample=True))
    >>> report = ck.pipelines.holdout_report(log, as_of="1997-10-01", horizon=39)
    >>> report.n_customers, int(report.actual.sum())
    (2357, 1882)
    >>> report.scores()["poisson_deviance"].idxmin()
    'BetaGeoModel'
    """
    check_log(log, OWNER)
    check_choice(unit, "unit", HOURS, OWNER)
    if level is not None:
        check_share(level, "level", OWNER)
    progress = Progress(OWNER, verbose)
    start, until = holdout_period(log, as_of, horizon, unit)
    length = length_of(start, until, unit)
    models = purchase_models(BetaGeoModel() if purchases is None else purchases)
    spenders = {} if spend is None else spend_models(log, spend)
    seen = past(log, start, unit, models.values(), covariates)
    split = Split(log, seen, start, until, unit)
    progress.step(f"read {len(split.actual):,} customers before {start:%Y-%m-%d}")
    found = {}
    for name, model in models.items():
        found[name] = forecast(heard(model, verbose), split, length)
        progress.step(f"{name} fitted and asked")
    rules, tuned, threshold = simple_rules(log, split, length)
    has_nbd = any(type(model) is NBDModel for model in models.values())
    beside = {} if has_nbd else {NBDModel.__name__: NBDModel().fit(seen)}
    expected = {name: purchases for name, (purchases, _) in found.items()}
    expected |= rules | {name: model.predict(seen, length) for name, model in beside.items()}
    progress.step("baselines asked")
    ends = intervals(models | beside, seen, length, level, random_state)
    progress.step(f"intervals of {len(ends)} models drawn")
    return HoldoutReport(
        as_of=start,
        until=until,
        horizon=length,
        unit=unit,
        calibration_frequency=split.frequency,
        calibration_silence=split.hiatus,
        actual=split.actual,
        predictions=expected,
        models=models,
        hiatus_threshold=threshold,
        hiatus_tuned_from=tuned,
        level=level,
        intervals=ends,
        actual_spend=split.spend() if spenders else None,
        spend_predictions=spend_predictions(seen, expected, found, spenders),
        spend_models=spenders,
    )


def simple_rules(
    log: EventLog, split: Split, length: float
) -> tuple[dict[str, Floats], datetime | None, float | None]:
    """Forecasts without a model; where the hiatus rule was tuned from, and its threshold."""
    own = own_rate(split.frequency, split.T, length)
    found = {"own rate": own, "mean rate": mean_rate(split.frequency, split.T, length)}
    start, unit = split.start, split.unit
    begin = earlier_cutoff(log, start, length, unit)
    try:
        earlier = None if begin is None else Split(log, past(log, begin, unit), begin, start, unit)
    except DataError:  # nobody had bought by then
        earlier = None
    if earlier is None:
        return found, None, None
    threshold = best_threshold(earlier.hiatus, earlier.actual > 0)
    found["hiatus rule"] = hiatus_rule(own, split.hiatus, threshold)
    return found, begin, threshold


def intervals(
    models: dict[str, Any],
    seen: Any,
    length: float,
    level: float | None,
    random_state: int | np.random.RandomState | np.random.Generator | None,
) -> dict[str, Floats]:
    """Prediction intervals of the models that have them."""
    if level is None:
        return {}
    return {
        name: model.predict_interval(seen, horizon=length, level=level, random_state=random_state)
        for name, model in models.items()
        if hasattr(model, "predict_interval")
    }


def spend_predictions(
    seen: Any,
    expected: dict[str, Floats],
    found: dict[str, tuple[Floats, Floats | None]],
    spenders: dict[str, Any],
) -> dict[str, Floats]:
    """Expected purchases x expected spend: every model with every one, rules with the average."""
    if not spenders:
        return {}
    each = {kind: model.fit(seen).predict(seen) for kind, model in spenders.items()}
    average = next(k for k, model in spenders.items() if type(model) is AverageSpendModel)
    made: dict[str, Floats] = {}
    for name, (purchases, spend) in found.items():
        if spend is None:
            made |= {f"{name} x {kind}": purchases * amount for kind, amount in each.items()}
        else:
            made[name] = spend
    rules = [name for name in expected if name not in found and name != "mean rate"]
    made |= {f"{name} x {average}": expected[name] * each[average] for name in rules}
    made["mean rate x mean spend"] = expected["mean rate"] * spenders[average].mean_
    return made
