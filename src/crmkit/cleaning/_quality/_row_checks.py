"""What is wrong with whole rows: copies, ids that repeat, dates that contradict each other.

Rows that are equal once written alike are found column by column, the one with the fewest values
first: after each only rows that still have an equal one go on, so that few of the many distinct
values of the last columns need a normal form. Equal rows are copies only where something tells
rows apart: a column of names, addresses or ids, or one whose values mostly differ. Of classes
alone, such as age and income in bands, rows are equal because many are alike.
"""

from collections.abc import Sequence

import numpy as np

from crmkit.cleaning._matching._coded import joint_codes, sorted_codes
from crmkit.cleaning._normal._forms import traced
from crmkit.cleaning._normal._kinds import DATES, IGNORE
from crmkit.cleaning._quality._dependencies import find_dependencies, violations
from crmkit.cleaning._quality._findings import CHECKS, Finding, Flags, Ints, example_of, found
from crmkit.cleaning._quality._judged import Judged
from crmkit.cleaning._quality._likely_duplicates import PERSON

DEPENDENT = ("postcode", "city", "state", "country", "category", "company", "street", "id")
MOST_VALUES = 50_000  # of a column that is looked at for dependencies
MOST_ROWS = 100_000  # that dependencies are looked for in
LEAST_STRENGTH = 0.9
MOSTLY_DISTINCT = 0.9  # share of distinct values from which an "id" should not repeat
MOSTLY_UNLIKE = 0.5  # share of distinct values above which a column holds more than classes
FEWEST_VALUES = 2  # of a row that can be a copy
OLDEST = 120  # years
DAYS_OF_A_YEAR = 365.25


def copies(
    columns: Sequence[Judged],
    record: str | None,
    *,
    alike: bool = True,
    apart: bool | None = None,
) -> list[Finding]:
    """Rows that repeat an earlier one: in all columns, in all but the id, once written alike.

    Rows with a single value beside the id are equal by accident: they are left out. Where nothing
    tells rows apart (`apart`, None looks at the columns), equal ones are told and are no copies.
    """
    free = [column for column in columns if column.name != record]
    n_rows = len(columns[0].raw.codes) if columns else 0
    if not n_rows or not free:
        return []
    n_known = np.sum([column.there for column in free], axis=0)
    left = np.flatnonzero(n_known >= min(FEWEST_VALUES, len(free)))
    told: Flags = np.zeros(n_rows, dtype=bool)
    apart = any(map(tells_apart, free)) if apart is None else apart
    called = {} if apart else {"copy": "equal but id"}
    if not apart and record is None:
        called["exact copy"] = "equal"
    made = []
    for check, of in (("exact copy", columns), ("copy", free)):
        if check == "copy" and record is None:
            continue
        again = _repeats([column.raw.codes for column in of], left)
        rows = again[~told[again]]
        told[rows] = True
        made.append(found(called.get(check, check), "", rows, n_rows))
    if alike and apart:
        again = alike_rows(free, left[~told[left]])
        made.append(found("same", "", again[~told[again]], n_rows))
    empty_rows = np.flatnonzero(n_known == 0)
    if len(empty_rows) and len(empty_rows) < n_rows:
        made.append(found("empty row", "", empty_rows, n_rows))
    return [finding for finding in made if finding.n]


def tells_apart(column: Judged) -> bool:
    """Tell whether a column holds more than classes: names, addresses, ids, or unlike values."""
    n_there, n_distinct = int(column.there.sum()), int(column.flags.there.sum())
    if column.kind in (*PERSON, "id"):
        return n_distinct > 1
    return n_distinct > MOSTLY_UNLIKE * n_there


def _repeats(parts: Sequence[Ints], rows: Ints) -> Ints:
    """Those of some rows, in order, that equal an earlier one of them.

    The column with the most values comes first: few rows share one, and only these go on.
    """
    joint = np.zeros(len(rows), dtype=np.int64)
    for part in sorted(parts, key=lambda part: -int(part.max(initial=-1))):
        joint = joint_codes([joint, part[rows]])
        rows, joint = _shared(rows, joint)
        if not len(rows):
            return rows
    return rows[later(joint)]


def _shared(rows: Ints, joint: Ints) -> tuple[Ints, Ints]:
    """Rows whose code another row has too, with their codes."""
    shared = np.bincount(joint, minlength=1)[joint] > 1
    return (rows, joint) if shared.all() else (rows[shared], joint[shared])


def later(joint: Ints) -> Ints:
    """Places whose code has been there before."""
    first = np.full(int(joint.max(initial=-1)) + 1, -1, dtype=np.int64)
    first[joint[::-1]] = np.arange(len(joint))[::-1]
    return np.flatnonzero(first[joint] != np.arange(len(joint)))


def alike_rows(columns: Sequence[Judged], rows: Ints) -> Ints:
    """Those of some rows, in order, that equal an earlier one of them once written alike."""
    joint = np.zeros(len(rows), dtype=np.int64)
    for column in sorted(columns, key=lambda column: (len(column.raw.values), column.name)):
        joint = joint_codes([joint, _alike_codes(column, rows)])
        rows, joint = _shared(rows, joint)
        if not len(rows):
            return rows
    return rows[later(joint)]


def _alike_codes(column: Judged, rows: Ints) -> Ints:
    """Codes of the normal forms of the values that some rows have."""
    used, place = np.unique(column.raw.codes[rows], return_inverse=True)
    values = [column.raw.values[code] if code >= 0 else None for code in used.tolist()]
    if any(isinstance(value, str) for value in values):
        kind = "text" if column.kind == IGNORE else column.kind
        forms = traced(values, kind, column.flags.settings).forms
        return sorted_codes(place.reshape(-1).astype(np.int64), forms)[0]
    return column.raw.codes[rows]


def repeated_ids(column: Judged, *, is_record: bool) -> list[Finding]:
    """Rows whose id is on an earlier row, where ids ought to differ."""
    n_there, n_distinct = int(column.there.sum()), int(column.flags.there.sum())
    if n_there == n_distinct or not (is_record or is_identifying(column)):
        return []
    rows = np.flatnonzero(column.there)
    again = rows[later(column.raw.codes[rows])]
    codes, n = np.unique(column.raw.codes[again], return_counts=True)
    example = example_of(column.raw.values[int(codes[n.argmax()])])
    return [found("repeated id", column.name, again, n_there, example)]


def is_identifying(column: Judged) -> bool:
    """Tell whether a column of ids seems to have one for each row."""
    n_there, n_distinct = int(column.there.sum()), int(column.flags.there.sum())
    return column.kind == "id" and n_distinct >= MOSTLY_DISTINCT * n_there > 0


def birth_dates(columns: Sequence[Judged], as_of: "np.datetime64 | None") -> list[Finding]:
    """Birth dates that no living customer of the row can have."""
    made = []
    for born in (column for column in columns if column.kind == "birth_date"):
        days, of = born.days, int((~np.isnat(born.days)).sum())
        others = [c for c in columns if c.kind in DATES and c.kind != born.kind]
        late = [days > other.days for other in others]
        tests = {"born later": np.logical_or.reduce(late) if late else None}
        if as_of is not None:
            tests["not yet born"] = days >= as_of
            tests["too old"] = days < as_of - np.timedelta64(round(OLDEST * DAYS_OF_A_YEAR), "D")
        for check, failed in tests.items():
            if failed is not None and failed.any():
                rows = np.flatnonzero(failed)
                made.append(found(check, born.name, rows, of, str(days[rows[0]])))
    return made


def dependencies(columns: Sequence[Judged]) -> list[Finding]:
    """Rows that contradict what most rows of one value say, where a column determines another."""
    used = [column for column in columns if _may_depend(column)]
    if len(used) < 2:
        return []
    coded = [_normal_codes(column) for column in used]
    n_rows = len(coded[0])
    some = np.unique(np.linspace(0, n_rows - 1, min(n_rows, MOST_ROWS)).astype(np.int64))
    rules = find_dependencies(
        [codes[some] for codes in coded], min_strength=LEAST_STRENGTH, most_left=1
    )
    made, seen = [], set()
    for rule in rules:
        if rule.right in seen:
            continue
        seen.add(rule.right)
        rows = violations(coded, rule)
        if len(rows):
            left, right = used[rule.left[0]], used[rule.right]
            example = f"{_value(left, rows[0])} with {_value(right, rows[0])}"
            what = f"{CHECKS['dependency'].what} of {left.name!r}"
            of = int(((coded[rule.left[0]] >= 0) & (coded[rule.right] >= 0)).sum())
            made.append(found("dependency", right.name, rows, of, example, what))
    return made


def _may_depend(column: Judged) -> bool:
    n_values, n_there = int(column.flags.there.sum()), int(column.there.sum())
    return column.kind in DEPENDENT and 1 < n_values <= min(MOST_VALUES, n_there / 2)


def _normal_codes(column: Judged) -> Ints:
    forms = traced(column.raw.values, column.kind, column.flags.settings).forms
    return sorted_codes(column.raw.codes, forms)[0]


def _value(column: Judged, row: int) -> str:
    return example_of(column.raw.values[int(column.raw.codes[row])])
