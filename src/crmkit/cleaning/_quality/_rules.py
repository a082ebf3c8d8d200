"""Rules of the user, by name: what every row must fulfil, as a text or a function.

A text compares columns with columns and constants ("start <= end", "0 <= age < 120 and city !=
'Test'"). It is read as an expression of Python that may hold nothing but names, constants,
comparisons, arithmetic and and/or/not; no code is run. Dates are compared as dates.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from crmkit import _frames
from crmkit.cleaning._normal._date import is_date
from crmkit.cleaning._normal._forms import normalised
from crmkit.cleaning._normal._kinds import DATES
from crmkit.cleaning._quality._ranges import _day, as_numbers
from crmkit.cleaning._quality._table import Flags, Ints, TextColumn
from crmkit.exceptions import DataError

ONE_COLUMN, SHARED = 12.0, 3.9  # log-odds of a broken rule about one column, about several
COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


class BrokenRule(NamedTuple):
    """Rows that break a rule, the columns it is about, and the log-odds that each is wrong."""

    name: str
    columns: list[str]
    rows: Ints
    weight: float


def check_rules(rules: Any, names: list[str], owner: str) -> dict[str, Any]:
    """Rules as the user gives them, checked: name -> text, or (function, columns it is about)."""
    if rules is None:
        return {}
    if not isinstance(rules, Mapping):
        raise DataError(
            f"{owner}: rules must be a dict of names to rules such as "
            f"{{'ends later': 'start <= end'}}, got {rules!r}."
        )
    for name, rule in rules.items():
        about = _columns_of(name, rule, names, owner)
        if not about:
            raise DataError(f"{owner}: rule {name!r} names no column, so no value can break it.")
    return dict(rules)


def broken_rules(
    rules: Mapping[str, Any], columns: Mapping[str, TextColumn], frame: Any, owner: str
) -> list[BrokenRule]:
    """Rules that rows of a frame break."""
    names = _frames.column_names(frame, owner)
    found = []
    for name, rule in rules.items():
        about = _columns_of(name, rule, names, owner)
        if isinstance(rule, str):
            fulfilled = _evaluated(rule, about, columns, name, owner)
        else:
            fulfilled = _called(
                rule[0], frame, name, len(next(iter(columns.values())).codes), owner
            )
        rows = np.flatnonzero(~fulfilled)
        weight = ONE_COLUMN if len(about) == 1 else SHARED
        found.append(BrokenRule(name, about, rows, weight))
    return found


def _columns_of(name: str, rule: Any, names: list[str], owner: str) -> list[str]:
    """Columns that a rule is about, which must be there."""
    if isinstance(rule, str):
        tree = _parsed(name, rule, owner)
        about = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    elif isinstance(rule, (tuple, list)) and len(rule) == 2 and callable(rule[0]):
        about = [rule[1]] if isinstance(rule[1], str) else list(rule[1])
    else:
        raise DataError(
            f"{owner}: rule {name!r} must be a text such as 'start <= end' or a pair of a function "
            f"and the columns it is about, got {rule!r}."
        )
    for column in about:
        if column not in names:
            raise DataError.missing_column(f"{owner}: rule {name!r}", column, names)
    return list(dict.fromkeys(about))


def _parsed(name: str, rule: str, owner: str) -> ast.expr:
    try:
        tree = ast.parse(rule.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise DataError(
            f"{owner}: rule {name!r} cannot be read: {rule!r}. Write a comparison such as "
            "'start <= end'; for columns whose names are no single word pass a function."
        ) from None
    _check_nodes(tree, name, rule, owner)
    return tree


def _check_nodes(tree: ast.expr, name: str, rule: str, owner: str) -> None:
    allowed = (
        ast.Compare, ast.BoolOp, ast.UnaryOp, ast.BinOp, ast.Name, ast.Constant, ast.Load,
        ast.And, ast.Or, ast.Not, ast.USub, *COMPARE, *ARITHMETIC,
    )  # fmt: skip
    wrong = [type(node).__name__ for node in ast.walk(tree) if not isinstance(node, allowed)]
    if wrong or not isinstance(tree, (ast.Compare, ast.BoolOp, ast.UnaryOp)):
        raise DataError(
            f"{owner}: rule {name!r} is {rule!r}: only comparisons of columns, numbers and texts, "
            "with and, or, not, are read. Pass a function for anything else."
        )


def _evaluated(
    rule: str, about: list[str], columns: Mapping[str, TextColumn], name: str, owner: str
) -> Flags:
    """Rows that fulfil a text; rows where a value is missing or unreadable do as well."""
    dates = any(columns[column].kind in DATES for column in about)
    known = np.logical_and.reduce([columns[column].known for column in about])
    values = {}
    for column in about:
        numbers = as_numbers(columns[column])
        codes = columns[column].codes
        if numbers is None:
            values[column] = np.array([*columns[column].texts, ""], dtype=object)[codes]
        else:
            values[column] = np.append(numbers, np.nan)[codes]
            known &= ~np.isnan(values[column])
    try:
        rows = {column: array[known] for column, array in values.items()}
        held = np.asarray(_value(_parsed(name, rule, owner), rows, dates), dtype=bool)
    except TypeError:
        raise DataError(
            f"{owner}: rule {name!r} is {rule!r}: texts and numbers cannot be compared. Columns "
            f"are of kinds { {column: columns[column].kind for column in about} }."
        ) from None
    fulfilled = np.ones(len(known), dtype=bool)
    fulfilled[known] = held
    return fulfilled


def _value(node: ast.expr, rows: Mapping[str, Any], dates: bool) -> Any:
    if isinstance(node, ast.Name):
        return rows[node.id]
    if isinstance(node, ast.Constant):
        return _constant(node.value, dates)
    if isinstance(node, ast.UnaryOp):
        inner = _value(node.operand, rows, dates)
        return -inner if isinstance(node.op, ast.USub) else ~np.asarray(inner, dtype=bool)
    if isinstance(node, ast.BinOp):
        parts = (_value(part, rows, dates) for part in (node.left, node.right))
        return ARITHMETIC[type(node.op)](*parts)
    if isinstance(node, ast.BoolOp):
        parts_held = [np.asarray(_value(part, rows, dates), dtype=bool) for part in node.values]
        join = np.logical_and if isinstance(node.op, ast.And) else np.logical_or
        return join.reduce(parts_held)
    assert isinstance(node, ast.Compare)
    sides = [_value(part, rows, dates) for part in (node.left, *node.comparators)]
    steps = [
        COMPARE[type(op)](left, right)
        for op, left, right in zip(node.ops, sides, sides[1:], strict=False)
    ]
    return np.logical_and.reduce(steps)


def _constant(value: Any, dates: bool) -> Any:
    """A constant; a date among dates is a day."""
    if dates and isinstance(value, str):
        (form,) = normalised([value], "date")
        if is_date(form):
            return _day(form)
    return value


def _called(rule: Callable[[Any], Any], frame: Any, name: str, n: int, owner: str) -> Flags:
    """Rows for which a function of the frame is true; missing counts as true."""
    try:
        given = np.asarray(rule(frame))
    except Exception as error:
        raise DataError(
            f"{owner}: rule {name!r} failed: {type(error).__name__}: {error}. It is called with "
            "the frame and must return true or false for each row."
        ) from error
    if given.shape != (n,):
        raise DataError(
            f"{owner}: rule {name!r} must return true or false for each of {n:,} rows, got shape "
            f"{given.shape}."
        )
    if given.dtype == bool:
        return given
    return np.array([_is_missing(value) or bool(value) for value in given.tolist()], dtype=bool)


def _is_missing(value: Any) -> bool:
    """Tell None, NaN and the NA of pandas."""
    return value is None or value is pd.NA or value != value
