"""The curves of a spline-logistic regression as cubic pieces, all features asked at once.

Between two knots a weighted sum of cubic B-splines is one cubic. Its four numbers are worked out
once for a fitted model; a value is then looked up and put into its cubic.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.interpolate import BSpline

from crmkit._kept_with import kept_with
from crmkit._validation import Floats

DEGREE = 3

_BLOCK = 1 << 11  # customers asked together: their numbers fit the cache
_FACTORIALS = (1.0, 1.0, 2.0, 6.0)

Places = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Curves:
    """Curves of numbers and steps of words, by feature.

    `words` holds the column of each feature of words and what its codes add; all other arrays are
    of the features of numbers: `inner` the knots between the outer ones (infinite where there are
    fewer), `begin` the left end of each cubic and `cubics` its numbers, that of the highest power
    first.
    """

    numbers: Places
    words: list[tuple[int, Floats]]
    logs: Places
    mean: Floats
    scale: Floats
    low: Floats
    high: Floats
    fill: Floats
    slope: Floats
    step: Floats
    trust: Floats
    inner: Floats
    begin: Floats
    cubics: Floats

    def added(self, x: Floats) -> Floats:
        """What each feature adds to the log-odds of each customer, uncentred."""
        total = np.empty(x.shape)
        for low in range(0, len(x), _BLOCK):
            some = slice(low, low + _BLOCK)
            if self.words:
                total[some, self.numbers] = self._curved(x[some, self.numbers])
            else:
                total[some] = self._curved(x[some])
        for column, adds in self.words:
            total[:, column] = adds[x[:, column].astype(np.intp)]
        return total

    def _curved(self, x: Floats) -> Floats:
        """The same of numbers."""
        unknown = np.isnan(x)
        z = x.copy()
        z[:, self.logs] = np.log1p(np.maximum(x[:, self.logs], 0.0))
        z = np.minimum(np.maximum((z - self.mean) / self.scale, self.low), self.high)
        z = np.where(unknown, self.fill, z)
        piece = np.arange(x.shape[1]) * (len(self.inner) + 1) + np.zeros(x.shape, dtype=np.intp)
        for knots in self.inner:
            piece += z >= knots
        way = z - self.begin.take(piece)
        cubic = self.cubics[0].take(piece)
        for each in self.cubics[1:]:
            cubic = cubic * way + each.take(piece)
        return np.asarray(self.trust * (self.slope * z + self.step * unknown + cubic))


def curves_of(state: dict[str, Any]) -> Curves:
    """The curves of a fitted regression, worked out at the first call for it."""
    return kept_with(
        state["slopes"], lambda: _made(state["terms"], state["stops"], state["slopes"])
    )


def curve(knots: Floats, weights: Floats) -> BSpline:
    """Weighted sums of the cubic B-splines of some knots, one for each column of weights."""
    return BSpline(_all_knots(knots), weights, DEGREE, extrapolate=False)


def _made(terms: list[dict[str, Any]], stops: npt.NDArray[np.int64], slopes: Floats) -> Curves:
    of = np.split(slopes, stops[:-1])
    numbers = [j for j, term in enumerate(terms) if not term["levels"]]
    held = [terms[j] for j in numbers]
    most = max([2, *(len(term["knots"]) for term in held)])
    inner = np.full((most - 2, len(held)), np.inf)
    begin, cubics = np.zeros((len(held), most - 1)), np.zeros((4, len(held), most - 1))
    for place, (j, term) in enumerate(zip(numbers, held, strict=True)):
        knots = term["knots"]
        if len(knots):
            inner[: len(knots) - 2, place] = knots[1:-1]
            begin[place, : len(knots) - 1] = knots[:-1]
            spline = curve(knots, of[j][1 + term["step"] :])
            for power, factorial in enumerate(_FACTORIALS):
                told = spline(knots[:-1], nu=power) / factorial
                cubics[DEGREE - power, place, : len(knots) - 1] = told
    return Curves(
        numbers=np.array(numbers, dtype=np.intp),
        words=[(j, np.append(0.0, of[j])) for j, term in enumerate(terms) if term["levels"]],
        logs=np.flatnonzero([term["log"] for term in held]),
        mean=np.array([term["mean"] for term in held]),
        scale=np.array([term["scale"] for term in held]),
        low=np.array([term["reach"][0] for term in held]),
        high=np.array([term["reach"][1] for term in held]),
        fill=np.array([term["fill"] for term in held]),
        slope=np.array([of[j][0] for j in numbers]),
        step=np.array([of[j][1] if terms[j]["step"] else 0.0 for j in numbers]),
        trust=np.array([term["trust"] for term in held]),
        inner=inner,
        begin=begin.ravel(),
        cubics=cubics.reshape(4, -1),
    )


def _all_knots(knots: Floats) -> Floats:
    """The knots and those beyond: the outer knots go on at the outer distances."""
    before = knots[0] - (knots[1] - knots[0]) * np.arange(DEGREE, 0, -1)
    after = knots[-1] + (knots[-1] - knots[-2]) * np.arange(1, DEGREE + 1)
    return np.concatenate([before, knots, after])
