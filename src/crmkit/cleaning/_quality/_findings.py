"""What can be wrong with a list: every check with its dimension, weight, words and cure."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from numbers import Number
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from crmkit.exceptions import DataError

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

DIMENSIONS = ("completeness", "validity", "uniqueness", "consistency", "timeliness")
SEVERITIES = ("high", "medium", "low", "note")
FIRST = 5  # rows that are named


class Check(NamedTuple):
    """A kind of fault: where it counts, how bad it is, what to do."""

    dimension: str
    severity: str
    what: str
    todo: str


CHECKS: dict[str, Check] = {
    "no id": Check(
        "completeness", "high", "row has no id", "find out why; models drop rows without one"
    ),
    "missing": Check(
        "completeness", "low", "no value", "ask for it where it is needed, or impute it"
    ),
    "empty column": Check(
        "completeness", "medium", "column has no value at all", "drop it, or mend its source"
    ),
    "placeholder": Check(
        "completeness", "medium", "value that stands for nothing", "make it missing"
    ),
    "empty row": Check("completeness", "medium", "row has no value at all", "drop these rows"),
    "unreadable": Check(
        "validity",
        "high",
        "cannot be read as what the column holds",
        "correct it or make it missing",
    ),
    "unclear date": Check(
        "validity", "medium", "day and month cannot be told apart", "state date_order="
    ),
    "rule": Check("validity", "high", "breaks a rule that was given", "correct it"),
    "not finite": Check("validity", "high", "not a finite number", "correct it or drop the row"),
    "repeated id": Check("uniqueness", "high", "id is on an earlier row", "keep one row an id"),
    "exact copy": Check(
        "uniqueness", "high", "row equals an earlier one", "drop what was written twice"
    ),
    "copy": Check(
        "uniqueness", "high", "row equals an earlier one but for its id", "join them: Deduplicator"
    ),
    "equal": Check(
        "uniqueness",
        "note",
        "row equals an earlier one, and nothing in rows tells them apart",
        "keep them: equal rows can both be true",
    ),
    "equal but id": Check(
        "uniqueness",
        "note",
        "row equals an earlier one but for its id, and holds nothing but classes",
        "keep them: many are of one class",
    ),
    "same": Check(
        "uniqueness",
        "medium",
        "row equals an earlier one once both are written alike",
        "join them: Deduplicator",
    ),
    "blanks": Check(
        "consistency", "low", "blanks around it, or characters nobody sees", "strip it"
    ),
    "case": Check("consistency", "low", "capitals unlike the others", "write them alike"),
    "types": Check("consistency", "medium", "of another type than the others", "use one type"),
    "formats": Check("consistency", "medium", "date written unlike the others", "use one format"),
    "spellings": Check(
        "consistency", "low", "rarer spelling of a value", "write it alike: RecordNormalizer"
    ),
    "dependency": Check(
        "consistency", "medium", "differs from other rows of one value", "look: WrongValueDetector"
    ),
    "born later": Check(
        "consistency", "high", "birth date after another date of the row", "correct one of them"
    ),
    "not yet born": Check("consistency", "high", "birth date at or after as_of", "correct it"),
    "too old": Check("consistency", "medium", "born more than 120 years ago", "correct it"),
    "many names": Check(
        "consistency", "medium", "id with more than one name", "part or rename these ids"
    ),
    "ahead": Check("timeliness", "medium", "date at or after as_of", "correct it, or as_of"),
    "old": Check("timeliness", "low", "more than a year old", "renew or archive it"),
    "days without": Check(
        "timeliness", "low", "day without a row", "ask whether a delivery failed"
    ),
    "returns": Check("validity", "note", "amount or quantity below zero", "a return: see returns="),
    "zero amounts": Check("validity", "note", "amount of zero", "gift or test? see min_amount="),
    "outliers": Check(
        "validity", "low", "amount far above the others", "check: a wholesaler or a slip"
    ),
}  # fmt: skip
"""Every check. Notes are told and do not count in a score."""


@dataclass(frozen=True, eq=False)
class Finding:
    """A check that rows, or other things that are counted, failed.

    `rows` are the rows in order, empty where what is counted is not rows; `n` is how many of the
    `of` things failed.
    """

    check: str
    column: str
    rows: Ints
    n: int
    of: int
    what: str
    example: str = ""
    unit: str = "rows"

    @property
    def dimension(self) -> str:
        """What it is a matter of."""
        return CHECKS[self.check].dimension

    @property
    def severity(self) -> str:
        """How bad it is."""
        return CHECKS[self.check].severity

    @property
    def todo(self) -> str:
        """What to do."""
        return CHECKS[self.check].todo

    @property
    def share(self) -> float:
        """Part of what could have failed."""
        return self.n / self.of if self.of else 0.0

    @property
    def first_rows(self) -> str:
        """The first rows, in words."""
        shown = ", ".join(str(row) for row in self.rows[:FIRST].tolist())
        return f"{shown}, ..." if len(self.rows) > FIRST else shown


def found(
    check: str, column: str, rows: Ints, of: int, example: str = "", what: str = ""
) -> Finding:
    """Build a finding of rows; its words are those of the check unless others are given."""
    return Finding(check, column, rows, len(rows), of, what or CHECKS[check].what, example)


def by_weight(findings: list[Finding]) -> list[Finding]:
    """Worst first: by severity, then by the share that failed."""
    return sorted(findings, key=lambda f: (SEVERITIES.index(f.severity), -f.share))


def example_of(value: object) -> str:
    """A value to show: as it is, cut where it is long, marks around blanks at its ends."""
    text = value if isinstance(value, str) else str(value)
    text = text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."
    return repr(text) if text != text.strip() or not text.isprintable() else text


LONGEST_SHOWN = 60


def check_rule(column: str, rule: object, owner: str) -> None:
    """Refuse what is no rule: a pair of bounds, allowed values, or a regular expression."""
    bounds = isinstance(rule, tuple) and len(rule) == 2
    if not (bounds or isinstance(rule, (str, list, set, frozenset))):
        raise DataError(
            f"{owner}: rules[{column!r}] must be a pair of bounds such as (0, 120), a list of "
            f"allowed values, or a regular expression, got {rule!r}."
        )
    if isinstance(rule, tuple):
        _check_bounds(f"{owner}: bounds of {column!r}", *rule)
    if isinstance(rule, str):
        try:
            re.compile(rule)
        except re.error as error:
            raise DataError(
                f"{owner}: rules[{column!r}] is no regular expression: {error} in {rule!r}."
            ) from None


def _check_bounds(where: str, low: Any, high: Any) -> None:
    """Refuse bounds that are no numbers and no dates, of two sorts, or the wrong way round."""
    ends = [_end(bound) for bound in (low, high) if bound is not None]
    if not ends or any(end is None for end in ends) or len({type(end) for end in ends}) > 1:
        raise DataError(
            f"{where} must be numbers, or dates such as '2024-01-31', and one may be None, got "
            f"{low!r} and {high!r}."
        )
    if len(ends) == 2 and ends[0] > ends[1]:
        raise DataError(f"{where}: the lower one, {low!r}, is above the upper one, {high!r}.")


def _end(bound: Any) -> Any:
    """A bound as a number or a day; None where it is neither."""
    if bound != bound:  # not a number, not a time
        return None
    if isinstance(bound, str):
        try:
            return datetime.fromisoformat(bound).date()
        except ValueError:
            return None
    if isinstance(bound, datetime):
        return bound.date()
    if isinstance(bound, date):
        return bound
    if isinstance(bound, (bool, np.bool_)) or not isinstance(bound, (Number, Decimal)):
        return None
    try:
        number = Decimal(str(bound))
    except ArithmeticError:
        return None
    return None if number.is_nan() else number
