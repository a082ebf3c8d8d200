"""How a model sees customers of one age: its answer for every recency and frequency."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from crmkit._units import in_unit
from crmkit._validation import Floats, check_whole
from crmkit.plotting._models import (
    age_in_unit,
    check_model,
    counts_opportunities,
    new_customer,
    rows_for,
    unit_of_model,
    unit_words,
)
from crmkit.plotting._style import INK, PALE, as_number, as_percent, counted, label, prepare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

N_COLUMNS, FEWEST, MOST, RARE = 40, 5, 200, 0.005
ALIVE_LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)
DEEPEST = 0.6  # of the blues: dark ink stays legible


def plot_probability_alive(
    model: Any,
    T: float | str,
    *,
    max_frequency: int | None = None,
    covariates: Mapping[str, float] | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw P(alive) for every recency and frequency: a fitted model and an age in, axes out.

    Use it to see what the model makes of silence: of two customers with the same last purchase,
    the one who came more often is the more suspicious. It is a picture of the parameters, no
    customer is in it; `plot_recency_frequency` shows where the customers are.

    Parameters
    ----------
    model : purchase model
        Fitted.
    T : float or str
        Age of the customers, above 0, in the unit of the model, or text such as "39W".
    max_frequency : int, default=None
        Largest number of repeat purchases, at least 2. None is what 1 in 200 customers of this
        age surpass under the model.
    covariates : mapping of str to float, default=None
        Values of the covariates, for a model that reads some: of which customers the picture is.
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure. A colour bar takes some of their room.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with a field for each pair, light for 0 and dark for 1, and labelled lines of
        equal probability. Fields that no customer can be in (no repeat purchase, yet a later last
        one) are hatched.

    Raises
    ------
    DataError
        If the model is not fitted, `T` is no length above 0, or a covariate is missing.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from crmkit.clv import BetaGeoModel
    >>> published = {"r": 0.2426, "alpha": 4.414, "a": 0.793, "b": 2.426}
    >>> model = BetaGeoModel.from_dict({"init": {"unit": "W"}, "fitted": {"params_": published}})
    >>> ax = plot_probability_alive(model, T=39, max_frequency=12, ax=Figure().add_subplot())
    >>> ax.get_title(loc="left")
    'Probability of being alive at an age of 39 weeks'
    """
    owner = "plot_probability_alive"
    check_model(model, owner)
    age = age_in_unit(T, model, owner, "T")
    most = top_frequency(model, age, max_frequency, owner, covariates)
    recency, table = fields(model, model.probability_alive, age, most, owner, covariates)
    ax = prepare(ax, owner, size=(7.0, 4.6))
    _draw(ax, recency, table, ALIVE_LEVELS, 1.0, "probability of being alive", as_percent)
    _labels(ax, model, f"Probability of being alive at an age of {counted(age, unit_words(model))}")
    return ax


def plot_expected_purchases(
    model: Any,
    horizon: float | str | None = None,
    *,
    T: float | str,
    max_frequency: int | None = None,
    covariates: Mapping[str, float] | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw expected purchases for every recency and frequency: a fitted model in, axes out.

    Use it to see whom the model expects to come: the best are upper right, and above some
    frequency more purchases mean less to come unless they are recent.

    Parameters
    ----------
    model : purchase model
        Fitted.
    horizon : float or str, default=None
        Length of the future, above 0, in the unit of the model, or text such as "90D"; None takes
        the `horizon` of the model.
    T : float or str
        Age of the customers, above 0, as in `plot_probability_alive`.
    max_frequency : int, default=None
        Largest number of repeat purchases, as in `plot_probability_alive`.
    covariates : mapping of str to float, default=None
        Values of the covariates, for a model that reads some: of which customers the picture is.
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on; None makes a new figure. A colour bar takes some of their room.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with a field for each pair, darker for more, and labelled lines of equal number.

    Raises
    ------
    DataError
        If the model is not fitted, `T` or `horizon` is no length above 0, or a
        covariate is missing.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from crmkit.clv import BetaGeoModel
    >>> published = {"r": 0.2426, "alpha": 4.414, "a": 0.793, "b": 2.426}
    >>> model = BetaGeoModel.from_dict({"init": {"unit": "W"}, "fitted": {"params_": published}})
    >>> ax = plot_expected_purchases(
    ...     model, "26W", T=39, max_frequency=12, ax=Figure().add_subplot()
    ... )
    >>> ax.get_title(loc="left")
    'Purchases in the next 26 weeks, at an age of 39 weeks'
    """
    owner = "plot_expected_purchases"
    check_model(model, owner)
    age = age_in_unit(T, model, owner, "T")
    length = model.horizon if horizon is None else horizon
    ahead = in_unit(age_in_unit(length, model, owner, "horizon"), unit_of_model(model), owner)
    most = top_frequency(model, age, max_frequency, owner, covariates)

    def answer(rows: Any) -> Floats:
        return np.asarray(model.predict(rows, horizon=ahead))

    recency, table = fields(model, answer, age, most, owner, covariates)
    ax = prepare(ax, owner, size=(7.0, 4.6))
    highest = max(float(np.nanmax(table)), 1e-12)
    _draw(ax, recency, table, round_levels(highest), highest, "expected purchases", as_number)
    window, old = (counted(length, unit_words(model)) for length in (ahead, age))
    _labels(ax, model, f"Purchases in the next {window}, at an age of {old}")
    return ax


def _labels(ax: "Axes", model: Any, title: str) -> None:
    label(
        ax,
        title=title,
        x=f"recency: age at the last purchase ({unit_words(model)})",
        y="frequency: repeat purchases",
    )


def _draw(
    ax: "Axes",
    recency: Floats,
    table: Floats,
    levels: tuple[float, ...],
    highest: float,
    name: str,
    write: Callable[[float, object], str],
) -> None:
    """Colour the fields, write lines of equal value over them, and add the scale."""
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap
    from matplotlib.ticker import MaxNLocator

    ax.patch.set(hatch="////", edgecolor=PALE)
    half = recency[1] / 2.0
    body = np.ma.masked_invalid(table[1:, 1:])
    rows = np.arange(len(table))
    blues = ListedColormap(colormaps["Blues"](np.linspace(0.0, DEEPEST, 256)))
    mesh = ax.pcolormesh(
        np.append(recency - half, recency[-1] + half),
        np.append(rows - 0.5, rows[-1] + 0.5),
        table,
        cmap=blues,
        vmin=0.0,
        vmax=highest,
        rasterized=True,
    )
    inside = [level for level in levels if body.min() < level < body.max()]
    if inside:
        lines = ax.contour(recency[1:], rows[1:], body, levels=inside, colors=INK, linewidths=0.8)
        ax.clabel(lines, fmt=lambda value: write(value, None), fontsize=8, colors=INK)
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    if (recency % 1.0 == 0.0).all():
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.xaxis.set_major_formatter(as_number)
    bar = ax.figure.colorbar(mesh, ax=ax, format=write, label=name)
    bar.outline.set_visible(False)
    bar.ax.yaxis.label.set_color(INK)
    bar.ax.tick_params(color=INK, labelcolor=INK)


def top_frequency(
    model: Any,
    age: float,
    asked: int | None,
    owner: str,
    covariates: Mapping[str, float] | None = None,
) -> int:
    """The asked largest frequency, or what 1 in 200 new customers surpass by this age."""
    if asked is not None:
        check_whole(asked, "max_frequency", owner, low=2)
        return int(asked)
    new = new_customer(model, owner, covariates)
    chance = model.pmf(new, np.arange(MOST), horizon=age)[0]
    surpassed = int(np.clip(np.searchsorted(np.cumsum(chance), 1.0 - RARE), FEWEST, MOST))
    return min(surpassed, int(age)) if counts_opportunities(model, owner, covariates) else surpassed


def fields(
    model: Any,
    answer: Callable[[Any], Floats],
    age: float,
    most: int,
    owner: str,
    covariates: Mapping[str, float] | None,
) -> tuple[Floats, Floats]:
    """Recencies, and the answer for each frequency (row) and recency; NaN where nobody can be."""
    whole = counts_opportunities(model, owner, covariates)
    recency = np.arange(np.ceil(age) + 1.0) if whole else np.linspace(0.0, age, N_COLUMNS + 1)
    x, t = (grid.ravel() for grid in np.meshgrid(np.arange(most + 1.0), recency, indexing="ij"))
    possible = (x > 0) == (t > 0)
    if whole:
        possible &= x <= t
    rows = {"frequency": x[possible], "recency": t[possible], "T": np.full(possible.sum(), age)}
    table = np.full(len(x), np.nan)
    table[possible] = answer(rows_for(model, rows, owner, covariates))
    return recency, table.reshape(most + 1, len(recency))


def round_levels(highest: float) -> tuple[float, ...]:
    """About five round numbers from above 0 to `highest`."""
    from matplotlib.ticker import MaxNLocator

    return tuple(level for level in MaxNLocator(5).tick_values(0.0, highest) if level > 0)
