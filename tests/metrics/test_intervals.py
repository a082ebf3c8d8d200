"""interval_coverage and interval_score: by hand, propriety by simulation, texts."""

import numpy as np
import pytest
from scipy import stats

from crmkit.exceptions import DataError
from crmkit.metrics import interval_coverage, interval_score

TRUE, LOWER, UPPER = [0, 1, 5, 2], [0, 0, 1, 3], [1, 2, 3, 4]


def test_all_by_hand():
    assert interval_coverage(TRUE, LOWER, UPPER, level=0.5) == {
        "coverage": 0.5,
        "share_below": 0.25,
        "share_above": 0.25,
        "mean_width": 1.5,
        "interval_score": 1.5 + 4 * (2 + 1) / 4,
    }


def test_bounds_belong_to_the_interval():
    assert interval_coverage([1, 2], [1, 0], [3, 2])["coverage"] == 1.0


def test_losses_are_read_too():
    assert interval_score([-3.0], [-2.0], [1.0], level=0.8) == pytest.approx(3.0 + 10.0 * 1.0)


def test_the_true_quantiles_score_best():
    came = stats.expon.ppf((np.arange(20_000) + 0.5) / 20_000)
    scores = {
        tails: interval_score(
            came,
            np.full(came.shape, stats.expon.ppf(tails[0])),
            np.full(came.shape, stats.expon.ppf(tails[1])),
        )
        for tails in [(0.1, 0.9), (0.05, 0.9), (0.15, 0.9), (0.1, 0.85), (0.1, 0.95), (0.0, 0.8)]
    }
    assert min(scores, key=scores.get) == (0.1, 0.9)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((TRUE, UPPER, LOWER), r"4 lower bounds are above .* row 0: 1 > 0\). Are the two columns"),
        ((TRUE, LOWER[:3], UPPER), "y_true has 4 customers and lower 3"),
        ((TRUE, LOWER, UPPER[:3]), "y_true has 4 customers and upper 3"),
        ((TRUE, LOWER, [1, 2, np.inf, 4]), "upper has 1 infinite"),
    ],
)
@pytest.mark.parametrize("function", [interval_coverage, interval_score])
def test_errors_teach(function, arguments, text):
    with pytest.raises(DataError, match=f"{function.__name__}: {text}"):
        function(*arguments)


@pytest.mark.parametrize("level", [0, 1, 80, True, "0.8", None])
def test_a_level_is_a_probability(level):
    with pytest.raises(DataError, match="level must be a number above 0 and below 1"):
        interval_score(TRUE, LOWER, UPPER, level=level)
