"""TrendReweighter: what a customer likes, weighed by whether it sells more or less of late.

score of (u, i) = base score of (u, i) * T_i ** g where the base score is above 0, and the base
score where it is not; T_i = (s_short + 0.2) / (s_long + 2) with s_h the sum over the purchases of i
of 0.5 ** (age / h), h in days. g = 0 is the base itself. The ratio of a short to a long memory is
what separates a trend from a level: Koren (2010), Collaborative filtering with temporal dynamics,
Communications of the ACM 53, 89-97, has item biases that move in time.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from crmkit._validation import check_real
from crmkit.exceptions import DataError
from crmkit.recommend._ease import EASE
from crmkit.recommend._half_life import read_half_life
from crmkit.recommend._history import Histories
from crmkit.recommend._inner_window import Window, chosen, judged
from crmkit.recommend._interactions import Interactions
from crmkit.recommend._members import Hybrid, Members, Named
from crmkit.recommend._recommender import Recommender
from crmkit.recommend._top_items import Scores

POWERS = (0.0, 0.25, 0.5, 1.0)


class TrendReweighter(Hybrid):
    """Prefer what sells more of late: a recommender in, the same with an eye on the season out.

    In a shop with seasons this is worth more than the choice between collaborative models, for
    new items. For repeat purchases it harms; tuned, it is then switched off.

    Parameters
    ----------
    base : recommender or None, default=None
        Whose scores are weighed; they should be above 0 for what is liked. None is `EASE`.
    short : str or float, default=14
        Half-life of recent sales: days, or text such as "14D" or "2W".
    long : str or float, default=120
        Half-life of usual sales, longer than `short`, in the same form.
    power : {"tune"} or float, default="tune"
        How much the trend counts, at least 0: 0 nothing, 1 in full. "tune" takes the best of 0,
        0.25, 0.5 and 1 on the last `horizon`, 0 where nothing is better beyond noise.
    horizon : str or float, default="30D"
        Days that are held back for tuning; not read for a fixed power.

    Attributes
    ----------
    power_ : float
        The power that is used.
    tuning_ : dict of str to float
        Mean NDCG@10 of each power on the window; empty where nothing was tuned.
    trend_ : ndarray of float32 of shape (n_items,)
        T_i of each item, above 0.
    members_ : list
        The fitted base.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from crmkit.recommend import EASE, TrendReweighter
    >>> days = pd.to_datetime(["2024-01-05", "2024-06-05"])
    >>> baskets = [("ann", "tea", 0), ("ann", "fan", 0), ("bob", "tea", 1), ("bob", "cup", 1)]
    >>> lines = pd.DataFrame(
    ...     [(who, item, days[i]) for who, item, i in [*baskets, ("cid", "tea", 0)]],
    ...     columns=["customer", "item", "day"],
    ... )
    >>> log = ck.EventLog(lines, customer="customer", when="day", amount=None, item="item")
    >>> base = EASE(1.0, popularity=0.0)
    >>> TrendReweighter(base, power=1).fit(log).recommend(["cid"])[["item", "rank"]]
      item  rank
    0  cup     1
    1  fan     2
    """

    def __init__(
        self,
        base: Any = None,
        short: Any = 14,
        long: Any = 120,
        power: Any = "tune",
        horizon: Any = "30D",
    ) -> None:
        self.base = base
        self.short = short
        self.long = long
        self.power = power
        self.horizon = horizon

    def _check_parameters(self) -> None:
        owner = type(self).__name__
        if self.base is not None and not isinstance(self.base, Recommender):
            raise DataError(f"{owner}: base must be a recommender, got {self.base!r}.")
        super()._check_parameters()
        short, long = (read_half_life(getattr(self, name), owner, name) for name in HALF_LIVES)
        if not short < long:
            raise DataError(
                f"{owner}: short must be less than long, got {self.short!r} and {self.long!r}."
            )
        if not self._tunes():
            check_real(self.power, "power", owner, low=0.0)

    def _named(self) -> Named:
        return [("base", EASE() if self.base is None else self.base)]

    def _tunes(self) -> bool:
        return isinstance(self.power, str) and self.power == "tune"

    def _tune(self, members: Members, window: Window | None) -> None:
        self.power_: float = 0.0
        self.tuning_: dict[str, float] = {}
        if window is None:
            return
        trend = self._trend(window.known)

        def variants(histories: Histories) -> Iterator[Scores]:
            base = members[0]._scores(histories)
            for power in POWERS:
                yield reweighted(base.copy(), trend, power)

        found = judged(window, variants)
        self.power_ = POWERS[chosen(found, 1)]
        self.tuning_ = dict(zip(map(str, POWERS), found.mean(axis=1).tolist(), strict=True))

    def _join(self, members: Members, known: Interactions) -> None:
        super()._join(members, known)
        if not self._tunes():
            self.power_ = float(self.power)
            self.tuning_ = {}
        self.trend_: Scores = self._trend(known)

    def _scores(self, histories: Histories) -> Scores:
        return reweighted(self.members_[0]._scores(histories), self.trend_, self.power_)

    def _trend(self, known: Interactions) -> Scores:
        owner = type(self).__name__
        return trend_ratio(
            known,
            read_half_life(self.short, owner, "short"),
            read_half_life(self.long, owner, "long"),
        )


HALF_LIVES = ("short", "long")


def trend_ratio(known: Interactions, short: float, long: float) -> Scores:
    """T of each item: sales of late to usual sales, each with a little added."""
    with np.errstate(under="ignore"):
        late, usual = (known.per_item(0.5 ** (known.ages / h)) for h in (short, long))
    return ((late + 0.2) / (usual + 2.0)).astype(np.float32)


def reweighted(scores: Scores, trend: Scores, power: float) -> Scores:
    """Scores above 0 times trend ** power, in place."""
    if power:
        liked = np.maximum(scores, np.float32(0.0))
        liked *= trend ** np.float32(power)
        np.minimum(scores, np.float32(0.0), out=scores)
        scores += liked
    return scores


def scores_of_each(members: Sequence[Recommender], histories: Histories) -> list[Scores]:
    """Scores of a block by each member; what a trend only weighs anew is scored once."""
    weighed = {
        id(member.members_[0])
        for member in members
        if type(member) is TrendReweighter and member.members_[0] in members
    }
    once = {id(m): m._scores(histories) for m in members if id(m) in weighed}
    found: list[Scores] = []
    for member in members:
        if type(member) is TrendReweighter and id(member.members_[0]) in once:
            base = once[id(member.members_[0])].copy()
            found.append(reweighted(base, member.trend_, member.power_))
        else:
            found.append(once[id(member)] if id(member) in once else member._scores(histories))
    return found
