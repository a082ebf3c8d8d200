"""Where each golden value is from, and what it was chosen over."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from crmkit.cleaning._survivorship._choice import best_rows
from crmkit.cleaning._survivorship._kept import text_of
from crmkit.cleaning._survivorship._standing import NOTHING, Ints

BETWEEN = " | "


def rejected(
    codes: Ints,
    forms: Ints,
    values: Any,
    chosen: Ints,
    order: Mapping[str, Ints],
) -> tuple[Ints, list[str]]:
    """Number and texts of the other values of each entity; ways of writing count as one.

    The value that most records have comes first; each is shown as its best record writes it.
    """
    entity, rank, place = order["entity"], order["rank"], order["place"]
    counts = np.zeros(len(chosen), dtype=np.int64)
    shown = [""] * len(chosen)
    form_of = np.append(forms, NOTHING)
    form = form_of[codes]
    winner = np.where(chosen >= 0, form[chosen], NOTHING)
    rows = np.flatnonzero((form >= 0) & (form != winner[entity]))
    if not len(rows):
        return counts, shown
    pairs, group, records = np.unique(
        entity[rows] * (len(forms) + 1) + form[rows], return_inverse=True, return_counts=True
    )
    owner = pairs // (len(forms) + 1)
    counts += np.bincount(owner, minlength=len(chosen))

    def as_key(code: int) -> tuple[str, ...]:
        return (text_of(values, code),)

    best = rows[best_rows(group.ravel(), [rank[rows]], codes[rows], as_key, place[rows])]
    told: dict[int, list[tuple[int, str]]] = {}
    for number, n, code in zip(owner.tolist(), records, codes[best].tolist(), strict=True):
        told.setdefault(number, []).append((-int(n), text_of(values, code)))
    for number, others in told.items():
        shown[number] = BETWEEN.join(text for _, text in sorted(others))
    return counts, shown
