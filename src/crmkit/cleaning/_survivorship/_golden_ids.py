"""The record id that stands for an entity, and events under these ids."""

from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit._runs import fresh_rows
from crmkit.cleaning._survivorship._standing import NOTHING, Ints
from crmkit.exceptions import DataError, DataWarning, warn_user

OWNER = "GoldenRecord"
GOLDEN_ID = "golden_id"


def check_records(
    records: npt.NDArray[Any], entity: Ints, entities: npt.NDArray[Any], name: str
) -> None:
    """Refuse a record id that is in two entities."""
    order = np.argsort(records, kind="stable")
    held, owner = records[order], entity[order]
    split = np.flatnonzero((held[1:] == held[:-1]) & (owner[1:] != owner[:-1]))
    if len(split):
        first = split[0]
        a, b = (entities[owner[i]].item() for i in (first, first + 1))
        raise DataError(
            f"{OWNER}: record {held[first].item()!r} of {name!r} is in two entities, {a!r} and "
            f"{b!r} ({len(split):,} such pairs of rows). A record belongs to one."
        )


def golden_ids(
    old: npt.NDArray[Any],
    records: npt.NDArray[Any],
    golden: npt.NDArray[Any],
    customer: str,
    record: str,
    *,
    strict: bool = True,
) -> npt.NDArray[Any]:
    """Golden id of each customer of a log; ids of no record stay. `records` ascend.

    Unless `strict`, nothing is wrong with ids of which none is a record.
    """
    if not len(old):
        return old
    if (old.dtype.kind == "U") != (records.dtype.kind == "U"):
        kinds = ["text" if ids.dtype.kind == "U" else "whole numbers" for ids in (old, records)]
        raise DataError(
            f"{OWNER}: {customer!r} of the log holds {kinds[0]}, {record!r} of the records "
            f"{kinds[1]}. Convert one of them first."
        )
    if old.dtype.kind != records.dtype.kind:  # compared as they are, both would become floats
        both = _frames.joint_ids([old, records], customer, OWNER)
        old, records = both[: len(old)], both[len(old) :]
    place = np.minimum(records.searchsorted(old), len(records) - 1)
    known = records[place] == old
    if not known.any():
        if not strict:
            return old
        raise DataError(
            f"{OWNER}: none of the {len(old):,} ids in {customer!r} of the log (first "
            f"{old[0].item()!r}) is in {record!r} of the records (first {records[0].item()!r})."
        )
    if not known.all():
        warn_user(
            f"{OWNER}: {(~known).sum():,} of {len(old):,} customers of the log are not among the "
            f"records (first {old[~known][0].item()!r}): they keep their ids.",
            DataWarning,
        )
    new = _frames.joint_ids([golden[place], old], customer, OWNER)
    return np.where(known, new[: len(old)], new[len(old) :])


def by_record(
    records: npt.NDArray[Any], golden: npt.NDArray[Any]
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Distinct record ids, ascending, and the golden id of each."""
    order = np.argsort(records, kind="stable")
    first = order[fresh_rows(records[order])]
    return records[first], golden[first]


def golden_places(entity: Ints, n_entities: int, place: Ints) -> Ints:
    """Row of each entity with the smallest place: the record that stands for it."""
    order = np.lexsort((place, entity))
    ordered = entity[order]
    first = fresh_rows(ordered)
    made = np.full(n_entities, NOTHING)
    made[ordered[first]] = order[first]
    return made


def place_of(ids: npt.NDArray[Any] | None, n_rows: int) -> Ints:
    """Order of the records: by id, numbers by size and text by code point, else by row."""
    if ids is None:
        return np.arange(n_rows)
    place = np.empty(n_rows, dtype=np.int64)
    place[np.argsort(ids, kind="stable")] = np.arange(n_rows)
    return place
