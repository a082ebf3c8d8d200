"""Inner windows: the last days of what is known, held back to tune and to choose.

A window is a number of days; what lies before it is known to the members, what is bought in it is
to be foretold. Only items that somebody bought before the window count and are offered. Scores are
NDCG@n per customer, as in `crmkit.recommend._later`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit.exceptions import DataError
from crmkit.model_selection._rolling_time import whole_days
from crmkit.recommend._asked import Asked, ask
from crmkit.recommend._history import Histories
from crmkit.recommend._interactions import Floats, Interactions, Whole
from crmkit.recommend._top_items import Ranked, Scores, ranks, top_items

Variants = Callable[[Histories], Iterator[Scores]]
Lists = Callable[[Histories], Iterator[Ranked]]
MOST = 2000  # customers that judge: enough to tell a tenth, evenly spread over the ids
LEAST = 500  # the same in large catalogues
CELLS = 64_000_000  # customers times items that are scored at most, before that


@dataclass(frozen=True, eq=False)
class Window:
    """What was known before a window, and who bought what in it.

    Attributes
    ----------
    known : Interactions
        The purchases before the window.
    who, what : ndarray of int
        Places of customers and items that met in the window, each pair once, by customer.
    mode : {"new", "all", "repeat"}
        Whether items count that a customer had not bought before, all, or those that he had.
    """

    known: Interactions
    who: Whole
    what: Whole
    mode: str

    @cached_property
    def customers(self) -> Whole:
        """Places of the customers with anything to be foretold."""
        return np.unique(self.who)

    def asked(self, most: int = MOST) -> Asked:
        """At most so many of the customers, evenly spread; fewer in large catalogues."""
        n = len(self.customers)
        kept = min(n, most, max(LEAST, CELLS // self.known.n_items))
        return self.asked_for(self.customers[np.arange(kept) * n // kept])

    def asked_for(self, customers: Whole) -> Asked:
        """Customers by place, with their lines before the window."""
        known = self.known
        return ask(known, known.customers[customers], None, known.last_day, "inner window")

    def wanted(self, customers: Whole) -> Whole:
        """Pairs to be foretold of some customers: row of the customer times items plus item."""
        row = np.searchsorted(customers, self.who)
        row = np.where(customers[np.minimum(row, len(customers) - 1)] == self.who, row, -1)
        kept = row >= 0
        keys: Whole = row[kept].astype(np.int64) * self.known.n_items + self.what[kept]
        return keys

    @cached_property
    def unsold(self) -> Whole:
        """Places of the items that nobody had bought."""
        return np.flatnonzero(~self.known.sold)

    def mask(self, scores: Scores, histories: Histories) -> Scores:
        """Leave out what nobody had bought and what does not count, in place."""
        if len(self.unsold):
            scores[:, self.unsold] = -np.inf
        return only(scores, histories, self.mode)


def read_horizon(horizon: Any, owner: str) -> int:
    """Whole days of a window."""
    return whole_days(horizon, "horizon", owner)


def only(scores: Scores, histories: Histories, mode: str) -> Scores:
    """Leave out what a customer bought ("new"), or all else ("repeat"), in place."""
    row, item = histories.customer, histories.item
    if mode == "new":
        scores[row, item] = -np.inf
    elif mode == "repeat":
        kept = scores[row, item]
        scores[:] = -np.inf
        scores[row, item] = kept
    return scores


def inner_window(known: Interactions, horizon: int, mode: str, back: int = 1) -> Window | None:
    """The last window of what is known, or that `back` - 1 windows before it; None without one."""
    day = known.last_day + 1 - back * horizon
    earlier = known.before(day)
    held = (known.day >= day) & (known.day < day + horizon)
    n_items = np.int64(known.n_items)
    keys = np.unique(known.customer[held] * n_items + known.item[held])
    past = earlier.customer * n_items + earlier.item
    if mode != "all":
        keys = keys[np.isin(keys, past, invert=mode == "new")]
    who, what = keys // n_items, keys % n_items
    there = (np.diff(earlier.start)[who] > 0) & earlier.sold[what]
    if not there.any():
        return None
    return Window(earlier, who[there], what[there], mode)


def needed_window(known: Interactions, horizon: int, mode: str, owner: str) -> Window:
    """The last window; refused where there is none, or less than a horizon before it."""
    n_days = int(np.ptp(known.day)) + 1 if len(known.day) else 0
    if n_days < 2 * horizon:
        raise DataError(
            f"{owner}: it learns from what customers bought in the last {horizon} days after what "
            f"they had bought in at least as many before, and the purchases span {n_days:,} days. "
            "Give a log with true times, a shorter horizon, or use WeightedHybrid."
        )
    window = inner_window(known, horizon, mode)
    if window is None:
        raise DataError(
            f"{owner}: it learns from what customers bought in the last {horizon} days after what "
            f"they had bought before, and the purchases span {n_days:,} days without such a case. "
            "Give a log with true times, a shorter horizon, or use WeightedHybrid."
        )
    return window


def judged(window: Window, variants: Variants, n: int = 10, most: int = MOST) -> Floats:
    """NDCG of each variant for each asked customer: (n_variants, n_customers).

    `variants` gives the scores of a block by one variant after the other.
    """

    def lists(histories: Histories) -> Iterator[Ranked]:
        for scores in variants(histories):
            yield top_items(window.mask(scores, histories), n)

    return judged_lists(window, lists, n, most)


def judged_lists(window: Window, lists: Lists, n: int = 10, most: int = MOST) -> Floats:
    """The same of variants that give the best n of a block, without what `window.mask` masks."""
    asked = window.asked(most)
    wanted = window.wanted(asked.known)
    n_items = window.known.n_items
    counts = np.bincount(wanted // n_items, minlength=len(asked))
    gain = 1.0 / np.log2(np.arange(n) + 2.0)
    ideal = np.cumsum(gain)[np.minimum(counts, n) - 1]
    parts: list[Floats] = []
    for rows, histories in asked.blocks():
        found = [dcg(best, rows.start, wanted, n_items, gain) for best in lists(histories)]
        parts.append(np.asarray([each[: len(histories)] for each in found]))
    return np.asarray(np.concatenate(parts, axis=1) / ideal)


def dcg(best: Ranked, start: int, wanted: Whole, n_items: int, gain: Floats) -> Floats:
    """Discounted gain of each row of a block that starts at row `start`."""
    row, item, _ = best
    keys = (row + start) * np.int64(n_items) + item
    place = np.minimum(np.searchsorted(wanted, keys), len(wanted) - 1)
    hit = wanted[place] == keys
    found = np.bincount(row[hit], weights=gain[ranks(row)[hit] - 1], minlength=64)
    return np.asarray(found, dtype=np.float64)


def chosen(scores: Floats, n_simple: int) -> int:
    """The best variant: one of the first `n_simple`, unless another beats it beyond noise.

    Beyond noise is a mean difference of more than its standard error, paired by customer.
    """
    means = scores.mean(axis=1)
    simple, best = int(means[:n_simple].argmax()), int(means.argmax())
    return best if beyond_noise(scores[best] - scores[simple]) else simple


def beyond_noise(difference: npt.NDArray[Any]) -> bool:
    """Whether a mean difference is larger than its standard error."""
    if len(difference) < 2:
        return False
    return bool(difference.mean() > difference.std(ddof=1) / np.sqrt(len(difference)))
