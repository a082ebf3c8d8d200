"""What a report is made of: sections of blocks, each number with its population and cut-offs.

One document is made of the content; the page, the JSON and the parquet file are written from it, so
that none of them tells what another does not.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from crmkit.exceptions import DataError
from crmkit.report._numbers import Told


@dataclass(frozen=True)
class About:
    """On whom numbers are measured, and when: known before `cut_off`, told of up to `until`."""

    population: str
    cut_off: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Text:
    """Paragraphs; `kind` is "text", "note" (smaller) or "bullets"."""

    sentences: list[str]
    kind: str = "text"
    block = "text"

    def told(self) -> list[str]:
        """Its sentences."""
        return self.sentences


@dataclass(frozen=True)
class Heading:
    """A heading within a section."""

    text: str
    block = "heading"


@dataclass(frozen=True)
class Method:
    """A paragraph that begins with what it is about."""

    name: str
    text: str
    block = "method"

    def told(self) -> list[str]:
        """Its sentence."""
        return [f"{self.name} {self.text}"]


@dataclass(frozen=True)
class Picture:
    """A picture: its address (the picture itself), its text, what is said beside it."""

    source: str = field(repr=False)
    alt: str
    caption: str = ""
    wide: bool = True
    block = "picture"


@dataclass(frozen=True)
class Pair:
    """Two pictures beside each other."""

    pictures: list[Picture]
    block = "pair"


@dataclass(frozen=True)
class Figures:
    """Numbers that stand alone: a name, the number and what it means."""

    key: str
    rows: list[tuple[str, str, str]]
    about: About | None = None
    block = "figures"


@dataclass(frozen=True)
class Table:
    """Headings and rows of a table; the first column names the row, `best` marks cells.

    A `folded` one is opened by the reader. `key` and `keys` are the names of the table and its
    columns for machines; without `keys` they are read from the headings.
    """

    caption: str
    headings: list[str]
    rows: list[list[str]]
    best: frozenset[tuple[int, int]] = frozenset()
    text_columns: frozenset[int] = frozenset({0})
    key: str = ""
    keys: tuple[str, ...] = ()
    about: About | None = None
    folded: bool = False
    block = "table"

    def measured(self, key: str, about: About | None = None) -> "Table":
        """The same table with a name for machines and, where it differs, on whom and when."""
        return replace(self, key=key, about=about)

    def names(self) -> tuple[str, ...]:
        """Names of the columns for machines."""
        return self.keys or tuple(slug(heading.partition(" (")[0]) for heading in self.headings)

    def unit(self, place: int) -> str | None:
        """Unit of the numbers of a column; None of text."""
        cells = (row[place] for row in self.rows)
        return next((cell.unit for cell in cells if isinstance(cell, Told)), None)


Block = Text | Heading | Method | Picture | Pair | Figures | Table


@dataclass(frozen=True)
class Section:
    """A part of the report under a question, with a short name for the list of contents."""

    key: str
    title: str
    name: str
    about: About
    blocks: list[Block]

    def about_of(self, block: Any) -> About:
        """On whom a block is measured, and when: that of the section unless it tells its own."""
        return block.about or self.about


@dataclass(frozen=True)
class Document:
    """A whole report."""

    title: str
    lead: str
    sections: list[Section]
    facts: dict[str, Any]


def document_of(title: str, lead: str, sections: list[Section], facts: dict[str, Any]) -> Document:
    """A document whose tables have names of their own."""
    keys = [b.key for s in sections for b in s.blocks if isinstance(b, Table | Figures)]
    twice = {key for key in keys if not key or keys.count(key) > 1}
    if twice:
        raise DataError(f"crmkit.report: tables without a name of their own: {sorted(twice)}.")
    return Document(title, lead, sections, facts)


def slug(text: str) -> str:
    """A heading as a name: "share of customers" becomes "share_of_customers"."""
    return re.sub(r"[^0-9a-z]+", "_", text.lower().replace("%", "percent")).strip("_")


def listed(*blocks: Block | list[Any] | None) -> list[Block]:
    """Blocks in order, those that are none left out and lists of them flattened."""
    made: list[Block] = []
    for block in blocks:
        if isinstance(block, list):
            made.extend(listed(*block))
        elif block is not None and not (isinstance(block, Text) and not block.sentences):
            made.append(block)
    return made
