"""What a nightly job expects of a list, checked at once, and told at once where it fails."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any, Self

import pandas as pd

from crmkit._validation import check_whole
from crmkit.cleaning._normal._kinds import check_kinds
from crmkit.cleaning._quality import _expectations as of_frame
from crmkit.cleaning._quality import _expected_of_reports as of_report
from crmkit.cleaning._quality._expectation_list import ExpectationList, check_share, check_some
from crmkit.cleaning._quality._expectations import OWNER, Expectation, Lookup, Outcome
from crmkit.cleaning._quality._inspect import How
from crmkit.cleaning._quality._quality_drift import Limits
from crmkit.cleaning._quality._report import QualityReport
from crmkit.events._instants import read_instant
from crmkit.exceptions import DataError

__all__ = ["Expectations", "expect"]


class Expectations(ExpectationList):
    """What is expected of a list: each method adds an expectation; `check` tests all of them.

    Made by `expect`, which shows an example. Methods give the object itself back, so that they
    can be written one behind the other. Shares are from 0 to 1; what is not there (missing, or a
    placeholder) fails `no_missing` alone. Of no rows, everything is true: expect `has_rows` too.
    """

    def no_missing(self, *columns: str, at_most: float = 0.0) -> Self:
        """Expect values: in each of some columns, at most a share of the rows has none.

        Parameters
        ----------
        *columns : str
            Columns; none named means all of them.
        at_most : float, default=0.0
            Largest share of rows without a value, or with a placeholder such as "N/A".
        """
        check_share(at_most, "at_most")
        return self._each(
            "no_missing",
            columns or tuple(self._names()),
            lambda column: of_frame.missing(column, at_most),
            lambda report, name: of_report.missing(report, name, at_most),
        )

    def valid(self, *columns: str, at_least: float = 1.0) -> Self:
        """Expect values that can be read as what each of some columns holds.

        Parameters
        ----------
        *columns : str
            Columns; none named means all of them.
        at_least : float, default=1.0
            Least share of the values that are there.
        """
        check_share(at_least, "at_least")
        return self._each(
            "valid",
            columns or tuple(self._names()),
            lambda column: of_frame.invalid(column, at_least),
            lambda report, name: of_report.invalid(report, name, at_least),
        )

    def unique(self, *columns: str, together: bool = False, at_most: float = 0.0) -> Self:
        """Expect that no value of each of some columns is on two rows.

        Parameters
        ----------
        *columns : str
            Columns, at least one.
        together : bool, default=False
            Whether only all values of a row together have to differ.
        at_most : float, default=0.0
            Largest share of values, of those that are there, that may repeat an earlier one.
        """
        check_share(at_most, "at_most")
        check_some(columns, "unique")
        if not together:
            return self._each(
                "unique",
                columns,
                lambda column: of_frame.repeated([column], at_most),
                lambda report, name: of_report.repeated(report, name, at_most),
            )

        def test(lookup: Lookup) -> list[Outcome]:
            return of_frame.repeated([lookup.column(name) for name in columns], at_most)

        return self._add(Expectation("unique", columns, test))

    def no_copies(self, *, at_most: float = 0.0) -> Self:
        """Expect that no row equals an earlier one in every column.

        Parameters
        ----------
        at_most : float, default=0.0
            Largest share of rows that may.
        """
        check_share(at_most, "at_most")

        def test(lookup: Lookup) -> list[Outcome]:
            return of_frame.copied([lookup.column(name) for name in lookup.names], at_most)

        def of(report: QualityReport) -> list[Outcome]:
            return [of_report.copied(report, at_most)]

        return self._add(Expectation("no_copies", (), test, of))

    def in_range(
        self, column: str, low: Any = None, high: Any = None, *, at_least: float = 1.0
    ) -> Self:
        """Expect numbers or dates between two bounds.

        Parameters
        ----------
        column : str
            Column of numbers, or of dates where the bounds are dates.
        low, high : float, date or ISO 8601 text, default=None
            Bounds, both allowed; None is no bound.
        at_least : float, default=1.0
            Least share of the values that are there.
        """
        if low is None and high is None:
            raise DataError(f"{OWNER}: in_range needs a bound: low=, high= or both.")
        what = f"are not within {_end(low)} to {_end(high)}"
        return self._rule("in_range", column, (low, high), what, at_least)

    def one_of(self, column: str, values: Collection[Any], *, at_least: float = 1.0) -> Self:
        """Expect values of a list.

        Parameters
        ----------
        column : str
            Column.
        values : list or set
            Allowed values.
        at_least : float, default=1.0
            Least share of the values that are there.
        """
        if isinstance(values, str) or not isinstance(values, Collection):
            raise DataError(f"{OWNER}: one_of needs a list of values, got {values!r}.")
        allowed = list(values)
        shown = ", ".join(map(repr, allowed[:5])) + (", ..." if len(allowed) > 5 else "")
        return self._rule("one_of", column, allowed, f"are none of {shown}", at_least)

    def matches(self, column: str, pattern: str, *, at_least: float = 1.0) -> Self:
        r"""Expect values that a regular expression matches whole.

        Parameters
        ----------
        column : str
            Column.
        pattern : str
            Regular expression, such as r"\d{5}".
        at_least : float, default=1.0
            Least share of the values that are there.
        """
        of_frame.compiled(pattern)
        return self._rule("matches", column, pattern, f"do not match {pattern!r}", at_least)

    def holds(
        self, column: str, test: Callable[[Any], bool], what: str, *, at_least: float = 1.0
    ) -> Self:
        """Expect that a function says yes to the values of a column.

        Parameters
        ----------
        column : str
            Column.
        test : callable
            Takes a value and tells whether it is right; called once for each distinct value. One
            that it raises an error on counts as wrong, and the outcome says so.
        what : str
            What is wrong where it says no, such as "have a wrong check digit".
        at_least : float, default=1.0
            Least share of the values that are there.
        """
        check_share(at_least, "at_least")
        if not callable(test):
            raise DataError(f"{OWNER}: holds needs a function of a value, got {test!r}.")
        return self._each(
            "holds", (column,), lambda found: of_frame.tested(found, test, what, at_least)
        )

    def depends(self, left: str | Iterable[str], right: str, *, at_least: float = 1.0) -> Self:
        """Expect that one column, or several, determine another: a postcode its city.

        Parameters
        ----------
        left : str or list of str
            Columns that determine.
        right : str
            Column that is determined. Values are compared once written alike.
        at_least : float, default=1.0
            Least share of the rows, of those with all values, that agree with most rows of theirs.
        """
        check_share(at_least, "at_least")
        names = (left,) if isinstance(left, str) else tuple(left)
        check_some(names, "depends")

        def test(lookup: Lookup) -> list[Outcome]:
            columns = [lookup.column(name) for name in names]
            return of_frame.undetermined(columns, lookup.column(right), at_least)

        return self._add(Expectation("depends", (*names, right), test))

    def fresh(self, column: str, *, within: str | timedelta, as_of: Any) -> Self:
        """Expect that the newest date before an instant is no older than a time.

        Parameters
        ----------
        column : str
            Column of dates or times; dates count from midnight.
        within : str or timedelta
            Largest age of the newest one, such as "36h", "2D" or "1W".
        as_of : str, date or datetime
            Instant that the age is told at; later dates are not looked at.
        """
        instant, length = read_instant(as_of, "as_of", OWNER), _length(within)

        def of(report: QualityReport) -> list[Outcome]:
            return [of_report.stale(report, column, length, instant)]

        return self._add(
            Expectation(
                "fresh",
                (column,),
                lambda lookup: of_frame.stale(lookup.column(column), length, instant),
                of,
            )
        )

    def has_rows(self, at_least: int = 1, at_most: int | None = None) -> Self:
        """Expect a number of rows.

        Parameters
        ----------
        at_least : int, default=1
            Fewest rows.
        at_most : int, default=None
            Most rows; None is no bound.
        """
        check_whole(at_least, "at_least", OWNER, low=0)
        if at_most is not None:
            check_whole(at_most, "at_most", OWNER, low=int(at_least))

        def judged(n_rows: int) -> list[Outcome]:
            failed = n_rows < at_least or (at_most is not None and n_rows > at_most)
            wanted = f"at least {at_least:,}" + (
                "" if at_most is None else f", at most {at_most:,}"
            )
            what = f"there are {n_rows:,} rows, wanted {wanted}" if failed else ""
            return [Outcome("has_rows", "", what, int(failed), 1, unit="")]

        return self._add(
            Expectation(
                "has_rows",
                (),
                lambda lookup: judged(lookup.n_rows),
                lambda report: judged(report.n_rows),
            )
        )

    def at_most_drift(
        self,
        earlier: Any,
        *,
        false_alarms: float = 0.01,
        min_shift: float = 0.02,
        min_distance: float = 0.1,
        min_rows: float = 0.1,
    ) -> Self:
        """Expect that nothing changed since an earlier state but by chance, or by little.

        A list without a row fails where the earlier one had any.

        Parameters
        ----------
        earlier : dict, QualityReport or frame
            Earlier state: best what `QualityReport.snapshot` gave.
        false_alarms, min_shift, min_distance, min_rows : float, default=0.01, 0.02, 0.1, 0.1
            As in `QualityReport.compare`.
        """
        limits = Limits(false_alarms, min_shift, min_distance, min_rows)

        def of(report: QualityReport) -> list[Outcome]:
            return of_frame.drifted(report, earlier, limits)

        return self._add(Expectation("at_most_drift", (), lambda lookup: of(lookup.report()), of))


def expect(
    data: Any,
    *,
    kinds: Mapping[str, str] | None = None,
    date_order: str | None = None,
    placeholders: Iterable[str] = (),
    decimal: str = ".",
) -> Expectations:
    """Say what a list must be like, and fail where it is not: records, events or a report in.

    Use it in a nightly job, before models read the list: `Expectations.check` raises one error
    that lists every failure with its count and first rows, `Expectations.result` never raises for
    one. To learn what is wrong with a list that is new, use `quality_report`.

    Parameters
    ----------
    data : frame, EventLog or QualityReport
        One row a record, of pandas, polars, pyarrow or duckdb; purchase events; or a report, of
        which only what it counted can be expected. Every value is read in memory: `check` and
        `result` refuse a frame of Spark, so fetch it, or a part of its customers, by
        ``frame.toArrow()``.
    kinds : dict of str to str, default=None
        What columns hold, by name, as in `RecordNormalizer`; others are told by name and content.
        State them for `valid`, so that a bad day does not make e-mail addresses into text.
    date_order : {"DMY", "MDY"}, default=None
        Order of dates with the year last. None finds it from dates with one reading.
    placeholders : iterable of str, default=()
        Further values that mean "missing", in any case.
    decimal : {".", ","}, default="."
        Mark before the decimals of numbers that are text.

    Returns
    -------
    Expectations
        To which expectations are added, one method each.

    Raises
    ------
    DataError
        If a parameter is wrong.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmkit.cleaning import expect
    >>> from crmkit.exceptions import ExpectationError
    >>> customers = pd.DataFrame({
    ...     "id": [1, 2, 2], "email": ["ann@post.example", None, "bob@post"], "age": [31, 40, 260],
    ... })
    >>> expected = expect(customers, kinds={"email": "email"}).unique("id")
    >>> expected = expected.no_missing("email", at_most=0.4).valid("email").in_range("age", 0, 120)
    >>> try:
    ...     expected.check()
    ... except ExpectationError as error:
    ...     print(error)
    expect: 3 of 4 expectations failed in 3 rows.
    - 'id': 1 of 3 rows (33.33%) repeat an earlier one (first in row 2), such as 2.
    - 'email': 1 of 2 values (50.00%) cannot be read (email) (first in row 2), such as bob@post.
    - 'age': 1 of 3 values (33.33%) are not within 0 to 120 (first in row 2), such as 260.
    >>> expected.result()[["expectation", "column", "passed"]]
      expectation column  passed
    0      unique     id   False
    1  no_missing  email    True
    2       valid  email   False
    3    in_range    age   False
    """
    words = placeholders if isinstance(placeholders, str) else tuple(placeholders)
    how = How(
        kinds=dict(kinds or {}),
        date_order=date_order,
        placeholders=words,
        decimal=decimal,
        duplicates=False,
    )
    how.settings(OWNER)
    made = Expectations(data, how)
    check_kinds(how.kinds, made._names(), OWNER)
    return made


def _length(within: object) -> timedelta:
    try:
        length = pd.Timedelta(within).to_pytimedelta()  # type: ignore[arg-type]
    except (ValueError, TypeError, AttributeError):
        length = timedelta(-1)
    if not isinstance(length, timedelta) or length < timedelta(0):
        raise DataError(
            f"{OWNER}: within must be a length of time such as '36h', '2D' or '1W', got {within!r}."
        )
    return length


def _end(bound: object) -> str:
    return "any" if bound is None else str(bound)
