"""The tables of the report on kinds of customers, movement, tags and unusual behaviour."""

from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit.exceptions import DataError
from crmkit.report._content import ReportContent
from crmkit.report._document import Table
from crmkit.report._kinds import WORTH
from crmkit.report._kinds_content import KindsContent
from crmkit.report._movement import PERIODS, kept
from crmkit.report._movement_content import MovementContent
from crmkit.report._numbers import (
    NONE,
    SHARE,
    Told,
    amount,
    between,
    change,
    day,
    decimals,
    percent,
    plural,
    whole,
)
from crmkit.report._profile import (
    SHOWN,
    UNKNOWN,
    called,
    measures_of,
    spaced,
    tags_of,
    usual_of,
    worded,
)
from crmkit.report._profile_content import ProfileContent, UnusualContent
from crmkit.segment import CustomerProfile

OWNER = "ReportContent"
CARDS = 5  # customers whose tags are shown


def by_kind(content: ReportContent, column: str, names: list[str]) -> list[list[str]]:
    """Customers, revenue so far and, where learnt, expected value of each kind, with shares."""
    kind = _frames.column_values(content.table, column, OWNER).astype(str)
    money = [content.numbers[name] for name in ("total_amount", "clv") if name in content.numbers]
    rows = []
    for name in names:
        own = kind == name
        rows.append(
            [
                name,
                whole(own.sum()),
                percent(float(own.mean())),
                *(cell for amounts in money for cell in sum_and_share(amounts, own)),
            ]
        )
    return rows


def sum_and_share(values: Any, own: npt.NDArray[np.bool_]) -> list[str]:
    """Sum of some customers, and its part of the total, "–" of none."""
    part, total = float(values[own].sum()), float(values.sum())
    return [amount(part), percent(part / total) if total > 0 else NONE]


HEADS = ["customers", "share of customers", "revenue so far", "share of revenue"]
EXPECTED_HEADS = ["expected value", "share of expected value"]


def heads(content: ReportContent) -> list[str]:
    """Headings of the columns of `by_kind`."""
    return [*HEADS, *(EXPECTED_HEADS if content.valued else [])]


def stage_table(content: ReportContent, kinds: KindsContent) -> Table | None:
    """List the stages of life, best to worst, with their rules; None without stages."""
    if kinds.stager is None:
        return None
    told = kinds.stager.describe()
    rows = by_kind(content, "stage", [str(name) for name in told["stage"]])
    head = ["stage", *heads(content)]
    return with_rules("Stages of life, best to worst", head, rows, told["rule"])


def value_tier_table(content: ReportContent, kinds: KindsContent) -> Table | None:
    """List the tiers of value, best to worst, with their edges; None without tiers."""
    if kinds.tiers is None:
        return None
    what = WORTH.get(kinds.tiers.value, kinds.tiers.value)
    edges = [amount(float(edge)) for edge in kinds.tiers.edges_[::-1]] + [NONE]
    rows = by_kind(content, "tier", [str(name) for name in kinds.tiers.segments_])
    rows = [[row[0], edge, *row[1:]] for row, edge in zip(rows, edges, strict=True)]
    head = ["tier", f"from ({what})", *heads(content)]
    return Table(f"Tiers of {what}, best to worst", head, rows)


def behaviour_table(content: ReportContent, kinds: KindsContent) -> Table | None:
    """List the segments of behaviour, largest first, with their rules; None without them."""
    if kinds.behaviour is None:
        return None
    told = kinds.behaviour.describe()
    rows = by_kind(content, "behaviour", [str(name) for name in told["segment"]])
    head = ["segment", *heads(content)]
    return with_rules("Segments found in behaviour, largest first", head, rows, told["rule"])


def with_rules(caption: str, head: list[str], rows: list[list[str]], rules: Any) -> Table:
    """A table of kinds with their rules in words; amounts give way to them, shares stay."""
    kept = [place for place in (0, 1, 2, 4, 6) if place < len(head)]
    shown = [[*(row[i] for i in kept), str(rule)] for row, rule in zip(rows, rules, strict=True)]
    words = frozenset({0, len(kept)})
    return Table(caption, [*(head[i] for i in kept), "rule"], shown, text_columns=words)


def size_table(movement: MovementContent) -> Table | None:
    """List the sizes of the stages before, now and ahead; None where movement is not told."""
    moves, found = movement.moves, movement.forecast
    if moves is None:
        return None
    before, now = moves.size_counts[-2], moves.size_counts[-1]
    head = ["stage", day(moves.dates[-2]), day(moves.dates[-1]), "change", "share now"]
    rows = [
        [name, whole(a), whole(b), change(int(b) - int(a)), percent(float(b) / now.sum())]
        for name, a, b in zip(moves.segments, before, now, strict=True)
    ]
    if found is not None:
        head += [f"expected on {day(found.dates[-1])}", f"{percent(found.level)} band"]
        for row, x, low, high in zip(
            rows, found.expected[-1], found.lower[-1], found.upper[-1], strict=True
        ):
            row += [whole(x), between(whole(low), whole(high))]
    keys = ("stage", "before", "now", "change", "share_now", "expected", "band")[: len(head)]
    return Table("Customers by stage: before, now and expected", head, rows, keys=keys)


def cohort_numbers(movement: MovementContent) -> Table | None:
    """List the shares of the picture of the cohorts; None where it is not drawn."""
    cohorts = movement.cohorts
    if cohorts is None or not kept(cohorts, 1)[0]:
        return None
    word = PERIODS[cohorts.period]
    ages = cohorts.values.shape[1]
    rows = [
        [
            str(cohorts.labels[i]),
            whole(int(cohorts.sizes[i])),
            *(percent(float(cohorts.values[i, age])) for age in range(ages)),
        ]
        for i in np.flatnonzero(cohorts.sizes).tolist()
    ]
    head = [f"{word} of the first purchase", "customers", *(f"{word} {age}" for age in range(ages))]
    keys = ("cohort", "customers", *(f"period_{age}" for age in range(ages)))
    caption = f"Share of each cohort who bought, by {word}s since the first purchase"
    return Table(caption, head, rows, key="cohorts", keys=keys, folded=True)


def tag_table(content: ProfileContent) -> Table | None:
    """List the tags: how many customers have which, and what decides; None without tags."""
    profile = content.profile
    if profile is None:
        return None
    tags, meant = tags_of(profile), profile.definitions().set_index("tag")["thresholds"].to_dict()
    rows = []
    for tag in dict.fromkeys(tags["tag"]):
        own = tags[tags["tag"] == tag].to_dict("records")
        known = [one for one in own if one["value"] != UNKNOWN]
        said = [
            f"{worded(one['value'])} {percent(float(one['share_of_customers']))}" for one in known
        ]
        if len(said) > SHOWN:
            rest = sum(float(one["share_of_customers"]) for one in known[SHOWN:])
            said = [*said[:SHOWN], f"{len(known) - SHOWN} more {percent(rest)}"]
        too_little = sum(float(x["share_of_customers"]) for x in own if x["value"] == UNKNOWN)
        limits = str(meant.get(tag, meant.get(str(tag).rpartition("_")[0], "")))
        limits = spaced(limits.partition("; worth ")[0])
        shares = {str(one["value"]): float(one["share_of_customers"]) for one in known}
        told = Told("\n".join(said), shares, SHARE)
        rows.append([called(tag), told, percent(too_little), limits])
    head = ["tag", "share of customers", "too little to tell", "edges, or what is usual"]
    return Table("What customers are like", head, rows, text_columns=frozenset({0, 1, 3}))


def card_table(content: ReportContent, told: ProfileContent) -> Table | None:
    """Show the tags of the most valuable customers, with the evidence; None without tags."""
    if told.profile is None:
        return None
    best = content.best(CARDS)
    tiered = content.kinds is not None and content.kinds.tiers is not None
    tier = _frames.column_values(content.table, "tier", OWNER) if tiered else None
    frame = tags_with_evidence(told.profile, content.ids[best])
    owner = _frames.column_names(frame, OWNER)[0]
    who, *rest = (
        _frames.column_values(frame, name, OWNER) for name in (owner, "tag", "value", "evidence")
    )
    rows = []
    for i in best:
        own = np.flatnonzero(who == content.ids[i])
        lines = [
            f"{called(tag)}: {value}" + (f" – {spaced(evidence)}" if evidence else "")
            for tag, value, evidence in zip(*(part[own] for part in rest), strict=True)
        ]
        if lines:
            own_tier = [] if tier is None else [str(tier[i])]
            rows.append([str(content.ids[i]), str(content.segment[i]), *own_tier, "\n".join(lines)])
    if not rows:
        return None
    caption = f"Cards of the {plural(len(rows), 'customer')} with the highest {content.worth_most}"
    head = ["customer", "segment", *([] if tier is None else ["tier"])]
    head.append("tags, and what speaks for them")
    return Table(caption, head, rows, text_columns=frozenset(range(len(head))))


def tags_with_evidence(profile: CustomerProfile, ids: npt.NDArray[Any]) -> Any:
    """Tags of some customers as an eager frame; of all where one came since they were made."""
    try:
        return _frames.to_eager(profile.tags(ids))
    except DataError:
        return _frames.to_eager(profile.tags())


def reason_table(unusual: UnusualContent) -> Table | None:
    """List the reasons of flags: how many customers, beside chance; None without a judgement."""
    found = unusual.detector
    if found is None:
        return None
    told = found.describe()
    measures, looked_at = [*found.measures_, "any"], {*measures_of(unusual), "any"}
    rows = [
        [
            "any reason" if reason == "any" else str(reason),
            whole(n),
            decimals(float(chance), 1),
            usual_of(measure, float(usual)),
        ]
        for measure, (reason, n, chance, usual) in zip(
            measures,
            told[["reason", "n_customers", "expected_by_chance", "usual"]].itertuples(index=False),
            strict=True,
        )
        if measure in looked_at
    ]
    head = ["unusual in", "customers flagged", "by chance at most", "99 of 100 have at most"]
    return Table("Flags by reason", head, rows)


def unusual_table(unusual: UnusualContent, n: int) -> Table | None:
    """List the `n` strangest customers and why; None where nobody is flagged."""
    if unusual.detector is None or not unusual.detector.n_flagged_:
        return None
    owner = _frames.column_names(unusual.judged, OWNER)[0]
    ids, score, flag, reasons = (
        _frames.column_values(unusual.judged, name, OWNER)
        for name in (owner, "score", "unusual", "reasons")
    )
    flagged = np.flatnonzero(flag.astype(bool))
    best = flagged[np.argsort(-score[flagged].astype(float), kind="stable")][:n]
    rows = [
        [str(ids[i]), decimals(float(score[i])), str(reasons[i]).replace(". ", "\n")] for i in best
    ]
    whom = plural(len(flagged), "flagged customer")
    of = "" if len(rows) == len(flagged) else f"{len(rows):,} of "
    caption = f"The {of}{whom}, those most unlike the others first"
    head = ["customer", "score (0.5 is the limit)", "reasons"]
    return Table(caption, head, rows, text_columns=frozenset({0, 2}))
