"""What `fit` freezes: shares of all, strengths and edges; and every tag in words."""

from typing import Any

import numpy as np

from crmkit._units import DAYS
from crmkit._validation import Floats
from crmkit.segment._profile_events import SEASONS, Asked, season_of
from crmkit.segment._profile_state import MILLIONTHS, ProfileState
from crmkit.segment._profile_table import Ints
from crmkit.segment._tag_shares import base_shares, strength_of, unseen_share

SEASON_SEEN = 30
"""Days of each season that a customer must have lived through before seasons are compared."""


def learn_rules(
    state: ProfileState, day: int, quantiles: Floats, has_times: bool
) -> dict[str, Any]:
    """Rules as plain arrays and numbers, of customers who all have bought before a day."""
    rules: dict[str, Any] = {}
    for name, table in state.tables.items():
        if (name == "time" and not has_times) or name == "season":
            continue
        rules[name] = {
            "words": table.words,
            "shares": base_shares(table),
            "unseen": unseen_share(table),
            "strength": strength_of(table),
        }
    if state.money is not None:
        rules["spending"] = {"edges": _edges(mean_spend(state), quantiles)}
    usual = base_pace(state, day)
    rules["engagement"] = {"usual": usual, "edges": _edges(paces(state, day, usual), quantiles)}
    if "category" in state.tables:
        breadth = state.tables["category"].breadth()
        rules["engagement"]["breadth_edges"] = _edges(breadth.astype(np.float64), quantiles)
    season = _season_rules(state, day)
    return rules | ({} if season is None else {"season": season})


def mean_spend(state: ProfileState) -> Floats:
    """Mean spend of a purchase day, in currency."""
    if state.money is None:
        raise AttributeError("a state without money was asked for spend")
    mean: Floats = state.money / state.n_days / MILLIONTHS
    return mean


def base_pace(state: ProfileState, day: int) -> float:
    """Repeat purchase days of all per month of their lives."""
    months = (day - 1 - state.first_day).sum() / DAYS["M"]
    repeats = (state.n_days - 1).sum()
    return float(repeats / months) if months > 0 else 0.0


def paces(state: ProfileState, day: int, usual: float) -> Floats:
    """Repeat purchase days per month; the usual pace counts for one of them."""
    if usual == 0:
        return np.zeros(len(state.ids))
    months = (day - 1 - state.first_day) / DAYS["M"]
    pace: Floats = state.n_days / (months + 1.0 / usual)
    return pace


def season_days(first: Ints, day: int) -> Ints:
    """Days of each season from a first day to a day before, one row per customer."""
    if not len(first):
        return np.zeros((0, len(SEASONS)), dtype=np.int64)
    begin = int(first.min())
    here = season_of(np.arange(begin, day))[:, None] == np.arange(len(SEASONS))
    running = np.vstack([np.zeros(len(SEASONS), dtype=np.int64), np.cumsum(here, axis=0)])
    days: Ints = running[-1] - running[first - begin]
    return days


def season_counts(state: ProfileState) -> Ints:
    """Purchase days in each season, one row per customer."""
    table = state.tables["season"]
    return np.column_stack([table.column(name) for name in SEASONS])


def _season_rules(state: ProfileState, day: int) -> dict[str, Any] | None:
    """Purchase days per day of each season; None where nobody has lived through all seasons."""
    lived = season_days(state.first_day, day)
    full = np.asarray((lived >= SEASON_SEEN).all(axis=1), dtype=bool)
    if not full.any():
        return None
    counts = season_counts(state)
    rates = (counts.sum(axis=0) + 1.0) / (lived.sum(axis=0) + 1.0)
    strength = strength_of(state.tables["season"].part(full))
    return {"words": np.array(SEASONS), "rates": rates, "strength": strength}


def _edges(values: Floats, quantiles: Floats) -> Floats:
    """Quantiles of the customers, as values that were observed."""
    edges: Floats = np.quantile(values, quantiles, method="higher")
    return edges


def definitions_of(
    rules: dict[str, Any], asked: Asked, columns: dict[str, str | None], limits: dict[str, Any]
) -> list[tuple[str, str, str, str]]:
    """Tag, definition, columns read and thresholds of each tag but those told by the caller."""
    when, money = columns["when"], columns["amount"]
    above = (
        f"above the usual one with a chance of {limits['confidence']:.0%}, and at least "
        f"{limits['min_lift']:g} times it"
    )
    rows = []
    if "spending" in rules:
        low, high = rules["spending"]["edges"]
        text = "mean spend of a purchase day: low, medium or high by the edges"
        rows.append(("spending_power", text, f"{money}, {when}", f"{low:,.2f} and {high:,.2f}"))
    share = "share of purchases, drawn to that of all customers"
    few = f"; (unknown) below {limits['min_evidence']} purchase days"
    for name, tag, text, read in (
        ("category", "preference", f"categories with a {share}, {above}", asked.category),
        ("channel", "channel", f"channel with half or more as its {share}", asked.channel),
        ("promotion", "price_sensitivity", f"lines on promotion: high with a {share}, {above}; "
         "low where it is as clearly below", asked.promotion),
        ("week", "week", f"weekend with a {share}, {above}; weekday likewise", None),
        ("time", "time_of_day", f"part of the day with a {share}, {above}", None),
    ):  # fmt: skip
        if name in rules:
            reads = ", ".join(str(part) for part in (read, when) if part is not None)
            kind = few.replace("purchase days", "lines") if name == "promotion" else few
            rows.append((tag, text + kind, reads, _shares(rules[name])))
    if "season" in rules:
        text = f"season with a share of purchase days {above}, given the days since the first{few}"
        rates = zip(SEASONS, rules["season"]["rates"], strict=True)
        told = ", ".join(f"{name} {30 * rate:.2f}" for name, rate in rates)
        rows.append(("season", text, str(when), f"usual purchase days in 30: {told}"))
    return [*rows, _engagement_row(rules["engagement"], asked, when)]


def _engagement_row(
    own: dict[str, Any], asked: Asked, when: str | None
) -> tuple[str, str, str, str]:
    edges = f"{own['edges'][0]:.2f} and {own['edges'][1]:.2f} purchase days a month"
    text, read = "purchase days a month: shallow, medium or deep by the edges", str(when)
    if "breadth_edges" in own:
        text = "ranks of purchase days a month and of different categories together"
        low, high = own["breadth_edges"]
        edges, read = f"{edges}; {low:g} and {high:g} categories", f"{when}, {asked.category}"
    return "engagement", text, read, edges


def _shares(rule: dict[str, Any]) -> str:
    """The largest shares of all, and the strength."""
    order = np.argsort(-rule["shares"], kind="stable")[:3]
    told = ", ".join(f"{rule['words'][i]} {rule['shares'][i]:.1%}" for i in order)
    more = f" and {len(rule['words']) - 3} more" if len(rule["words"]) > 3 else ""
    return f"usual: {told}{more}; worth {rule['strength']:,.3g} counts"
