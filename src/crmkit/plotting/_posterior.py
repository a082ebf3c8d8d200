"""How sure the parameters are: the spread of the draws of a posterior, parameter by parameter."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crmkit._validation import Floats, check_real
from crmkit.exceptions import DataError, nearest
from crmkit.plotting._style import BLUE, GREY, INK, VERMILION, as_number, label, prepare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OWNER = "plot_posterior"
MOST_COLUMNS, N_BARS, ENDS = 4, 30, (0.005, 0.995)
ROW_INCHES, GAP, TICKS, NAME = 2.1, 0.06, 0.2, 0.15


def plot_posterior(
    posterior: Any,
    *,
    estimates: Mapping[str, float] | None = None,
    level: float = 0.9,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw what the data leave open of each parameter: a posterior in, axes out.

    Use it to see how well a fit is settled: a panel whose draws span powers of ten is a parameter
    that the data do not tell. Parameters seldom stand alone; below the panels the pair that goes
    together most is named, and of such a pair only the combination is known well.

    Parameters
    ----------
    posterior : Posterior
        From ``model.posterior(...)``. Read are `draws` (a pandas frame with a row a draw and a
        column a parameter), `method` (text) and `effective_sample_size`.
    estimates : mapping of str to float, default=None
        Values to mark, such as ``model.params_``.
    level : float, default=0.9
        Part of the draws between the two dotted lines, above 0 and below 1.
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes, which carry the title and the legend; the panels are its `child_axes`, one for
        each parameter in the order of the draws. Each shows the middle 99 % of the draws.

    Raises
    ------
    DataError
        If it is no posterior, draws are missing or not finite, or an estimate has no draws.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> import numpy as np
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> logs = np.random.default_rng(0).normal(size=(500, 2))
    >>> draws = pd.DataFrame(np.exp(0.1 * logs), columns=["r", "alpha"])
    >>> posterior = SimpleNamespace(draws=draws, method="laplace", effective_sample_size=500.0)
    >>> ax = plot_posterior(posterior, estimates={"r": 1.0}, ax=Figure().add_subplot())
    >>> [panel.get_title() for panel in ax.child_axes]
    ['r', 'alpha']
    """
    draws = check_draws(posterior, estimates or {})
    check_real(level, "level", OWNER, low=0.0, open_low=True)
    if level >= 1:
        raise DataError(f"{OWNER}: level must be below 1, got {level!r}. Try level=0.9.")
    n_columns = min(draws.shape[1], MOST_COLUMNS)
    n_rows = -(-draws.shape[1] // n_columns)
    ax = prepare(ax, OWNER, size=(7.0, ROW_INCHES * n_rows + 0.8))
    ax.set_frame_on(False)
    ax.set_xticks([])
    ax.set_yticks([])
    for place, name in enumerate(draws):
        row, column = divmod(place, n_columns)
        panel = ax.inset_axes(bounds(row, column, n_rows, n_columns))
        _draw(panel, str(name), draws[name].to_numpy(), (estimates or {}).get(str(name)), level)
    middle = as_number(100 * level)
    marks = f"dotted: the middle {middle} % of the draws"
    marks = f"solid: estimate; {marks}" if estimates else marks
    size = as_number(round(float(posterior.effective_sample_size)))
    label(
        ax,
        title=f"{len(draws):,} draws of the parameters ({posterior.method}, worth {size})",
        x=f"{marks}{strongest_pair(draws)}",
        y="",
    )
    ax.xaxis.labelpad = 22.0
    return ax


def check_draws(posterior: Any, estimates: Mapping[str, float]) -> pd.DataFrame:
    """The draws, checked."""
    draws = getattr(posterior, "draws", None)
    if not isinstance(draws, pd.DataFrame) or not hasattr(posterior, "effective_sample_size"):
        hint = " Call its posterior() first." if hasattr(posterior, "posterior") else ""
        raise DataError(
            f"{OWNER}: a posterior is needed, as model.posterior() gives it, got "
            f"{type(posterior).__name__}.{hint}"
        )
    values = draws.to_numpy(dtype=np.float64)
    if values.size == 0 or not np.isfinite(values).all():
        bad = int((~np.isfinite(values)).sum())
        raise DataError(f"{OWNER}: {len(draws):,} draws, {bad:,} values of them not finite.")
    for name in estimates:
        if name not in draws:
            near = nearest(name, map(str, draws))
            meant = "" if near is None else f" Did you mean {near!r}?"
            raise DataError(
                f"{OWNER}: estimates has {name!r}, but the draws are of {list(draws)}.{meant}"
            )
    return draws


def bounds(row: int, column: int, n_rows: int, n_columns: int) -> tuple[float, float, float, float]:
    """Place of a panel in the axes: left, bottom, width, height; above each is room for a name."""
    width = (1.0 - GAP * (n_columns - 1)) / n_columns
    step = 1.0 / (n_rows - TICKS)  # the ticks of the lowest row hang below the axes
    return column * (width + GAP), (n_rows - 1 - row) * step, width, step * (1.0 - TICKS - NAME)


def _draw(panel: "Axes", name: str, draws: Floats, estimate: float | None, level: float) -> None:
    """Bars of one parameter with its marks; the height of the bars says nothing by itself."""
    from matplotlib.ticker import MaxNLocator

    low, high = np.quantile(draws, ENDS)
    shown = draws[(draws >= low) & (draws <= high)]
    panel.hist(shown, bins=N_BARS, color=BLUE, alpha=0.55)
    for end in np.quantile(draws, [(1.0 - level) / 2.0, (1.0 + level) / 2.0]):
        panel.axvline(float(end), color=INK, linestyle=":", linewidth=1.2)
    if estimate is not None:
        panel.axvline(estimate, color=VERMILION, linewidth=2)
    panel.set_title(name, color=INK, fontsize="medium")
    panel.set_yticks([])
    panel.xaxis.set_major_locator(MaxNLocator(3))
    panel.xaxis.set_major_formatter(as_number)
    panel.tick_params(color=GREY, labelcolor=INK, labelsize="small")
    for side in ("top", "right", "left"):
        panel.spines[side].set_visible(False)
    panel.spines["bottom"].set_color(GREY)


def strongest_pair(draws: pd.DataFrame) -> str:
    """The two parameters that go together most, in words; nothing for a single parameter."""
    ranks = draws.rank()
    found = ranks.corr().to_numpy(copy=True)
    np.fill_diagonal(found, 0.0)
    if not np.isfinite(found).all() or not found.any():
        return ""
    one, other = np.unravel_index(np.abs(found).argmax(), found.shape)
    first, second = sorted((int(one), int(other)))
    names = [str(name) for name in draws]
    strength = f"{found[first, second]:.2f}".replace("-", "\N{MINUS SIGN}")
    return f"\nmost tied: {names[first]} and {names[second]}, rank correlation {strength}"
