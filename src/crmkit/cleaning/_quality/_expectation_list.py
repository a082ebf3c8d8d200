"""Expectations in a list: tested all at once, told as a table or as one error."""

from collections.abc import Callable, Collection
from functools import partial
from typing import Any, Self

import numpy as np

from crmkit import _frames
from crmkit.cleaning._quality import _expectations as of_frame
from crmkit.cleaning._quality._expectations import OWNER, Expectation, Lookup, Outcome
from crmkit.cleaning._quality._findings import check_rule
from crmkit.cleaning._quality._inspect import How, log_kinds
from crmkit.cleaning._quality._report import QualityReport
from crmkit.events import EventLog
from crmkit.exceptions import DataError, ExpectationError


class ExpectationList:
    """Data with what is expected of them; `Expectations` has a method for each expectation."""

    def __init__(self, data: Any, how: How) -> None:
        self._data = data
        self._how = how
        self._expected: list[Expectation] = []

    def result(self) -> Any:
        """Tell how every expectation came out: nothing in, one row an expectation out.

        Returns
        -------
        frame
            In the library of the data: `expectation`, `column`, `passed`, `n_failed`, `of`,
            `share`, `at_most` (share that may fail), `first_rows`, `example` and `what`.

        Raises
        ------
        DataError
            If columns are not there, all named at once, nothing was expected, or the data are a
            frame of Spark. Failures are rows of the frame.
        """
        return self._table(self._outcomes())

    def check(self) -> Any:
        """Fail where an expectation does: nothing in, the data out where all are met.

        Returns
        -------
        frame, EventLog or QualityReport
            The data, as they were given to `expect`.

        Raises
        ------
        ExpectationError
            If any expectation fails; the text lists all that do, `result` has them as a frame.
        DataError
            If columns are not there, all named at once, nothing was expected, or the data are a
            frame of Spark.
        """
        outcomes = self._outcomes()
        failed = [outcome for outcome in outcomes if not outcome.passed]
        if failed:
            n_rows = self._n_rows()
            lines = "\n".join(f"- {outcome.told()}" for outcome in failed)
            head = (
                f"{OWNER}: {len(failed)} of {len(outcomes)} expectations failed in {n_rows:,} rows."
            )
            raise ExpectationError(f"{head}\n{lines}", self._table(outcomes))
        return self._data

    def __repr__(self) -> str:
        told = ", ".join(
            f"{each.name}({', '.join(map(repr, each.columns))})" for each in self._expected
        )
        return f"Expectations({told})"

    def _names(self) -> list[str]:
        if isinstance(self._data, QualityReport):
            return [column.name for column in self._data.columns]
        return _frames.column_names(getattr(self._data, "data", self._data), OWNER)

    def _n_rows(self) -> int:
        if isinstance(self._data, QualityReport):
            return self._data.n_rows
        return Lookup(self._data, {}, self._how).n_rows

    def _each(
        self,
        name: str,
        columns: tuple[str, ...],
        test: Callable[[Any], list[Outcome]],
        told: Callable[[QualityReport, str], Outcome] | None = None,
    ) -> Self:
        """Add one expectation for each column."""
        check_some(columns, name)
        for column in columns:
            of = None if told is None else partial(_told_of, told, column)
            self._add(Expectation(name, (column,), partial(_tested, test, column), of))
        return self

    def _rule(self, name: str, column: str, rule: Any, what: str, at_least: float) -> Self:
        check_share(at_least, "at_least")
        check_rule(column, rule, OWNER)
        return self._each(
            name, (column,), lambda found: of_frame.broken_rule(found, rule, name, what, at_least)
        )

    def _add(self, expectation: Expectation) -> Self:
        self._expected.append(expectation)
        return self

    def _outcomes(self) -> list[Outcome]:
        if not self._expected:
            raise DataError(
                f"{OWNER}: nothing is expected. Add an expectation, such as .no_copies()."
            )
        of_frame.check_columns(self._expected, self._names())
        if isinstance(self._data, QualityReport):
            closed = [each.name for each in self._expected if each.of_report is None]
            if closed:
                raise DataError(
                    f"{OWNER}: {', '.join(dict.fromkeys(closed))} need the values, which a report "
                    "does not hold. Pass the frame."
                )
            return [o for e in self._expected if e.of_report for o in e.of_report(self._data)]
        log = self._data if isinstance(self._data, EventLog) else None
        lookup = Lookup(self._data, log_kinds(log) | dict(self._how.kinds), self._how)
        return [outcome for each in self._expected for outcome in each.test(lookup)]

    def _table(self, outcomes: list[Outcome]) -> Any:
        columns: dict[str, Any] = {
            "expectation": np.array([o.expectation for o in outcomes]),
            "column": np.array([o.column for o in outcomes]),
            "passed": np.array([o.passed for o in outcomes], dtype=bool),
            "n_failed": np.array([o.n for o in outcomes], dtype=np.int64),
            "of": np.array([o.of for o in outcomes], dtype=np.int64),
            "share": np.array([o.share for o in outcomes], dtype=np.float64),
            "at_most": np.array([o.most for o in outcomes], dtype=np.float64),
        }
        for name in ("first_rows", "example", "what"):
            columns[name] = np.array([getattr(o, name) for o in outcomes])
        if isinstance(self._data, QualityReport):
            return self._data._frame(columns)
        return _frames.id_frame(columns, Lookup(self._data, {}, self._how).library)


def _tested(test: Callable[[Any], list[Outcome]], column: str, lookup: Lookup) -> list[Outcome]:
    return test(lookup.column(column))


def _told_of(
    told: Callable[[QualityReport, str], Outcome], column: str, report: QualityReport
) -> list[Outcome]:
    return [told(report, column)]


def check_share(value: object, name: str) -> None:
    """Refuse anything but a number from 0 to 1."""
    good = isinstance(value, (int, float)) and not isinstance(value, bool) and 0.0 <= value <= 1.0
    if not good:
        raise DataError(f"{OWNER}: {name} must be a share from 0 to 1, got {value!r}.")


def check_some(columns: Collection[str], name: str) -> None:
    if not columns:
        raise DataError(f"{OWNER}: {name} needs the name of a column.")
