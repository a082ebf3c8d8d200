"""Tests on past data: carried out where the log allows them, and what is said where it does not."""

from collections.abc import Callable
from typing import TypeVar

from crmkit.exceptions import DataError
from crmkit.report._document import Text

T = TypeVar("T")


def on_past_data(
    test: Callable[[], T], what: str, of: str, say: Callable[[str], None]
) -> tuple[T | None, str]:
    """The outcome of a test and "", or None and the reason why there is none; either is told."""
    try:
        made = test()
    except DataError as error:
        note = f"the log does not allow {what} ({str(error).rstrip('.')})"
        say(f"no check: {note}")
        return None, note
    say(f"checked {of} on past data")
    return made, ""


def untested(note: str, unknown: str) -> Text:
    """What a reader is told where there is no test: why, and what nobody knows therefore."""
    return Text([f"Not measured: {note}. So nothing is known of {unknown}."])
