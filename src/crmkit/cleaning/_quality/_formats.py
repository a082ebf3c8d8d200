"""Values that do not look like their column: unreadable ones, rare shapes, something added.

A value that cannot be read as what its column holds is the strongest sign. Where nearly all
values share a few shapes, one of a rare shape is suspect; and where a value of the usual shape
stands within one of another shape ("10:30 (estimated)" among times), that part is proposed.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from crmkit.cleaning._normal._date import is_date
from crmkit.cleaning._normal._detect import EMAIL
from crmkit.cleaning._normal._forms import normalised
from crmkit.cleaning._normal._kinds import DATES, NUMBERS
from crmkit.cleaning._quality._shapes import RUNS, pattern_of, shape_of
from crmkit.cleaning._quality._signs import Hint, Signs
from crmkit.cleaning._quality._table import TextColumn, hashed

FEWEST_ROWS = 30
USUAL = 0.6  # share of rows that have the most frequent shape, for parts of others to be proposed
RARE, SELDOM = 0.05, 0.10  # shares of rows with shapes at most as frequent
VARIANT = 0.5  # share of the values of a shape that hold a known value of the usual shape
MANY_SHAPES, COMES_AGAIN = 15, 3  # shapes of three rows or more from which a rare one is no sign
WORDS = ("first_name", "last_name", "name", "city", "state", "country")
SHAPELESS = ("company", "street", "text", "email", "set", "id")
READ_ANEW = 0.97  # probability that the normal form of a value in another writing is right
MOST_LENGTHS = 0.05  # share of the usual values that must have a length
KNOWN_PART, QUALIFIED_PART, UNKNOWN_PART = 0.95, 0.85, 0.7  # probability that a part is right
SAYS_MORE = re.compile(r"[^\W\d_]{4}")  # a word beside a part may say that it is something else
UNREADABLE, RARE_SHAPE, SELDOM_SHAPE = 3, 2, 1


def learn_shapes(column: TextColumn) -> dict[str, Any]:
    """Shapes of a column and how rare each is; nothing for a column of few rows or many shapes."""
    counts = np.where(column.is_nothing, 0, column.counts)
    n_rows = int(counts.sum())
    if n_rows < FEWEST_ROWS or column.kind == "id":
        return {}
    words = column.kind in WORDS
    shapes = column.word_shapes if words else column.letter_shapes
    totals = _totals(shapes, counts)
    usual = min(totals, key=lambda shape: (-totals[shape], shape))
    if "9" not in usual and not words and column.kind in ("category", "text"):
        words = True
        shapes = column.word_shapes
        totals = _totals(shapes, counts)
        usual = min(totals, key=lambda shape: (-totals[shape], shape))
    is_shaped = column.kind not in SHAPELESS or (column.kind == "text" and "9" in usual)
    if column.kind in ("category", "text"):
        is_shaped &= sum(n >= COMES_AGAIN for n in totals.values()) < MANY_SHAPES
    model: dict[str, Any] = {"words": words, "usual": "", "n_rows": n_rows}
    model["totals"] = totals if is_shaped else {}
    if is_shaped and totals[usual] >= USUAL * n_rows and usual and _may_be_part(usual, column.kind):
        whole = [
            t for t, s, n in zip(column.texts, shapes, counts, strict=True) if s == usual and n
        ]
        lengths, times = np.unique([len(text) for text in whole], return_counts=True)
        often = lengths[times >= MOST_LENGTHS * times.sum()].tolist()
        model |= {"usual": usual, "known": np.sort(hashed(whole)), "lengths": often}
        model["variants"] = _variants(column.texts, shapes, model)
    return model


def format_signs(column: TextColumn, model: Mapping[str, Any]) -> Signs:
    """Signs on the values of a column by the shapes that were learnt."""
    n = len(column.texts)
    levels = np.zeros(n, dtype=np.int8)
    hints: dict[int, Hint] = {}
    reasons: dict[int, str] = {}
    shapes = column.word_shapes if model.get("words") else column.letter_shapes
    tails = _tails(model.get("totals", {}), model.get("n_rows", 0))
    for place, (text, form) in enumerate(zip(column.texts, column.forms, strict=True)):
        if column.is_nothing[place]:
            continue
        if not is_readable(text, form, column.kind):
            levels[place] = UNREADABLE
            reasons[place] = f"cannot be read as {column.kind.replace('_', ' ')}"
            hint = _number_within(text) if column.kind in NUMBERS else None
            if hint is not None:
                hints[place] = hint
        if not tails:
            continue
        shape = shapes[place]
        level = _rarity(tails, model["totals"].get(shape, 0), model["n_rows"])
        hint = _usual_part(column.kind, text, form, shape, model)
        anew = hint is not None and hint.weight == READ_ANEW
        if hint is not None and (level or anew or shape in model["variants"]):
            hints[place], level = hint, UNREADABLE
        if level > levels[place] or (level and place not in reasons):
            levels[place] = level
            reasons[place] = f"written like {shape!r}, unlike others of the column"
    return Signs(levels, hints, reasons)


def is_readable(text: str, form: str | None, kind: str) -> bool:
    """Tell whether a text can be what its column holds."""
    if kind in DATES:
        return is_date(form)
    if kind == "email":
        return EMAIL.fullmatch(text.strip()) is not None
    return form is not None


def _totals(shapes: Sequence[str], counts: Any) -> dict[str, int]:
    totals: dict[str, int] = {}
    for shape, count in zip(shapes, counts.tolist(), strict=True):
        if count:
            totals[shape] = totals.get(shape, 0) + count
    return totals


def _tails(totals: Mapping[str, int], n_rows: int) -> dict[int, float]:
    """Share of the rows whose shape is at most as frequent, by the number of rows of a shape."""
    sizes, times = np.unique(np.array(list(totals.values()), dtype=np.int64), return_counts=True)
    below = np.cumsum(sizes * times) / max(n_rows, 1)
    return dict(zip(sizes.tolist(), below.tolist(), strict=True))


def _rarity(tails: Mapping[int, float], total: int, n_rows: int) -> int:
    """How rare a shape is; one that was never seen is like one seen once."""
    share = tails.get(max(total, 1), 0.0)
    own = max(total, 1) / n_rows
    if share <= RARE and own <= RARE / 3:
        return RARE_SHAPE
    return SELDOM_SHAPE if share <= SELDOM and own <= SELDOM / 3 else 0


def _may_be_part(shape: str, kind: str) -> bool:
    """Tell whether what is written around a value of this shape may be an addition."""
    return "9" in shape or kind in ("city", "state", "country")


def _variants(texts: Sequence[str], shapes: Sequence[str], model: Mapping[str, Any]) -> list[str]:
    """Shapes most of whose values are a known value of the usual shape with something added."""
    inside: dict[str, list[bool]] = {}
    for text, shape in zip(texts, shapes, strict=True):
        if shape != model["usual"]:
            part = _only_part(text, model["usual"])
            inside.setdefault(shape, []).append(part is not None and _is_known(part, model))
    return sorted(s for s, found in inside.items() if sum(found) >= max(VARIANT * len(found), 3))


def _usual_part(
    kind: str, text: str, form: str | None, shape: str, model: Mapping[str, Any]
) -> Hint | None:
    """The value of the usual shape that a text holds, or the date that it means."""
    if not model["usual"] or shape == model["usual"]:
        return None
    if kind in (*DATES, *NUMBERS, "phone"):
        read = form is not None and form != text and is_readable(text, form, kind)
        if read and shape_of(form or "") == model["usual"] and len(form or "") in model["lengths"]:
            return Hint(form or "", READ_ANEW)
        return None
    part = _only_part(text, model["usual"])
    if part is None:
        return None
    if not _is_known(part, model):
        return Hint(part, UNKNOWN_PART)
    return Hint(part, QUALIFIED_PART if SAYS_MORE.search(text.replace(part, "")) else KNOWN_PART)


def _only_part(text: str, usual: str) -> str | None:
    if len(text) > 200:
        return None
    found = pattern_of(usual).findall(text)
    if len(found) != 1 or found[0] == text:
        return None
    rest = text.replace(found[0], "", 1)
    return found[0] if len(RUNS.findall(rest)) else None


def _is_known(part: str, model: Mapping[str, Any]) -> bool:
    known = model["known"]
    (key,) = hashed([part])
    at = int(np.searchsorted(known, key))
    return at < len(known) and bool(known[at] == key)


def _number_within(text: str) -> Hint | None:
    """The only number that a text holds."""
    found = pattern_of("9").findall(text[:200]) if "." not in text else []
    found = found or pattern_of("9.9").findall(text[:200])
    if len(found) != 1:
        return None
    (form,) = normalised(found, "number")
    return None if form is None else Hint(form, KNOWN_PART)
