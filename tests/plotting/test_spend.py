"""plot_spend_density: bars by hand, the line by simulation and by its integral, refusals."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from matplotlib.figure import Figure

from crmkit.clv import BetaGeoModel, GammaGammaModel
from crmkit.exceptions import DataError
from crmkit.plotting import plot_spend_density
from crmkit.plotting._spend import mixture_density, round_edges
from tests.plotting.models import SPEND, WEEKLY

RANDOM = np.random.default_rng(0)
FREQUENCY = RANDOM.integers(0, 6, 20_000).astype(np.float64)
P, Q, V = SPEND.params_.values()
MEAN = (
    RANDOM.gamma(P * np.maximum(FREQUENCY, 1))
    / np.maximum(FREQUENCY, 1)
    / RANDOM.gamma(Q, 1 / V, 20_000)
)
CUSTOMERS = pd.DataFrame(
    {"frequency": FREQUENCY, "monetary_value": np.where(FREQUENCY > 0, MEAN, 0)}
)


def drawn(customers=CUSTOMERS, model=SPEND):
    return plot_spend_density(model, customers, ax=Figure().add_subplot())


def test_bars_count_repeat_buyers_who_paid():
    customers = pd.DataFrame({"frequency": [1, 2, 2, 0, 3], "monetary_value": [4.0, 4, 9, 0, 0]})
    ax = drawn(customers)
    assert sum(bar.get_height() for bar in ax.patches) == 3
    assert ax.get_title(loc="left") == "Mean spend of 3 repeat buyers"


def test_the_line_goes_through_the_bars_of_the_model_itself():
    ax = drawn()
    line = ax.lines[0]
    heights = np.array([bar.get_height() for bar in ax.patches])
    middles = np.array([bar.get_x() + bar.get_width() / 2 for bar in ax.patches])
    expected = np.interp(middles, line.get_xdata(), line.get_ydata())
    # Curvature within a bar is small beside the noise of its count.
    assert (np.abs(heights - expected) < 5 * np.sqrt(expected) + 0.02 * expected.max()).all()
    assert heights.sum() > 0.98 * np.sum(FREQUENCY > 0)
    assert "1 % are beyond" in ax.get_xlabel()


def test_the_mixture_is_a_density():
    at = np.geomspace(0.01, 1e5, 4001)
    density = mixture_density(SPEND, np.array([1.0, 1.0, 4.0]), at)
    assert np.trapezoid(density, at) == pytest.approx(1.0, abs=1e-4)
    one, four = (mixture_density(SPEND, np.array([n]), at) for n in (1.0, 4.0))
    np.testing.assert_allclose(density, (2 * one + four) / 3, rtol=1e-12)


def test_very_many_frequencies_are_thinned():
    at = np.linspace(1.0, 100.0, 5)
    many = np.arange(1.0, 402.0)
    thin = mixture_density(SPEND, many, at)
    exact = np.mean([mixture_density(SPEND, np.array([n]), at) for n in many], axis=0)
    np.testing.assert_allclose(thin, exact, rtol=1e-3, atol=1e-4 * exact.max())


def test_bars_have_round_widths():
    for top in (3.7, 174.0, 1e6):
        edges = round_edges(top)
        width = edges[1] - edges[0]
        assert edges[0] == 0.0
        assert edges[-1] >= top
        assert 15 <= len(edges) - 1 <= 41
        mantissa = width / 10 ** np.floor(np.log10(width))
        assert min(abs(mantissa - m) for m in (1, 2, 2.5, 5, 10)) < 1e-9


def test_one_buyer_and_models_of_arrays():
    ax = drawn(pd.DataFrame({"frequency": [3], "monetary_value": [12.0]}))
    assert sum(bar.get_height() for bar in ax.patches) == 1
    rows = CUSTOMERS.head(500)
    named = drawn(pl.from_pandas(rows), GammaGammaModel(prior=None).fit(rows))
    bare = drawn(rows, GammaGammaModel(prior=None).fit(rows.to_numpy()))
    np.testing.assert_allclose(bare.lines[0].get_ydata(), named.lines[0].get_ydata(), rtol=1e-9)


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(DataError, match="no customer bought again and paid"):
        drawn(CUSTOMERS.assign(frequency=0.0))
    with pytest.raises(DataError, match="column 'monetary_value' not found"):
        drawn(CUSTOMERS[["frequency"]])
    with pytest.raises(DataError, match="'monetary_value' has 20,000 NaN"):
        drawn(CUSTOMERS.assign(monetary_value=np.nan))
    with pytest.raises(DataError, match=r"spend model reads .* got BetaGeoModel"):
        drawn(model=WEEKLY)
    with pytest.raises(DataError, match="is not fitted"):
        drawn(model=BetaGeoModel())
