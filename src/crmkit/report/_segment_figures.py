"""The pictures of the report on kinds of customers, movement and cohorts."""

from typing import Any

import numpy as np

from crmkit import plotting
from crmkit.report._content import ReportContent
from crmkit.report._document import Picture
from crmkit.report._figures import draw
from crmkit.report._kinds import described, stage_caption
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
    caption = (
        "Customers from the least revenue to the most. The further the curve bends from the dotted "
        "line, the fewer customers the revenue hangs on."
    )
    return draw(plotting.plot_lorenz, found, alt=alt, caption=caption)


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
    caption = stage_caption(kinds)
    return draw(plotting.plot_lifecycle, stager, alt=alt, caption=caption, height=4.4)


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
    caption = (
        "A row is a stage at the beginning, its fields tell where those customers were at the end. "
        "The diagonal stayed. (new): not yet a customer at the beginning."
    )
    options: dict[str, Any] = {"alt": alt, "caption": caption, "height": 4.2}
    return draw(plotting.plot_migration, moves, **options, pair=-1)


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
    caption = "Customers by stage; dashed: expected, within its band."
    return draw(plotting.plot_segment_sizes, moves, movement.forecast, alt=alt, caption=caption)


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
    caption = (
        "Percent of each cohort who bought, by periods since the first purchase; stronger is more. "
        "Hatched: not over yet. At the beginning of a log old customers look new."
    )
    options: dict[str, Any] = {"alt": alt, "caption": caption, "height": max(2.6, 1.2 + 0.3 * n)}
    return draw(plotting.plot_cohorts, cohorts, **options)
