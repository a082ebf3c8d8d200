"""What the command shows at its end: segments, best customers, and where the files are."""

import sys
from typing import Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from crmkit.report._numbers import GAP


def show(outcome: Any, *, tables: bool = True) -> None:
    """Print segments, best customers and paths on the standard output; without `tables` paths."""
    if tables:
        show_tables(outcome.content)
    for path in outcome.paths:
        typer.echo(str(path))


def show_tables(content: Any) -> None:
    """Print segments and best customers."""
    from crmkit.report._tables import customer_table, segment_table

    if hasattr(sys.stdout, "reconfigure"):  # a terminal that cannot show an id shows a "?"
        sys.stdout.reconfigure(errors="replace")
    console = Console(width=None if sys.stdout.isatty() else 140, highlight=False)
    expected = ((-1,), (5, 7)) if content.valued else ((), ())
    for table, columns in (
        (segment_table(content), (0, 1, 2, 3, 4, *expected[0])),
        (customer_table(content, 5), (0, 1, 2, 3, 4, *expected[1])),
    ):
        shown = Table(title=Text(table.caption), title_justify="left")
        for place in columns:
            left = place in table.text_columns
            shown.add_column(Text(table.headings[place]), justify="left" if left else "right")
        for row in table.rows:
            shown.add_row(*(Text(printable(row[place])) for place in columns))
        console.print(shown)


def printable(text: str) -> str:
    """A cell without marks that would steer the terminal: each becomes a "?"."""
    return "".join(c if c.isprintable() or c == GAP else "?" for c in text)
