"""Frames of a made-up retailer: arrays of codes and days in, pandas frames with ids out."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit._validation import Floats
from crmkit.datasets._baskets import Lines
from crmkit.datasets._catalogue import Catalogue, launch_dates
from crmkit.datasets._names import SOURCES
from crmkit.datasets._people import Texts
from crmkit.datasets._purchases import Ints, Orders, Population
from crmkit.datasets._records import RecordTable

CHANNELS = ("web", "app", "store")


@dataclass(frozen=True)
class Bookings:
    """What else is known of the orders: record and channel of each, and those that came back."""

    record: Ints
    channel: Ints
    returned: Ints
    returned_day: Floats


@dataclass(frozen=True)
class Ids:
    """Names of customers, products and records by code; of orders, then of returns, by place."""

    customer: pd.Index
    product: pd.Index
    record: pd.Index
    order: pd.Index


def numbered(letter: str, numbers: Ints, digits: int) -> pd.Index:
    """Ids such as C000001 for given numbers."""
    return pd.Index([f"{letter}{number:0{digits}d}" for number in numbers.tolist()], dtype="str")


def instants(start: pd.Timestamp, day: Floats) -> npt.NDArray[np.datetime64]:
    """Instants, to the second before, of days since the start; NaT for NaN."""
    known = ~np.isnan(day)
    seconds = np.floor(np.where(known, day, 0.0) * 86_400).astype("timedelta64[s]")
    when = start.to_datetime64().astype("datetime64[us]") + seconds
    return np.where(known, when, np.datetime64("NaT", "us"))


def order_ids(orders: Orders, bookings: Bookings) -> pd.Index:
    """Ids of orders (O and a number in order of time), then of returns (R and the same number)."""
    number = np.empty(len(orders.day), np.int64)
    number[np.argsort(orders.day, kind="stable")] = np.arange(1, len(number) + 1)
    return numbered("O", number, 7).append(numbered("R", number[bookings.returned], 7))


def events_frame(
    ids: Ids, orders: Orders, lines: Lines, bookings: Bookings, start: pd.Timestamp
) -> pd.DataFrame:
    """Purchase lines and, with negative quantity and amount, returned lines; by time."""
    place = np.full(len(orders.day), -1)
    place[bookings.returned] = np.arange(len(bookings.returned))
    back = np.flatnonzero(place[lines.order] >= 0)
    line = np.concatenate([np.arange(len(lines.order)), back])
    order = lines.order[line]
    sign = np.repeat([1, -1], [len(lines.order), len(back)])
    named = np.where(sign > 0, order, len(orders.day) + place[order])
    day = np.concatenate([orders.day, bookings.returned_day])[named]
    by_time = np.lexsort((line, named, day))
    line, order, sign = line[by_time], order[by_time], sign[by_time]
    return pd.DataFrame(
        {
            "customer_id": ids.customer.take(orders.customer[order]),
            "timestamp": instants(start, day[by_time]),
            "order_id": ids.order.take(named[by_time]),
            "product_id": ids.product.take(lines.product[line]),
            "quantity": sign * lines.quantity[line],
            "amount": sign * lines.cents[line] / 100,
            "channel": pd.Index(CHANNELS, dtype="str").take(bookings.channel[order]),
            "record_id": ids.record.take(bookings.record[order]),
        }
    )


def orders_frame(
    ids: Ids, orders: Orders, lines: Lines, bookings: Bookings, start: pd.Timestamp
) -> pd.DataFrame:
    """Orders and returns, by time, with their value and which order a return brings back."""
    cents = np.bincount(lines.order, weights=lines.cents, minlength=len(orders.day))
    source = np.concatenate([np.arange(len(orders.day)), bookings.returned])
    is_return = np.arange(len(source)) >= len(orders.day)
    day = np.concatenate([orders.day, bookings.returned_day])
    frame = pd.DataFrame(
        {
            "order_id": ids.order,
            "customer_id": ids.customer.take(orders.customer[source]),
            "timestamp": instants(start, day),
            "amount": np.where(is_return, -1, 1) * cents[source] / 100,
            "return_of": pd.Series(ids.order.take(source)).where(is_return),
        }
    )
    return frame.iloc[np.argsort(day, kind="stable")].reset_index(drop=True)


def records_frame(
    ids: Ids, records: RecordTable, shuffled: Ints, start: pd.Timestamp
) -> pd.DataFrame:
    """Show records as the shop has them on file, in an order that tells nothing."""
    return pd.DataFrame(
        {
            "record_id": ids.record.take(shuffled),
            **{name: text(values[shuffled]) for name, values in records.values.items()},
            "signup_date": instants(start, records.day[shuffled]),
            "source": pd.Index(SOURCES, dtype="str").take(records.source[shuffled]),
        }
    )


def record_truth(ids: Ids, records: RecordTable, shuffled: Ints) -> pd.DataFrame:
    """Whose record it is, whether the customer's first, and what is wrong with it."""
    first = np.append(True, records.customer[1:] != records.customer[:-1])
    return pd.DataFrame(
        {
            "record_id": ids.record.take(shuffled),
            "customer_id": ids.customer.take(records.customer[shuffled]),
            "first": first[shuffled],
            "errors": text(records.errors[shuffled]),
        }
    )


def customer_truth(
    ids: Ids,
    people: Population,
    orders: Orders,
    start: pd.Timestamp,
    dropout: str,
) -> pd.DataFrame:
    """How each customer was drawn and when it dropped out."""
    return pd.DataFrame(
        {
            "customer_id": ids.customer,
            "first_purchase": instants(start, people.joined),
            "purchase_rate": people.rate / people.regularity,
            "regularity": people.regularity,
            dropout: people.dropout,
            "dropout_time": instants(start, orders.dropout_day),
            "alive": np.isnan(orders.dropout_day),
            "mean_spend": people.mean_spend,
            "n_orders": np.bincount(orders.customer, minlength=len(people.joined)),
        }
    )


def product_truth(ids: Ids, catalogue: Catalogue, start: pd.Timestamp) -> pd.DataFrame:
    """How attractive each product is, to whom and when."""
    return pd.DataFrame(
        {
            "product_id": ids.product,
            "cluster": catalogue.cluster,
            "appeal": catalogue.appeal,
            "season_peak": catalogue.season_peak,
            "season_strength": catalogue.season_strength,
            "launched": launch_dates(catalogue, start),
        }
    )


def text(values: Texts) -> pd.Series:
    """Text column with the library's own text dtype; None is missing."""
    return pd.Series(values, dtype="str")
