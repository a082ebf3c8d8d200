"""The heat maps: every field by the model itself, impossible fields, lines, units, refusals."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from crmkit.clv import BetaGeoBetaBinomialModel, BetaGeoModel
from crmkit.exceptions import DataError
from crmkit.plotting import plot_expected_purchases, plot_probability_alive
from crmkit.plotting._heat_maps import N_COLUMNS, top_frequency
from crmkit.plotting._models import new_customer
from tests.plotting.models import UNKNOWN_UNIT, WEEKLY


def table(ax):
    return np.ma.filled(ax.collections[0].get_array(), np.nan)


def test_probability_alive_of_each_field():
    ax = plot_probability_alive(WEEKLY, 40, max_frequency=6, ax=Figure().add_subplot())
    found = table(ax)
    assert found.shape == (7, N_COLUMNS + 1)
    assert found[0, 0] == 1.0
    assert np.isnan(found[0, 1:]).all()
    assert np.isnan(found[1:, 0]).all()
    rows = pd.DataFrame({"frequency": [3, 6], "recency": [20.0, 40.0], "T": [40.0, 40.0]})
    assert [found[3, 20], found[6, 40]] == WEEKLY.probability_alive(rows).tolist()
    assert ax.get_xlabel() == "recency: age at the last purchase (weeks)"
    assert ax.get_title(loc="left") == "Probability of being alive at an age of 40 weeks"


def test_expected_purchases_of_each_field():
    ax = plot_expected_purchases(
        WEEKLY, "182D", T="40W", max_frequency=6, ax=Figure().add_subplot()
    )
    rows = pd.DataFrame({"frequency": [3, 0], "recency": [20.0, 0.0], "T": [40.0, 40.0]})
    found = table(ax)
    assert [found[3, 20], found[0, 0]] == WEEKLY.predict(rows, 26.0).tolist()
    assert ax.get_title(loc="left") == "Purchases in the next 26 weeks, at an age of 40 weeks"


def test_the_scale_is_told_in_numbers_too():
    figure = Figure()
    ax = plot_probability_alive(WEEKLY, 40, max_frequency=6, ax=figure.add_subplot())
    bar = figure.axes[1]
    assert bar.get_ylabel() == "probability of being alive"
    assert "50 %" in [t.get_text() for t in ax.texts]
    assert "100 %" in [t.get_text() for t in bar.get_yticklabels()]


def test_the_horizon_of_the_model_is_the_default():
    ax = plot_expected_purchases(WEEKLY, T=10, max_frequency=3, ax=Figure().add_subplot())
    assert ax.get_title(loc="left").startswith("Purchases in the next 1 week, at an age of 10 w")


def test_a_model_without_a_unit_says_so():
    ax = plot_probability_alive(UNKNOWN_UNIT, 39, max_frequency=3, ax=Figure().add_subplot())
    assert ax.get_xlabel() == "recency: age at the last purchase (units of T)"


def test_the_largest_frequency_is_what_one_in_two_hundred_surpass():
    most = top_frequency(WEEKLY, 39.0, None, "here")
    chance = WEEKLY.pmf(new_customer(WEEKLY, "here"), np.arange(most + 1), 39.0)[0]
    assert chance.sum() >= 0.995
    assert chance[:-1].sum() < 0.995
    assert top_frequency(WEEKLY, 0.01, None, "here") == 5


def test_a_model_fitted_on_arrays_is_drawn_without_a_word():
    rows = WEEKLY.simulate(np.full(300, 39.0), random_state=1)
    model = BetaGeoModel(prior=None).fit(rows.to_numpy())
    ax = plot_probability_alive(model, 39, max_frequency=4, ax=Figure().add_subplot())
    assert np.isfinite(table(ax)[1:, 1:]).all()


def test_opportunities_are_whole_and_taken_once():
    params = {"alpha": 1.2, "beta": 0.75, "gamma": 0.66, "delta": 2.78}
    model = BetaGeoBetaBinomialModel.from_dict({"fitted": {"params_": params}})
    ax = plot_probability_alive(model, 6, ax=Figure().add_subplot())
    found = table(ax)
    assert found.shape == (7, 7)
    x, t = np.nonzero(~np.isnan(found))
    assert ((x <= t) & ((x > 0) == (t > 0))).all()
    assert len(x) == 1 + 6 * 7 / 2
    rows = pd.DataFrame({"frequency": [4], "recency": [5.0], "T": [6.0]})
    assert found[4, 5] == model.probability_alive(rows)[0]
    for age in (1, 2):
        ax = plot_probability_alive(model, age, max_frequency=2, ax=Figure().add_subplot())
        assert all(tick == round(tick) for tick in ax.get_xticks())


@pytest.mark.parametrize("age", [0, -1, np.nan, "soon", None])
def test_an_age_that_is_none_is_refused(age):
    with pytest.raises(DataError, match="plot_probability_alive: T must be"):
        plot_probability_alive(WEEKLY, age, ax=Figure().add_subplot())


def test_what_cannot_be_drawn_is_refused():
    ax = Figure().add_subplot()
    with pytest.raises(DataError, match=r"plot_expected_purchases: the BetaGeoModel is not fitted"):
        plot_expected_purchases(BetaGeoModel(), T=39, ax=ax)
    with pytest.raises(DataError, match="horizon must be above 0, got 0"):
        plot_expected_purchases(WEEKLY, 0, T=39, ax=ax)
    with pytest.raises(DataError, match="max_frequency must be a whole number of at least 2"):
        plot_probability_alive(WEEKLY, 39, max_frequency=1, ax=ax)
    with pytest.raises(DataError, match="got str, which has no predict, probability_alive"):
        plot_probability_alive("BetaGeoModel", 39, ax=ax)
