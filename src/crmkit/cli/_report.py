"""The command `crmkit report`: what was asked, checked; the files read; the whole job run."""

from dataclasses import replace
from pathlib import Path

from crmkit.cli import _options as opt
from crmkit.cli._showing import show
from crmkit.cli._telling import as_number, plain_errors, progress

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
    with plain_errors(), progress() as say:
        from crmkit.cli import _asked as ask
        from crmkit.cli._transactions import Columns, CsvStyle
        from crmkit.report._run import Job, run_job

        ask.check_records_asked(records, record_id, merge)
        columns = Columns(
            customer, when, amount, order, item, quantity, item_text, category, channel, promotion
        )
        style = CsvStyle(sep, decimal, encoding)
        job = Job(
            horizon=as_number(horizon),
            unit=unit.value,
            as_of=as_of,
            discount_rate=discount_rate,
            margin=margin,
            check=check,
            churn=ask.churn_job(churn, churn_horizon, offer_cost, contact_cost, acceptance),
            offers=ask.offers_job(offers, offers_mode.value, item, item_text),
            movement=movement,
            profile=ask.profile_job(profile, category, channel, promotion),
            unusual=unusual,
            quality=quality,
            formats=tuple(form.value for form in formats),
            title=title or f"Customer value report: {transactions.stem}",
        )
        log = ask.log_of(
            transactions,
            columns,
            style,
            date_format=date_format,
            returns=returns.value,
            min_amount=min_amount,
            tz=tz,
        )
        job = replace(job, records=ask.records_job(records, record_id or customer, merge, style))
        outcome = run_job(log, out, job, say)
    show(outcome, tables=opt.FormatName.html in formats)
