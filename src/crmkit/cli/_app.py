"""The command `crmkit`: from a file of purchases to a report that a manager can read."""

import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from crmkit import __version__
from crmkit.exceptions import CrmkitError, CrmkitWarning, DataError

app = typer.Typer(
    name="crmkit",
    help="From a file of purchases to segments, value, churn risk, next offers and a report.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

EXAMPLE_OFFER = (5.0, 0.5, 0.3)
"""A voucher by post, what it costs and keeps: made up, to show what the report tells of it."""


class Unit(StrEnum):
    """Unit of ages and horizon."""

    D = "D"
    W = "W"
    M = "M"


class Offers(StrEnum):
    """Which items may be offered."""

    both = "both"
    explore = "explore"
    repeat = "repeat"


class Returns(StrEnum):
    """What happens to negative amounts."""

    exclude = "exclude"
    net = "net"


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


@app.command()
def report(
    transactions: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="CSV or parquet file of purchases.")
    ],
    customer: Annotated[str, typer.Option(help="Column of customer ids.")] = "customer_id",
    when: Annotated[str, typer.Option(help="Column of dates or times.")] = "timestamp",
    amount: Annotated[
        str, typer.Option(help='Column of money, or a product: "Quantity*UnitPrice".')
    ] = "amount",
    order: Annotated[str | None, typer.Option(help="Column of order ids.")] = None,
    item: Annotated[
        str | None, typer.Option(help="Column of product ids: tells what to offer next.")
    ] = None,
    item_text: Annotated[
        str | None, typer.Option(help="Column of what products are called, for the report.")
    ] = None,
    quantity: Annotated[
        str | None,
        typer.Option(
            help="Column of units; a negative one is a return. (default: the first factor of a "
            "product)"
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for the files.")] = Path("crmkit-report"),
    as_of: Annotated[
        str | None,
        typer.Option(help="Value customers at the start of this day. (default: after the end)"),
    ] = None,
    horizon: Annotated[
        str | None,
        typer.Option(help='How far to look ahead: units, or "26W". (default: a year)'),
    ] = None,
    unit: Annotated[Unit, typer.Option(help="Unit of time: days, weeks or months.")] = Unit.W,
    returns: Annotated[
        Returns, typer.Option(help="Negative amounts: leave out, or subtract from spend.")
    ] = Returns.exclude,
    min_amount: Annotated[
        float | None, typer.Option(help="Smallest amount that counts as a purchase.")
    ] = None,
    date_format: Annotated[
        str | None,
        typer.Option(help="How dates are written, such as %d/%m/%Y. (default: ISO 8601)"),
    ] = None,
    tz: Annotated[
        str | None, typer.Option(help="Time zone of days, for times that carry a zone.")
    ] = None,
    discount_rate: Annotated[float, typer.Option(help="Discount of later value, a year.")] = 0.1,
    margin: Annotated[float, typer.Option(help="Part of revenue that counts as value.")] = 1.0,
    churn: Annotated[
        bool, typer.Option("--churn/--no-churn", help="Tell who is about to leave, and why.")
    ] = True,
    churn_horizon: Annotated[
        str | None,
        typer.Option(help='Time without a purchase that is churn, such as "90D". (default: found)'),
    ] = None,
    offer_cost: Annotated[
        float | None,
        typer.Option(help="Cost of an offer that keeps a customer, where it is taken up."),
    ] = None,
    contact_cost: Annotated[
        float | None, typer.Option(help="Cost of making the offer to one customer.")
    ] = None,
    acceptance: Annotated[
        float | None,
        typer.Option(
            help="Share of those who would leave that the offer keeps: an assumption. (default: "
            "0.3, once a cost is given)"
        ),
    ] = None,
    offers: Annotated[
        bool,
        typer.Option("--offers/--no-offers", help="Tell what to offer next, and why: with --item."),
    ] = True,
    offers_mode: Annotated[
        Offers,
        typer.Option(help="Whether offers are anything, new to the customer, or bought before."),
    ] = Offers.both,
    movement: Annotated[
        bool,
        typer.Option("--movement/--no-movement", help="Tell who moved between stages of life."),
    ] = True,
    profile: Annotated[
        bool, typer.Option("--profile/--no-profile", help="Tag the customers: profile.csv.")
    ] = True,
    category: Annotated[
        str | None, typer.Option(help="Column of product categories: tells what customers prefer.")
    ] = None,
    channel: Annotated[
        str | None, typer.Option(help="Column of channels, such as shop and web, for the tags.")
    ] = None,
    promotion: Annotated[
        str | None,
        typer.Option(help="Column of flags or amounts of discount: tells who waits for it."),
    ] = None,
    unusual: Annotated[
        bool,
        typer.Option("--unusual/--no-unusual", help="Tell who behaves unlike customers alike."),
    ] = True,
    sep: Annotated[str, typer.Option(help="What parts the columns of a CSV file.")] = ",",
    decimal: Annotated[str, typer.Option(help="Decimal point of a CSV file.")] = ".",
    encoding: Annotated[str, typer.Option(help="Encoding of a CSV file.")] = "utf-8-sig",
    title: Annotated[str | None, typer.Option(help="Title of the report.")] = None,
    check: Annotated[
        bool,
        typer.Option("--holdout/--no-holdout", help="Check the forecast on the end of the log."),
    ] = True,
) -> None:
    """Value the customers of a file: customers.parquet, customers.csv, profile.csv, report.html."""
    with plain_errors(), progress() as say:
        from crmkit.cli._transactions import Columns, CsvStyle, read_transactions
        from crmkit.events import EventLog
        from crmkit.report._churn_job import ChurnJob
        from crmkit.report._offers_job import OffersJob
        from crmkit.report._run import Job, run_job
        from crmkit.report._segment_job import ProfileJob

        told = ChurnJob(as_number(churn_horizon), offer_cost, contact_cost, acceptance)
        if not churn and told != ChurnJob():
            raise DataError(
                "crmkit report: a horizon of churn, costs and an acceptance need the churn risk: "
                "leave --no-churn away."
            )
        asked = OffersJob(offers_mode.value, item_text)
        if asked != OffersJob() and (item is None or not offers):
            raise DataError(
                "crmkit report: names of products and the mode of offers need offers: name the "
                "column of product ids with --item, and leave --no-offers away."
            )
        tags = ProfileJob(category, channel, promotion)
        if tags != ProfileJob() and not profile:
            raise DataError(
                "crmkit report: categories, channels and promotions are for the tags of customers: "
                "leave --no-profile away."
            )
        columns = Columns(
            customer, when, amount, order, item, quantity, item_text, category, channel, promotion
        )
        frame = read_transactions(
            transactions,
            columns,
            date_format=date_format,
            style=CsvStyle(sep, decimal, encoding),
        )
        log = EventLog(
            frame,
            customer,
            when,
            amount,
            order=order,
            item=item,
            quantity=quantity or columns.first_factor(frame.columns),
            returns=returns.value,
            min_amount=min_amount,
            tz=tz,
        )
        job = Job(
            horizon=as_number(horizon),
            unit=unit.value,
            as_of=as_of,
            discount_rate=discount_rate,
            margin=margin,
            check=check,
            churn=told if churn else None,
            offers=asked if offers else None,
            movement=movement,
            profile=tags if profile else None,
            unusual=unusual,
            title=title or f"Customer value report: {transactions.stem}",
        )
        outcome = run_job(log, out, job, say)
    show(outcome)


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


def demo_cdnow(out: Path, say: Any) -> Any:
    """Music sold online, 1997 and 1998; checked on the second half, as in the literature."""
    from crmkit.datasets import load_cdnow
    from crmkit.events import EventLog
    from crmkit.report._churn_job import ChurnJob
    from crmkit.report._run import Job, run_job

    job = Job(
        unit="W",
        check_from="1997-10-01",
        title="Customer value report: CDNOW",
        churn=ChurnJob(None, *EXAMPLE_OFFER),
    )
    return run_job(EventLog(load_cdnow()), out / "cdnow", job, say)


def demo_complete_journey(out: Path, say: Any) -> Any:
    """Groceries of 2,469 households in 2017, with what the products are called."""
    from crmkit.datasets import load_complete_journey
    from crmkit.events import EventLog
    from crmkit.report._churn_job import ChurnJob
    from crmkit.report._offers_job import OffersJob
    from crmkit.report._run import Job, run_job
    from crmkit.report._segment_job import ProfileJob

    journey = load_complete_journey()
    told = journey.products.set_index("product_id")
    lines = journey.transactions
    log = EventLog(
        lines.assign(
            product=lines["product_id"].map(told["product_type"]),
            department=lines["product_id"].map(told["department"]),
            transaction_timestamp=lines["transaction_timestamp"].dt.tz_localize("UTC"),
        ),
        customer="household_id",
        when="transaction_timestamp",
        amount="sales_value",
        order="basket_id",
        item="product_id",
        tz="America/New_York",  # the times are in UTC: busiest at 22 h, which is 18 h in the shops
    )
    job = Job(
        unit="W",
        title="Customer value report: Complete Journey",
        churn=ChurnJob(None, *EXAMPLE_OFFER),
        offers=OffersJob(item_text="product"),
        profile=ProfileJob("department", promotion="retail_disc"),
    )
    return run_job(log, out / "complete_journey", job, say)


def as_number(text: str | None) -> float | str | None:
    """Turn "26" into a number of units; "26W" stays text."""
    try:
        return None if text is None else float(text)
    except ValueError:
        return text


@contextmanager
def plain_errors() -> Iterator[None]:
    """Tell errors of data and files in one line and exit with 1; warnings are notes."""
    told: Exception | None = None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield
        except (CrmkitError, OSError) as error:
            told = error
        finally:
            ours = [w.message for w in caught if isinstance(w.message, CrmkitWarning)]
            for note in dict.fromkeys(map(str, ours)):
                typer.echo(f"Note: {note}", err=True)
    if told is not None:
        typer.echo(f"Error: {told}", err=True)
        raise typer.Exit(1)


@contextmanager
def progress() -> Iterator[Any]:
    """Give a function that tells a finished step and its time on the standard error."""
    console = Console(stderr=True, highlight=False)
    begun = time.perf_counter()
    with console.status("working ..."):
        yield lambda step: console.print(
            Text(f"{time.perf_counter() - begun:6.1f} s  {step}"), soft_wrap=True
        )


def show(outcome: Any) -> None:
    """Print segments, best customers and paths on the standard output."""
    from crmkit.report._tables import customer_table, segment_table

    if hasattr(sys.stdout, "reconfigure"):  # a terminal that cannot show an id shows a "?"
        sys.stdout.reconfigure(errors="replace")
    console = Console(width=None if sys.stdout.isatty() else 140, highlight=False)
    content = outcome.content
    for table, columns in (
        (segment_table(content), (0, 1, 2, 3, 4, -1)),
        (customer_table(content, 5), (0, 1, 2, 3, 4, 5, 7)),
    ):
        shown = Table(title=Text(table.caption), title_justify="left")
        for place in columns:
            left = place in table.text_columns
            shown.add_column(Text(table.headings[place]), justify="left" if left else "right")
        for row in table.rows:
            shown.add_row(*(Text(row[place]) for place in columns))
        console.print(shown)
    for path in outcome.paths:
        typer.echo(str(path))
