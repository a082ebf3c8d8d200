"""SegmentComparison: segmentations side by side, crossed in pairs, with lift and Cramer's V."""

from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from crmkit import _frames
from crmkit._notebook import Told
from crmkit._validation import Floats, check_choice
from crmkit.segment._association import Ints, adjusted, counts_of, cramers_v, lifts, peak
from crmkit.segment._migration_text import table, wrapped

if TYPE_CHECKING:
    import pandas as pd

OWNER = "SegmentComparison"

RESERVED = ("n_customers", "share", "lift")
WIDTH = 92
GRADES = ((0.1, "hardly related"), (0.3, "weakly"), (0.6, "clearly"), (0.9, "strongly"))


@dataclass(frozen=True, eq=False)
class SegmentComparison(Told):
    """Hold several segmentations of the same customers; `compare_segments` makes it.

    ``print`` it to read which of them say the same.

    Attributes
    ----------
    levels : dict of str to tuple of str
        Segments of each segmentation, in its own order or by name.
    codes : dict of str to ndarray of int
        Place among them of each customer's segment, in row order.
    """

    levels: dict[str, tuple[str, ...]]
    codes: dict[str, Ints] = field(repr=False)
    made: Any = field(repr=False)
    library: str = field(repr=False)

    def frame(self) -> Any:
        """All segmentations side by side: one row per customer, in the row order of the customers.

        Returns
        -------
        dataframe
            The customer id and one column per segmentation, in the library of the customers.
        """
        return self.made

    def cross(self, a: str, b: str) -> Any:
        """Every pair of segments of two segmentations: two names in, one row per pair out.

        Parameters
        ----------
        a, b : str
            Names of two segmentations.

        Returns
        -------
        dataframe
            The segment of `a` and that of `b` under these names, `n_customers`, `share` (of the
            segment of `a`, 0 to 1) and `lift` (customers over those that independence would give;
            1 is chance), in the library of the customers.

        Raises
        ------
        DataError
            If there is no such segmentation.
        """
        counts = self._counts(a, b)
        first, second = (axis.ravel() for axis in np.indices(counts.shape))
        columns = {
            a: np.array(self.levels[a])[first],
            b: np.array(self.levels[b])[second],
            "n_customers": counts.ravel(),
            "share": row_shares(counts).ravel(),
            "lift": lifts(counts).ravel(),
        }
        return self._made(columns)

    def matrix(self, a: str, b: str, measure: str = "customers") -> "pd.DataFrame":
        """Two segmentations as a table to look at: one row per segment of a, one column per of b.

        Parameters
        ----------
        a, b : str
            Names of two segmentations.
        measure : {"customers", "share", "lift"}, default="customers"
            What the cells hold; see `cross`.

        Returns
        -------
        pandas.DataFrame
            The table.

        Raises
        ------
        DataError
            If there is no such segmentation or measure.
        """
        import pandas as pd  # comparisons do without it

        check_choice(measure, "measure", ("customers", "share", "lift"), OWNER)
        counts = self._counts(a, b)
        made = {"share": row_shares(counts), "lift": lifts(counts)}
        rows, columns = pd.Index(self.levels[a], name=a), pd.Index(self.levels[b], name=b)
        return pd.DataFrame(made.get(measure, counts), index=rows, columns=columns)

    def associations(self) -> Any:
        """How much every two segmentations say the same, one row per pair, the nearest first.

        Returns
        -------
        dataframe
            `first`, `second`; `cramers_v`, without its bias (Bergsma 2013), 0 for independent to 1
            for the same, NaN where one has a single segment; `p_value` of independence, and
            `p_adjusted`, corrected for the number of pairs after Benjamini and Hochberg.
        """
        pairs = self._pairs()
        p_values = np.array([p for *_, p in pairs], dtype=np.float64)
        return self._made(
            {
                "first": np.array([a for a, *_ in pairs], dtype=str),
                "second": np.array([b for _, b, *_ in pairs], dtype=str),
                "cramers_v": np.array([v for *_, v, _ in pairs], dtype=np.float64),
                "p_value": p_values,
                "p_adjusted": adjusted(p_values),
            }
        )

    def _pairs(self) -> list[tuple[str, str, float, float]]:
        """Every two names, their V and p value, the largest V first."""
        made = []
        for a, b in combinations(self.levels, 2):
            effect = cramers_v(self._counts(a, b))
            made.append((a, b, effect.size, effect.p_value))
        return sorted(made, key=lambda pair: -pair[2] if pair[2] == pair[2] else 1.0)

    def _counts(self, a: str, b: str) -> Ints:
        for name in (a, b):
            check_choice(name, "a segmentation", self.levels, OWNER)
        n_a, n_b = len(self.levels[a]), len(self.levels[b])
        return counts_of(self.codes[a], self.codes[b], n_a, n_b)

    def _made(self, columns: dict[str, Any]) -> Any:
        return _frames.id_frame(columns, {"library": self.library, "types": {}})

    def __str__(self) -> str:
        n = len(next(iter(self.codes.values())))
        said = ", ".join(f"{name} ({len(levels)})" for name, levels in self.levels.items())
        parts = [wrapped(f"{n:,} customers in {len(self.levels)} segmentations: {said}")]
        if pairs := self._pairs():
            names = [f"{a} and {b}" for a, b, *_ in pairs]
            rows = [
                [n, f"{v:.2f}" if v == v else "-", grade(v)]
                for n, (*_, v, _) in zip(names, pairs, strict=True)
            ]
            peaks = [self._peak(a, b) for a, b, *_ in pairs]
            head = ["pair", "Cramer's V", "related"]
            wide = [[*row, above] for row, above in zip(rows, peaks, strict=True)]
            beside = table([*head, "most above chance"], wide)
            if max(len(line) for line in beside.splitlines()) <= WIDTH:
                return "\n\n".join([*parts, beside])
            most = [f"{n}: {above}" for n, above in zip(names, peaks, strict=True) if above != "-"]
            lines = ["Most above chance:", *(wrapped(line) for line in most)]
            parts += [table(head, rows), "\n".join(lines)]
        return "\n\n".join(parts)

    def _peak(self, a: str, b: str) -> str:
        """The pair of segments that adds most to the association, with its lift."""
        found = peak(self._counts(a, b))
        if found is None:
            return "-"
        i, j, lift = found
        return f"{self.levels[a][i]} with {self.levels[b][j]}, {lift:.2g} times"


def grade(v: float) -> str:
    """Cramer's V in a word."""
    if v != v:
        return "a single segment"
    return next((word for end, word in GRADES if v < end), "nearly the same")


def row_shares(counts: Ints) -> Floats:
    """Shares of each row, NaN where it holds nobody."""
    totals = counts.sum(axis=1, keepdims=True)
    shares: Floats = np.full(counts.shape, np.nan)
    np.divide(counts, totals, out=shares, where=totals > 0)
    return shares
