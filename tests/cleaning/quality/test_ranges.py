"""Ranges: far outside on either scale, dates, births; silent on what is only skewed."""

import numpy as np
import pytest

from crmkit.cleaning._quality._ranges import as_numbers, learn_range, range_signs
from tests.cleaning.quality.columns import column

DAY = 19_000  # 2022-01-08


def levels(made, as_of=None):
    signs = range_signs(made, learn_range(made), as_of)
    return dict(zip(made.texts, signs.levels.tolist(), strict=True))


def test_far_outside_a_normal_column():
    values = np.random.default_rng(0).normal(50, 5, size=1000).round(2).tolist()
    found = levels(column("age", "number", [*values, 500.0, -400.0]))
    assert found["500"] == found["-400"] == 3
    assert sum(found.values()) == 6


@pytest.mark.parametrize("draw", ["exponential", "lognormal", "normal", "uniform"])
def test_silent_on_a_sound_column(draw):
    rng = np.random.default_rng(1)
    values = getattr(rng, draw)(size=20_000).round(6).tolist()
    assert sum(levels(column("x", "number", values)).values()) == 0


def test_a_skewed_column_is_taken_by_its_logarithm():
    values = np.random.default_rng(2).lognormal(3, 1, size=5000).round(4).tolist()
    made = column("amount", "number", [*values, 3e9, -5.0])
    assert learn_range(made)["log"]
    found = levels(made)
    assert found["3000000000"] == 2  # a heavier tail may lead there
    assert found["-5"] == 3


def test_few_values_have_no_range():
    assert learn_range(column("n", "number", [1, 2, 3] * 60)) == {}
    assert learn_range(column("n", "number", list(range(10)))) == {}


def test_codes_of_digits_are_no_numbers():
    assert as_numbers(column("code", "category", ["10018", "20017", "1xx19"] * 20)) is None
    assert as_numbers(column("word", "category", ["a", "b"])) is None
    numbers = as_numbers(column("n", "category", ["1.5", "2.25", "nan"] * 20))
    assert numbers[:2].tolist() == [1.5, 2.25]


def test_births_that_cannot_be():
    made = column("born", "birth_date", ["1980-05-05", "2022-01-08", "1890-01-01", "2022-01-07"])
    found = levels(made, as_of=DAY)
    assert found == {"1980-05-05": 0, "2022-01-08": 3, "1890-01-01": 3, "2022-01-07": 0}
    assert set(levels(made).values()) == {0}


def test_a_date_far_from_all_others():
    days = [f"2021-{month:02d}-{day:02d}" for month in range(1, 13) for day in range(1, 28)]
    assert levels(column("sold", "date", [*days, "2121-03-03"]))["2121-03-03"] == 3


def counts(seed=0):
    return np.random.default_rng(seed).poisson(3, size=5000).tolist()


@pytest.mark.parametrize("kind", ["category", "number"])
def test_counts_of_few_values_have_gross_errors(kind):
    found = levels(column("orders", kind, [*counts(), -5, 99_999]))
    assert found["-5"] == found["99999"] == 3
    assert sum(found.values()) == 6


DRAWS = {
    "rare": lambda rng: rng.poisson(0.3, 5000),
    "many zeros": lambda rng: rng.negative_binomial(0.5, 0.05, 5000),
    "flag": lambda rng: rng.random(5000) < 0.002,
    "geometric": lambda rng: rng.geometric(0.2, 5000),
    "below zero": lambda rng: np.round(rng.normal(20, 9, 5000)),
    "years": lambda rng: rng.integers(2015, 2025, 5000),
    "sizes": lambda rng: rng.choice(
        [10, 50, 100, 1000, 5000], 5000, p=[0.5, 0.3, 0.15, 0.04, 0.01]
    ),
}


@pytest.mark.parametrize("draw", DRAWS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_silent_on_sound_counts(draw, seed):
    values = DRAWS[draw](np.random.default_rng(seed)).astype(int).tolist()
    assert max(levels(column("n", "category", values)).values()) < 2
