"""The numbers that describe a made-up population: defaults, bounds, and what each one means."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from crmkit._validation import check_choice, check_real
from crmkit.exceptions import DataError, nearest

OWNER = "make_customers"


@dataclass(frozen=True)
class Bound:
    """Default of a population parameter and the values it may take."""

    default: float
    low: float = 0.0
    open_low: bool = True
    high: float = np.inf


RATE = {"r": Bound(0.8), "alpha": Bound(20.0)}
BETA = {"a": Bound(0.8), "b": Bound(4.0)}
PROCESSES = {
    "pareto_nbd": {**RATE, "s": Bound(0.6), "beta": Bound(120.0)},
    "bg_nbd": {**RATE, **BETA},
    "mbg_nbd": {**RATE, **BETA},
}
SPEND = {"p": Bound(6.25), "q": Bound(3.74, low=1.0), "v": Bound(15.44)}
TASTE = {
    "taste": Bound(8.0, low=1.0, open_low=False),
    "loyalty": Bound(0.35, open_low=False, high=0.95),
    "lines": Bound(2.0, low=1.0, open_low=False),
    "appeal_sd": Bound(1.0, open_low=False, high=5.0),
    "trend": Bound(0.15, open_low=False, high=2.0),
    "novelty": Bound(2.0, open_low=False),
    "season_share": Bound(0.3, open_low=False, high=1.0),
    "season_strength": Bound(0.9, open_low=False, high=1.0),
    "new_products": Bound(0.25, open_low=False, high=0.9),
}


def population(process: str, given: Mapping[str, float] | None) -> dict[str, float]:
    """All parameters of a population: the defaults of its process with the given ones put in."""
    check_choice(process, "process", PROCESSES, OWNER)
    bounds = {**PROCESSES[process], **SPEND, **TASTE}
    if given is not None and not isinstance(given, Mapping):
        raise DataError(f"{OWNER}: parameters must map names to numbers, got {given!r}.")
    given = dict(given or {})
    _check_names(process, given, bounds)
    for name, value in given.items():
        bound, label = bounds[name], f"parameters[{name!r}]"
        check_real(value, label, OWNER, low=bound.low, open_low=bound.open_low)
        if value > bound.high:
            raise DataError(f"{OWNER}: {label} must be at most {bound.high:g}, got {value!r}.")
    return {name: float(given.get(name, bound.default)) for name, bound in bounds.items()}


def regularity_shares(regularity: int | Mapping[int, float]) -> dict[int, float]:
    """Shares of customers by the shape k of their gaps, summing to one."""
    shares = dict(regularity) if isinstance(regularity, Mapping) else {regularity: 1.0}
    whole = all(isinstance(k, (int, np.integer)) and not isinstance(k, bool) for k in shares)
    if not shares or not whole or min(shares) < 1:
        raise DataError(
            f"{OWNER}: regularity must be a whole number of at least 1, or map such numbers to "
            f"shares of the customers, got {regularity!r}."
        )
    for k, share in shares.items():
        check_real(share, f"regularity[{k}]", OWNER, low=0.0, open_low=True)
    if abs(sum(shares.values()) - 1.0) > 1e-9:
        total = sum(shares.values())
        raise DataError(f"{OWNER}: the shares of regularity must sum to 1, got {total:g}.")
    return {int(k): float(share) for k, share in shares.items()}


def check_share(value: object, name: str, *, high: float = 1.0) -> None:
    """Refuse anything but a number from 0 to `high`."""
    check_real(value, name, OWNER, low=0.0)
    if value > high:  # type: ignore[operator]
        raise DataError(f"{OWNER}: {name} must be at most {high:g}, got {value!r}.")


def _check_names(process: str, given: Mapping[str, float], bounds: Mapping[str, Bound]) -> None:
    for name in given:
        if name in bounds:
            continue
        others = [key for key, known in PROCESSES.items() if name in known]
        hint = nearest(name, bounds) if isinstance(name, str) else None
        meant = f" Did you mean {hint!r}?" if hint else ""
        if others:
            meant = f" It belongs to process={others[0]!r}."
        raise DataError(
            f"{OWNER}: unknown parameter {name!r} for process={process!r}.{meant} "
            f"Known: {sorted(bounds)}."
        )
