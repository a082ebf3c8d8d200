"""What customers told of themselves: passed through, and what is missing said."""

from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit._mixed_columns import MISSING, numbers_of, words_of
from crmkit.exceptions import DataError, DataWarning, warn_user
from crmkit.segment._by_id import check_kinds, id_name
from crmkit.segment._tags import NONE

People = dict[str, Any]


def read_people(customers: Any, customer: str, owner: str) -> People:
    """Ids and columns of a customers frame: one row a customer, numbers or words.

    The id is the column `customer`, where there is one, else the first.
    """
    table = _frames.to_eager(customers)
    names = _frames.column_names(table, owner)
    key = id_name(table, customer if customer in names else None, owner)
    ids = _frames.id_column(table, key, owner)
    known, n = np.unique(ids, return_counts=True)
    if (n > 1).any():
        raise DataError(
            f"{owner}: customers holds {known[n.argmax()].item()!r} {n.max():,} times. "
            "One row for each customer is needed."
        )
    wanted = [name for name in names if name != key]
    places = [names.index(name) for name in wanted]
    columns = {}
    for name, column in zip(wanted, _frames.mixed_columns(table, places, owner), strict=True):
        if column.kind in ("instant", "nested"):
            what = "instants" if column.kind == "instant" else "lists or records"
            raise DataError(
                f"{owner}: {name!r} of customers holds {what}. Leave it out, or turn it into words "
                "or numbers."
            )
        number = column.kind == "number" and not column.flag
        columns[name] = numbers_of(column, name, owner) if number else words_of(column).astype(str)
    order = np.argsort(ids, kind="stable")
    return {"ids": ids[order], "columns": {name: each[order] for name, each in columns.items()}}


def add_people(old: People | None, new: People, owner: str) -> People:
    """Both together; who is told again is told anew. The columns must be the same."""
    if old is None:
        return new
    check_kinds(new["ids"], old["ids"], "customers", "those told before", owner)
    if list(old["columns"]) != list(new["columns"]):
        raise DataError(
            f"{owner}: customers has the columns {list(new['columns'])}, in fit it had "
            f"{list(old['columns'])}. Give the same ones."
        )
    stays = ~np.isin(old["ids"], new["ids"])
    ids = _frames.joint_ids([old["ids"][stays], new["ids"]], "customers", owner)
    order = np.argsort(ids, kind="stable")
    columns = {}
    for name, values in old["columns"].items():
        told = new["columns"][name]
        if (told.dtype.kind == "U") != (values.dtype.kind == "U"):
            raise DataError(f"{owner}: {name!r} of customers held other values in fit.")
        columns[name] = np.concatenate([values[stays], told])[order]
    return {"ids": ids[order], "columns": columns}


def check_people(people: People, buyers: npt.NDArray[Any], taken: list[str], owner: str) -> None:
    """Refuse what cannot stand beside the tags; warn where nobody who bought is told of."""
    check_kinds(people["ids"], buyers, "customers", "those of the events", owner)
    doubled = [name for name in people["columns"] if name in taken]
    if doubled:
        raise DataError(
            f"{owner}: {doubled[0]!r} of customers is called like a tag ({', '.join(taken)}). "
            "Rename it first."
        )
    if len(people["ids"]) and not np.isin(people["ids"], buyers).any():
        warn_user(
            f"{owner}: none of the {len(people['ids']):,} customers told has bought, such as "
            f"{people['ids'][0].item()!r}. Is the right column the id?",
            DataWarning,
        )


def people_of(people: People, ids: npt.NDArray[Any]) -> dict[str, npt.NDArray[Any]]:
    """Columns of some customers: NaN or "(missing)" for who or what is not told."""
    known = people["ids"]
    made = {}
    place = np.minimum(np.searchsorted(known, ids), max(len(known) - 1, 0))
    found = known[place] == ids if len(known) else np.zeros(len(ids), dtype=bool)
    for name, values in people["columns"].items():
        nothing: Any = np.nan if values.dtype.kind == "f" else MISSING
        here = values[place] if len(known) else np.full(len(ids), nothing)
        made[name] = np.where(found, here, nothing)
    return made


def words_of_people(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A column as values of a tag; what is missing is no tag."""
    if values.dtype.kind == "f":
        words = [NONE if value != value else f"{value:.15g}" for value in values.tolist()]
    else:
        words = [NONE if value == MISSING else value for value in values.tolist()]
    return np.array(words, dtype=object)
