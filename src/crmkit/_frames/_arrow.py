"""Columns of any frame as an Arrow table, and back: what is kept in a file."""

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw

from crmkit._frames._native import eager, require_columns, wrap


def to_arrow(data: object, names: Sequence[str], owner: str) -> Any:
    """Columns of a frame as a pyarrow table."""
    frame = wrap(data, owner)
    require_columns(frame, dict.fromkeys(names), owner)
    return nw.maybe_reset_index(eager(frame.select(*names))).to_arrow()


def from_arrow(table: Any, like: object, owner: str) -> Any:
    """A pyarrow table as an eager frame of the library that `like` is of."""
    backend = eager(wrap(like, owner).head(0)).implementation
    return nw.to_native(nw.from_arrow(table, backend=backend))
