"""plot_segment_stability: lines, filled dots, the chosen number, texts."""

import pandas as pd
import polars as pl
import pytest
from matplotlib.figure import Figure

from crmkit.exceptions import DataError
from crmkit.plotting import plot_segment_stability
from crmkit.segment import BehaviourSegmenter
from tests.segment._behaviour import CUSTOMERS, NUMBERS

TABLE = pd.DataFrame(
    {
        "method": ["kmeans"] * 4,
        "k": [2, 3, 4, 5],
        "stability": [0.95, 0.9, 0.85, 0.6],
        "stability_sd": [0.02, 0.03, 0.2, 0.1],
        "silhouette": [0.4, 0.3, 0.3, 0.2],
        "smallest_share": [0.3, 0.2, 0.1, 0.1],
        "largest_share": [0.7, 0.5, 0.4, 0.3],
        "fidelity": [0.95, 0.9, 0.88, 0.7],
        "misses": ["a segment of 70%", "", "", "stability 0.60 of 0.80"],
    }
)


def drawn(table):
    return plot_segment_stability(table, ax=Figure().add_subplot())


def lines(ax):
    return [line.get_ydata().tolist() for line in ax.lines]


@pytest.mark.parametrize("frame", [TABLE, pl.from_pandas(TABLE)], ids=["pandas", "polars"])
def test_lines_and_dots_are_the_table(frame):
    ax = drawn(frame)
    stability, filled, hollow, told, silhouette = lines(ax)
    assert stability == [0.95, 0.9, 0.85, 0.6]
    assert (filled, hollow) == ([0.9, 0.85], [0.95, 0.6])
    assert told == [0.95, 0.9, 0.88, 0.7]
    assert silhouette == [0.4, 0.3, 0.3, 0.2]
    assert ax.lines[2].get_markerfacecolor() == "white"
    band = ax.collections[0].get_paths()[0].vertices
    assert band[:, 1].max() == 1.0
    assert [t.get_text() for t in ax.texts] == ["silhouette", "stability", "told by rules"]


def test_a_segmenter_marks_what_it_chose():
    segmenter = BehaviourSegmenter(list(NUMBERS.columns), n_resamples=3, max_segments=5)
    ax = drawn(segmenter.fit(CUSTOMERS))
    assert ax.lines[0].get_ydata().tolist() == segmenter.stability_["stability"]
    assert ax.lines[-1].get_xdata() == [4, 4]
    assert ax.texts[-1].get_text() == "chosen"


def test_the_choice_of_the_last_number_is_clear_of_the_names():
    segmenter = BehaviourSegmenter(list(NUMBERS.columns), n_resamples=3, max_segments=4)
    figure = Figure(figsize=(7, 4.2), layout="constrained")
    ax = plot_segment_stability(segmenter.fit(CUSTOMERS), ax=figure.add_subplot())
    figure.draw_without_rendering()
    *names, chosen = (text.get_window_extent() for text in ax.texts)
    assert segmenter.n_segments_ == 4
    assert not any(chosen.overlaps(name) for name in names)


def test_a_single_number_has_dots():
    ax = drawn(TABLE[1:2])
    assert [line.get_marker() for line in ax.lines[-2:]] == [".", "."]


def test_errors_teach():
    with pytest.raises(DataError, match=r"comes twice: the table is of several methods"):
        drawn(pd.concat([TABLE, TABLE.assign(method="mixture")]))
    with pytest.raises(DataError, match=r"a table of .* is needed, got dict"):
        drawn({"k": [2]})
    with pytest.raises(DataError, match="column 'misses' not found"):
        drawn(TABLE.drop(columns="misses"))
    given = BehaviourSegmenter(n_segments=3).fit(NUMBERS)
    with pytest.raises(DataError, match=r"was given its number of segments\. Draw the table of"):
        drawn(given)
