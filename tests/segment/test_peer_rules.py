"""Rules of peers: from whom they are learnt."""

import numpy as np
import pandas as pd
import pytest

from crmkit.segment._deeds import Lines, deeds_of
from crmkit.segment._peer_rules import LEAST, burst_tail, learn_rules
from crmkit.segment._peer_statistics import slope_of

MEASURES = ["returns", "return_burst", "order_burst"]


@pytest.fixture(scope="module")
def part():
    """300 customers of one order and 100 of several on neighbouring days."""
    random = np.random.default_rng(0)
    n_orders = np.append(np.ones(300, dtype=int), random.integers(2, 9, 100))
    who = np.repeat(np.arange(400), n_orders)
    start = random.integers(0, 60, 400)
    day = start[who] + random.integers(0, 15, len(who))
    unknown = np.full(len(who), np.nan)
    lines = Lines(
        who, np.arange(len(who)), day, 0 * day, unknown, unknown, np.zeros(len(who), dtype=bool)
    )
    return deeds_of(lines, 400, 90, 90, 10, (0, 5))


def test_slopes_of_bursts_are_learnt_from_those_with_several_orders(part):
    rules = learn_rules(part, np.zeros(400, dtype=int), 1, MEASURES, (10 / 90, 10))
    several = part.some(part.orders >= 2)
    assert rules["order_slope"][-1] == slope_of(burst_tail(several, 10)) > 1.0
    assert rules["order_slope"][0] == rules["order_slope"][-1]


def test_groups_are_learnt_from_their_own_and_small_ones_from_everybody(part):
    group = np.repeat([0, 1, 2], [300, 100 - LEAST + 1, LEAST - 1])
    rules = learn_rules(part, group, 4, MEASURES, (10 / 90, 10))
    assert rules["size"].tolist() == [300, 51, 400, 400, 400]
    assert rules["usual"][0].tolist() == [0, 0, 1]
    assert rules["usual"][1, 2] > 2
    order = np.random.default_rng(1).permutation(400)
    again = learn_rules(part.some(order), group[order], 4, MEASURES, (10 / 90, 10))
    pd.testing.assert_series_equal(
        pd.Series(rules["order_slope"]), pd.Series(again["order_slope"]), rtol=1e-12
    )
