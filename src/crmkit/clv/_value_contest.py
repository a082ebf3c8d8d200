"""The contest: base, own average and trees compete in past windows; the choice is told in words."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from crmkit._progress import SILENT, Progress
from crmkit._trees import Growth
from crmkit.clv._value_gate import Verdict, judge, overall
from crmkit.clv._value_past import ENOUGH_BUYERS, ENOUGH_CUSTOMERS, Past, own_average
from crmkit.clv._value_trees import (
    Example,
    Features,
    Forecast,
    Forest,
    forecast,
    grow,
    mean_of,
)

Floats = npt.NDArray[np.float64]

RECIPES = {
    "boosted": ("boosted",),
    "blend": ("base", "boosted"),
    "ensemble": ("boosted", "free"),
}
"""The candidates with trees: each is the mean of its parts."""

_WITH_OFFSET = {"boosted": True, "free": False}
_MOST_WINDOWS = 2


@dataclass(eq=False)
class Contest:
    """What the gate saw, the latest window first, and the numbers of trees that served there."""

    judged: list[Example] = field(default_factory=list)
    verdicts: list[dict[str, Verdict]] = field(default_factory=list)
    rounds: dict[str, dict[str, int]] = field(default_factory=dict)


def compete(past: Past, n_cutoffs: int, how: Growth, progress: Progress = SILENT) -> Contest:
    """Judge all candidates in the last windows of the past, each taught before it only."""
    contest = Contest()
    for back in range(1, _MOST_WINDOWS + 1):
        end = past.histories.whole - back * past.window
        judged, taught = past.example(end), past.examples(end - past.window, n_cutoffs)
        if judged is None or not taught:
            break
        forests = {kind: grow(taught, offset, how, None) for kind, offset in _WITH_OFFSET.items()}
        progress.step(f"grew trees on {len(taught)} cut-offs before past window {back}")
        contest.rounds = contest.rounds or {kind: each.rounds for kind, each in forests.items()}
        average = own_average(judged.seen.customers, past.window / past.per_unit)
        candidates = {"base": judged.base, "own_average": average}
        for name in RECIPES:
            candidates[name] = answer(name, forests, judged.features, judged.base)
        contest.judged.append(judged)
        contest.verdicts.append(judge(candidates, judged.came, how.seed))
        whom = f"{len(judged.seen.places):,} customers of past window {back} of {_MOST_WINDOWS}"
        progress.step(f"judged {len(candidates)} candidates by {whom}")
    return contest


def grow_choice(
    chosen: str, past: Past, n_cutoffs: int, how: Growth, contest: Contest
) -> dict[str, Forest]:
    """The trees that the chosen candidate needs, taught by the past up to its end."""
    needed = [kind for kind in RECIPES.get(chosen, ()) if kind in _WITH_OFFSET]
    taught = past.examples(past.histories.whole - past.window, n_cutoffs) if needed else []
    return {kind: grow(taught, _WITH_OFFSET[kind], how, contest.rounds[kind]) for kind in needed}


def answer(name: str, forests: dict[str, Forest], features: Features, base: Forecast) -> Forecast:
    """What a candidate with trees expects: the mean of its parts."""
    return mean_of(
        [
            base if kind == "base" else forecast(forests[kind], features, base)
            for kind in RECIPES[name]
        ]
    )


def choice_in_words(chosen: str, contest: Contest, spans: list[str]) -> str:
    """Who was chosen and why, with the losses of the latest window."""
    windows = contest.verdicts
    best = min(list(windows[0])[1:], key=lambda name: overall(windows, name)[0])
    score, noise = overall(windows, best)
    gain = f"losses {abs(np.expm1(score)):.1%} {'below' if score <= 0 else 'above'} those of the"
    gain += f" base (+- {noise:.1%}) on {' and '.join(spans)}"
    names = ("deviance of purchases", "deviance of spend", "RMSE of spend")
    pairs = zip(names, windows[0][best].losses, windows[0]["base"].losses, strict=True)
    told = ", ".join(f"{name} {rival:.4g} against {own:.4g}" for name, rival, own in pairs)
    if chosen == "base":
        head = f"kept the base: the best rival, {best!r}, had {gain}, which is no clear gain"
    else:
        head = f"chose {best!r}: it had {gain}"
    return f"{head}; in the latest window {told}"


def silence_in_words(past: Past, n_customers: int, what: str) -> tuple[str, str]:
    """Why nothing could be judged, and the cure; `what` is "days" or "hours"."""
    span, window = past.histories.whole - past.histories.first + 1, past.window
    if span >= past.needed():
        return (
            f"kept the base: with {n_customers:,} customers a window of {window:,} {what} in the "
            "past has too few customers or buyers to learn from (at least "
            f"{ENOUGH_CUSTOMERS} and {ENOUGH_BUYERS}), or the base cannot be fitted before it"
        ), "Take a log of more customers."
    fits = 2 * span // 5
    shorter = f"{fits}h" if what == "hours" else f"{fits // 7}W" if fits >= 7 else f"{fits}D"
    return (
        f"kept the base: the log has {span:,} whole {what}, and windows of {window:,} {what} need "
        f"{past.needed():,}: one to judge by, one before it to learn from, and half of one to know "
        "customers by"
    ), f'Take window="{shorter}" or less, or a longer log.'
