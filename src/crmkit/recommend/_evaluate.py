"""Judge recommenders as they would have been used: fitted before a cut-off, read off after it.

At every cut-off each recommender is cloned, fitted on what was known, and asked for the same
customers with the same candidates; what they bought within the horizon decides. Nothing is
sampled, nobody is left out in silence, and three simple rules with half-lives tuned before the
cut-off stand beside: a recommender that does not beat the best of them earns nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.base import clone

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
from crmkit.recommend._evaluation_baselines import (
    AGAIN,
    BASELINES,
    HalfLives,
    baselines,
    tuned_half_lives,
)
from crmkit.recommend._evaluation_cold import RANDOM, cold_items_of, cold_parts, stripped
from crmkit.recommend._evaluation_cut import Codes, Cut, Part, cut_at, offered, scored
from crmkit.recommend._evaluation_strangers import held_out, stranger_part
from crmkit.recommend._ids import find

OWNER = "evaluate"
MODES = ("new", "all", "repeat")
TITLES = {"new": "new items", "all": "all purchases", "repeat": "repeat purchases"}
BANDS = (("0", 0, 0), ("1-2", 1, 2), ("3-5", 3, 5), ("6+", 6, np.inf))


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
    n_given: int | Sequence[int] = (1, 3, 5),
    random_state: int = 0,
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
    cutoffs : int or sequence of str, date or datetime, default=3
        When to cut: beginnings of days, or how many, one horizon apart up to the last that leaves
        a whole horizon.
    items : frame or None, default=None
        One row an item, passed on to `fit`. With it cold items are simulated at the last cut-off,
        and columns that are categories give `diversity`.
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
    n_given : int or sequence of int, default=(1, 3, 5)
        Items told of customers who are held out whole, at the last cut-off, for what a newcomer
        should be shown; none skips it. Mode "new" is needed.
    random_state : int, default=0
        Seed of the resamples and of the customers and items that are held out, at least 0.

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
    asked_modes, models = read_modes(modes), by_name(recommenders)
    number = isinstance(cutoffs, Integral)
    when = {"n_splits": cutoffs} if number else {"cutoffs": cutoffs}
    splitter = RollingTimeSplit(horizon=horizon, **when)
    lines, length = read_lines(log, OWNER), whole_days(horizon, "horizon", OWNER)
    days = splitter._days(lines, length)
    vectors = categories(items, lines)
    parts: dict[str, list[tuple[int, Part]]] = {}
    cuts, lives = [], []
    for i, day in enumerate(days):
        known = lines.rows.day < day
        cut = cut_at(
            lines, known, ~known & (lines.rows.day < day + length), begin_of_day(day, lines.log)
        )
        lives.append(tuned_half_lives(lines, cut, day, length, n))
        for name, part in parts_at(cut, models, lives[-1], items, n, asked_modes, vectors).items():
            parts.setdefault(name, []).append((i, part))
        cuts.append(cut)
    if "new" in asked_modes:
        for name, part in parts_of_strangers(
            cuts[-1], models, lives[-1], items, n, n_given, random_state, vectors
        ):
            parts[name] = [(len(days) - 1, part)]
    counts = counted(cuts)
    if items is not None:
        random = np.random.default_rng(random_state)
        cold = stripped(cuts[-1], cold_share, cold_min_buyers, random)
        if cold is not None:
            fitted = fits_without(cold, models, lives[-1], items)
            counts["cold_items"] = int(cold_items_of(cold).sum())
            for name, found in cold_parts(cold, fitted, n, vectors, random).items():
                if found is not None:
                    parts[f"cold: {name}"] = [(len(days) - 1, found)]
    if not parts:
        raise DataError(
            f"{OWNER}: nobody bought anything within {length} days after the cut-offs that could "
            "have been foretold. Take other cut-offs or a longer horizon."
        )
    made = {
        name: Comparison(
            tuple(part for _, part in found),
            tuple(i for i, _ in found),
            level,
            n_resamples,
            random_state,
        )
        for name, found in parts.items()
    }
    return Evaluation(
        cutoffs=tuple(cut.as_of for cut in cuts),
        horizon=length,
        n=n,
        level=level,
        half_lives=tuple(lives),
        n_candidates=tuple(int(cut.sold.sum()) for cut in cuts),
        counts=counts,
        comparisons={name: made[name] for name in in_order(made)},
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


def parts_at(
    cut: Cut,
    models: dict[str, Any],
    lives: HalfLives,
    items: Any,
    n: int,
    modes: tuple[str, ...],
    vectors: "Vectors | None",
) -> dict[str, Part]:
    """Scores of all tables at one cut-off."""
    fitted = {name: fresh(model, cut, items) for name, model in models.items()}
    pairs = {name: (model, model) for name, model in fitted.items()} | baselines(cut, lives)
    asked = np.unique(cut.customer[cut.warm])
    allow = None if items is None else cut.candidates()
    known = cut.history > 0
    made: dict[str, Part | None] = {}
    if "new" in modes:
        lists = lists_of(pairs, 0, cut, asked, n, allow)
        wanted = cut.warm & ~cut.again
        made[TITLES["new"]] = scored(cut, asked, lists, wanted, known, cut.sold, vectors)
        for name, low, high in BANDS:
            band = (cut.history >= low) & (cut.history <= high)
            made[f"history {name}"] = scored(cut, asked, lists, wanted, band, cut.sold, vectors)
    if set(modes) & {"all", "repeat"}:
        lists = lists_of(pairs, 1, cut, asked, n, allow)
        for mode, wanted in (("all", cut.warm), ("repeat", cut.again)):
            if mode in modes:
                made[TITLES[mode]] = scored(cut, asked, lists, wanted, known, cut.sold, vectors)
    return {name: part for name, part in made.items() if part is not None}


def lists_of(
    pairs: dict[str, tuple[Any, Any]], side: int, cut: Cut, asked: Codes, n: int, allow: Any
) -> dict[str, Codes]:
    """Lists of the same customers by every recommender: of new items (0) or of everything (1)."""
    return {
        name: offered(both[side], cut, asked, n, exclude_seen=side == 0, allow=allow)
        for name, both in pairs.items()
        if side == 1 or name != AGAIN  # without what was bought, that rule has nothing to say
    }


def fresh(model: Any, cut: Cut, items: Any) -> Any:
    """A clone, fitted on what was known."""
    return clone(model).fit(cut.log, items, as_of=cut.as_of)


def parts_of_strangers(
    cut: Cut,
    models: dict[str, Any],
    lives: HalfLives,
    items: Any,
    n: int,
    n_given: int | Sequence[int],
    random_state: int,
    vectors: "Vectors | None",
) -> Iterator[tuple[str, Part]]:
    """Scores of customers who were held out whole, by the number of items told."""
    fitted: dict[str, Any] = {}
    numbers: list[Any] = list(np.atleast_1d(n_given).tolist())
    for told, without, history in held_out(cut, numbers, random_state):
        fitted = fitted or fits_without(without, models, lives, items)
        allow = None if items is None else without.candidates()
        part = stranger_part(without, history, fitted, n, allow, vectors)
        if part is not None:
            yield f"told {told}", part


def fits_without(cut: Cut, models: dict[str, Any], lives: HalfLives, items: Any) -> dict[str, Any]:
    """Recommenders and rules of new items, fitted without what is held out."""
    fitted = {name: fresh(model, cut, items) for name, model in models.items()}
    rules = {name: both[0] for name, both in baselines(cut, lives).items() if name != AGAIN}
    return fitted | rules


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
        known = np.asarray([word is not None for word in words], dtype=bool)
        code = np.unique(words[known].astype(str), return_inverse=True)[1]
        blocks.append(
            column_block(place[there][known], code, np.ones(len(code)), lines.n_items + 1)
        )
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


def in_order(tables: Any) -> list[str]:
    """Names of the tables: modes first, then customers and items that are cold."""
    order = [*TITLES.values(), *(f"history {name}" for name, _, _ in BANDS)]
    return [name for name in order if name in tables] + [n for n in tables if n not in order]
