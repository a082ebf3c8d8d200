"""The results of `make_customers`: what a shop has, and the truth behind it."""

from dataclasses import dataclass, field

import pandas as pd

from crmkit._notebook import Told

FIRST = 3  # rows of each frame that a notebook shows


@dataclass(frozen=True, eq=False, repr=False)
class RetailerTruth(Told):
    """What no shop knows about its data, for checking an answer; frames join by their ids.

    Attributes
    ----------
    customers : pandas.DataFrame
        One row a customer: `customer_id`, `first_purchase`, `purchase_rate` (orders a day while
        alive), `regularity` (shape k of the gaps), `dropout_rate` (a day; Pareto/NBD) or
        `dropout_probability` (an order; BG/NBD and MBG/NBD), `dropout_time` (NaT if alive),
        `alive` (at the end), `mean_spend` (expected value of an order), `n_orders`, `cluster`
        (taste), `channel` (the usual one).
    people : pandas.DataFrame
        One row a customer, as the person is at the end: `customer_id`, `household_id`, `twin`,
        names, e-mail, phone, address and `birth_date`, all without mistakes.
    records : pandas.DataFrame
        One row a record: `record_id`, `customer_id`, `first` (the customer's first record) and
        `errors`, joined by "+": nickname, moved, new_phone, new_email, typo, swapped, format,
        missing; "" for none.
    products : pandas.DataFrame
        One row a product: `product_id`, `cluster`, `appeal`, `season_peak` (days since the start,
        NaN without a season), `season_strength`, `launched`.
    orders : pandas.DataFrame
        One row an order or return, by time: `order_id`, `customer_id`, `timestamp`, `amount`,
        `return_of` (the order that is brought back, missing for purchases).
    parameters : dict of str to float
        The numbers of the population, times in days.
    """

    customers: pd.DataFrame
    people: pd.DataFrame
    records: pd.DataFrame
    products: pd.DataFrame
    orders: pd.DataFrame
    parameters: dict[str, float] = field(default_factory=dict)

    def __repr__(self) -> str:
        return described(self)

    def _tables(self) -> dict[str, pd.DataFrame]:
        return first_rows(self)


@dataclass(frozen=True, eq=False, repr=False)
class SyntheticRetailer(Told):
    """What `make_customers` gives: three frames that a shop has, and the truth behind them.

    Attributes
    ----------
    events : pandas.DataFrame
        One row a purchase line or returned line, by time: `customer_id`, `timestamp`, `order_id`,
        `product_id`, `quantity`, `amount` (what was paid for the line), `channel`, `record_id`
        (the record under which it was booked). Returns have negative `quantity` and `amount`.
    products : pandas.DataFrame
        One row a product: `product_id`, `category`, `subcategory`, `brand`, `price` (list price),
        `launched`, `name`, `description`.
    records : pandas.DataFrame
        One row a customer record, dirty and with duplicates: `record_id`, `first_name`,
        `last_name`, `email`, `phone`, `street`, `city`, `postcode`, `birth_date` (text, in more
        than one form), `signup_date`, `source`.
    truth : RetailerTruth
        What was drawn behind the frames.
    description : str
        One sentence on what was made.
    """

    events: pd.DataFrame
    products: pd.DataFrame
    records: pd.DataFrame
    truth: RetailerTruth
    description: str = ""

    def __repr__(self) -> str:
        return described(self)

    def _tables(self) -> dict[str, pd.DataFrame]:
        return first_rows(self)


def described(result: object) -> str:
    """Name of a result with the number of rows of each of its frames."""
    frames = {
        name: f"{len(value):,} rows"
        for name, value in vars(result).items()
        if isinstance(value, pd.DataFrame)
    }
    inside = ", ".join(f"{name}: {rows}" for name, rows in frames.items())
    return f"<{type(result).__name__} with {inside}>"


def first_rows(result: object) -> dict[str, pd.DataFrame]:
    """The first rows of each of its frames."""
    frames = {n: each for n, each in vars(result).items() if isinstance(each, pd.DataFrame)}
    return {f"{name}: {len(each):,} rows": each.head(FIRST) for name, each in frames.items()}
