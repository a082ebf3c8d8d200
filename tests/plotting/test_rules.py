"""plot_rules: dots and names by hand, frames of every library, two items that lead together."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from crmkit.exceptions import DataError
from crmkit.plotting import plot_rules
from tests.plotting._churned import axes

RULES = pd.DataFrame(
    {
        "antecedent": ["tea", "tea", "jam"],
        "consequent": ["pot", "cup", "pot"],
        "support": [0.1, 0.05, 0.01],
        "confidence": [0.5, 0.25, 1.0],
        "lift": [2.0, 3.0, 4.0],
    }
)


def rows(ax):
    return [text.get_text() for text in ax.get_yticklabels()]


@pytest.mark.parametrize(
    "kind",
    [
        pd.DataFrame,
        pl.from_pandas,
        lambda x: pl.from_pandas(x).lazy(),
        lambda x: pa.Table.from_pandas(x, preserve_index=False),
    ],
    ids=["pandas", "polars", "lazy", "pyarrow"],
)
def test_dots_and_names(kind):
    ax = plot_rules(kind(RULES), ax=axes())
    dots = ax.collections[0]
    assert dots.get_offsets().tolist() == [[0, 0], [1, 0], [0, 1]]
    assert dots.get_array().tolist() == [2.0, 3.0, 4.0]
    assert (dots.get_sizes() / dots.get_sizes().max()).tolist() == [0.5, 0.25, 1.0]
    assert rows(ax) == ["tea", "jam"]
    assert [text.get_text() for text in ax.get_xticklabels()] == ["pot", "cup"]
    assert ax.get_title(loc="left") == "What goes together: 3 rules"
    assert "confidence, up to 100 %; support from 1 % to 10 %" in ax.get_xlabel()


def test_lift_adjusted_for_basket_sizes_is_drawn_where_it_is_told():
    ax = plot_rules(RULES.assign(adjusted_lift=[1.5, 2.5, 3.5]), ax=axes())
    assert ax.collections[0].get_array().tolist() == [1.5, 2.5, 3.5]
    bars = [other.get_ylabel() for other in ax.figure.axes if other is not ax]
    assert bars == ["lift, adjusted for basket sizes"]
    plain = plot_rules(RULES, ax=axes())
    assert [other.get_ylabel() for other in plain.figure.axes if other is not plain] == ["lift"]


def test_the_first_rules_are_drawn():
    ax = plot_rules(RULES, 1, ax=axes())
    assert rows(ax) == ["tea"]
    assert ax.get_title(loc="left") == "What goes together: 1 rule"


def test_rules_of_a_market_basket_are_drawn():
    own = RULES.rename(columns={"antecedent": "sku", "consequent": "then_item"})
    assert rows(plot_rules(own, ax=axes())) == ["tea", "jam"]
    pairs = own.assign(and_item="milk", sku=np.arange(3))
    assert rows(plot_rules(pairs, ax=axes())) == ["0 + milk", "1 + milk", "2 + milk"]


def test_long_and_chinese_names_are_drawn():
    long = RULES.assign(antecedent=["x" * 50, "空调", "空调"])
    assert rows(plot_rules(long, ax=axes())) == ["x" * 33 + "…", "空调"]


def test_what_cannot_be_drawn():
    with pytest.raises(DataError, match="plot_rules: column 'lift' not found"):
        plot_rules(RULES.drop(columns="lift"), ax=axes())
    with pytest.raises(DataError, match="column 'consequent' not found"):
        plot_rules(RULES.drop(columns="consequent"), ax=axes())
    with pytest.raises(DataError, match="there is no rule to draw"):
        plot_rules(RULES.head(0), ax=axes())
    with pytest.raises(DataError, match="n must be a whole number of at least 1"):
        plot_rules(RULES, 0, ax=axes())
