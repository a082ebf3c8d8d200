"""Learn the model of the service, test it on the past, and save it without any customer.

Run: python examples/service/train.py

Reads some households of the Complete Journey, a year of grocery shopping that the extra `data`
installs. Replace `events` by your own table; its columns are named as in requests.
"""

import argparse
import warnings
from pathlib import Path
from typing import Any

import pandas as pd

import crmkit as ck
from crmkit.exceptions import CrmkitWarning
from crmkit.pipelines import (
    CustomerValuePipeline,
    churn_holdout,
    holdout_report,
    offers_holdout,
)

MODEL = Path("models/customers.crmkit")
EVERY = 8  # one household of so many: a minute instead of ten
USES = {
    "made_for": "Choosing whom to contact, with what, and at which cost.",
    "not_for": [
        "Deciding on credit, prices, insurance, employment or access to a service.",
        "Customers of another shop or country: it learnt the habits of these.",
        "Dates long after the training window without a new test on the past.",
    ],
    "personal_data": "None: the file holds numbers learnt from all customers together.",
}


def events() -> pd.DataFrame:
    """Purchase lines of some households, with the names that requests use."""
    lines = ck.datasets.load_complete_journey().transactions
    names = {
        "household_id": "customer_id",
        "transaction_timestamp": "when",
        "sales_value": "amount",
        "basket_id": "order",
        "product_id": "item",
    }
    some = lines["household_id"] % EVERY == 0
    return lines.loc[some, list(names)].rename(columns=names)


def train(path: Path, frame: pd.DataFrame | None = None) -> None:
    """Fit, test and save: a table of events in, the file of a model out."""
    frame = events() if frame is None else frame
    named = {"when": "when", "order": "order", "item": "item"}
    log = ck.EventLog(frame, **named)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CrmkitWarning)
        pipeline = CustomerValuePipeline().fit(log)
        card = USES | {"evaluation": evaluation(log, pipeline)}
    path.parent.mkdir(parents=True, exist_ok=True)
    ck.io.save(pipeline.without_customers(), path, data=log, card=card)


def evaluation(log: ck.EventLog, pipeline: CustomerValuePipeline) -> dict[str, Any]:
    """How good it would have been: the last part of the log foretold from what was before."""
    middle = log.last_event - pd.Timedelta("60D")
    purchases = holdout_report(log, as_of=f"{middle:%Y-%m-%d}", horizon="8W")
    told: dict[str, Any] = {
        "purchases": {
            "of": f"{purchases.n_customers} customers from {middle:%Y-%m-%d}, next 8 weeks",
            "scores": rows(purchases.scores()),
        }
    }
    if pipeline.churn_ is not None:
        churn = churn_holdout(log, recipe=pipeline.churn_, n_resamples=50)
        told["churn"] = {"of": pipeline.churn_.label_, "scores": rows(churn.table())}
    if pipeline.recommender_ is not None:
        found = offers_holdout(log, recommender=pipeline.recommender_, n_resamples=50)
        told["offers"] = {"of": "lists of 10", "scores": rows(found.table(found.tables[0]))}
    return told


def rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """A table of scores as JSON can say it."""
    flat = table.reset_index()
    times = flat.select_dtypes("datetime").columns
    flat[times] = flat[times].astype(str)
    flat = flat.astype(object).where(flat.notna(), None)
    return [
        {str(name): plain(value) for name, value in row.items()} for row in flat.to_dict("records")
    ]


def plain(value: Any) -> Any:
    """A number to five digits, or what it is."""
    return round(float(value), 5) if isinstance(value, float) else value


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Learn the model of the service.")
    parser.add_argument("--model", type=Path, default=MODEL)
    train(parser.parse_args().model)
