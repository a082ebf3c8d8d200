"""CustomerDescription: counts, distributions and concentration of a customer base."""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from crmkit import _frames
from crmkit._mixed_columns import MISSING
from crmkit._notebook import Told
from crmkit._validation import Floats, check_share
from crmkit.exceptions import DataError
from crmkit.metrics import gini, lorenz_curve, top_share
from crmkit.segment._migration_text import percent, table, wrapped

QUANTILES = {
    "min": 0.0,
    "q05": 0.05,
    "q25": 0.25,
    "median": 0.5,
    "q75": 0.75,
    "q95": 0.95,
    "max": 1.0,
}
SHOWN = 5
OWNER = "CustomerDescription"


@dataclass(frozen=True, eq=False)
class CustomerDescription(Told):
    """Hold what `describe_customers` found; ``print`` it for the story in words.

    Attributes
    ----------
    n_customers : int
        Customers.
    value : str or None
        Column whose concentration is told.
    amounts : ndarray of shape (n_customers,) or None
        Its values, rising.
    numbers : dict
        Facts of each column of numbers: see `frame`.
    levels : dict
        Customers of each level of each column of words, most first; those without one under "".
    left_out : dict
        Columns that were not read, with the reason.
    """

    n_customers: int
    value: str | None
    amounts: Floats | None = field(repr=False)
    numbers: dict[str, dict[str, float]] = field(repr=False)
    levels: dict[str, dict[str, int]] = field(repr=False)
    left_out: dict[str, str] = field(repr=False)
    library: str = field(repr=False)

    @property
    def gini(self) -> float:
        """Gini coefficient of the value, 0 (all alike) to 1; NaN where nobody has more than 0."""
        shared = self._shared()
        return gini(shared) if shared.any() else np.nan

    def top(self, share: float = 0.2) -> float:
        """Part of the value that the best customers hold: a share of customers in, 0 to 1 out.

        Parameters
        ----------
        share : float, default=0.2
            Which part of the customers counts as the best, above 0 and at most 1; a part of a
            customer counts as that part.

        Returns
        -------
        float
            Part of the total, NaN where nobody has more than 0.
        """
        shared = self._shared()
        return top_share(shared, share) if shared.any() else np.nan

    def fewest(self, share: float = 0.8) -> int:
        """Fewest customers who hold a part of the value: a share of the value in, a number out.

        Parameters
        ----------
        share : float, default=0.8
            Part of the value, between 0 and 1.

        Returns
        -------
        int
            Whole customers, best first; 0 where nobody has more than 0.
        """
        check_share(share, "share", OWNER)
        shared = self._shared()
        if not shared.any():
            return 0
        held = lorenz_curve(shared)[1]
        return int((1.0 - held[::-1] < share * (1.0 - 1e-12)).sum())

    def frame(self) -> Any:
        """The columns of numbers, one row each, in the library of the customers.

        Returns
        -------
        frame
            `column`; `n`, customers who have a value, and `n_missing`, who have none; `n_zero` and
            `n_below_zero`; `mean`; `sd`, of the sample; and `min`, `q05`, `q25`, `median`, `q75`,
            `q95`, `max`, linear between the observed values. In the unit of the column.
        """
        names = ["n", "n_missing", "n_zero", "n_below_zero", "mean", "sd", *QUANTILES]
        columns: dict[str, Any] = {"column": np.array(list(self.numbers), dtype=str)}
        for name in names:
            kind = np.int64 if name.startswith("n") else np.float64
            columns[name] = np.array([facts[name] for facts in self.numbers.values()], dtype=kind)
        return self._made(columns)

    def categories(self) -> Any:
        """The levels of the columns of words, one row each, in the library of the customers.

        Returns
        -------
        frame
            `column`, `level` ("(missing)" for none), `n_customers` and `share` (of all customers,
            0 to 1); most first.
        """
        rows = [
            (column, level or MISSING, n)
            for column, counts in self.levels.items()
            for level, n in counts.items()
            if level or n
        ]
        counts = np.array([n for *_, n in rows], dtype=np.int64)
        return self._made(
            {
                "column": np.array([column for column, *_ in rows], dtype=str),
                "level": np.array([level for _, level, _ in rows], dtype=str),
                "n_customers": counts,
                "share": counts / self.n_customers,
            }
        )

    def lorenz(self) -> Any:
        """The Lorenz curve of the value, from the poorest customer up, as a frame.

        Returns
        -------
        frame
            `share_of_customers` and `share_of_value` (0 to 1), one row more than there are
            customers, in the library of the customers; values below 0 count as 0.

        Raises
        ------
        DataError
            If nobody has more than 0.
        """
        shared = self._shared()
        if not shared.any():
            raise DataError(f"{OWNER}: nobody has a {self.value!r} above 0: nothing is shared.")
        customers, held = lorenz_curve(shared)
        return self._made({"share_of_customers": customers, "share_of_value": held})

    def _shared(self) -> Floats:
        """The values with 0 for those below it."""
        if self.amounts is None:
            raise DataError(f"{OWNER}: no value was told. Pass value= to describe_customers.")
        return np.maximum(self.amounts, 0.0)

    def _made(self, columns: dict[str, Any]) -> Any:
        return _frames.id_frame(columns, {"library": self.library, "types": {}})

    def __str__(self) -> str:
        return told(self)


def told(found: CustomerDescription) -> str:
    """All of it in words and small tables."""
    n, m = len(found.numbers), len(found.levels)
    parts = [
        f"{counted(found.n_customers, 'customer')}, described by {counted(n, 'number')} and "
        f"{m:,} {'category' if m == 1 else 'categories'}"
    ]
    if n:
        head = ["number", "missing", "0", "below 0", "mean", "sd", "min"]
        head += ["5 %", "25 %", "50 %", "75 %", "95 %", "max"]
        parts.append(table(head, [number_row(*each) for each in found.numbers.items()]))
    if m:
        rows = [["category", "missing", "levels"]]
        rows += [[name, f"{counts['']:,}", shown(counts)] for name, counts in found.levels.items()]
        wide = [max(len(row[i]) for row in rows) for i in range(2)]
        lines = [f"{a.ljust(wide[0])}  {b.rjust(wide[1])}  {c}" for a, b, c in rows]
        parts.append("\n".join(lines))
    if found.amounts is not None:
        parts.append(wrapped(concentration(found, found.amounts)))
    if found.left_out:
        left = "; ".join(f"{name!r} {why}" for name, why in found.left_out.items())
        parts.append(wrapped(f"Left out: {left}."))
    return "\n\n".join(parts)


def number_row(name: str, facts: dict[str, float]) -> list[str]:
    """One line of the table of numbers."""
    counts = [f"{int(facts[key]):,}" for key in ("n_missing", "n_zero", "n_below_zero")]
    return [name, *counts, *(short(facts[key]) for key in ("mean", "sd", *QUANTILES))]


def shown(counts: dict[str, int]) -> str:
    """The commonest levels with their shares of all customers."""
    whole = sum(counts.values())
    levels = [(level, n) for level, n in counts.items() if level]
    said = ", ".join(f"{level} {percent(n, whole)}" for level, n in levels[:SHOWN])
    rest = levels[SHOWN:]
    return f"{said}, {len(rest)} more {percent(sum(n for _, n in rest), whole)}" if rest else said


def concentration(found: CustomerDescription, amounts: Floats) -> str:
    """How few hold how much, and what was counted as nothing."""
    below = amounts[amounts < 0]
    notes = ""
    if (amounts == 0).any():
        n = int((amounts == 0).sum())
        notes += f" {counted(n, 'customer')} {'has' if n == 1 else 'have'} 0."
    if len(below):
        notes += (
            f" {counted(len(below), 'customer')} below 0, {short(math.fsum(below))} together, "
            f"{'counts' if len(below) == 1 else 'count'} as 0 here."
        )
    if not (amounts > 0).any():
        return f"Concentration of {found.value}: nobody has more than 0.{notes}"
    fewest = found.fewest()
    return (
        f"Concentration of {found.value}: Gini {found.gini:.2f}. The best 20 % of customers hold "
        f"{found.top():.1%} of {short(math.fsum(amounts[amounts > 0]))}; 80 % of it is held by "
        f"{counted(fewest, 'customer')} ({percent(fewest, found.n_customers)}).{notes}"
    )


def counted(n: int, word: str) -> str:
    """1 and "customer" as "1 customer", 2 as "2 customers"."""
    return f"{n:,} {word}" if n == 1 else f"{n:,} {word}s"


def short(number: float) -> str:
    """A number in at most four digits, whole ones and large ones without decimals."""
    if number != number:
        return "-"
    whole = number == round(number) or abs(number) >= 1000
    return f"{number:,.0f}" if whole else f"{number:.4g}"
