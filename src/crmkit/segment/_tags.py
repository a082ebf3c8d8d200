"""The tags of customers: their values under frozen rules, and what speaks for each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit._validation import Floats
from crmkit.segment._profile_events import SEASONS
from crmkit.segment._profile_rules import (
    SEASON_SEEN,
    mean_spend,
    paces,
    season_counts,
    season_days,
)
from crmkit.segment._profile_state import ProfileState
from crmkit.segment._profile_table import Ints, Table
from crmkit.segment._tag_shares import (
    chance_above,
    drawn_share,
    level_of,
    preferred,
    shares_by_word,
    side_of,
)

NONE, UNKNOWN = "(none)", "(unknown)"
LEVELS = np.array(("low", "medium", "high"))
DEPTHS = np.array(("shallow", "medium", "deep"))

Said = Callable[[Ints], list[str]]


@dataclass(frozen=True, eq=False)
class Tag:
    """One tag of n customers.

    `values` are words, `NONE` where nothing stands out and `UNKNOWN` where too little is known.
    `score` is the number behind the value, `day` the last day that speaks for it since 1970, and
    `said` the evidence in words of some customers.
    """

    name: str
    values: npt.NDArray[Any]
    score: Floats
    day: Ints
    said: Said

    def told(self) -> Ints:
        """Who has the tag."""
        return np.flatnonzero((self.values != NONE) & (self.values != UNKNOWN))


def tags_of(
    state: ProfileState, rules: dict[str, Any], day: int, limits: dict[str, Any]
) -> Iterator[Tag]:
    """Tags of buyers at a day, in the order in which they are shown."""
    if "spending" in rules:
        yield spending_tag(state, rules["spending"]["edges"])
    if "category" in rules:
        yield from liked_tags("preference", state, "category", rules, limits, limits["top"])
    if "channel" in rules:
        yield channel_tag(state, rules["channel"], limits)
    if "promotion" in rules:
        yield side_tag(state, "promotion", rules, limits)
    if "time" in rules:
        yield from liked_tags("time_of_day", state, "time", rules, limits, 1)
    yield side_tag(state, "week", rules, limits)
    if "season" in rules:
        yield season_tag(state, rules["season"], day, limits)
    yield engagement_tag(state, rules["engagement"], day)


def tag_names(rules: dict[str, Any], top: int, staged: bool) -> list[str]:
    """Names of the tags that rules make, in the order in which they are shown."""
    names = {
        "spending": ["spending_power"],
        "category": [f"preference_{place}" for place in range(1, top + 1)],
        "channel": ["channel"],
        "promotion": ["price_sensitivity"],
        "time": ["time_of_day"],
        "week": ["week"],
        "season": ["season"],
        "engagement": ["engagement"],
    }
    made = [name for rule, tags in names.items() if rule in rules for name in tags]
    return [*made, *(["life_cycle"] if staged else [])]


def spending_tag(state: ProfileState, edges: Floats) -> Tag:
    """Low, medium or high mean spend of a purchase day."""
    mean = mean_spend(state)

    def said(some: Ints) -> list[str]:
        rows = zip(mean[some].tolist(), state.n_days[some].tolist(), strict=True)
        return [f"mean of {value:,.2f} on {days(n)}" for value, n in rows]

    values = LEVELS[level_of(mean, edges)]
    return Tag("spending_power", values, mean, state.last_day, said)


def liked_tags(
    name: str, state: ProfileState, part: str, rules: dict[str, Any], limits: Any, top: int
) -> Iterator[Tag]:
    """The words that a customer surely meets clearly more than usual, those far above first."""
    table, rule = state.tables[part], rules[part]
    n, count, rows = len(state.ids), table.values, table.rows
    usual = shares_by_word(table.words, rule["words"], rule["shares"], rule["unseen"])
    base, total = usual[table.columns], table.sums()
    share = drawn_share(count, total[rows], base, rule["strength"])
    some = np.flatnonzero((count >= limits["min_evidence"]) & (share >= base * limits["min_lift"]))
    sure = np.zeros(len(count), dtype=bool)
    chance = chance_above(count[some], total[rows[some]], base[some], rule["strength"])
    sure[some] = chance >= limits["confidence"]
    chosen = preferred(rows, table.columns, share - base, sure, n, top)
    without = np.where(total >= limits["min_evidence"], NONE, UNKNOWN)
    words = np.append(table.words, "").astype(object)
    for place, entry in enumerate(chosen.T, start=1):
        has = np.flatnonzero(entry >= 0)
        values = without.astype(object)
        values[has] = words[table.columns[entry[has]]]
        score, last = np.full(n, np.nan), state.last_day.copy()
        score[has] = share[entry[has]] / base[entry[has]]
        last[has] = table.last[entry[has]]
        label = f"{name}_{place}" if name == "preference" else name
        yield Tag(label, values, score, last, _liked_said(entry, count, share, base, state))


def _liked_said(
    entry: Ints, count: Ints, share: Floats, usual: Floats, state: ProfileState
) -> Said:
    def said(some: Ints) -> list[str]:
        here = entry[some]
        parts = (count[here], state.n_days[some], share[here], usual[here])
        return [
            f"on {c:,} of {days(k)}; a share of {x:.1%}, {b:.1%} is usual"
            for c, k, x, b in zip(*(part.tolist() for part in parts), strict=True)
        ]

    return said


def channel_tag(state: ProfileState, rule: dict[str, Any], limits: dict[str, Any]) -> Tag:
    """The channel that holds half or more of the share drawn to that of all, else several."""
    table, n = state.tables["channel"], len(state.ids)
    usual = shares_by_word(table.words, rule["words"], rule["shares"], rule["unseen"])
    total, rows = table.sums(), table.rows
    share = drawn_share(table.values, total[rows], usual[table.columns], rule["strength"])
    best = preferred(rows, table.columns, share, np.ones(len(rows), dtype=bool), n, 1)[:, 0]
    has = np.flatnonzero(best >= 0)
    largest, last, count = np.full(n, np.nan), state.last_day.copy(), np.zeros(n, dtype=np.int64)
    largest[has], last[has], count[has] = (
        share[best[has]],
        table.last[best[has]],
        table.values[best[has]],
    )
    words = np.full(n, "several", dtype=object)
    main = has[largest[has] >= 0.5]
    words[main] = table.words[table.columns[best[main]]]
    values = np.where(total >= limits["min_evidence"], words, UNKNOWN)

    def said(some: Ints) -> list[str]:
        pairs = zip(count[some].tolist(), state.n_days[some].tolist(), strict=True)
        return [f"the first channel on {c:,} of {days(k)}" for c, k in pairs]

    return Tag("channel", values, largest, last, said)


SIDES = {
    "promotion": ("price_sensitivity", "promotion", ("low", "usual", "high"), "{} of {} lines"),
    "week": ("week", "weekend", ("weekday", "any day", "weekend"), "{} of {} purchase days"),
}
"""Tag, the word counted, its values for less, as usual and more, and the counts in words."""


def side_tag(state: ProfileState, part: str, rules: dict[str, Any], limits: Any) -> Tag:
    """Clearly more or less of one of two words than usual."""
    name, word, values, counts = SIDES[part]
    table, rule = state.tables[part], rules[part]
    count, total = table.column(word), table.sums()
    base = float(rule["shares"][rule["words"].tolist().index(word)])
    side = side_of(count, total, base, rule["strength"], limits)
    share = drawn_share(count, total, base, rule["strength"])
    at = "at the weekend" if part == "week" else "on promotion"

    def said(some: Ints) -> list[str]:
        pairs = zip(count[some].tolist(), total[some].tolist(), strict=True)
        told = (counts.format(f"{c:,}", f"{n:,}") for c, n in pairs)
        return [f"{text} {at}, {base:.0%} is usual" for text in told]

    return Tag(name, np.array([UNKNOWN, *values])[side + 2], share, state.last_day, said)


def season_tag(state: ProfileState, rule: dict[str, Any], day: int, limits: dict[str, Any]) -> Tag:
    """The season with clearly more purchase days than expected while the customer was there."""
    count, lived = season_counts(state), season_days(state.first_day, day)
    expected = lived * rule["rates"]
    base = expected / expected.sum(axis=1, keepdims=True)
    total = count.sum(axis=1, keepdims=True)
    lift = drawn_share(count, total, base, rule["strength"]) / np.maximum(base, 1e-12)
    seen = (lived >= SEASON_SEEN).all(axis=1) & (total[:, 0] >= limits["min_evidence"])
    sure = chance_above(count, total, base, rule["strength"]) >= limits["confidence"]
    shown = sure & (lift >= limits["min_lift"]) & (count >= limits["min_evidence"])
    best = np.where(shown, lift, -1.0).argmax(axis=1)
    row = np.arange(len(best))
    has = seen & shown[row, best]
    values = np.where(has, np.array(SEASONS)[best], np.where(seen, NONE, UNKNOWN))
    usual = base * total

    def said(some: Ints) -> list[str]:
        here = zip(count[some, best[some]], total[some, 0], usual[some, best[some]], strict=True)
        return [f"{c:,} of {days(n)}, {x:.1f} expected" for c, n, x in here]

    score = np.where(has, lift[row, best], np.nan)
    return Tag("season", values, score, _last_met(state.tables["season"], values, state), said)


def engagement_tag(state: ProfileState, rule: dict[str, Any], day: int) -> Tag:
    """Shallow, medium or deep by purchase days a month, and by different categories if known."""
    pace = paces(state, day, rule["usual"])
    depth, breadth = level_of(pace, rule["edges"]), None
    if "breadth_edges" in rule:
        breadth = state.tables["category"].breadth()
        both = depth + level_of(breadth.astype(np.float64), rule["breadth_edges"])
        depth = np.array([0, 0, 1, 2, 2])[both]

    def said(some: Ints) -> list[str]:
        told = [f"{x:.1f} purchase days a month" for x in pace[some].tolist()]
        if breadth is None:
            return told
        wide = breadth[some].tolist()
        kinds = [f"{n:,} categor{'y' if n == 1 else 'ies'}" for n in wide]
        return [f"{text}, {kind}" for text, kind in zip(told, kinds, strict=True)]

    return Tag("engagement", DEPTHS[depth], pace, state.last_day, said)


def _last_met(table: Table, values: npt.NDArray[Any], state: ProfileState) -> Ints:
    """Last day on which customers met the word that is their value."""
    last = state.last_day.copy()
    here = table.words[table.columns] == values[table.rows]
    last[table.rows[here]] = table.last[here]
    return last


def days(n: int) -> str:
    """1 as "1 purchase day", 20 as "20 purchase days"."""
    return f"{n:,} purchase day{'' if n == 1 else 's'}"
