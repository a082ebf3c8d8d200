"""Words that machines write for "missing" and people mean as well: the column tells which it is.

Null, Na and Nil are names where they are written like names, Nan is a town, NA the code of a
country. NULL among names in capitals may be both: there it is a name only where it is known to be
rare, since what stands for "missing" is frequent.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from crmkit.cleaning._normal._placeholders import TECHNICAL

Counts = npt.NDArray[np.int64]
NAMES = ("first_name", "last_name", "name")
CODES = ("state", "country", "category")
PYTHON_NONE = "None"  # as Python writes it: a town only where counted, a person never
NAMIBIA = "NA"
ALIKE = 0.9  # share of the values of a column that are written in one way
FEWEST_ALIKE = 5
USUAL = 0.05  # largest share of the rows that a word can have and be meant
RARE = 0.002  # the same where only the writing of its column speaks for it
FEW_ROWS = 2
# lists of these states write NA for "missing", and no state is called so
STATES = (
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM "
    "NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC PR VI GU AS MP AB BC MB NB NL NS "
    "NT NU ON PE QC SK YT SA"
)
OWN_STATES = frozenset(STATES.split())


def meant_words(
    texts: Sequence[str | None], kind: str, counts: Counts | None = None
) -> frozenset[str]:
    """Doubtful words of the distinct values of a column that stand for something there.

    `counts` are the rows of each value; without them a word is meant only where its writing alone
    tells so.
    """
    if kind == "category" and "-" in texts and "+" in texts:
        return frozenset("-")
    if kind not in (*NAMES, "city", *CODES):
        return frozenset()
    doubtful = {
        place: text
        for place, text in enumerate(texts)
        if text is not None and len(text) < 5 and text.casefold() in TECHNICAL
    }
    if not doubtful:
        return frozenset()
    writing = None if counts is None else _writing(texts)
    meant = set()
    for place, text in doubtful.items():
        if kind in CODES:
            found = text == NAMIBIA and counts is not None and _of_codes(texts, kind)
        else:
            found = _like_a_name(text, kind, writing, counted=counts is not None)
        most = USUAL if kind in CODES or (text.istitle() and text != PYTHON_NONE) else RARE
        if found and (counts is None or counts[place] <= max(FEW_ROWS, most * counts.sum())):
            meant.add(text)
    return frozenset(meant)


def _like_a_name(text: str, kind: str, writing: str | None, *, counted: bool) -> bool:
    """Tell whether a word is written as a name is, or as all names of its column are."""
    if text.casefold() == PYTHON_NONE.casefold() and (kind in NAMES or not counted):
        return False
    if text.istitle():
        return True
    return (writing == "upper" and text.isupper()) or (writing == "lower" and text.islower())


def _writing(texts: Sequence[str | None]) -> str | None:
    """How nearly all values are written: in capitals ("upper"), small ("lower"), or else."""
    ways = Counter(
        "upper" if text.isupper() else "lower" if text.islower() else "title"
        for text in texts
        if text is not None and text.casefold() not in TECHNICAL and text.upper() != text.lower()
    )
    way, n = ways.most_common(1)[0] if ways else ("", 0)
    return way if n >= max(FEWEST_ALIKE, ALIKE * ways.total()) else None


def _of_codes(texts: Sequence[str | None], kind: str) -> bool:
    """Tell whether a column holds codes of two capitals, among them NA as a code."""
    others = {text for text in texts if text is not None and text.casefold() not in TECHNICAL}
    codes = {text for text in others if len(text) == 2 and text.isupper()}
    if len(codes) < max(FEWEST_ALIKE, ALIKE * len(others)):
        return False
    return kind != "state" or not codes <= OWN_STATES
