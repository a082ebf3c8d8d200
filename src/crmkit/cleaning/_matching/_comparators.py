"""How alike two values are, by kind of column: pairs of normal forms in, levels out.

A level is 1 for different values and grows with their likeness; the last level, equal values, is
given before these functions are asked. All work on many pairs at once, with the string distances
of rapidfuzz: Jaro-Winkler for names (Winkler 1990, Proceedings of the Section on Survey Research
Methods, 354-359), optimal string alignment for digits.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA, JaroWinkler

from crmkit.cleaning._matching._kind_rules import KindRule

Levels = npt.NDArray[np.int8]
Likeness = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Words = Sequence[str]

ROUNDING = 1e-9
OFFICES = frozenset((
    "info", "office", "mail", "email", "contact", "kontakt", "hello", "sales", "service",
    "support", "admin", "accounts", "accounting", "billing", "invoice", "order", "orders",
    "reception", "team", "shop", "buero", "post", "contacto", "bonjour",
))  # fmt: skip
ISO_EXCHANGED = (0, 1, 2, 3, 4, 8, 9, 7, 5, 6)  # letters of YYYY-MM-DD as YYYY-DD-MM


def levels(left: Words, right: Words, rule: KindRule) -> Levels:
    """Level of agreement of pairs of unequal values, from 1 to the last but one."""
    return COMPARATORS[rule.comparator](left, right, rule.limits)


def by_limits(likeness: Likeness, limits: Sequence[float]) -> Levels:
    """1 below the smallest limit, one more for each limit that is reached."""
    level = np.ones(len(likeness), dtype=np.int8)
    for limit in limits:
        level += likeness >= limit - ROUNDING
    return level


def word_levels(left: Words, right: Words, limits: Sequence[float]) -> Levels:
    """Jaro-Winkler likeness."""
    return by_limits(jaro_winkler(left, right), limits)


def name_levels(left: Words, right: Words, limits: Sequence[float]) -> Levels:
    """Jaro-Winkler likeness; an initial that fits is near."""
    level = by_limits(jaro_winkler(left, right), limits)
    short = np.minimum(_lengths(left), _lengths(right)) == 1
    for place in np.flatnonzero(short).tolist():
        initial, name = sorted((left[place], right[place]), key=len)
        if initial.isalpha() and initial == name[0]:
            level[place] = max(len(limits), 1)
    return level


def full_name_levels(left: Words, right: Words, limits: Sequence[float]) -> Levels:
    """The better of Jaro-Winkler as written and by sorted words; part of the other name is close.

    Two words or more that are all in the other name count as a part of it.
    """
    sorted_left, sorted_right = _sorted_words(left), _sorted_words(right)
    likeness = np.maximum(jaro_winkler(left, right), jaro_winkler(sorted_left, sorted_right))
    level = by_limits(likeness, limits)
    parts = [_is_part(a.split(), b.split()) for a, b in zip(left, right, strict=True)]
    return np.asarray(np.maximum(level, np.where(parts, len(limits) + 1, 1)), dtype=np.int8)


def token_levels(left: Words, right: Words, limits: Sequence[float]) -> Levels:
    """The better of Jaro-Winkler and the likeness of the sets of words."""
    sets = pairwise(left, right, fuzz.token_set_ratio) / 100.0
    return by_limits(np.maximum(sets, jaro_winkler(left, right)), limits)


def street_levels(left: Words, right: Words, limits: Sequence[float]) -> Levels:
    """Jaro-Winkler likeness; with other numbers in it a street is at most near."""
    level = by_limits(jaro_winkler(left, right), limits)
    top = max(len(limits), 1)
    for place in np.flatnonzero(level > top).tolist():
        if _numbers(left[place]) != _numbers(right[place]):
            level[place] = top
    return level


def email_levels(left: Words, right: Words, limits: Sequence[float]) -> Levels:
    """Jaro-Winkler likeness of the whole; equal before the @ is close, alike there is near.

    Mailboxes of offices, such as info@, are equal before the @ at every firm: they say nothing.
    """
    return mailbox_levels(left, right, before_at(left), before_at(right), limits)


def mailbox_levels(
    left: Words, right: Words, before_left: Words, before_right: Words, limits: Sequence[float]
) -> Levels:
    """Levels of e-mail addresses, of which the parts before the @ are given too."""
    level = by_limits(jaro_winkler(left, right), limits[:1])
    level = np.where(level > 1, len(limits) + 1, 1).astype(np.int8)
    local = by_limits(jaro_winkler(before_left, before_right), (1.0, limits[-1]))
    for place in np.flatnonzero(local > len(limits)).tolist():
        if before_left[place] in OFFICES:
            local[place] = 1
    return np.maximum(level, local)


def digit_levels(left: Words, right: Words, limits: Sequence[float]) -> Levels:
    """Share of characters that stay under typing errors (optimal string alignment)."""
    return by_limits(string_alignment(left, right), limits)


def date_levels(left: Words, right: Words, limits: Sequence[float]) -> Levels:
    """Typing errors in an ISO date; day and month exchanged is close."""
    likeness = string_alignment(left, right)
    level = by_limits(likeness, limits)
    near = np.flatnonzero((likeness >= 0.6 - ROUNDING) & (likeness < 1.0))
    level[near[_are_exchanged(left, right, near)]] = len(limits) + 1
    return level


def number_levels(left: Words, right: Words, limits: Sequence[float]) -> Levels:
    """Smaller number over the larger; numbers of unlike sign are different."""
    a, b = _floats(left), _floats(right)
    with np.errstate(invalid="ignore", divide="ignore"):
        likeness = 1.0 - np.abs(a - b) / np.maximum(np.abs(a), np.abs(b))
    return by_limits(np.nan_to_num(likeness, nan=0.0), limits)


def degree_levels(left: Words, right: Words, limits: Sequence[float]) -> Levels:
    """Difference in degrees, around the globe: the smaller, the higher the level."""
    distance = np.abs(_floats(left) - _floats(right))
    distance = np.minimum(distance, 360.0 - distance)
    return by_limits(-np.nan_to_num(distance, nan=np.inf), [-limit for limit in limits])


def set_levels(left: Words, right: Words, limits: Sequence[float]) -> Levels:
    """Share of all members that both sets have; members are parted by blanks or commas."""
    pairs = [(_members(a), _members(b)) for a, b in zip(left, right, strict=True)]
    shares = [len(a & b) / max(len(a | b), 1) for a, b in pairs]
    return by_limits(np.array(shares, dtype=np.float64), limits)


COMPARATORS: dict[str, Callable[[Words, Words, Sequence[float]], Levels]] = {
    "name": name_levels,
    "full_name": full_name_levels,
    "tokens": token_levels,
    "street": street_levels,
    "email": email_levels,
    "digits": digit_levels,
    "date": date_levels,
    "number": number_levels,
    "degrees": degree_levels,
    "set": set_levels,
    "word": word_levels,
}


def jaro_winkler(left: Words, right: Words) -> Likeness:
    """Jaro-Winkler likeness of each pair, from 0 to 1."""
    return pairwise(left, right, JaroWinkler.normalized_similarity)


def string_alignment(left: Words, right: Words) -> Likeness:
    """1 - (slips of typing) / (length of the longer), of each pair."""
    return pairwise(left, right, OSA.normalized_similarity)


def pairwise(left: Words, right: Words, scorer: Any) -> Likeness:
    """Score of each pair by a function of rapidfuzz."""
    return np.asarray(process.cpdist(left, right, scorer=scorer, dtype=np.float64, workers=-1))


def _lengths(values: Words) -> npt.NDArray[np.int64]:
    return np.fromiter(map(len, values), dtype=np.int64, count=len(values))


def before_at(values: Words) -> list[str]:
    """The part of each address before the @."""
    return [value.partition("@")[0] for value in values]


def _are_exchanged(left: Words, right: Words, places: npt.NDArray[np.int64]) -> Flags:
    """Which of these pairs of ISO dates have day and month exchanged."""
    some = places.tolist()
    length = len(ISO_EXCHANGED)
    a = np.array([left[place] for place in some], dtype=f"U{length + 1}")
    b = np.array([right[place] for place in some], dtype=f"U{length + 1}")
    letters = [each.view(np.uint32).reshape(len(some), length + 1) for each in (a, b)]
    whole = [(each[:, length - 1] > 0) & (each[:, length] == 0) for each in letters]
    same = (letters[0][:, ISO_EXCHANGED] == letters[1][:, :length]).all(axis=1)
    return np.asarray(whole[0] & whole[1] & same)


def _sorted_words(values: Words) -> list[str]:
    return [" ".join(sorted(value.split())) for value in values]


def _is_part(left: list[str], right: list[str]) -> bool:
    short, long = sorted((left, right), key=len)
    return len(short) > 1 and set(short) <= set(long)


def _numbers(value: str) -> list[str]:
    return [word for word in value.split() if word[0].isdigit()]


def _members(value: str) -> set[str]:
    return set(value.replace(",", " ").split())


def _floats(values: Words) -> Likeness:
    return np.array([_float(value) for value in values], dtype=np.float64)


def _float(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        return np.nan
