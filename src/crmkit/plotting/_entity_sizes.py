"""How many records do entities have? Found ones, and true ones beside them."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from crmkit._validation import check_whole
from crmkit.exceptions import DataError
from crmkit.metrics._clusters import label_codes
from crmkit.plotting._style import INK, ORANGE, PALE, SKY, as_number, counted, label, prepare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OWNER = "plot_entity_sizes"


def plot_entity_sizes(
    entities: npt.ArrayLike,
    y_true: npt.ArrayLike | None = None,
    *,
    largest: int = 10,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw how many entities have how many records: a label a record in, axes out.

    Use it to see at a glance whether records were joined too readily: an entity of fifty records
    is a shared telephone, not a person.

    Parameters
    ----------
    entities : array-like of shape (n_records,)
        Found entity of each record, such as `labels_` of a `Deduplicator`.
    y_true : array-like of shape (n_records,), default=None
        True entity of each record, in the same row order.
    largest : int, default=10
        Size from which entities are put into one bar, at least 2.
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with a bar a size, on a scale of powers of ten, and its number above.

    Raises
    ------
    DataError
        If there are no records, labels are missing, or the lengths differ.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = plot_entity_sizes([0, 0, 1, 2, 2, 2], ax=Figure().add_subplot())
    >>> [text.get_text() for text in ax.get_xticklabels()], [t.get_text() for t in ax.texts]
    (['1', '2', '3'], ['1', '1', '1'])
    """
    check_whole(largest, "largest", OWNER, low=2)
    sizes = {"found": _sizes(entities, "entities")}
    if y_true is not None:
        sizes["true"] = _sizes(y_true, "y_true")
        if sizes["true"].sum() != sizes["found"].sum():
            raise DataError(
                f"{OWNER}: entities has {sizes['found'].sum():,} records and y_true "
                f"{sizes['true'].sum():,}: both need one label a record, in the same order."
            )
    top = min(largest, max(int(each.max()) for each in sizes.values()))
    ax = prepare(ax, OWNER)
    width = 0.8 / len(sizes)
    for number, (name, each) in enumerate(sizes.items()):
        heights = np.bincount(np.minimum(each, top), minlength=top + 1)[1:]
        at = np.arange(top) + (number - (len(sizes) - 1) / 2) * width
        ax.bar(at, heights, width=width, color=(SKY, ORANGE)[number], label=name)
        for x, height in zip(at, heights, strict=True):
            if height:
                ax.text(x, height, as_number(height), ha="center", va="bottom", color=INK,
                        fontsize="small")  # fmt: skip
    ax.set_yscale("log")
    ax.set_ylim(0.5, 2.0 * float(ax.dataLim.ymax))
    names = [str(size) for size in range(1, top + 1)]
    if any(each.max() > top for each in sizes.values()):
        names[-1] += "+"
    ax.set_xticks(range(top), names)
    ax.yaxis.set_major_formatter(as_number)
    ax.grid(axis="y", color=PALE)
    if len(sizes) > 1:
        ax.legend(frameon=False, labelcolor=INK)
    found = sizes["found"]
    title = f"{counted(found.sum(), 'records')} of {len(found):,} entities"
    label(ax, title=title, x=f"records of an entity; the most is {found.max():,}", y="entities")
    return ax


def _sizes(labels: npt.ArrayLike, name: str) -> npt.NDArray[np.int64]:
    """Number of records of each entity."""
    codes = label_codes(labels, name, OWNER)
    if not len(codes):
        raise DataError(f"{OWNER}: {name} holds no records. Pass one label a record.")
    return np.bincount(codes).astype(np.int64)
