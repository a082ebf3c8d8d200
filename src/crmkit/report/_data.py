"""The report for machines: every number with its unit, whom it is of and when it was known.

Schema 1. A change that takes a field away or gives it another meaning raises the number; new
fields, sections, tables and columns do not.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pandas as pd

from crmkit import __version__
from crmkit._validation import check_whole
from crmkit.report._content import ReportContent
from crmkit.report._document import (
    About,
    Block,
    Document,
    Figures,
    Method,
    Pair,
    Picture,
    Section,
    Table,
    Text,
    slug,
)
from crmkit.report._numbers import Told
from crmkit.report._page import document

SCHEMA, VERSION = "crmkit.report", 1
COLUMNS = {
    "section": "str",
    "table": "str",
    "row": "int64",
    "label": "str",
    "column": "str",
    "value": "float64",
    "low": "float64",
    "high": "float64",
    "text": "str",
    "unit": "str",
    "population": "str",
    "cut_off": "datetime64[us]",
    "until": "datetime64[us]",
}
"""Columns of the table of all numbers, and what they hold."""


def report_data(content: ReportContent, *, n_top: int = 20) -> dict[str, Any]:
    """Tell a customer value report to a machine: the content in, a dictionary ready for JSON out.

    It holds what the page holds, from the same source: each number of a table and each key figure
    as it is, not rounded, with its unit, the population it is of, the cut-off before which
    everything was known, and the end of the time it looks at. Sentences are texts; pictures are
    told by their alternative text.

    Parameters
    ----------
    content : ReportContent
        What to tell.
    n_top : int, default=20
        How many of the best customers are listed.

    Returns
    -------
    dict
        `schema` and `schema_version`; `crmkit`, the version; `title`; `facts` (as_of, horizon and
        its end, unit, discount rate, margin, number of customers; a horizon of 0 where nothing
        could be learnt of what is ahead); `sections`, each with `id`, `title`, `population`,
        `cut_off`, `until`, `sentences`, `pictures`, `figures` (id, name, value, unit, note) and
        `tables` (id, caption, population, cut_off, until, columns with name, heading and unit, and
        rows of values). An interval is a list of two numbers, what is missing None, an instant ISO
        8601 text.

    Raises
    ------
    DataError
        If the customers lack a column, hold NaN, or there are none.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> import crmkit as ck
    >>> log = ck.EventLog(ck.datasets.load_cdnow(sample=True))
    >>> pipeline = ck.pipelines.CustomerValuePipeline(churn=None).fit(log)
    >>> told = report_data(ck.report.ReportContent.from_pipeline(pipeline, log))
    >>> told["schema"], told["schema_version"], told["sections"][0]["figures"][0]["value"]
    ('crmkit.report', 1, 2357)
    """
    check_whole(n_top, "n_top", "report_data", low=1)
    return data_of(document(content, n_top))


def data_of(made: Document) -> dict[str, Any]:
    """A document as a dictionary ready for JSON."""
    return {
        "schema": SCHEMA,
        "schema_version": VERSION,
        "crmkit": __version__,
        "title": made.title,
        "lead": made.lead,
        "facts": {name: instant_text(value) for name, value in made.facts.items()},
        "sections": [section_data(section) for section in made.sections],
    }


def section_data(section: Section) -> dict[str, Any]:
    """One section: its sentences, pictures in words, figures and tables."""
    blocks = section.blocks
    tables = [block for block in blocks if isinstance(block, Table)]
    figures = [block for block in blocks if isinstance(block, Figures)]
    return {
        "id": section.key,
        "title": section.title,
        **about_data(section.about),
        "sentences": [
            sentence for b in blocks if isinstance(b, Text | Method) for sentence in b.told()
        ],
        "pictures": [picture.alt for block in blocks for picture in pictures_of(block)],
        "figures": [one for block in figures for one in figures_data(block)],
        "tables": [table_data(block, section.about_of(block)) for block in tables],
    }


def pictures_of(block: Block) -> list[Picture]:
    """Pictures of a block."""
    if isinstance(block, Pair):
        return block.pictures
    return [block] if isinstance(block, Picture) else []


def figures_data(figures: Figures) -> Iterator[dict[str, Any]]:
    """Numbers that stand alone."""
    for name, number, note in figures.rows:
        unit = number.unit if isinstance(number, Told) else None
        yield {
            "id": slug(name),
            "name": name,
            "value": cell_value(number),
            "unit": unit,
            "note": note,
        }


def table_data(table: Table, about: About) -> dict[str, Any]:
    """One table: its columns with units, its rows of values as they are."""
    columns = [
        {"name": name, "heading": heading, "unit": table.unit(place)}
        for place, (name, heading) in enumerate(zip(table.names(), table.headings, strict=True))
    ]
    return {
        "id": table.key,
        "caption": table.caption,
        **about_data(about),
        "columns": columns,
        "rows": [[cell_value(cell) for cell in row] for row in table.rows],
    }


def about_data(about: About) -> dict[str, Any]:
    """On whom and when, as text."""
    return {
        "population": about.population,
        "cut_off": instant_text(about.cut_off),
        "until": instant_text(about.until),
    }


def cell_value(cell: str) -> Any:
    """What a cell tells: its number, its interval, or its text; None of a dash."""
    if isinstance(cell, Told):
        return cell.value
    return None if cell in ("–", "") else str(cell)


def instant_text(value: Any) -> Any:
    """An instant as ISO 8601 text; all else as it is."""
    return value.isoformat() if isinstance(value, datetime) else value


def numbers_frame(made: Document) -> pd.DataFrame:
    """All cells of all tables and all key figures, a row each."""
    rows = [row for section in made.sections for row in section_rows(section)]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    for name in ("cut_off", "until"):
        frame[name] = pd.to_datetime(frame[name], utc=False)
    return frame.astype(COLUMNS)


def section_rows(section: Section) -> Iterator[tuple[Any, ...]]:
    """The rows of one section."""
    for block in section.blocks:
        if isinstance(block, Figures):
            about = section.about_of(block)
            for place, (name, number, _) in enumerate(block.rows):
                yield from cell_rows(
                    (section.key, block.key, place, name, slug(name)), number, about
                )
        elif isinstance(block, Table):
            about, names = section.about_of(block), block.names()
            for place, row in enumerate(block.rows):
                for name, cell in zip(names, row, strict=True):
                    where = (section.key, block.key, place, str(row[0]), name)
                    yield from cell_rows(where, cell, about)


def cell_rows(where: tuple[Any, ...], cell: str, about: About) -> Iterator[tuple[Any, ...]]:
    """A cell as a row; one of several numbers by name as a row each."""
    value, unit = cell_value(cell), getattr(cell, "unit", None)
    rest = (about.population, plain_instant(about.cut_off), plain_instant(about.until))
    if isinstance(value, dict):
        for name, number in value.items():
            *place, column = where
            yield (*place, f"{column}:{name}", number, None, None, None, unit, *rest)
        return
    low, high = value if isinstance(value, list) else (None, None)
    number = None if isinstance(value, str | list) else value
    yield (*where, number, low, high, str(cell) if isinstance(value, str) else None, unit, *rest)


def plain_instant(value: datetime | None) -> datetime | None:
    """An instant without a zone: that of the log holds."""
    return None if value is None else value.replace(tzinfo=None)
