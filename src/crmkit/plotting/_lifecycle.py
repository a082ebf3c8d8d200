"""Where customers are in their life: stages by size, or rhythm against silence with the borders."""

from typing import TYPE_CHECKING, Any

import numpy as np

from crmkit import _frames
from crmkit._validation import Floats
from crmkit.exceptions import DataError
from crmkit.plotting._states import check_made, state_colours
from crmkit.plotting._style import GREY, INK, PALE, as_number, as_percent, families, label, prepare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OWNER = "plot_lifecycle"


def plot_lifecycle(stager: Any, staged: Any = None, *, ax: "Axes | None" = None) -> "Axes":
    """Draw the life cycle: a fitted stager and perhaps its answer in, axes out.

    Without an answer, bars tell customers and revenue of each stage at the fit. With one, every
    customer is a point, own rhythm to the right and silence upwards, and lines are the borders of
    at risk, dormant and lost after a repeat purchase; those of one purchase have borders of their
    own, so their points may lie beyond a line.

    Parameters
    ----------
    stager : LifecycleStager
        Fitted.
    staged : dataframe, default=None
        From ``stager.predict_frame(log)``; None draws the sizes of the fit.
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes.

    Raises
    ------
    DataError
        If `stager` is no fitted stager, or `staged` does not have its columns.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from matplotlib.figure import Figure
    >>> stager = SimpleNamespace(stages_=["loyal", "lost"], sizes_=[30, 10],
    ...                          revenue_=[900.0, 100.0], thresholds_=None, period_=90)
    >>> ax = plot_lifecycle(stager, ax=Figure().add_subplot())
    >>> [float(bar.get_width()) for bar in ax.patches]
    [0.75, 0.25, 0.9, 0.1]
    """
    parts = ("stages_", "sizes_", "revenue_", "thresholds_", "period_")
    check_made(stager, parts, OWNER, "fitted LifecycleStager", "segment.LifecycleStager().fit(log)")
    names = [str(name) for name in stager.stages_]
    ax = prepare(ax, OWNER, size=(8.0, 4.6))
    if staged is None:
        _bars(ax, stager, names)
    else:
        _points(ax, stager, staged, names)
    legend = ax.get_legend()
    for text in [*ax.get_yticklabels(), *(legend.get_texts() if legend else [])]:
        text.set_fontfamily(families(names))
    return ax


def _bars(ax: "Axes", stager: Any, names: list[str]) -> None:
    """Share of customers, and of revenue where there is any."""
    place, colours = np.arange(len(names)), state_colours(names)
    shares = [np.asarray(stager.sizes_) / max(sum(stager.sizes_), 1)]
    if stager.revenue_ is not None and sum(stager.revenue_) > 0:
        shares.append(np.asarray(stager.revenue_) / sum(stager.revenue_))
    height = 0.8 / len(shares)
    for k, part in enumerate(shares):
        own = [colours[name] for name in names]
        where = place + (k - (len(shares) - 1) / 2) * height
        ax.barh(where, part, height * 0.92, color=own, alpha=1.0 if k == 0 else 0.45)
        what = ("of customers", "of revenue")[k]
        for y, share in zip(where, part, strict=True):
            ax.text(share + 0.005, y, f"{as_percent(share)} {what}", va="center", color=INK, size=8)
    ax.set_yticks(place, names)
    ax.invert_yaxis()
    ax.set_xlim(0.0, min(max(float(part.max()) for part in shares) * 1.25, 1.25))
    ax.xaxis.set_major_formatter(as_percent)
    title = "Stages of the life cycle"
    if len(shares) > 1:
        title += f": customers, and revenue of the last {stager.period_} days"
    label(ax, title=title, x="share", y="")


def _points(ax: "Axes", stager: Any, staged: Any, names: list[str]) -> None:
    """Silence of every customer against the own rhythm."""
    from matplotlib.ticker import LogLocator, NullFormatter

    stage, rhythm, silence = (_column(staged, k) for k in ("stage", "rhythm", "days_since_last"))
    x, y = rhythm.astype(np.float64), np.maximum(silence.astype(np.float64), 1.0)
    colours = state_colours(names)
    drawn: dict[str, Any] = {"s": 9, "linewidth": 0, "alpha": 0.6}
    for name in names:
        own = stage.astype(str) == name
        if own.any():
            ax.scatter(
                x[own], y[own], color=colours[name], label=f"{name} ({own.sum():,})", **drawn
            )
    ax.set_xscale("log")
    ax.set_yscale("log")
    if stager.thresholds_ is not None:
        _borders(ax, np.asarray(stager.thresholds_)[1], names[-3:], x)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=12))
        axis.set_major_formatter(as_number)
        axis.set_minor_formatter(NullFormatter())
    ax.grid(color=PALE)
    legend = ax.legend(
        frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5), labelcolor=INK, markerscale=2.0
    )
    for handle in legend.legend_handles:
        if handle is not None:
            handle.set_alpha(1.0)
    title = "Silence against the own rhythm"
    label(ax, title=title, x="own rhythm, in days", y="days since the last purchase")


def _borders(ax: "Axes", thresholds: Floats, names: list[str], x: Floats) -> None:
    """A line for each level of silence, with its name at the left end."""
    ends = np.array([x.min(), x.max()])
    for times, name in zip(thresholds, names, strict=True):
        ax.plot(ends, times * ends, color=GREY, linewidth=1.2, label=f"_{name}")
        ax.annotate(
            f"{name} from {times:.1f} rhythms",
            (ends[0], times * ends[0]),
            xytext=(4, 3),
            textcoords="offset points",
            color=INK,
            size=8,
            family=families(names),
            bbox={"facecolor": "white", "alpha": 0.7, "linewidth": 0, "pad": 0.8},
        )


def _column(staged: Any, name: str) -> Any:
    if not _frames.is_frame(staged):
        raise DataError(
            f"{OWNER}: staged must be the frame of stager.predict_frame(log), got "
            f"{type(staged).__name__}."
        )
    return _frames.column_values(_frames.to_eager(staged), name, OWNER)
