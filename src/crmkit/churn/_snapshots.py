"""Snapshots: customers as they were at cut-offs, beside what they did afterwards."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit._notebook import Told
from crmkit.churn._cutoffs import Cutoffs
from crmkit.events._instants import on_log_clock, read_instant
from crmkit.exceptions import DataError

if TYPE_CHECKING:
    import pandas as pd

OWNER = "Snapshots"
ARRAYS = ("y", "groups", "cutoff", "label_end", "duration", "event")


@dataclass(frozen=True, eq=False)
class Snapshots(Told):
    """Hold snapshots: one row per customer and cut-off, features and labels side by side.

    `SnapshotBuilder.build` makes them. The arrays are in the row order of `X`: by cut-off, then by
    customer. All instants are on the clock of the log (local time, without a zone).

    Parameters
    ----------
    X : frame of snapshots
        Features only, in the library of the log (pandas where that was duckdb).
    y : ndarray of shape (n_rows,)
        The label; for churn 1 is churned, 0 stayed. NaN where it could not be observed.
    groups : ndarray of shape (n_rows,)
        Customer ids.
    cutoff : ndarray of datetime64[us], shape (n_rows,)
        Cut-off of each row: X knows what lies before it.
    label_end : ndarray of datetime64[us], shape (n_rows,)
        When the label was known: everything that `y`, `duration` and `event` tell lies before it.
    duration : ndarray of shape (n_rows,)
        Time from the cut-off to the event, or as long as was watched; in `unit`. The day of the
        cut-off is the first: who buys on it has a duration of one day.
    event : ndarray of bool, shape (n_rows,)
        Whether the event was seen; if not, the duration is censored. For `NoPurchase` and `Spend`
        it is the next purchase from the cut-off on, be it in the gap of the label.
    population : str
        On whom, in words.
    label : str
        What is told, in words.
    customer : str
        Name of the column of ids.
    unit : str
        Unit of ages and durations.
    observed_until : datetime64[us]
        Bound of what was observed.
    ids : series
        `groups` as the library of the log holds them.
    tz : str or None, default=None
        Time zone of the log, in which its days begin.

    Notes
    -----
    Arrays are read-only, as rows belong together: take a copy to change one.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from crmkit.churn import NoPurchase, RFM, SnapshotBuilder
    >>> days = pd.to_datetime(["2023-05-02", "2023-06-10", "2023-07-15", "2023-05-20"])
    >>> frame = pd.DataFrame({"customer_id": list("pppq"), "timestamp": days, "amount": 9.0})
    >>> builder = SnapshotBuilder([RFM()], label=NoPurchase("30D"))
    >>> snapshots = builder.build(ck.EventLog(frame), ["2023-06-10"])
    >>> snapshots
    Snapshots(2 rows of 2 customers, 7 features)
      population: active within 180D
      label:      no purchase in 30D; mean 0.500
      2023-06-10  2 rows, mean label 0.500, known by 2023-07-10
    >>> snapshots.frame()[["customer_id", "cutoff", "days_since_last", "y"]]
      customer_id     cutoff  days_since_last  y
    0           p 2023-06-10             39.0  0
    1           q 2023-06-10             21.0  1
    """

    X: Any
    y: npt.NDArray[Any]
    groups: npt.NDArray[Any]
    cutoff: npt.NDArray[np.datetime64]
    label_end: npt.NDArray[np.datetime64]
    duration: npt.NDArray[np.float64]
    event: npt.NDArray[np.bool_]
    population: str
    label: str
    customer: str
    unit: str
    observed_until: np.datetime64
    ids: Any = field(repr=False)
    tz: str | None = None

    def __post_init__(self) -> None:
        for name in ARRAYS:
            array = np.asarray(getattr(self, name)).view()
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    @property
    def feature_names(self) -> list[str]:
        """Names of the columns of `X`."""
        return _frames.column_names(self.X, OWNER)

    @property
    def cutoffs(self) -> Cutoffs:
        """The distinct cut-offs, ascending."""
        return Cutoffs(np.unique(self.cutoff))

    @property
    def n_unobserved(self) -> int:
        """Rows whose label could not be observed: their `y` is NaN."""
        return int(np.isnan(self.y).sum()) if self.y.dtype.kind == "f" else 0

    def __len__(self) -> int:
        return len(self.y)

    def frame(self) -> Any:
        """Everything in one table: id, `cutoff`, the features and `y`, one row per snapshot.

        Returns
        -------
        frame of snapshots
            In the library of `X`.

        Raises
        ------
        DataError
            If the ids or a feature are called like another column.
        """
        names = [self.customer, "cutoff", *self.feature_names, "y"]
        if len(set(names)) < len(names):
            twice = sorted({name for name in names if names.count(name) > 1})
            raise DataError(f"{OWNER}: two columns would be called {twice}. Rename one.")
        table = _frames.beside(self.ids, self.customer, {"cutoff": self.cutoff}, self.X)
        return _frames.attach(table, keep=names[:-1], add={"y": self.y}, owner=OWNER)

    def subset(self, mask: npt.ArrayLike) -> Self:
        """Some of the rows: a mask or row numbers in, snapshots out.

        Parameters
        ----------
        mask : array-like of bool of shape (n_rows,), or of int
            Rows to keep.

        Returns
        -------
        Snapshots
            The rows, in their order.

        Raises
        ------
        DataError
            If it is neither, a mask is not as long as the snapshots, or a row number is beyond
            them or given twice.
        """
        rows = _rows(mask, len(self))
        return replace(
            self,
            X=_frames.take_rows(self.X, rows, OWNER),
            ids=self.ids[rows],
            **{name: getattr(self, name)[rows] for name in ARRAYS},
        )

    def at(self, cutoff: Any) -> Self:
        """The rows of one cut-off: a date in, snapshots out.

        Parameters
        ----------
        cutoff : str, date or datetime
            One of `cutoffs`; without a time zone it is on the clock of the log.

        Returns
        -------
        Snapshots
            Its rows.

        Raises
        ------
        DataError
            If no row has this cut-off.
        """
        zone = None if self.tz is None else ZoneInfo(self.tz)
        instant = on_log_clock(read_instant(cutoff, "cutoff", OWNER), zone, OWNER, "cutoff")
        wanted = np.datetime64(instant.replace(tzinfo=None), "us")
        found = self.cutoff == wanted
        if not found.any():
            raise DataError(f"{OWNER}: no rows at {wanted}. Cut-offs: {list(self._rows_by_day())}.")
        return self.subset(found)

    def _rows_by_day(self) -> dict[str, npt.NDArray[np.bool_]]:
        return {str(c.astype("M8[D]")): self.cutoff == c for c in np.unique(self.cutoff)}

    def __repr__(self) -> str:
        n_customers = len(set(self.groups.tolist()))
        unknown = f", {self.n_unobserved:,} unobserved" if self.n_unobserved else ""
        lines = [
            f"Snapshots({len(self):,} rows of {n_customers:,} customers, "
            f"{len(self.feature_names)} features)",
            f"  population: {self.population}",
            f"  label:      {self.label}; mean {_mean(self.y)}{unknown}",
        ]
        for day, n, mean, end in self._by_day():
            lines.append(f"  {day}  {n:,} rows, mean label {mean}, known by {end}")
        return "\n".join(lines)

    def _by_day(self) -> Iterator[tuple[str, int, str, str]]:
        """Of each cut-off the day, the rows, the mean label and when it was known."""
        for day, rows in self._rows_by_day().items():
            end = self.label_end[rows].max().astype("M8[D]")
            yield day, int(rows.sum()), _mean(self.y[rows]), str(end)

    def _tables(self) -> dict[str, "pd.DataFrame"]:
        import pandas as pd

        names = ["cut-off", "rows", "mean label", "known by"]
        return {f"Label: {self.label}": pd.DataFrame(self._by_day(), columns=names)}


def _rows(mask: npt.ArrayLike, n: int) -> npt.NDArray[np.int64]:
    """Row numbers of a mask or of row numbers, checked against a number of rows."""
    chosen = np.asarray(mask)
    if chosen.dtype == object and all(isinstance(value, (bool, np.bool_)) for value in chosen.flat):
        chosen = chosen.astype(bool)
    if not chosen.size and chosen.dtype != bool:
        chosen = chosen.astype(np.int64)
    if chosen.ndim != 1 or chosen.dtype.kind not in "biu":
        raise DataError(
            f"{OWNER}: rows are chosen by a mask of true and false, none missing, or by row "
            f"numbers; got {chosen.dtype} of shape {chosen.shape}. Compare first, such as "
            "snapshots.y == 1."
        )
    if chosen.dtype == bool:
        if len(chosen) != n:
            raise DataError(f"{OWNER}: a mask of {len(chosen)} rows was given for {n}.")
        return np.flatnonzero(chosen)
    if len(chosen) and (chosen.min() < 0 or chosen.max() >= n):
        raise DataError(f"{OWNER}: row numbers must lie in 0 to {n - 1}.")
    if len(np.unique(chosen)) < len(chosen):
        raise DataError(
            f"{OWNER}: row numbers must be distinct. Zeros and ones are row numbers and no mask: "
            "compare first, such as snapshots.y == 1."
        )
    return chosen.astype(np.int64)


def _mean(y: npt.NDArray[Any]) -> str:
    known = y[~np.isnan(y)] if y.dtype.kind == "f" else y
    return f"{known.mean():.3f}" if len(known) else "unknown"


def opened(X: Any, **told: Any) -> tuple[Any, dict[str, Any]]:
    """Features of Snapshots, and what they know of what is not told; anything else as it is."""
    if not isinstance(X, Snapshots):
        return X, told
    return X.X, {name: getattr(X, name) if it is None else it for name, it in told.items()}


def features_of(X: Any) -> Any:
    """The frame of features of Snapshots; anything else as it is."""
    return opened(X)[0]
