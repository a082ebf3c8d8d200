"""Boosted trees for purchases and spend: small trees on top of what a base model expects.

Three stages share one table. P = P(any purchase) by log-loss, N = E[purchases] by Poisson loss,
A = E[spend | any purchase] by gamma loss, which asks for the right mean whatever the spread; the
expected spend is P A. With an offset every stage starts from the base model's own answer (on the
logit or log scale) and learns a correction of it; without, the base is one feature among others.
Fitted trees are kept as LightGBM's text, exact and free of foreign objects.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from crmkit import _trees
from crmkit._trees import Growth, Lesson, best_rounds, raw_sums
from crmkit.clv._value_snapshots import Outcome, Snapshot

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Features = npt.NDArray[np.float32]

FLOOR = 0.05
"""Share of the mean outcome below which no expectation is believed as a start."""

_STAGES = {"any": "binary", "purchases": "poisson", "spend": "gamma"}
_MOST_ROWS, _MOST_ROUNDS, _PATIENCE, _STOPPING_PART = 200_000, 200, 15, 0.35
_PARAMETERS: dict[str, Any] = {
    "learning_rate": 0.1,
    "num_leaves": 8,
    "min_data_in_leaf": 50,
    "lambda_l2": 5.0,
    "feature_fraction": 0.8,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "max_bin": 127,
}


@dataclass(frozen=True, eq=False)
class Forecast:
    """What is expected of each customer in a period of the future.

    `any` is the probability of a purchase, `purchases` their expected number, `spend` the expected
    total in currency.
    """

    any: Floats
    purchases: Floats
    spend: Floats


@dataclass(frozen=True, eq=False)
class Example:
    """A snapshot, what the base model (fitted before it) expected, and what came."""

    seen: Snapshot
    base: Forecast
    features: Features
    came: Outcome


@dataclass(frozen=True)
class Forest:
    """Grown trees: `text` and `rounds` of each stage, the floors of the starts."""

    text: dict[str, str]
    rounds: dict[str, int]
    floors: dict[str, float]
    offset: bool


def grow(
    examples: list[Example], offset: bool, how: Growth, rounds: dict[str, int] | None
) -> Forest:
    """Grow the three stages on all examples; `rounds` None finds them by early stopping.

    Early stopping watches customers who are not learnt from, at the latest cut-off, while the
    others are learnt from at the cut-offs before it (at the same one where there is no other).
    """
    x, base, came, places, latest = _stacked(examples, how.seed)
    floors = _floors(came)
    starts = _starts(base, floors) if offset else dict.fromkeys(_STAGES)
    learn, watch = early_stopping_parts(places, latest, how.seed)
    text, found = {}, {}
    for stage, y, rows in _targets(came):
        start = starts[stage]
        if rounds is None:
            parts = [(part & rows) for part in (learn, watch)]
            found[stage] = _rounds(_STAGES[stage], x, y, start, parts, how)
        else:
            found[stage] = rounds[stage]
        part = None if start is None else start[rows]
        text[stage] = _train(_STAGES[stage], x[rows], y[rows], part, found[stage], how)
    return Forest(text, found, floors, offset)


def forecast(forest: Forest, features: Features, base: Forecast) -> Forecast:
    """What the grown trees expect of customers, given what the base expects of them."""
    starts = _starts(base, forest.floors) if forest.offset else dict.fromkeys(_STAGES)
    raw = {stage: _raw(forest.text[stage], features, starts[stage]) for stage in _STAGES}
    some, purchases = expit(raw["any"]), np.exp(raw["purchases"])
    return Forecast(np.minimum(some, purchases), purchases, some * np.exp(raw["spend"]))


def mean_of(forecasts: list[Forecast]) -> Forecast:
    """Mean of several forecasts."""
    return Forecast(
        *(
            np.mean([getattr(each, name) for each in forecasts], axis=0)
            for name in ("any", "purchases", "spend")
        )
    )


def carried(to: Forecast, learnt: Forecast, base: Forecast) -> Forecast:
    """Forecast of a longer future: what was learnt against the base, put on the longer base `to`.

    Counts and spend keep their ratio to the base, the probability of a purchase its odds ratio.
    """

    def ratio(new: Floats, old: Floats) -> Floats:
        return np.divide(new, old, out=np.ones(len(new)), where=old > 0)

    some = expit(_logit(to.any) + _logit(learnt.any) - _logit(base.any))
    purchases = to.purchases * ratio(learnt.purchases, base.purchases)
    spend = to.spend * ratio(learnt.spend, base.spend)
    return Forecast(np.minimum(some, purchases), purchases, spend)


def _logit(share: Floats) -> Floats:
    return np.asarray(logit(np.clip(share, 1e-3, 1.0 - 1e-3)))


def _floors(came: Outcome) -> dict[str, float]:
    """Smallest believable starts, from the mean outcomes."""
    bought = came.purchases > 0
    spend = float(came.spend[bought].mean()) if bought.any() else 0.0
    return {
        "purchases": FLOOR * float(came.purchases.mean()),
        "spend": FLOOR * spend if spend > 0 else 1.0,
    }


def _starts(base: Forecast, floors: dict[str, float]) -> dict[str, Any]:
    """The base's answers on the scale of each stage."""
    each = np.divide(base.spend, base.any, out=np.zeros(len(base.any)), where=base.any > 0)
    return {
        "any": _logit(base.any),
        "purchases": np.log(np.maximum(base.purchases, floors["purchases"])),
        "spend": np.log(np.maximum(each, floors["spend"])),
    }


def _targets(came: Outcome) -> list[tuple[str, Floats, Flags]]:
    """Name, target and rows of each stage; free goods get a trace of spend, which gamma needs."""
    bought = came.purchases > 0
    trace = 1e-6 * float(came.spend.mean()) or 1.0
    return [
        ("any", bought.astype(np.float64), np.ones(len(bought), dtype=bool)),
        ("purchases", came.purchases, np.ones(len(bought), dtype=bool)),
        ("spend", np.maximum(came.spend, trace), bought),
    ]


def _stacked(
    examples: list[Example], seed: int
) -> tuple[Features, Forecast, Outcome, Integers, Flags]:
    """All examples as one table, latest first, thinned by customers where it is very long."""
    share = _MOST_ROWS / sum(len(example.seen.places) for example in examples)
    most = max(int(example.seen.places.max(initial=0)) for example in examples) + 1
    kept = np.random.default_rng(seed + 1).random(most) < share
    rows = [np.flatnonzero(kept[example.seen.places]) for example in examples]

    def joined(column: Callable[[Example], Any]) -> Any:
        parts = zip(examples, rows, strict=True)
        return np.concatenate([column(example)[which] for example, which in parts])

    base = Forecast(
        joined(lambda example: example.base.any),
        joined(lambda example: example.base.purchases),
        joined(lambda example: example.base.spend),
    )
    came = Outcome(
        joined(lambda example: example.came.purchases), joined(lambda example: example.came.spend)
    )
    latest = np.repeat(np.arange(len(examples)) == 0, [len(which) for which in rows])
    places = joined(lambda example: example.seen.places)
    return joined(lambda example: example.features), base, came, places, latest


def early_stopping_parts(places: Integers, latest: Flags, seed: int) -> tuple[Flags, Flags]:
    """Rows to learn from and rows to watch: other customers, at a later cut-off if there is one."""
    share = np.random.default_rng(seed).random(int(places.max(initial=0)) + 1)
    watched = share[places] < _STOPPING_PART
    earlier = ~latest if not latest.all() else latest
    return earlier & ~watched, latest & watched


def _rounds(
    objective: str, x: Features, y: Floats, start: Floats | None, parts: list[Flags], how: Growth
) -> int:
    """Number of trees after which watched customers are predicted no better."""
    if min(np.count_nonzero(rows) for rows in parts) < 20:
        return 20
    lesson = Lesson(x, y, start=start)
    learn, watch = (lesson.part(rows) for rows in parts)
    own = {**_PARAMETERS, "objective": objective}
    return best_rounds(learn, watch, own, _MOST_ROUNDS, _PATIENCE, how)


def _train(
    objective: str, x: Features, y: Floats, start: Floats | None, rounds: int, how: Growth
) -> str:
    """Trees of so many rounds, as text."""
    own = {**_PARAMETERS, "objective": objective}
    return _trees.grow(Lesson(x, y, start=start), own, rounds, how)


def _raw(text: str, features: Features, start: Floats | None) -> Floats:
    """Sum of the trees, and of the start where there is one, on the scale of the stage."""
    return raw_sums(text, features) + (0.0 if start is None else start)
