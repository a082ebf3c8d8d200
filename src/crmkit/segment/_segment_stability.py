"""segment_stability: how well each number of segments holds, as a table."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from sklearn.base import clone

from crmkit import _frames
from crmkit._validation import check_whole
from crmkit.exceptions import DataError
from crmkit.segment._behaviour_segmenter import BehaviourSegmenter

OWNER = "segment_stability"


def segment_stability(
    customers: Any, k: Iterable[int] = range(2, 11), *, segmenter: BehaviourSegmenter | None = None
) -> Any:
    """Try numbers of segments: customers in, one row per number out.

    Use it to see what `BehaviourSegmenter` chooses from, and how sure the choice is. Segments that
    change with the customers who happen to be in the table are not worth a campaign.

    Parameters
    ----------
    customers : {dataframe, array-like}
        Customers as for `BehaviourSegmenter.fit`.
    k : iterable of int
        Numbers of segments, each at least 2; 2 to 10 if none are given.
    segmenter : BehaviourSegmenter, default=None
        Its columns, scaling, method, demands, resamples, random state and `verbose` are used,
        fitted or not; None is ``BehaviourSegmenter()``. With ``method="auto"`` k-means is tried.

    Returns
    -------
    dataframe
        In the library of `customers` (pandas for arrays), by rising k: `method`, `k`, `stability`
        (mean adjusted Rand index between the segments and those of bootstrap samples, 1 is
        equal), `stability_sd` (over the samples), `n_resamples`, `silhouette`, `smallest_share`
        and `largest_share` of customers (0 to 1), `fidelity` (share of customers whom the rules put
        into their segment) and `misses` (demands that are not met, empty if suitable).

    Raises
    ------
    DataError
        If `k` holds anything but whole numbers from 2 to the number of different customers, or
        the customers or the segmenter cannot be used.

    See Also
    --------
    crmkit.plotting.plot_segment_stability : The table as a picture.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from crmkit.segment import segment_stability
    >>> rng = np.random.default_rng(0)
    >>> kind = np.repeat([0, 1, 2], 60)
    >>> customers = pd.DataFrame({
    ...     "n_orders": rng.poisson(np.array([2, 10, 10])[kind]) + 1,
    ...     "days_since_last": rng.poisson(np.array([200, 150, 10])[kind]),
    ... })
    >>> table = segment_stability(customers, k=[2, 3, 4])
    >>> table.loc[table["silhouette"].idxmax(), "k"]
    np.int64(3)
    """
    segmenter = BehaviourSegmenter() if segmenter is None else segmenter
    if not isinstance(segmenter, BehaviourSegmenter):
        raise DataError(f"{OWNER}: segmenter must be a BehaviourSegmenter, got {segmenter!r}.")
    ks = sorted({_checked(each) for each in _listed(k)})
    columns = clone(segmenter)._tried(customers, ks)
    made = {name: np.asarray(values) for name, values in columns.items()}
    if not _frames.is_frame(customers):
        import pandas as pd

        return pd.DataFrame(made)
    like = _frames.to_eager(customers)
    frame = _frames.new_frame(made, like=like, owner=OWNER)
    return _frames.hand_back(frame, like=customers, keep=())


def _listed(k: Any) -> list[Any]:
    if isinstance(k, (str, bytes)) or not isinstance(k, Iterable):
        raise DataError(f"{OWNER}: k must be a list of whole numbers, got {k!r}.")
    numbers = list(k)
    if not numbers:
        raise DataError(f"{OWNER}: k is empty: name at least one number of segments.")
    return numbers


def _checked(k: Any) -> int:
    check_whole(k, "each of k", OWNER, low=2)
    return int(k)
