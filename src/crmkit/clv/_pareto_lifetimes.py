"""Pareto lifetimes: exponential, with a dropout rate that is gamma distributed over customers.

With dropout rates Gamma(s, b) a customer is alive after v with probability (1 + v/b)^-s.
"""

import numpy as np

from crmkit._validation import Floats


def lifetime_within(s: float | Floats, horizon: Floats) -> Floats:
    """Mean of min(lifetime, horizon) for a Pareto lifetime of shape s, in units of its scale."""
    growth = np.log1p(horizon)
    less = np.asarray(s - 1.0)
    whole = less * growth
    mean = np.where(whole == 0.0, 1.0, -np.expm1(-whole) / np.where(whole == 0.0, 1.0, whole))
    return np.asarray(growth * mean)


def lifetimes(s: Floats, scale: Floats, random: np.random.Generator) -> Floats:
    """Random remaining lifetimes of customers whose dropout rates are Gamma(s, scale)."""
    dropout = random.standard_gamma(s) / scale
    waited = random.standard_exponential(len(dropout))
    endless = np.full(len(dropout), np.inf)
    with np.errstate(over="ignore"):
        return np.asarray(np.divide(waited, dropout, out=endless, where=dropout > 0))


def meaning_of_lifetime(s: float, age: float) -> str:
    """What it says that the data do not tell the dropout; `age` is the mean of T / beta."""
    percent = -100.0 * np.expm1(-s * np.log1p(age))
    left = "of the customers would have left"
    if percent < 5.0:
        return (
            f"No dropout seen ({percent:.1g} % {left}): the answer is that of the NBD model, in "
            "which nobody leaves. A longer log may show who does."
        )
    if percent > 95.0:
        return (
            f"Nearly everyone leaves soon ({percent:.3g} % {left}): the forecast rests on the few "
            "who stay."
        )
    return (
        f"{percent:.2g} % {left}, but how far customers differ in their lifetimes is not told: "
        "they are alike, or too few."
    )
