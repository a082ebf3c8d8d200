"""What a fitted GoldenRecord keeps: arrays and texts, which every way of storing can write."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit.cleaning._survivorship._choosing import Chosen
from crmkit.cleaning._survivorship._golden_ids import golden_places
from crmkit.cleaning._survivorship._standing import instants_of, shown


def kept(chosen: Chosen) -> dict[str, Any]:
    """The ids, the order of the records, the values and the choice."""
    at, ids = chosen.at, chosen.ids
    return {
        "entities": ids.entities,
        "records": ids.records,
        "entity": at.entity,
        "rank": at.rank,
        "place": at.place,
        "golden": golden_places(at.entity, at.n_entities, at.place),
        "codes": {name: field.codes for name, field in chosen.fields.items()},
        "forms": {name: field.forms for name, field in chosen.fields.items()},
        "values": {name: stored(field.values) for name, field in chosen.fields.items()},
        "rows": chosen.rows,
        "made": {name: stored(values) for name, values in chosen.made.items()},
    }


def stored(values: Sequence[Any]) -> Any:
    """Values as an array of numbers or instants, else as a list of texts."""
    if all(isinstance(value, str) for value in values):
        return list(values)
    if all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values):
        array = np.asarray(values)
        return array if array.dtype.kind in "if" else [shown(v) for v in values]
    instants = instants_of(values)
    if instants is not None and (instants == instants.astype("datetime64[us]")).all():
        return instants.astype("datetime64[us]")
    return ["" if value is None else shown(value) for value in values]


def text_of(values: Any, code: int) -> str:
    """One of the stored values as text, "" for none."""
    if code < 0:
        return ""
    value = values[code]
    return shown(value if isinstance(value, str) else value.item())


def objects(values: Sequence[Any]) -> npt.NDArray[Any]:
    """A list as an array of objects."""
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made
