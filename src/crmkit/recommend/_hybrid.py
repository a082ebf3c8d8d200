"""HybridRecommender: the default answer to what to offer next, chosen by what it would have earned.

Members are a collaborative model, the same weighed by the trend of each item, best sellers of late,
what a customer buys again, and what reads alike where items are told. Rivals are single members, a
weighted mixture and boosted trees over the candidates of all. Everything is fitted as it would have
been one and more windows ago: rivals, half-lives and the power of the trend are tuned on windows
before the last, and judged on the last. A rival takes the place of a simpler one only where it is
better by more than the standard error of the difference, so that the answer is never worse than the
best simple member beyond noise. Then half-lives are tuned anew on the last window and the chosen
rival on all of them, and its members are fitted on everything.
"""

import time
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit._progress import check_verbose, tell
from crmkit._validation import check_choice, check_real, check_whole
from crmkit.exceptions import DataError
from crmkit.recommend._catalogue import Catalogue
from crmkit.recommend._history import Histories
from crmkit.recommend._hybrid_members import (
    Stage,
    Tuned,
    collaborative,
    no_candidates,
    retuned,
    stage,
    tune,
)
from crmkit.recommend._hybrid_rivals import FEW, MODES, SHORT, SPLIT, WORDS, Past, Rules
from crmkit.recommend._inner_window import inner_window, only, read_horizon
from crmkit.recommend._interactions import Interactions, Whole
from crmkit.recommend._members import Hybrid, stretched
from crmkit.recommend._reasons import Contributions
from crmkit.recommend._recommender import Recommender
from crmkit.recommend._top_items import Scores

WINDOWS = 3  # of the past: one judges, the others teach


class HybridRecommender(Hybrid):
    """Offer what to buy next, by whatever foretells it best: events (and items) in, offers out.

    Start here. It needs some months of purchases with true times, and a hundred customers who came
    back in the last `horizon`; with less it falls back to simple members and says so in `reason_`:
    the collaborative model in mode "explore", what a customer bought of late in the others. A fit
    costs four fits of the collaborative model and some seconds for the trees.

    Parameters
    ----------
    mode : {"both", "explore", "repeat"}, default="both"
        Whether a list holds whatever a customer may buy, only what is new to him, or only what he
        bought before; customers of whom nothing is known get best sellers in every mode.
    share : {"tune"} or float, default="tune"
        Share of new items in the lists of mode "both", from 0 to 1. With a number the lists hold
        this share, whatever foretells best.
    collaborative : recommender or None, default=None
        The collaborative member. None is `EASE`; where its matrix of items exceeds `max_memory`,
        the same scores from a matrix of customers, and where that exceeds it too, `PureSVD`.
    horizon : str or float, default="30D"
        How far offers look ahead, and how long the windows are that judge.
    n_trees : int, default=150
        Trees of the ranker; 0 leaves it out, for quick fits.
    max_memory : float, default=1.0
        Most memory that the matrix of EASE may take, in gigabytes.
    random_state : int, default=0
        Seed of everything random, at least 0.
    verbose : int, default=0
        1 tells the steps with counts and seconds: logger "crmkit", level INFO, or standard error
        where nothing listens there. 0 tells nothing.

    Attributes
    ----------
    chosen_ : str
        Name of the rival that was taken.
    candidates_ : dict of str to float
        Mean NDCG@10 of each rival on the last window, all of them tuned on what lies before it, as
        far as the log reaches back; empty where the log holds none.
    reason_ : str
        Why it was taken, in words.
    model_ : recommender
        What scores: a member, or a hybrid of members.
    is_split_ : bool
        Whether customers of fewer than 10 items are served by the collaborative model, in mode
        "explore": where it is better for them, and where a mixture or the trees were chosen and
        are not better for a hundred of them beyond noise.
    newcomers_ : recommender
        What serves them; `model_` where it serves everybody.
    half_lives_ : dict of str to float
        Half-lives of "recent" and "again" in days, infinity for none, and the "power" of the
        trend, tuned on the last window.
    members_ : list
        The fitted model, and the content model that places items nobody bought yet behind all
        others, for `ColdItemQuota` to take from.

    See Also
    --------
    evaluate : Whether it keeps its promise on your log.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from crmkit.recommend import HybridRecommender
    >>> random = np.random.default_rng(0)
    >>> day = pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 200, 1500), "D")
    >>> lines = pd.DataFrame({"day": day, "customer": random.integers(0, 60, 1500)})
    >>> lines["item"] = lines["customer"] % 4 * 10 + random.integers(0, 10, 1500)
    >>> log = ck.EventLog(lines, customer="customer", when="day", amount=None, item="item")
    >>> model = HybridRecommender(n_trees=10).fit(log)
    >>> offers = model.recommend([3, 8], n=2)
    >>> (offers["item"] // 10).tolist()
    [3, 3, 0, 0]
    """

    def __init__(
        self,
        mode: str = "both",
        share: Any = "tune",
        collaborative: Any = None,
        horizon: Any = "30D",
        n_trees: int = 150,
        max_memory: float = 1.0,
        random_state: int = 0,
        verbose: int = 0,
    ) -> None:
        self.mode = mode
        self.share = share
        self.collaborative = collaborative
        self.horizon = horizon
        self.n_trees = n_trees
        self.max_memory = max_memory
        self.random_state = random_state
        self.verbose = verbose

    def _check_parameters(self) -> None:
        owner = type(self).__name__
        check_choice(self.mode, "mode", list(MODES), owner)
        read_horizon(self.horizon, owner)
        check_whole(self.n_trees, "n_trees", owner, low=0)
        check_whole(self.random_state, "random_state", owner, low=0)
        check_verbose(self.verbose, owner)
        check_real(self.max_memory, "max_memory", owner, low=0.0, open_low=True)
        if self.collaborative is not None:
            if not isinstance(self.collaborative, Recommender):
                raise DataError(
                    f"{owner}: collaborative must be a recommender, got {self.collaborative!r}."
                )
            self.collaborative._check_parameters()
        if isinstance(self.share, str) and self.share == "tune":
            return
        check_real(self.share, "share", owner, low=0.0)
        if self.share > 1 or self.mode != "both":
            raise DataError(
                f"{owner}: share must be 'tune' or a number from 0 to 1, and goes with mode='both' "
                f"alone, got share={self.share!r} and mode={self.mode!r}."
            )

    def _leaves_out_seen(self) -> bool:
        return self.mode == "explore"

    def _learn(self, known: Interactions, catalogue: Catalogue | None) -> None:
        is_told = catalogue is not None and bool(catalogue.kinds)
        rules = Rules(self.mode, self.share, self.n_trees, self.random_state, is_told)
        model = collaborative(known, self.collaborative, self.max_memory)
        past, n_last = self._past(known, catalogue, model, is_told)
        horizon = read_horizon(self.horizon, type(self).__name__)
        before = tune(past[1][0], known, horizon, model, 2) if len(past) > 1 else Tuned()
        tuned = tune(past[0][0], known, horizon, model) if past else Tuned()
        self._choose(rules, with_lives(past, before, model), n_last, tuned.power)
        self.half_lives_: dict[str, float] = {
            "recent": tuned.recent,
            "again": np.inf if tuned.again is None else tuned.again,
            "power": tuned.power,
        }
        began = time.perf_counter()
        every = stage(known, catalogue, model, tuned, is_told=is_told)
        self.model_: Recommender = self._final(rules, every, with_lives(past, tuned, model))
        self.newcomers_: Recommender = (
            every.members["collaborative"] if self.is_split_ else self.model_
        )
        self._tell("members learnt everything", began)
        self.members_ = [self.model_]
        if is_told and self.mode != "repeat":
            self.members_.append(every.members["content"])
        self.names_ = [self.chosen_, "content"][: len(self.members_)]
        self.new_ = ~known.sold

    def _past(
        self, known: Interactions, catalogue: Catalogue | None, model: Recommender, is_told: bool
    ) -> tuple[list[Past], int]:
        """Windows that can be judged, the last first, and the customers of the last."""
        horizon = read_horizon(self.horizon, type(self).__name__)
        past: list[Past] = []
        n_last = 0
        for back in range(1, 1 + (WINDOWS if self.n_trees else 2)):
            window = inner_window(known, horizon, MODES[self.mode], back)
            if back == 1:
                n_last = 0 if window is None else len(window.customers)
            if window is None or n_last < FEW:
                break
            began = time.perf_counter()
            past.append((stage(window.known, catalogue, model, Tuned(), is_told=is_told), window))
            self._tell(f"members learnt what was known {back * horizon} days ago", began)
        return past, n_last

    def _choose(self, rules: Rules, past: list[Past], n_last: int, power: float) -> None:
        """Judge all rivals on the last window, tuned on those before it."""
        began = time.perf_counter()
        self.candidates_: dict[str, float] = {}
        if not past:
            days = read_horizon(self.horizon, type(self).__name__)
            self.chosen_ = rules.unjudged()
            self.is_split_: bool = False
            self.reason_ = f"{WORDS[self.chosen_]}: {too_few(n_last, days)}"
            return
        found = rules.judged(past)
        self.candidates_ = {name: float(each.mean()) for name, each in found.items()}
        self.chosen_ = rules.chosen(found, power)
        self.reason_ = rules.reason(self.chosen_, found)
        self.is_split_ = rules.splits(self.chosen_, found, past[0][1])
        if self.is_split_:
            self.reason_ += SPLIT
        self._tell(f"took {WORDS[self.chosen_]} of {len(found)} rivals", began)

    def _final(self, rules: Rules, every: Stage, past: list[Past]) -> Recommender:
        """The chosen rival, tuned on the last windows, with members that know everything."""
        if self.chosen_ in every.members:
            return every.members[self.chosen_]
        rival = rules.rivals[self.chosen_]
        if past:
            rival.tuned(past)
        return rival.joined(every)

    def _tell(self, what: str, began: float) -> None:
        """Tell progress where it is asked for."""
        if self.verbose:
            tell(f"{type(self).__name__}: {what} in {time.perf_counter() - began:.1f} s")

    def _scores(self, histories: Histories) -> Scores:
        short = self._short(histories).nonzero()[0]
        if len(short) == len(histories):
            scores = self.newcomers_._scores(histories)
        else:
            scores = self.model_._scores(histories)
            if len(short):
                scores[short] = self.newcomers_._scores(histories.take(short))
        if self.mode == "repeat":
            return only(scores, histories, "repeat")
        if len(self.members_) > 1:
            behind(scores, self.members_[1]._scores(histories), self.new_)
        return scores

    def _sources(self, histories: Histories, rows: Whole, items: Whole) -> npt.NDArray[np.object_]:
        source = super()._sources(histories, rows, items)
        for model, mine in self._parts(histories, rows, items)[:2]:
            told = model._sources(histories, rows[mine], items[mine]) if len(mine) else None
            if told is not None:
                source[mine] = told
        return source

    def _contributions(
        self, histories: Histories, rows: Whole, items: Whole
    ) -> Contributions | None:
        parts = []
        for model, mine in self._parts(histories, rows, items):
            told = model._contributions(histories, rows[mine], items[mine]) if len(mine) else None
            if told is not None:
                parts.append((mine[told[0]], told[1], told[2]))
        if not parts:
            return None
        pair, item, value = (np.concatenate(column) for column in zip(*parts, strict=True))
        return pair, item, value

    def _parts(
        self, histories: Histories, rows: Whole, items: Whole
    ) -> list[tuple[Recommender, Whole]]:
        """Which model is asked for which pairs: the chosen one, that of newcomers, content."""
        if len(self.members_) == 1 and not self.is_split_:
            return [(self.model_, np.arange(len(rows)))]
        new = self.new_[items] & (len(self.members_) > 1)
        short = self._short(histories)[rows]
        return [
            (self.model_, np.flatnonzero(~new & ~short)),
            (self.newcomers_, np.flatnonzero(~new & short)),
            (self.members_[-1], np.flatnonzero(new)),
        ]

    def _short(self, histories: Histories) -> npt.NDArray[np.bool_]:
        """Who is served as a newcomer."""
        if not self.is_split_:
            return np.zeros(len(histories), dtype=bool)
        return np.asarray(histories.n_known < SHORT)


def with_lives(past: list[Past], tuned: Tuned, model: Recommender) -> list[Past]:
    """The same windows, with members of other half-lives."""
    return [(retuned(made, tuned, model), window) for made, window in past]


def too_few(n_customers: int, days: int) -> str:
    """Why nothing could be judged, in words."""
    bought = f"bought anything in the last {days} days that could have been foretold"
    if not n_customers:
        return f"nobody {bought}, so nothing could be judged."
    return (
        f"{n_customers:,} customers {bought}, and it takes {FEW} to judge. A longer horizon= may "
        "have more of them."
    )


def behind(scores: Scores, content: Scores, new: npt.NDArray[np.bool_]) -> None:
    """Give items that nobody bought yet the order of `content`, behind all others, in place."""
    content[:, ~new] = -np.inf
    there = no_candidates(scores) & ~no_candidates(content)
    low = np.min(scores, axis=1, initial=0.0, where=~no_candidates(scores))
    placed = stretched(content) + (low - 2.0).astype(np.float32)[:, None]
    scores[there] = placed[there]
