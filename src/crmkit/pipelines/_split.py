"""A cut through a log: customers of the past as arrays, beside what they did then."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from crmkit import _frames
from crmkit._validation import Floats
from crmkit.events import EventLog, summarize
from crmkit.events._summarize import EXTRAS
from crmkit.pipelines._baselines import Counts

OWNER = "holdout_report"


class Split:
    """Customers of the past as arrays, beside what they then bought until `until`."""

    def __init__(self, log: EventLog, seen: Any, until: datetime, unit: str) -> None:
        self.log, self.seen = log, seen
        self.later = _frames.to_eager(summarize(log, until, unit))  # type: ignore[arg-type]
        then, now = (
            pd.Index(_frames.column_values(c, log.customer, OWNER)) for c in (seen, self.later)
        )
        self.rows = now.get_indexer(then)
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


def past(log: EventLog, as_of: datetime, unit: str, models: Iterable[Any] = ()) -> Any:
    """Customers at `as_of` as an eager frame, with the columns that the models ask for."""
    wanted = {c for model in models for c in getattr(model, "_column_names", tuple)()}
    extras = [extra for extra in EXTRAS if extra in wanted]
    return _frames.to_eager(summarize(log, as_of, unit, extras=extras))  # type: ignore[arg-type]
