"""Which pairs are worth asking about: those in doubt, and no two of them alike."""

import numpy as np

from crmkit.cleaning._matching._coded import Flags, Floats, Ints
from crmkit.cleaning._matching._comparison import LevelTable

AGAIN = 1.0  # log-odds by which one more pair of the same pattern counts as less in doubt
SAME_RECORD = 2.0  # and one more pair of the same record
FARTHEST = 12.0
POOL = 200  # pairs that are looked at for each one that is wanted


def worth_asking(
    pairs: tuple[Ints, Ints, Floats], table: LevelTable, asked: Flags, cut: float, n: int
) -> Ints:
    """Places of n pairs to ask about, the most useful first.

    A pair is the more useful the nearer its log-odds are to the cut. Every pair that is chosen
    makes others of the same pattern of levels, or of one of its records, less so.
    """
    left, right, odds = pairs
    doubt = np.abs(odds - cut)
    pool = np.flatnonzero(~asked & (doubt < FARTHEST))
    pool = pool[np.lexsort((right[pool], left[pool], doubt[pool]))][: POOL * n]
    _, pattern = np.unique(table[pool], axis=0, return_inverse=True)
    cost = doubt[pool].copy()
    chosen = []
    for _ in range(min(n, len(pool))):
        best = int(cost.argmin())
        chosen.append(best)
        cost[pattern == pattern[best]] += AGAIN
        for side in (left[pool], right[pool]):
            cost[(side == left[pool[best]]) | (side == right[pool[best]])] += SAME_RECORD
        cost[best] = np.inf
    return pool[np.array(chosen, dtype=np.int64)]
