"""Size and money of each segment, in exact sums and true medians.

Sums are correctly rounded (Shewchuk 1997, Discrete and Computational Geometry 18, 305-363, as in
`math.fsum`), so the order of the customers cannot change a cent.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit._validation import Floats, check_finite
from crmkit.exceptions import DataError

OWNER = "segment_summary"

Ints = npt.NDArray[np.int64]


def segment_summary(customers: Any, segments: Any, *, value: str = "total_amount") -> Any:
    """Count customers and money by segment: customers in, one row per segment out.

    Use it to see which segments carry the revenue and how they behave. It describes the customers
    it is given and says nothing about the future.

    Parameters
    ----------
    customers : dataframe
        Customers frame with the columns "days_since_last" and "n_orders", and that of `value`.
    segments : array-like of shape (n_customers,) or fitted RFMSegmenter
        The segment of each customer, in the row order of `customers`, as text or whole numbers; or
        the fitted segmenter that says it.
    value : str, default="total_amount"
        Column that is summed as revenue (currency of the log); it may hold a predicted value.

    Returns
    -------
    dataframe
        In the library of `customers`, with the columns segment, n_customers, share_of_customers
        (0 to 1), revenue (unit of `value`), share_of_revenue (0 to 1, NaN where the total is
        0), median_days_since_last (days), median_n_orders and median_<value>. A segmenter's
        segments come best to worst, others by falling revenue; a segment without customers has
        no row.

    Raises
    ------
    DataError
        If `customers` is no frame, a column is missing or holds no finite numbers, or `segments`
        has another length, missing values or another index than `customers`.

    See Also
    --------
    RFMSegmenter : Names the segments.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmkit.segment import segment_summary
    >>> customers = pd.DataFrame({
    ...     "customer_id": list("abcd"),
    ...     "days_since_last": [300, 20, 5, 100],
    ...     "n_orders": [1, 5, 8, 2],
    ...     "total_amount": [10.0, 90.0, 250.0, 50.0],
    ... })
    >>> summary = segment_summary(customers, ["cold", "warm", "warm", "cold"])
    >>> summary.set_index("segment").T
    segment                   warm   cold
    n_customers               2.00    2.00
    share_of_customers        0.50    0.50
    revenue                 340.00   60.00
    share_of_revenue          0.85    0.15
    median_days_since_last   12.50  200.00
    median_n_orders           6.50    1.50
    median_total_amount     170.00   30.00
    """
    table = _frames.to_eager(customers)
    names = list(dict.fromkeys(("days_since_last", "n_orders", value)))
    x = np.asarray(_frames.float_columns(table, names, OWNER))
    if not len(x):
        raise DataError(f"{OWNER}: there are no customers. Check the filter before it.")
    check_finite(x, names, OWNER)
    by_model = hasattr(segments, "predict") and hasattr(segments, "segments_")
    given = segments.predict(table) if by_model else segments
    found, codes = encoded(given, len(x), getattr(customers, "index", None))
    columns = described(dict(zip(names, x.T, strict=True)), value, codes, len(found))
    best_first = segments.segments_.tolist() if by_model else by_money(found, columns["revenue"])
    order = [found.index(name) for name in best_first if name in found]
    rows = {name: np.asarray(column)[order] for name, column in columns.items()}
    rows = {"segment": np.array(found)[order], **rows}
    made = _frames.new_frame(rows, like=table, owner=OWNER)
    return _frames.hand_back(made, like=customers, keep=())


def encoded(segments: Any, n: int, index: Any) -> tuple[list[Any], Ints]:
    """Distinct segments, and the position of the one of each of n customers among them."""
    import pandas as pd  # counts text by hashing; here, so that segment loads without it

    own = getattr(segments, "index", None)
    if isinstance(own, pd.Index) and isinstance(index, pd.Index) and not own.equals(index):
        raise DataError(
            f"{OWNER}: the index of segments is not that of customers. Bring both into one order, "
            "then pass segments.to_numpy()."
        )
    values = np.asarray(segments, dtype=object)
    if values.shape != (n,):
        raise DataError(
            f"{OWNER}: segments must hold one segment for each of {n:,} customers, got shape "
            f"{values.shape}."
        )
    codes, found = pd.factorize(values)
    if (codes < 0).any():
        raise DataError(
            f"{OWNER}: {(codes < 0).sum():,} of {n:,} customers have no segment (first at row "
            f"{(codes < 0).argmax():,}). Name these customers or drop them first."
        )
    if len({type(name) for name in found}) > 1:
        raise DataError(
            f"{OWNER}: segments must be all text or all whole numbers, got {found.tolist()[:12]}."
        )
    return found.tolist(), codes


def described(
    columns: Mapping[str, Floats], value: str, codes: Ints, n_segments: int
) -> dict[str, npt.NDArray[Any]]:
    """Compute counts, sums, shares and medians of each segment."""
    parts = {name: split(column, codes, n_segments) for name, column in columns.items()}
    counts = np.bincount(codes, minlength=n_segments)
    revenue = np.array([math.fsum(part) for part in parts[value]])
    total = math.fsum(columns[value])
    return {
        "n_customers": counts,
        "share_of_customers": counts / len(codes),
        "revenue": revenue,
        "share_of_revenue": revenue / total if total else np.full(n_segments, np.nan),
        **{
            f"median_{name}": np.array([np.median(part) for part in of_column])
            for name, of_column in parts.items()
        },
    }


def split(column: Floats, codes: Ints, n_segments: int) -> list[Floats]:
    """Values of each segment."""
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes, minlength=n_segments))[:-1]
    return np.split(column[order], ends)


def by_money(found: Sequence[Any], revenue: Floats) -> list[Any]:
    """Segments by falling revenue, equal ones by name."""
    pairs = zip(found, revenue.tolist(), strict=True)
    return [name for name, _ in sorted(pairs, key=lambda pair: (-pair[1], str(pair[0])))]
