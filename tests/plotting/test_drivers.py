"""plot_drivers: bars, colours and words by hand, what drivers gives, what is refused."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from matplotlib.figure import Figure

from crmkit.exceptions import DataError
from crmkit.plotting import plot_drivers
from crmkit.plotting._drivers import PART, SURE, UNSURE
from crmkit.segment import drivers
from tests.plotting._churned import axes, legend

FOUND = pd.DataFrame(
    {
        "column": ["joined", "visits", "net", "coin"],
        "strength": [np.nan, 0.5, 0.95, 0.1],
        "p_adjusted": [np.nan, 0.05, 0.001, 0.06],
        "direction": ["", "higher visits, lower value", "higher net, higher value", ""],
        "note": ["left out: holds instants", "", "nearly the target itself", ""],
    }
)


def bars(ax):
    return {
        c.get_label(): [(b.get_y() + b.get_height() / 2, b.get_width()) for b in c]
        for c in ax.containers
    }


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.from_pandas], ids=["pandas", "polars"])
def test_bars_and_words(kind):
    ax = plot_drivers(kind(FOUND), ax=axes())
    assert [t.get_text() for t in ax.get_yticklabels()] == ["net", "visits", "coin"]
    found = bars(ax)
    assert found[PART] == [pytest.approx((0, 0.95))]
    assert found[SURE] == [pytest.approx((1, 0.5))]
    assert found[UNSURE] == [pytest.approx((2, 0.1))]
    assert legend(ax) == [SURE, UNSURE, PART]
    assert [t.get_text().strip() for t in ax.texts] == [
        "0.95  higher net, higher value",
        "0.50  higher visits, lower value",
        "0.10",
    ]
    assert "not cause" in ax.get_title(loc="left")


def test_the_strongest_and_another_level_of_surety():
    ax = plot_drivers(FOUND, n=2, alpha=0.01, ax=axes())
    assert list(bars(ax)) == [UNSURE, PART]


def test_the_frame_of_drivers_is_drawn():
    random = np.random.default_rng(0)
    x = random.normal(size=(80, 3))
    customers = pd.DataFrame(x, columns=["a", "b", "c"])
    customers.insert(0, "customer_id", range(80))
    found = drivers(customers, x[:, 0] + x[:, 1])
    widths = [width for each in bars(plot_drivers(found, ax=axes())).values() for _, width in each]
    assert sorted(widths) == pytest.approx(sorted(found["strength"]))


@pytest.mark.parametrize("n", [1, 3])
def test_the_legend_is_clear_of_the_label(n):
    figure = Figure(figsize=(8.6, 1.4 + 0.42 * n), layout="constrained")
    ax = plot_drivers(FOUND, n=n, ax=figure.add_subplot())
    figure.draw_without_rendering()
    box, label = ax.get_legend().get_window_extent(), ax.xaxis.label.get_window_extent()
    assert not box.overlaps(label)
    assert box.y0 >= 0


def test_what_is_refused():
    with pytest.raises(DataError, match="plot_drivers: no attribute has a strength: all were left"):
        plot_drivers(FOUND[:1], ax=axes())
    with pytest.raises(DataError, match="plot_drivers: column 'note' not found"):
        plot_drivers(FOUND.drop(columns="note"), ax=axes())
    with pytest.raises(DataError, match="plot_drivers: n must be a whole number of at least 1"):
        plot_drivers(FOUND, n=0, ax=axes())
    with pytest.raises(DataError, match="plot_drivers: alpha must be a number between 0 and 1"):
        plot_drivers(FOUND, alpha=5, ax=axes())
