"""TargetGroups: who is core, potential, other or excluded, and how far to trust it."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from crmkit._notebook import Told
from crmkit._validation import Floats
from crmkit.segment._migration_text import percent, table, wrapped
from crmkit.segment._value_edges import shares_of

if TYPE_CHECKING:
    import pandas as pd

GROUPS = ("core", "potential", "other", "exclude")
SHOWN = 5


@dataclass(frozen=True, eq=False)
class TargetGroups(Told):
    """Hold the groups of a campaign; `target_groups` makes it. ``print`` it for the story.

    Attributes
    ----------
    counts : ndarray of int, shape (4,)
        Customers of "core", "potential", "other" and "exclude".
    amounts : ndarray of shape (4,)
        Sum of `value` over them.
    value : str
        Column of the value.
    rules : tuple of str
        Rules of exclusion, each with the number of customers whom it meets.
    auc : float
        Chance that a core customer has a higher likeness than another one, by folds: 0.5 is
        guessing, 1 never wrong; NaN where customers were too few.
    auc_error : float
        Its standard error.
    edge : float
        Smallest likeness of a potential customer; infinite where nobody is called so.
    weights : dict of str to float
        Weight of each term of the likeness, the heaviest first: change of the log odds by one
        standard deviation of a number's logarithm, or by having a level.
    """

    counts: npt.NDArray[np.int64]
    amounts: Floats = field(repr=False)
    value: str
    rules: tuple[str, ...] = field(repr=False)
    auc: float
    auc_error: float
    edge: float
    weights: dict[str, float] = field(repr=False)
    made: Any = field(repr=False)

    def frame(self) -> Any:
        """The group of each customer: one row per customer, in the row order of the customers.

        Returns
        -------
        dataframe
            The id, `group` ("core", "potential", "other" or "exclude"), `core_index` (0 to 1),
            `likeness` (probability of core by the model, NaN where excluded or not judged) and
            `reason`, in the library of the customers.
        """
        return self.made

    def describe(self) -> "pd.DataFrame":
        """Size and revenue of each group.

        Returns
        -------
        pandas.DataFrame
            `group`, `n_customers`, `share_of_customers` (0 to 1), `revenue` (sum of the value) and
            `share_of_revenue` (of all; NaN where the sum is not above 0).
        """
        import pandas as pd  # groups do without it

        return pd.DataFrame(
            {
                "group": GROUPS,
                "n_customers": self.counts,
                "share_of_customers": self.counts / self.counts.sum(),
                "revenue": self.amounts,
                "share_of_revenue": shares_of(self.amounts),
            }
        )

    def _tables(self) -> dict[str, Any]:
        return {"Groups": self.describe()}

    def __str__(self) -> str:
        whole = int(self.counts.sum())
        shares = shares_of(self.amounts)
        rows = [
            [name, f"{n:,}", percent(n, whole), f"{a:,.0f}", "-" if s != s else f"{s:.1%}"]
            for name, n, a, s in zip(GROUPS, self.counts, self.amounts, shares, strict=True)
        ]
        head = ["group", "customers", "share", self.value, "share"]
        parts = [table(head, rows), wrapped(f"Excluded for: {'; '.join(self.rules)}.")]
        return "\n\n".join([*parts, wrapped(self._trust())])

    def _trust(self) -> str:
        """How well likeness tells, and by what."""
        if self.auc != self.auc:
            return "Likeness was not judged: too few customers, or no column that varies."
        heavy = [f"{name} {weight:+.2f}" for name, weight in list(self.weights.items())[:SHOWN]]
        said = (
            f"Likeness tells a core customer from another one in {self.auc:.0%} of pairs "
            f"(+- {2 * self.auc_error:.0%}; 50% is guessing), on customers it had not seen. "
            f"Heaviest: {', '.join(heavy)}."
        )
        if np.isinf(self.edge):
            return f"{said} That is too little: nobody is called potential."
        return f"{said} Potential is who has {self.edge:.0%} or more."
