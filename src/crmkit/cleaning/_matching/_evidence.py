"""What speaks for and against a pair, as columns of a table."""

from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit.cleaning._matching._coded import CodedColumn, Flags, Floats, Ints, Units
from crmkit.cleaning._matching._comparison import compare
from crmkit.cleaning._matching._kind_rules import RULES
from crmkit.cleaning._matching._look_alikes import logistic
from crmkit.cleaning._matching._scores import MatchModel, rarities, score
from crmkit.cleaning._matching._supervised import Correction, final_scores

CERTAIN = 50.0  # log-odds that stand for equal records
Columns = dict[str, npt.NDArray[Any]]


def first_rows(unit_of_row: Ints, n: int) -> Ints:
    """First row of each of n units."""
    rows = np.flatnonzero(unit_of_row >= 0)
    first = np.full(n, -1, dtype=np.int64)
    first[unit_of_row[rows[::-1]]] = rows[::-1]
    return first


def pair_table(
    pairs: dict[str, Any], unit_of_row: Ints, entities: Ints, together: Flags
) -> Columns:
    """Pairs of units as pairs of rows, and each equal row beside the first of its kind."""
    rows = np.flatnonzero(unit_of_row >= 0)
    first = first_rows(unit_of_row, len(entities))
    again = rows[first[unit_of_row[rows]] != rows]
    a = np.concatenate([first[pairs["left"]], first[unit_of_row[again]]])
    b = np.concatenate([first[pairs["right"]], again])
    odds = np.concatenate([pairs["log_odds"], np.full(len(again), CERTAIN)])
    table: Columns = {
        "a": np.minimum(a, b),
        "b": np.maximum(a, b),
        "entity": entities[unit_of_row[a]],
        "together": np.concatenate([together, np.ones(len(again), dtype=bool)]),
        "probability": logistic(odds),
    }
    for name in ("household", "namesake"):
        if name in pairs:
            table[name] = np.concatenate([pairs[name], np.zeros(len(again))])
    order = np.lexsort((table["b"], table["a"], -odds))
    return {name: values[order] for name, values in table.items()}


def evidence_table(
    model: MatchModel, correction: Correction | None, units: Units, a: int, b: int
) -> Columns:
    """Waterfall of a pair of units: the prior, each column, look-alikes, and what labels teach."""
    left, right = np.array([a]), np.array([b])
    levels = compare(units, left, right)
    rows: list[tuple[str, str, str, str, float]] = [
        ("any two records", "", "", "", float(np.log(model.prior) - np.log1p(-model.prior)))
    ]
    for number, column in enumerate(units.columns):
        level, top = int(levels[0, number]), RULES[column.kind].n_levels
        weight = float(np.log(model.m[number, level]) - np.log(model.u[number, level]))
        if level == top:
            rarity = rarities(column, float(model.u[number, top]))
            weight += float(rarity[column.codes[a]])
        texts = _text(column, a), _text(column, b)
        rows.append((column.name, *texts, _word(level, top), weight))
    total = float(score(model, units, left, right, levels).log_odds[0])
    if model.classes:
        rest = total - sum(row[-1] for row in rows)
        rows.append(("look-alikes", "", "", "", rest))
    if correction is not None:
        final = float(final_scores(model, correction, units, left, right, levels).log_odds[0])
        rows.append(("labels", "", "", "", final - total))
    return _columns(rows)


def _columns(rows: list[tuple[str, str, str, str, float]]) -> Columns:
    names, a, b, words, weights = zip(*rows, strict=True)
    weight: Floats = np.array(weights)
    texts = dict(zip(("column", "a", "b", "agreement"), (names, a, b, words), strict=True))
    table: Columns = {key: np.array(values, dtype=str) for key, values in texts.items()}
    return table | {"weight": weight, "total": np.cumsum(weight)}


def _text(column: CodedColumn, unit: int) -> str:
    code = int(column.codes[unit])
    return "" if code < 0 else column.values[code]


def _word(level: int, top: int) -> str:
    if level in (0, 1):
        return ("missing", "different")[level]
    if level == top:
        return "equal"
    return "close" if level == top - 1 else "near"
