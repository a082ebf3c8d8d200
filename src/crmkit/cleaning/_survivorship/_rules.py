"""Rules of survivorship: what there is, what is usual for a kind of column, what stays together."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from crmkit.cleaning._normal._kinds import DATES, KINDS, NUMBERS
from crmkit.exceptions import DataError, nearest

Rule: TypeAlias = str | Callable[[list[Any]], Any]

RULES: dict[str, str] = {
    "most_recent": "the newest known value",
    "oldest": "the oldest known value",
    "most_frequent": "the value that most records have",
    "longest": "the longest text",
    "most_complete": "the value of the record with the fewest gaps",
    "most_trusted": "the value of the source that is trusted most",
    "first": "the value of the record with the smallest id",
    "min": "the smallest number or earliest date",
    "max": "the largest number or latest date",
}
TIMED = ("most_recent", "oldest")
SORTED = ("min", "max")
CHANGING = frozenset(
    ("email", "phone", "street", "city", "postcode", "state", "country", "latitude", "longitude",
     "company", "number", "category", "date")
)  # fmt: skip
WORDY = ("text", "set")
TOGETHER: tuple[tuple[str, ...], ...] = (
    ("last_name", "first_name"),
    ("street", "postcode", "city", "state", "country", "latitude", "longitude"),
)
"""Kinds that belong to one record; the first one that is known says whether a record has them."""


@dataclass(frozen=True)
class Part:
    """Columns whose values are chosen together, and the rule that chooses."""

    names: tuple[str, ...]
    rule: Rule

    @property
    def label(self) -> str:
        """The rule in a word."""
        if isinstance(self.rule, str):
            return self.rule
        return str(getattr(self.rule, "__name__", type(self.rule).__name__))


def parts_of(
    kinds: Mapping[str, str],
    rules: Any,
    together: Iterable[Iterable[str]] | None,
    *,
    timed: bool,
    trusted: bool,
    owner: str,
) -> list[Part]:
    """Columns in groups with their rules; each column is in one group, alone as a rule."""
    stated = _stated(kinds, rules, owner)
    faults = [
        fault
        for name, rule in stated.items()
        for fault in _rule_faults(name, kinds[name], rule, timed=timed, trusted=trusted)
    ]
    if faults:
        raise DataError(f"{owner}: {'; '.join(dict.fromkeys(faults))}.")
    groups = _groups(kinds, together, owner)
    grouped = {name for group in groups for name in group}
    groups += [(name,) for name in kinds if name not in grouped]
    place = {name: i for i, name in enumerate(kinds)}
    made = []
    for names in sorted(groups, key=lambda group: min(place[name] for name in group)):
        own = {name: stated[name] for name in names if name in stated}
        rule: Rule = _usual(kinds[names[0]], timed=timed, trusted=trusted)
        if own:
            rule = _agreed(names, own, owner)
        made.append(Part(tuple(names), rule))
    return made


def _stated(kinds: Mapping[str, str], rules: Any, owner: str) -> dict[str, Rule]:
    """Rule of each column that the user gave one, by name or else by kind."""
    if rules is None:
        return {}
    if isinstance(rules, str) or callable(rules):
        return dict.fromkeys(kinds, rules)
    if not isinstance(rules, Mapping):
        raise DataError(
            f"{owner}: rules must be a rule or a dict of columns or kinds to rules, got {rules!r}."
        )
    unknown = [key for key in rules if key not in kinds and key not in KINDS]
    if unknown:
        near = nearest(str(unknown[0]), [*kinds, *KINDS])
        meant = "" if near is None else f" Did you mean {near!r}?"
        raise DataError(
            f"{owner}: rules: {unknown[0]!r} is neither a column nor a kind of column.{meant} "
            f"Columns: {list(kinds)}."
        )
    made = {}
    for name, kind in kinds.items():
        if name in rules:
            made[name] = rules[name]
        elif kind in rules and kind not in kinds:
            made[name] = rules[kind]
    return made


def _rule_faults(name: str, kind: str, rule: Rule, *, timed: bool, trusted: bool) -> Iterable[str]:
    """Sentences on a rule that is none, or that cannot be followed here."""
    if callable(rule):
        return
    if not isinstance(rule, str) or rule not in RULES:
        near = nearest(str(rule), RULES)
        meant = "" if near is None else f" (did you mean {near!r}?)"
        yield f"{rule!r} of {name!r} is no rule{meant}; rules are {', '.join(RULES)} or a function"
    elif rule in TIMED and not timed:
        yield f"rule {rule!r} of {name!r} needs when=, the column that says how new a record is"
    elif rule == "most_trusted" and not trusted:
        yield f"rule 'most_trusted' of {name!r} needs source= and sources=, the most trusted first"
    elif rule in SORTED and kind not in (*DATES, *NUMBERS):
        yield f"rule {rule!r} is for dates and numbers, but {name!r} is of kind {kind!r}"


def _usual(kind: str, *, timed: bool, trusted: bool) -> str:
    """Rule of a kind of column where the user gave none."""
    if kind in WORDY:
        return "longest"
    if kind in CHANGING and timed:
        return "most_recent"
    if kind in CHANGING and trusted:
        return "most_trusted"
    return "most_complete" if kind == "ignore" else "most_frequent"


def _groups(
    kinds: Mapping[str, str], together: Iterable[Iterable[str]] | None, owner: str
) -> list[tuple[str, ...]]:
    """Columns that come from one record: the stated groups, or names and addresses."""
    if together is None:
        return _usual_groups(kinds)
    if isinstance(together, (str, Mapping)) or not isinstance(together, Iterable):
        raise DataError(f"{owner}: together must be a list of lists of columns, got {together!r}.")
    made: list[tuple[str, ...]] = []
    seen: set[str] = set()
    for group in together:
        if isinstance(group, str) or not isinstance(group, Iterable):
            raise DataError(
                f"{owner}: together must be a list of lists of columns, such as "
                f"[['street', 'city']], got {group!r} in it."
            )
        names = tuple(dict.fromkeys(group))
        for name in names:
            if name not in kinds:
                raise DataError.missing_column(owner, name, kinds, "together")
            if name in seen:
                raise DataError(f"{owner}: together: {name!r} is in two groups.")
        seen.update(names)
        made.append(names)
    return [group for group in made if group]


def _usual_groups(kinds: Mapping[str, str]) -> list[tuple[str, ...]]:
    """One group of names and one of the address, where each kind is that of one column."""
    made = []
    for wanted in TOGETHER:
        held = {kind: [n for n, k in kinds.items() if k == kind] for kind in wanted}
        if all(len(names) <= 1 for names in held.values()):
            group = tuple(names[0] for names in held.values() if names)
            if len(group) > 1:
                made.append(group)
    return made


def _agreed(names: tuple[str, ...], own: dict[str, Rule], owner: str) -> Rule:
    """The one rule of a group; columns that stay together cannot be chosen by different ones."""
    rules = list(own.values())
    group = f"{owner}: {', '.join(map(repr, names))} come from one record"
    if any(rule is not rules[0] and rule != rules[0] for rule in rules):
        said = ", ".join(f"{name!r}: {rule!r}" for name, rule in own.items())
        raise DataError(
            f"{group}, but have different rules ({said}). Give one, or part them with together=[]."
        )
    if len(names) > 1 and (callable(rules[0]) or rules[0] in SORTED):
        raise DataError(f"{group}, which {rules[0]!r} cannot choose. Part them with together=[].")
    return rules[0]
