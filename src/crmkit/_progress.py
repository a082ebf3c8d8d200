"""How long work tells of itself: a line a step, with counts and seconds, asked for by `verbose`.

Lines go to the logger "crmkit" at level INFO. Where nothing listens there, as in a notebook in
which nobody set up logging, they go to standard error: who asks for lines gets them. Standard
output stays as it is, and with ``verbose=0`` nothing is told at all.
"""

import logging
import sys
import time
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from crmkit._validation import check_whole

LOGGER = logging.getLogger("crmkit")
EVERY = 3.0  # seconds between two lines of one loop

E = TypeVar("E")


class Progress:
    """Tells the steps of one piece of work; costs next to nothing with ``verbose=0``."""

    def __init__(self, owner: str, verbose: Any = 0) -> None:
        check_verbose(verbose, owner)
        self.owner = owner
        self.verbose = int(verbose)
        self._began = self._since = time.perf_counter() if verbose else 0.0

    def step(self, what: str) -> None:
        """Tell what was done since the step before, or since the beginning."""
        if self.verbose:
            now = time.perf_counter()
            tell(f"{self.owner}: {what} in {now - self._since:.1f} s")
            self._since = now

    def done(self, what: str) -> None:
        """Tell what all steps together have done."""
        if self.verbose:
            took = time.perf_counter() - self._began
            tell(f"{self.owner}: {what}, {took:.1f} s in all")

    def over(self, things: Iterable[E], what: str, total: int | None = None) -> Iterator[E]:
        """Go through a loop, and tell every few seconds how far it is and how long it will take.

        `total` is how many things there are, where `things` has no length.
        """
        if not self.verbose:
            yield from things
            return
        n = len(things) if total is None else total  # type: ignore[arg-type]
        began = told = time.perf_counter()
        for done, each in enumerate(things, 1):
            yield each
            now = time.perf_counter()
            took = now - began
            left = took * (n - done) / done
            if now - told >= EVERY and left >= 1.0:
                told = now
                how_far = f"{what} {done:,} of {n:,} in {took:.1f} s"
                tell(f"{self.owner}: {how_far}, about {left:.0f} s left")


def check_verbose(verbose: Any, owner: str) -> None:
    """Refuse anything but yes, no, or a whole number of at least 0."""
    if not isinstance(verbose, bool):
        check_whole(verbose, "verbose", owner, low=0)


def tell(line: str) -> None:
    """A line to the logger, or to standard error where nothing listens to it."""
    if LOGGER.isEnabledFor(logging.INFO) and LOGGER.hasHandlers():
        LOGGER.info("%s", line)
    else:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


def heard(part: E, verbose: Any) -> E:
    """A part of a recipe, the recipe's own copy, that tells at least as much as the recipe."""
    own: Any = getattr(part, "verbose", None)
    if verbose and own is not None and own < verbose:
        part.set_params(verbose=verbose)  # type: ignore[attr-defined]
    return part


SILENT = Progress("")
