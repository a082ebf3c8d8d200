"""The managers' formulas: value, cost of winning a customer, return on a loyalty programme.

Arithmetic on averages, in use long before there were models of purchases; see Berger and Nasr
(1998), Customer lifetime value: marketing models and applications, Journal of Interactive Marketing
12, 17-30. They answer for a group of customers, not for one, and take from outside what the models
of this package estimate: how long a customer stays.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from crmkit._validation import Floats
from crmkit.exceptions import DataError


def simple_lifetime_value(
    mean_order_value: Any,
    orders_per_year: Any,
    lifespan: Any,
    acquisition_cost: Any = 0.0,
    margin: Any = 1.0,
) -> Any:
    """Value of a customer by the managers' formula: averages of groups in, a value a group out.

    mean_order_value x orders_per_year x lifespan x margin - acquisition_cost, not discounted.
    Use it for a first estimate of segments or channels. Not for single customers (the rate of a
    customer who joined last month is no rate), and not where customers differ much: the formula
    lets everyone live as long as the mean and buy at one pace until then, so it is mostly too
    high. `CustomerLifetimeValue` estimates who stays, and discounts.

    Parameters
    ----------
    mean_order_value : float, array-like or Series
        Mean spend of an order, in currency.
    orders_per_year : float, array-like or Series
        Orders a year of a customer who has not left.
    lifespan : float, array-like or Series
        Years for which a customer stays.
    acquisition_cost : float, array-like or Series, default=0.0
        Cost of winning a customer, in currency; see `acquisition_cost`.
    margin : float, array-like or Series, default=1.0
        Share of spend that is profit, at most 1; 1 values revenue.

    Returns
    -------
    float, ndarray or Series
        Value in currency, negative where a customer costs more than comes back: a number if all
        are numbers, a Series with its index if one is, else an array.

    Raises
    ------
    DataError
        If a value is missing, infinite, negative or no number, the margin is above 1, a table comes
        in place of a column, or lengths or indices differ.

    Examples
    --------
    >>> simple_lifetime_value(40.0, 5, 3, acquisition_cost=60.0, margin=0.25)
    90.0

    Of segments, from a table of customers whose ages ``T`` are in days:

    >>> customers = pd.DataFrame({"segment": ["new", "new", "old"], "total_amount": [30.0, 90, 200],
    ...                           "n_orders": [1, 3, 8], "T": [180.0, 550.5, 730.5]})
    >>> sums = customers.groupby("segment")[["total_amount", "n_orders", "T"]].sum()
    >>> simple_lifetime_value(
    ...     sums["total_amount"] / sums["n_orders"], sums["n_orders"] / (sums["T"] / 365.25), 3
    ... ).to_dict()
    {'new': 180.0, 'old': 300.0}
    """
    owner = "simple_lifetime_value"
    given = {
        "mean_order_value": mean_order_value,
        "orders_per_year": orders_per_year,
        "lifespan": lifespan,
        "acquisition_cost": acquisition_cost,
        "margin": margin,
    }
    order, pace, years, cost, share = checked(given, owner)
    if np.any(share > 1):
        raise DataError(
            f"{owner}: margin must be a share of spend, at most 1, got {np.max(share):g}. A margin "
            "of 25 % is margin=0.25."
        )
    return like(order * pace * years * share - cost, given, owner)


def acquisition_cost(marketing_cost: Any, new_customers: Any) -> Any:
    """Cost of winning a customer: costs and numbers of customers in, cost a customer out.

    Use it per channel and per period, with the customers who were won by that cost. Those who
    would have come anyway are among them, so what one more customer costs is more.

    Parameters
    ----------
    marketing_cost : float, array-like or Series
        What was spent on winning customers, in currency: media, discounts for new customers,
        salaries.
    new_customers : float, array-like or Series
        Number of customers who bought for the first time, above 0.

    Returns
    -------
    float, ndarray or Series
        Cost of one customer, in currency: a number if both are numbers, a Series with its index
        if one is, else an array.

    Raises
    ------
    DataError
        If a value is missing, infinite, negative or no number, there are no new customers, a table
        comes in place of a column, or lengths or indices differ.

    Examples
    --------
    >>> acquisition_cost(12_000.0, 300)
    40.0
    """
    owner = "acquisition_cost"
    given = {"marketing_cost": marketing_cost, "new_customers": new_customers}
    cost, won = checked(given, owner)
    if np.any(won == 0):
        raise DataError(
            f"{owner}: new_customers has {np.sum(won == 0):,} zeros: a cost a customer is not "
            "defined where none was won. Leave these channels out, or join periods."
        )
    return like(cost / won, given, owner)


def checked(given: Mapping[str, Any], owner: str) -> list[Floats]:
    """Arrays of finite numbers that are not negative; all faults are told in one error."""
    found, faults = [], []
    for name, value in given.items():
        array = numbers(value, name, owner)
        if array.ndim > 1:
            raise DataError(
                f"{owner}: {name} must be a number or one column of numbers, got a table of shape "
                f'{array.shape}. Choose the column, such as table["{name}"].'
            )
        bad = ~(np.isfinite(array) & (array >= 0))
        if bad.any():
            first = array.ravel()[bad.ravel().argmax()]
            faults.append(f"{name} has {bad.sum():,} such values (first {first:g})")
        found.append(array)
    if faults:
        raise DataError(
            f"{owner}: all values must be finite and not negative, but {'; '.join(faults)}."
        )
    lengths = {name: array.size for name, array in zip(given, found, strict=True) if array.ndim}
    if len(set(lengths.values())) > 1:
        each = ", ".join(f"{name} has {size}" for name, size in lengths.items())
        raise DataError(f"{owner}: lengths must agree but differ: {each}.")
    return found


def numbers(value: Any, name: str, owner: str) -> Floats:
    """Value as an array of floats; text is refused even where it reads as a number."""
    try:
        given = np.asarray(value)
        plain = given.dtype.kind in "iuf"
        boxed = given.dtype.kind == "O" and not any(isinstance(v, (str, bool)) for v in given.flat)
        if plain or boxed:
            return np.asarray(given, dtype=np.float64)
        got = f"{given.tolist()!r}" if given.ndim == 0 else f"{given.ravel().tolist()[0]!r} first"
    except (TypeError, ValueError, OverflowError):
        got = f"what is none in {type(value).__name__}"
    raise DataError(
        f"{owner}: {name} must hold numbers, got {got}. Convert text and Booleans first."
    )


def like(result: Floats, given: Mapping[str, Any], owner: str) -> Any:
    """Result as a Series where one went in, as a number where only numbers went in."""
    series = [value for value in given.values() if isinstance(value, pd.Series)]
    if not series:
        return float(result) if result.ndim == 0 else result
    index = series[0].index
    if any(not other.index.equals(index) for other in series[1:]):
        raise DataError(
            f"{owner}: two Series have different indices, so their rows do not belong together. "
            "Join them into one table first."
        )
    return pd.Series(result, index=index)
