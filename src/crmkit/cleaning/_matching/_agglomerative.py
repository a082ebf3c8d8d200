"""Groups of a few records joined one step at a time, where some pairs are given or forbidden."""

from collections.abc import Sequence

import numpy as np

from crmkit.cleaning._matching._coded import Flags, Floats, Ints


def agglomerated(
    likeness: Floats, must: Sequence[tuple[int, int]], apart: Flags, cut: float, *, mean: bool
) -> Ints:
    """Group of each of k records: log-odds of all pairs in, shape (k, k), and what is certain.

    Records of `must` are joined first. Then the two groups that are most alike become one, while
    their likeness reaches `cut` and none of their pairs is `apart`: the mean of the log-odds
    between them, or with `mean=False` the largest.
    """
    k = len(likeness)
    groups = _Groups(likeness.astype(np.float64), apart.copy(), mean)
    for a, b in must:
        groups.join(int(groups.of[a]), int(groups.of[b]))
    while True:
        a, b, value = groups.nearest()
        if k < 2 or value < cut:
            return groups.of
        groups.join(a, b)


class _Groups:
    """Groups of records with the likeness of any two; a group is called by its first record."""

    def __init__(self, likeness: Floats, apart: Flags, mean: bool) -> None:
        self.of = np.arange(len(likeness))
        self.size = np.ones(len(likeness))
        self.likeness, self.apart, self.mean = likeness, apart, mean
        np.fill_diagonal(self.likeness, -np.inf)
        self.open = np.where(apart, -np.inf, self.likeness)

    def nearest(self) -> tuple[int, int, float]:
        """Most alike groups that may be joined, and how alike they are."""
        if not self.open.size:
            return 0, 0, -np.inf
        a, b = divmod(int(self.open.argmax()), len(self.open))
        return min(a, b), max(a, b), float(self.open[a, b])

    def join(self, a: int, b: int) -> None:
        """Make two groups one."""
        if a == b:
            return
        a, b = min(a, b), max(a, b)
        one, other = self.likeness[a], self.likeness[b]
        if self.mean:
            shares = self.size[[a, b]] / (self.size[a] + self.size[b])
            row = shares[0] * one + shares[1] * other
        else:
            row = np.maximum(one, other)
        row[[a, b]] = -np.inf
        self.apart[a] = self.apart[:, a] = self.apart[a] | self.apart[b]
        self.likeness[a] = self.likeness[:, a] = row
        self.likeness[b] = self.likeness[:, b] = -np.inf
        self.open[a] = self.open[:, a] = np.where(self.apart[a], -np.inf, row)
        self.open[b] = self.open[:, b] = -np.inf
        self.size[a] += self.size[b]
        self.of[self.of == b] = a
