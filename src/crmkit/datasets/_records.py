"""What the shop has on file: one record or more a customer, as people and staff write it down.

Every customer signs up with the first purchase; extra records follow at random times until the
end. What may differ in an extra record, each with its own probability, is listed in `EXTRA`;
first records suffer only what is in `FIRST`. Who moved has the new address on all later records.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmkit._validation import Floats
from crmkit.datasets import _mistakes
from crmkit.datasets._names import DOMAINS, SOURCES, Names
from crmkit.datasets._people import Flags, Texts, draw_addresses, draw_phones
from crmkit.datasets._purchases import Ints

EXTRA = {
    "nickname": 0.15,
    "moved": 0.15,
    "new_phone": 0.15,
    "new_email": 0.20,
    "typo": 0.45,
    "swapped": 0.06,
    "format": 0.40,
    "missing": 0.30,
}
FIRST = {"format": 0.10, "missing": 0.10}
MISSABLE = ("email", "phone", "street", "postcode", "birth_date")
MISTYPED = ("first_name", "last_name", "street", "city", "email", "phone")
COLUMNS = (
    "first_name", "last_name", "email", "phone", "street", "city", "postcode", "birth_date",
)  # fmt: skip


@dataclass(frozen=True)
class RecordTable:
    """One array element a record, by customer and day of sign-up."""

    customer: Ints
    day: Floats
    values: dict[str, Texts]
    source: Ints
    errors: Texts


def draw_records(
    rng: np.random.Generator,
    people: pd.DataFrame,
    joined: Floats,
    days: float,
    duplicates: float,
    names: Names,
) -> tuple[RecordTable, pd.DataFrame]:
    """Draw the records, and the people as they are at the end (some have moved)."""
    n = len(people)
    owner = np.concatenate([np.arange(n), rng.integers(n, size=round(duplicates * n))])
    day = joined[owner] + (np.arange(len(owner)) >= n) * rng.random(len(owner)) * (
        days - joined[owner]
    )
    order = np.lexsort((np.arange(len(owner)) >= n, day, owner))
    owner, day = owner[order], day[order]
    first = np.append(True, owner[1:] != owner[:-1])
    flags = _draw_flags(rng, first)
    flags["moved"] = _from_then_on(flags["moved"], owner)
    values = {name: _as_text(people[name])[owner] for name in COLUMNS}
    people = _change(rng, values, flags, owner, people, names)
    written = _write(rng, values, flags, names)
    _leave_out(rng, values, flags, written)
    return RecordTable(
        customer=owner,
        day=day,
        values=values,
        source=rng.integers(len(SOURCES), size=len(owner)),
        errors=_labels(flags),
    ), people


def record_of_order(
    rng: np.random.Generator, records: RecordTable, customer: Ints, day: Floats, days: float
) -> Ints:
    """Record under which each order is booked: any that its customer has by then."""
    first = np.searchsorted(records.customer, customer)
    span = days + 1.0
    known = np.searchsorted(
        records.customer * span + records.day, customer * span + day, side="right"
    )
    return np.asarray(first + np.floor((known - first) * rng.random(len(day))).astype(np.int64))


def _draw_flags(rng: np.random.Generator, first: Flags) -> dict[str, Flags]:
    flags = {}
    for kind, share in EXTRA.items():
        flags[kind] = rng.random(len(first)) < np.where(first, FIRST.get(kind, 0.0), share)
    return flags


def _from_then_on(flag: Flags, owner: Ints) -> Flags:
    """Spread the first True of each owner over all that follow."""
    return pd.Series(flag).groupby(owner).cummax().to_numpy()


def _change(
    rng: np.random.Generator,
    values: dict[str, Texts],
    flags: dict[str, Flags],
    owner: Ints,
    people: pd.DataFrame,
    names: Names,
) -> pd.DataFrame:
    """Put in what is true but other: addresses after a move, second phones, nicknames."""
    n, people = len(people), people.copy()
    moved, gone = flags["moved"], np.zeros(n, dtype=bool)
    gone[owner[moved]] = True
    before = values["street"] + values["city"]
    for name, address in zip(
        ("street", "city", "postcode"), draw_addresses(rng, n, names), strict=True
    ):
        values[name][moved] = address[owner[moved]]
        people[name] = np.where(gone, address, _as_text(people[name]))
    flags["moved"] = values["street"] + values["city"] != before
    phones = draw_phones(rng, len(owner), names)
    values["phone"][flags["new_phone"]] = phones[flags["new_phone"]]
    number, domain = rng.integers(10, 100, len(owner)), rng.integers(len(DOMAINS), size=len(owner))
    _edit(
        values["email"],
        flags["new_email"],
        lambda v, i: f"{v.partition('@')[0]}{number[i]}@{DOMAINS[domain[i]]}",
    )
    draw = rng.random(len(owner))
    known = _edit(
        values["first_name"], flags["nickname"], lambda v, i: _mistakes.nickname(v, draw[i], names)
    )
    flags["nickname"] = known
    return people


def _write(
    rng: np.random.Generator, values: dict[str, Texts], flags: dict[str, Flags], names: Names
) -> dict[str, Flags]:
    """Write values down with typos, swapped names and other forms; tell which cells changed."""
    n = len(flags["typo"])
    kind, place, choice = rng.random((3, n))
    field = np.where(flags["typo"], rng.integers(len(MISTYPED), size=n), -1)
    written = {name: np.zeros(n, dtype=bool) for name in COLUMNS}
    for number, name in enumerate(MISTYPED):
        written[name] = _edit(
            values[name],
            field == number,
            lambda v, i: _mistakes.typo(v, kind[i], place[i], choice[i], names),
        )
    first, last = values["first_name"], values["last_name"]
    swapped = flags["swapped"] = flags["swapped"] & (first != last)
    first[swapped], last[swapped] = last[swapped], first[swapped].copy()
    some = rng.random((3, n)) < 0.5
    draw = rng.random(n)
    forms: list[tuple[str, Flags, Callable[[str, int], str]]] = [
        ("phone", flags["format"] & ~written["phone"],
         lambda v, i: _mistakes.phone_form(v, draw[i], names)),
        ("birth_date", flags["format"] & (some[0] | written["phone"]),
         lambda v, i: _mistakes.date_form(v, draw[i], names)),
        ("street", flags["format"] & some[1], lambda v, i: _mistakes.street_form(v, names)),
        ("first_name", flags["format"] & some[2], lambda v, i: _mistakes.name_form(v, draw[i])),
        ("last_name", flags["format"] & some[2], lambda v, i: _mistakes.name_form(v, draw[i])),
    ]  # fmt: skip
    for name, chosen, form in forms:
        written[name] = written[name] | _edit(values[name], chosen, form)
    return written


def _leave_out(
    rng: np.random.Generator,
    values: dict[str, Texts],
    flags: dict[str, Flags],
    written: dict[str, Flags],
) -> None:
    """Blank some cells, but none that shows another mistake: labels stay true."""
    left_out = np.zeros(len(flags["missing"]), dtype=bool)
    for name in MISSABLE:
        blank = flags["missing"] & ~written[name] & (rng.random(len(left_out)) < 0.4)
        if name in ("phone", "email"):
            blank &= ~flags[f"new_{name}"]
        if name in ("street", "postcode"):
            blank &= ~flags["moved"]
        values[name][blank] = None
        left_out |= blank
    flags["missing"] = left_out


def _edit(values: Texts, chosen: Flags, rule: Callable[[str, int], str]) -> Flags:
    """Rewrite the chosen cells in place; tell which of them are now different."""
    changed = np.zeros(len(values), dtype=bool)
    for i in np.flatnonzero(chosen).tolist():
        new = rule(values[i], i)
        changed[i] = new != values[i]
        values[i] = new
    return changed


def _labels(flags: dict[str, Flags]) -> Texts:
    """Names of what is wrong with each record, joined by "+", in the order of `EXTRA`."""
    labels = np.full(len(flags["typo"]), "", dtype=object)
    for kind, flag in flags.items():
        joint = np.where(labels == "", kind, labels + ("+" + kind))
        labels = np.where(flag, joint, labels)
    return labels


def _as_text(column: pd.Series) -> Texts:
    if pd.api.types.is_datetime64_any_dtype(column):
        column = column.dt.strftime("%Y-%m-%d")
    return column.to_numpy(dtype=object)
