"""drivers: which attributes of customers go with value or loyalty, how strongly and how surely."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from crmkit import _frames
from crmkit._mixed_columns import words_of
from crmkit._validation import Floats
from crmkit.exceptions import DataError
from crmkit.segment._association import (
    NONE,
    Effect,
    Ints,
    adjusted,
    counts_of,
    cramers_v,
    peak,
    rank_biserial,
    rank_epsilon_squared,
    spearman,
)
from crmkit.segment._attributes import Attribute, attribute, read_attributes
from crmkit.segment._by_id import id_name
from crmkit.segment._stages import counted

OWNER = "drivers"

NEAR, FEWEST, FEW, SURE = 0.9, 3, 10, 0.05
UNCLEAR = "no clear direction"
PART = "nearly the target itself: probably a part of it, leave it out"


class Found(NamedTuple):
    """What was found of one attribute."""

    effect: Effect
    direction: str
    n: int
    note: str


def drivers(
    customers: Any,
    target: Any,
    *,
    columns: Sequence[str] | None = None,
    customer: str | None = None,
) -> Any:
    """Rank attributes by how they go with a target: customers in, one row per attribute out.

    Use it to find what sets valuable or loyal customers apart, and where a closer look pays. It
    tells of association, not of cause: what goes with value need not make it, and a campaign that
    changes the attribute need not change the value. It looks at one attribute at a time; what
    several say together a model answers.

    Parameters
    ----------
    customers : dataframe
        Customers frame with the id. Numbers, flags and words of at most 50 levels are read.
    target : str or array-like of shape (n_customers,)
        Column, or one value per customer in row order, of numbers or words: a value, a flag of
        loyalty, a segment. Customers without a target are left out.
    columns : sequence of str, default=None
        Columns to look at. None takes all but the id and the target; those that hold instants,
        look like identifiers or do not vary come last, with the reason in `note`.
    customer : str, default=None
        Column of the customer id; None takes the first column.

    Returns
    -------
    dataframe
        In the library of `customers`, strongest first: `column`; `kind` ("number", "category" or
        "left out"); `effect`, the measure: Spearman's rho (two numbers), rank-biserial (a number
        in two groups), epsilon squared of the ranks (a number in more groups) or Cramer's V (two
        of words), the last two without the part that chance gives to many levels; `size` of the
        effect; `strength`, from 0 to 1, its amount, the root of an epsilon squared; `direction`
        in words, where `p_adjusted` is at most 0.05; `p_value`; `p_adjusted`, corrected for the
        number of attributes after Benjamini and Hochberg; `n`, customers who have both values;
        `note`, such as that a column is probably a part of the target (strength of at least 0.9,
        and sure).

    Raises
    ------
    DataError
        If a column is missing, there are fewer than two customers, or the target is the id, does
        not vary, has another length than the customers or holds neither numbers nor words.

    References
    ----------
    .. [1] Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate. Journal of
       the Royal Statistical Society B 57, 289-300.
    .. [2] Bergsma, W. (2013). A bias-correction for Cramer's V and Tschuprow's T. Journal of the
       Korean Statistical Society 42, 323-328.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmkit.segment import drivers
    >>> customers = pd.DataFrame({
    ...     "customer_id": range(8),
    ...     "total_amount": [10.0, 20, 30, 40, 50, 60, 70, 80],
    ...     "visits": [1, 2, 2, 4, 3, 6, 5, 8],
    ...     "channel": ["shop", "web", "web", "shop", "web", "shop", "web", "shop"],
    ... })
    >>> found = drivers(customers, "total_amount")
    >>> found[["column", "effect", "size", "direction"]].round(2)
        column          effect  size                                 direction
    0   visits  Spearman's rho  0.95  higher visits, higher total_amount
    1  channel   rank-biserial -0.12                        no clear direction
    """
    table = _frames.to_eager(customers)
    name = id_name(table, customer, OWNER)
    wanted = _target(table, target, name)
    aside = [name, target] if isinstance(target, str) else [name]
    found = read_attributes(table, columns, aside, OWNER)
    if not found:
        raise DataError(f"{OWNER}: there is no column beside the id and the target to look at.")
    told = [_associated(each, wanted) for each in found]
    order = sorted(range(len(told)), key=lambda i: _place(told[i], found[i].name))
    rows = _rows([found[i] for i in order], [told[i] for i in order])
    made = _frames.new_frame(rows, like=table, owner=OWNER)
    return _frames.hand_back(made, like=customers, keep=())


def _place(found: Found, name: str) -> tuple[float, str]:
    strength = found.effect.strength
    return (-strength if strength == strength else 1.0, name)


def _rows(found: list[Attribute], told: list[Found]) -> dict[str, Any]:
    p_values = np.array([each.effect.p_value for each in told])
    p_adjusted = adjusted(p_values)
    sure = p_adjusted <= SURE
    strength = np.array([each.effect.strength for each in told])
    clear, near = sure | np.isnan(p_values), sure & (strength >= NEAR)
    return {
        "column": np.array([each.name for each in found]),
        "kind": np.array([each.kind for each in found]),
        "effect": np.array([each.effect.name for each in told]),
        "size": np.array([each.effect.size for each in told]),
        "strength": strength,
        "direction": np.where(clear, np.array([each.direction for each in told]), UNCLEAR),
        "p_value": p_values,
        "p_adjusted": p_adjusted,
        "n": np.array([each.n for each in told], dtype=np.int64),
        "note": np.where(near, PART, np.array([each.note for each in told])),
    }


def _target(table: Any, target: Any, customer: str) -> Attribute:
    """The target as an attribute that varies."""
    if isinstance(target, str):
        if target == customer:
            raise DataError(
                f"{OWNER}: the target {target!r} is the id of the customers. Name a column of "
                "value or loyalty, or the id with customer=."
            )
        (wanted,) = read_attributes(table, [target], [], OWNER)
    else:
        values = np.asarray(target)
        n = len(_frames.mixed_columns(table, [0], OWNER)[0].values)
        if values.shape != (n,):
            raise DataError(
                f"{OWNER}: target must be a column or one value for each of {n:,} customers, got "
                f"shape {values.shape}."
            )
        wanted = attribute("target", _frames.array_column(values), False, OWNER)
    if wanted.kind == "left out":
        raise DataError(f"{OWNER}: the target {wanted.name!r} {wanted.why}. Give numbers or words.")
    there = wanted.values[~np.isnan(wanted.values)]
    if len(there) < 2:
        raise DataError(
            f"{OWNER}: the target {wanted.name!r} is known of {counted(len(there), 'customer')}, "
            "two are needed. Check the filter before it."
        )
    if there.min() == there.max():
        raise DataError(f"{OWNER}: the target {wanted.name!r} does not vary: nothing goes with it.")
    return wanted


def _associated(a: Attribute, target: Attribute) -> Found:
    """Effect of one attribute on the customers who have it and a target."""
    if a.kind == "left out":
        return Found(NONE, "", 0, f"left out: {a.why}")
    both = ~np.isnan(a.values) & ~np.isnan(target.values)
    n = int(both.sum())
    x, y = _grouped(a, both), _grouped(target, both)
    if n < FEWEST or _constant(x.values) or _constant(y.values):
        why = "constant" if n >= FEWEST else f"{n} customers have it"
        return Found(NONE, "", n, f"left out: {why}")
    effect, direction = _measured(x, y)
    return Found(effect, direction, n, "")


def _grouped(a: Attribute, rows: Any) -> Attribute:
    """Some of the customers, a number of two values read as two groups."""
    values = a.values[rows]
    found = np.unique(values)
    if a.kind == "category":
        codes = np.searchsorted(found, values).astype(np.float64)
        return replace(a, values=codes, levels=tuple(a.levels[int(i)] for i in found))
    if len(found) == 2:
        levels = tuple(words_of(_frames.array_column(found)))
        codes = np.searchsorted(found, values).astype(np.float64)
        return replace(a, kind="category", values=codes, levels=levels)
    return replace(a, values=values)


def _measured(x: Attribute, y: Attribute) -> tuple[Effect, str]:
    """Measure that fits two kinds of columns, and the direction in words."""
    if x.kind == y.kind == "number":
        effect = spearman(x.values, y.values)
        return effect, f"higher {x.name}, {'higher' if effect.size >= 0 else 'lower'} {y.name}"
    if x.kind == y.kind:
        table = counts_of(x.codes, y.codes, len(x.levels), len(y.levels))
        return cramers_v(table), _commonest(table, x, y)
    number, groups = (x, y) if x.kind == "number" else (y, x)
    if len(groups.levels) == 2:
        effect = rank_biserial(number.values, groups.values == 1.0)
        level = groups.levels[1 if effect.size >= 0 else 0]
        return effect, f"{number.name} is higher where {groups.name} is {level}"
    return rank_epsilon_squared(number.values, groups.codes), _ends(
        number.values, number.name, groups
    )


def _ends(values: Floats, name: str, groups: Attribute) -> str:
    """The levels of highest and lowest mean rank, of those with ten customers where there are."""
    from scipy.stats import rankdata  # half a second to load

    n = np.bincount(groups.codes)
    means = np.bincount(groups.codes, weights=rankdata(values)) / n
    if (n >= FEW).sum() > 1:
        means[n < FEW] = np.nan
    high, low = (groups.levels[int(i)] for i in (np.nanargmax(means), np.nanargmin(means)))
    return f"{name} is highest where {groups.name} is {high}, lowest where {low}"


def _commonest(table: Ints, x: Attribute, y: Attribute) -> str:
    """The pair of levels that is furthest above chance, by its part of chi squared."""
    found = peak(table)
    if found is None:
        return ""
    i, j, lift = found
    pair = f"{x.name} {x.levels[i]} with {y.name} {y.levels[j]}"
    return f"{pair}: {lift:.2g} times as often as by chance"


def _constant(values: Floats) -> bool:
    return bool(values.min() == values.max())
