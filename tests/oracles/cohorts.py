"""Cohorts by brute force: one customer, one event and one cell after the other."""

import math
from datetime import date


def period_of(day, period):
    """Number of the period of a date."""
    if period == "W":
        return (day.toordinal() - 1) // 7  # the first of January of year 1 is a Monday
    months = 12 * day.year + day.month - 1
    return months // {"M": 1, "Q": 3, "Y": 12}[period]


def cohort_cells(
    rows, as_of, period, measure, *, by=None, net=False, per="cohort", cumulative=False
):
    """Rows are (customer, datetime, amount, order, value); out come {(cohort, age): what is told}.

    A cell is (value, customers, complete); the cohort is the number of a period, or a value.
    """
    known = [row for row in rows if row[1].date() < as_of]
    bought = [row for row in known if row[2] >= 0]
    last = period_of(date.fromordinal(as_of.toordinal() - 1), period)
    over = last if period_of(as_of, period) > last else last - 1
    first, cohort = {}, {}
    for who in {row[0] for row in bought}:
        mine = [row for row in bought if row[0] == who]
        begin = min(row[1] for row in mine)
        first[who] = period_of(begin.date(), period)
        at_first = [row[4] for row in mine if row[1] == begin]
        told = sorted(value for value in at_first if value is not None)
        cohort[who] = first[who] if by is None else (told[0] if told else "(missing)")
    cells = {}
    oldest = max(last - f for f in first.values())
    for name in set(cohort.values()):
        for age in range(oldest + 1):
            members = [w for w in first if cohort[w] == name and first[w] + age <= over]
            complete = bool(members)
            if not complete:
                members = [w for w in first if cohort[w] == name and first[w] + age == last]
            if members:
                ages = range(age + 1) if cumulative else [age]
                amounts = [
                    measured(w, first[w], a, known, period, measure, net)
                    for w in members
                    for a in ages
                ]
                value = math.fsum(amounts)
                if measure == "retention" or per == "customer":
                    value /= len(members)
                cells[name, age] = (value, len(members), complete)
    return cells


def measured(who, first, age, known, period, measure, net):
    """The measure of one customer at one age."""
    mine = [row for row in known if row[0] == who and row[2] >= 0]
    here = [row for row in mine if period_of(row[1].date(), period) == first + age]
    if measure in ("retention", "customers"):
        return float(bool(here))
    if measure == "orders":
        begins = {}
        for row in mine:
            begins[row[3]] = min(row[1], begins.get(row[3], row[1]))
        return float(sum(period_of(when.date(), period) == first + age for when in begins.values()))
    back = [
        row
        for row in known
        if net
        and row[0] == who
        and row[2] < 0
        and max(period_of(row[1].date(), period), first) == first + age
    ]
    return math.fsum(row[2] for row in [*here, *back])
