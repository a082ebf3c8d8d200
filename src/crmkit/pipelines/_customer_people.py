"""Records of one person put together, and events under the person's id.

The smallest record id of a person is the customer id. It stays when records come later: a new
record of a known person gets the id that the person has had since the fit.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import clone

from crmkit import _frames
from crmkit._kept_with import kept_with
from crmkit.cleaning import Deduplicator, GoldenRecord
from crmkit.cleaning._matching._records import UNUSED
from crmkit.cleaning._survivorship._golden_ids import by_record, golden_ids
from crmkit.events import EventLog
from crmkit.exceptions import DataError
from crmkit.recommend._ids import find

OWNER = "CustomerValuePipeline"
AUTO = "auto"
N_RECORDS = "n_records"

Ids = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class People:
    """Record ids, the person id of each, and the column that record ids are in."""

    records: Ids
    golden: Ids
    record: str

    @cached_property
    def by_record(self) -> tuple[Ids, Ids]:
        """Distinct record ids, ascending, and the person id of each."""
        return by_record(self.records, self.golden)

    @cached_property
    def sizes(self) -> tuple[Ids, Ids]:
        """Distinct person ids, ascending, and how many records each has."""
        person, n_records = np.unique(self.by_record[1], return_counts=True)
        return person, n_records


def matcher_of(matcher: Any, log: EventLog, records: Any, owner: str = OWNER) -> Any:
    """The matcher that a parameter means; None where there are no records."""
    if isinstance(matcher, Deduplicator):
        if records is None:
            raise DataError(
                f"{owner}: matcher= finds the records of one person, and there are no records. "
                "Pass them: fit(log, records=...)."
            )
        if matcher.record is None:
            raise DataError(
                f"{owner}: the matcher must name the column of record ids, which are the customers "
                f"of the log: Deduplicator(record={log.customer!r})."
            )
        return matcher
    if matcher is not None and not (isinstance(matcher, str) and matcher == AUTO):
        raise DataError(
            f'{owner}: matcher must be a Deduplicator, "auto" or None, got {matcher!r}. For other '
            "thresholds or kinds: Deduplicator(record=..., precision=0.99)."
        )
    if records is None:
        return None
    if matcher is None:
        raise DataError(f'{owner}: records were given, but matcher=None. Pass matcher="auto".')
    names = _frames.column_names(records, owner)
    if log.customer not in names:
        raise DataError(
            f"{owner}: the records have no column {log.customer!r}, which holds the customers of "
            "the log. Name the one with the same ids: matcher=Deduplicator(record=...). Columns: "
            f"{names}."
        )
    return Deduplicator(record=log.customer)


def found(
    matcher: Deduplicator | None, records: Any
) -> tuple[Deduplicator | None, GoldenRecord | None]:
    """Fitted matcher and one record of each person; neither where there are no records."""
    if matcher is None:
        return None, None
    fitted = matcher.fit(records)
    return fitted, golden_of(fitted, records)


def golden_of(fitted: Deduplicator, records: Any) -> GoldenRecord:
    """One record of each person, chosen from those that the matcher was fitted on."""
    golden = fitted.golden
    if golden is None:
        kinds = {name: kind for name, kind in fitted.kinds_.items() if kind != UNUSED}
        golden = GoldenRecord(kinds=kinds)
    chosen: GoldenRecord = clone(golden).set_params(record=fitted.record)
    return chosen.fit(fitted.annotate(records, entity=chosen.entity))


def counts_of(golden: GoldenRecord) -> str:
    """How many records are how many people, in words."""
    return f"{golden.n_records_:,} records of {golden.n_entities_:,} people"


def people_of(golden: GoldenRecord) -> People:
    """Who the records of the fit are."""
    return kept_with(
        golden._kept["golden"], lambda: People(*golden._ids("rekey"), str(golden.record))
    )


def people_with(golden: GoldenRecord, fitted: Deduplicator, records: Any) -> People:
    """Who the records of the fit and these are; known people keep their ids."""
    known = people_of(golden)
    table = _frames.to_eager(records)
    ids = _frames.id_column(table, known.record, OWNER)
    if (ids.dtype.kind == "U") != (known.records.dtype.kind == "U"):
        kinds = [
            "text" if each.dtype.kind == "U" else "whole numbers" for each in (ids, known.records)
        ]
        raise DataError(
            f"{OWNER}: {known.record!r} holds {kinds[0]} here and {kinds[1]} in the records of the "
            "fit. Convert one of them first."
        )
    entity = fitted.predict(table)
    each = golden._kept["entities"][golden._kept["entity"]]
    is_known = each < fitted.n_entities_  # those without any value have no entity of their own
    old = pd.Series(known.golden[is_known], index=each[is_known])
    old = old[~old.index.duplicated()]
    smallest = pd.Series(ids).groupby(entity).min()
    person = pd.concat([old, smallest[~smallest.index.isin(old.index)]])
    theirs = person.to_numpy()[person.index.get_indexer(pd.Index(entity))]
    theirs = _frames.id_values(theirs, known.record, OWNER)
    return People(
        _frames.joint_ids([known.records, ids], known.record, OWNER),
        _frames.joint_ids([known.golden, theirs], known.record, OWNER),
        known.record,
    )


def by_person(log: EventLog, people: People, *, strict: bool) -> EventLog:
    """Events under the ids of people; ids of no record stay, with a warning that counts them.

    Unless `strict`, a log of which no customer has a record stays as it is.
    """

    def change(old: Ids) -> Ids:
        return golden_ids(old, *people.by_record, log.customer, people.record, strict=strict)

    return replace(log, data=_frames.change_ids(log.data, log.customer, change, OWNER))


def people_columns(
    who: People | None, customers: Any, customer: str
) -> dict[str, npt.NDArray[np.int64]]:
    """Records that each customer has, 0 where nobody recorded one; no column without records."""
    if who is None:
        return {}
    person, n_records = who.sizes
    place = find(person, _frames.id_column(customers, customer, OWNER), customer, OWNER)
    return {N_RECORDS: np.where(place >= 0, n_records[place], 0)}


def truth_of(truth: Any, log: EventLog, owner: str) -> People:
    """Who each record really is, told by a frame of two columns."""
    table = _frames.to_eager(truth)
    names = _frames.column_names(table, owner)
    record = log.customer if log.customer in names else names[0]
    others = [name for name in names if name != record]
    if len(others) != 1:
        raise DataError(
            f"{owner}: truth needs two columns, the record id ({record!r}) and the person; got "
            f"{names}. Pick them first."
        )
    records, person = (_frames.id_column(table, name, owner) for name in (record, others[0]))
    return People(records, person, record)
