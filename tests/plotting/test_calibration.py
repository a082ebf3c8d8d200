"""plot_calibration_frequency: counts by hand, expectations by closed form and by simulation."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from matplotlib.figure import Figure

from crmkit.clv import BetaGeoModel
from crmkit.exceptions import DataError
from crmkit.plotting import plot_calibration_frequency
from crmkit.plotting._calibration import by_age, expected_customers, group_names, model_columns
from crmkit.plotting._holdout import group_starts
from tests.plotting.models import PUBLISHED, WEEKLY, invented

CUSTOMERS = pd.DataFrame(
    {"frequency": [0, 0, 1, 3, 9], "recency": [0.0, 0, 4, 9, 20], "T": [10.0, 30, 30, 30, 30]}
)


def drawn(customers=CUSTOMERS, model=WEEKLY, **options):
    ax = plot_calibration_frequency(model, customers, ax=Figure().add_subplot(), **options)
    actual = [bar.get_height() for bar in ax.patches]
    return ax, actual, np.asarray(ax.lines[0].get_ydata())


def test_bars_and_dots_by_hand():
    ax, actual, expected = drawn()
    assert actual == [2, 1, 0, 1, 0, 0, 0, 1]
    assert [t.get_text() for t in ax.get_xticklabels()] == [*map(str, range(7)), "7+"]
    alpha, r = PUBLISHED["alpha"], PUBLISHED["r"]
    nothing = sum((alpha / (alpha + age)) ** r for age in (10, 30, 30, 30, 30))
    assert expected[0] == pytest.approx(nothing, rel=1e-12)
    assert expected.sum() == pytest.approx(5.0, rel=1e-12)
    assert ax.get_title(loc="left") == "5 customers by number of repeat purchases"


def test_expected_is_what_the_model_simulates():
    ages = np.repeat([20.0, 50.0], 20_000)
    sizes = np.minimum(WEEKLY.simulate(ages, random_state=5)["frequency"], 4)
    simulated = np.bincount(sizes, minlength=5)
    columns = {name: np.zeros(len(ages)) for name in ("frequency", "recency")} | {"T": ages}
    expected = expected_customers(WEEKLY, columns, np.arange(5.0))
    error = np.sqrt(expected)
    assert (np.abs(simulated - expected) < 4.5 * error).all()


def test_groups_double_where_most_buy_often():
    busy = pd.DataFrame({"frequency": [9, 12, 30], "recency": [5.0, 6, 7], "T": [9.0, 9, 9]})
    ax, actual, expected = drawn(busy)
    labels = [t.get_text() for t in ax.get_xticklabels()]
    assert labels == ["0", "1", "2", "3–4", "5–8", "9–16", "17+"]
    assert actual == [0, 0, 0, 0, 0, 2, 1]
    assert expected.sum() == pytest.approx(3.0)
    one = pd.DataFrame({"frequency": [0], "recency": [0.0], "T": [0.0]})
    chance = WEEKLY.pmf(one, np.arange(17), 9.0)[0]
    assert expected[4] == pytest.approx(3 * chance[5:9].sum())
    assert expected[6] == pytest.approx(3 * (1 - chance.sum()))


def test_names_of_groups():
    assert group_names(np.arange(3.0), 2.0) == ["0", "1", "2+"]
    assert group_starts(np.array([0.0, 1.0]), 2).tolist() == [0, 1, 2]


def test_near_ages_share_their_mean_and_nobody_is_lost():
    ages = np.random.default_rng(0).uniform(1, 100, 5000)
    parts = list(by_age(ages))
    assert len(parts) <= 128
    assert sorted(np.concatenate([rows for _, rows in parts]).tolist()) == list(range(5000))
    assert all(np.ptp(ages[rows]) < 2.5 for _, rows in parts)
    few = list(by_age(np.array([3.0, 1.0, 3.0])))
    assert [(age, rows.tolist()) for age, rows in few] == [(1.0, [1]), (3.0, [0, 2])]


def test_frames_of_other_libraries_and_models_of_arrays():
    customers = invented(300)
    model = BetaGeoModel(prior=None).fit(customers.to_numpy())
    _, actual, expected = drawn(pl.from_pandas(customers).lazy(), model)
    named = BetaGeoModel(prior=None).fit(customers)
    _, same, same_expected = drawn(customers, named)
    assert actual == same
    np.testing.assert_allclose(expected, same_expected, rtol=1e-9)


def test_the_input_stays():
    before = CUSTOMERS.copy(deep=True)
    drawn()
    pd.testing.assert_frame_equal(CUSTOMERS, before)
    assert set(model_columns(WEEKLY, CUSTOMERS)) == {"frequency", "recency", "T"}


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(DataError, match="column 'recency' not found"):
        drawn(CUSTOMERS.drop(columns="recency"))
    with pytest.raises(DataError, match="the frame has no customers"):
        drawn(CUSTOMERS.head(0))
    with pytest.raises(DataError, match="plot_calibration_frequency: 'T' has 1 NaN"):
        drawn(CUSTOMERS.assign(T=[10.0, np.nan, 30, 30, 30]))
    with pytest.raises(DataError, match="1 recencies above T"):
        drawn(CUSTOMERS.assign(T=[10.0, 30, 30, 30, 3]))
    with pytest.raises(DataError, match="last must be a whole number of at least 1"):
        drawn(last=0)
    with pytest.raises(DataError, match="is not fitted"):
        drawn(model=BetaGeoModel())
