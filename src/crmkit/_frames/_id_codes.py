"""Ids of a long frame as codes and the distinct ids they stand for: every id is read once."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit._frames._id_columns import check_id_type, id_values
from crmkit._frames._native import eager, require_columns, wrap
from crmkit._frames._plain import PlainFrame, encoded
from crmkit._frames._reduce import Integers, _encode
from crmkit.exceptions import DataError


def id_codes(data: object, name: str, owner: str) -> tuple[Integers, npt.NDArray[Any]]:
    """Code of each row and the distinct ids, whole numbers or text; missing ids are refused."""
    if isinstance(data, PlainFrame):
        return encoded(data.column(name, owner))
    frame = wrap(data, owner)
    require_columns(frame, {name: None}, owner)
    series = eager(frame.select(name))[name]
    if not len(series):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    check_id_type(data, name, owner)
    missing = np.asarray(series.is_null().to_numpy(), dtype=bool)
    if missing.any():
        raise DataError(
            f"{owner}: {name!r} has {missing.sum():,} missing ids (first at row "
            f"{missing.argmax():,}). Drop these rows first."
        )
    codes, distinct = _encode(series)
    return codes, id_values(distinct, repr(name), owner)


def places_of(asked: npt.NDArray[Any], ids: npt.NDArray[Any]) -> Integers:
    """Place of each asked id among distinct ids, -1 where it is none of them."""
    if np.array_equal(asked, ids):  # as nearly always, since both are sorted
        return np.arange(len(ids))
    return np.asarray(pd.Index(ids).get_indexer(pd.Index(asked)), dtype=np.int64)
