"""Lists of recommendations and the items that were relevant, read from long frames into codes."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit import _frames
from crmkit._validation import Floats
from crmkit.exceptions import DataError, DataWarning, warn_user

Codes = npt.NDArray[np.int64]
Ids: TypeAlias = tuple[Codes, npt.NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Relevant:
    """Distinct relevant pairs, sorted by customer and item.

    `first` is a row of the frame for each customer; `n_items` counts the items of all frames, so
    that ``customer * n_items + item``, the `keys`, tells a pair. `weight` sums what the rows of a
    pair weigh.
    """

    keys: Codes
    customer: Codes
    weight: Floats | None
    first: Codes
    n_items: int

    @property
    def n_customers(self) -> int:
        """How many customers have relevant items."""
        return len(self.first)

    @property
    def n_relevant(self) -> Codes:
        """Relevant items of each customer."""
        return np.bincount(self.customer, minlength=self.n_customers)


@dataclass(frozen=True, eq=False)
class TopLists:
    """The first k items of the list of each customer with relevant items.

    `items` has a row a customer, -1 behind the end of the list; `pair` is the place of each item
    among the relevant pairs, -1 where it is not relevant. `n_left_aside` counts the customers with
    a list and nothing relevant.
    """

    items: Codes
    pair: Codes
    n_left_aside: int

    @property
    def hits(self) -> npt.NDArray[np.bool_]:
        """Whether the item at each place is relevant."""
        return np.asarray(self.pair >= 0)


@dataclass(frozen=True, eq=False)
class Ranking:
    """What is scored: relevant pairs, the lists by name, and the items of further frames."""

    relevant: Relevant
    lists: dict[str, TopLists]
    catalogue: Codes | None
    known: tuple[Codes, Codes] | None
    described: Codes | None

    @cached_property
    def popularity(self) -> tuple[Codes, int]:
        """Buyers of each item among the known purchases, and how many customers there were."""
        n_items = self.relevant.n_items
        customer, item = self.known or (np.empty(0, np.int64), np.empty(0, np.int64))
        keys = np.sort(customer * n_items + item)
        bought = keys[np.append(True, keys[1:] != keys[:-1])[: len(keys)]] % n_items
        n_customers = int(np.count_nonzero(np.bincount(customer)))
        return np.bincount(bought, minlength=n_items).astype(np.int64), n_customers

    @cached_property
    def for_sale(self) -> npt.NDArray[np.bool_]:
        """Which items could be recommended: those of the catalogue, else those known."""
        n_items = self.relevant.n_items
        if self.catalogue is not None:
            return np.bincount(self.catalogue, minlength=n_items) > 0
        return np.asarray(self.popularity[0] > 0)


def read_ranking(
    recommended: dict[str, Any],
    relevant: Any,
    k: int,
    names: tuple[str | None, str | None],
    owner: str,
    *,
    weight: str | None = None,
    catalogue: Any = None,
    known: Any = None,
    features: Any = None,
) -> Ranking:
    """Read all frames, with one numbering of customers and one of items."""
    relevant = _frames.to_eager(relevant)
    recommended = {name: _frames.to_eager(frame) for name, frame in recommended.items()}
    customer, item = pair_columns(relevant, names, owner)
    frames = [relevant, *recommended.values()]
    people = [_frames.id_codes(frame, customer, owner) for frame in frames]
    if not len(people[0][0]):
        raise DataError(f"{owner}: `relevant` has no rows, so nothing can be hit.")
    more = [frame for frame in (known, features) if frame is not None]
    goods = [_frames.id_codes(frame, item, owner) for frame in [*frames, *more]]
    if catalogue is not None:
        goods.append(catalogue_ids(catalogue, item, owner))
    who = by_first_row(codes_of(people, customer, owner))
    what = codes_of(goods, item, owner)
    n_items = 1 + max(int(codes.max(initial=-1)) for codes in what)
    amount = None if weight is None else weights(relevant, weight, owner)
    true = distinct_pairs(who[0], what[0], amount, n_items)
    lists = {
        name: top_lists(frame, who[i], what[i], true, k, f"{owner}: {name!r}")
        for i, (name, frame) in enumerate(recommended.items(), start=1)
    }
    rest = iter(what[len(frames) :])
    bought = None if known is None else (_frames.id_codes(known, customer, owner)[0], next(rest))
    described = None if features is None else next(rest)
    return Ranking(true, lists, None if catalogue is None else next(rest), bought, described)


def pair_columns(
    relevant: Any, names: tuple[str | None, str | None], owner: str
) -> tuple[str, str]:
    """Names of the customer and the item: as given, else the first two columns."""
    columns = _frames.column_names(relevant, owner)
    if len(columns) < 2:
        raise DataError(
            f"{owner}: `relevant` needs a column of customers and one of items, got {columns}."
        )
    customer, item = (columns[i] if names[i] is None else names[i] for i in range(2))
    if customer == item:
        raise DataError(
            f"{owner}: customer and item are both {customer!r}. Name both: customer=, item=."
        )
    return str(customer), str(item)


def catalogue_ids(catalogue: Any, item: str, owner: str) -> Ids:
    """Ids of a frame with the column of items, or of an array, as codes and distinct ids."""
    if not _frames.is_frame(catalogue):
        array = np.asarray(catalogue)
        if array.ndim != 1 or not array.size:
            raise DataError(f"{owner}: catalogue must hold one id an item, got {array.shape}.")
        catalogue = pd.DataFrame({item: array})
    return _frames.id_codes(catalogue, item, owner)


def codes_of(columns: list[Ids], name: str, owner: str) -> list[Codes]:
    """Columns of ids under one numbering; text and numbers do not mix."""
    distinct = [ids for _, ids in columns if len(ids)]
    if len({ids.dtype.kind == "U" for ids in distinct}) > 1:
        raise DataError(
            f"{owner}: {name!r} holds whole numbers in one frame and text in another, so no id "
            "would be found again. Use one type."
        )
    joint = _frames.joint_ids(distinct, repr(name), owner)
    places = np.asarray(pd.factorize(joint)[0], dtype=np.int64)
    ends = np.cumsum([len(ids) for _, ids in columns])[:-1]
    parts = np.split(places, ends)
    return [part[codes] for part, (codes, _) in zip(parts, columns, strict=True)]


def weights(relevant: Any, name: str, owner: str) -> Floats:
    """Weights of the relevant rows, at least 0."""
    column = _frames.float_columns(relevant, [name], owner)
    values = np.asarray(_frames.column_values(column, name, owner), dtype=np.float64)
    bad = ~(np.isfinite(values) & (values >= 0))
    if bad.any():
        raise DataError(
            f"{owner}: {name!r} has {bad.sum():,} weights that are negative, NaN or infinite "
            f"(first at row {bad.argmax():,}: {values[bad.argmax()]:g}). Returns are not relevant: "
            "drop them first."
        )
    return values


def distinct_pairs(customer: Codes, item: Codes, weight: Floats | None, n_items: int) -> Relevant:
    """Relevant pairs without repeats."""
    keys = customer * n_items + item
    order = None if weight is None else np.argsort(keys)
    keys = np.sort(keys) if order is None else keys[order]
    fresh = np.append(True, keys[1:] != keys[:-1])
    sums = None
    if weight is not None:
        sums = np.add.reduceat(weight[order], np.flatnonzero(fresh))
    keys = keys[fresh]
    return Relevant(keys, keys // n_items, sums, first_rows(customer), n_items)


def first_rows(codes: Codes) -> Codes:
    """First row of each code 0 ... n - 1."""
    first = np.empty(int(codes.max(initial=-1)) + 1, dtype=np.int64)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    return first


def by_first_row(columns: list[Codes]) -> list[Codes]:
    """The same codes, those of the first column numbered in the order of their first rows."""
    order = np.argsort(first_rows(columns[0]))
    place = np.arange(max(int(codes.max(initial=-1)) for codes in columns) + 1)
    place[order] = np.arange(len(order))
    return [place[codes] for codes in columns]


def top_lists(
    frame: Any, customer: Codes, item: Codes, relevant: Relevant, k: int, owner: str
) -> TopLists:
    """First k items of each customer with relevant items, in order of rank or score."""
    n = relevant.n_customers
    asked = customer < n
    n_aside = int(np.count_nonzero(np.bincount(customer[~asked])))
    if len(customer) and not asked.any():
        warn_user(
            f"{owner} has lists for {n_aside:,} customers, none of whom has relevant items: all "
            "scores are 0. Are the ids of one kind?",
            DataWarning,
        )
    order = place_order(frame, customer, owner)
    if order is not None:
        customer, item, asked = customer[order], item[order], asked[order]
    if not asked.all():
        customer, item = customer[asked], item[asked]
    start = np.searchsorted(customer, np.arange(n + 1))
    check_no_repeats(customer * relevant.n_items + item, owner)
    width = min(k, int(np.diff(start).max(initial=0)))
    place = np.arange(len(customer)) - start[customer]
    kept = place < width
    items = np.full((n, width), -1)
    items[customer[kept], place[kept]] = item[kept]
    return TopLists(items, places_of(items, relevant), n_aside)


def place_order(frame: Any, customer: Codes, owner: str) -> Codes | None:
    """Rows by customer and place in the list; None where they lie so already."""
    if not len(customer):
        return None
    columns = _frames.column_names(frame, owner)
    by = next((name for name in ("rank", "score") if name in columns), None)
    if by is None:
        raise DataError(
            f"{owner}: recommendations need a column 'rank' (1 is first) or 'score' (the highest "
            f"is first), got {columns}."
        )
    column = _frames.float_columns(frame, [by], owner)
    value = np.asarray(_frames.column_values(column, by, owner), dtype=np.float64)
    if np.isnan(value).any():
        raise DataError(
            f"{owner}: {by!r} has {np.isnan(value).sum():,} NaN (first at row "
            f"{np.isnan(value).argmax():,}), so the order of the list is not known."
        )
    value = value if by == "rank" else -value
    step = np.diff(customer)
    if (step >= 0).all() and (np.diff(value)[step == 0] >= 0).all():
        return None
    return np.lexsort((value, customer))


def check_no_repeats(keys: Codes, owner: str) -> None:
    """Refuse a list that names an item twice: it would be hit twice."""
    ascending = np.sort(keys)
    n = int((ascending[1:] == ascending[:-1]).sum())
    if n:
        raise DataError(
            f"{owner} names {n:,} items a second time for the same customer. A list has every item "
            "once: drop the repeats."
        )


def places_of(items: Codes, relevant: Relevant) -> Codes:
    """Place of each item of the lists among the relevant pairs, -1 where it is none."""
    keys = np.arange(len(items))[:, None] * relevant.n_items + items
    place = np.searchsorted(relevant.keys, keys)
    place = np.minimum(place, len(relevant.keys) - 1)
    return np.where((relevant.keys[place] == keys) & (items >= 0), place, -1)


def by_name(recommended: Any, owner: str) -> dict[str, Any]:
    """Recommendations by name: those of a mapping, or the only one."""
    if not isinstance(recommended, Mapping):
        return {"recommended": recommended}
    if not recommended:
        raise DataError(f"{owner}: no recommendations are given. Pass at least one frame.")
    return dict(recommended)
