"""What gaps go with: numbers, words, other gaps, and nothing."""

import numpy as np
import pytest

from crmkit.cleaning._quality._imputation_gaps import BY_CHANCE, goes_with

COLUMNS = [{"name": "age", "levels": []}, {"name": "plan", "levels": ["a", "b"]}]


def test_low_numbers_by_hand():
    age = np.arange(100.0)
    own = np.where(age < 40, np.nan, 1.0)
    found = goes_with(np.column_stack([age, own]), COLUMNS, 1)
    assert found == ("age", 1.0, "missing more often where 'age' is low")


def test_words():
    plan = np.tile([0.0, 1.0], 200)
    own = np.where((plan == 1) & (np.arange(400) % 4 > 1), np.nan, 5.0)
    found = goes_with(np.column_stack([own, plan]), COLUMNS, 0)
    assert found.told == "missing more often where 'plan' is 'b'"
    assert found.area == pytest.approx(0.5 + 0.5 * (1 - 100 / 300))


def test_gaps_that_come_together_and_apart():
    rng = np.random.default_rng(0)
    gone = rng.random(300) < 0.4
    x = np.where(gone[:, None], np.nan, rng.normal(size=(300, 2)))
    numbers = [COLUMNS[0], {"name": "spend", "levels": []}]
    assert goes_with(x, numbers, 0) == ("spend", 1.0, "missing more often along with 'spend'")
    x[:, 1] = np.where(gone, 1.5, np.nan)
    assert goes_with(x, numbers, 0).told == "missing more often where there is 'spend'"


def test_chance_is_called_chance():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2000, 2))
    x[rng.random(2000) < 0.2, 0] = np.nan
    columns = [COLUMNS[0], {"name": "spend", "levels": []}]
    assert goes_with(x, columns, 0) == ("", 0.5, BY_CHANCE)
    assert goes_with(x, columns, 1) == ("", 0.5, "")
