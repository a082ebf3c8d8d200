"""Popularity: what is offered where nothing is known of a customer, and mixed in where little is.

popularity of i = sum over purchases of i of 0.5 ** (age / half_life), ages in days before the
newest sale of all, divided by that of the best seller; an item that nobody bought has none
(-inf: it is no candidate).
"""

from collections.abc import Callable

import numpy as np

from crmkit.recommend._history import Histories
from crmkit.recommend._interactions import Interactions, Whole
from crmkit.recommend._reasons import Contributions
from crmkit.recommend._top_items import Scores

HALF_LIFE = 30.0
"""Days after which a purchase counts half for customers of whom nothing is known."""
EVER = np.inf
"""The same where popularity is mixed into what a model thinks that knows no time either."""


def popularity_prior(known: Interactions, half_life: float = HALF_LIFE) -> Scores:
    """Popularity of each item from 0 to 1 for the best seller; -inf where nobody bought it."""
    ages = known.ages - (known.ages.min() if len(known.ages) else 0)
    with np.errstate(under="ignore"):
        sums = known.per_item(0.5 ** (ages / half_life))
        share = sums / max(sums.max(initial=0.0), np.finfo(float).tiny)
    return np.where(known.sold, share, -np.inf).astype(np.float32)


def add_popularity(scores: Scores, histories: Histories, prior: Scores, weight: float) -> None:
    """Add popularity to the scores of short histories, in place.

    The best seller gains `weight` times the range of the scores of the row, others their share of
    that: scores of few items are small, and popularity by itself would drown them. `prior` goes
    from 0 to 1; it and the scores are finite.
    """
    share = fading(histories, weight)
    rows = np.flatnonzero(share > 0)
    if len(rows) and scores.shape[1]:
        own = scores[rows]
        own += (share[rows] * np.ptp(own, axis=1))[:, None] * prior
        scores[rows] = own


def unless_popular(
    parts: Contributions,
    pure: Callable[[], Scores],
    prior: Scores,
    weight: float,
    histories: Histories,
    rows: Whole,
    items: Whole,
) -> Contributions:
    """Contributions, 0 where popularity adds more to the score of the pair than all of them.

    `pure` gives the scores before popularity is added, as `add_popularity` takes them; `items` are
    places in `prior`.
    """
    share = fading(histories, weight)[rows]
    if not (share > 0).any():
        return parts
    popular = share * np.ptp(pure(), axis=1)[rows] * prior[items]
    pair, item, value = parts
    spoken = np.bincount(pair, weights=value, minlength=len(rows))
    return pair, item, np.where((popular > spoken)[pair], 0.0, value)


def fading(histories: Histories, weight: float, *, full: int = 5, none: int = 10) -> Scores:
    """Weight of popularity for each row: whole up to `full` known items, nothing from `none` on."""
    left = (none - histories.n_known) / (none - full)
    return (weight * np.clip(left, 0.0, 1.0)).astype(np.float32)
