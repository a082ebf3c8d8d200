"""plot_profit: lines, band and break-even of a curve."""

import numpy as np
import pytest

from crmkit.exceptions import DataError
from crmkit.metrics import profit_curve
from crmkit.plotting import plot_profit
from tests.plotting._churned import CHURNED, RISK, axes, legend, line


def curve(y=CHURNED, p=RISK, value=150.0, **more):
    money = {"acceptance": 0.4, "offer_cost": 15.0, "contact_cost": 2.0}
    return profit_curve(y, p, value=value, **money, n_resamples=20, random_state=0, **more)


def test_lines_are_those_of_the_curve():
    table = curve()
    ax = plot_profit(table, ax=axes())
    assert legend(ax) == ["as it came", "expected", "random pick"]
    np.testing.assert_array_equal(line(ax, "as it came")[1], table["profit"])
    np.testing.assert_array_equal(line(ax, "expected")[1], table["expected_profit"])
    assert line(ax, "random pick")[1].tolist() == [0, table["profit"].iloc[-1]]
    worth = round(100 * np.mean(RISK > 17 / 69))
    assert ax.texts[0].get_text() == f"break-even: contact {worth} %"
    assert ax.lines[-1].get_xdata()[0] == pytest.approx(worth / 100)


@pytest.mark.parametrize(
    ("order", "first"), [("profit", ", the most promising first"), ("risk", ", the riskiest first")]
)
def test_the_axis_says_who_comes_first(order, first):
    table = curve(order=order)
    assert plot_profit(table, ax=axes()).get_xlabel() == f"share of customers contacted{first}"
    table.attrs.clear()
    assert plot_profit(table, ax=axes()).get_xlabel() == "share of customers contacted"


def test_all_or_nobody():
    assert plot_profit(curve(value=9000.0), ax=axes()).texts[0].get_text().endswith("contact all")
    assert plot_profit(curve(value=1.0), ax=axes()).texts[0].get_text().endswith("contact nobody")


def test_a_missing_column_is_named():
    with pytest.raises(DataError, match="plot_profit: column 'expected_profit' not found"):
        plot_profit(curve().drop(columns="expected_profit"), ax=axes())
