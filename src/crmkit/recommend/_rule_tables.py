"""Rule tables: rules and bundles as columns, the items as places and the measures beside them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit.recommend._association import Rules, apart, bundles_of
from crmkit.recommend._interactions import Whole

AND, THEN = ("and_item", "and_third_item"), "then_item"
RESERVED = (
    *("n_baskets", "expected", "support", "confidence", "adjusted_lift", "lift", "leverage"),
    *("p_value", "bundle"),
    *(*AND, THEN),
)
"""Columns of a table that the column of item ids may not be called like."""


@dataclass(frozen=True, eq=False)
class Table:
    """Rows of sets of items: places of the items by column, and what is told of the set."""

    places: dict[str, Whole]
    told: dict[str, npt.NDArray[Any]]


def rule_table(rules: Rules, size: int, by: str, item: str) -> Table:
    """Rules of so many items, the best first; `item` is the name of the first column."""
    rules = of_size(rules, size)
    rules = rules.take(np.argsort(-getattr(rules, by), kind="stable"))
    second = {AND[0]: rules.second} if size == 3 else {}
    told = {
        "n_baskets": rules.n_both,
        "expected": rules.expected,
        "support": rules.support,
        "confidence": rules.confidence,
        "adjusted_lift": rules.adjusted_lift,
        "lift": rules.lift,
        "leverage": rules.leverage,
        "p_value": rules.p,
    }
    return Table({item: rules.left, **second, THEN: rules.right}, told)


def bundle_table(rules: Rules, size: int, n: int, item: str, *, overlap: bool) -> Table:
    """The n sets of so many items that are in most baskets beyond chance, each item in one set.

    With `overlap` an item may be in several.
    """
    places, told = bundles_of(of_size(rules, size), size)
    order = np.lexsort((*places[::-1], -told["leverage"]))
    kept = order[:n] if overlap else apart(np.stack(places), order, n)
    names = [item, *AND[: size - 1]]
    chosen = {name: part[kept] for name, part in zip(names, places, strict=True)}
    return Table(chosen, {name: part[kept] for name, part in told.items()})


def of_size(rules: Rules, size: int) -> Rules:
    """The rules of so many items."""
    return rules.take((rules.second >= 0) == (size == 3))


def in_words(table: Table, names: npt.NDArray[Any]) -> npt.NDArray[np.str_]:
    """The items of each row, joined."""
    places = np.stack(list(table.places.values())).T
    return np.array([" + ".join(map(str, told)) for told in names[places].tolist()], str)
