"""programme_roi: by hand, the standard error by theory, self-selection shown, error texts."""

import numpy as np
import pytest

from crmkit.clv import programme_roi
from crmkit.exceptions import DataError

MEMBERS, OTHERS = [60.0, 80.0, 40.0, 60.0], [50.0, 30.0, 40.0, 40.0]


def test_one_period_by_hand():
    told = programme_roi(MEMBERS, OTHERS, cost=50.0)
    assert told["incremental_margin"] == 80.0
    assert told["roi"] == pytest.approx((80 - 50) / 50)
    error = 4 * np.sqrt(np.var(MEMBERS, ddof=1) / 4 + np.var(OTHERS, ddof=1) / 4) / 50
    assert told["std_error"] == pytest.approx(error)
    assert told["lower_95"] == pytest.approx(0.6 - 1.96 * error)
    assert told["upper_95"] == pytest.approx(0.6 + 1.96 * error)
    assert all(type(value) is float for value in told.values())


def test_changes_by_hand():
    before = [55.0, 70.0, 30.0, 45.0]  # changes 5, 10, 10, 15: mean 10
    told = programme_roi(
        MEMBERS, OTHERS, 20, members_before=before, comparison_before=[48.0, 28.0, 38.0, 38.0]
    )
    assert told["incremental_margin"] == 4 * (10 - 2)
    assert told["roi"] == pytest.approx(12 / 20)


def test_what_members_had_before_joining_is_no_return():
    """A programme without effect that the better customers join."""
    random = np.random.default_rng(0)
    level = random.gamma(2.0, 50.0, 4000)
    before, now = (level + random.normal(0, 10, 4000) for _ in range(2))
    joined = level > np.median(level)
    naive = programme_roi(now[joined], now[~joined], cost=10_000.0)
    fair = programme_roi(
        now[joined],
        now[~joined],
        cost=10_000.0,
        members_before=before[joined],
        comparison_before=before[~joined],
    )
    assert naive["lower_95"] > 5
    assert abs(fair["roi"] + 1.0) < 3 * fair["std_error"] < 0.5


def test_the_interval_holds_the_truth():
    random, held = np.random.default_rng(1), 0
    for _ in range(300):
        members, others = random.gamma(2.0, 55.0, 200), random.gamma(2.0, 50.0, 300)
        told = programme_roi(members, others, cost=1000.0)
        held += told["lower_95"] <= (200 * 10 - 1000) / 1000 <= told["upper_95"]
    assert 0.91 <= held / 300 <= 0.985


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"cost": 0}, "cost must be a finite amount above 0, got 0"),
        ({"cost": np.nan}, "cost must be a finite amount above 0"),
        ({"members": [5.0]}, r"members must hold one profit .* got shape \(1,\)"),
        ({"comparison": 40.0}, r"comparison must hold one profit .* got shape \(\)"),
        ({"comparison": [1.0, np.nan]}, r"comparison has 1 missing .*first at row 1"),
        ({"members": ["a", "b"]}, "members must hold numbers"),
        ({"members_before": MEMBERS}, "members_before is given for one group only"),
        ({"comparison_before": MEMBERS}, "comparison_before is given for one group only"),
        (
            {"members_before": MEMBERS[:3], "comparison_before": OTHERS},
            "members_before has 3 customers, the later period 4",
        ),
    ],
)
def test_errors_teach(change, text):
    with pytest.raises(DataError, match=f"programme_roi: {text}"):
        programme_roi(**({"members": MEMBERS, "comparison": OTHERS, "cost": 50.0} | change))
