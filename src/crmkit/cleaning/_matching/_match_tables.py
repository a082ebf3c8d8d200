"""Tables that a fitted matcher gives: pairs, the evidence on two records, the cost of each key."""

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.utils.validation import check_is_fitted

from crmkit import _frames
from crmkit.cleaning._matching._coded import Ints
from crmkit.cleaning._matching._evidence import evidence_table, pair_table
from crmkit.cleaning._matching._records import known_units
from crmkit.cleaning._matching._scores import MatchModel
from crmkit.exceptions import DataError


class MatchTables:
    """Public tables of a fitted `Deduplicator`, in the library of the frame given to `fit`."""

    record: str | None
    prior_: float
    look_alikes_: dict[str, dict[str, npt.NDArray[np.float64]]]
    _ids: npt.NDArray[Any] | None
    _library: dict[str, Any]
    _known: dict[str, Any]
    _entities: Ints
    _unit_of_row: Ints
    _pairs: dict[str, npt.NDArray[Any]]
    _parameters: dict[str, Any]
    _report: list[list[Any]]

    def pairs(self) -> Any:
        """Tell why records are together: fitted records in, one row a matched pair out.

        Returns
        -------
        frame
            In the library of the frame given to `fit`: both records (`a` before `b`), `entity`,
            `probability` that they are one person, `household` and `namesake`: the probabilities
            that they are two people who look alike, as far as these classes are modelled; best
            pairs first. Records that are equal in all columns have probability 1.
        """
        check_is_fitted(self)
        table = pair_table(self._pairs, self._unit_of_row, self._entities)
        return _frames.id_frame(self._with_ids(table), self._library)

    def explain(self, a: Any, b: Any) -> Any:
        """Weigh the evidence on two records: two ids in, one row a column out.

        Parameters
        ----------
        a, b : object
            Ids in the column `record`, or numbers of rows from 0 where there is none.

        Returns
        -------
        frame
            In the library of the frame given to `fit`: `column`, the normal forms `a` and `b`,
            `agreement` ("missing", "different", "near", "close" or "equal"), `weight` (log-odds
            that the column adds) and `total` (log-odds so far), beginning with the prior and
            ending with what speaks for look-alikes.
        """
        check_is_fitted(self)
        first, second = (self._unit_of(each) for each in (a, b))
        known = known_units(self._known)
        return _frames.id_frame(evidence_table(self._model(), known, first, second), self._library)

    def blocking_report(self) -> Any:
        """Tell what each key cost and gave: fitted matcher in, one row a blocking pass out.

        Returns
        -------
        frame
            In the library of the frame given to `fit`: `key`, `pairs`, `new_pairs` (that no key
            before gave), `large_blocks` (left out), `largest_block` (records) and `used`.
        """
        check_is_fitted(self)
        names = ("key", "pairs", "new_pairs", "large_blocks", "largest_block", "used")
        rows = list(zip(*self._report, strict=True)) or [()] * len(names)
        types = (str, np.int64, np.int64, np.int64, np.int64, bool)
        columns = {
            name: np.array(row, dtype=dtype)
            for name, row, dtype in zip(names, rows, types, strict=True)
        }
        return _frames.id_frame(columns, self._library)

    def _model(self) -> MatchModel:
        kinds = tuple(self._known["kinds"][name] for name in self._known["codes"])
        given = self._parameters
        return MatchModel(
            kinds, given["m"], given["u"], self.prior_, tuple(self.look_alikes_),
            given["h"], given["shares"], given["adopts"],
        )  # fmt: skip

    def _unit_of(self, record: Any) -> int:
        """Unit of a record by its id or row."""
        n = len(self._unit_of_row)
        if self._ids is not None:
            found = np.flatnonzero(self._ids == record)
            row = int(found[0]) if len(found) else -1
        else:
            is_row = isinstance(record, (int, np.integer)) and 0 <= record < n
            row = int(record) if is_row else -1
        if row < 0:
            how = "its row from 0" if self._ids is None else f"its {self.record!r}"
            raise DataError(
                f"Deduplicator: record {record!r} is not among the {n:,} records of fit. Name it "
                f"by {how}."
            )
        if self._unit_of_row[row] < 0:
            raise DataError(f"Deduplicator: record {record!r} has no values to compare.")
        return int(self._unit_of_row[row])

    def _with_ids(self, table: dict[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
        """Pairs of rows as pairs of ids, in the type of the ids."""
        a, b = table.pop("a"), table.pop("b")
        if self._ids is None:
            return {"row_a": a, "row_b": b, **table}
        names = f"{self.record}_a", f"{self.record}_b"
        kind = self._library["types"].get(self.record)
        self._library["types"] |= dict.fromkeys(names, kind)
        return {names[0]: self._ids[a], names[1]: self._ids[b], **table}
