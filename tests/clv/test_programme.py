"""programme_roi: by hand, the standard error by theory, self-selection shown, error texts."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind

from crmkit.clv import programme_roi
from crmkit.exceptions import DataError

MEMBERS, OTHERS = [60.0, 80.0, 40.0, 60.0], [50.0, 30.0, 40.0, 40.0]


def test_one_period_by_hand():
    told = programme_roi(MEMBERS, OTHERS, cost=50.0)
    assert told["incremental_margin"] == 80.0
    assert told["roi"] == pytest.approx((80 - 50) / 50)
    error = 4 * np.sqrt(np.var(MEMBERS, ddof=1) / 4 + np.var(OTHERS, ddof=1) / 4) / 50
    assert told["std_error"] == pytest.approx(error)
    ends = ttest_ind(MEMBERS, OTHERS, equal_var=False).confidence_interval(0.95)
    assert told["lower_95"] == pytest.approx(4 * ends.low / 50 - 1)
    assert told["upper_95"] == pytest.approx(4 * ends.high / 50 - 1)
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


def test_the_interval_of_few_customers_holds_the_truth_too():
    random, held = np.random.default_rng(2), 0
    for _ in range(1000):
        told = programme_roi(random.normal(50, 9, 3), random.normal(40, 3, 4), cost=10.0)
        held += told["lower_95"] <= (3 * 10 - 10) / 10 <= told["upper_95"]
    assert 0.93 <= held / 1000 <= 0.975  # 1.96 standard errors hold it in 82 %


def test_profits_without_spread_have_an_interval_without_width():
    told = programme_roi([6.0, 6.0], [1.0, 1.0], cost=5)
    assert (told["lower_95"], told["roi"], told["upper_95"]) == (1.0, 1.0, 1.0)


@pytest.mark.parametrize("cost", [np.int64(50), np.float32(50), 50])
def test_a_cost_may_be_any_number(cost):
    told = programme_roi(MEMBERS, OTHERS, cost)
    assert told == programme_roi(MEMBERS, OTHERS, 50.0)
    assert all(type(value) is float for value in told.values())


def test_earlier_profits_of_other_rows_are_refused():
    now = pd.Series(MEMBERS, index=list("abcd"))
    before = {"members_before": now[::-1], "comparison_before": OTHERS}
    with pytest.raises(DataError, match=r"members_before and the later .* different indices"):
        programme_roi(now, OTHERS, 50.0, **before)
    others = {"members_before": MEMBERS, "comparison_before": now}
    with pytest.raises(DataError, match=r"comparison_before and the later .* different indices"):
        programme_roi(MEMBERS, now.rename(str.upper), 50.0, **others)
    same = programme_roi(now, OTHERS, 50.0, members_before=now, comparison_before=OTHERS)
    assert same["incremental_margin"] == 0.0


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"cost": 0}, r"cost must be a finite number above 0\.0, got 0"),
        ({"cost": np.nan}, "cost must be a finite number above 0"),
        ({"cost": True}, r"cost must be a finite number above 0\.0, got True"),
        ({"cost": 10**400}, r"cost must be a finite number above 0\.0, got inf"),
        ({"cost": "50"}, r"cost must be a finite number above 0\.0, got '50'"),
        ({"comparison": ["50", "30"]}, "comparison must hold numbers, got '50' first"),
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
