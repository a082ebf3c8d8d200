"""Lloyd's steps of k-means on all cores, with the same bits on any number of them.

Lloyd, S. P. (1982), IEEE Transactions on Information Theory 28, 129-137. Each block of points is
added up alone and the blocks in their order: who worked on which block changes nothing. Distances
are in single precision, which is twice as fast; sums over blocks in double.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit._parallel import blocks, each_apart
from crmkit._validation import Floats

MOST_STEPS = 300
TOLERANCE = 1e-4  # squared move of all centres that counts as none, in mean variances of a column

Points = npt.NDArray[np.float32]


def moved_centers(z: Floats, centers: Floats) -> Floats:
    """Centres where k-means takes them from these; one without a point stays where it is."""
    middle, unit = _frame_of(z)
    points, variance = _within(z, middle, unit)
    centers = (centers - middle) / unit
    for _ in range(MOST_STEPS):
        sums, sizes = _sums(points, centers)
        moved = np.where(sizes > 0, sums / np.maximum(sizes, 1.0), centers)
        way = float(((moved - centers) ** 2).sum())
        centers = moved
        if way <= TOLERANCE * variance:
            break
    return centers * unit + middle


def _frame_of(z: Floats) -> tuple[Floats, float]:
    """Middle of the range of each column, and half of the widest range: no square overflows."""
    ends = each_apart(lambda part: (z[part].min(axis=0), z[part].max(axis=0)), blocks(len(z)))
    low = np.min([low for low, _ in ends], axis=0)
    high = np.max([high for _, high in ends], axis=0)
    return low / 2 + high / 2, float((high / 2 - low / 2).max()) or 1.0


def _within(z: Floats, middle: Floats, unit: float) -> tuple[Points, float]:
    """Points around a middle in single precision, and the mean variance of their columns."""
    points = np.empty(z.shape, dtype=np.float32)

    def place(part: slice) -> tuple[Floats, Floats]:
        near = (z[part] - middle) / unit
        points[part] = near
        return near.sum(axis=0), np.einsum("ij,ij->j", near, near)

    sums, squares = (
        np.sum(each, axis=0) for each in zip(*each_apart(place, blocks(len(z))), strict=True)
    )
    return points, float((squares / len(z) - (sums / len(z)) ** 2).mean())


def _sums(points: Points, centers: Floats) -> tuple[Floats, Floats]:
    """Sums (k, columns) and numbers (k, 1) of the points nearest to each centre."""
    near = centers.astype(np.float32)
    half = 0.5 * np.einsum("ij,ij->i", near, near)[:, None]
    numbers = np.arange(len(near), dtype=np.int16)[:, None]

    def add(part: slice) -> tuple[Floats, Floats]:
        x = points[part]
        closeness = near @ x.T
        closeness -= half
        own = (largest_row(closeness) == numbers).astype(np.float32)
        return (own @ x).astype(np.float64), own.sum(axis=1, dtype=np.float64)[:, None]

    parts = each_apart(add, blocks(len(points)))
    sums, sizes = (np.sum(each, axis=0) for each in zip(*parts, strict=True))
    return sums, sizes


def largest_row(table: npt.NDArray[Any]) -> npt.NDArray[np.int16]:
    """Row of the largest value of each column, the first of equal ones: few long rows, faster."""
    row = np.zeros(table.shape[1], dtype=np.int16)
    best = table[0].copy()
    for number, values in enumerate(table[1:], start=1):
        row[values > best] = number
        np.maximum(best, values, out=best)
    return row
