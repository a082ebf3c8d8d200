"""plot_posterior: a panel a parameter, its marks, the tied pair, many parameters, refusals."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from crmkit.clv import BetaGeoModel
from crmkit.exceptions import DataError
from crmkit.plotting import plot_posterior
from crmkit.plotting._posterior import bounds, strongest_pair
from tests.plotting.models import WEEKLY, invented

GRID = np.arange(1.0, 102.0)
DRAWS = pd.DataFrame({"r": GRID, "alpha": GRID[::-1], "a": np.tile([1.0, 2.0], 51)[:101]})


def posterior(draws=DRAWS):
    return SimpleNamespace(draws=draws, method="Laplace", effective_sample_size=88.4)


def drawn(result=None, **options):
    return plot_posterior(result or posterior(), ax=Figure().add_subplot(), **options)


def test_panels_and_marks_by_hand():
    ax = drawn(estimates={"r": 40.0}, level=0.5)
    r, alpha, a = ax.child_axes
    assert [p.get_title() for p in (r, alpha, a)] == ["r", "alpha", "a"]
    assert [line.get_xdata()[0] for line in r.lines] == [26.0, 76.0, 40.0]
    assert [line.get_xdata()[0] for line in alpha.lines] == [26.0, 76.0]
    assert sum(bar.get_height() for bar in r.patches) == 99  # the middle 99 % of 101
    assert ax.get_title(loc="left") == "101 draws of the parameters (Laplace, worth 88)"
    assert ax.get_xlabel() == (
        "solid: estimate; dotted: the middle 50 % of the draws\n"
        "most tied: r and alpha, rank correlation −1.00"
    )


def test_a_posterior_of_a_model():
    model = BetaGeoModel(prior=None).fit(invented(2000))
    ax = drawn(model.posterior(300, random_state=0), estimates=model.params_)
    assert [p.get_title() for p in ax.child_axes] == list(model.params_)


def test_a_single_parameter_is_tied_to_none():
    assert strongest_pair(DRAWS[["r"]]) == ""
    assert strongest_pair(DRAWS.assign(alpha=1.0)[["r", "alpha"]]) == ""
    assert len(drawn(posterior(DRAWS[["r"]])).child_axes) == 1


@pytest.mark.parametrize("n", [1, 2, 4, 5, 9])
def test_panels_lie_within_the_axes_and_apart(n):
    columns, rows = min(n, 4), -(-n // 4)
    places = [bounds(*divmod(k, columns), rows, columns) for k in range(n)]
    for left, bottom, width, height in places:
        assert left >= -1e-9
        assert bottom >= -1e-9
        assert left + width <= 1 + 1e-9
        assert bottom + height <= 1 + 1e-9
    for i, (left, bottom, width, height) in enumerate(places):
        for other, below, _, _ in places[i + 1 :]:
            assert other >= left + width or below + height <= bottom + 1e-9


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(DataError, match=r"got BetaGeoModel\. Call its posterior\(\) first"):
        drawn(WEEKLY)
    with pytest.raises(DataError, match=r"a posterior is needed.* got dict"):
        drawn({"draws": DRAWS})
    with pytest.raises(DataError, match="101 draws, 1 values of them not finite"):
        drawn(posterior(DRAWS.assign(a=[np.nan, *np.ones(100)])))
    with pytest.raises(DataError, match=r"estimates has 'Alpha'.*Did you mean 'alpha'"):
        drawn(estimates={"Alpha": 1.0})
    for level in (0.0, 1.0, "90 %", None):
        with pytest.raises(DataError, match="plot_posterior: level must be"):
            drawn(level=level)
