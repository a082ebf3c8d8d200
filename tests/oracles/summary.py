"""The customers of a log by brute force: one customer and one event after the other."""

import math
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

HOURS = {"h": 1, "D": 24, "W": 168}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
COLUMNS = [
    "frequency",
    "recency",
    "T",
    "monetary_value",
    "n_orders",
    "total_amount",
    "first_purchase",
    "last_purchase",
    "days_since_last",
    "sum_log_gaps",
]


def period_of(us, zone, period):
    """Number of the period that holds an instant (microseconds of UTC)."""
    instant = EPOCH + timedelta(microseconds=us)
    if period == "h":
        return us // 3_600_000_000
    local = instant.astimezone(zone) if zone else instant
    days = (local.date() - date(1970, 1, 1)).days
    return {"D": days, "W": (days + 3) // 7, "M": 12 * (local.year - 1970) + local.month - 1}[
        period
    ]


def month_position(day):
    at = date(1970, 1, 1) + timedelta(days=day)
    begin = at.replace(day=1)
    end = (begin + timedelta(days=31)).replace(day=1)
    return 12 * (at.year - 1970) + at.month - 1 + (at - begin).days / (end - begin).days


def age(start, end, unit, period):
    if unit == "M":
        return end - start if period == "M" else month_position(end) - month_position(start)
    return (end - start) * HOURS[period] / HOURS[unit]


def summarize(rows, as_of_us, zone, unit, period, *, net, min_amount):
    """Rows are (customer, us, amount, quantity, order); out come dicts by customer."""
    found = {}
    for customer in sorted({row[0] for row in rows}):
        mine = [row for row in rows if row[0] == customer and row[1] < as_of_us]
        returned = [row for row in mine if row[2] < 0 or row[3] < 0]
        bought = [
            r for r in mine if r not in returned and (min_amount is None or r[2] >= min_amount)
        ]
        if not bought:
            continue
        money = [(us, amount) for _, us, amount, _, _ in bought]
        if net:
            money += [(us, -abs(amount)) for _, us, amount, _, _ in returned]
        periods = sorted({period_of(row[1], zone, period) for row in bought})
        n = len(periods) - 1
        later = sum(amount for us, amount in money if period_of(us, zone, period) > periods[0])
        last = max(row[1] for row in bought)
        orders = [row[4] for row in bought]
        gaps = [age(a, b, unit, period) for a, b in pairwise(periods)]
        values = [
            n,
            age(periods[0], periods[-1], unit, period),
            age(periods[0], period_of(as_of_us - 1, zone, period), unit, period),
            later / n if n else 0.0,
            len({o for o in orders if o is not None}) + sum(o is None for o in orders),
            sum(amount for _, amount in money),
            min(row[1] for row in bought),
            last,
            period_of(as_of_us, zone, "D") - period_of(last, zone, "D"),
            sum(map(math.log, gaps)),
        ]
        found[customer] = dict(zip(COLUMNS, values, strict=True))
    return found
