"""What would be right instead: one proposal a cell, with the probability that it is right.

Dependencies, frequent words and usual shapes each propose values with log-odds; those for one
value are added (a doubtful one adds nothing to a surer one: who writes "10:30 (estimated)" has
often copied it), and the values share the probability with "none of them":

    P(value | wrong) = exp(score) / (1 + sum of exp(score) over the proposals)

The confidence of a repair is this times the probability that the cell is wrong.
"""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np

from crmkit import _frames
from crmkit.cleaning._normal._kinds import DATES
from crmkit.cleaning._quality._confidence import TIED, doubted
from crmkit.cleaning._quality._suspects import SURE, Judged, RowSign
from crmkit.cleaning._quality._table import Ints, TextColumn

MOST_SCORE = 12.0
IS_DATE = re.compile(r"\d{4}-\d\d-\d\d")


class Suspect(NamedTuple):
    """One cell that is likely wrong (`row` from 0); `suggestion` is None where there is none."""

    row: int
    column: str
    value: str | None
    confidence: float
    detector: str
    reason: str
    suggestion: str | None
    repair_confidence: float


def suspects(
    rows: Ints,
    judged: Mapping[str, Judged],
    columns: Mapping[str, TextColumn],
    row_signs: Sequence[RowSign],
    least: float,
) -> list[Suspect]:
    """Cells that are wrong with at least a probability, by row and column."""
    reasons = {
        (sign.detector, sign.column, row): sign.reason
        for sign in row_signs
        for row in sign.rows.tolist()
    }
    found = []
    for name, verdict in judged.items():
        column = columns[name]
        for at in np.flatnonzero(verdict.wrong >= least).tolist():
            row = int(rows[at])
            place = int(column.codes[row])
            text, p = _best(_proposals(verdict, at, column, place), column, place)
            wrong = float(verdict.wrong[at])
            detector, reason = _why(verdict, at, place, lambda d, r=row, n=name: reasons[d, n, r])
            found.append(
                Suspect(row, name, column.texts[place], wrong, detector, reason, text, wrong * p)
            )
    order = {name: number for number, name in enumerate(columns)}
    return sorted(found, key=lambda suspect: (suspect.row, order[suspect.column]))


def missing_cells(
    rows: Ints, judged: Mapping[str, Judged], columns: Mapping[str, TextColumn]
) -> list[Suspect]:
    """Cells that are empty or stand for nothing, with what dependencies expect there."""
    place_of = {row: at for at, row in enumerate(rows.tolist())}
    found = []
    for name, verdict in judged.items():
        column = columns[name]
        for row in np.flatnonzero(~column.known).tolist():
            code = int(column.codes[row])
            at = place_of.get(row)
            text, p = (
                (None, 0.0) if at is None else _best(_expected(verdict, at, column), column, -1)
            )
            value = None if code < 0 else column.texts[code]
            stands = value is not None and bool(value.strip())
            if text is None and stands:
                p = 1.0  # what stands for nothing becomes missing
            reason = "stands for nothing" if stands else "nothing is there"
            found.append(Suspect(row, name, value, 1.0, "missing", reason, text, p))
    order = {name: number for number, name in enumerate(columns)}
    return sorted(found, key=lambda suspect: (suspect.row, order[suspect.column]))


def dates_of_nothing(
    columns: Mapping[str, TextColumn], judged: Mapping[str, Judged]
) -> list[Suspect]:
    """Cells with a date that stands for nothing, such as 1900-01-01; nothing is proposed."""
    found = []
    for name in judged:
        column = columns[name]
        if column.kind not in DATES:
            continue
        dates = [
            nothing and IS_DATE.match(text) is not None
            for text, nothing in zip(column.texts, column.is_nothing, strict=True)
        ]
        for row in np.flatnonzero(np.array([*dates, False], dtype=bool)[column.codes]).tolist():
            text = column.texts[column.codes[row]]
            reason = "a date that stands for nothing"
            found.append(Suspect(row, name, text, 1.0, "missing", reason, None, 0.0))
    return found


def stored_value(text: str | None, stored: str) -> Any:
    """A proposal as a column stores it; None where the column cannot hold it."""
    if text is None or stored in ("text", "category"):
        return text
    try:
        if stored == "number":
            number = float(text)
            return int(text) if text.lstrip("+-").isdecimal() else number
        if stored == "dates":
            return datetime.fromisoformat(text)
    except ValueError:
        return None
    return None


def repaired(data: Any, changes: Sequence[Suspect], owner: str) -> Any:
    """Eager frame with the proposals in place; a proposal that a column cannot hold is left out."""
    stored = _frames.stored_kinds(data, owner)
    cells: dict[str, list[tuple[int, Any]]] = {}
    for change in changes:
        value = stored_value(change.suggestion, stored[change.column])
        cells.setdefault(change.column, []).append((change.row, value))
    gaps = {
        name: _frames.Gaps(np.array([row for row, _ in found]), [value for _, value in found])
        for name, found in cells.items()
    }
    return _frames.fill_gaps(data, gaps, owner)


def _proposals(verdict: Judged, at: int, column: TextColumn, place: int) -> dict[str, float]:
    """Log-odds of each proposed text of a cell."""
    scores = _expected(verdict, at, column)
    disputed = max((g["error"] for g, *_ in verdict.votes if g["together"]), default=0.0)
    for signs in verdict.signs.values():
        hint = signs.hints.get(place)
        if hint is not None:
            weight = hint.weight * (1.0 - disputed)  # what is read right may be wrong all the same
            odds = float(np.log(weight) - np.log1p(-weight))
            known = scores.get(hint.text, 0.0)
            scores[hint.text] = known + odds if hint.weight >= SURE else max(known, odds)
    return scores


def _expected(verdict: Judged, at: int, column: TextColumn) -> dict[str, float]:
    """Log-odds of the texts that dependencies expect, in the usual shape of the column."""
    scores: dict[str, float] = {}
    speaking = 0.0
    for group, votes, _, standing in verdict.votes:
        number = int(votes.expected[at])
        if number >= 0:
            text = _usual(group["spelling"][number], verdict, column)
            scores[text] = scores.get(text, 0.0) + float(
                doubted(votes.sure[at], standing[at], group["chance"])
            )
            speaking += float(standing[at])
    temper = 1.0 + TIED * max(speaking - 1.0, 0.0)
    return {text: score / temper for text, score in scores.items()}


def _usual(text: str, verdict: Judged, column: TextColumn) -> str:
    """A text in the usual shape, where it is known to have another."""
    place = bisect_left(column.texts, text)
    if place < len(column.texts) and column.texts[place] == text:
        hint = verdict.signs["format"].hints.get(place)
        return text if hint is None else hint.text
    return text


def _best(scores: Mapping[str, float], column: TextColumn, place: int) -> tuple[str | None, float]:
    """The likeliest proposal that is another text, and its probability among all."""
    own = column.texts[place] if place >= 0 else None
    odds = {
        text: float(np.exp(min(score, MOST_SCORE))) for text, score in scores.items() if text != own
    }
    if not odds:
        return None, 0.0
    text = max(odds, key=lambda t: (odds[t], t))
    return text, odds[text] / (1.0 + sum(odds.values()))


def _why(verdict: Judged, at: int, place: int, of_row: Any) -> tuple[str, str]:
    """Detectors that speak against a cell, strongest first, and the reason of each."""
    against = sorted(
        ((-float(part[at]), name) for name, part in verdict.parts.items() if part[at] > 0.0)
    )
    names, reasons = [], []
    for _, name in against:
        names.append(name)
        if name in verdict.signs:
            reasons.append(verdict.signs[name].reasons[place])
        elif name == "dependency":
            reasons.append(_strongest_vote(verdict, at))
        else:
            reasons.append(of_row(name))
    return " + ".join(names), "; ".join(reasons)


def _strongest_vote(verdict: Judged, at: int) -> str:
    said = max(verdict.votes, key=lambda said: said.votes.wrong[at] * said.trust[at])
    group, votes = said.group, said.votes
    left = " and ".join(repr(name) for name in group["left"])
    number = int(votes.expected[at])
    if number < 0:
        return f"rows with the same {left} do not agree"
    return f"rows with the same {left} have {group['spelling'][number]!r}"
