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
from crmkit.exceptions import DataError
from crmkit.pipelines._baselines import Counts

OWNER = "holdout_report"


class Split:
    """Customers of the past as arrays, beside what they then bought until `until`."""

    def __init__(self, log: EventLog, seen: Any, until: datetime, unit: str) -> None:
        self.log, self.seen = log, seen
        self.later = _frames.to_eager(summarize(log, until, unit))  # type: ignore[arg-type]
        self.ids = pd.Index(self.column(seen, log.customer))
        self.rows = pd.Index(self.column(self.later, log.customer)).get_indexer(self.ids)
        self.frequency: Counts = self.column(seen, "frequency")
        self.T, self.recency = self.column(seen, "T"), self.column(seen, "recency")
        total = self.column(self.later, "frequency")[self.rows]
        self.actual: Counts = np.asarray(total - self.frequency, dtype=np.int64)

    @staticmethod
    def column(frame: Any, name: str) -> Any:
        return _frames.column_values(frame, name, OWNER)

    @property
    def hiatus(self) -> Floats:
        """Time since the last purchase, in the unit of the ages."""
        return np.asarray(self.T - self.recency)

    def spend(self) -> Floats:
        """Amount of the later purchases; where refunds are more, none."""
        before, after = (self.column(c, "total_amount") for c in (self.seen, self.later))
        return np.asarray(np.maximum(after[self.rows] - before, 0.0))


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
    if not lacking or covariates is None:
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
        raise DataError(
            f"{OWNER}: covariates lacks {(rows < 0).sum():,} of {len(ids):,} customers (first "
            f"{ids[rows.argmin()]!r}). Add them, or leave them out of the log."
        )
    return dict(zip(names, columns[rows].T, strict=True))


def forecast(
    model: Any, split: Split, start: datetime, length: float, unit: str
) -> tuple[Floats, Floats | None]:
    """Fit a model on the past; purchases it expects, and spend where it expects that itself."""
    if not isinstance(model, BoostedLifetimeValue):
        return model.fit(split.seen).predict(split.seen, length), None
    hours = round(length * HOURS[unit])
    model.set_params(horizon=f"{hours}h" if unit == "h" else f"{hours // 24}D", unit=unit)
    table = _frames.to_eager(model.fit(split.log, as_of=start).predict(split.log, as_of=start))
    rows = pd.Index(split.column(table, split.log.customer)).get_indexer(split.ids)
    purchases, spend = (
        np.asarray(split.column(table, name), dtype=np.float64)[rows]
        for name in ("expected_purchases", "expected_spend_total")
    )
    return purchases, spend
