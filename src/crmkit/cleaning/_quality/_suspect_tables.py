"""Suspects as tables: what is listed, what is changed, and how many a column."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit.cleaning._quality._repair import Suspect

TEXT = ("column", "kind", "value", "old", "new", "reason", "detector", "suggestion")


def is_sure(suspect: Suspect, confidence: float) -> bool:
    """Tell whether a suggestion is to be applied; a placeholder may become missing."""
    proposes = suspect.suggestion is not None or suspect.detector == "missing"
    return proposes and suspect.repair_confidence >= confidence


def listed(found: Sequence[Suspect], X: Any, record: str | None, owner: str) -> Any:
    """Suspects as an eager frame of the library of `X`."""
    table: dict[str, Any] = {
        "row": np.array([s.row for s in found], dtype=np.int64),
        "column": _objects([s.column for s in found]),
        "value": _objects([s.value for s in found]),
        "reason": _objects([s.reason for s in found]),
        "detector": _objects([s.detector for s in found]),
        "confidence": np.array([s.confidence for s in found], dtype=np.float64),
        "suggestion": _objects([s.suggestion for s in found]),
        "repair_confidence": np.array([s.repair_confidence for s in found], dtype=np.float64),
    }
    return _frame(table, X, record, owner)


def listed_changes(found: Sequence[Suspect], X: Any, record: str | None, owner: str) -> Any:
    """Suspects that are repaired as an eager frame of the library of `X`."""
    table: dict[str, Any] = {
        "row": np.array([s.row for s in found], dtype=np.int64),
        "column": _objects([s.column for s in found]),
        "old": _objects([s.value for s in found]),
        "new": _objects([s.suggestion for s in found]),
        "reason": _objects([s.reason for s in found]),
        "detector": _objects([s.detector for s in found]),
        "confidence": np.array([s.repair_confidence for s in found], dtype=np.float64),
    }
    return _frame(table, X, record, owner)


def counted(
    found: Sequence[Suspect],
    changed: Sequence[Suspect],
    kinds: Mapping[str, str],
    filled: Mapping[str, int],
    error_rates: Mapping[str, float],
    X: Any,
    owner: str,
) -> Any:
    """Suspects and repairs of each column as an eager frame of the library of `X`."""
    names = [name for name in kinds if name in filled]
    table: dict[str, Any] = {
        "column": _objects(names),
        "kind": _objects([kinds[name] for name in names]),
        "n_values": np.array([filled[name] for name in names], dtype=np.int64),
        "n_suspect": _times(found, names),
        "n_repairable": _times(changed, names),
        "error_rate": np.array([error_rates.get(name, np.nan) for name in names]),
    }
    return _frames.new_frame(table, like=X, owner=owner, text=("column", "kind"))


def _frame(table: Mapping[str, Any], X: Any, record: str | None, owner: str) -> Any:
    """Frame of a table, with the ids of the records where there are any."""
    text = [name for name in TEXT if name in table]
    if record is None:
        return _frames.new_frame(table, like=X, owner=owner, text=text)
    rows = _frames.take_rows(X, table["row"], owner)
    return _frames.attach(rows, keep=[record], add=table, owner=owner, text=text)


def _times(found: Sequence[Suspect], names: Sequence[str]) -> npt.NDArray[np.int64]:
    times = dict.fromkeys(names, 0)
    for suspect in found:
        times[suspect.column] += 1
    return np.array(list(times.values()), dtype=np.int64)


def _objects(values: Sequence[Any]) -> npt.NDArray[Any]:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array
