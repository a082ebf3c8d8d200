"""How results look in a notebook: a card of tables and words, in the colours of the page.

Nothing is coloured but by the text colour of the page and grey that is half transparent, so that a
card reads on white and on black; nothing is loaded, and no script runs.
"""

from collections.abc import Mapping
from datetime import datetime, time
from html import escape
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

GREY = "rgba(127,127,127,0.35)"
CARD = f"border:1px solid {GREY};border-radius:6px;padding:0.6em 0.9em;max-width:72em;color:inherit"
CELL = f"padding:0.15em 0.7em;border-bottom:1px solid {GREY}"
HEAD = f"padding:0.15em 0.7em;border-bottom:2px solid {GREY};font-weight:600"
NUMBER, WORDS = "text-align:right;white-space:nowrap", "text-align:left;white-space:nowrap"
SENTENCE = "text-align:left;white-space:normal;min-width:20em"
LONG = 40  # letters from which words are a sentence, which is broken into lines
MOST_ROWS = 24


class Told:
    """Result that tells itself: one line as repr, whole by ``print``, a card in notebooks."""

    def _tables(self) -> Mapping[str, "pd.DataFrame"]:
        """Tables of the card by title; none shows what ``print`` tells."""
        return {}

    def _repr_html_(self) -> str:
        return card(repr(self), self._tables(), str(self))


def card(title: str, tables: Mapping[str, "pd.DataFrame"], text: str) -> str:
    """A title and its tables, the whole text folded away; without tables the text is open."""
    head = title.splitlines()[0]
    parts = [f"<strong>{escape(head)}</strong>"]
    for name, table in tables.items():
        parts.append(f'<div style="margin-top:0.6em">{escape(name)}</div>{as_table(table)}')
    if text != head:
        told = (
            f'<pre style="white-space:pre-wrap;color:inherit;background:none">{escape(text)}</pre>'
        )
        fold = "<details><summary>in words</summary>"
        parts.append(f"{fold}{told}</details>" if tables else told)
    return f'<div style="{CARD}">{"".join(parts)}</div>'


def as_table(table: "pd.DataFrame", most: int = MOST_ROWS) -> str:
    """A table with its index first; long ones are cut, and say so."""
    flat = table.head(most)
    if flat.index.name is not None or flat.index.nlevels > 1:
        flat = flat.reset_index()
    cells = list(flat.itertuples(index=False, name=None))
    first = cells[0] if cells else [""] * flat.shape[1]
    heads = "".join(
        f'<th style="{HEAD};{_side(value)}">{escape(str(name))}</th>'
        for name, value in zip(flat.columns, first, strict=True)
    )
    rows = "".join(f"<tr>{''.join(_cell(value) for value in row)}</tr>" for row in cells)
    left = len(table) - most
    note = f"<div>and {left:,} more rows</div>" if left > 0 else ""
    style = "border-collapse:collapse;color:inherit;background:none;font-size:0.9em"
    wide = f'<table style="{style}"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
    return f'<div style="overflow-x:auto">{wide}</div>{note}'


def _cell(value: Any) -> str:
    return f'<td style="{CELL};{_side(value)}">{escape(written(value))}</td>'


def _side(value: Any) -> str:
    """Where a value stands in its cell: numbers right, words left, sentences in several lines."""
    if not isinstance(value, str):
        return NUMBER
    return SENTENCE if len(value) > LONG else WORDS


def written(value: Any) -> str:
    """A value as a reader wants it: numbers to four digits, days without a time, no NaN."""
    if value is None or value != value:
        return "–"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}" if value.time() == time() else f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, Integral):
        return f"{int(value):,}"
    if isinstance(value, float | np.floating):
        number = float(value)
        return f"{number:,.0f}" if abs(number) >= 10_000 else f"{number:.4g}"
    return str(value)
