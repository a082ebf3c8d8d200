"""Filters: which items may be recommended to whom, as masks over blocks of scores.

A rule is for all customers (a list of ids, a flag by item) or for each one (a frame of customer
and item). Rules only take items away, and do so before the best are chosen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit import _frames
from crmkit.exceptions import DataError
from crmkit.recommend._history import Histories
from crmkit.recommend._ids import Ids, find
from crmkit.recommend._interactions import Whole, spans

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class PairRule:
    """Items named for each of the asked customers: item[start[i]:start[i + 1]], ascending."""

    start: Whole
    item: Whole

    def rows(self, rows: slice) -> tuple[Whole, Whole]:
        """Row within the block and item, of all pairs of a block of customers."""
        low, high = self.start[rows.start : rows.stop], self.start[rows.start + 1 : rows.stop + 1]
        return np.repeat(np.arange(len(low)), high - low), self.item[spans(low, high - low)]


@dataclass(frozen=True, eq=False)
class Filters:
    """What may be recommended: flags of items for all, pairs for some customers.

    `items` is None where every item is allowed; `allow` and `deny` are None without such rules.
    """

    items: Mask | None
    allow: tuple[PairRule, ...]
    deny: tuple[PairRule, ...]
    exclude_seen: bool

    def mask(self, scores: npt.NDArray[np.float32], rows: slice, histories: Histories) -> None:
        """Set the scores of what may not be recommended to -inf, in place."""
        if self.items is not None:
            scores[:, ~self.items] = -np.inf
        for rule in self.allow:
            allowed = np.zeros(scores.shape, dtype=bool)
            allowed[rule.rows(rows)] = True
            scores[~allowed] = -np.inf
        for rule in self.deny:
            scores[rule.rows(rows)] = -np.inf
        if self.exclude_seen:
            scores[histories.customer, histories.item] = -np.inf

    def keep(self, row: Whole, item: Whole, rows: slice, histories: Histories) -> Mask:
        """Which of some pairs of a block (row within it, item) may be recommended."""
        kept = np.ones(len(row), dtype=bool) if self.items is None else self.items[item]
        n = histories.n_items
        keys = row * np.int64(n) + item
        for rule in self.allow:
            kept &= _among(keys, rule.rows(rows), n)
        for rule in self.deny:
            kept &= ~_among(keys, rule.rows(rows), n)
        if self.exclude_seen:
            kept &= ~_among(keys, (histories.customer, histories.item), n)
        return kept


def read_filters(
    items: Ids,
    customers: Ids,
    columns: Mapping[str, Any],
    owner: str,
    *,
    allow: Any = None,
    deny: Any = None,
    stock: Any = None,
    exclude_seen: bool,
) -> Filters:
    """Rules as the caller tells them in, masks over `items` and pairs of `customers` out."""
    flags: list[Mask] = []
    pairs: dict[str, list[PairRule]] = {"allow": [], "deny": []}
    for name, rule in (("allow", allow), ("deny", deny)):
        if rule is None:
            continue
        read = _rule(rule, items, customers, columns, name, owner)
        if isinstance(read, PairRule):
            pairs[name].append(read)
        else:
            flags.append(read if name == "allow" else ~read)
    if stock is not None:
        flags.append(_in_stock(stock, items, columns["item"], owner))
    if not isinstance(exclude_seen, bool | np.bool_):
        raise DataError(f"{owner}: exclude_seen must be True, False or None, got {exclude_seen!r}.")
    allowed = np.logical_and.reduce(flags) if flags else None
    return Filters(allowed, tuple(pairs["allow"]), tuple(pairs["deny"]), bool(exclude_seen))


def _rule(
    rule: Any, items: Ids, customers: Ids, columns: Mapping[str, Any], name: str, owner: str
) -> Mask | PairRule:
    """Flags of the items that a rule names, or the pairs that a frame of pairs names."""
    if _frames.is_frame(rule):
        names = _frames.column_names(rule, owner)
        if columns["item"] not in names:
            raise DataError.missing_column(owner, columns["item"], names)
        if columns["customer"] in names:
            return _pairs(rule, items, customers, columns, name, owner)
        return _flags(_frames.id_column(rule, columns["item"], owner), items, name, owner)
    if isinstance(rule, Mapping):
        named = [item for item, flag in rule.items() if _flag(flag, item, name, owner)]
        _check_known_type(rule, items, name, owner)
        return _flags(_frames.id_values(named, name, owner), items, name, owner)
    if isinstance(rule, pd.Series) and pd.api.types.is_bool_dtype(rule.dtype):
        return _flags(_flagged(rule, items, name, owner), items, name, owner)
    array = np.asarray(rule) if not isinstance(rule, str | bytes) else None
    if array is not None and array.dtype == bool:
        if array.shape != items.shape:
            raise DataError(
                f"{owner}: {name} has {array.size:,} flags, but there are {len(items):,} items: "
                "one flag for each of items_, in that order, or a dict by item."
            )
        return array
    return _flags(_frames.id_values(rule, name, owner), items, name, owner)


def _flags(named: Ids, items: Ids, name: str, owner: str) -> Mask:
    place = find(items, named, name, owner)
    flags = np.zeros(len(items), dtype=bool)
    flags[place[place >= 0]] = True
    return flags


def _flagged(rule: "pd.Series[Any]", items: Ids, name: str, owner: str) -> Ids:
    """Items that a series of flags names in its index."""
    told = rule.index
    if isinstance(told, pd.RangeIndex) and not np.array_equal(told.to_numpy(), items):
        raise DataError(
            f"{owner}: {name} is a series of flags whose index holds no item ids. Index it by "
            "item, or give its values as an array in the order of items_."
        )
    if not told.is_unique:
        raise DataError(
            f"{owner}: {name} has several flags for {told[told.duplicated()].tolist()[0]!r}. Give "
            "one."
        )
    find(items, _frames.id_values(told.to_list(), name, owner), name, owner)
    named = [item for item, flag in zip(told, rule, strict=True) if _flag(flag, item, name, owner)]
    return _frames.id_values(named, name, owner)


def _flag(flag: Any, item: Any, name: str, owner: str) -> bool:
    if isinstance(flag, bool | np.bool_):
        return bool(flag)
    raise DataError(
        f"{owner}: {name} as a dict or series must say True or False for each item, got {flag!r} "
        f"for {item!r}. Quantities go to stock=."
    )


def _check_known_type(rule: Mapping[Any, Any], items: Ids, name: str, owner: str) -> None:
    find(items, _frames.id_values(list(rule), name, owner), name, owner)


def _pairs(
    frame: Any, items: Ids, customers: Ids, columns: Mapping[str, Any], name: str, owner: str
) -> PairRule:
    """Pairs of a frame that name an asked customer and an item of the model."""
    table = _frames.to_eager(frame)
    who, what = (_frames.id_column(table, columns[part], owner) for part in ("customer", "item"))
    order = np.argsort(customers, kind="stable")
    place = find(customers[order], who, f"{name} ({columns['customer']})", owner)
    item = find(items, what, f"{name} ({columns['item']})", owner)
    there = (place >= 0) & (item >= 0)
    keys = np.unique(order[place[there]] * np.int64(len(items)) + item[there])
    row = keys // len(items)
    start = np.searchsorted(row, np.arange(len(customers) + 1))
    return PairRule(start, keys - row * len(items))


def _in_stock(stock: Any, items: Ids, item: str, owner: str) -> Mask:
    """Flags of what can be sold: items with a quantity above 0, and those not in the table."""
    if isinstance(stock, Mapping):
        named = _frames.id_values(list(stock), "stock", owner)
        given = [np.nan if value is None else value for value in stock.values()]
        try:
            quantity = np.asarray(given, dtype=np.float64)
        except (TypeError, ValueError):
            raise DataError(f"{owner}: stock must say how many there are of each item.") from None
    elif _frames.is_frame(stock):
        table = _frames.to_eager(stock)
        names = _frames.column_names(table, owner)
        others = [name for name in names if name != item]
        if item not in names or len(others) != 1:
            raise DataError(
                f"{owner}: stock must have two columns, {item!r} and the quantity, got {names}."
            )
        named = _frames.id_column(table, item, owner)
        quantity = _frames.named_numbers(table, others[0], owner)
    else:
        raise DataError(
            f"{owner}: stock must be a dict of item and quantity or a frame of both, got "
            f"{type(stock).__name__}."
        )
    if np.isnan(quantity).any():
        first = named[np.isnan(quantity)][0].item()
        raise DataError(f"{owner}: stock lacks the quantity of {first!r}. 0 means sold out.")
    distinct, place = np.unique(named, return_inverse=True)
    left = np.bincount(place, weights=np.maximum(quantity, 0.0), minlength=len(distinct))
    return ~_flags(distinct[left <= 0], items, "stock", owner)


def _among(keys: Whole, pairs: tuple[Whole, Whole], n_items: int) -> Mask:
    """Which keys are those of one of some pairs, sorted by row and item."""
    named = pairs[0] * np.int64(n_items) + pairs[1]
    if not len(named):
        return np.zeros(len(keys), dtype=bool)
    place = np.minimum(np.searchsorted(named, keys), len(named) - 1)
    return np.asarray(named[place] == keys)
