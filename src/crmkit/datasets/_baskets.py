"""What is in an order: lines, items bought anew or again, quantities, amounts, returns.

A line is bought again with probability `loyalty` once the customer has earlier orders: it copies
one of the customer's earlier lines, the k-th of m with probability (2k - 1) / m^2, so that recent
and frequent items return most. Every other line is drawn from the catalogue.

The value of an order comes from the spend model. It is spread over the lines in proportion to
list price times quantity, in whole cents, so that the lines sum to the order exactly.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from crmkit._validation import Floats
from crmkit.datasets._catalogue import Catalogue
from crmkit.datasets._purchases import Ints, Orders


@dataclass(frozen=True)
class Lines:
    """One array element a line: number of its order, product, quantity, amount in cents."""

    order: Ints
    product: Ints
    quantity: Ints
    cents: Ints


def draw_lines(
    rng: np.random.Generator,
    orders: Orders,
    value: Floats,
    taste: Ints,
    catalogue: Catalogue,
    parameters: dict[str, float],
) -> Lines:
    """Fill the orders (by customer and time) with lines; one line per order and product."""
    count = 1 + rng.poisson(parameters["lines"] - 1, len(orders.day))
    order = np.repeat(np.arange(len(count)), count)
    source = _copied_line(rng, orders.customer, count, order, parameters["loyalty"])
    anew = np.flatnonzero(source == np.arange(len(order)))
    product = np.zeros(len(order), np.int64)
    product[anew] = _draw_products(rng, orders, order[anew], taste, catalogue, parameters)
    product = product[source]
    _, kept = np.unique(order * len(catalogue.price) + product, return_index=True)
    order, product = order[kept], product[kept]
    price = catalogue.price[product]
    listed = np.bincount(order, weights=price)
    extra = np.maximum(value / listed - 1, 0.0)
    quantity = 1 + rng.poisson(extra[order])
    return Lines(order, product, quantity, split_cents(value, order, quantity * price))


def draw_returns(
    rng: np.random.Generator, day: Floats, share: float, days: float
) -> tuple[Ints, Floats]:
    """Choose the orders that come back whole, 1 to 30 days later and before the end."""
    chosen = np.flatnonzero(rng.random(len(day)) < share)
    back = day[chosen] + rng.uniform(1.0, 30.0, len(chosen))
    return chosen[back < days], back[back < days]


def split_cents(value: Floats, order: Ints, weight: Floats) -> Ints:
    """Spread the value of each order over its lines: whole cents, at least one a line.

    `order` numbers the orders 0, 1, ... in blocks; no order is without a line.
    """
    count = np.bincount(order)
    last = np.cumsum(count) - 1
    free = np.maximum(np.rint(100 * value).astype(np.int64) - count, 0)
    running = np.cumsum(weight)
    before = np.concatenate([[0.0], running[last[:-1]]])
    part = (running - before[order]) / (running[last] - before)[order]
    upper = np.floor(free[order] * part).astype(np.int64)  # part is 1 on the last line
    lower = np.concatenate([[0], upper[:-1]])
    lower[last - count + 1] = 0
    return np.asarray(1 + upper - lower)


def _copied_line(
    rng: np.random.Generator, customer: Ints, count: Ints, order: Ints, loyalty: float
) -> Ints:
    """Line that each line copies, followed back to one bought anew (itself if it is that)."""
    before_order = np.cumsum(count) - count
    joins = np.flatnonzero(np.diff(customer, prepend=-1))
    before_customer = before_order[joins][np.cumsum(np.diff(customer, prepend=-1) != 0) - 1]
    earlier = (before_order - before_customer)[order]
    again = (rng.random(len(order)) < loyalty) & (earlier > 0)
    pick = np.floor(earlier * np.sqrt(rng.random(len(order)))).astype(np.int64)
    pick = np.minimum(pick, earlier - 1)
    source = np.where(again, before_customer[order] + pick, np.arange(len(order)))
    while True:
        further = source[source]
        if np.array_equal(further, source):
            return source
        source = further


def _draw_products(
    rng: np.random.Generator,
    orders: Orders,
    order: Ints,
    taste: Ints,
    catalogue: Catalogue,
    parameters: dict[str, float],
) -> Ints:
    """Product of each line bought anew, week by week, by inverting each taste's distribution."""
    week = (orders.day[order] // 7).astype(np.int64)
    by_week = np.argsort(week, kind="stable")
    edges = np.searchsorted(week[by_week], np.arange(week.max(initial=0) + 2))
    group = taste[orders.customer[order]]
    draw = rng.random(len(order)) * (1 - 1e-12)
    n_clusters, n_products = int(taste.max()) + 1, len(catalogue.price)
    liking = np.where(catalogue.cluster == np.arange(n_clusters)[:, None], parameters["taste"], 1.0)
    product = np.empty(len(order), np.int64)
    for number, (begin, end) in enumerate(pairwise(edges.tolist())):
        if begin == end:
            continue
        rows = by_week[begin:end]
        cdf = np.cumsum(catalogue.weights(number, parameters["novelty"]) * liking, axis=1)
        cdf = cdf / cdf[:, -1:] + np.arange(n_clusters)[:, None]
        place = np.searchsorted(cdf.ravel(), group[rows] + draw[rows], side="right")
        product[rows] = place - group[rows] * n_products
    return product
