"""plot_segment_profile: fields and labels are those of the profile."""

from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.figure import Figure

from crmkit.exceptions import DataError
from crmkit.plotting import plot_segment_profile
from crmkit.segment import BehaviourSegmenter
from tests.segment._behaviour import CUSTOMERS


def test_fields_are_the_profile():
    segmenter = BehaviourSegmenter(n_segments=4).fit(CUSTOMERS)
    ax = plot_segment_profile(segmenter, ax=Figure().add_subplot())
    profile = segmenter.profile()
    z = np.asarray(ax.collections[0].get_array()).reshape(4, 5)
    assert z.ravel().tolist() == profile["z"].tolist()
    assert [t.get_text() for t in ax.get_xticklabels()] == [
        "days_since_last",
        "n_orders",
        "total_amount",
        "channel: shop",
        "channel: web",
    ]
    rows = [t.get_text() for t in ax.get_yticklabels()]
    for text, name, share in zip(rows, segmenter.segments_, segmenter.shares_, strict=True):
        assert text == f"{name}  {100 * share:.0f} %"
    assert ax.texts[0].get_text().lstrip("+\N{MINUS SIGN}") == f"{abs(z[0, 0]):.1f}"
    assert ax.yaxis_inverted()


def test_nothing_has_no_sign():
    z = {"z": [-0.01, 0.04, -0.06, 1.0], "column": list("abab"), "level": [None] * 4}
    told = SimpleNamespace(profile_=z, segments_=["x", "y"], shares_=[0.5, 0.5])
    ax = plot_segment_profile(told, ax=Figure().add_subplot())
    assert [text.get_text() for text in ax.texts] == ["0.0", "0.0", "\N{MINUS SIGN}0.1", "+1.0"]


def test_errors_teach():
    with pytest.raises(DataError, match=r"a fitted crmkit\.segment\.BehaviourSegmenter is needed"):
        plot_segment_profile(BehaviourSegmenter(), ax=Figure().add_subplot())
