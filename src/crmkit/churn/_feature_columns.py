"""The features of customers at cut-offs as columns, worked out block by block.

A block of customers is small enough for the cache and is asked at every cut-off before the next
one comes, so that it is sorted and looked up once; blocks know nothing of one another, so that
several threads may answer them and the bits stay the same.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import numpy as np
import numpy.typing as npt

from crmkit.churn._feature import OWNER, Feature
from crmkit.events._moment import Moment
from crmkit.exceptions import DataError, DataWarning, warn_user

NAMED = 12
"""Columns that a warning names at most."""

Floats = npt.NDArray[np.floating]


def feature_columns(
    features: Sequence[Feature], moments: Sequence[Moment], dtype: str, n_jobs: int
) -> dict[str, Floats]:
    """Columns by name, the customers of all moments of one ledger one under the other.

    `n_jobs` threads work at them, -1 is as many as there are cores.
    """
    ledger = moments[0].ledger
    blocks = list(ledger.days.blocks())
    if len(blocks) == 1:
        return _answered(features, moments, dtype)
    nobody = moments[0].block(ledger.part(0, 0), 0, 0)
    names = _distinct(chain.from_iterable(feature._values(nobody) for feature in features))
    rows = np.cumsum([0, *(len(at) for at in moments)])
    columns = dict(zip(names, np.empty((len(names), rows[-1]), dtype=dtype), strict=True))
    together = [feature for feature in features if feature._asks_all]
    apart = [feature for feature in features if not feature._asks_all]

    def answer(asked: Sequence[Feature], low: int, high: int) -> None:
        """Fill in the rows of the customers low:high of the ledger."""
        block = ledger.part(low, high)
        for at, first in zip(moments, rows[:-1], strict=True):
            some = at.block(block, low, high)
            begin = first + np.searchsorted(at.places, low)
            for feature in asked:
                for name, values in feature._values(some).items():
                    columns[name][begin : begin + len(some)] = values

    if together:
        answer(together, 0, len(ledger.days.start) - 1)
    threads = n_jobs if n_jobs > 0 else os.cpu_count() or 1
    with ThreadPoolExecutor(min(threads, len(blocks))) as pool:
        for done in [pool.submit(answer, apart, *bounds) for bounds in blocks]:
            done.result()
    return columns


def _answered(
    features: Sequence[Feature], moments: Sequence[Moment], dtype: str
) -> dict[str, Floats]:
    """The same where all customers fit one block: each moment is asked as it is."""
    told = [[each for f in features for each in f._values(at).items()] for at in moments]
    names = _distinct([name for name, _ in told[0]])
    parts = zip(*([values for _, values in answers] for answers in told), strict=True)
    matrix = np.concatenate(list(chain.from_iterable(parts)), dtype=dtype)
    return dict(zip(names, matrix.reshape(len(names), -1), strict=True))


def warn_of_empty(columns: Mapping[str, Floats], longest: int) -> None:
    """Warn of columns without a number where the oldest customer is `longest` days old."""
    empty = [name for name, column in columns.items() if _is_empty(column)]
    if empty:
        named = ", ".join(map(repr, empty[:NAMED]))
        named += f" and {len(empty) - NAMED:,} more" if len(empty) > NAMED else ""
        warn_user(
            f"{OWNER}: {len(empty):,} of {len(columns):,} columns hold no number at any cut-off: "
            f"{named}. Nobody bought first more than {longest:,} "
            "days before a cut-off, and a longer window is full for nobody. The columns stay, so "
            "that scoring has the same; to do without them, name the features, such as "
            'Windows(["30D", "90D"]) or Windows(young="coverage").',
            DataWarning,
        )


def _is_empty(column: Floats) -> bool:
    """Whether there is no number; where there are some, few are looked at."""
    return bool(len(column) and np.isnan(column[-1000:]).all() and np.isnan(column).all())


def _distinct(names: Iterable[str]) -> list[str]:
    found = list(names)
    if len(set(found)) < len(found) or not found:
        twice = sorted({name for name in found if found.count(name) > 1})
        fault = f"two features are called {twice}" if twice else "there are no features"
        raise DataError(f"{OWNER}: {fault}. Choose groups with different columns.")
    return found
