"""plot_lorenz: the curve and its marks by hand, what is refused."""

import numpy as np
import pandas as pd
import pytest

from crmkit.exceptions import DataError
from crmkit.plotting import plot_lorenz
from crmkit.segment import describe_customers
from tests.plotting._churned import axes, legend, line

CUSTOMERS = pd.DataFrame({"customer_id": list("abcde"), "spent": [50.0, 30, 20, 0, -5]})


def described(customers=CUSTOMERS, value="spent"):
    return describe_customers(customers, value=value)


def test_the_curve_and_its_marks():
    ax = plot_lorenz(described(), ax=axes())
    x, y = line(ax, "these customers (Gini 0.52)")
    assert x.tolist() == [0, 0.2, 0.4, 0.6, 0.8, 1]
    assert y.tolist() == pytest.approx([0, 0, 0, 0.2, 0.5, 1])
    assert legend(ax)[2:] == [
        "the best 20 % of customers hold 50 %",
        "2 customers (40 %) hold 80 %",
    ]
    (best_x,), (best_y,) = line(ax, "the best 20 % of customers hold 50 %")
    assert (best_x, best_y) == (0.8, 0.5)
    (few_x,), (few_y,) = line(ax, "2 customers (40 %) hold 80 %")
    assert (few_x, few_y) == pytest.approx((0.6, 0.2))
    assert ax.get_title(loc="left") == "Who holds spent"


def test_other_marks_and_many_customers():
    values = np.arange(1.0, 5001.0)
    many = pd.DataFrame({"customer_id": range(5000), "spent": values})
    ax = plot_lorenz(described(many), best=0.5, part=0.5, ax=axes())
    assert legend(ax)[2].startswith("the best 50 % of customers hold 75 %")
    x, y = line(ax, legend(ax)[1])
    assert len(x) == 1000
    assert (x[0], y[0], x[-1], y[-1]) == (0, 0, 1, 1)


@pytest.mark.parametrize("library", ["polars", "pyarrow"])
def test_descriptions_of_other_libraries(library):
    import polars as pl

    frame = pl.from_pandas(CUSTOMERS)
    frame = frame if library == "polars" else frame.to_arrow()
    assert legend(plot_lorenz(described(frame), ax=axes())) == legend(
        plot_lorenz(described(), ax=axes())
    )


def test_what_is_refused():
    with pytest.raises(DataError, match="plot_lorenz: a CustomerDescription is needed, as segment"):
        plot_lorenz([1, 2], ax=axes())
    with pytest.raises(DataError, match="nobody has a 'spent' above 0"):
        plot_lorenz(described(CUSTOMERS.assign(spent=0.0)), ax=axes())
    with pytest.raises(DataError, match="share must be at most 1"):
        plot_lorenz(described(), best=2, ax=axes())
