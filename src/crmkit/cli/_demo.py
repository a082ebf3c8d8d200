"""The whole job on the example data that are installed."""

from pathlib import Path
from typing import Any

EXAMPLE_OFFER = (5.0, 0.5, 0.3)
"""A voucher by post, what it costs and keeps: made up, to show what the report tells of it."""


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
    from crmkit.report._quality_job import RecordsJob
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
        records=RecordsJob(journey.demographics, "household_id"),
    )
    return run_job(log, out / "complete_journey", job, say)
