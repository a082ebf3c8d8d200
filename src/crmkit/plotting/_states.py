"""What the pictures of movement share: a colour for each segment, and the check of a result."""

from collections.abc import Sequence
from typing import Any

from crmkit.exceptions import DataError
from crmkit.plotting._style import GREY, PALE

NEW, LOST = "(new)", "(lost)"


def state_colours(segments: Sequence[str]) -> dict[str, str]:
    """A colour for each segment, dark to light in their order; greys for the new and the lost."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    scale = colormaps["viridis"]
    n = max(len(segments) - 1, 1)
    made = {name: to_hex(scale(0.95 * i / n)) for i, name in enumerate(segments)}
    return {**made, LOST: GREY, NEW: PALE}


def check_made(result: Any, parts: Sequence[str], owner: str, kind: str, maker: str) -> None:
    """Refuse what is not the result of a function, told by the attributes that are read."""
    if not all(hasattr(result, part) for part in parts):
        raise DataError(
            f"{owner}: a {kind} is needed, as {maker} makes it, got {type(result).__name__}."
        )
