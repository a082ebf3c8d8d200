"""Who moved, in words: each sentence computed and true of the data at hand."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from crmkit.report._document import About
from crmkit.report._movement_content import MovementContent
from crmkit.report._numbers import day, percent, percent_to_compare, plural, span, whole
from crmkit.segment import CohortTable, Migration, SegmentForecast
from crmkit.segment._stages import AT_RISK

LENGTHS = {91: "the last quarter", 28: "the last four weeks", 7: "the last week"}
PERIODS = {"W": "week", "M": "month", "Q": "quarter", "Y": "year"}
LARGEST = 3  # moves that are told
NARROW = 4  # pairs of dates below which bands hardly know how periods differ


class Passed(NamedTuple):
    """What happened between the last two dates: customers in each part."""

    new: int
    active: int
    fell_silent: int
    silent: int
    came_back: int
    lost: int


def passed(moves: Migration) -> Passed:
    """Count who came, fell silent, came back and was lost between the last two dates."""
    counts, first = moves.counts[-1], AT_RISK + 1  # behind "(new)"
    active, silent = slice(1, first), slice(first, None)
    return Passed(
        new=int(counts[0].sum()),
        active=int(counts[active].sum()),
        fell_silent=int(counts[active, silent].sum()),
        silent=int(counts[silent].sum()),
        came_back=int(counts[silent, active].sum()),
        lost=int(counts[:-1, -1].sum()),
    )


def length_of(moves: Migration) -> int:
    """Days between the last two dates, on the calendar."""
    return (moves.dates[-1].date() - moves.dates[-2].date()).days


def sizes_about(movement: MovementContent) -> About | None:
    """Whom sizes of stages are of: now, and expected a period ahead."""
    moves, found = movement.moves, movement.forecast
    if moves is None:
        return None
    until = None if found is None else found.dates[-1]
    return About("all customers known at the date of a column", moves.dates[-1], until)


def period_of(moves: Migration) -> str:
    """The last period, with its dates."""
    days = length_of(moves)
    called = LENGTHS.get(days, f"the last {days} days")
    return f"{called}, {day(moves.dates[-2])} to {day(moves.dates[-1])}"


def introduction(movement: MovementContent) -> list[str]:
    """Say who moved, over which period, and what stood still."""
    moves = movement.moves
    if moves is None:
        return [f"Who moved cannot be told: {movement.note}."]
    n, lost = passed(moves), moves.segments[-1]
    counts = moves.counts[-1][1:, 1:]
    known = int(counts.sum())
    back = f"; of {n.silent:,} who were silent, {n.came_back:,} came back" if n.silent else ""
    return [
        f"Over {period_of(moves)}: {plural(n.new, 'customer')} bought for the first time. "
        f"Of {n.active:,} who bought in their rhythm before, {n.fell_silent:,} fell silent for "
        f"longer than it lets expect{back}. {n.lost:,} became “{lost}”.",
        f"Of the {plural(known, 'customer')} known on {day(moves.dates[-2])}, "
        f"{percent(np.trace(counts) / known)} were in the same stage on {day(moves.dates[-1])}. "
        "The rules of the stages are those of the section above on both days: customers moved, not "
        "the borders.",
    ]


def finding(movement: MovementContent | None) -> str:
    """Say in one sentence who came and went; "" where it cannot be told."""
    if movement is None or movement.moves is None:
        return ""
    moves, n = movement.moves, passed(movement.moves)
    if not n.active:
        return ""
    back = f"; {n.came_back:,} of {n.silent:,} silent ones came back" if n.silent else ""
    return (
        f"Over {period_of(moves)}, {plural(n.new, 'customer')} came, and {n.fell_silent:,} of the "
        f"{n.active:,} who bought in their rhythm ({percent(n.fell_silent / n.active)}) fell "
        f"silent{back}."
    )


def largest_moves(moves: Migration) -> list[str]:
    """The largest moves between two different stages in the last period."""
    counts = moves.counts[-1][1:, 1:]
    before = counts.sum(axis=1)
    off = counts * ~np.eye(len(counts), dtype=bool)
    cells = np.argsort(-off, axis=None, kind="stable")[:LARGEST]
    told = []
    for i, j in zip(*np.unravel_index(cells, off.shape), strict=True):
        if off[i, j]:
            told.append(
                f"{off[i, j]:,} of {before[i]:,} who were “{moves.segments[i]}” "
                f"({percent(off[i, j] / before[i])}) became “{moves.segments[j]}”."
            )
    return told


def forecast_text(found: SegmentForecast) -> list[str]:
    """Say what the sizes ahead rest on, and how the same forecast would have done before."""
    ahead = (found.dates[-1].date() - found.dates[0].date()).days
    said = (
        f"{span(ahead, 'D')} ahead, if customers go on moving as they did in "
        f"{plural(found.n_pairs, 'such period')} and {whole(found.new)} new ones come."
    )
    if found.n_pairs < NARROW:
        said += " So few periods hardly tell how they differ: the bands are too narrow."
    check = found.check
    if check is None:
        return [said, "Not checked: that takes three dates, and the log has room for two."]
    errors = (check.error, check.error_no_change, check.error_same_change)
    ours, same, again = (percent_to_compare(error) for error in errors)
    told = (
        f"Checked on the last period: the same forecast, made {span(ahead, 'D')} ago, would have "
        f"put {ours} of customers into a wrong stage, {check.beside_rules} (sizes stay as "
        f"they are: {same}; the same change once more: {again}). {check.inside} of "
        f"{check.n_segments} sizes lay in their bands."
    )
    if not check.holds:
        told += (
            " Where customers had been before mattered, which the forecast does not know: trust it "
            "for one period and no further."
        )
    return [said, told]


def kept(cohorts: CohortTable, age: int) -> tuple[int, float]:
    """Customers whose period of an age is over, and which share of them bought in it."""
    if age >= cohorts.values.shape[1]:
        return 0, float("nan")
    over = cohorts.complete[:, age] & np.isfinite(cohorts.values[:, age])
    n = cohorts.n_customers[over, age].astype(np.float64)
    if not n.sum():
        return 0, float("nan")
    return int(n.sum()), float(cohorts.values[over, age] @ n / n.sum())


def cohort_text(movement: MovementContent) -> list[str]:
    """Say how many buy again, and whether later customers do so as often as earlier ones."""
    cohorts = movement.cohorts
    if cohorts is None:
        return [f"Whether later customers stay as well cannot be told: {movement.cohorts_note}."]
    word = PERIODS[cohorts.period]
    n, share = kept(cohorts, 1)
    if not n:
        return [f"No customer has been known for a whole {word} after the first one yet."]
    said = (
        f"Of {plural(n, 'customer')} {percent(share)} bought again in the {word} after that of "
        "their first purchase"
    )
    later, kept_later = kept(cohorts, 6)
    said += f"; of {later:,}, {percent(kept_later)} in the sixth {word} after it." if later else "."
    return [said + early_and_late(cohorts, word)]


def early_and_late(cohorts: CohortTable, word: str) -> str:
    """Compare the earlier half of the cohorts with the later one in the period after the first."""
    over: npt.NDArray[np.int64] = np.flatnonzero(
        cohorts.complete[:, 1] & np.isfinite(cohorts.values[:, 1])
    )
    if len(over) < 4:
        return ""
    shares = []
    for part in np.array_split(over, 2):
        n = cohorts.n_customers[part, 1].astype(np.float64)
        shares.append(float(cohorts.values[part, 1] @ n / n.sum()))
    return (
        f" In the {word} after that of the first purchase, {percent(shares[0])} of the earlier "
        f"half of the cohorts bought, and {percent(shares[1])} of the later half."
    )
