"""Plain values of a long list in one go: one line each of a single text, its letters an array.

What the short way of `_quick` gives is given here for all values together. A value that is not
plainly like the others is left (`hard`) to the short way and the steps, so the forms are the same.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from crmkit.cleaning._normal._email import WITHOUT_DOTS
from crmkit.cleaning._normal._phone import FEWEST_DIGITS
from crmkit.cleaning._normal._placeholders import NO_MAILBOX, TECHNICAL

Letters = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

FEW = 1_000  # values for which nothing is worth doing at once
HARD = "?"  # in the place of a value that is missing or not ASCII
BREAK, PLUS, AT, UNDERSCORE, DOT, OPENS, CLOSES, ZERO = b"\n+@_.()0"
LONGEST_NUMBER = 40
LONGEST_COUNTRY, FEWEST_TOLD = 3, 3  # digits of a code, and from which one sees a run of digits
FEWEST_DIGITS_ABROAD = FEWEST_DIGITS + 5  # of a number with 00 for its +
NO_MARKS = str.maketrans(dict.fromkeys(" ().-"))
SMALL = b"abcdefghijklmnopqrstuvwxyz0123456789"
DOUBTFUL_STARTS = frozenset(f"{word}@"[:3] for word in NO_MAILBOX | TECHNICAL)
DOTLESS_STARTS = frozenset(domain[:3] for domain in WITHOUT_DOTS)


@dataclass(frozen=True)
class Plain:
    """Forms of values, and which of these are no forms: values that need a closer look."""

    forms: list[str | None]
    hard: Flags


def at_once(texts: Sequence[str | None], kind: str) -> Plain | None:
    """Forms of the plain values of a column; None where there are few, or some are no one line."""
    way = AT_ONCE.get(kind)
    if way is None or len(texts) < FEW:
        return None
    joined = "\n".join([text if text and text.isascii() else HARD for text in texts])
    return way(joined) if joined.count("\n") == len(texts) - 1 else None


@dataclass(frozen=True)
class _Lines:
    """Lines of an ASCII text as an array of its letters."""

    text: str

    @cached_property
    def letters(self) -> Letters:
        """All letters, with a line break behind the last line, and some room behind that."""
        return np.frombuffer(self.text.encode("ascii") + b"\n" * 4, dtype=np.uint8)

    @cached_property
    def ends(self) -> Places:
        """Place of the break behind each line."""
        breaks = np.flatnonzero(self.letters == BREAK)
        return breaks[: len(breaks) - 3]

    @cached_property
    def starts(self) -> Places:
        return np.append(0, self.ends[:-1] + 1)

    @cached_property
    def lengths(self) -> Places:
        return self.ends - self.starts

    def of(self, places: Places) -> Places:
        """Line of each letter."""
        return np.searchsorted(self.ends, places)

    def outside(self, allowed: bytes) -> Places:
        """Places of the letters that are none of these, nor a break."""
        return np.flatnonzero(~_among(allowed + b"\n")[self.letters])

    def places(self, letter: int) -> Places:
        return np.flatnonzero(self.letters == letter)

    def begins(self, places: Places, words: frozenset[str]) -> Flags:
        """Whether one of some words of three letters stands at each place."""
        keys = [self.letters[places + k].astype(np.int64) << 8 * k for k in range(3)]
        wanted = [int.from_bytes(word.encode("ascii"), "little") for word in sorted(words)]
        return np.isin(sum(keys), wanted)


def _phones(joined: str) -> Plain:
    """Digits with the usual marks between."""
    raw, lines = _Lines(joined), _Lines(joined.translate(NO_MARKS))
    hard = raw.lengths > LONGEST_NUMBER
    hard[raw.of(raw.outside(b"0123456789 ().-+"))] = True
    dot, bracket, letters = raw.places(DOT), raw.places(OPENS), raw.letters
    hard[raw.of(dot[letters[dot + 1] == ZERO])] = True
    hard[raw.of(bracket[(letters[bracket + 1] == ZERO) & (letters[bracket + 2] == CLOSES)])] = True
    plus = lines.places(PLUS)
    line = lines.of(plus)
    first = plus == lines.starts[line]
    hard[line[~first]] = True
    stated = np.zeros(len(hard), dtype=np.int64)
    stated[line[first]] = 1
    n_digits = lines.lengths - stated
    hard |= n_digits < FEWEST_DIGITS + stated * (LONGEST_COUNTRY + FEWEST_TOLD - FEWEST_DIGITS)
    first_digits = [lines.letters[lines.starts + stated + k] == ZERO for k in range(3)]
    abroad = first_digits[0] & first_digits[1]
    hard |= abroad & ((stated > 0) | first_digits[2] | (n_digits < FEWEST_DIGITS_ABROAD))
    last = [lines.letters[lines.ends - k].astype(np.int8) for k in (1, 2, 3)]  # alike, or counted
    step = (last[0] - last[1]) % 10
    hard |= (step == (last[1] - last[2]) % 10) & ((step == 0) | (step == 1) | (step == 9))
    forms: list[str | None] = list(lines.text.split("\n"))
    for place in np.flatnonzero(abroad & ~hard).tolist():
        forms[place] = f"+{forms[place][2:]}"  # type: ignore[index]
    return Plain(forms, hard)


def _emails(joined: str) -> Plain:
    """Addresses without a tag."""
    lines = _Lines(joined.lower())
    hard = np.zeros(len(lines.ends), dtype=bool)
    hard[lines.of(lines.outside(SMALL + b"._-@"))] = True
    at = lines.places(AT)
    of_at = lines.of(at)
    hard |= np.bincount(of_at, minlength=len(hard)) != 1
    place = np.zeros(len(hard), dtype=np.int64)
    place[of_at] = at
    low = lines.places(UNDERSCORE)
    of_low = lines.of(low)
    hard[of_low[low > place[of_low]]] = True
    hard |= (place == lines.starts) | (lines.lengths == 0)
    named, mark = _among(SMALL), _among(SMALL + b"_")
    letters = lines.letters
    hard |= ~mark[letters[lines.starts]] | ~(mark | _among(b"-"))[letters[place - 1]]
    hard |= ~named[letters[place + 1]] | ~named[letters[lines.ends - 1]]
    hard |= lines.begins(lines.starts, DOUBTFUL_STARTS) | lines.begins(place + 1, DOTLESS_STARTS)
    return Plain(list(lines.text.split("\n")), hard)


def _among(letters: bytes) -> Flags:
    """For each of all letters whether it is one of these."""
    flags = np.zeros(256, dtype=bool)
    flags[list(letters)] = True
    return flags


AT_ONCE: dict[str, Callable[[str], Plain]] = {"phone": _phones, "email": _emails}
