"""The past as a school: what was known at earlier cut-offs, what a base expected, what came.

At every cut-off the base model is fitted anew, on the events before it: a base that had seen the
whole log would already know the answers.
"""

import warnings
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from sklearn.base import clone

from crmkit.clv._lifetime_value import CustomerLifetimeValue
from crmkit.clv._value_snapshots import FEATURES, Snapshot, outcome, snapshot
from crmkit.clv._value_trees import Example, Features, Forecast
from crmkit.events._windows import Histories
from crmkit.exceptions import CrmkitWarning, DataError

ENOUGH_CUSTOMERS, ENOUGH_BUYERS = 100, 30
"""Customers at a cut-off, and buyers after it, without which it teaches nothing."""

ALL_FEATURES = (
    *FEATURES,
    "base_purchases",
    "base_probability_any",
    "base_spend",
    "base_probability_alive",
    "base_spend_per_purchase",
)


@dataclass(eq=False)
class Past:
    """Examples at any cut-off of a log, each made once.

    `window` is the length of the future that is watched, in periods; `per_unit` are the periods of
    a unit of time of the models.
    """

    histories: Histories
    base: CustomerLifetimeValue
    window: int
    per_unit: int
    _made: dict[int, Example | None] = field(default_factory=dict)

    def example(self, last: int) -> Example | None:
        """Example at the end of period `last`; None where the log cannot give one."""
        if last not in self._made:
            self._made[last] = self._make(last)
        return self._made[last]

    def needed(self) -> int:
        """Periods that a log must have: to know customers, to learn from, and to judge by."""
        return 2 * self.window + self._known()

    def _known(self) -> int:
        """Periods of log before a cut-off without which it teaches nothing."""
        return max(self.window // 2, 1)

    def examples(self, latest: int, n: int) -> list[Example]:
        """Up to n examples, the latest first, half a window apart; the latest has to exist."""
        step, enough = max(self.window // 2, 1), max(self.window // 2, 1)
        lasts = [latest - k * step for k in range(n)]
        made = [self.example(last) for last in lasts if last - self.histories.first + 1 >= enough]
        if not made or made[0] is None:
            return []
        return [example for example in made if example is not None]

    def _make(self, last: int) -> Example | None:
        seen = snapshot(self.histories, last, self.window, self.per_unit)
        came = outcome(self.histories, seen, self.window)
        enough = len(seen.places) >= ENOUGH_CUSTOMERS
        if not enough or np.count_nonzero(came.purchases) < ENOUGH_BUYERS or not came.spend.any():
            return None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", CrmkitWarning)  # the fit on the whole log will tell
            try:
                base = clone(self.base).fit(seen.customers)
            except DataError:
                return None
        expected = base_forecast(base, seen.customers, self.window / self.per_unit)
        return Example(seen, expected, features_of(seen, expected, base), came)


def base_forecast(base: CustomerLifetimeValue, customers: pd.DataFrame, length: float) -> Forecast:
    """What the base expects of customers in a future of `length` units of time."""
    purchases = base.purchases_.predict(customers, length)
    silent = base.purchases_.probability_no_purchase(customers, length)
    return Forecast(1.0 - silent, purchases, purchases * base.spend_.predict(customers))


def features_of(seen: Snapshot, expected: Forecast, base: CustomerLifetimeValue) -> Features:
    """What trees may look at: the history of a customer and the opinion of the base."""
    alive = base.purchases_.probability_alive(seen.customers)
    each = base.spend_.predict(seen.customers)
    opinion = [expected.purchases, expected.any, expected.spend, alive, each]
    return np.column_stack([seen.features, *opinion]).astype(np.float32)


def own_average(customers: pd.DataFrame, length: float) -> Forecast:
    """The baseline without a model: each customer goes on as so far, in counts and in spend."""
    frequency, age = customers["frequency"].to_numpy(), customers["T"].to_numpy()
    rate = np.divide(frequency, age, out=np.zeros(len(age)), where=age > 0)
    purchases = rate * length
    spend = purchases * np.maximum(customers["monetary_value"].to_numpy(), 0.0)
    return Forecast(-np.expm1(-purchases), purchases, spend)
