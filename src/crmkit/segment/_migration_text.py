"""Movement in words: who stayed, who came, what is lost by rule; a forecast and its check."""

import textwrap
from typing import TYPE_CHECKING

import numpy as np

from crmkit.segment._stages import counted

if TYPE_CHECKING:
    from crmkit.segment._markov_check import MarkovCheck
    from crmkit.segment._migration import Migration
    from crmkit.segment._segment_forecast import SegmentForecast

NARROW = 4
"""Pairs of dates below which bands hardly know how periods differ."""


def told(moves: "Migration") -> str:
    """The sizes at first and last, the largest moves, and the rule of loss."""
    counts, sizes = moves.counts, moves.size_counts
    after_first = counts[:, 1:, 1:]
    stayed, moved = np.trace(after_first.sum(axis=0)), after_first.sum()
    began, ended = moves.dates[0], moves.dates[-1]
    lines = [
        f"Migration of {len(moves.ids):,} customers between {len(moves.segments)} segments, "
        f"{len(moves.dates)} dates from {began:%Y-%m-%d} to {ended:%Y-%m-%d}",
        wrapped(
            f"Customers: {sizes[0].sum():,} at the first date, {sizes[-1].sum():,} at the last; "
            f"{counts[:, 0].sum():,} new in between. From one date to the next "
            f"{percent(stayed, moved)} stayed where they were. The edges are those of the first "
            "date, or of the segmenter as it was given."
        ),
        wrapped(rule_of_loss(moves)),
        table(
            ["segment", f"{began:%Y-%m-%d}", f"{ended:%Y-%m-%d}", "stayed"],
            [
                [name, f"{a:,}", f"{b:,}", percent(kept, known)]
                for name, a, b, kept, known in zip(
                    moves.states[1:],
                    sizes[0],
                    sizes[-1],
                    np.diagonal(after_first.sum(axis=0)),
                    after_first.sum(axis=(0, 2)),
                    strict=True,
                )
            ],
        ),
    ]
    return "\n\n".join(lines)


def rule_of_loss(moves: "Migration") -> str:
    """Who is lost, in words."""
    if moves.lost_after is None:
        return (
            "No rule says who is lost (lost_after=None): whoever has bought once stays in some "
            "segment for ever."
        )
    return f"Lost: no purchase for more than {moves.lost_after:g} days."


def told_forecast(found: "SegmentForecast") -> str:
    """Expected sizes with bands, what they rest on, and the check."""
    begin, end = found.dates[0], found.dates[-1]
    rows = [
        [name, f"{a:,.0f}", f"{b:,.0f}", f"{low:,.0f} to {high:,.0f}"]
        for name, a, b, low, high in zip(
            found.states,
            found.expected[0],
            found.expected[-1],
            found.lower[-1],
            found.upper[-1],
            strict=True,
        )
    ]
    head = ["segment", f"{begin:%Y-%m-%d}", f"{end:%Y-%m-%d}", f"{found.level:.0%} band"]
    rests = (
        f"{counted(len(found.dates) - 1, 'period')} ahead, learnt from "
        f"{counted(found.n_pairs, 'pair')} of dates; {amount(found.new)} new customers in each "
        "period."
    )
    if found.n_pairs < NARROW:
        rests += " So few pairs hardly tell how periods differ: the bands are too narrow."
    parts = ["Forecast of the sizes of segments", wrapped(rests), table(head, rows)]
    return "\n\n".join([*parts, wrapped(told_check(found.check))])


def told_check(check: "MarkovCheck | None") -> str:
    """Whether the assumption held on the last known date, in words."""
    if check is None:
        return "Check: none, it needs at least three dates."
    moves = "as a chain does" if check.holds else "not as a chain does"
    return (
        f"Check: the last known date, foretold from those before it, misplaced {check.error:.1%} "
        f"of the customers, {check.beside_rules} (sizes as before {check.error_no_change:.1%}"
        f", same change as before {check.error_same_change:.1%}); {check.inside} of "
        f"{check.n_segments} sizes lay within their bands. Customers moved {moves}: "
        f"{check.stayed:.1%} were where they had been two dates before, if the past did not matter "
        f"it would be {check.stayed_by_chain:.1%}."
    )


def amount(number: float) -> str:
    """A number without digits behind the point, a small one with one where it needs it."""
    return f"{number:,.1f}" if number < 10 and number != round(number) else f"{number:,.0f}"


def percent(part: int, whole: int) -> str:
    """Share in percent, "-" of nobody."""
    return f"{part / whole:.1%}" if whole else "-"


def table(head: list[str], rows: list[list[str]]) -> str:
    """Text in columns, the first to the left and the others to the right."""
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    lines = []
    for row in [head, *rows]:
        rest = [text.rjust(width) for text, width in zip(row[1:], widths[1:], strict=True)]
        lines.append("  ".join([row[0].ljust(widths[0]), *rest]).rstrip())
    return "\n".join(lines)


def wrapped(text: str) -> str:
    """Text in lines that fit a terminal."""
    return textwrap.fill(text, 92)
