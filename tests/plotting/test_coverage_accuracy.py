"""plot_coverage_accuracy: dots, the line of the unbeaten, names that do not overlap."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.exceptions import DataError
from crmkit.plotting import plot_coverage_accuracy
from crmkit.plotting._coverage_accuracy import apart, unbeaten
from tests.plotting._churned import axes
from tests.plotting._evaluated import FOUND, NAMES, TABLE


def test_dots_and_the_line_of_the_unbeaten():
    ax = plot_coverage_accuracy(FOUND, ax=axes())
    line, *dots = ax.lines
    assert line.get_xdata().tolist() == [0.3, 0.5, 0.6]
    assert line.get_ydata().tolist() == [0.12, 0.08, 0.04]
    assert [(d.get_xdata()[0], d.get_ydata()[0]) for d in dots] == list(
        zip(TABLE["coverage"], TABLE["ndcg"], strict=True)
    )
    assert [text.get_text() for text in ax.texts] == NAMES
    assert ax.get_title(loc="left") == "NDCG and coverage: new items"
    assert ax.get_ylabel() == "NDCG@10"


def test_a_frame_of_scores_is_drawn_and_what_is_missing_left_out():
    table = TABLE.assign(diversity=[0.5, np.nan, 0.4, 0.3, 0.2])
    ax = plot_coverage_accuracy(table, breadth="diversity", ax=axes())
    assert len(ax.texts) == 4
    assert ax.get_title(loc="left") == "NDCG and diversity"
    assert ax.get_ylabel() == "NDCG"
    with pytest.raises(DataError, match="no recommender has both 'ndcg' and 'diversity'"):
        plot_coverage_accuracy(table.assign(diversity=np.nan), breadth="diversity", ax=axes())


points = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=12)


@given(points)
def test_unbeaten_by_brute_force(pairs):
    x, y = np.array(pairs, dtype=float).T
    expected = [
        i
        for i, (a, b) in enumerate(pairs)
        if not any(c >= a and d >= b and (c, d) != (a, b) for c, d in pairs)
    ]
    assert unbeaten(x, y).tolist() == expected


@given(points)
def test_names_stand_apart(pairs):
    x, y = np.array(pairs, dtype=float).T
    heights = apart(x, y, np.ones(len(x), dtype=bool))
    assert (heights <= y).all()
    spots = set(zip(x, np.round(heights, 9), strict=True))
    assert len(spots) == len(pairs)


def test_what_cannot_be_drawn():
    with pytest.raises(DataError, match="column 'novelty' not found"):
        plot_coverage_accuracy(FOUND, breadth="novelty", ax=axes())
    with pytest.raises(DataError, match="an Evaluation is needed, got Series"):
        plot_coverage_accuracy(pd.Series([1.0]), ax=axes())
