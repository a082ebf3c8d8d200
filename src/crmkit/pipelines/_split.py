"""A cut through a log: customers of the past beside what they did then and what models expect."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit import _frames
from crmkit._units import HOURS
from crmkit._validation import Floats
from crmkit.clv import BoostedLifetimeValue
from crmkit.events import EventLog, summarize
from crmkit.events._summarize import EXTRAS
from crmkit.events._windows import period_of, read_histories, sums_between
from crmkit.exceptions import DataError, DataWarning, warn_user
from crmkit.pipelines._baselines import Counts

OWNER = "holdout_report"
PERIOD: dict[str, _frames.Period] = {"h": "h", "D": "D", "W": "D"}
"""What purchases merge by, for ages in each unit."""

ROUNDING = 1e-9  # of all that was paid and refunded: what is less is no money


class Split:
    """Customers of the past as arrays, beside what they then bought until `until`."""

    def __init__(
        self, log: EventLog, seen: Any, start: datetime, until: datetime, unit: str
    ) -> None:
        self.log, self.seen = log, seen
        self.start, self.until, self.unit = start, until, unit
        later = _frames.to_eager(summarize(log, until, unit))  # type: ignore[arg-type]
        self.ids = pd.Index(self.column(seen, log.customer))
        rows = pd.Index(self.column(later, log.customer)).get_indexer(self.ids)
        self.frequency: Counts = self.column(seen, "frequency")
        self.T, self.recency = self.column(seen, "T"), self.column(seen, "recency")
        total = self.column(later, "frequency")[rows]
        self.actual: Counts = np.asarray(total - self.frequency, dtype=np.int64)

    @staticmethod
    def column(frame: Any, name: str) -> Any:
        return _frames.column_values(frame, name, OWNER)

    @property
    def hiatus(self) -> Floats:
        """Time since the last purchase, in the unit of the ages; equal times are equal numbers."""
        per_unit = HOURS[self.unit] / HOURS[PERIOD[self.unit]]
        return np.asarray(np.rint((self.T - self.recency) * per_unit) / per_unit)

    def spend(self) -> Floats:
        """Amount of the later purchases; where refunds are more, none."""
        period = PERIOD[self.unit]
        histories = read_histories(self.log, self.until, period, OWNER)
        last = period_of(_frames.microseconds(self.start) - 1, period, self.log)
        money = histories.money
        begin, end = money.until(last), money.start[1:]
        total = sums_between(histories.spent, begin, end)
        turnover = sums_between(np.abs(histories.spent), begin, end)
        spent: Floats = np.where(total > ROUNDING * turnover, total, 0.0)
        rows = pd.Index(histories.ids.to_numpy()).get_indexer(self.ids)
        return np.asarray(spent[rows])


def past(
    log: EventLog,
    as_of: datetime,
    unit: str,
    models: Iterable[Any] = (),
    covariates: Any = None,
) -> Any:
    """Customers at `as_of` as an eager frame, with the columns that the models ask for."""
    asked = [c for model in models for c in getattr(model, "_column_names", tuple)()]
    extras = [extra for extra in EXTRAS if extra in asked]
    seen = _frames.to_eager(summarize(log, as_of, unit, extras=extras))  # type: ignore[arg-type]
    names = _frames.column_names(seen, OWNER)
    lacking = [name for name in dict.fromkeys(asked) if name not in names]
    if covariates is None:
        return seen
    if not lacking:
        warn_user(
            f"{OWNER}: no model reads covariates. Name the columns in a model that can, such as "
            'ParetoNBDModel(covariates=["channel"]), or leave covariates= away.',
            DataWarning,
        )
        return seen
    found = known(covariates, lacking, log.customer, _frames.column_values(seen, names[0], OWNER))
    return _frames.attach(seen, keep=names, add=found, owner=OWNER)


def known(
    covariates: Any, names: Sequence[str], customer: str, ids: npt.NDArray[Any]
) -> dict[str, Floats]:
    """Columns of `covariates` for these customers, in their order."""
    table = _frames.to_eager(covariates)
    columns = np.asarray(_frames.float_columns(table, names, OWNER))
    listed = pd.Index(_frames.column_values(table, customer, OWNER))
    if not listed.is_unique:
        raise DataError(
            f"{OWNER}: covariates has {listed.duplicated().sum():,} repeated customers in "
            f"{customer!r}. One row a customer is needed."
        )
    rows = listed.get_indexer(pd.Index(ids))
    if (rows < 0).any():
        first, other = pd.Index(ids)[[rows.argmin()]].tolist()[0], listed[:1].tolist()
        cure = "Add them, or leave them out of the log."
        if (rows < 0).all() and other and type(other[0]) is not type(first):
            cure = f"Its ids are of another type, such as {other[0]!r}: convert them."
        raise DataError(
            f"{OWNER}: covariates lacks {(rows < 0).sum():,} of {len(ids):,} customers (first "
            f"{first!r}). {cure}"
        )
    return dict(zip(names, columns[rows].T, strict=True))


def forecast(model: Any, split: Split, length: float) -> tuple[Floats, Floats | None]:
    """Fit a model on the past; purchases it expects, and spend where it expects that itself."""
    if not isinstance(model, BoostedLifetimeValue):
        return model.fit(split.seen).predict(split.seen, length), None
    start, period = split.start, PERIOD[split.unit]
    periods = round(length * HOURS[split.unit] / HOURS[period])
    model.set_params(horizon=f"{periods}{period}", unit=split.unit)
    table = _frames.to_eager(model.fit(split.log, as_of=start).predict(split.log, as_of=start))
    rows = pd.Index(split.column(table, split.log.customer)).get_indexer(split.ids)
    purchases, spend = (
        np.asarray(split.column(table, name), dtype=np.float64)[rows]
        for name in ("expected_purchases", "expected_spend_total")
    )
    return purchases, spend
