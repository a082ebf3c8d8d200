"""One word per customer, however it is told: an array in row order, a column, or a frame by id."""

from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit.exceptions import DataError

Words = npt.NDArray[Any]


def id_name(table: Any, customer: str | None, owner: str) -> str:
    """Name of the id column: the stated one, else the first."""
    names = _frames.column_names(table, owner)
    if not names:
        raise DataError(f"{owner}: the frame has no columns. At least the customer id is needed.")
    if customer is None:
        return names[0]
    if customer not in names:
        raise DataError.missing_column(owner, customer, names, "customer")
    return customer


def words_by_id(
    told: Any, ids: Words, customer: str, columns: tuple[str, ...], name: str, owner: str
) -> Words:
    """Word of each of `ids` in the frame `told`, None for who is not in it.

    The ids are in its column `customer`, or in its first one; the words in the first of `columns`
    that it has, or in its last one.
    """
    import pandas as pd  # joins by hashing; here, so that segment loads without it

    table = _frames.to_eager(told)
    names = _frames.column_names(table, owner)
    key = customer if customer in names else names[0]
    known = _frames.id_column(table, key, owner)
    index = pd.Index(known)
    if not index.is_unique:
        twice = index[index.duplicated()][0]
        raise DataError(f"{owner}: {name} holds the customer {twice!r} more than once.")
    check_kinds(known, ids, name, "those of the customers", owner)
    column = next((each for each in columns if each in names), names[-1])
    words = _frames.column_values(table, column, owner).astype(object)
    places = index.get_indexer(pd.Index(ids))
    found = np.full(len(ids), None, dtype=object)
    found[places >= 0] = words[places[places >= 0]]
    return found


def check_kinds(ids: Words, others: Words, what: str, of: str, owner: str) -> None:
    """Refuse ids that are text where others are whole numbers: none would meet."""
    if len(ids) and len(others) and (ids.dtype.kind == "U") != (others.dtype.kind == "U"):
        kinds = ["text" if each.dtype.kind == "U" else "whole numbers" for each in (ids, others)]
        raise DataError(
            f"{owner}: the ids of {what} are {kinds[0]}, {of} are {kinds[1]}. Convert one of them."
        )


def places_of(words: Any, names: list[str], n: int, name: str, owner: str) -> npt.NDArray[np.int64]:
    """Place of each word among the names, -1 where it is missing or empty."""
    import pandas as pd  # counts text by hashing; here, so that segment loads without it

    given: Words = np.asarray(words, dtype=object)
    if given.shape != (n,):
        raise DataError(
            f"{owner}: {name} must be one name for each of {n:,} customers, got shape "
            f"{given.shape}."
        )
    codes, found = pd.factorize(given)
    known = {word: place for place, word in enumerate(names)}
    wrong = [word for word in found if str(word) not in known and str(word) != ""]
    if wrong:
        raise DataError(
            f"{owner}: {name} holds names that do not exist, such as {str(wrong[0])!r}. Names: "
            f"{names}."
        )
    places = np.array([known.get(str(word), -1) for word in found] + [-1], dtype=np.int64)
    taken: npt.NDArray[np.int64] = places[codes]
    return taken
