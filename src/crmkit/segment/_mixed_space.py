"""One space for numbers and categories: factor analysis of mixed data.

Numbers are standardised; a category becomes one dummy a level, centred and divided by the root of
the share p of its level, (1{level} - p) / sqrt(p), so that a number and a level weigh alike; then
principal components. Pagès, J. (2004), Analyse factorielle de données mixtes, Revue de statistique
appliquée 52(4), 93-111. In this space Euclidean distance means the same for both, and k-means and
Gaussian mixtures need no other treatment of categories.

A category of m levels has m - 1 dimensions of variance 1. Where there are categories, as many
components are kept as there are columns, or a category of many levels would outweigh all numbers.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.decomposition import PCA

from crmkit._parallel import BLOCK, each_apart
from crmkit._validation import Floats
from crmkit.exceptions import DataError

Space = dict[str, Any]

SCALINGS = ("auto", "log", "standard", "robust", "none")
HELD = 3.0  # spreads from the centre: what is farther is held there
SKEWED = 1.0
FINEST = 1e12  # units that the largest value may have
UNIT = 0.05  # share of the customers above 0 who are below one unit of the logarithm


def learn_space(
    x: Floats,
    thin: npt.NDArray[np.intp],
    columns: list[dict[str, Any]],
    scaling: Any,
    n_components: Any,
    owner: str,
) -> Space:
    """Learn scales and axes from the values of the used columns, rows in a canonical order.

    Shares of levels are those of all rows, the rest is learnt from the rows of `thin`.
    """
    kinds = scalings(columns, scaling, owner)
    scales = [
        scale_of(values[thin], kind)
        if each["kind"] == "number"
        else shares_of(values, each["levels"])
        for values, each, kind in zip(x.T, columns, kinds, strict=True)
    ]
    mixed = any(each["kind"] == "category" for each in columns)
    space: Space = {"scales": scales, "axes": None}
    if not mixed and n_components is None:
        return space
    z = project(x[thin], space)
    n = _number_of_axes(n_components, len(columns), z, owner)
    found = PCA(n_components=n, svd_solver="full" if len(z) < z.shape[1] else "covariance_eigh")
    found.fit(z)
    return space | {"axes": np.ascontiguousarray(found.components_), "mean": found.mean_}


def project(x: Floats, space: Space) -> Floats:
    """Values of the used columns as points of the space; a row's point depends on it alone."""
    widths = [len(scale.get("shares", (1,))) for scale in space["scales"]]
    ends = np.cumsum(widths)
    z: Floats = np.empty((len(x), sum(widths)))

    def fill(j: int) -> None:
        values, scale, last = x[:, j], space["scales"][j], int(ends[j])
        if "shares" in scale:
            z[:, last - widths[j] : last] = dummies(values, scale["shares"])
        else:
            z[:, last - 1] = scaled(values, scale)

    if len(x) > BLOCK:
        each_apart(fill, range(len(widths)))
    else:
        for j in range(len(widths)):
            fill(j)
    if space["axes"] is None:
        return z
    turned: Floats = np.einsum("ij,kj->ik", z - space["mean"], space["axes"])
    return turned


def scalings(columns: list[dict[str, Any]], scaling: Any, owner: str) -> list[str]:
    """How each column is scaled: one word for all, or a word for some of the names."""
    given = scaling if isinstance(scaling, Mapping) else {}
    names = [each["name"] for each in columns]
    for name in given:
        if name not in names:
            raise DataError.missing_column(owner, str(name), names, "scaling")
    words = [given.get(name, "auto") if given else scaling for name in names]
    for word in words:
        if word not in SCALINGS:
            raise DataError(
                f"{owner}: scaling must be one of {list(SCALINGS)}, or a dict of such words by "
                f"column, got {word!r}."
            )
    return [str(word) for word in words]


def scale_of(values: Floats, kind: str) -> dict[str, Any]:
    """Unit of the logarithm (0 is none), bounds, centre and spread of a column of numbers."""
    kind = _kind_by_shape(values) if kind == "auto" else kind
    if kind == "none":
        return _scale("none", 0.0, -np.inf, np.inf, 0.0, 1.0)
    unit = 0.0
    if kind == "log":
        above = values[values > 0]
        unit = max(float(np.quantile(above, UNIT)), above.max() / FINEST) if len(above) else 1.0
        values = _logs(values, unit)
    center, spread = float(values.mean()), float(values.std())
    if kind == "robust":
        low, center, high = (float(q) for q in np.quantile(values, (0.25, 0.5, 0.75)))
        spread = (high - low) / 1.349 or spread
    low, high = center - HELD * spread, center + HELD * spread
    held = np.clip(values, low, high)
    return _scale(kind, unit, low, high, float(held.mean()), float(held.std()))


def _kind_by_shape(values: Floats) -> str:
    spread = values.std()
    skewness = float((((values - values.mean()) / spread) ** 3).mean()) if spread > 0 else 0.0
    if values.min() >= 0 and skewness > SKEWED:
        return "log"
    return "robust" if abs(skewness) > SKEWED else "standard"


def _scale(
    kind: str, unit: float, low: float, high: float, center: float, spread: float
) -> dict[str, Any]:
    kept = {"kind": kind, "unit": unit, "low": low, "high": high}
    return {**kept, "center": center, "spread": spread or 1.0}


def scaled(values: Floats, scale: dict[str, Any]) -> Floats:
    """A column of numbers, scaled as learnt; below 0 the logarithm goes on as its mirror."""
    held = _logs(values, scale["unit"]) if scale["unit"] else np.array(values)
    np.clip(held, scale["low"], scale["high"], out=held)
    held -= scale["center"]
    held /= scale["spread"]
    return held


def _logs(values: Floats, unit: float) -> Floats:
    logs = np.abs(values)
    logs /= unit
    np.log1p(logs, out=logs)
    return np.copysign(logs, values, out=logs)


def shares_of(codes: Floats, levels: list[str]) -> dict[str, Any]:
    """Shares of the levels of a column of codes."""
    counts = np.bincount(codes.astype(np.intp), minlength=len(levels) + 1)[1:]
    return {"kind": "category", "shares": counts / len(codes)}


def dummies(codes: Floats, shares: Floats) -> Floats:
    """Centred dummies over the root of their share; an unseen level is the mean, 0 throughout."""
    marks = codes[:, None] == np.arange(1.0, len(shares) + 1.0)
    made: Floats = (marks - shares) / np.sqrt(shares)
    made[codes == 0.0] = 0.0
    return made


def _number_of_axes(asked: Any, n_columns: int, z: Floats, owner: str) -> Any:
    """Components that PCA is to keep: a number, or the least that hold a share of the variance."""
    most = min(len(z), z.shape[1])
    if asked is None:
        return min(n_columns, most)
    whole = isinstance(asked, (int, np.integer)) and not isinstance(asked, bool)
    if whole and 1 <= asked <= most:
        return int(asked)
    if isinstance(asked, (float, np.floating)) and 0.0 < asked < 1.0:
        return float(asked)
    raise DataError(
        f"{owner}: n_components must be None, a whole number from 1 to {most}, or a share of the "
        f"variance between 0 and 1, got {asked!r}."
    )
