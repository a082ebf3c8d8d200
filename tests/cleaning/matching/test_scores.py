"""Log-odds of pairs: sums by hand, rare values, look-alikes."""

import numpy as np
import pytest

from crmkit.cleaning._matching._comparison import compare
from crmkit.cleaning._matching._scores import MatchModel, rarities, score
from tests.cleaning.build import coded, units

M = np.array([[1, 0.1, 0.9, 1], [1, 0.1, 0.1, 0.8]])
U = np.array([[1, 0.8, 0.2, 1], [1, 0.9, 0.08, 0.02]])


def people():
    return units(
        a=("country", ["x", "x", "x", "y", None]),
        b=("city", ["rome", "rome", "oslo", "rome", "oslo"]),
    )


def model(**changes):
    given = {
        "kinds": ("country", "city"), "m": M, "u": U, "prior": 0.01, "classes": (), "h": [],
        "shares": np.empty(0), "adopts": [],
    } | changes  # fmt: skip
    return MatchModel(**given)


def pair(made, one, other):
    rows = made.unit_of_row
    left, right = np.array([min(rows[one], rows[other])]), np.array([max(rows[one], rows[other])])
    return left, right, compare(made, left, right)


def test_weights_by_hand():
    made = people()
    got = score(model(), made, *pair(made, 0, 3)).log_odds[0]
    rarity = float(rarities(made.column("b"), 0.02)[made.column("b").values.index("rome")])
    expected = np.log(0.01 / 0.99) + np.log(0.1 / 0.8) + np.log(0.8 / 0.02) + rarity
    assert got == pytest.approx(expected)


def test_missing_is_no_evidence():
    made = people()
    rarity = float(rarities(made.column("b"), 0.02)[0])
    got = score(model(), made, *pair(made, 2, 4)).log_odds[0]
    assert got == pytest.approx(np.log(0.01 / 0.99) + np.log(0.8 / 0.02) + rarity)


def test_rare_values_are_worth_more_and_none_without_bound():
    column = coded("c", "city", ["a"] * 9 + ["b"])
    chance = 0.82
    assert rarities(column, chance) == pytest.approx(np.log(chance) - np.log([0.9, 0.1]))
    rare = coded("c", "city", [str(i) for i in range(100_000)])
    assert rarities(rare, 0.5).max() == pytest.approx(np.log(1_000.0))


def test_a_look_alike_takes_its_part():
    made = people()
    home = model(classes=("household",), h=[M], shares=np.array([0.01]), adopts=[[True, True]])
    alone = score(model(), made, *pair(made, 2, 4))
    beside = score(home, made, *pair(made, 2, 4))
    assert alone.look_alike == {}
    assert beside.log_odds[0] < alone.log_odds[0]
    p = 1 / (1 + np.exp(-beside.log_odds[0]))
    assert beside.look_alike["household"][0] == pytest.approx(p)  # the same m, the same share
