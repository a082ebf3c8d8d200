"""A frame of plain arrays: what few rows are carried in, where a frame library costs too much.

Wrapping, selecting and naming take a frame library some tenths of a millisecond each, for one row
as for a million. A service that scores one customer while somebody waits holds its columns in a
`PlainFrame`; every function of the waist that lies on that way takes one and gives one. It is
not for callers: whoever makes one has checked it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit._kept_with import kept_with
from crmkit._runs import fresh_rows
from crmkit.exceptions import DataError

Column = npt.NDArray[Any]


@dataclass(eq=False)
class PlainFrame:
    """Columns by name, all of one length.

    Text is of type "U", whole numbers are int64, numbers float64, instants datetime64[us]: of UTC
    where `zones` names the zone of the column. No value is missing, but for None in a column of
    objects and NaN in one of numbers that was made by a model.
    """

    columns: dict[str, Column]
    zones: Mapping[str, str] = field(default_factory=dict)
    _kept: dict[Any, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Column:
        held = np.array(list(self.columns.values()), dtype=dtype)
        return np.ascontiguousarray(held.reshape(len(self.columns), -1).T)

    def column(self, name: str, owner: str) -> Column:
        """One column, or an error that names those there are."""
        try:
            return self.columns[name]
        except KeyError:
            raise DataError.missing_column(owner, name, self.columns) from None

    def pick(self, names: Iterable[str], owner: str) -> "PlainFrame":
        """Some of the columns."""
        return PlainFrame(self._picked(names, owner), self.zones)

    def _picked(self, names: Iterable[str], owner: str) -> dict[str, Column]:
        held = self.columns
        try:
            return {name: held[name] for name in names}
        except KeyError as missing:
            raise DataError.missing_column(owner, missing.args[0], held) from None

    def rows(self, which: Column) -> "PlainFrame":
        """Some of the rows, by number or by flags."""
        return PlainFrame({name: c[which] for name, c in self.columns.items()}, self.zones)

    def with_columns(self, add: Mapping[str, npt.ArrayLike]) -> "PlainFrame":
        """Further columns behind these, or in the place of some."""
        made = {name: np.asarray(values) for name, values in add.items()}
        return PlainFrame({**self.columns, **made}, self.zones)

    def floats(self, names: Iterable[str], owner: str) -> "PlainFrame":
        """Some of the columns as float64; those that hold no numbers are told in one error."""
        found = self._picked(names, owner)
        wrong = [
            f"{name!r} is {c.dtype}" for name, c in found.items() if c.dtype.kind not in "iufb"
        ]
        if wrong:
            raise DataError(f"{owner}: columns must hold numbers, but {', '.join(wrong)}.")
        return PlainFrame({name: c.astype(np.float64, copy=False) for name, c in found.items()})

    def microseconds(self, name: str) -> npt.NDArray[np.int64]:
        """Instants as microseconds since 1970."""
        return self.columns[name].view(np.int64)

    def local_microseconds(self, name: str, time_zone: str | None) -> npt.NDArray[np.int64]:
        """What the clock on the wall shows in a zone; worked out once."""
        if time_zone is None or name not in self.zones:
            return self.microseconds(name)
        kept: npt.NDArray[np.int64] = once(
            self, (name, time_zone), lambda: self._local(name, time_zone)
        )
        return kept

    def _local(self, name: str, time_zone: str) -> npt.NDArray[np.int64]:
        there = pd.DatetimeIndex(self.columns[name]).tz_localize("UTC").tz_convert(time_zone)
        local = there.tz_localize(None).to_numpy().astype("datetime64[us]")
        return local.view(np.int64)


def is_plain(data: object) -> bool:
    """Tell whether `data` is a frame of plain arrays."""
    return isinstance(data, PlainFrame)


def once(data: object, key: Any, make: Callable[[], Any]) -> Any:
    """What `make` makes, never None; of a frame of plain arrays it is made once, and kept there."""
    if not isinstance(data, PlainFrame):
        return make()
    made = data._kept.get(key)
    if made is None:
        made = data._kept[key] = make()
    return made


def encoded(values: Column) -> tuple[npt.NDArray[np.int64], Column]:
    """Codes 0 ... k - 1 of values without gaps, and the k distinct ones, ascending; found once."""
    return kept_with(values, lambda: _encoded(values))


def _encoded(values: Column) -> tuple[npt.NDArray[np.int64], Column]:
    if len(values) and (values == values[0]).all():
        return np.zeros(len(values), dtype=np.int64), values[:1]
    order = values.argsort(kind="stable")
    ascending = values[order]
    fresh = fresh_rows(ascending)
    codes = np.empty(len(values), dtype=np.int64)
    codes[order] = fresh.cumsum() - 1
    return codes, ascending[fresh]
