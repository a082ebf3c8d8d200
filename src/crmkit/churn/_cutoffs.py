"""Cutoffs: the instants at which customers are looked at."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Self, overload

import numpy as np

from crmkit._units import in_unit
from crmkit._validation import check_whole
from crmkit.events._instants import read_instant
from crmkit.exceptions import DataError


class Cutoffs(Sequence[datetime]):
    """Hold cut-offs: dates in, distinct ascending instants out.

    A cut-off is exclusive: what happens at it or later is unknown. Make them by `rolling`, or from
    any dates. A plain list of dates will do wherever cut-offs are asked for.

    Parameters
    ----------
    instants : iterable of str, date or datetime
        ISO 8601 text or dates, in any order, without repeats.

    Examples
    --------
    >>> from crmkit.churn import Cutoffs
    >>> Cutoffs.rolling("2011-09-01", step="30D", n=3)
    Cutoffs(['2011-07-03', '2011-08-02', '2011-09-01'])
    """

    def __init__(self, instants: Iterable[Any]) -> None:
        if isinstance(instants, (str, date, np.datetime64)):
            instants = [instants]
        if not isinstance(instants, Iterable) or getattr(instants, "ndim", 1) == 0:
            raise DataError(
                f"Cutoffs: dates are needed, got {instants!r}. Give a list of them, or "
                'Cutoffs.rolling("2024-06-01", step="30D", n=6).'
            )
        read = [read_instant(value, "a cut-off", "Cutoffs") for value in instants]
        if len({instant.tzinfo is None for instant in read}) > 1:
            raise DataError("Cutoffs: some instants have a time zone, some have none: use one way.")
        self._instants = tuple(sorted(read))
        repeated = [a for a, b in zip(self._instants, self._instants[1:], strict=False) if a == b]
        if not self._instants or repeated:
            fault = f"{repeated[0]:%Y-%m-%d} is given twice" if repeated else "none is given"
            raise DataError(f"Cutoffs: {fault}. Give distinct dates, at least one.")

    @classmethod
    def rolling(cls, last: Any, step: float | str = "30D", n: int = 6) -> Self:
        """Cut-offs at equal steps up to a last one: ascending instants out.

        Four to eight are enough; none should lie in the first weeks of a log, where histories are
        too short to tell anything.

        Parameters
        ----------
        last : str, date or datetime
            The latest cut-off.
        step : str or float, default="30D"
            Time between cut-offs: days as a number, or text such as "30D", "2W" or, for calendar
            months, "1M" (the day of the month is kept, or is the last of a shorter month).
        n : int, default=6
            How many.

        Returns
        -------
        Cutoffs
            `n` instants, ascending.

        Raises
        ------
        DataError
            If `last` is no date, `n` no whole number of at least 1, or `step` not above 0.
        """
        check_whole(n, "n", "Cutoffs.rolling", low=1)
        end = read_instant(last, "last", "Cutoffs.rolling")
        calendar = isinstance(step, str) and step.strip()[-1:] in ("M", "Y")
        length = in_unit(step, "M" if calendar else "D", "Cutoffs.rolling", "step")
        if length <= 0 or (calendar and length % 1):
            raise DataError(f"Cutoffs.rolling: step must be above 0, got {step!r}.")
        try:
            if calendar:
                found = [_months_before(end, int(length) * i) for i in range(n)]
            else:
                found = [end - timedelta(days=length) * i for i in range(n)]
        except (OverflowError, ValueError):  # before the year 1
            raise DataError(
                f"Cutoffs.rolling: {n} cut-offs at steps of {step!r} reach back from "
                f"{end:%Y-%m-%d} to before all time. Take fewer, or a shorter step."
            ) from None
        return cls(found)

    @overload
    def __getitem__(self, index: int) -> datetime: ...
    @overload
    def __getitem__(self, index: slice) -> Self: ...
    def __getitem__(self, index: int | slice) -> datetime | Self:
        chosen = self._instants[index]
        return type(self)(chosen) if isinstance(chosen, tuple) else chosen

    def __len__(self) -> int:
        return len(self._instants)

    def __iter__(self) -> Iterator[datetime]:
        return iter(self._instants)

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, (Sequence, Cutoffs)) else False

    def __hash__(self) -> int:
        return hash(self._instants)

    def __repr__(self) -> str:
        shown = [i.date() if i.time() == datetime.min.time() else i for i in self._instants]
        return f"Cutoffs({[i.isoformat() for i in shown]})"


def _months_before(instant: datetime, months: int) -> datetime:
    """The same day of an earlier month, or the last day of that month."""
    at = 12 * instant.year + instant.month - 1 - months
    year, month = divmod(at, 12)
    following = datetime(year + (month == 11), (month + 1) % 12 + 1, 1)
    last_day = (following - timedelta(days=1)).day
    return instant.replace(year=year, month=month + 1, day=min(instant.day, last_day))
