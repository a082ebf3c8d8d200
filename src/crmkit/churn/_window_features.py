"""Windows: orders, spend, days and products of the last days before the cut-off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit._validation import check_choice
from crmkit.churn._feature import OWNER, Feature, as_tuple, short, whole_days
from crmkit.events import EventLog
from crmkit.events._moment import Moment
from crmkit.exceptions import DataError

COUNTED = ["orders", "days", "spend", "items"]


@dataclass(frozen=True)
class Windows(Feature):
    """Count and sum over the last days: customers at a cut-off in, a column per window out.

    `orders_30d` are the orders of the 30 days before the cut-off, `days_30d` the days with a
    purchase, `spend_30d` the money spent (less returns where the log nets them) and `items_30d`
    the different products. A customer younger than a window has no full window: see `young`.

    Parameters
    ----------
    lengths : sequence of str or float
        Lengths of the windows such as "30D", or numbers in the unit of the builder.
    of : sequence of {"orders", "days", "spend", "items"} or None, default=None
        What is counted; None is all that the log has columns for.
    young : {"nan", "coverage"}, default="nan"
        What a customer younger than the window gets. "nan": no number. "coverage": the number
        over the time since the first purchase, beside a column `coverage_30d` that tells the
        covered share of the window (0 to 1).

    Examples
    --------
    >>> from crmkit.churn import Windows
    >>> Windows(["30D", "90D"], of=["orders", "spend"], young="coverage")
    Windows(lengths=('30D', '90D'), of=('orders', 'spend'), young='coverage')
    """

    lengths: tuple[str | float, ...] | list[str | float] = (
        "7D",
        "14D",
        "30D",
        "60D",
        "90D",
        "180D",
        "365D",
    )
    of: tuple[str, ...] | list[str] | None = None
    young: str = "nan"

    def __post_init__(self) -> None:
        for name in ("lengths", "of"):
            object.__setattr__(self, name, as_tuple(getattr(self, name)))

    def _reads(self, log: EventLog) -> tuple[str, ...]:
        """Columns of the log that are needed beside customers, days, amounts and orders."""
        examples = {"lengths": '["30D", "90D"]', "of": '["orders", "spend"]'}
        for name, example in examples.items():
            value = getattr(self, name)
            if not isinstance(value, tuple) and not (name == "of" and value is None):
                raise DataError(
                    f"{OWNER}: Windows({name}=) must be a list such as {example}, got {value!r}."
                )
        for word in self.of or ():
            check_choice(word, "Windows(of=)", COUNTED, OWNER)
        check_choice(self.young, "Windows(young=)", ["nan", "coverage"], OWNER)
        for word, part in (("spend", "amount"), ("items", "item")):
            if word in (self.of or ()) and getattr(log, part) is None:
                raise DataError(
                    f"{OWNER}: Windows(of=[{word!r}]) needs the {part}= column of the EventLog."
                )
        wanted = self.of is None or "items" in self.of
        return (log.item,) if wanted and log.item is not None else ()

    def _values(self, at: Moment) -> Mapping[str, npt.NDArray[Any]]:
        """Columns by name, one entry per customer of the moment."""
        by_days: dict[int, str] = {}
        for length in self.lengths:
            days = whole_days(length, at.unit, "lengths")
            if days in by_days:
                raise DataError(
                    f"{OWNER}: Windows(lengths=): {length!r} and {by_days[days]!r} are one window. "
                    "Name it once."
                )
            by_days[days] = short(length, at.unit)
        backs = tuple(sorted(by_days))
        at.look_up(backs)
        is_full = at.age >= np.array(backs)[:, None]
        columns: dict[str, npt.NDArray[Any]] = {}
        for word in self._words(at) if backs else ():
            found = _counted(word, at, backs)
            told = np.where(is_full, found, np.nan) if self.young == "nan" else found
            columns |= {f"{word}_{by_days[back]}": n for back, n in zip(backs, told, strict=True)}
        if self.young == "coverage":
            for back in backs:
                columns[f"coverage_{by_days[back]}"] = np.minimum(at.age / back, 1.0)
        return columns

    def _words(self, at: Moment) -> Sequence[str]:
        """What is counted: what was asked for, else all that there are columns for."""
        if self.of is not None:
            return self.of
        lacking = {"spend": not at.has_money, "items": at.ledger.item is None}
        return [word for word in COUNTED if not lacking.get(word)]


def _counted(
    word: str, at: Moment, backs: tuple[int, ...]
) -> npt.NDArray[Any] | list[npt.NDArray[Any]]:
    """Numbers in windows of these lengths: a row each, a number for each customer."""
    if word == "orders":
        return at.orders(backs)
    if word == "days":
        return at.days(backs)
    return (at.spent(backs) if word == "spend" else at.met(str(at.ledger.item), backs))[:-1]
