"""plot_drift: marks, bands and words by hand, what is drawn first, what is refused."""

import numpy as np
import pandas as pd
import pytest

from crmkit.cleaning import quality_report
from crmkit.exceptions import DataError
from crmkit.plotting import plot_drift
from crmkit.plotting._style import BLUE, VERMILION
from tests.contracts.frame_kinds import FRAMES
from tests.plotting._churned import axes

NAN = float("nan")
CHANGES = pd.DataFrame(
    [
        ("", "rows", 100.0, 120.0, NAN, NAN, False, "100 before, 120 now"),
        ("age", "missing", 0.10, 0.12, 0.05, 0.15, False, "10.0% before, 12.0% now"),
        ("age", "distribution", 0.0, 0.3, 0.0, 0.08, True, "distance 0.30"),
        ("email", "missing", 0.05, 0.40, 0.02, 0.09, True, "5.0% before, 40.0% now"),
        ("kind", "new categories", 0.0, 1.0, 0.0, 0.0, True, "kiosk (40 rows)"),
    ],
    columns=["column", "measure", "before", "now", "low", "high", "drifted", "what"],
)


def names(ax):
    return [text.get_text() for text in ax.get_yticklabels()]


@pytest.mark.parametrize("kind", FRAMES)
def test_by_hand(kind):
    ax = plot_drift(FRAMES[kind](CHANGES), ax=axes())
    assert names(ax) == [
        "kind: new categories",
        "email: missing",
        "age: distribution",
        "age: missing",
    ]
    assert [text.get_text() for text in ax.texts] == [" kiosk (40 rows)"]
    bands = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in ax.patches]
    assert np.allclose(bands, [(0.02, 0.09), (0.0, 0.08), (0.05, 0.15)])
    dots = [line for line in ax.lines if len(line.get_xdata()) == 1]
    rings, now = dots[::2], dots[1::2]
    assert [line.get_xdata()[0] for line in rings] == [0.05, 0.0, 0.10]
    assert [line.get_xdata()[0] for line in now] == [0.40, 0.3, 0.12]
    assert [line.get_color() for line in now] == [VERMILION, VERMILION, BLUE]
    assert ax.get_title(loc="left") == "3 of 5 measures drifted"
    assert ax.yaxis_inverted()


def test_only_so_many_are_drawn_and_drifted_ones_first():
    assert names(plot_drift(CHANGES, n=2, ax=axes())) == ["kind: new categories", "email: missing"]


def test_of_a_report():
    frame = pd.DataFrame({"phone": ["555-0100"] * 200, "status": ["a", "b"] * 100})
    changes = quality_report(frame, duplicates=False).compare(frame)
    ax = plot_drift(changes, ax=axes())
    assert ax.get_title(loc="left") == f"0 of {len(changes)} measures drifted"


def test_nothing_to_draw():
    ax = plot_drift(CHANGES.iloc[:1], ax=axes())
    assert names(ax) == []


def test_what_is_refused():
    with pytest.raises(DataError, match="n must be a whole number of at least 1"):
        plot_drift(CHANGES, n=0, ax=axes())
    with pytest.raises(DataError, match="column 'what' not found"):
        plot_drift(CHANGES.drop(columns="what"), ax=axes())
    with pytest.raises(DataError, match="plot_drift: a frame is needed"):
        plot_drift([1], ax=axes())
