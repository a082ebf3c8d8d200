"""The command `crmkit`: from a file of purchases to a report that a manager can read."""

from pathlib import Path
from typing import Annotated

import typer

from crmkit import __version__
from crmkit.cli._demo import demo_cdnow, demo_complete_journey
from crmkit.cli._report import report
from crmkit.cli._showing import show
from crmkit.cli._telling import plain_errors, progress

app = typer.Typer(
    name="crmkit",
    help="From a file of purchases to segments, value, churn risk, next offers and a report.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def show_version(asked: bool) -> None:
    """Print the version and stop."""
    if asked:
        typer.echo(f"crmkit {__version__}")
        raise typer.Exit


@app.callback()
def start(
    version: Annotated[
        bool,
        typer.Option("--version", callback=show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """From a file of purchases to segments, value, churn risk, next offers and a report."""


app.command()(report)


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder for the files.")] = Path("crmkit-demo"),
) -> None:
    """Run the whole job on the example data that are installed: CDNOW and Complete Journey."""
    from crmkit.exceptions import MissingExtraError

    with plain_errors():
        made = 0
        for name, run in (("CDNOW", demo_cdnow), ("Complete Journey", demo_complete_journey)):
            try:
                with progress() as say:
                    say(f"{name}:")
                    outcome = run(out, say)
            except MissingExtraError as error:
                typer.echo(f"{name} skipped: {error}", err=True)
                continue
            show(outcome)
            made += 1
        if not made:
            raise MissingExtraError('crmkit demo: no data. pip install "crmkit[demo]".')
