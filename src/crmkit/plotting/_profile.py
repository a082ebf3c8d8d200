"""The card of one customer: what is bought more than usual, when, and all tags with evidence."""

import re
from textwrap import shorten
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit._validation import check_whole
from crmkit.exceptions import DataError
from crmkit.plotting._states import check_made
from crmkit.plotting._style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    SKY,
    counted,
    families,
    label,
    prepare,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OWNER = "plot_profile"
PARTS = {
    "category": "share of purchases by category",
    "channel": "share of purchase days by channel",
    "time": "share of purchase days by time of day",
    "week": "share of purchase days",
}
TAGS = {"category": "preference", "time": "time_of_day"}
"""What the tag of a part is called, where it is called otherwise."""

TOLD = "told in customers"
"""Evidence of what customers told of themselves, which needs no line."""

WIDTH = 74  # letters of a tag and its evidence

Columns = dict[str, npt.NDArray[Any]]


def plot_profile(profile: Any, customer: Any, *, most: int = 8, ax: "Axes | None" = None) -> "Axes":
    """Draw the card of one customer: a profile and an id in, axes out.

    Use it to see a customer at one glance before a talk or an offer. Shares are drawn to those of
    all customers, as the tags are: with few purchases the bars lie near the marks.

    Parameters
    ----------
    profile : CustomerProfile
        The fitted profile.
    customer : str or int
        Id of a customer who has bought.
    most : int, default=8
        Number of bars at most: those told as tags, then those with the largest shares.
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with a bar for each category (else channel, time of day or weekend) that the
        customer met (dark where it is a tag) and a mark for the usual share; an axis of time below,
        with a line for each purchase day that is kept (the first, the last few, and all of the
        last half year by default); and the tags beside it.

    Raises
    ------
    DataError
        If `profile` is no profile, the customer is not known, or `most` is not allowed.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from matplotlib.figure import Figure
    >>> from crmkit.segment import CustomerProfile
    >>> events = pd.DataFrame({
    ...     "customer_id": ["a"] * 5 + ["b"] * 5,
    ...     "timestamp": pd.date_range("2024-01-01", periods=5, freq="7D").tolist() * 2,
    ...     "amount": 10.0,
    ...     "kind": ["tea"] * 4 + ["coffee"] * 6,
    ... })
    >>> profile = CustomerProfile(category="kind").fit(ck.EventLog(events))
    >>> ax = plot_profile(profile, "a", ax=Figure().add_subplot())
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['tea', 'coffee']
    """
    check_made(
        profile, ("shares", "tags", "state_", "rules_"), OWNER, "fitted CustomerProfile", "fit"
    )
    check_whole(most, "most", OWNER, low=1)
    part = next(name for name in PARTS if name in profile.rules_)
    shares = _columns(profile.shares(part, [customer]), ("word", "share", "usual"))
    tags = _columns(profile.tags([customer]), ("tag", "value", "evidence"))
    ax = prepare(ax, OWNER, size=(11.0, 4.8))
    liked = np.isin(shares["word"], _values(tags, TAGS.get(part, part)))
    chosen = np.lexsort((-shares["share"], ~liked))[:most]
    order = chosen[np.argsort(-shares["share"][chosen], kind="stable")]
    words, share, usual = (shares[name][order] for name in ("word", "share", "usual"))
    place = np.arange(len(order))
    for mark, colour, text in ((True, BLUE, "this customer, a tag"), (False, SKY, "this customer")):
        some = liked[order] == mark
        if some.any():
            ax.barh(place[some], share[some], height=0.62, color=colour, label=text)
    ax.plot(
        usual, place, "|", color=ORANGE, markersize=15, markeredgewidth=3, label="all customers"
    )
    short = [shorten(str(word), 28, placeholder=" ...") for word in words]
    ax.set_yticks(place, short, fontfamily=families(short), fontsize="small")
    ax.set(ylim=(max(len(order), 1) - 0.5, -0.5), xlim=(0.0, None))
    _percent_axis(ax)
    ax.tick_params(axis="y", length=0)
    if len(order):
        ax.legend(loc="lower right", frameon=False, fontsize="small")
    n, days = _purchase_days(profile, customer)
    title = f"Customer {customer}: {counted(n, 'purchase days')} before {profile.as_of_}"
    label(ax, title=title, x=PARTS[part], y="")
    _draw_days(ax, days, profile.as_of_)
    _write_tags(ax, tags)
    return ax


def _values(tags: Columns, name: str) -> list[str]:
    """Values of a tag, or of those that are numbered."""
    rows = zip(tags["tag"].tolist(), tags["value"].tolist(), strict=True)
    named = re.compile(rf"{name}(_\d+)?")
    return [str(value) for tag, value in rows if named.fullmatch(str(tag))]


def _percent_axis(ax: "Axes") -> None:
    """Shares in percent, with as many digits as it takes to tell them apart."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    ax.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:.3g} %"))


def _columns(frame: Any, names: tuple[str, ...]) -> Columns:
    """Columns of a frame of any library, read once."""
    table = _frames.to_eager(frame)
    return {name: _frames.column_values(table, name, OWNER) for name in names}


def _purchase_days(profile: Any, customer: Any) -> tuple[int, npt.NDArray[np.datetime64]]:
    """How many purchase days a customer has, and those that are kept."""
    state = profile.state_
    place = int(np.searchsorted(state["ids"], customer))
    if place >= len(state["ids"]) or state["ids"][place] != customer:
        raise DataError(f"{OWNER}: the customer {customer!r} is not known.")
    days = state["day"][state["start"][place] : state["start"][place + 1]]
    return int(state["n_days"][place]), days.astype("datetime64[D]")


def _draw_days(ax: "Axes", days: npt.NDArray[np.datetime64], as_of: str) -> None:
    """A line for each purchase day on an axis of time below the bars, at a distance in inches."""
    from matplotlib.transforms import ScaledTranslation, blended_transform_factory

    figure: Any = ax.figure
    corner: Any = ax.transAxes
    inches = figure.dpi_scale_trans + ScaledTranslation(0.0, 0.0, corner)
    below = ax.inset_axes(
        (0.0, -1.2, 1.0, 0.35), transform=blended_transform_factory(ax.transAxes, inches)
    )
    for side in ("top", "left", "right"):
        below.spines[side].set_visible(False)
    below.spines["bottom"].set_color(GREY)
    below.vlines(days, 0.0, 1.0, color=BLUE, linewidth=1.0)
    end = np.datetime64(as_of, "D")
    first = days.min() if len(days) else end
    room = max((end - first) // 50, np.timedelta64(1, "D"))
    below.set(xlim=(first - room, end + room), ylim=(0.0, 1.0), yticks=[])
    _name_days(below, first, end)
    below.tick_params(color=GREY, labelcolor=INK, labelsize="small")
    below.set_title("last purchase days, and the first", loc="left", fontsize="small", color=INK)


def _name_days(ax: "Axes", first: np.datetime64, end: np.datetime64) -> None:
    """A few dates, whole, so that none needs the year beside it."""
    from matplotlib.dates import AutoDateLocator, num2date

    locator = AutoDateLocator(minticks=2, maxticks=6)  # type: ignore[no-untyped-call]
    span = (day.astype("datetime64[us]").item() for day in (first, end))
    ticks = locator.tick_values(*span)  # type: ignore[no-untyped-call]
    low, high = ax.get_xlim()
    shown = [tick for tick in ticks if low <= tick <= high]
    ax.set_xticks(shown, [f"{num2date(t):%Y-%m-%d}" for t in shown])  # type: ignore[no-untyped-call]


def _write_tags(ax: "Axes", tags: Columns) -> None:
    """Tag and value, and below it the evidence, to the right of the bars."""
    lines: list[tuple[str, bool]] = []
    rows = zip(*(tags[name].tolist() for name in ("tag", "value", "evidence")), strict=True)
    for tag, value, evidence in rows:
        lines.append((f"{str(tag).replace('_', ' ')}: {value}", True))
        if evidence != TOLD:
            lines.append((shorten(str(evidence), WIDTH, placeholder=" ..."), False))
    step = 1.44 / max(len(lines), 20)
    for i, (text, first) in enumerate(lines):
        ax.text(
            1.05,
            1.02 - i * step + (0.0 if first else 0.18 * step),
            text,
            transform=ax.transAxes,
            va="top",
            color=INK,
            fontsize="small" if first else "x-small",
            fontweight="bold" if first else "normal",
            fontfamily=families([text]),
        )
