"""Does the spend model fit? Mean spend of repeat buyers, actual and as the model has it."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crmkit import _frames
from crmkit._validation import Floats, check_finite
from crmkit.exceptions import DataError
from crmkit.plotting._models import check_model
from crmkit.plotting._style import (
    BLUE,
    GREY,
    INK,
    PALE,
    as_number,
    as_percent,
    counted,
    label,
    prepare,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OWNER = "plot_spend_density"
READS = ["frequency", "monetary_value"]
N_BARS, N_POINTS, N_FREQUENCIES, SHOWN = 40, 200, 200, 0.99


def plot_spend_density(model: Any, customers: Any, *, ax: "Axes | None" = None) -> "Axes":
    """Draw mean spend of repeat buyers, actual and by the model: a spend model in, axes out.

    Use it to see whether the shape of the model suits the shop: two humps, or a peak at a usual
    price, are not in it. The mean over many purchases varies less than over one, so the line is
    the mixture over how often these customers bought. Drawn are repeat buyers who paid, as in the
    fit, up to the amount that 99 % of them stay below; the axis says how many are beyond.

    Parameters
    ----------
    model : spend model
        Fitted, such as `GammaGammaModel`: its `log_likelihood` is the log density of
        `monetary_value` given `frequency`.
    customers : frame
        The customers it was fitted on (pandas, polars, pyarrow or duckdb), with `frequency` and
        `monetary_value`.
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with bars of actual customers and a line of expected ones per bar.

    Raises
    ------
    DataError
        If the model is not fitted or is no spend model, a column is missing or not finite, or
        nobody bought again and paid.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> import crmkit as ck
    >>> from matplotlib.figure import Figure
    >>> log = ck.EventLog(ck.datasets.load_cdnow(sample=True))
    >>> customers = ck.summarize(log, "1997-10-01", "W")
    >>> model = ck.clv.GammaGammaModel().fit(customers)
    >>> ax = plot_spend_density(model, customers, ax=Figure().add_subplot())
    >>> ax.get_title(loc="left")
    'Mean spend of 946 repeat buyers'
    """
    check_model(model, OWNER, ("predict", "log_likelihood"), "spend")
    check_spend_model(model)
    x = np.asarray(_frames.float_columns(customers, READS, OWNER))
    check_finite(x, READS, OWNER)
    x = x[(x > 0).all(axis=1)]
    if not len(x):
        raise DataError(
            f"{OWNER}: no customer bought again and paid, so there is no repeat spend to draw."
        )
    frequency, spend = x.T
    ax = prepare(ax, OWNER)
    edges = round_edges(float(np.quantile(spend, SHOWN)))
    top = edges[-1]
    ax.hist(
        spend, bins=edges.tolist(), color=GREY, edgecolor="white", linewidth=0.5, label="actual"
    )
    middle = (np.arange(N_POINTS) + 0.5) * top / N_POINTS
    expected = mixture_density(model, frequency, middle) * len(x) * edges[1]
    name = f"expected ({type(model).__name__})"
    ax.plot(middle, expected, color=BLUE, linewidth=2, label=name)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(as_number)
    ax.grid(axis="y", color=PALE)
    ax.legend(frameon=False, loc="best", labelcolor=INK)
    beyond = int(np.sum(spend > top))
    note = f" ({as_percent(beyond / len(x))} are beyond {as_number(top)})" if beyond else ""
    label(
        ax,
        title=f"Mean spend of {counted(len(x), 'repeat buyers')}",
        x=f"mean spend of a repeat purchase, in currency{note}",
        y=f"customers per {as_number(edges[1])} of spend",
    )
    return ax


def round_edges(top: float) -> Floats:
    """Edges of about forty bars of a round width, from 0 to `top` or a little above."""
    from matplotlib.ticker import MaxNLocator

    return np.asarray(MaxNLocator(N_BARS, steps=[1, 2, 2.5, 5, 10]).tick_values(0.0, top))


def check_spend_model(model: Any) -> None:
    """Refuse a fitted model that does not read spend."""
    reads = [str(name) for name in getattr(model, "feature_names_in_", READS)]
    if reads != READS or model.n_features_in_ != len(READS):
        raise DataError(
            f"{OWNER}: a spend model reads {' and '.join(READS)}, got {type(model).__name__}. Pass "
            "a fitted GammaGammaModel."
        )


def mixture_density(model: Any, frequency: Floats, spend: Floats) -> Floats:
    """Density of the mean spend at amounts `spend`, mixed over the frequencies of customers."""
    distinct, customers = np.unique(frequency, return_counts=True)
    if len(distinct) > N_FREQUENCIES:  # far up the densities hardly differ: equal shares
        shares = np.array_split(np.sort(frequency), N_FREQUENCIES)
        distinct = np.array([np.round(share.mean()) for share in shares])
        customers = np.array([len(share) for share in shares])
    x, m = (side.ravel() for side in np.meshgrid(distinct, spend, indexing="ij"))
    named = hasattr(model, "feature_names_in_")
    rows: Any = pd.DataFrame({"frequency": x, "monetary_value": m})
    density = np.exp(model.log_likelihood(rows if named else rows.to_numpy()))
    share = customers / customers.sum()
    return np.asarray(share @ density.reshape(len(distinct), len(spend)))
