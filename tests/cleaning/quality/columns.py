"""Columns as detectors read them, from plain values."""

import pandas as pd

from crmkit.cleaning._quality._table import read_table


def column(name, kind, values, order=None):
    """One column of a kind from a list of values."""
    frame = pd.DataFrame({name: pd.Series(values, dtype=object)})
    orders = {} if order is None else {name: order}
    return read_table(frame, [name], {name: kind}, orders, "test")[0]


def columns(**given):
    """Columns given as name=(kind, values)."""
    return {name: column(name, kind, values) for name, (kind, values) in given.items()}


def level_of(signs, of, text):
    """Level of the sign on a text."""
    return int(signs.levels[of.texts.index(text)])


def hint_for(signs, of, text):
    """Text that is proposed instead of a text, None where there is none."""
    hint = signs.hints.get(of.texts.index(text))
    return None if hint is None else hint.text
