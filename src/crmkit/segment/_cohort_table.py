"""CohortTable: what became of those who came together, by age."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit._notebook import Told
from crmkit._validation import Floats
from crmkit.segment._periods import WORDS, period_names, period_of_days

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class CohortTable(Told):
    """Hold a measure by cohort and age; `cohort_table` makes it.

    Age 0 is the period of the first purchase, age 1 the period after it, and so on.

    Attributes
    ----------
    measure : str
        "retention", "customers", "orders" or "revenue".
    per : str
        "cohort" for sums, "customer" for means.
    cumulative : bool
        Whether ages are added up.
    period : str
        "W", "M", "Q" or "Y".
    by : str or None
        Column whose value at the first purchase makes a cohort; None for its period.
    as_of : datetime
        The cut-off.
    unfinished : bool
        Whether the last period had not ended at the cut-off.
    cohorts : ndarray of shape (n_cohorts,)
        First day of the first period (datetime64), or the value of the column.
    labels : tuple of str
        The cohorts in short words, such as "2024-02".
    sizes : ndarray of int, shape (n_cohorts,)
        Customers of each cohort.
    values : ndarray of shape (n_cohorts, n_ages)
        The measure; NaN where nothing was observed yet.
    n_customers : ndarray of int, shape (n_cohorts, n_ages)
        Customers that a cell tells of.
    complete : ndarray of bool, shape (n_cohorts, n_ages)
        Whether the period of a cell is over; an unfinished one must not be read as a fall.
    """

    measure: str
    per: str
    cumulative: bool
    period: str
    by: str | None
    as_of: datetime
    unfinished: bool
    cohorts: npt.NDArray[Any] = field(repr=False)
    labels: tuple[str, ...] = field(repr=False)
    sizes: npt.NDArray[np.int64] = field(repr=False)
    values: Floats = field(repr=False)
    n_customers: npt.NDArray[np.int64] = field(repr=False)
    complete: npt.NDArray[np.bool_] = field(repr=False)
    library: str = field(repr=False)

    def frame(self) -> Any:
        """Every observed cell, one row each, in the library of the log.

        Returns
        -------
        frame
            `cohort`, `size` (customers of the cohort), `age` (periods since the first purchase),
            `n_customers` (that the cell tells of), the measure under its own name, and `complete`.
        """
        row, age = np.nonzero(~np.isnan(self.values))
        columns = {
            "cohort": self.cohorts[row],
            "size": self.sizes[row],
            "age": age,
            "n_customers": self.n_customers[row, age],
            self.measure: self.values[row, age],
            "complete": self.complete[row, age],
        }
        return _frames.id_frame(columns, {"library": self.library, "types": {}})

    def wide(self, *, unfinished: bool = False) -> "pd.DataFrame":
        """One row per cohort, one column per age.

        Parameters
        ----------
        unfinished : bool, default=False
            Whether to show the cells of the unfinished period, which only look like a fall;
            otherwise they are NaN.

        Returns
        -------
        pandas.DataFrame
            The measure; NaN where nothing was observed yet.
        """
        import pandas as pd  # counts do without it

        values = self.values if unfinished else np.where(self.complete, self.values, np.nan)
        rows = pd.Index(self.labels, name="cohort")
        return pd.DataFrame(values, index=rows, columns=pd.RangeIndex(values.shape[1], name="age"))

    def _tables(self) -> dict[str, Any]:
        return {self.measure.capitalize(): self.wide()}

    def __repr__(self) -> str:
        told = f"{self.measure} of {int(self.sizes.sum()):,} customers in {len(self.sizes)} cohorts"
        return f"<CohortTable: {told}, as of {self.as_of:%Y-%m-%d}>"

    def __str__(self) -> str:
        word = WORDS[self.period]
        of = f"{word} of the first purchase" if self.by is None else f"{self.by!r} at first"
        what = f"{'Cumulative ' if self.cumulative else ''}{self.measure}"
        what += " per customer" if self.per == "customer" and self.measure != "retention" else ""
        note = "NaN: not observed yet."
        if self.unfinished:
            day = np.array([np.datetime64(self.as_of.date()) - 1]).astype(np.int64)
            last = period_names(period_of_days(day, self.period), self.period)[0]
            last = f"The week from {last}" if self.period == "W" else last
            note += f" {last} had not ended on {self.as_of:%Y-%m-%d} and is left out."
        digits = {"retention": 3, "customers": 0}.get(self.measure, 2)
        table = self.wide()
        table.insert(0, "size", self.sizes)
        return "\n\n".join(
            [
                f"{what[0].upper()}{what[1:]} by {of} and age in {word}s: {len(self.labels)} "
                f"cohorts, {self.sizes.sum():,} customers",
                table.round(digits).to_string(),
                note,
            ]
        )
