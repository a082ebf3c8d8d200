"""TwoStageRecommender: several recommenders name candidates, boosted trees and lines rank them.

Candidates of a customer are the best `depth` items of each member. Trees that maximise NDCG
(LambdaRank: Burges (2010), Microsoft Research MSR-TR-2010-82; trees of LightGBM: Ke et al. (2017),
NeurIPS 30) order them by what the members think and by what time tells, see
`crmkit.recommend._ranker_features`. Where customers may be offered what they have, linear scores of
the same are added to the sum of the trees, see `crmkit.recommend._list_regression`: they need fewer
lists to learn a habit. Both learn from the last window of the log, with members that know nothing
of it: two stages as in Covington, Adams and Sargin (2016), RecSys, 191-198. Items that are no
candidates follow behind them, by the mean of the members.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit._progress import Progress, check_verbose
from crmkit._trees import Growth, Lesson, grow, raw_sums
from crmkit._validation import check_choice, check_real, check_whole
from crmkit.exceptions import DataError
from crmkit.recommend._catalogue import Catalogue
from crmkit.recommend._history import Histories
from crmkit.recommend._inner_window import Window, needed_window, only, read_horizon
from crmkit.recommend._interactions import Floats, Interactions
from crmkit.recommend._list_regression import Lines, learn_lines
from crmkit.recommend._members import Hybrid, Members, Named, learnt, read_members, stretched
from crmkit.recommend._ranker_features import (
    HAD,
    Candidates,
    Table,
    candidates,
    feature_names,
    item_features,
)
from crmkit.recommend._top_items import Scores
from crmkit.recommend._trend import scores_of_each
from crmkit.recommend._weighted_hybrid import mixed

MOST = 2500  # customers that teach; more lists tell hardly more


class TwoStageRecommender(Hybrid):
    """Rank what several recommenders name: a list of recommenders in, the best of all out.

    The most accurate where purchases have true times and there are some thousand customers; with
    less, or without times, a `WeightedHybrid` is as good. Without times it refuses to be fitted.

    Parameters
    ----------
    members : list of recommenders or of (name, recommender) pairs
        Who names candidates; strong ones that differ, and one that follows the season.
    mode : {"new", "all", "repeat"}, default="new"
        Whether it learns to rank items that a customer never bought, whatever he buys, or what he
        bought before.
    horizon : str or float, default="30D"
        Days that are held back to learn from: about as far as offers should look ahead.
    depth : int, default=100
        Candidates of each member.
    n_trees : int, default=150
        Number of trees, at least 1.
    learning_rate : float, default=0.05
        Step of each tree, above 0 and at most 1.
    negatives : float, default=0.35
        Share of the candidates that were not bought that the trees are shown, above 0 up to 1.
    random_state : int, default=0
        Seed of the trees and of that share, at least 0.
    verbose : int, default=0
        1 tells the steps with counts and seconds, and those of the members: logger "crmkit", level
        INFO, or standard error where nothing listens there. 0 tells nothing.

    Attributes
    ----------
    ranker_ : str
        The trees as text of LightGBM; empty where no candidate was bought in the window.
    lines_ : dict of str to ndarray
        Mean ("centre") and deviation ("scale") of each feature, and "weights" of the linear scores;
        empty in mode "new" and where no candidate was bought in the window.
    features_ : list of str
        Names of what trees and lines are told.
    of_items_ : ndarray of float32 of shape (n_items, 6)
        Sales of the items, as the trees are told.
    n_lists_ : int
        Customers from whom the trees learnt.
    names_ : list of str
        Names of the members.
    members_ : list
        The fitted members.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from crmkit.recommend import ItemKNN, Popularity, TwoStageRecommender
    >>> random = np.random.default_rng(0)
    >>> day = pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 200, 1500), "D")
    >>> lines = pd.DataFrame({"day": day, "item": random.integers(0, 40, 1500)})
    >>> lines["customer"] = random.integers(0, 60, 1500)
    >>> log = ck.EventLog(lines, customer="customer", when="day", amount=None, item="item")
    >>> model = TwoStageRecommender([ItemKNN(), Popularity("14D")], n_trees=10).fit(log)
    >>> model.recommend([3], n=2)[["customer", "rank", "source"]]
       customer  rank source
    0         3     1  model
    1         3     2  model
    """

    def __init__(
        self,
        members: Any = None,
        mode: str = "new",
        horizon: Any = "30D",
        depth: int = 100,
        n_trees: int = 150,
        learning_rate: float = 0.05,
        negatives: float = 0.35,
        random_state: int = 0,
        verbose: int = 0,
    ) -> None:
        self.members = members
        self.mode = mode
        self.horizon = horizon
        self.depth = depth
        self.n_trees = n_trees
        self.learning_rate = learning_rate
        self.negatives = negatives
        self.random_state = random_state
        self.verbose = verbose

    def _named(self) -> Named:
        return read_members(self.members, type(self).__name__)

    def _check_parameters(self) -> None:
        super()._check_parameters()
        owner = type(self).__name__
        check_choice(self.mode, "mode", ["new", "all", "repeat"], owner)
        check_whole(self.depth, "depth", owner, low=1)
        check_whole(self.n_trees, "n_trees", owner, low=1)
        check_whole(self.random_state, "random_state", owner, low=0)
        check_verbose(self.verbose, owner)
        for name in ("learning_rate", "negatives"):
            value = getattr(self, name)
            check_real(value, name, owner, low=0.0, open_low=True)
            if value > 1:
                raise DataError(f"{owner}: {name} must be at most 1, got {value!r}.")

    def _leaves_out_seen(self) -> bool:
        return self.mode == "new"

    def _learn(self, known: Interactions, catalogue: Catalogue | None) -> None:
        owner = type(self).__name__
        horizon = read_horizon(self.horizon, owner)
        window = needed_window(known, horizon, self.mode, owner)
        progress = Progress(owner, self.verbose)
        before = learnt(self._named(), window.known, catalogue, self.verbose)
        progress.step(f"members learnt what was known {horizon} days ago")
        lesson = self._lesson(before, window)
        progress.step(f"members named {len(lesson.y):,} candidates")
        self._tune_by([lesson])
        progress.step(f"learnt to rank from {self.n_lists_:,} lists")
        self._join(learnt(self._named(), known, catalogue, self.verbose), known)
        progress.step("members learnt everything")

    def _tune(self, members: Members, window: Window | None) -> None:
        self._tune_on([] if window is None else [(members, window)])

    def _tune_on(self, windows: list[tuple[Members, Window]]) -> None:
        """Learn from several windows, each with members that do not know it."""
        self._tune_by([self._lesson(members, window) for members, window in windows])

    def _tune_by(self, lessons: list[Lesson]) -> None:
        """Learn from lists of candidates."""
        self.features_: list[str] = feature_names([name for name, _ in self._named()])
        lesson = joined(lessons)
        self.n_lists_: int = 0
        self.ranker_: str = ""
        self.lines_: dict[str, Floats] = {}
        if lesson.group is None:
            return
        self.n_lists_ = len(lesson.group)
        how = Growth(self.random_state, 0)
        self.ranker_ = grow(lesson, self._settings(len(lesson.y)), self.n_trees, how)
        if self.mode != "new":
            lines = learn_lines(lesson.x, lesson.y, lesson.group, self._had(lesson.x))
            self.lines_ = vars(lines).copy()

    def _join(self, members: Members, known: Interactions) -> None:
        super()._join(members, known)
        self.of_items_: Table = item_features(known)

    def _settings(self, n_rows: int) -> dict[str, Any]:
        return {
            "objective": "lambdarank",
            "lambdarank_truncation_level": 20,
            "learning_rate": self.learning_rate,
            "num_leaves": 15,
            "min_data_in_leaf": int(np.clip(n_rows // 50, 5, 100)),
            "bagging_fraction": 0.8,
            "bagging_freq": 1,
            "feature_fraction": 0.7,
        }

    def _lesson(self, members: Members, window: Window) -> Lesson:
        """Lists of candidates with at least one that was bought in the window."""
        asked = window.asked(MOST)
        wanted = window.wanted(asked.known)
        of_items, n_items = item_features(window.known), np.int64(window.known.n_items)
        random = np.random.default_rng(self.random_state)
        tables, labels, sizes = [], [], []
        for rows, histories in asked.blocks():
            scores = [window.mask(s, histories) for s in scores_of_each(members, histories)]
            named = candidates(scores, histories, of_items, self.depth)
            label = np.isin((named.row + rows.start) * n_items + named.item, wanted)
            kept = label | (random.random(len(label)) < self.negatives)
            kept &= np.bincount(named.row, weights=label, minlength=64)[named.row] > 0
            tables.append(named.table[kept])
            labels.append(label[kept])
            size = np.bincount(named.row[kept], minlength=len(histories))
            sizes.append(size[size > 0])
        if not any(len(size) for size in sizes):
            return Lesson(np.empty((0, 0)), np.empty(0))
        y = np.concatenate(labels).astype(np.float64)
        return Lesson(np.concatenate(tables), y, group=np.concatenate(sizes))

    def _scores(self, histories: Histories) -> Scores:
        return self._joint(scores_of_each(self.members_, histories), histories)

    def _joint(self, scores: list[Scores], histories: Histories) -> Scores:
        named = self._candidates([each.copy() for each in scores], histories)
        found = mixed([stretched(each) for each in scores], np.full(len(scores), 1 / len(scores)))
        value = self._values(named.table) if self.ranker_ else found[named.row, named.item]
        low = np.zeros(len(histories))
        np.minimum.at(low, named.row, value)
        found += (low - 2.0).astype(np.float32)[:, None]
        found[named.row, named.item] = value
        return found

    def _values(self, table: Table) -> Floats:
        """What trees and lines think of candidates."""
        value = raw_sums(self.ranker_, table)
        if self.lines_:
            value += Lines(**self.lines_).sums(table, self._had(table))
        return value

    def _had(self, table: Any) -> npt.NDArray[np.bool_]:
        """Which candidates the customer has already."""
        return np.asarray(table[:, self.features_.index(HAD)] > 0)

    def _candidates(self, scores: list[Scores], histories: Histories) -> Candidates:
        for each in scores:
            each[:, self.new_] = -np.inf
            only(each, histories, self.mode)
        return candidates(scores, histories, self.of_items_, self.depth)


def joined(lessons: list[Lesson]) -> Lesson:
    """Lists of several lessons, one behind the other; those without lists tell nothing."""
    told = [lesson for lesson in lessons if lesson.group is not None]
    if not told:
        return Lesson(np.empty((0, 0)), np.empty(0))
    return Lesson(
        np.concatenate([lesson.x for lesson in told]),
        np.concatenate([lesson.y for lesson in told]),
        group=np.concatenate([lesson.group for lesson in told if lesson.group is not None]),
    )
