"""Does the model know how often customers buy? Their numbers by repeat purchases, both ways."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit import _frames
from crmkit._validation import Floats, check_finite, check_whole
from crmkit.exceptions import DataError
from crmkit.plotting._holdout import group_name, group_starts
from crmkit.plotting._models import KNOWN, check_model
from crmkit.plotting._style import BLUE, GREY, INK, PALE, as_number, counted, label, prepare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OWNER = "plot_calibration_frequency"
N_AGES = 128
BASIC = ("frequency", "recency", "T")


def plot_calibration_frequency(
    model: Any, customers: Any, *, last: int = 7, ax: "Axes | None" = None
) -> "Axes":
    """Draw how many customers bought 0, 1, 2 ... times again: a fitted model and customers in.

    Use it as the first look at a fit: a model that does not even describe the customers it was
    fitted on will not foresee them. It cannot show that a forecast is right; `plot_tracking` and
    `plot_holdout` look at purchases that the model has not seen.

    Parameters
    ----------
    model : purchase model
        Fitted.
    customers : frame
        The customers it was fitted on (pandas, polars, pyarrow or duckdb), with the columns that
        the model reads. Each is expected to have bought as a new customer would until age `T`;
        over 128 different ages, near ones are counted as their mean.
    last : int, default=7
        Customers with this many repeat purchases or more share the last bar; where they are over
        half of all, the groups double instead (3-4, 5-8, ...).
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with a bar of actual and a dot of expected customers for each number of repeat
        purchases.

    Raises
    ------
    DataError
        If the model is not fitted or has no `pmf`, a column is missing or not finite, or there
        are no customers.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> import crmkit as ck
    >>> from matplotlib.figure import Figure
    >>> log = ck.EventLog(ck.datasets.load_cdnow(sample=True))
    >>> customers = ck.summarize(log, "1997-10-01", "W")
    >>> model = ck.clv.BetaGeoModel().fit(customers)
    >>> ax = plot_calibration_frequency(model, customers, last=3, ax=Figure().add_subplot())
    >>> [int(bar.get_height()) for bar in ax.patches]
    [1411, 439, 214, 293]
    >>> ax.lines[0].get_ydata().round().astype(int).tolist()
    [1408, 460, 192, 297]
    """
    check_model(model, OWNER, ("predict", "pmf"))
    check_whole(last, "last", OWNER, low=1)
    columns = model_columns(model, customers)
    frequency = columns["frequency"]
    starts = group_starts(frequency, last)
    place = np.searchsorted(starts, frequency, side="right") - 1
    actual = np.bincount(place, minlength=len(starts))
    expected = expected_customers(model, columns, starts)
    ax = prepare(ax, OWNER)
    at = np.arange(len(starts))
    ax.bar(at, actual, color=GREY, width=0.7, label="actual")
    name = f"expected ({type(model).__name__})"
    ax.plot(at, expected, color=BLUE, marker="o", linestyle="none", label=name)
    ax.set_xticks(at, group_names(starts, frequency.max()))
    ax.yaxis.set_major_formatter(as_number)
    ax.grid(axis="y", color=PALE)
    ax.legend(frameon=False, loc="best", labelcolor=INK)
    label(
        ax,
        title=f"{counted(len(frequency), 'customers')} by number of repeat purchases",
        x="repeat purchases",
        y="customers",
    )
    return ax


def group_names(starts: Floats, most: float) -> list[str]:
    """Names of the groups; all above the last start belong to the last."""
    tops = np.append(starts[1:] - 1.0, max(most, starts[-1] + 1.0))
    pairs = zip(starts, tops, strict=True)
    names = [group_name(low, high, doubled=True) for low, high in pairs]
    return [*names[:-1], f"{starts[-1]:g}+"]


def model_columns(model: Any, customers: Any) -> dict[str, Floats]:
    """What the model reads of the customers, column by column."""
    named = hasattr(model, "feature_names_in_")
    names = [str(name) for name in model.feature_names_in_] if named else list(BASIC)
    x = np.asarray(_frames.float_columns(customers, names, OWNER))
    if not len(x):
        raise DataError(f"{OWNER}: the frame has no customers. Pass at least one row.")
    check_finite(x, names, OWNER)
    model.predict(customers if named else x)  # refuses impossible rows in its own words
    return dict(zip(names, x.T, strict=True))


def expected_customers(model: Any, columns: dict[str, Floats], starts: Floats) -> Floats:
    """Expected number of customers in each group, all taken as new ones who reach their age."""
    counts = np.arange(int(starts[-1]))
    place = np.searchsorted(starts, counts, side="right") - 1
    new = pd.DataFrame(columns)
    new[[name for name in columns if name in KNOWN]] = 0.0
    sums = np.zeros(len(starts))
    for age, rows in by_age(columns["T"]):
        alike = new.iloc[rows].value_counts(sort=False)
        kinds = alike.index.to_frame(index=False)
        reads = kinds if hasattr(model, "feature_names_in_") else kinds.to_numpy()
        chance = alike.to_numpy() @ model.pmf(reads, counts, horizon=age)
        sums += np.bincount(place, weights=chance, minlength=len(starts))
    sums[-1] += len(new) - sums.sum()
    return sums


def by_age(T: Floats) -> Iterator[tuple[float, npt.NDArray[np.intp]]]:
    """Ages and the customers of each; over `N_AGES` of them, near ones share their mean."""
    distinct, code = np.unique(T, return_inverse=True)
    if len(distinct) > N_AGES:
        rank = np.argsort(np.argsort(T, kind="stable"), kind="stable")
        code = rank * N_AGES // len(T)
    order = np.argsort(code, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(code[order])) + 1):
        yield float(T[rows].mean()), rows
