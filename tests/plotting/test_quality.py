"""plot_quality: fields and words by hand, frames of every library, what is refused."""

import numpy as np
import pandas as pd
import pytest

from crmkit.cleaning import quality_report
from crmkit.exceptions import DataError
from crmkit.plotting import plot_quality
from tests.contracts.frame_kinds import FRAMES
from tests.plotting._churned import axes

LIST = pd.DataFrame(
    {
        "id": [1, 2, 2, 4],
        "email": ["ann@post.example", "bob@post", None, "N/A"],
        "seen": pd.to_datetime(["2024-01-01", "2024-01-01", "2020-01-01", "2024-01-01"]),
    }
)
HOW = {"record": "id", "when": "seen", "duplicates": False}


def words(ax):
    return [text.get_text() for text in ax.texts]


@pytest.mark.parametrize("kind", FRAMES)
def test_fields_by_hand(kind):
    report = quality_report(FRAMES[kind](LIST), **HOW)
    for told in (report, report.to_frame()):
        ax = plot_quality(told, ax=axes())
        assert words(ax) == [
            *["100 %", "100 %", "75 %", "100 %", "·"],
            *["50 %", "50 %", "·", "100 %", "·"],
            *["100 %", "100 %", "·", "100 %", "75 %"],
        ]
        assert [text.get_text() for text in ax.get_yticklabels()] == ["id", "email", "seen"]
        assert ax.yaxis_inverted()


def test_what_is_worse_is_darker():
    ax = plot_quality(quality_report(LIST, **HOW), ax=axes())
    (mesh,) = ax.collections
    shades = np.ma.getdata(mesh.get_array()).reshape(3, 5)
    assert shades[1, 0] == pytest.approx(0.5**0.5)
    assert shades[0, 0] == 0
    assert mesh.cmap(0.0) == (1.0, 1.0, 1.0, 1.0)


def test_timeliness_is_left_out_where_nothing_tells_it():
    ax = plot_quality(quality_report(LIST, duplicates=False), ax=axes())
    titles = [text.get_text() for text in ax.get_xticklabels()]
    assert titles == ["completeness", "validity", "uniqueness", "consistency"]


def test_nearly_all_is_not_all():
    frame = pd.DataFrame({"phone": ["555-0100"] * 999 + [None]})
    assert words(plot_quality(quality_report(frame, duplicates=False), ax=axes()))[0] == "99.9 %"


def test_a_list_without_columns():
    ax = plot_quality(quality_report(pd.DataFrame(), duplicates=False), ax=axes())
    assert words(ax) == []


def test_names_of_every_script():
    frame = LIST.rename(columns={"email": "邮箱"})
    ax = plot_quality(quality_report(frame, duplicates=False), ax=axes())
    assert [text.get_text() for text in ax.get_yticklabels()][1] == "邮箱"


def test_what_is_no_report_is_refused():
    with pytest.raises(DataError, match="plot_quality: a QualityReport is needed"):
        plot_quality([1, 2], ax=axes())
    with pytest.raises(DataError, match="column 'column' not found"):
        plot_quality(LIST, ax=axes())
