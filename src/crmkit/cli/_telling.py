"""What the command tells while it works: steps with times, notes, and faults in one line."""

import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console
from rich.text import Text

from crmkit.exceptions import CrmkitError, CrmkitWarning


def as_number(text: str | None) -> float | str | None:
    """Turn "26" into a number of units; "26W" stays text."""
    try:
        return None if text is None else float(text)
    except ValueError:
        return text


@contextmanager
def plain_errors() -> Iterator[None]:
    """Tell errors of data and files in one line and exit with 1; warnings are notes."""
    told: Exception | None = None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield
        except (CrmkitError, OSError) as error:
            told = error
        finally:
            ours = [w.message for w in caught if isinstance(w.message, CrmkitWarning)]
            for note in dict.fromkeys(map(str, ours)):
                typer.echo(f"Note: {note}", err=True)
    if told is not None:
        typer.echo(f"Error: {told}", err=True)
        raise typer.Exit(1)


@contextmanager
def progress() -> Iterator[Any]:
    """Give a function that tells a finished step and its time on the standard error."""
    console = Console(stderr=True, highlight=False)
    begun = time.perf_counter()
    with console.status("working ..."):
        yield lambda step: console.print(
            Text(f"{time.perf_counter() - begun:6.1f} s  {step}"), soft_wrap=True
        )
