"""The tables that a profile shows, as columns: one row a customer, a tag, a word or a value."""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from crmkit.segment._lifecycle import LifecycleStager
from crmkit.segment._profile_events import Asked
from crmkit.segment._profile_people import words_of_people
from crmkit.segment._profile_rules import definitions_of
from crmkit.segment._profile_state import ProfileState, Remembered
from crmkit.segment._profile_table import Ints, Table
from crmkit.segment._tag_shares import drawn_share, shares_by_word
from crmkit.segment._tags import Tag

if TYPE_CHECKING:
    from crmkit.segment._profile_answers import ProfileAnswers

Columns = dict[str, npt.NDArray[Any]]


def tag_columns(tags: list[Tag]) -> Columns:
    """One column of words for each tag."""
    return {tag.name: np.array(tag.values.tolist(), dtype=str) for tag in tags}


def long_columns(tags: list[Tag], ids: npt.NDArray[Any], some: Ints) -> Columns:
    """One row for each tag that some customers have, by customer; the ids under an empty name."""
    wanted = np.zeros(len(ids), dtype=bool)
    wanted[some] = True
    rows, nth, values, words, score, last = [], [], [], [], [], []
    for place, tag in enumerate(tags):
        has = tag.told()
        has = has[wanted[has]]
        rows.append(has)
        nth.append(np.full(len(has), place))
        values += tag.values[has].tolist()
        words += tag.said(has)
        score.append(tag.score[has])
        last.append(tag.day[has])
    row, which = np.concatenate(rows), np.concatenate(nth)
    order = np.lexsort((which, row))
    names = np.array([tag.name for tag in tags], dtype=str)
    return {
        "": ids[row[order]],
        "tag": names[which[order]],
        "value": np.array(values, dtype=str)[order],
        "evidence": np.array(words, dtype=str)[order],
        "score": np.concatenate(score)[order],
        "date": as_dates(np.concatenate(last)[order]),
    }


def share_columns(table: Table, rule: dict[str, Any], ids: npt.NDArray[Any], some: Ints) -> Columns:
    """One row for each word that some customers met."""
    wanted = np.zeros(len(ids), dtype=bool)
    wanted[some] = True
    here = np.flatnonzero(wanted[table.rows])
    rows, columns, count = table.rows[here], table.columns[here], table.values[here]
    base = shares_by_word(table.words, rule["words"], rule["shares"], rule["unseen"])[columns]
    share = drawn_share(count, table.sums()[rows], base, rule["strength"])
    return {
        "": ids[rows],
        "word": table.words[columns],
        "count": count,
        "share": share,
        "usual": base,
        "lift": share / base,
        "date": as_dates(table.last[here]),
    }


def sizes_of(columns: Columns, n: int) -> dict[str, list[Any]]:
    """Customers of each value of each column of words, the largest first."""
    found: list[tuple[str, str, int, float]] = []
    for name, values in columns.items():
        if values.dtype.kind != "f":
            words, counts = np.unique(values, return_counts=True)
            order = np.argsort(-counts, kind="stable")
            found += [(name, str(words[i]), int(counts[i]), float(counts[i] / n)) for i in order]
    names = ("tag", "value", "n_customers", "share_of_customers")
    return {name: [row[i] for row in found] for i, name in enumerate(names)}


def definition_rows(profile: "ProfileAnswers") -> list[tuple[str, str, str, str]]:
    """Tag, definition, columns read and thresholds of every tag."""
    told = [] if profile.people_ is None else list(profile.people_["columns"])
    rows = [(name, "as told in customers", name, "") for name in told]
    asked = Asked(*(getattr(profile, name) for name in Asked._fields))
    limits = {name: getattr(profile, name) for name in ("confidence", "min_lift", "min_evidence")}
    rows += definitions_of(profile.rules_, asked, profile.log_, limits)
    stager = profile.stager_
    if stager is not None:
        text = "stage of the life cycle: the first rule of LifecycleStager that holds"
        edges = "chance of a purchase, as the model sees it"
        if stager.thresholds_ is not None:
            once, later = (", ".join(f"{x:.1f}" for x in row) for row in stager.thresholds_)
            edges = (
                f"at risk, dormant, lost after {later} own rhythms ({once} after the first "
                "purchase)"
            )
        rows.append(("life_cycle", text, str(profile.log_["when"]), edges))
    return rows


def as_dates(days: Ints) -> npt.NDArray[np.datetime64]:
    """Days since 1970 as instants; the smallest number is missing."""
    never = days == np.iinfo(np.int64).min
    dates = np.where(never, 0, days).astype("datetime64[D]").astype("datetime64[us]")
    dates[never] = np.datetime64("NaT")
    return dates


def told_tag(name: str, values: npt.NDArray[Any]) -> Tag:
    """What customers told, as a tag."""
    n = len(values)
    nothing, never = np.full(n, np.nan), np.full(n, np.iinfo(np.int64).min)

    def said(some: npt.NDArray[np.int64]) -> list[str]:
        return ["told in customers"] * len(some)

    return Tag(name, words_of_people(values), nothing, never, said)


def life_cycle_tag(stager: LifecycleStager, buyers: ProfileState, day: int) -> Tag:
    """The stage of each customer, with the reason that the stager gives."""
    positions, evidence = stager._staged(Remembered(buyers, day))

    def said(some: npt.NDArray[np.int64]) -> list[str]:
        part = {name: np.asarray(values)[some] for name, values in evidence.items()}
        return stager._reasons(positions[some], part)

    left = np.asarray(evidence["chance_left"], dtype=np.float64)
    return Tag("life_cycle", stager.stages_[positions], left, buyers.last_day, said)
