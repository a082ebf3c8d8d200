"""Tables that a fitted matcher gives: pairs, the evidence on two records, the cost of each key."""

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.utils.validation import check_is_fitted

from crmkit import _frames
from crmkit.cleaning._matching._blocking import report_columns
from crmkit.cleaning._matching._coded import Floats, Ints, Units
from crmkit.cleaning._matching._evidence import evidence_table, first_rows, pair_table
from crmkit.cleaning._matching._labels import rows_of
from crmkit.cleaning._matching._records import known_units
from crmkit.cleaning._matching._scores import MatchModel
from crmkit.cleaning._matching._supervised import Correction
from crmkit.exceptions import DataError


class MatchTables:
    """Public tables of a fitted matcher, in the library of the frame given to `fit`."""

    record: str | None
    prior_: float
    look_alikes_: dict[str, dict[str, npt.NDArray[np.float64]]]
    _ids: npt.NDArray[Any] | None
    _library: dict[str, Any]
    _known: dict[str, Any]
    _unit_of_row: Ints
    _correction: dict[str, Any]
    _parameters: dict[str, Any]
    _report: list[list[Any]]

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
            ending with what speaks for look-alikes and what labels have taught.
        """
        check_is_fitted(self)
        first, second = self._unit_of(a, 0), self._unit_of(b, 1)
        table = evidence_table(self._model(), self._corrector(), self._units(), first, second)
        return _frames.id_frame(table, self._library)

    def blocking_report(self) -> Any:
        """Tell what each key cost and gave: fitted matcher in, one row a blocking pass out.

        Returns
        -------
        frame
            In the library of the frame given to `fit`: `key`, `pairs`, `new_pairs` (that no key
            before gave), `large_blocks` (keys with more records than `max_block_size`, whose
            records are joined by a second key too), `largest_block` (records), `used`,
            `left_out` (pairs of large blocks that are not compared), `recall`: the estimated
            share of all matches that the key joins, and `recall_so_far`: that of it and the keys
            before, from 0 to 1, NaN where it is not used. The last used row tells the recall of
            all keys, as far as mistakes in different columns are independent; the true one is
            mostly a little lower.
        """
        check_is_fitted(self)
        return _frames.id_frame(report_columns(self._report), self._library)

    def _model(self) -> MatchModel:
        kinds = tuple(self._known["kinds"][name] for name in self._known["codes"])
        given = self._parameters
        return MatchModel(
            kinds, given["m"], given["u"], self.prior_, tuple(self.look_alikes_),
            given["h"], given["shares"], given["adopts"],
        )  # fmt: skip

    def _units(self) -> Units:
        """Known units; values are as frequent as they were when the model was learnt."""
        units, counts = known_units(self._known), self._known.get("counts")
        if counts is None:
            return units
        columns = [replace(column, given_counts=counts[column.name]) for column in units.columns]
        return replace(units, columns=columns)

    def _corrector(self) -> Correction | None:
        return Correction(**self._correction) if self._correction else None

    def _unit_of(self, record: Any, side: int = 0) -> int:
        """Unit of a record by its id or row; `side` tells lists apart where there are two."""
        owner, n = type(self).__name__, len(self._unit_of_row)
        try:
            wanted = _frames.id_values([record], "record", owner)
            row = int(rows_of(self._ids, wanted, n, "record", owner)[0])
        except DataError:
            how = "its row from 0" if self._ids is None else f"its {self.record!r}"
            raise DataError(
                f"{owner}: record {record!r} is not among the {n:,} records of fit. Name it "
                f"by {how}."
            ) from None
        if self._unit_of_row[row] < 0:
            raise DataError(f"{owner}: record {record!r} has no values to compare.")
        return int(self._unit_of_row[row])

    def _sides(self) -> tuple[str, str]:
        """Names of the two columns of ids in tables of pairs."""
        name = "row" if self._ids is None else self.record
        return f"{name}_a", f"{name}_b"

    def _name_of_row(self, row: int) -> str:
        return f"row {row}" if self._ids is None else repr(self._ids[row].item())


class PairTables(MatchTables):
    """Public tables of the pairs of a fitted `Deduplicator`."""

    _entities: Ints
    _scored: dict[str, npt.NDArray[Any]]
    _final: npt.NDArray[np.float64]

    def pairs(self, *, joined: bool = True) -> Any:
        """Tell why records are together: fitted records in, one row a matched pair out.

        Parameters
        ----------
        joined : bool, default=True
            Whether to give the pairs that are together alone, or all that were scored and are
            not out of the question.

        Returns
        -------
        frame
            In the library of the frame given to `fit`: both records (`a` before `b`), `entity`
            (of all pairs, `together`), `probability` that they are one person, `household` and
            `namesake`: the probabilities that they are two people who look alike, as far as these
            classes are modelled; best pairs first. Records that are equal in all columns have
            probability 1.
        """
        check_is_fitted(self)
        left, right = self._scored["left"], self._scored["right"]
        together = self._entities[left] == self._entities[right]
        chosen = together if joined else np.ones(len(left), dtype=bool)
        pairs = {name: values[chosen] for name, values in self._scored.items()}
        pairs["log_odds"] = self._final[chosen]
        table = pair_table(pairs, self._unit_of_row, self._entities, together[chosen])
        del table["together" if joined else "entity"]
        return _frames.id_frame(self._with_ids(table), self._library)

    def _with_ids(self, table: dict[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
        """Pairs of rows as pairs of ids, in the type of the ids."""
        a, b = table.pop("a"), table.pop("b")
        one, other = self._sides()
        if self._ids is None:
            return {one: a, other: b, **table}
        kind = self._library["types"].get(self.record)
        self._library["types"] |= dict.fromkeys((one, other), kind)
        return {one: self._ids[a], other: self._ids[b], **table}

    def _side_by_side(self, units: Units, left: Ints, right: Ints, probability: Floats) -> Any:
        """Pairs of units with what both records hold, in the library of `fit`."""
        first = first_rows(self._unit_of_row, units.n)
        a, b = first[left], first[right]
        swapped = a > b
        left, right = np.where(swapped, right, left), np.where(swapped, left, right)
        table = {"a": np.minimum(a, b), "b": np.maximum(a, b), "probability": probability}
        for column in units.columns:
            values = np.array([*column.values, ""], dtype=str)
            is_taken = f"{column.name}_a" in self._sides()  # a column called "row"
            name = f"{column.name} (value)" if is_taken else column.name
            table[f"{name}_a"] = values[column.codes[left]]
            table[f"{name}_b"] = values[column.codes[right]]
        return _frames.id_frame(self._with_ids(table), self._library)
