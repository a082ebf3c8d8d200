"""plot_match_thresholds: lines by hand, estimates beside measures, what is refused."""

import pandas as pd
import pytest

from crmkit.exceptions import DataError
from crmkit.plotting import plot_match_thresholds
from tests.contracts.frame_kinds import FRAMES
from tests.plotting._churned import axes, legend

SCORES = pd.DataFrame({"threshold": [0.8, 0.2], "precision": [1.0, 0.9], "recall": [0.7, 1.0]})


@pytest.mark.parametrize("kind", FRAMES)
def test_lines_in_order_of_the_threshold(kind):
    ax = plot_match_thresholds(FRAMES[kind](SCORES), ax=axes())
    assert [line.get_xdata().tolist() for line in ax.lines] == [[0.2, 0.8]] * 2
    assert [line.get_ydata().tolist() for line in ax.lines] == [[0.9, 1.0], [1.0, 0.7]]
    assert legend(ax) == ["precision", "recall"]
    assert ax.get_ylim()[0] == pytest.approx(0.65)


def test_estimates_are_dashed_beside_measures():
    ax = plot_match_thresholds(SCORES, SCORES.assign(recall=0.5), threshold=0.4, ax=axes())
    measured, estimated = ax.lines[1], ax.lines[3]
    assert (measured.get_linestyle(), estimated.get_linestyle()) == ("-", "--")
    assert measured.get_ydata().tolist() == [0.5, 0.5]
    assert legend(ax) == [
        "precision, measured", "recall, measured", "precision, estimated", "recall, estimated",
    ]  # fmt: skip
    assert ax.lines[4].get_xdata() == [0.4, 0.4]


def test_what_is_refused():
    with pytest.raises(DataError, match="plot_match_thresholds: column 'recall' not found"):
        plot_match_thresholds(SCORES.drop(columns="recall"), ax=axes())
    with pytest.raises(DataError, match=r"the frame has no rows. Pass at least one threshold"):
        plot_match_thresholds(SCORES, SCORES[:0], ax=axes())
    with pytest.raises(DataError, match="threshold must be a number between 0 and 1, got 2"):
        plot_match_thresholds(SCORES, threshold=2, ax=axes())
