"""Names for segments from what is strongest in their profile: "High spend, recent, many orders"."""

import re

from crmkit._validation import Floats

# what a column is called when it is high, and when it is low
WORDS = {
    "days_since_last": ("long silent", "recent"),
    "n_orders": ("many orders", "few orders"),
    "frequency": ("frequent", "infrequent"),
    "total_amount": ("high spend", "low spend"),
    "monetary_value": ("large purchases", "small purchases"),
    "T": ("long known", "new"),
    "recency": ("long active", "briefly active"),
}
FAINT, CLEAR, STRONG = 0.2, 0.4, 1.25  # spreads from the mean of all
LEAST, MOST = 2, 3


def name_segments(z: Floats, columns: list[tuple[str, str | None]]) -> list[str]:
    """Short names, none twice: z of segments in rows by columns or levels in, names out."""
    phrases = [_phrases(row, columns) for row in z]
    names = [_joined(said, MOST) for said in phrases]
    for length in range(MOST + 1, len(columns) + 1):
        twice = {name for name in names if names.count(name) > 1}
        if not twice:
            break
        names = [
            _joined(said, length, weak=True) if name in twice else name
            for name, said in zip(names, phrases, strict=True)
        ]
    return _numbered(names)


def _phrases(z: Floats, columns: list[tuple[str, str | None]]) -> list[tuple[str, bool]]:
    """What can be said of a segment, strongest first, and whether it is worth saying."""
    found = []
    for value, (column, level) in zip(z.tolist(), columns, strict=True):
        if level is not None and value < 0:
            continue
        found.append((abs(value), column, _phrase(column, level, value)))
    found.sort(key=lambda each: -each[0])
    seen: set[str] = set()
    said: list[tuple[str, bool]] = []
    for strength, column, phrase in found:
        if column not in seen:
            said.append((phrase, strength >= (FAINT if len(said) < LEAST else CLEAR)))
        seen.add(column)
    return said


def _phrase(column: str, level: str | None, value: float) -> str:
    if level in ("True", "False"):  # a flag
        return spoken(column) if level == "True" else f"not {spoken(column)}"
    if level is not None:
        return f"{spoken(column)} {level}"
    very = "very " if abs(value) >= STRONG else ""
    if column in WORDS:
        return very + WORDS[column][value < 0]
    if column.startswith("n_"):
        return f"{very}{'many' if value > 0 else 'few'} {spoken(column[2:])}"
    return f"{very}{'high' if value > 0 else 'low'} {spoken(column)}"


def spoken(column: str) -> str:
    """Name of a column as words: basketSize and basket_size are "basket size"."""
    parts = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", column).replace("_", " ").split()
    return " ".join(part if part.isupper() else part.lower() for part in parts) or column


def _joined(said: list[tuple[str, bool]], most: int, *, weak: bool = False) -> str:
    kept = [phrase for phrase, clear in said if clear or weak][:most]
    told = ", ".join(kept) or "average"
    return told[0].upper() + told[1:]


def _numbered(names: list[str]) -> list[str]:
    """Names with a number where one comes again."""
    made: list[str] = []
    for name in names:
        again, new = 1, name
        while new in made:
            again += 1
            new = f"{name} ({again})"
        made.append(new)
    return made
