"""What each kind of column means for matching: how to compare it, and who shares it.

The limits of the likenesses are in the order of the levels "close" and "near": a pair of values
is equal, close, near, or different. `household` tells what two people of one address have in
common: "shared" fields agree as often as they like, "own" ones by chance alone, "mixed" ones
are sometimes shared.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class KindRule:
    """How the columns of a kind are compared."""

    comparator: str
    limits: tuple[float, ...]
    household: str = "shared"

    @property
    def n_levels(self) -> int:
        """Number of levels of agreement with "different", which is 1, and "equal", the last."""
        return len(self.limits) + 2


RULES = {
    "first_name": KindRule("name", (0.92, 0.8), "own"),
    "last_name": KindRule("name", (0.92, 0.8)),
    "name": KindRule("full_name", (0.92, 0.8), "own"),
    "company": KindRule("tokens", (0.92, 0.75)),
    "email": KindRule("email", (0.92, 0.8), "mixed"),
    "phone": KindRule("digits", (0.89, 0.8)),
    "street": KindRule("street", (0.94, 0.85)),
    "city": KindRule("word", (0.9,)),
    "postcode": KindRule("digits", (0.74,)),
    "state": KindRule("word", (0.9,)),
    "country": KindRule("word", ()),
    "birth_date": KindRule("date", (0.9, 0.8), "own"),
    "date": KindRule("date", (0.8,)),
    "number": KindRule("number", (0.99, 0.9)),
    "category": KindRule("word", (0.92,)),
    "text": KindRule("tokens", (0.92, 0.75)),
    "set": KindRule("set", (0.6, 0.2)),
    "latitude": KindRule("degrees", (0.001, 0.01)),
    "longitude": KindRule("degrees", (0.001, 0.01)),
    "id": KindRule("digits", (0.85,), "own"),
}
ADDRESS = ("street", "city", "postcode", "phone")
PERSON = ("first_name", "birth_date", "name", "id")
