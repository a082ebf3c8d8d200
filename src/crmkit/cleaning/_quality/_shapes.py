"""Shapes of texts: runs of letters, digits and marks, so that many values share few shapes."""

import re
from functools import lru_cache

RUNS = re.compile(r"[^\W\d_]+|\d+|.", re.DOTALL)
WORD_MARKS = re.compile(r"[.\-,&()/_\"]")
APOSTROPHES = re.compile("['’‘`]")
LONGEST = 200  # characters of a text that are looked at
LETTERS = {
    "A": "[A-ZÀ-ÖØ-Þ]+",
    "a": "[a-zß-öø-ÿ]+",
    "Aa": r"[^\W\d_]*[a-zß-öø-ÿ][^\W\d_]*",
    "9": r"\d+",
}


def shape_of(text: str, *, words: bool = False) -> str:
    """Shape of a text: A for capitals, a for small letters, Aa for both, 9 for digits.

    Runs of equal words count once. With `words`, marks that occur in names are blanks.
    """
    text = text[:LONGEST]
    if words:
        text = WORD_MARKS.sub(" ", APOSTROPHES.sub("", text))
    kept: list[str] = []
    for word in text.split():
        shape = _word_shape(word)
        if words and shape == "A" and len(word) == 1:
            shape = "Aa"  # an initial
        if not kept or shape != kept[-1]:
            kept.append(shape)
    return " ".join(kept)


@lru_cache(maxsize=65_536)
def _word_shape(word: str) -> str:
    return "".join(_run(run) for run in RUNS.findall(word))


@lru_cache(maxsize=1_024)
def pattern_of(shape: str) -> re.Pattern[str]:
    """Pattern that finds texts of a shape within others, not inside words or numbers."""
    words = [
        "".join(LETTERS.get(part, re.escape(part)) for part in re.findall(r"Aa|.", word))
        for word in shape.split(" ")
    ]
    many = [rf"{word}(?: {word})*" for word in words]
    return re.compile(rf"(?<![\w.,:/+-]){' '.join(many)}(?!\w|[.,:/-]\d)")


def _run(run: str) -> str:
    if run.isdigit():
        return "9"
    if not run.isalpha():
        return run
    if run.isupper():
        return "A"
    return "a" if run.islower() or run.lower() == run.upper() else "Aa"
