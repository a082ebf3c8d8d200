"""What the user states about how values are written: one object for all normal forms."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol, TypeAlias

DateOrder: TypeAlias = Literal["DMY", "MDY", "unknown"]
DATE_ORDERS: tuple[DateOrder, ...] = ("DMY", "MDY")
UNKNOWN: DateOrder = "unknown"


@dataclass(frozen=True)
class NormalSettings:
    """How values of a list are written.

    `date_order` is that of dates with the year last; None finds it by the clear dates of each
    column, and with "unknown" unclear dates stay text.
    `phone_region` is the country of numbers without one ("US"), None leaves them national.
    `nicknames` maps nicknames to given names, in normal form. `placeholders` are further values
    that mean "missing", in small letters. `decimal` is the mark before the decimals of text.
    `meant` are doubtful words that stand for something in the column at hand ("NA" among codes of
    countries), as they are written there; None finds them.
    """

    date_order: DateOrder | None = None
    phone_region: str | None = None
    nicknames: Mapping[str, str] = field(default_factory=dict)
    placeholders: frozenset[str] = frozenset()
    decimal: str = "."
    meant: frozenset[str] | None = None


class Change(Protocol):
    """One step of a normal form: a text in, the changed text out, None for "missing"."""

    def __call__(self, text: str, settings: NormalSettings, /) -> str | None:
        """Change one text."""


class Step(NamedTuple):
    """A named change: the name is what a report counts."""

    rule: str
    change: Change
