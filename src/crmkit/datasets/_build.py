"""From a plan to a retailer: everything is drawn as arrays first, then put into frames."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmkit.datasets import _tables
from crmkit.datasets._baskets import Lines, draw_lines, draw_returns
from crmkit.datasets._catalogue import Catalogue, draw_catalogue, products_frame
from crmkit.datasets._names import NAMES
from crmkit.datasets._people import draw_people
from crmkit.datasets._purchases import (
    Clock,
    Ints,
    Orders,
    Population,
    draw_orders,
    draw_population,
    draw_spend,
)
from crmkit.datasets._records import RecordTable, draw_records, record_of_order
from crmkit.datasets._results import RetailerTruth, SyntheticRetailer

CHANNEL_SHARES = (0.45, 0.2, 0.35)
USUAL_CHANNEL = 0.8  # share of the orders that come through the customer's usual channel
SALE_MONTH, SALE_DAY = 12, 10  # when sales peak if there is a season
STREAMS = (
    "customers", "orders", "spend", "products", "items", "channels", "returns", "people",
    "records", "booking",
)  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """What is to be made: the checked parameters of `make_customers`."""

    n: int
    begin: pd.Timestamp
    days: float
    process: str
    shares: dict[int, float]
    n_products: int
    language: str
    numbers: dict[str, float]


@dataclass(frozen=True)
class Drawn:
    """All that was drawn, as arrays."""

    population: Population
    taste: Ints
    home: Ints
    orders: Orders
    catalogue: Catalogue
    lines: Lines
    bookings: _tables.Bookings
    people: pd.DataFrame
    records: RecordTable
    shuffled: Ints


def draw(plan: Plan, rngs: dict[str, np.random.Generator]) -> Drawn:
    """Draw customers, orders, lines, returns and records, each from its own stream."""
    numbers, days, names = plan.numbers, plan.days, NAMES[plan.language]
    customers = draw_population(rngs["customers"], plan.n, numbers, plan.shares)
    clock = Clock(numbers["seasonality"], _peak_day(plan.begin))
    orders = draw_orders(rngs["orders"], customers, plan.process, clock, days)
    value = draw_spend(rngs["spend"], customers, orders.customer, numbers["p"])
    taste = rngs["items"].integers(int(numbers["n_clusters"]), size=plan.n)
    catalogue = draw_catalogue(rngs["products"], plan.n_products, numbers, days, plan.language)
    lines = draw_lines(rngs["items"], orders, value, taste, catalogue, numbers)
    home, channel = _channels(rngs["channels"], plan.n, orders.customer)
    returned, day = draw_returns(rngs["returns"], orders.day, numbers["returns"], days)
    people = draw_people(rngs["people"], plan.n, names, plan.begin)
    share = numbers["duplicates"]
    records, people = draw_records(rngs["records"], people, customers.joined, days, share, names)
    record = record_of_order(rngs["booking"], records, orders.customer, orders.day, days)
    return Drawn(
        population=customers,
        taste=taste,
        home=home,
        orders=orders,
        catalogue=catalogue,
        lines=lines,
        bookings=_tables.Bookings(record, channel, returned, day),
        people=people,
        records=records,
        shuffled=rngs["booking"].permutation(len(records.customer)),
    )


def assemble(plan: Plan, drawn: Drawn) -> SyntheticRetailer:
    """Give everything its id and put it into frames."""
    begin, orders, bookings = plan.begin, drawn.orders, drawn.bookings
    ids = _tables.Ids(
        customer=_tables.numbered("C", np.arange(1, plan.n + 1), 6),
        product=_tables.numbered("P", np.arange(1, plan.n_products + 1), 5),
        record=_tables.numbered("K", np.argsort(drawn.shuffled) + 1, 6),
        order=_tables.order_ids(orders, bookings),
    )
    people = drawn.people.copy()
    people.insert(0, "customer_id", ids.customer)
    dropout = "dropout_rate" if plan.process == "pareto_nbd" else "dropout_probability"
    customers = _tables.customer_truth(ids, drawn.population, orders, begin, dropout)
    usual = pd.Index(_tables.CHANNELS, dtype="str").take(drawn.home)
    return SyntheticRetailer(
        events=_tables.events_frame(ids, orders, drawn.lines, bookings, begin),
        products=products_frame(drawn.catalogue, ids.product, begin, plan.language),
        records=_tables.records_frame(ids, drawn.records, drawn.shuffled, begin),
        truth=RetailerTruth(
            customers=customers.assign(cluster=drawn.taste, channel=usual),
            people=people,
            records=_tables.record_truth(ids, drawn.records, drawn.shuffled),
            products=_tables.product_truth(ids, drawn.catalogue, begin),
            orders=_tables.orders_frame(ids, orders, drawn.lines, bookings, begin),
            parameters=plan.numbers,
        ),
        description=f"{plan.n:,} made-up customers who buy as in {plan.process}, "
        f"{plan.days:g} days from {begin.date()}.",
    )


def _peak_day(begin: pd.Timestamp) -> float:
    """Day since the start on which sales peak, in the year of the start."""
    return float((pd.Timestamp(begin.year, SALE_MONTH, SALE_DAY) - begin) / pd.Timedelta(days=1))


def _channels(rng: np.random.Generator, n: int, customer: Ints) -> tuple[Ints, Ints]:
    """Usual channel of each customer and channel of each order."""
    places = np.arange(len(CHANNEL_SHARES))
    home = rng.choice(places, n, p=CHANNEL_SHARES)
    other = rng.choice(places, len(customer), p=CHANNEL_SHARES)
    usual = rng.random(len(customer)) < USUAL_CHANNEL
    return home, np.where(usual, home[customer], other)
