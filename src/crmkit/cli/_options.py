"""The options of `crmkit report`: what they are called and what they say of themselves."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class UnitName(StrEnum):
    """Unit of ages and horizon."""

    D = "D"
    W = "W"
    M = "M"


class ModeName(StrEnum):
    """Which items may be offered."""

    both = "both"
    explore = "explore"
    repeat = "repeat"


class RuleName(StrEnum):
    """What happens to negative amounts."""

    exclude = "exclude"
    net = "net"


class FormatName(StrEnum):
    """What the report is written as: for people, for machines, as a table of all numbers."""

    html = "html"
    json = "json"
    parquet = "parquet"


Transactions = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, help="CSV or parquet file of purchases.")
]
Customer = Annotated[str, typer.Option(help="Column of customer ids.")]
When = Annotated[str, typer.Option(help="Column of dates or times.")]
Amount = Annotated[str, typer.Option(help='Column of money, or a product: "Quantity*UnitPrice".')]
Order = Annotated[str | None, typer.Option(help="Column of order ids.")]
Item = Annotated[str | None, typer.Option(help="Column of product ids: tells what to offer next.")]
ItemText = Annotated[
    str | None, typer.Option(help="Column of what products are called, for the report.")
]
Quantity = Annotated[
    str | None,
    typer.Option(
        help="Column of units; a negative one is a return. (default: the first factor of a product)"
    ),
]
Out = Annotated[Path, typer.Option(help="Folder for the files.")]
AsOf = Annotated[
    str | None,
    typer.Option(help="Value customers at the start of this day. (default: after the end)"),
]
Horizon = Annotated[
    str | None,
    typer.Option(help='How far to look ahead: units, or "26W". (default: a year)'),
]
Unit = Annotated[UnitName, typer.Option(help="Unit of time: days, weeks or months.")]
Returns = Annotated[
    RuleName, typer.Option(help="Negative amounts: leave out, or subtract from spend.")
]
MinAmount = Annotated[float | None, typer.Option(help="Smallest amount that counts as a purchase.")]
DateFormat = Annotated[
    str | None,
    typer.Option(help="How dates are written, such as %d/%m/%Y. (default: ISO 8601)"),
]
Tz = Annotated[str | None, typer.Option(help="Time zone of days, for times that carry a zone.")]
DiscountRate = Annotated[float, typer.Option(help="Discount of later value, a year.")]
Margin = Annotated[float, typer.Option(help="Part of revenue that counts as value.")]
Churn = Annotated[
    bool, typer.Option("--churn/--no-churn", help="Tell who is about to leave, and why.")
]
ChurnHorizon = Annotated[
    str | None,
    typer.Option(help='Time without a purchase that is churn, such as "90D". (default: found)'),
]
OfferCost = Annotated[
    float | None,
    typer.Option(help="Cost of an offer that keeps a customer, where it is taken up."),
]
ContactCost = Annotated[
    float | None, typer.Option(help="Cost of making the offer to one customer.")
]
Acceptance = Annotated[
    float | None,
    typer.Option(
        help="Share of those who would leave that the offer keeps: an assumption. (default: "
        "0.3, once a cost is given)"
    ),
]
Offers = Annotated[
    bool,
    typer.Option("--offers/--no-offers", help="Tell what to offer next, and why: with --item."),
]
OffersMode = Annotated[
    ModeName,
    typer.Option(help="Whether offers are anything, new to the customer, or bought before."),
]
Movement = Annotated[
    bool,
    typer.Option("--movement/--no-movement", help="Tell who moved between stages of life."),
]
Profile = Annotated[
    bool, typer.Option("--profile/--no-profile", help="Tag the customers: profile.csv.")
]
Category = Annotated[
    str | None, typer.Option(help="Column of product categories: tells what customers prefer.")
]
Channel = Annotated[
    str | None, typer.Option(help="Column of channels, such as shop and web, for the tags.")
]
Promotion = Annotated[
    str | None,
    typer.Option(help="Column of flags or amounts of discount: tells who waits for it."),
]
Unusual = Annotated[
    bool,
    typer.Option("--unusual/--no-unusual", help="Tell who behaves unlike customers alike."),
]
Sep = Annotated[str, typer.Option(help="What parts the columns of a CSV file.")]
Decimal = Annotated[str, typer.Option(help="Decimal point of a CSV file.")]
Encoding = Annotated[str, typer.Option(help="Encoding of a CSV file.")]
Title = Annotated[str | None, typer.Option(help="Title of the report.")]
Check = Annotated[
    bool,
    typer.Option("--holdout/--no-holdout", help="Check the forecast on the end of the log."),
]
Quality = Annotated[
    bool, typer.Option("--quality/--no-quality", help="Tell how good the data are.")
]
Records = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        dir_okay=False,
        help="CSV or parquet file of records of customers: tells their quality, and who is in it "
        "twice.",
    ),
]
RecordId = Annotated[
    str | None,
    typer.Option(help="Column of the records with the ids of the purchases. (default: --customer)"),
]
Merge = Annotated[
    bool,
    typer.Option("--merge/--no-merge", help="Join records of one person, with their purchases."),
]
Formats = Annotated[
    list[FormatName],
    typer.Option("--format", help="What the report is written as; may be given several times."),
]
