"""Drift: bounds against the exact distributions, distances by hand, alarms as rare as promised."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import betabinom

from crmkit.cleaning import quality_report
from crmkit.cleaning._quality._quality_drift import Limits, drifts, js_distance, share_bounds


@pytest.mark.parametrize("before", [0, 1, 7, 80, 300, 500])
def test_bounds_are_those_of_the_beta_binomial(before):
    earlier, later, alpha = 1_000, 800, 0.001
    low, high = share_bounds(before, (earlier, later), alpha)
    exact = betabinom(later, before + 0.5, earlier - before + 0.5)
    assert exact.sf(round(high * later)) < alpha
    assert exact.cdf(round(low * later) - 1) < alpha
    inside = exact.ppf([0.005, 0.995]) / later
    assert low <= inside[0] <= inside[1] <= high
    assert high <= exact.ppf(1 - alpha / 20) / later + 2 / later


def test_bounds_of_a_share_and_of_its_rest_mirror_each_other():
    low, high = share_bounds(30, (1_000, 500), 0.01)
    assert share_bounds(970, (1_000, 500), 0.01) == pytest.approx((1 - high, 1 - low))


def test_distance_by_hand():
    # half of the rows moved from one cell of two to the other
    distance, _ = js_distance(np.array([100, 0]), np.array([50, 50]), 0.01)
    p, q = np.array([1.0, 0.0]), np.array([0.5, 0.5])
    m = (p + q) / 2
    bits = (np.log2(1 / 0.75) + 0.5 * np.log2(0.5 / 0.75) + 0.5 * np.log2(0.5 / 0.25)) / 2
    assert m.tolist() == [0.75, 0.25]
    assert distance == pytest.approx(np.sqrt(bits))


def test_distance_of_disjoint_and_of_equal_lists():
    assert js_distance(np.array([90, 0]), np.array([0, 70]), 0.01)[0] == pytest.approx(1.0)
    assert js_distance(np.array([90, 10]), np.array([180, 20]), 0.01)[0] == pytest.approx(0.0)
    assert js_distance(np.array([0, 0]), np.array([1, 2]), 0.01) == (0.0, 0.0)


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=12),
)
def test_distance_is_symmetric_and_between_0_and_1(pairs):
    old, new = np.array(pairs, dtype=np.int64).T
    distance, noise = js_distance(old, new, 0.01)
    assert 0.0 <= distance <= 1.0 + 1e-12
    assert noise >= 0.0
    assert js_distance(new, old, 0.01)[0] == pytest.approx(distance)


@pytest.mark.parametrize(("n", "m"), [(200, 200), (5_000, 300), (300, 5_000)])
def test_noise_is_rarely_surpassed_by_chance(n, m):
    rng, alpha = np.random.default_rng(n + m), 0.05
    share = rng.dirichlet(np.ones(12) / 2)
    draws = [
        js_distance(rng.multinomial(n, share), rng.multinomial(m, share), alpha)
        for _ in range(1_000)
    ]
    surpassed = np.mean([distance > noise for distance, noise in draws])
    assert 0.02 < surpassed < 0.08


def test_false_alarms_of_whole_reports_are_as_rare_as_promised():
    rng = np.random.default_rng(5)

    def list_of(n):
        return pd.DataFrame(
            {
                "status": rng.choice(list("abcdefgh"), n, p=np.r_[0.5, 0.3, 0.1, [0.02] * 5]),
                "age": rng.normal(40, 10, n).round(),
                "phone": np.where(rng.random(n) < 0.1, None, "555-0100"),
            }
        )

    kinds = {"status": "category", "age": "number", "phone": "phone"}
    how = {"kinds": kinds, "duplicates": False}
    reports = [quality_report(list_of(n), **how) for n in (150, 600) * 15]
    limits = Limits(false_alarms=0.05, min_shift=1e-9, min_distance=1e-9)
    alarms = [
        any(d.drifted for d in drifts(a.snapshot(), b.snapshot(), b._found.spreads, limits))
        for a in reports[:15]
        for b in reports[15:]
    ]
    assert np.mean(alarms) < 0.05


def test_what_matters_little_is_no_alarm():
    n = 200_000
    frame = pd.DataFrame({"phone": ["555-0100"] * n})
    frame.loc[: n // 100, "phone"] = None
    report = quality_report(frame, kinds={"phone": "phone"}, duplicates=False)
    before = quality_report(frame.iloc[n // 50 :], kinds={"phone": "phone"}, duplicates=False)
    table = report.compare(before).set_index("measure")
    assert table.loc["missing", "now"] > table.loc["missing", "high"]
    assert not table.loc["missing", "drifted"]
    assert report.compare(before, min_shift=0.005).set_index("measure").loc["missing", "drifted"]


@pytest.mark.parametrize("scale", [1.0, 1e-9, 1e9])
def test_numbers_that_move_are_found_at_any_scale(scale):
    rng = np.random.default_rng(0)
    before = pd.DataFrame({"spent": rng.normal(5, 1, 500) * scale})
    same = pd.DataFrame({"spent": rng.normal(5, 1, 500) * scale})
    moved = pd.DataFrame({"spent": rng.normal(6, 1, 500) * scale})
    snapshot = quality_report(before).snapshot()
    for frame, drifted in ((same, False), (moved, True)):
        table = quality_report(frame).compare(snapshot).set_index("measure")
        assert table.loc["distribution", "drifted"] == drifted


def test_ranges_hold_five_rows_each_and_edges_are_rounded():
    spent = np.random.default_rng(0).lognormal(3, 1, 2_000)
    spread = quality_report(pd.DataFrame({"spent": spent})).snapshot()["columns"]["spent"]["spread"]
    assert sum(spread["counts"]) == 2_000
    assert min(spread["counts"]) >= 5
    assert len(spread["counts"]) == len(spread["edges"]) + 1 == 10
    assert not set(spread["edges"]) & set(spent)


def test_few_rows_give_no_ranges():
    snapshot = quality_report(pd.DataFrame({"spent": [1.0, 2.0, 3.0]})).snapshot()
    assert snapshot["columns"]["spent"]["spread"] is None


def test_a_category_that_had_fewer_than_five_rows_before_is_no_news():
    kinds = {"status": "category"}
    before = pd.DataFrame({"status": ["new"] * 500 + ["old"] * 500 + ["rare"] * 4})
    some = pd.DataFrame({"status": ["new"] * 500 + ["old"] * 500 + ["rare"] * 14})
    many = pd.DataFrame({"status": ["new"] * 500 + ["old"] * 500 + ["rare"] * 60})
    snapshot = quality_report(before, kinds=kinds, duplicates=False).snapshot()
    for frame, news in ((some, False), (many, True)):
        table = quality_report(frame, kinds=kinds, duplicates=False).compare(snapshot)
        assert ("new categories" in set(table["measure"])) == news


def test_cells_in_which_few_rows_are_expected_are_one():
    # a hundred cells with one row each, before here and later there: one cell, and no distance
    old, new = np.repeat([[1, 0], [0, 1]], 100, axis=1)
    distance, noise = js_distance(np.append(old, 900), np.append(new, 900), 0.01)
    assert distance == pytest.approx(0.0)
    assert 0.0 < noise < 0.1


@pytest.mark.parametrize(("n", "m"), [(150, 2_000), (2_000, 300)])
def test_repeats_of_a_list_many_times_as_large_or_small_are_no_alarm(n, m):
    rng = np.random.default_rng(4)
    kinds = {"born": "birth_date"}
    days = np.arange("1940-01-01", "2000-01-01", dtype="datetime64[D]").astype(str)

    def report_of(n):
        return quality_report(pd.DataFrame({"born": rng.choice(days, n)}), kinds=kinds)

    for _ in range(10):
        table = report_of(m).compare(report_of(n).snapshot())
        assert not table.loc[table["measure"] == "repeated", "drifted"].any()
