"""EventReport: what was found in a log, what was left out of it, and why."""

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from crmkit._notebook import Told


@dataclass(frozen=True)
class EventReport(Told):
    """What a log of events holds, and what happens to each kind of row.

    Made by `EventLog.report`; amounts are in the currency of the log.

    Attributes
    ----------
    n_rows : int
        Rows of the frame.
    n_customers : int
        Distinct customer ids.
    n_customers_without_purchase : int
        Customers with returns or amounts below `min_amount` only; no model sees them.
    n_null_customers : int
        Rows without a customer id: dropped.
    n_returns : int
        Rows with a negative amount or quantity: never purchases.
    returns_amount : float
        Sum of the amounts of the returns.
    n_zero_amounts : int
        Rows with an amount of zero: purchases unless `min_amount` is above zero.
    n_below_min_amount : int
        Rows with an amount from zero to below `min_amount`: not purchases.
    n_duplicates : int
        Rows equal to an earlier row in every column: kept.
    total_amount : float
        Sum of the amounts that are no returns, rows without a customer included.
    first_event, last_event : datetime
        Span of the log, in its time zone.
    returns : str
        The policy for returns: "exclude", "net" or "raise".
    """

    n_rows: int
    n_customers: int
    n_customers_without_purchase: int
    n_null_customers: int
    n_returns: int
    returns_amount: float
    n_zero_amounts: int
    n_below_min_amount: int
    n_duplicates: int
    total_amount: float
    first_event: datetime
    last_event: datetime
    returns: str

    def to_frame(self) -> pd.DataFrame:
        """Findings as a table: one row per kind of row that was looked for.

        Returns
        -------
        pandas.DataFrame
            Columns `finding`, `rows`, `share` (of all rows, 0 to 1) and `treatment`.
        """
        returns = {
            "exclude": "left out: a return is no purchase",
            "net": "subtracted from spend, never counted as a purchase",
            "raise": "refused",
        }[self.returns]
        zero = (
            "left out: below min_amount"
            if self.n_below_min_amount
            else "kept: a purchase, unless min_amount says not"
        )
        rows = [
            ("no customer id", self.n_null_customers, "dropped: nobody to count them for"),
            ("returns", self.n_returns, returns),
            ("zero amounts", self.n_zero_amounts, zero),
            ("below min_amount", self.n_below_min_amount, "left out: too small for a purchase"),
            ("exact duplicates", self.n_duplicates, "kept: two equal lines can both be true"),
        ]
        frame = pd.DataFrame(rows, columns=["finding", "rows", "treatment"])
        frame.insert(2, "share", frame["rows"] / self.n_rows)
        return frame

    def _tables(self) -> dict[str, pd.DataFrame]:
        return {"What was found": self.to_frame()}

    def __repr__(self) -> str:
        span = f"{self.first_event:%Y-%m-%d} to {self.last_event:%Y-%m-%d}"
        return f"<EventReport of {self.n_rows:,} rows, {self.n_customers:,} customers, {span}>"

    def __str__(self) -> str:
        head = (
            f"{self.n_rows:,} rows, {self.n_customers:,} customers, "
            f"{self.first_event:%Y-%m-%d %H:%M} to {self.last_event:%Y-%m-%d %H:%M}, "
            f"total amount {self.total_amount:,.2f}"
        )
        lines = [
            f"  {finding}: {rows:,} rows ({share:.1%}), {treatment}"
            for finding, rows, share, treatment in self.to_frame().itertuples(index=False)
            if rows
        ]
        if self.n_customers_without_purchase:
            lines.append(f"  customers without a purchase: {self.n_customers_without_purchase:,}")
        return "\n".join([head, *lines])
