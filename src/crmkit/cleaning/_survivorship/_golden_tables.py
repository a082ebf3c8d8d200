"""Tables of a fitted GoldenRecord: where each value is from, which customer each record is."""

from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from sklearn.utils.validation import check_is_fitted

from crmkit import _frames
from crmkit.cleaning._survivorship._golden_ids import GOLDEN_ID, OWNER, by_record, golden_ids
from crmkit.cleaning._survivorship._kept import objects, text_of
from crmkit.cleaning._survivorship._lineage import rejected
from crmkit.events import EventLog
from crmkit.exceptions import DataError


class GoldenTables:
    """Public tables of a fitted `GoldenRecord`, in the library of the frame given to `fit`."""

    _customer_data: ClassVar[tuple[str, ...]] = ("_kept",)

    entity: str
    record: str | None
    rules_: dict[str, str]
    n_entities_: int
    n_records_: int
    _library: dict[str, Any]
    _kept: dict[str, Any]

    def provenance(self, *, contested_only: bool = False) -> Any:
        """Tell where each golden value is from: fitted records in, one row a value out.

        Parameters
        ----------
        contested_only : bool, default=False
            Whether to tell only of values that were chosen over others.

        Returns
        -------
        frame
            In the library of the frame given to `fit`: the entity; `column`; `value` as text, ""
            where missing; the record that it is from (under the name of the column `record`, else
            `row`, from 0; the golden one where a function made the value); `rule`; `n_rejected`,
            the number of other values that the records have, ways of writing apart; `rejected`,
            these values.
        """
        check_is_fitted(self)
        kept, parts = self._kept, []
        for name in self.rules_:
            one = self._lineage(name)
            rows = np.flatnonzero(one["n_rejected"] > 0) if contested_only else slice(None)
            parts.append({key: values[rows] for key, values in one.items()})
        joined = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
        order = np.argsort(joined.pop("number"), kind="stable")
        source = joined.pop("source")[order]
        label, ids = ("row", np.arange(self.n_records_)) if self.record is None else (
            self.record, kept["records"])  # fmt: skip
        table = {self.entity: kept["entities"][joined.pop("entity")[order]]}
        table |= {"column": joined["column"][order], "value": joined["value"][order]}
        table |= {label: ids[source]}
        table |= {name: joined[name][order] for name in ("rule", "n_rejected", "rejected")}
        self._check_names([self.entity, "column", "value", label, "rule", "n_rejected", "rejected"])
        text = ("column", "value", "rule", "rejected")
        return _frames.id_frame(table, self._library, text=text)

    def id_map(self) -> Any:
        """Tell which customer each record is: fitted records in, one row a record out.

        Returns
        -------
        frame
            In the library of the frame given to `fit` and in its row order: the record id, the
            entity and `golden_id`, the smallest record id of the entity.

        Raises
        ------
        DataError
            If there is no column of record ids.
        """
        records, golden = self._ids("id_map")
        self._check_names([str(self.record), self.entity, GOLDEN_ID])
        told = dict(self._library)
        told["types"] = {**told["types"], GOLDEN_ID: told["types"].get(self.record)}
        entity = self._kept["entities"][self._kept["entity"]]
        table = {str(self.record): records, self.entity: entity, GOLDEN_ID: golden}
        return _frames.id_frame(table, told)

    def rekey(self, log: EventLog) -> EventLog:
        """Give events the golden ids of their customers: an event log in, an event log out.

        Each customer id that is a record id becomes the smallest record id of its entity. Ids that
        no record has are kept, with a warning that counts them: no row and no amount is lost, and
        no kept id can be taken for a golden one, since golden ids are record ids.

        Parameters
        ----------
        log : EventLog
            Events whose customers are record ids.

        Returns
        -------
        EventLog
            The same events, in the library they are in, with all settings of `log`.

        Raises
        ------
        DataError
            If there is no column of record ids, no id of the log is a record id, or the ids are
            text here and whole numbers there.

        Warns
        -----
        DataWarning
            If customers of the log are not among the records.
        """
        records, golden = by_record(*self._ids("rekey"))
        if not isinstance(log, EventLog):
            raise DataError(
                f"{OWNER}: rekey needs an EventLog, got {type(log).__name__}. Wrap the frame "
                "first: EventLog(frame, customer=..., when=..., amount=...)."
            )

        def change(old: npt.NDArray[Any]) -> npt.NDArray[Any]:
            return golden_ids(old, records, golden, log.customer, str(self.record))

        return replace(log, data=_frames.change_ids(log.data, log.customer, change, OWNER))

    def _lineage(self, name: str) -> dict[str, npt.NDArray[Any]]:
        """Rows of `provenance` of one column."""
        kept, n = self._kept, self.n_entities_
        codes, values, rows = kept["codes"][name], kept["values"][name], kept["rows"][name]
        counts, others = rejected(codes, kept["forms"][name], values, rows, kept)
        made = kept["made"].get(name)
        if made is None:
            texts = [text_of(values, code) for code in codes[rows].tolist()]
        else:
            texts = [text_of(made, number) for number in range(n)]
        return {
            "number": np.arange(n) * len(self.rules_) + list(self.rules_).index(name),
            "entity": np.arange(n),
            "column": objects([name] * n),
            "value": objects(texts),
            "source": np.where(rows >= 0, rows, kept["golden"]),
            "rule": objects([self.rules_[name]] * n),
            "n_rejected": counts,
            "rejected": objects(others),
        }

    def _ids(self, what: str) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """Ids of the records and of what they became."""
        check_is_fitted(self)
        records = self._kept["records"]
        if records is None:
            raise DataError(
                f"{OWNER}: {what} needs the ids of the records. Name their column with record=."
            )
        return records, records[self._kept["golden"][self._kept["entity"]]]

    def _check_names(self, names: list[str]) -> None:
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise DataError(
                f"{OWNER}: column {twice[0]!r} is called like a new column ({', '.join(names)}). "
                "Rename it first."
            )
