"""Judge recommenders as they would have been used: fitted before a cut-off, read off after it.

At every cut-off each recommender is cloned, fitted on what was known, and asked for the same
customers with the same candidates; what they bought within the horizon decides. Nothing is
sampled, nobody is left out in silence, and three simple rules with half-lives tuned before the
cut-off stand beside: a recommender that does not beat the best of them earns nothing.
"""

from collections.abc import Mapping, Sequence
from numbers import Number
from typing import Any

import numpy as np

from crmkit._progress import check_verbose
from crmkit._validation import check_share, check_whole
from crmkit.events._event_log import EventLog
from crmkit.events._ledger import begin_of_day
from crmkit.exceptions import DataError
from crmkit.metrics._checks import check_level
from crmkit.metrics._ranking_breadth import Vectors, column_block, of_length_one
from crmkit.model_selection import RollingTimeSplit
from crmkit.model_selection._log_split import Lines, read_lines
from crmkit.model_selection._rolling_time import whole_days
from crmkit.recommend._catalogue import read_catalogue
from crmkit.recommend._evaluation import Comparison, Evaluation
from crmkit.recommend._evaluation_baselines import BASELINES, tuned_half_lives
from crmkit.recommend._evaluation_cold import RANDOM, cold_items_of, stripped
from crmkit.recommend._evaluation_cut import Cut, Part, cut_at
from crmkit.recommend._evaluation_run import BANDS, TITLES, Run
from crmkit.recommend._ids import find
from crmkit.recommend._item_features import values_of

OWNER = "evaluate"
MODES = ("new", "all", "repeat")


def evaluate(
    recommenders: Any,
    log: EventLog,
    cutoffs: Any = 3,
    *,
    items: Any = None,
    horizon: Any = "30D",
    n: int = 10,
    modes: Any = MODES,
    level: float = 0.95,
    n_resamples: int = 500,
    cold_share: float = 0.1,
    cold_min_buyers: int = 20,
    n_given: int | Sequence[int] | None = (1, 3, 5),
    random_state: int = 0,
    verbose: int = 0,
) -> Evaluation:
    """Judge recommenders at rolling cut-offs: events in, an `Evaluation` with all tables out.

    Use it before anything is shown to a customer, and for the choice between recommenders; it does
    not tell what an offer changes, for what sold without one is counted as well: that is for an
    A/B test. Each recommender is fitted once a cut-off, once more without some customers, and
    once more without some items where `items` is given.

    Parameters
    ----------
    recommenders : recommender, list of recommenders, or mapping of str to recommender
        What is judged; not changed, for clones are fitted. Those of a list are named by class.
    log : EventLog
        Purchases with an `item` column.
    cutoffs : int, str, date or datetime, or sequence of dates, default=3
        When to cut: beginnings of days, or how many, one horizon apart up to the last that leaves
        a whole horizon.
    items : frame or None, default=None
        One row an item, passed on to `fit`. With it cold items are simulated at the last cut-off,
        and columns that are categories give `diversity`; several values of an item are parted by
        "|" or ";".
    horizon : str or float, default="30D"
        How long purchases after a cut-off count: whole days, or text such as "30D" or "2W".
    n : int, default=10
        Length of the lists.
    modes : str or sequence of {"new", "all", "repeat"}, default=('new', 'all', 'repeat')
        "new": relevant are items never bought before, and what was is left out of the lists;
        "all": whatever was bought, nothing left out; "repeat": of that only what had been bought
        before.
    level : float, default=0.95
        Probability of the intervals.
    n_resamples : int, default=500
        How often customers are drawn for them, at least 2.
    cold_share : float, default=0.1
        Part of the well sold items that are stripped of their purchases.
    cold_min_buyers : int, default=20
        Buyers before the last cut-off that make an item well sold, at least 1.
    n_given : int, sequence of int, or None, default=(1, 3, 5)
        Items told of customers who are held out whole, at the last cut-off, for what a newcomer
        should be shown; None or an empty sequence skips it. Mode "new" is needed.
    random_state : int, default=0
        Seed of the resamples and of the customers and items that are held out, at least 0.
    verbose : int, default=0
        1 tells each fit and set of lists, with counts and seconds: logger "crmkit",
        level INFO, or standard error where nothing listens there. 0 tells nothing.

    Returns
    -------
    Evaluation
        ``print`` it for the verdicts; `table`, `new_items`, `all_purchases`, `repeat_purchases`,
        `cold_customers`, `strangers`, `cold_items`, `intervals` and `by_cutoff` are frames.

    Raises
    ------
    DataError
        If a parameter has no meaning, a cut-off has no past or no whole horizon after it, nobody
        bought anything that could be foretold, two recommenders have one name, or one of them
        gives lists with repeats or items outside the candidates.

    See Also
    --------
    crmkit.metrics.ranking_scores : The scores, of any lists.
    crmkit.model_selection.RollingTimeSplit : The cuts, for an evaluation of one's own.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from crmkit.recommend import EASE, evaluate
    >>> random = np.random.default_rng(0)
    >>> day = pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 200, 1500), "D")
    >>> lines = pd.DataFrame({"day": day, "item": random.integers(0, 40, 1500)})
    >>> lines["customer"] = random.integers(0, 60, 1500)
    >>> log = ck.EventLog(lines, customer="customer", when="day", amount=None, item="item")
    >>> found = evaluate(EASE(), log, 2, modes="new", n_resamples=100)
    >>> found.table("new items")["verdict"].to_dict()  # nothing is to be learnt from chance
    {'EASE': 'unclear', 'popularity': 'best simple rule', 'recent popularity': 'unclear'}
    """
    check_parameters(n, level, n_resamples, cold_min_buyers, random_state)
    check_share(cold_share, "cold_share", OWNER)
    check_verbose(verbose, OWNER)
    asked_modes, models = read_modes(modes), by_name(recommenders)
    splitter = RollingTimeSplit(horizon=horizon, **read_cutoffs(cutoffs))
    lines, length = read_lines(log, OWNER), whole_days(horizon, "horizon", OWNER)
    run = Run(models, items, n, asked_modes, categories(items, lines), verbose)
    parts: list[tuple[str, int, Part]] = []
    cuts, lives = [], []
    for i, day in enumerate(splitter._days(lines, length)):
        cuts.append(cut_on(lines, day, length))
        lives.append(tuned_half_lives(lines, cuts[i], day, length, n))
        parts += [(name, i, part) for name, part in run.parts(cuts[i], lives[i]).items()]
    last = len(cuts) - 1
    if "new" in asked_modes:
        told = run.of_strangers(cuts[last], lives[last], n_given, random_state)
        parts += [(name, last, part) for name, part in told]
    counts = counted(cuts)
    if items is not None:
        random = np.random.default_rng(random_state)
        cold = stripped(cuts[last], cold_share, cold_min_buyers, random)
        if cold is not None:
            counts["cold_items"] = int(cold_items_of(cold).sum())
            found = run.of_cold_items(cold, lives[last], random)
            parts += [(name, last, part) for name, part in found]
    if not parts:
        raise DataError(
            f"{OWNER}: nobody bought anything within {length} days after the cut-offs that could "
            "have been foretold. Take other cut-offs or a longer horizon."
        )
    return Evaluation(
        cutoffs=tuple(cut.as_of for cut in cuts),
        horizon=length,
        n=n,
        level=level,
        half_lives=tuple(lives),
        n_candidates=tuple(int(cut.sold.sum()) for cut in cuts),
        counts=counts,
        comparisons=comparisons(parts, level, n_resamples, random_state),
    )


def check_parameters(
    n: Any, level: Any, n_resamples: Any, cold_min_buyers: Any, random_state: Any
) -> None:
    """Refuse numbers out of their range."""
    check_whole(n, "n", OWNER, low=1)
    check_level(level, OWNER)
    check_whole(n_resamples, "n_resamples", OWNER, low=2)
    check_whole(cold_min_buyers, "cold_min_buyers", OWNER, low=1)
    check_whole(random_state, "random_state", OWNER, low=0)


def read_cutoffs(cutoffs: Any) -> dict[str, Any]:
    """How many cut-offs, or which, as a splitter is told."""
    if cutoffs is not None and not isinstance(cutoffs, Number):
        return {"cutoffs": cutoffs}
    check_whole(cutoffs, "cutoffs", OWNER, low=1)
    return {"n_splits": cutoffs}


def read_modes(modes: Any) -> tuple[str, ...]:
    """Distinct modes, in their usual order."""
    given = [modes] if isinstance(modes, str) else list(modes)
    wrong = [mode for mode in given if mode not in MODES]
    if wrong or not given:
        raise DataError(
            f"{OWNER}: modes must be some of {list(MODES)}, got {wrong[0] if wrong else given!r}."
        )
    return tuple(mode for mode in MODES if mode in given)


def by_name(recommenders: Any) -> dict[str, Any]:
    """Recommenders by name, numbered where a class stands twice in a list."""
    if isinstance(recommenders, Mapping):
        named = {str(name): model for name, model in recommenders.items()}
    else:
        several = isinstance(recommenders, (list, tuple))
        models = list(recommenders) if several else [recommenders]
        kinds = [type(model).__name__ for model in models]
        named = {
            kind if kinds.count(kind) == 1 else f"{kind} {kinds[: i + 1].count(kind)}": model
            for i, (kind, model) in enumerate(zip(kinds, models, strict=True))
        }
    taken = [name for name in named if name in (*BASELINES, RANDOM)]
    if taken:
        raise DataError(f"{OWNER}: {taken[0]!r} is the name of a simple rule. Use another.")
    for name, model in named.items():
        if isinstance(model, type):
            raise DataError(
                f"{OWNER}: {model.__name__} is a class. Give a recommender: {model.__name__}()."
            )
        if not (hasattr(model, "fit") and hasattr(model, "recommend")):
            raise DataError(
                f"{OWNER}: {name!r} is no recommender: it must have fit and recommend, got "
                f"{type(model).__name__}."
            )
    return named


def cut_on(lines: Lines, day: int, length: int) -> Cut:
    """The cut-off at the beginning of a local day, with so many days to be foretold."""
    known = lines.rows.day < day
    held = ~known & (lines.rows.day < day + length)
    return cut_at(lines, known, held, begin_of_day(day, lines.log))


def categories(items: Any, lines: Lines) -> "Vectors | None":
    """Items by their categories, as rows of length 1; None where there are none."""
    if items is None:
        return None
    catalogue = read_catalogue(items, str(lines.log.item), OWNER)
    place = find(lines.rows.items, catalogue.items, "items", OWNER)
    there = place >= 0
    blocks = []
    for name in catalogue.names("category"):
        words = catalogue.columns[name][there]
        parts = [[] if word is None else sorted(set(values_of(str(word)))) for word in words]
        count = np.asarray([len(part) for part in parts], dtype=np.int64)
        values = np.asarray([value for part in parts for value in part], dtype=str)
        code = np.unique(values, return_inverse=True)[1]
        length_one = 1.0 / np.sqrt(np.repeat(count, count))  # every column counts alike
        row = np.repeat(place[there], count)
        blocks.append(column_block(row, code, length_one, lines.n_items + 1))
    return of_length_one(blocks) if blocks else None


def counted(cuts: list[Cut]) -> dict[str, int]:
    """Pairs that were to be foretold, over all cut-offs."""
    strangers = [np.unique(cut.customer[cut.history[cut.customer] == 0]) for cut in cuts]
    return {
        "pairs": sum(len(cut.truth) for cut in cuts),
        "unseen": sum(int((~cut.warm).sum()) for cut in cuts),
        "again": sum(int(cut.again.sum()) for cut in cuts),
        "strangers": sum(len(found) for found in strangers),
    }


def comparisons(
    parts: list[tuple[str, int, Part]], level: float, n_resamples: int, random_state: int
) -> dict[str, Comparison]:
    """Scores of all cut-offs by table: modes first, then customers and items that are cold."""
    names = list(dict.fromkeys(name for name, _, _ in parts))
    order = [*TITLES.values(), *(f"history {name}" for name, _, _ in BANDS)]
    names.sort(key=lambda name: order.index(name) if name in order else len(order))
    made = {}
    for table in names:
        own = [(i, part) for name, i, part in parts if name == table]
        each, cuts = tuple(part for _, part in own), tuple(i for i, _ in own)
        made[table] = Comparison(each, cuts, level, n_resamples, random_state)
    return made
