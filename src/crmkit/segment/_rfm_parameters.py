"""What a caller may pass to RFM scores: levels, edges and arrays, checked and made one form."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from crmkit._validation import Floats, check_whole
from crmkit.exceptions import DataError, nearest

ROLES = ("recency", "frequency", "monetary")


def checked_levels(levels: object, owner: str) -> dict[str, int]:
    """Levels of each role, from one number or a mapping that names all three."""
    by_role: dict[str, Any] = (
        dict(levels) if isinstance(levels, Mapping) else dict.fromkeys(ROLES, levels)
    )
    if set(by_role) != set(ROLES):
        raise DataError(
            f"{owner}: levels as a mapping must have exactly the keys {list(ROLES)}, got "
            f"{list(by_role)}."
        )
    for role in ROLES:
        name = f"levels[{role!r}]" if isinstance(levels, Mapping) else "levels"
        check_whole(by_role[role], name, owner, low=2)
    return {role: int(by_role[role]) for role in ROLES}


def checked_edges(edges: object, levels: Mapping[str, int], owner: str) -> dict[str, Floats]:
    """Edges set by hand, by role; all faults are told in one error."""
    if not isinstance(edges, Mapping):
        if isinstance(edges, str) and edges == "quantile":
            return {}
        raise DataError(
            f"{owner}: edges must be 'quantile' or a mapping from {list(ROLES)} to ascending "
            f"numbers, got {edges!r}."
        )
    faults = [edge_fault(role, given, levels) for role, given in edges.items()]
    if any(faults):
        raise DataError(f"{owner}: {' '.join(filter(None, faults))}")
    return {role: np.array(given, dtype=np.float64) for role, given in edges.items()}


def edge_fault(role: object, given: object, levels: Mapping[str, int]) -> str | None:
    """Say in one sentence what is wrong with the edges of a role, or None."""
    if role not in ROLES:
        hint = nearest(role, ROLES) if isinstance(role, str) else None
        meant = "" if hint is None else f" Did you mean {hint!r}?"
        return f"edges has the key {role!r}, allowed are {list(ROLES)}.{meant}"
    wanted = levels[str(role)] - 1
    try:
        values = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        return f"edges[{role!r}] must be {wanted} ascending numbers, got {given!r}."
    if values.shape != (wanted,):
        return (
            f"edges[{role!r}] must be {wanted} numbers (one fewer than its levels), got {given!r}."
        )
    if not np.isfinite(values).all() or (np.diff(values) < 0).any():
        return f"edges[{role!r}] must be finite and ascending, got {given!r}."
    return None


def three_columns(x: Floats, names: Sequence[str], owner: str) -> Floats:
    """Refuse an array that cannot be recency, frequency and monetary value."""
    if x.shape[1] != len(ROLES):
        raise DataError(
            f"{owner}: an array must hold 3 columns in the order recency, frequency, monetary, got "
            f"{x.shape[1]}. Pass these three, or a frame with {', '.join(map(repr, names))}."
        )
    return x
