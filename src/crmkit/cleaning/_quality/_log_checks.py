"""What is wrong with purchase events: amounts, and ids that more than one name goes by."""

from collections.abc import Sequence

import numpy as np

from crmkit.cleaning._matching._coded import sorted_codes
from crmkit.cleaning._normal._forms import traced
from crmkit.cleaning._quality._findings import CHECKS, Finding, example_of, found
from crmkit.cleaning._quality._judged import Judged
from crmkit.cleaning._quality._value_checks import as_numbers

NAMES = ("name", "last_name", "company", "email", "birth_date")
FAR = 3.0  # distances between the quarters of the logarithms, beyond the upper one
FEWEST_AMOUNTS = 20


def amounts(column: Judged, quantity: Judged | None) -> list[Finding]:
    """Amounts of zero, returns, amounts that no model takes, and those far above all others."""
    money = _numbers(column)
    there = column.there
    n = int(there.sum())
    below = money < 0 if quantity is None else (money < 0) | (_numbers(quantity) < 0)
    far, fence = far_above(money)
    flags = {
        "not finite": there & ~np.isfinite(money),
        "returns": below,
        "zero amounts": money == 0,
        "outliers": far,
    }
    words = {"outliers": f"{CHECKS['outliers'].what} (over {fence:,.2f})"}
    made = []
    for check, failed in flags.items():
        if failed.any():
            rows = np.flatnonzero(failed)
            worst = rows[np.abs(np.nan_to_num(money[rows], posinf=np.inf)).argmax()]
            value = example_of(column.raw.values[int(column.raw.codes[worst])])
            made.append(found(check, column.name, rows, n, value, words.get(check, "")))
    return made


def far_above(money: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> tuple[np.ndarray, float]:
    """Amounts above a fence: three times the distance of the quarters beyond the upper one.

    Logarithms are looked at, since money spreads by factors; it is the outer fence of Tukey (1977),
    "Exploratory Data Analysis".
    """
    some = money[np.isfinite(money) & (money > 0)]
    if len(some) < FEWEST_AMOUNTS:
        return np.zeros(len(money), dtype=bool), np.inf
    low, high = np.quantile(np.log(some), [0.25, 0.75])
    fence = float(np.exp(high + FAR * (high - low)))
    if high == low:
        return np.zeros(len(money), dtype=bool), np.inf
    return np.isfinite(money) & (money > fence), fence


def many_names(customer: Judged, columns: Sequence[Judged]) -> list[Finding]:
    """Customers that go by more than one name, in normal form."""
    made = []
    for column in (c for c in columns if c.kind in NAMES and c.name != customer.name):
        forms = traced(column.raw.values, column.kind, column.flags.settings).forms
        names, values = sorted_codes(column.raw.codes, forms)
        known = customer.there & (names >= 0)
        pairs = np.unique(customer.raw.codes[known] * max(len(values), 1) + names[known])
        per_id = np.bincount(pairs // max(len(values), 1), minlength=len(customer.raw.values))
        several = per_id > 1
        if several.any():
            rows = np.flatnonzero(customer.rows_with(several) & known)
            what = f"{CHECKS['many names'].what} in {column.name!r}"
            shown = example_of(customer.raw.values[int(per_id.argmax())])
            n, of = int(several.sum()), int((per_id > 0).sum())
            made.append(Finding("many names", column.name, rows, n, of, what, shown, "ids"))
    return made


def _numbers(column: Judged) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    of_values = as_numbers(column.raw.values, column.flags.settings)
    return np.append(of_values, np.nan)[column.raw.codes]
