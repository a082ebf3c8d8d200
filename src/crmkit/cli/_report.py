"""The command `crmkit report`: what was asked, checked; the files read; the whole job run."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from crmkit.cli import _options as opt
from crmkit.cli._showing import show
from crmkit.cli._telling import as_number, plain_errors, progress
from crmkit.exceptions import DataError

HTML = [opt.FormatName.html]


def report(
    transactions: opt.Transactions,
    customer: opt.Customer = "customer_id",
    when: opt.When = "timestamp",
    amount: opt.Amount = "amount",
    order: opt.Order = None,
    item: opt.Item = None,
    item_text: opt.ItemText = None,
    quantity: opt.Quantity = None,
    out: opt.Out = Path("crmkit-report"),
    as_of: opt.AsOf = None,
    horizon: opt.Horizon = None,
    unit: opt.Unit = opt.UnitName.W,
    returns: opt.Returns = opt.RuleName.exclude,
    min_amount: opt.MinAmount = None,
    date_format: opt.DateFormat = None,
    tz: opt.Tz = None,
    discount_rate: opt.DiscountRate = 0.1,
    margin: opt.Margin = 1.0,
    churn: opt.Churn = True,
    churn_horizon: opt.ChurnHorizon = None,
    offer_cost: opt.OfferCost = None,
    contact_cost: opt.ContactCost = None,
    acceptance: opt.Acceptance = None,
    offers: opt.Offers = True,
    offers_mode: opt.OffersMode = opt.ModeName.both,
    movement: opt.Movement = True,
    profile: opt.Profile = True,
    category: opt.Category = None,
    channel: opt.Channel = None,
    promotion: opt.Promotion = None,
    unusual: opt.Unusual = True,
    sep: opt.Sep = ",",
    decimal: opt.Decimal = ".",
    encoding: opt.Encoding = "utf-8-sig",
    quality: opt.Quality = True,
    records: opt.Records = None,
    record_id: opt.RecordId = None,
    merge: opt.Merge = False,
    formats: opt.Formats = HTML,
    title: opt.Title = None,
    check: opt.Check = True,
) -> None:
    """Value the customers of a file: customers.parquet, customers.csv, profile.csv, report.html."""
    asked = SimpleNamespace(**locals())
    with plain_errors(), progress() as say:
        from crmkit.report._run import run_job

        job_parts = parts_of(asked)
        log = log_of(asked)
        outcome = run_job(log, out, job_of(asked, job_parts), say)
    show(outcome)


def parts_of(asked: Any) -> dict[str, Any]:
    """What was asked of churn, offers and tags; parts that contradict each other are refused."""
    from crmkit.report._churn_job import ChurnJob
    from crmkit.report._offers_job import OffersJob
    from crmkit.report._segment_job import ProfileJob

    churn = ChurnJob(
        as_number(asked.churn_horizon), asked.offer_cost, asked.contact_cost, asked.acceptance
    )
    if not asked.churn and churn != ChurnJob():
        raise DataError(
            "crmkit report: a horizon of churn, costs and an acceptance need the churn risk: "
            "leave --no-churn away."
        )
    offers = OffersJob(asked.offers_mode.value, asked.item_text)
    if offers != OffersJob() and (asked.item is None or not asked.offers):
        raise DataError(
            "crmkit report: names of products and the mode of offers need offers: name the "
            "column of product ids with --item, and leave --no-offers away."
        )
    profile = ProfileJob(asked.category, asked.channel, asked.promotion)
    if profile != ProfileJob() and not asked.profile:
        raise DataError(
            "crmkit report: categories, channels and promotions are for the tags of customers: "
            "leave --no-profile away."
        )
    if asked.records is None and (asked.merge or asked.record_id is not None):
        raise DataError(
            "crmkit report: --merge and --record-id are about records of customers: name their "
            "file with --records."
        )
    return {
        "churn": churn if asked.churn else None,
        "offers": offers if asked.offers else None,
        "profile": profile if asked.profile else None,
    }


def log_of(asked: Any) -> Any:
    """The purchases of the file as an event log."""
    from crmkit.cli._transactions import Columns, CsvStyle, read_transactions
    from crmkit.events import EventLog

    named = ("order", "item", "quantity", "item_text", "category", "channel", "promotion")
    columns = Columns(
        asked.customer, asked.when, asked.amount, **{name: getattr(asked, name) for name in named}
    )
    frame = read_transactions(
        asked.transactions,
        columns,
        date_format=asked.date_format,
        style=CsvStyle(asked.sep, asked.decimal, asked.encoding),
    )
    return EventLog(
        frame,
        asked.customer,
        asked.when,
        asked.amount,
        order=asked.order,
        item=asked.item,
        quantity=asked.quantity or columns.first_factor(frame.columns),
        returns=asked.returns.value,
        min_amount=asked.min_amount,
        tz=asked.tz,
    )


def job_of(asked: Any, parts: dict[str, Any]) -> Any:
    """The whole job, with the records read."""
    from crmkit.report._run import Job

    return Job(
        horizon=as_number(asked.horizon),
        unit=asked.unit.value,
        as_of=asked.as_of,
        discount_rate=asked.discount_rate,
        margin=asked.margin,
        check=asked.check,
        movement=asked.movement,
        unusual=asked.unusual,
        quality=asked.quality,
        records=records_of(asked),
        formats=tuple(form.value for form in asked.formats),
        title=asked.title or f"Customer value report: {asked.transactions.stem}",
        **parts,
    )


def records_of(asked: Any) -> Any:
    """The records of customers; None where none are named."""
    from crmkit.cli._records import read_records
    from crmkit.cli._transactions import CsvStyle
    from crmkit.report._quality_job import RecordsJob

    if asked.records is None:
        return None
    style = CsvStyle(asked.sep, asked.decimal, asked.encoding)
    record = asked.record_id or asked.customer
    return RecordsJob(read_records(asked.records, record, style), record, asked.merge)
