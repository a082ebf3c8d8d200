"""What a report on the quality of a list holds, and the views of it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from crmkit import _frames
from crmkit._validation import check_share
from crmkit.cleaning._quality._findings import DIMENSIONS, Finding
from crmkit.cleaning._quality._inspect import OWNER, How, Inspected, inspect
from crmkit.cleaning._quality._likely_duplicates import LikelyDuplicates
from crmkit.cleaning._quality._measures import (
    OVERALL,
    ColumnQuality,
    DimensionScore,
    dimension_scores,
    overall,
    row_findings,
)
from crmkit.cleaning._quality._quality_drift import Drift, Limits, drifts
from crmkit.cleaning._quality._quality_html import notebook_view, quality_page
from crmkit.cleaning._quality._snapshot import COUNTS, FORMAT, check_snapshot
from crmkit.cleaning._quality._time_checks import Timeliness
from crmkit.exceptions import DataError


@dataclass(frozen=True, eq=False)
class QualityReport:
    """What `quality_report` found in a list: numbers, findings, and views of them.

    It holds row numbers and examples of values as they are, which may be personal data; what
    `snapshot` gives holds none.

    Attributes
    ----------
    n_rows : int
        Rows of the frame.
    columns : tuple of ColumnQuality
        Counts of each column; `to_frame` has them as a table.
    findings : tuple of Finding
        Everything that was found, worst first; `issues` has it as a table.
    time : Timeliness or None
        Age of the records; None without a column `when` that holds dates.
    duplicates : LikelyDuplicates
        Estimate of pairs of one person; its text says why where nothing was compared.
    """

    n_rows: int
    columns: tuple[ColumnQuality, ...] = field(repr=False)
    findings: tuple[Finding, ...] = field(repr=False)
    time: Timeliness | None = field(repr=False)
    duplicates: LikelyDuplicates = field(repr=False)
    _how: How = field(repr=False)
    _found: Inspected = field(repr=False)
    _earlier: Mapping[str, Any] | None = field(default=None, repr=False)

    def scores(self) -> Any:
        """Score each dimension: report in, one row a dimension and one for all out.

        Returns
        -------
        frame
            In the library of the data: `dimension`, `score` (0 to 1, NaN where nothing could be
            measured), `n_good`, `of` (how many were counted), `unit` (what was counted) and
            `definition`. The last row, "overall", is the mean of those above it.
        """
        told = self._dimensions()
        table = {
            "dimension": [*(d.dimension for d in told), "overall"],
            "score": [*(d.score for d in told), overall(told)],
            "n_good": [*(d.n_good for d in told), sum(d.of > 0 for d in told)],
            "of": [*(d.of for d in told), len(told)],
            "unit": [*(d.unit for d in told), "dimensions measured"],
            "definition": [*(d.definition for d in told), OVERALL],
        }
        return self._frame(table)

    def to_frame(self) -> Any:
        """Tell each column: report in, one row a column out.

        Returns
        -------
        frame
            In the library of the data: `column`, `kind`, `kind_from` ("stated", "name and values",
            or "few values": told by fewer than 20 different ones, so that `validity` may be that
            of another kind: state it), `n_rows`, `n_missing` (no value, or empty
            text), `n_placeholders`, `n_values` (the others), `n_distinct` (of these), `n_invalid`,
            `n_inconsistent`, and shares from 0 to 1: `completeness` (values of rows), `validity`
            and `consistency` (of values), `uniqueness` (distinct of values, NaN where values may
            repeat) and `timeliness` (dates at most a year old, NaN but for the column `when`).
        """
        counts = ["n_rows", "n_missing", "n_placeholders", "n_values", "n_distinct"]
        counts += ["n_invalid", "n_inconsistent"]
        shares = list(DIMENSIONS)
        table: dict[str, Any] = {
            "column": [column.name for column in self.columns],
            "kind": [column.kind for column in self.columns],
            "kind_from": [column.kind_from for column in self.columns],
        }
        for names, dtype in ((counts, np.int64), (shares, np.float64)):
            table |= {n: np.array([getattr(c, n) for c in self.columns], dtype) for n in names}
        return self._frame(table)

    def issues(self) -> Any:
        """List what was found: report in, one row a finding out, worst first.

        Returns
        -------
        frame
            In the library of the data: `severity` ("high", "medium", "low", "note"), `dimension`,
            `column` (empty for whole rows), `check`, `what`, `n` (how many failed), `of` (how many
            could have), `share`, `unit` (what is counted), `first_rows` (numbers of rows, from 0),
            `example` and `todo`.
        """
        texts = ("severity", "dimension", "column", "check", "what")
        table: dict[str, Any] = {n: [getattr(f, n) for f in self.findings] for n in texts}
        table["n"] = np.array([f.n for f in self.findings], dtype=np.int64)
        table["of"] = np.array([f.of for f in self.findings], dtype=np.int64)
        table["share"] = np.array([f.share for f in self.findings], dtype=np.float64)
        for name in ("unit", "first_rows", "example", "todo"):
            table[name] = [getattr(f, name) for f in self.findings]
        return self._frame(table)

    def rows(self) -> Any:
        """List the rows with faults: report in, one row a faulty row out, with all its faults.

        Returns
        -------
        frame
            In the library of the data: `row` (number from 0), the column `record` where one was
            named, `n_findings` and `findings`, which names them all. Notes do not count.
        """
        rows, n, texts = row_findings(self.findings, self.n_rows)
        table: dict[str, Any] = {"row": rows}
        if self._how.record is not None:
            table[self._how.record] = _ids(self._found.ids[rows])
        return self._frame(table | {"n_findings": n, "findings": texts})

    def snapshot(self) -> dict[str, Any]:
        """Keep the counts for a later comparison: report in, a dict for a JSON file out.

        It names columns, categories and ways of writing that at least five rows have, and ranges
        of numbers and dates; no names, addresses or other values of a person. Of a log, a category
        is named where at least five customers have it; of a frame of events it is not known whose
        a row is, so make an EventLog of it. Categories that may be persons ("Jo Smith", a column
        "seller") are kept as ways of writing ("aa aaaaa"); a rare first name alone can pass for a
        category: state such a column as "name" in `kinds`, and nothing of its values is kept.

        Returns
        -------
        dict
            Of texts, numbers, lists and dicts.
        """
        columns = {}
        for column in self.columns:
            spread, days = self._found.spreads[column.name], self._found.dates[column.name]
            columns[column.name] = {
                "kind": column.kind,
                **{name: getattr(column, name) for name in COUNTS},
                "spread": None if spread is None else spread.plain(),
                "dates": None if days is None else days.plain(),
            }
        n_copies = sum(f.n for f in self.findings if f.check in ("exact copy", "equal"))
        counts = {"n_rows": self.n_rows, "n_copies": n_copies}
        return {"format": FORMAT, **counts, "columns": columns}

    def compare(
        self,
        earlier: Any = None,
        *,
        false_alarms: float = 0.01,
        min_shift: float = 0.02,
        min_distance: float = 0.1,
        min_rows: float = 0.1,
    ) -> Any:
        """Tell what changed: an earlier state in, one row a measure of a column out.

        Parameters
        ----------
        earlier : dict, QualityReport or frame, default=None
            What `snapshot` gave, a report, or the earlier data, which are then inspected with the
            same parameters. None is that given to `quality_report`.
        false_alarms : float, default=0.01
            Chance that anything is said to have drifted although nothing changed but the rows.
        min_shift : float, default=0.02
            Least change of a share that counts, however sure it is.
        min_distance : float, default=0.1
            Least Jensen-Shannon distance that counts, from 0 for equal to 1 for disjoint.
        min_rows : float, default=0.1
            Share of the rows of the larger list below which the smaller one has too few, 0 to 1.

        Returns
        -------
        frame
            In the library of the data: `column` (empty for all), `measure` ("missing",
            "placeholders", "invalid", "inconsistent", "repeated", "copies": shares;
            "distribution", "ways of writing": distances; "new categories", "vanished categories":
            numbers of them; "dates", of all but birth dates, which may move on but not by more than
            their span; "new column", "column gone", "kind", "rows"), `before`, `now`, `low` and
            `high` (what chance alone would keep `now` between), `drifted` and `what`.

        Raises
        ------
        DataError
            If there is no earlier state, or it is none.
        """
        told = self.drifts(earlier, Limits(false_alarms, min_shift, min_distance, min_rows))
        numbers = {"before": np.float64, "now": np.float64, "low": np.float64, "high": np.float64}
        types: dict[str, Any] = numbers | {"drifted": np.bool_}
        table: dict[str, Any] = {}
        for name in Drift._fields:
            values = [getattr(drift, name) for drift in told]
            table[name] = np.array(values, dtype=types[name]) if name in types else values
        return self._frame(table)

    def to_html(self, path: str | os.PathLike[str]) -> Path:
        """Write the report to a file: a path in, the path of a self-contained HTML page out.

        The page needs no network and no script, reads on a phone, and follows the light or dark
        setting of the reader. It shows examples of values, which may be personal data.

        Parameters
        ----------
        path : str or path
            Where to write; the folder must exist.

        Returns
        -------
        pathlib.Path
            Where the page is.

        Raises
        ------
        MissingExtraError
            If jinja2 is not installed.
        OSError
            If the file cannot be written.
        """
        path = Path(path)
        changes = None if self._earlier is None else self.drifts()
        page = quality_page(self, self._dimensions(), changes)
        path.write_text(page, encoding="utf-8", newline="\n")
        return path

    def _repr_html_(self) -> str | None:
        return notebook_view(self, self._dimensions())

    def __repr__(self) -> str:
        counts = {s: sum(f.severity == s for f in self.findings) for s in ("high", "medium", "low")}
        told = ", ".join(f"{n} {severity}" for severity, n in counts.items())
        scores = ", ".join(f"{d.dimension} {d.score:.3f}" for d in self._dimensions() if d.of)
        size = f"{self.n_rows:,} rows, {len(self.columns)} columns"
        return f"<QualityReport of {size}; findings: {told}; {scores}>"

    def _dimensions(self) -> list[DimensionScore]:
        return dimension_scores(self.columns, self.findings, self.n_rows, is_log=self._found.is_log)

    def _frame(self, table: Mapping[str, Any]) -> Any:
        return _frames.id_frame({k: _array(v) for k, v in table.items()}, self._found.library)

    def drifts(self, earlier: Any = None, limits: Limits | None = None) -> list[Drift]:
        """Everything that was compared, as `compare` tells it: an earlier state in, tuples out.

        Parameters
        ----------
        earlier : dict, QualityReport or frame, default=None
            As in `compare`.
        limits : Limits, default=None
            What counts as a change; None takes the defaults of `compare`.

        Returns
        -------
        list of Drift
            One for each measure of a column.
        """
        limits = limits or Limits()
        for name, value in vars(limits).items():
            check_share(value, name, "QualityReport.compare")
        if earlier is None and self._earlier is None:
            raise DataError(
                "QualityReport.compare: there is nothing to compare with. Pass earlier=, such as "
                "the snapshot() of an earlier report."
            )
        before = self._earlier if earlier is None else state_of(earlier, self._how)
        found = self._found
        return drifts(before or {}, self.snapshot(), found.spreads, limits, found.dates)


def report_of(data: Any, how: How, earlier: Any = None) -> QualityReport:
    """Inspect data, and take what they are compared with."""
    found = inspect(data, how)
    report = QualityReport(
        found.n_rows, found.columns, found.findings, found.time, found.duplicates, how, found
    )
    if earlier is None:
        return report
    return replace(report, _earlier=state_of(earlier, how))


def state_of(earlier: Any, how: How) -> Mapping[str, Any]:
    """Snapshot of an earlier state: as it is, of a report, or of data inspected alike.

    Kinds that were not stated are found anew: under those of today no other would be seen.
    """
    if isinstance(earlier, QualityReport):
        return earlier.snapshot()
    if isinstance(earlier, Mapping):
        check_snapshot(earlier, OWNER)
        return earlier
    names = _frames.column_names(getattr(earlier, "data", earlier), OWNER)
    own = replace(
        how,
        kinds={name: kind for name, kind in how.kinds.items() if name in names},
        rules={name: rule for name, rule in how.rules.items() if name in names},
        record=how.record if how.record in names else None,
        when=how.when if how.when in names else None,
        duplicates=False,
    )
    return report_of(earlier, own).snapshot()


def _ids(values: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """Ids as an array of their own type; as objects where some are missing or they are mixed."""
    types = {type(value) for value in values.tolist()}
    return np.array(values.tolist()) if types in ({int}, {str}) else values


def _array(values: Any) -> "np.ndarray[Any, Any]":
    """An array; texts as objects, since one long text would widen all of an array of text."""
    if isinstance(values, np.ndarray):
        return values
    if not values:
        return np.empty(0, dtype=str)
    return np.array(values, dtype=object) if isinstance(values[0], str) else np.asarray(values)
