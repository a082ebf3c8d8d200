"""Linear scores of what is in lists, learnt so that what was bought gets most of a softmax.

With z the features of a candidate, bent by sign(x) * log(1 + |x|) and brought to mean 0 and
deviation 1 (0 where there is none), and h whether the customer has the item already, the score is
a . z + h * (b . z + c): one line for what he has and one for what is new to him. The weights make
the sum over the lists of w * mean over what was bought of -log softmax(score) smallest, with w the
root of the number of purchases, at most of 10, and a penalty on squares: the top-one likelihood of
Cao et al. (2007), Learning to rank: from pairwise approach to listwise approach, ICML, 129-136.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from crmkit.recommend._interactions import Floats, Whole

PENALTY = 100.0
LENGTH = 10  # purchases above which a list weighs no more
ROUNDS = 100
Table = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Lines:
    """Mean and deviation of each bent feature; weights of z, of h * z, and of h."""

    centre: Floats
    scale: Floats
    weights: Floats

    def sums(self, x: Table, had: Flags) -> Floats:
        """Score of each row; of a row alone the same as among others."""
        parts = spread(x, had, self.centre, self.scale) * self.weights.astype(np.float32)
        return np.asarray(parts.sum(axis=1), dtype=np.float64)


def learn_lines(x: Table, y: Floats, group: Whole, had: Flags) -> Lines:
    """Weights for lists of `group` rows each, one behind the other; y is 1 where it was bought."""
    bent = bend(x)
    there = ~np.isnan(bent)
    count = np.maximum(there.sum(axis=0), 1)
    centre = np.where(there, bent, 0.0).sum(axis=0, dtype=np.float64) / count
    squares = np.where(there, bent - centre, 0.0) ** 2
    scale = np.sqrt(squares.sum(axis=0) / count)
    scale = np.where(scale > 1e-6, scale, 1.0)
    z = spread(x, had, centre, scale)
    first = np.append(0, np.cumsum(group)[:-1])
    bought = np.add.reduceat(y, first)
    weight = np.sqrt(np.minimum(bought, LENGTH))
    wanted = y * np.repeat(weight / np.maximum(bought, 1.0), group)

    def loss(weights: Floats) -> tuple[float, Floats]:
        score = (z @ weights.astype(np.float32)).astype(np.float64)
        score -= np.repeat(np.maximum.reduceat(score, first), group)
        grown = np.exp(score)
        total = np.add.reduceat(grown, first)
        value = weight @ np.log(total) - wanted @ score + PENALTY * (weights @ weights)
        gap = grown * np.repeat(weight / total, group) - wanted
        slope = (gap.astype(np.float32) @ z).astype(np.float64) + 2.0 * PENALTY * weights
        return float(value), slope

    found = minimize(
        loss, np.zeros(z.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": ROUNDS}
    )
    return Lines(centre, scale, np.asarray(found.x))


def bend(x: Table) -> Table:
    """Large numbers nearer to each other: sign(x) * log(1 + |x|)."""
    return np.sign(x) * np.log1p(np.abs(x))


def spread(x: Table, had: Flags, centre: Floats, scale: Floats) -> Table:
    """z, h * z and h of each row."""
    z = bend(x)
    z -= centre.astype(np.float32)
    z /= scale.astype(np.float32)
    np.nan_to_num(z, copy=False, nan=0.0)
    h = had.astype(np.float32)[:, None]
    return np.hstack([z, h * z, h])
