"""compare_segments: several segmentations of the same customers side by side."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from crmkit import _frames
from crmkit._frames import MixedColumn
from crmkit._mixed_columns import MISSING, words_of
from crmkit.exceptions import DataError
from crmkit.segment._by_id import Words, id_name, words_by_id
from crmkit.segment._segment_comparison import RESERVED, SegmentComparison

OWNER = "compare_segments"

MOST_LEVELS = 50
TOLD_IN = ("segment", "tier", "stage", "group")


def compare_segments(
    customers: Any, segmentations: Mapping[str, Any], *, customer: str | None = None
) -> SegmentComparison:
    """Put segmentations side by side: customers and named segmentations in, one comparison out.

    Use it to see attribute, behaviour and value of each customer in one row, and whether two
    segmentations say the same (then one of them can go) or complete each other. It does not say
    which of them is the better one.

    Parameters
    ----------
    customers : dataframe
        Customers frame with the id and the columns that the segmentations read.
    segmentations : mapping of str to str, estimator, dataframe or array-like
        At least one, by the name it shall have, each of at most 50 segments.

        * a column of `customers` that holds words, flags or a few numbers;
        * a segmenter of customers: a fitted one as it is, any other is cloned and fitted here;
        * a frame with the customer id and a column "segment", "tier", "stage" or "group" (else its
          last), such as a segmenter of logs gives it; it is joined by id;
        * an array of one segment per customer in row order.

        A customer without a segment is "(missing)".
    customer : str, default=None
        Column of the customer id; None takes the first column.

    Returns
    -------
    SegmentComparison
        ``print`` it, or take its frames.

    Raises
    ------
    DataError
        If a segmentation cannot be read, has another length or too many segments, or a name is
        that of the id or of a column of the result.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmkit.segment import ValueTiers, compare_segments
    >>> customers = pd.DataFrame({
    ...     "customer_id": list("abcdef"),
    ...     "total_amount": [900.0, 800.0, 90.0, 80.0, 70.0, 60.0],
    ...     "region": ["north", "north", "south", "north", "south", "south"],
    ... })
    >>> tiers = ValueTiers(("low", "high"), by="thresholds", edges=[500])
    >>> both = compare_segments(customers, {"attribute": "region", "value": tiers})
    >>> both.frame().head(2)
      customer_id attribute value
    0           a     north  high
    1           b     north  high
    >>> both.cross("attribute", "value").round(2)
      attribute value  n_customers  share  lift
    0     north  high            2   0.67   2.0
    1     north   low            1   0.33   0.5
    2     south  high            0   0.00   0.0
    3     south   low            3   1.00   1.5
    """
    table = _frames.to_eager(customers)
    name = id_name(table, customer, OWNER)
    _check_names(segmentations, name)
    ids = _frames.id_column(table, name, OWNER)
    if not len(ids):
        raise DataError(f"{OWNER}: there are no customers. Check the filter before it.")
    levels, codes = {}, {}
    for key, told in segmentations.items():
        words, order = _words(table, told, key, ids, name)
        levels[key], codes[key] = _coded(words, order, key)
    columns = {key: np.array(levels[key])[codes[key]] for key in levels}
    made = _frames.attach(table, keep=[name], add=columns, owner=OWNER)
    return SegmentComparison(
        levels=levels,
        codes=codes,
        made=_frames.hand_back(made, like=customers),
        library=_frames.id_types(customers, [], OWNER)["library"],
    )


def _check_names(segmentations: Any, customer: str) -> None:
    if not isinstance(segmentations, Mapping) or not segmentations:
        raise DataError(
            f"{OWNER}: segmentations must be a mapping from names to segmentations, such as "
            f'{{"value": ValueTiers()}}, got {segmentations!r}.'
        )
    taken = [key for key in segmentations if key in (*RESERVED, customer)]
    if taken:
        raise DataError(
            f"{OWNER}: a segmentation is called {taken[0]!r}, as is another column of the result. "
            "Rename it."
        )


def _words(table: Any, told: Any, key: str, ids: Words, customer: str) -> tuple[Words, list[str]]:
    """Segment of each customer as a word, and the order of the segments where it is known."""
    if isinstance(told, str):
        names = _frames.column_names(table, OWNER)
        if told not in names:
            raise DataError.missing_column(OWNER, told, names)
        (column,) = _frames.mixed_columns(table, [names.index(told)], OWNER)
        return _read(column, key), []
    if hasattr(told, "fit") and hasattr(told, "predict"):
        fitted = _fitted(told, table, key)
        order = [str(each) for each in getattr(fitted, "segments_", ())]
        return _read(_frames.array_column(np.asarray(fitted.predict(table))), key), order
    if _frames.is_frame(told):
        found = words_by_id(told, ids, customer, TOLD_IN, repr(key), OWNER)
        return _read(_frames.array_column(found), key), []
    values = np.asarray(told, dtype=object)
    if values.shape != ids.shape:
        raise DataError(
            f"{OWNER}: {key!r} must be a column, a segmenter, a frame or one segment for each of "
            f"{len(ids):,} customers, got shape {values.shape}."
        )
    return _read(_frames.array_column(values), key), []


def _fitted(told: Any, table: Any, key: str) -> Any:
    """A fitted segmenter of customers as it is; a clone of any other, fitted to them."""
    if isinstance(told, type):
        raise DataError(f"{OWNER}: {key!r} is a class: make a segmenter of it, {told.__name__}().")
    try:
        check_is_fitted(told)
        return told
    except NotFittedError:
        return clone(told).fit(table)


def _read(column: MixedColumn, key: str) -> Words:
    if column.kind in ("instant", "nested"):
        raise DataError(f"{OWNER}: {key!r} holds neither words nor numbers: it is no segmentation.")
    return words_of(column)


def _coded(words: Words, order: list[str], key: str) -> tuple[tuple[str, ...], Any]:
    """Segments, in their order or by name, the missing last, and the place of each customer's."""
    import pandas as pd  # counts text by hashing; here, so that segment loads without it

    places, found = pd.factorize(words)
    if len(found) > MOST_LEVELS:
        raise DataError(
            f"{OWNER}: {key!r} has {len(found):,} segments, more than {MOST_LEVELS}: it is no "
            "segmentation. Cut a number into parts first."
        )
    rank = {name: i for i, name in enumerate(order)}
    levels = sorted(found, key=lambda w: (w == MISSING, rank.get(w, len(order)), w))
    place = np.array([levels.index(word) for word in found], dtype=np.int64)
    return tuple(levels), place[places]
