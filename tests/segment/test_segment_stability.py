"""segment_stability: the table, raw spend, frames, texts."""

import numpy as np
import pandas as pd
import pytest

from crmkit.exceptions import DataError
from crmkit.segment import BehaviourSegmenter, segment_stability
from tests.segment._behaviour import CUSTOMERS, NUMBERS
from tests.segment._shop import FRAMES, as_dict

SEGMENTER = BehaviourSegmenter(list(NUMBERS.columns), n_resamples=3, random_state=7)


def test_the_table_is_that_of_the_segmenter():
    table = segment_stability(CUSTOMERS, range(2, 7), segmenter=SEGMENTER)
    fitted = BehaviourSegmenter(**SEGMENTER.get_params()).set_params(max_segments=6).fit(CUSTOMERS)
    pd.testing.assert_frame_equal(table, pd.DataFrame(fitted.stability_))
    assert not hasattr(SEGMENTER, "columns_")


def test_raw_spend_has_the_best_silhouette_and_is_refused():
    rng = np.random.default_rng(0)
    spend = pd.DataFrame({"spend": rng.lognormal(4, 1, 500), "orders": rng.poisson(3, 500)})
    spend.loc[0, "spend"] = 1e6
    raw = BehaviourSegmenter(scaling="none", n_resamples=3)
    table = segment_stability(spend, [2], segmenter=raw)
    assert table.loc[0, "silhouette"] > 0.95
    assert table.loc[0, "largest_share"] > 0.99
    assert "a segment of 0.2%; a segment of 100%" in table.loc[0, "misses"]
    scaled = segment_stability(spend, [2], segmenter=BehaviourSegmenter(n_resamples=3))
    assert scaled.loc[0, "largest_share"] < 0.7


def test_the_mixture_by_name_and_numbers_in_order():
    segmenter = BehaviourSegmenter(n_resamples=2, method="mixture")
    table = segment_stability(NUMBERS.to_numpy(), [3, 2, 3], segmenter=segmenter)
    assert table["k"].tolist() == [2, 3]
    assert table["method"].tolist() == ["mixture"] * 2


@pytest.mark.parametrize("kind", FRAMES)
def test_frames_come_back_in_their_library(kind):
    frame = FRAMES[kind](CUSTOMERS)
    out = segment_stability(frame, [2, 3], segmenter=SEGMENTER)
    assert type(out) is type(frame)
    assert as_dict(out)["k"] == [2, 3]


@pytest.mark.parametrize(
    ("k", "options", "text"),
    [
        ([1, 2], {}, "each of k must be a whole number of at least 2, got 1"),
        ("4", {}, "k must be a list of whole numbers"),
        ([], {}, "k is empty"),
        ([2], {"segmenter": "kmeans"}, "segmenter must be a BehaviourSegmenter"),
        ([1000], {}, "k=1000 is more than the 300 different customers"),
    ],
)
def test_errors_teach(k, options, text):
    with pytest.raises(DataError, match=text):
        segment_stability(CUSTOMERS, k, **options)
