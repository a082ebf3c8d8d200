"""plot_unusual: points, the limit, the strangest with a reason, errors."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from matplotlib.figure import Figure

from crmkit.exceptions import DataError
from crmkit.plotting import plot_unusual

JUDGED = pd.DataFrame(
    {
        "customer_id": list("abcd"),
        "score": [0.6, 0.9, 0.1, 0.4],
        "unusual": [True, True, False, False],
        "reasons": [
            "an order of 90.50; 99 of 100 customers alike have at most 10.00",
            "7 returns in 10 days; 99 of 100 customers alike have at most 1. 60% of the money",
            "",
            "",
        ],
        "second_opinion": [0.5, 0.99, 0.2, 0.8],
    }
)


def drawn(judged, **options):
    return plot_unusual(judged, ax=Figure().add_subplot(), **options)


@pytest.mark.parametrize("kind", [lambda f: f, pl.from_pandas, lambda f: pl.from_pandas(f).lazy()])
def test_everybody_is_a_point(kind):
    ax = drawn(kind(JUDGED))
    innocent, flagged = (points.get_offsets() for points in ax.collections)
    np.testing.assert_allclose(innocent, [[0.2, 0.1], [0.8, 0.4]])
    np.testing.assert_allclose(flagged, [[0.5, 0.6], [0.99, 0.9]])
    assert ax.lines[0].get_ydata() == [0.5, 0.5]
    assert ax.get_title(loc="left") == "2 customers of 4 unlike their peers"


def test_the_strangest_come_first_with_their_first_reason():
    texts = [text.get_text() for text in drawn(JUDGED).texts]
    assert texts == ["b: 7 returns in 10 days", "a: an order of 90.50"]
    assert [text.get_text() for text in drawn(JUDGED, n=1).texts] == texts[:1]
    assert not drawn(JUDGED, n=0).texts


def test_who_did_nothing_is_not_among_the_judged():
    told = JUDGED.assign(orders=[1, 0, 0, 2], returns=[0, 7, 0, 0])
    assert drawn(told).get_title(loc="left") == "2 customers of 3 unlike their peers"


def test_many_reasons_stay_on_the_axes():
    many = pd.concat([JUDGED[:1]] * 30).reset_index(drop=True)
    ax = drawn(many, n=20)
    heights = [text.xyann[1] for text in ax.texts]
    assert len(heights) == 20
    assert min(heights) > 0.02
    assert (np.diff(heights) < 0).all()


def test_nobody_unusual_is_drawn_too():
    quiet = JUDGED.assign(unusual=False)
    assert drawn(quiet).get_title(loc="left") == "0 customers of 4 unlike their peers"


def test_errors_teach():
    with pytest.raises(DataError, match="plot_unusual: a frame is needed"):
        drawn(3)
    with pytest.raises(DataError, match="column 'score' not found"):
        drawn(JUDGED.drop(columns="score"))
    with pytest.raises(DataError, match="n must be at most 20"):
        drawn(JUDGED, n=21)
    with pytest.raises(DataError, match="n must be a whole number of at least 0"):
        drawn(JUDGED, n=-1)
