"""Typing errors: a rare word one or two edits from a frequent one of its column.

The edits are those of Damerau (1964): a letter left out, added, replaced, or two exchanged. In a
column whose frequent words are near one another anyway, nearness says nothing; how often that
is so is counted and weighs against the sign. Digits are never taken for typing errors.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from crmkit.cleaning._quality._signs import Hint, Signs, no_signs
from crmkit.cleaning._quality._table import TextColumn

WHOLE = ("category", "city", "state", "country", "set")
BY_WORD = ("category", "city", "text", "street", "company")
TIMES = 10  # how much more frequent the right word must be
FEWEST = 4  # rows that a frequent word has
MOST_FREQUENT = 2_000  # frequent words that are looked at
MOST_COMPARED = 500  # frequent words that are compared with one another
REPEATED = 40  # how much more frequent the right word of a repeated error must be
MOST_RARE = 20_000  # rare words that are looked at
LONGEST = 100
LONG_WORD, VERY_LONG = 8, 24  # characters from which two and three edits may be one error
VERY_FREQUENT = 300  # how much more frequent the right word of a single slip must be
SHORTEST_EXCHANGED, SHORTEST_SLIP = 3, 4  # letters of a word with two exchanged, with any slip
FEW_WORDS = 60  # distinct frequent words of a column where short words are compared too
MOST_NEAR = 0.1  # share of frequent words that may be near another one
DOUBTFUL = 0.6  # weight of a correction beside a digit
LETTERS = re.compile(r"[^\W\d_]+")
DIGITS = re.compile(r"\d+")


class Frequent(NamedTuple):
    """Frequent words of a column, the share of them that are near another one, and other words.

    `others` are words that occur more than once but are not frequent.
    """

    words: list[str]
    counts: list[int]
    near: float
    others: dict[str, int]


def learn_words(column: TextColumn) -> dict[str, Any]:
    """Frequent values, words and mail domains of a column."""
    model: dict[str, Any] = {}
    counts = np.where(column.is_nothing, 0, column.counts)
    if column.kind in WHOLE:
        model["whole"] = _frequent(_tally([t[:LONGEST] for t in column.texts], counts))
        model["usual"] = _usual_words(column.texts, counts)
    if column.kind in BY_WORD:
        model["words"] = _frequent(_tally_words(column.texts, counts))
    if column.kind == "email":
        model["domains"] = _frequent(_tally([_domain(t) for t in column.texts], counts))
    return {part: list(found) for part, found in model.items()}


def typo_signs(column: TextColumn, model: Mapping[str, Any]) -> Signs:
    """Signs on the values of a column by the frequent words that were learnt."""
    signs = no_signs(len(column.texts))
    texts = [(place, text) for place, text in enumerate(column.texts) if not nothing(column, place)]
    if "words" in model:
        frequent = Frequent(*model["words"])
        near = nearest_words({w for _, text in texts for w in _words(text)}, frequent)
        for place, text in texts if near else ():
            _add(signs, place, text, _by_word(text[: 10 * LONGEST], near))
    if "whole" in model:
        frequent = Frequent(*model["whole"])
        usual = set(model["usual"])
        near = nearest_words(
            {text for _, text in texts if not usual.issuperset(_words(text))}, frequent
        )
        for place, text in texts if near else ():
            _add(signs, place, text, near.get(text))
    if "domains" in model:
        near = nearest_words({_domain(t) for _, t in texts}, Frequent(*model["domains"]))
        for place, text in texts if near else ():
            found = near.get(_domain(text))
            if found is not None:
                _add(signs, place, text, (f"{text.rpartition('@')[0]}@{found[0]}", *found[1:]))
    return signs


Near = tuple[str, int, float]  # the frequent word, the level of the sign, the weight of the hint


def nearest_words(words: Iterable[str], frequent: Frequent) -> dict[str, Near]:
    """The frequent word that each of some words is a typing error of, if any."""
    if not frequent.words or frequent.near > MOST_NEAR:
        return {}
    known = set(frequent.words)
    rare = [word for word in sorted(words) if word and word not in known and len(word) <= LONGEST]
    found: dict[str, Near] = {}
    for start in range(0, min(len(rare), MOST_RARE), 500):
        part = rare[start : start + 500]
        edits = cdist(part, frequent.words, scorer=OSA.distance, score_cutoff=3, dtype=np.uint8)
        for word, row in zip(part, edits, strict=True):
            near = _best(word, frequent.others.get(word, 1), row, frequent)
            if near is not None:
                found[word] = near
    return found


def _best(word: str, count: int, row: npt.NDArray[np.uint8], frequent: Frequent) -> Near | None:
    """The likeliest right word of a rare one."""
    few = len(frequent.words) <= FEW_WORDS
    candidates: list[tuple[float, str, int]] = []
    for at in np.flatnonzero(row <= 3).tolist():
        right, edits = frequent.words[at], int(row[at])
        if edits > _edits_allowed(min(len(word), len(right)), few):
            continue
        if TIMES * count > frequent.counts[at] or DIGITS.findall(word) != DIGITS.findall(right):
            continue
        candidates.append((frequent.counts[at] * 0.02**edits, right, edits))
    if not candidates:
        return None
    weight, right, edits = max(candidates, key=lambda c: (c[0], c[1]))
    share = weight / sum(candidate[0] for candidate in candidates)
    apart = frequent.near <= MOST_NEAR / 2
    strong = edits / max(len(word), 1) <= 0.2 and apart
    often = frequent.counts[frequent.words.index(right)] >= VERY_FREQUENT * count
    if few and apart and often and count <= 2 and _is_slip(word, right):
        return right, 3, 0.97 * share
    return right, 2 if strong else 1, 0.97 * share


def _is_slip(word: str, right: str) -> bool:
    """Tell whether one edit is no word of its own: two letters exchanged, or in a longer word."""
    length = min(len(word), len(right))
    if not (word.isalpha() and right.isalpha()) or length < SHORTEST_EXCHANGED:
        return False
    exchanged = sorted(word) == sorted(right)
    return (exchanged or length >= SHORTEST_SLIP) and OSA.distance(word, right) == 1


def _edits_allowed(length: int, few: bool) -> int:
    if length < 4:
        return int(few and length > 1)
    return 1 + (length >= LONG_WORD) + (length >= VERY_LONG)


def _frequent(tally: Mapping[str, int]) -> Frequent:
    """Words that are frequent enough to be right, most frequent first."""
    order = sorted(((-n, w) for w, n in tally.items() if n >= FEWEST and w))[:MOST_FREQUENT]
    words, counts = [word for _, word in order], np.array([-n for n, _ in order], dtype=np.int64)
    few = len(words) <= FEW_WORDS
    shown = words[:MOST_COMPARED]
    near = np.zeros((len(shown), len(shown)), dtype=bool)
    if len(shown) > 1:
        edits = cdist(shown, shown, scorer=OSA.distance, score_cutoff=3, dtype=np.uint8)
        allowed = np.array([_edits_allowed(len(word), few) for word in shown])
        digits = np.array([" ".join(DIGITS.findall(word)) for word in shown], dtype=object)
        near = (edits <= np.minimum(allowed[:, None], allowed)) & (digits[:, None] == digits)
        np.fill_diagonal(near, False)
    top = counts[: len(shown)]
    repeated = np.asarray((near & (top >= REPEATED * top[:, None])).any(axis=1), dtype=bool).ravel()
    near &= ~repeated[:, None] & ~repeated
    gone = {word for word, again in zip(shown, repeated.tolist(), strict=True) if again}
    kept = [(w, n) for w, n in zip(words, counts.tolist(), strict=True) if w not in gone]
    known = {word for word, _ in kept}
    others = {w: n for w, n in sorted(tally.items()) if n > 1 and w not in known}
    share = float(near.any(axis=1).sum() / max(len(shown) - len(gone), 1))
    return Frequent([w for w, _ in kept], [n for _, n in kept], share, others)


def _tally(texts: Sequence[str], counts: npt.NDArray[np.int64]) -> dict[str, int]:
    tally: dict[str, int] = {}
    for text, count in zip(texts, counts.tolist(), strict=True):
        if count:
            tally[text] = tally.get(text, 0) + count
    return tally


def _tally_words(texts: Sequence[str], counts: npt.NDArray[np.int64]) -> dict[str, int]:
    tally: dict[str, int] = {}
    for text, count in zip(texts, counts.tolist(), strict=True):
        if count:
            for word in set(_words(text)):
                tally[word] = tally.get(word, 0) + count
    return tally


def _by_word(text: str, near: Mapping[str, Near]) -> Near | None:
    """A text with each mistyped word replaced."""
    words = [word for word in LETTERS.finditer(text) if word[0] in near]
    if not words:
        return None
    found = [near[word[0]] for word in words]
    right = LETTERS.sub(lambda word: near.get(word[0], (word[0],))[0], text)
    sure = DOUBTFUL if any(_beside_digit(text, word) for word in words) else 1.0
    return right, max(level for _, level, _ in found), sure * min(weight for *_, weight in found)


def _beside_digit(text: str, word: re.Match[str]) -> bool:
    """Tell whether a digit touches a word: more than the word may be wrong then."""
    around = text[max(word.start() - 1, 0) : word.start()] + text[word.end() : word.end() + 1]
    return any(letter.isdigit() for letter in around)


def _usual_words(texts: Sequence[str], counts: npt.NDArray[np.int64]) -> list[str]:
    """Words of some rows that occur in several values, or in a frequent one."""
    rows = _tally_words(texts, counts)
    values = _tally_words(texts, (counts > 0).astype(np.int64))
    frequent = {
        w for t, n in zip(texts, counts.tolist(), strict=True) if n >= FEWEST for w in _words(t)
    }
    return sorted(w for w, n in rows.items() if w in frequent or (n >= FEWEST and values[w] > 1))


def _words(text: str) -> list[str]:
    return LETTERS.findall(text[: 10 * LONGEST])


def nothing(column: TextColumn, place: int) -> bool:
    """Tell whether a value of a column stands for nothing."""
    return bool(column.is_nothing[place])


def _domain(text: str) -> str:
    return text.rpartition("@")[2].strip().casefold() if "@" in text else ""


def _add(signs: Signs, place: int, text: str, near: Near | None) -> None:
    """Keep the stronger sign on a value."""
    if near is None or near[1] < signs.levels[place] or near[0] == text:
        return
    right, level, weight = near
    known = signs.hints.get(place)
    if known is not None and level == signs.levels[place] and known.weight >= weight:
        return
    signs.levels[place] = level
    signs.hints[place] = Hint(right, weight)
    signs.reasons[place] = f"rare, and near the frequent {right!r}"
