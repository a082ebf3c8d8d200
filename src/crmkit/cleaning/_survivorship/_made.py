"""Values that a function of the user makes of the values of an entity."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit.cleaning._survivorship._standing import NOTHING, Field, Ints, Standing
from crmkit.exceptions import DataError


def made_values(
    function: Callable[[list[Any]], Any],
    field: Field,
    at: Standing,
    anyone: Ints,
    entities: npt.NDArray[Any],
    owner: str,
) -> tuple[Ints, list[Any] | None]:
    """Record of each entity whose value the function gave, and all values where some are new.

    The function gets the known values of an entity, best record first. A value that no record of
    the entity has comes from none (-1); as long as every value comes from a record, there is no
    list of values.
    """
    rows = np.flatnonzero(field.codes >= 0)
    rows = rows[np.lexsort((at.place[rows], at.rank[rows], at.entity[rows]))]
    entity = at.entity[rows]
    chosen, values = anyone.copy(), [None] * at.n_entities
    is_new = False
    for part in np.split(rows, np.flatnonzero(np.diff(entity)) + 1) if len(rows) else ():
        held = [field.values[code] for code in field.codes[part].tolist()]
        number = int(at.entity[part[0]])
        try:
            value = function(list(held))
        except Exception as error:
            raise DataError(
                f"{owner}: the rule of {field.name!r} failed with {type(error).__name__} on the "
                f"{len(held)} values of entity {entities[number].item()!r}; values of persons are "
                "not told here."
            ) from error
        values[number] = value
        place = next((i for i, old in enumerate(held) if old is value or old == value), None)
        if place is None:
            chosen[number], is_new = NOTHING, True
        else:
            chosen[number] = part[place]
    return chosen, (values if is_new else None)
