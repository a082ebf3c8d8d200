"""Does it matter where customers were before? Two looks at the assumption behind a forecast.

One: the last date is foretold from the dates before it, beside two rules that need no model. Two:
under the Markov assumption the shares over two periods are the product of those over one,
P(a, c) = sum_b P(a, b) P(b, c). Customers who stay where they are for reasons of their own stay
more often than the product says (Blumen, Kogan and McCarthy 1955, The Industrial Mobility of Labor
as a Probability Process), and a chain then moves them too fast.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit._notebook import Told
from crmkit._validation import Floats

TOLERATED = 0.02
"""Difference of the shares that stay, above which the chain is said to move them wrongly."""

BESIDE = ("better than", "as good as", "worse than")


@dataclass(frozen=True, repr=False)
class MarkovCheck(Told):
    """What came of the assumption on the last known date.

    Attributes
    ----------
    error : float
        Customers of the last date that the forecast of it put into another segment than they
        were in by count, as a share (0 to 1): half the sum of the differences of the sizes.
    error_no_change : float
        The same for the rule that sizes stay as they were.
    error_same_change : float
        The same for the rule that sizes change as they did the time before.
    inside : int
        Segments whose size lay within its band.
    n_segments : int
        Segments in all, with "(lost)".
    stayed : float
        Share of the customers of the last date but two that was in the same segment two dates
        later, 0 to 1.
    stayed_by_chain : float
        What the two single steps make of it, if it did not matter where customers were before.
    """

    error: float
    error_no_change: float
    error_same_change: float
    inside: int
    n_segments: int
    stayed: float
    stayed_by_chain: float

    @property
    def holds(self) -> bool:
        """Whether customers moved about as a chain does: the two shares differ by 2 % at most."""
        return abs(self.stayed - self.stayed_by_chain) <= TOLERATED

    def _tables(self) -> dict[str, pd.DataFrame]:
        rules = ["forecast", "no change", "same change again"]
        errors = [self.error, self.error_no_change, self.error_same_change]
        shares = [("as seen", self.stayed), ("by the chain", self.stayed_by_chain)]
        return {
            "Customers in another segment (share)": pd.DataFrame({"by": rules, "share": errors}),
            "Still there two dates later (share)": pd.DataFrame(shares, columns=["", "share"]),
        }

    def __repr__(self) -> str:
        holds = "holds" if self.holds else "does not hold"
        found = f"{self.inside} of {self.n_segments} segments inside the band"
        return f"<MarkovCheck: {holds}, {self.beside_rules}, {found}>"

    @property
    def beside_rules(self) -> str:
        """How the forecast did beside the two simple rules, by shares to a tenth of a percent.

        So they are told: what reads alike is as good.
        """
        errors = (self.error, self.error_no_change, self.error_same_change)
        own, *rules = (float(f"{100 * error:.1f}") for error in errors)
        best, other = (BESIDE[int(np.sign(own - rule)) + 1] for rule in sorted(rules, reverse=True))
        if best == other:
            return f"{best} both simple rules"
        return f"{best} one simple rule and {other} the other"

    @property
    def beats_simple_rules(self) -> bool:
        """Whether the forecast was nearer than both simple rules."""
        return self.error < min(self.error_no_change, self.error_same_change)


def check_chain(
    one_step: Sequence[Floats],
    sizes: npt.NDArray[np.int64],
    codes: npt.NDArray[np.int16],
    n_states: int,
) -> MarkovCheck:
    """Compare a forecast of the last date, its band, simple rules and two steps at once.

    `one_step` is what was expected and the ends of the band, `sizes` has a row for each date,
    `codes` the last three dates.
    """
    expected, lower, upper = one_step
    now = sizes[-1]
    change = 2.0 * sizes[-2] - sizes[-3]
    same_change = np.maximum(change, 0.0)
    same_change *= change.sum() / same_change.sum()
    stayed, by_chain = two_steps(codes, n_states)
    return MarkovCheck(
        error=misplaced(expected, now),
        error_no_change=misplaced(sizes[-2], now),
        error_same_change=misplaced(same_change, now),
        inside=int(((lower <= now) & (now <= upper)).sum()),
        n_segments=len(now),
        stayed=stayed,
        stayed_by_chain=by_chain,
    )


def misplaced(expected: npt.NDArray[Any], actual: npt.NDArray[np.int64]) -> float:
    """Half the summed differences of sizes over the customers there are."""
    return float(np.abs(expected - actual).sum() / 2.0 / actual.sum())


def two_steps(codes: npt.NDArray[np.int16], n_states: int) -> tuple[float, float]:
    """Share that is where it was two dates before: as seen, and by the product of the steps."""
    known = codes[codes[:, 0] > 0].astype(np.int64)
    first, second = (
        np.bincount(a * n_states + b, minlength=n_states**2).reshape(n_states, n_states)
        for a, b in (known[:, :2].T, known[:, 1:].T)
    )
    leave = second / np.maximum(second.sum(axis=1, keepdims=True), 1)
    by_chain = float((first @ leave).trace() / len(known))
    return float(np.mean(known[:, 0] == known[:, 2])), by_chain
