"""Rules of what is usual among peers: learnt once, then frozen; every deed gets a chance."""

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit._validation import Floats
from crmkit.segment._deeds import Deeds
from crmkit.segment._peer_sizes import RULES, fit_level, fit_size, size_tail
from crmkit.segment._peer_statistics import (
    count_tail,
    even_tail,
    fit_rate,
    row_tail,
    slope_of,
    tempered,
)

Whole = npt.NDArray[Any]

MEASURES = (
    "returns",
    "return_burst",
    "refund_share",
    "order_burst",
    "largest_order",
    "largest_quantity",
    "night",
)

LEAST = 50
"""Customers who are enough to be peers; smaller groups are judged by everybody."""


FRESH = 3
"""Bursts that fit into the days in which a customer is new."""


def measures_of(deeds: Deeds, has_hours: bool) -> list[str]:
    """Measures that a log can tell about."""
    absent = {
        "refund_share": np.isnan(deeds.largest_order).all(),
        "largest_order": np.isnan(deeds.largest_order).all(),
        "largest_quantity": np.isnan(deeds.largest_quantity).all(),
        "night": not has_hours,
    }
    return [name for name in MEASURES if not absent.get(name, False)]


def group_edges(deeds: Deeds, n_groups: int) -> tuple[Floats, Floats]:
    """Edges of equal groups of customers by orders and by the value of their typical order."""
    shares = np.arange(1, n_groups) / n_groups
    by_orders = np.unique(np.quantile(deeds.orders, shares, method="higher"))
    value = deeds.typical_order[~np.isnan(deeds.typical_order)]
    by_value = np.unique(np.quantile(value, shares, method="higher")) if len(value) else np.empty(0)
    return by_orders.astype(np.float64), by_value


def groups_by_edges(deeds: Deeds, edges: tuple[Floats, Floats]) -> Whole:
    """Group of each customer by the edges; who has no typical order is with the lowest value."""
    by_orders = np.searchsorted(edges[0], deeds.orders, side="right")
    value = np.where(np.isnan(deeds.typical_order), -np.inf, deeds.typical_order)
    return by_orders * (len(edges[1]) + 1) + np.searchsorted(edges[1], value, side="right")


def learn_rules(
    deeds: Deeds, group: Whole, n_groups: int, measures: list[str], shares: tuple[float, int]
) -> dict[str, Any]:
    """What is usual in each group and, in the last row, among everybody.

    `shares` are the share of the window that a burst takes, and the days of a burst.
    """
    base = {name: fit_rate(*chances_of(deeds, name))[0] for name in ("returns", "night")}
    fresh = learn_fresh(deeds, shares[1])
    everybody = learn_group(deeds, measures, shares, dict.fromkeys(base)) | fresh
    base["night_spread"] = everybody["night_spread"]  # too rare to be known of each group
    order = np.argsort(group, kind="stable")
    begin = np.searchsorted(group[order], np.arange(n_groups + 1))
    members = [order[i:j] for i, j in pairwise(begin.tolist())]
    told = [
        learn_group(deeds.some(own), measures, shares, base) | fresh
        if len(own) >= LEAST
        else everybody
        for own in members
    ] + [everybody]
    return {key: np.asarray([each[key] for each in told], dtype=np.float64) for key in everybody}


def learn_group(
    part: Deeds, measures: list[str], shares: tuple[float, int], base: Mapping[str, float | None]
) -> dict[str, Any]:
    """What is usual among some customers; `base` tells rates of everybody, None of themselves."""
    told: dict[str, Any] = {"size": len(part.orders)}
    for name in ("returns", "night"):
        told[f"{name}_rate"], told[f"{name}_spread"] = fit_rate(*chances_of(part, name), base[name])
    told["night_spread"] = base.get("night_spread", told["night_spread"])
    for name in ("largest_order", "largest_quantity"):
        told |= {f"{name}_{rule}": v for rule, v in fit_size(getattr(part, name)).items()}
    told["refund_level"], told["refund_among"] = fit_level(part.refund_share)
    several = part.orders >= 2
    night, orders = chances_of(part, "night")
    chance = count_tail(night, told["night_rate"] * orders, told["night_spread"])
    told["night_slope"] = slope_of(chance[several])
    told["order_slope"] = slope_of(burst_tail(part, shares[1])[several])
    told["usual"] = [usual(getattr(part, name)) for name in measures]
    return told


def learn_fresh(deeds: Deeds, burst: int) -> dict[str, Any]:
    """How fast further orders follow a first one, from the new customers, else from everybody."""
    bought = deeds.some(deeds.orders > 0)
    new = is_fresh(bought, burst)
    part = bought.some(new) if new.sum() >= LEAST else bought
    if not len(part.orders):
        return {"fresh_rate": 1.0, "fresh_spread": 0.0, "fresh_slope": 1.0}
    rate, spread = fit_rate(part.orders - 1.0, part.watched)
    slope = slope_of(fresh_tail(part, burst, rate, spread))
    return {"fresh_rate": rate, "fresh_spread": spread, "fresh_slope": slope}


def is_fresh(deeds: Deeds, burst: int) -> npt.NDArray[np.bool_]:
    """Who has been watched too short to tell a burst from the usual rhythm of their own."""
    return np.asarray(deeds.watched <= FRESH * burst)


def fresh_tail(deeds: Deeds, burst: int, rate: Floats | float, spread: Floats | float) -> Floats:
    """Chance bound of as many orders in a row of a new customer, among new ones."""
    wide = spread / (1.0 + spread)
    mean = rate * np.minimum(deeds.watched, burst) * (1.0 + spread)
    further = count_tail(deeds.order_burst - 1.0, mean, wide)
    begins = 1.0 + rate * np.maximum(deeds.watched - burst, 0.0)
    return np.minimum(begins * further, 1.0)


def order_tail(deeds: Deeds, burst: int, own: dict[str, Any]) -> Floats:
    """Chance of as many orders in a row: beside the own rhythm, or that of new customers."""
    even = tempered(burst_tail(deeds, burst), own["order_slope"])
    rate, spread = own["fresh_rate"], own["fresh_spread"]
    fresh = tempered(fresh_tail(deeds, burst, rate, spread), own["fresh_slope"])
    either = np.minimum(2.0 * np.minimum(even, fresh), 1.0)
    return np.where(is_fresh(deeds, burst), either, even)


def chances_of(deeds: Deeds, name: str) -> tuple[Floats, Floats]:
    """Counts of a deed, and the chances there were to do it."""
    of = {"returns": (deeds.returns, deeds.exposure), "night": (deeds.night, deeds.orders)}
    k, chances = (part.astype(np.float64) for part in of[name])
    return k, np.maximum(chances, 0.5)


def usual(values: Whole) -> float:
    """What 99 of 100 customers have at most; 0 where nobody has any."""
    known = np.asarray(values, dtype=np.float64)
    known = known[~np.isnan(known)]
    return float(np.quantile(known, 0.99, method="higher")) if len(known) else 0.0


def burst_tail(deeds: Deeds, burst: int) -> Floats:
    """Chance of as many orders in a row, were they evenly spread over the days watched."""
    return even_tail(deeds.order_burst, deeds.orders, burst / deeds.watched)


def chances(
    deeds: Deeds,
    group: Whole,
    rules: dict[str, Any],
    measures: list[str],
    shares: tuple[float, int],
) -> Floats:
    """Chance of each deed or more among peers, one column per measure."""
    own = {key: values[group] for key, values in rules.items() if key != "usual"}
    returns, exposure = chances_of(deeds, "returns")
    night, orders = chances_of(deeds, "night")
    mean, spread = own["returns_rate"] * exposure, own["returns_spread"]
    even = np.maximum(deeds.even_orders, 0.5)
    made: dict[str, Callable[[], Floats]] = {
        "returns": lambda: count_tail(returns, mean, spread),
        "return_burst": lambda: row_tail(deeds.return_burst, mean, spread, shares[0]),
        "refund_share": lambda: np.maximum(
            count_tail(deeds.refund_share * even, own["returns_rate"] * even, spread),
            np.where(deeds.refund_share <= own["refund_level"], own["refund_among"], 0.0),
        ),
        "order_burst": lambda: order_tail(deeds, shares[1], own),
        "largest_order": lambda: size_tail(
            deeds.largest_order, *(own[f"largest_order_{rule}"] for rule in RULES)
        ),
        "largest_quantity": lambda: size_tail(
            deeds.largest_quantity, *(own[f"largest_quantity_{rule}"] for rule in RULES)
        ),
        "night": lambda: tempered(
            count_tail(night, own["night_rate"] * orders, own["night_spread"]), own["night_slope"]
        ),
    }
    return np.column_stack([made[name]() for name in measures])


def features(deeds: Deeds, measures: list[str]) -> Floats:
    """Matrix for the forest: sizes and counts on the log scale, shares as they are."""
    columns = [np.log1p(deeds.orders)]
    for name in measures:
        values = np.nan_to_num(np.asarray(getattr(deeds, name), dtype=np.float64))
        if name == "night":
            values = values / np.maximum(deeds.orders, 1)
        columns.append(values if name in ("refund_share", "night") else np.log1p(values))
    return np.column_stack(columns).astype(np.float64)
