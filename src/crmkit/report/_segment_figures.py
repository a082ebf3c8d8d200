"""The pictures of the report on kinds of customers, movement and cohorts."""

import numpy as np

from crmkit import plotting
from crmkit.report._content import ReportContent
from crmkit.report._figures import Picture, draw
from crmkit.report._kinds import described
from crmkit.report._kinds_content import KindsContent
from crmkit.report._movement import PERIODS, kept, largest_moves
from crmkit.report._movement_content import MovementContent
from crmkit.report._numbers import day, decimals, percent, whole


def lorenz_picture(content: ReportContent) -> Picture | None:
    """Draw the Lorenz curve of past revenue; None where there is nothing to share."""
    found = described(content)
    if found is None:
        return None
    alt = (
        "Lorenz curve: share of revenue so far held by the customers with the least revenue. The "
        f"best 20 % hold {percent(found.top(0.2))}; Gini coefficient {decimals(found.gini)}."
    )
    return draw(plotting.plot_lorenz, found, alt=alt)


def stage_picture(kinds: KindsContent) -> Picture | None:
    """Draw customers and recent revenue of the stages; None without stages."""
    stager = kinds.stager
    if stager is None:
        return None
    sizes = stager.sizes_ / max(int(stager.sizes_.sum()), 1)
    told = ", ".join(
        f"{name} {percent(float(share))}" for name, share in zip(stager.stages_, sizes, strict=True)
    )
    alt = (
        f"Bar chart: share of customers in each stage of life, and of the revenue of the last "
        f"{stager.period_} days. Customers: {told}."
    )
    return draw(plotting.plot_lifecycle, stager, alt=alt, height=4.4)


def moves_picture(movement: MovementContent) -> Picture | None:
    """Draw who went where in the last period; None where it is not told."""
    moves = movement.moves
    if moves is None:
        return None
    told = " ".join(largest_moves(moves))
    alt = (
        f"Heat map of moves from {day(moves.dates[-2])} to {day(moves.dates[-1])}: a row is a "
        f"stage before, its fields tell which share went where. {told}"
    )
    return draw(plotting.plot_migration, moves, alt=alt, pair=-1, height=4.2)


def sizes_picture(movement: MovementContent) -> Picture | None:
    """Draw the sizes of the stages over the dates and ahead; None where it is not told."""
    moves = movement.moves
    if moves is None:
        return None
    now = ", ".join(
        f"{name} {whole(n)}" for name, n in zip(moves.segments, moves.size_counts[-1], strict=True)
    )
    alt = (
        f"Lines: customers in each stage from {day(moves.dates[0])} to {day(moves.dates[-1])}, and "
        f"expected. On the last day: {now}."
    )
    return draw(plotting.plot_segment_sizes, moves, movement.forecast, alt=alt)


def cohort_picture(movement: MovementContent) -> Picture | None:
    """Draw retention by cohort and age; None where it is not told."""
    cohorts = movement.cohorts
    if cohorts is None or not kept(cohorts, 1)[0]:
        return None
    word = PERIODS[cohorts.period]
    alt = (
        f"Heat map: a row is the {word} of the first purchase, a column the {word}s since; each "
        f"field is the share who bought then. In the {word} after the first one "
        f"{percent(kept(cohorts, 1)[1])} bought."
    )
    n = int(np.count_nonzero(cohorts.sizes))
    return draw(plotting.plot_cohorts, cohorts, alt=alt, height=max(2.6, 1.2 + 0.3 * n))
