"""describe_customers: who they are in counts, distributions and concentration, before any model."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from crmkit import _frames
from crmkit._validation import Floats
from crmkit.exceptions import DataError
from crmkit.segment._attributes import Attribute, read_attributes
from crmkit.segment._by_id import id_name
from crmkit.segment._customer_description import QUANTILES, CustomerDescription

OWNER = "describe_customers"


def describe_customers(
    customers: Any,
    *,
    value: str | None = "total_amount",
    columns: Sequence[str] | None = None,
    customer: str | None = None,
) -> CustomerDescription:
    """Describe a customer base: customers in, counts, distributions and concentration out.

    Use it first, before segments and models: it shows gaps, zeros, long tails and how few
    customers carry the revenue. It compares nothing; for that see `drivers`.

    Parameters
    ----------
    customers : dataframe
        Customers frame with the id. Numbers, flags and words of at most 50 levels are read.
    value : str or None, default="total_amount"
        Column whose concentration is told, in any unit; None tells none. Values below 0 count as
        0 there, and the text says how many; its distribution is told as it is.
    columns : sequence of str, default=None
        Columns to describe. None takes all but the id; instants and what looks like an identifier
        are left out, with the reason.
    customer : str, default=None
        Column of the customer id; None takes the first column.

    Returns
    -------
    CustomerDescription
        ``print`` it, or take its frames and its Lorenz curve.

    Raises
    ------
    DataError
        If a column is missing, there are no customers, or `value` holds no finite numbers.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmkit.segment import describe_customers
    >>> customers = pd.DataFrame({
    ...     "customer_id": list("abcde"),
    ...     "total_amount": [800.0, 100.0, 60.0, 40.0, 0.0],
    ...     "channel": ["web", "web", "shop", "web", None],
    ... })
    >>> found = describe_customers(customers)
    >>> round(found.gini, 3), found.top(0.2), found.fewest(0.8)
    (0.664, 0.8, 1)
    >>> print(found)
    5 customers, described by 1 number and 1 category
    <BLANKLINE>
    number        missing  0  below 0  mean     sd  min  5 %  25 %  50 %  75 %  95 %  max
    total_amount        0  1        0   200  337.3    0    8    40    60   100   660  800
    <BLANKLINE>
    category  missing  levels
    channel         1  web 60.0%, shop 20.0%
    <BLANKLINE>
    Concentration of total_amount: Gini 0.66. The best 20 % of customers hold 80.0% of 1,000; 80
    % of it is held by 1 customer (20.0%). 1 customer has 0.
    """
    table = _frames.to_eager(customers)
    name = id_name(table, customer, OWNER)
    found = read_attributes(table, columns, [name], OWNER)
    n = len(_frames.mixed_columns(table, [0], OWNER)[0].values)
    if not n:
        raise DataError(f"{OWNER}: there are no customers. Check the filter before it.")
    return CustomerDescription(
        n_customers=n,
        value=value,
        amounts=None if value is None else _amounts(table, value),
        numbers={each.name: number_facts(each.values) for each in found if each.kind == "number"},
        levels={each.name: level_counts(each) for each in found if each.kind == "category"},
        left_out={each.name: each.why for each in found if each.kind == "left out"},
        library=_frames.id_types(customers, [], OWNER)["library"],
    )


def _amounts(table: Any, value: str) -> Floats:
    """The column of value, rising; finite numbers without gaps."""
    x = np.asarray(_frames.float_columns(table, [value], OWNER))[:, 0]
    bad = ~np.isfinite(x)
    if bad.any():
        raise DataError(
            f"{OWNER}: the value {value!r} has {bad.sum():,} missing or infinite values (first at "
            f"row {bad.argmax():,}). Drop these rows or fill them, or pass value=None."
        )
    return np.sort(x)


def number_facts(values: Floats) -> dict[str, float]:
    """Counts, moments and quantiles (linear between observed values) of a column of numbers."""
    there = np.sort(values[~np.isnan(values)])
    n = len(there)
    facts = {
        "n": n,
        "n_missing": len(values) - n,
        "n_zero": int((there == 0).sum()),
        "n_below_zero": int((there < 0).sum()),
        "mean": math.fsum(there) / n if n else np.nan,
        "sd": float(there.std(ddof=1)) if n > 1 else np.nan,
    }
    marks = np.quantile(there, list(QUANTILES.values())) if n else np.full(len(QUANTILES), np.nan)
    return {**facts, **dict(zip(QUANTILES, marks.tolist(), strict=True))}


def level_counts(column: Attribute) -> dict[str, int]:
    """Customers of each level, most first, and of none under an empty name."""
    counts = np.bincount(column.codes + 1, minlength=len(column.levels) + 1).tolist()
    pairs = sorted(zip(column.levels, counts[1:], strict=True), key=lambda pair: (-pair[1], pair))
    return {**dict(pairs), "": counts[0]}
