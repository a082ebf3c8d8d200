"""The contest: losses of customers not learnt from, ties to the simpler, the table beside it."""

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.metrics import log_loss

from crmkit._trees import Growth
from crmkit.churn._candidates import Examples
from crmkit.churn._contest import (
    Judged,
    Verdict,
    as_rows,
    judge,
    parts_of,
    row_losses,
    verdict_on,
    verdicts_on,
    winner,
)
from crmkit.churn._folds import Validation
from crmkit.churn._table_encoder import Table

KINDS = ["none", "sigmoid", "isotonic"]


def verdict(loss, raw=None):
    return Verdict(loss if raw is None else raw, "none", loss, 0.8, np.full(4, loss))


def seen(odds, y, forward=False, groups=None):
    n = len(y)
    groups = np.arange(n) if groups is None else groups
    return Judged(odds, np.full(n, y.mean()), y, np.ones(n), groups, np.arange(n) % 5, forward)


def true_odds(n=6000, seed=0):
    rng = np.random.default_rng(seed)
    odds = rng.normal(-1.0, 1.0, n)
    return odds, (rng.random(n) < expit(odds)).astype(float)


def test_losses_by_hand():
    np.testing.assert_allclose(
        row_losses(np.array([1.0, 0.0]), np.array([0.8, 0.8])), [-np.log(0.8), -np.log(0.2)]
    )


def test_ties_go_to_the_simpler():
    assert winner({"a": verdict(0.5004), "b": verdict(0.5)}) == "a"
    assert winner({"a": verdict(0.5006), "b": verdict(0.5)}) == "b"


def test_the_average_takes_the_better_trees():
    found = {"spline_logistic": verdict(0.4), "boosted_small": verdict(0.5)}
    found["boosted_default"] = verdict(0.3)
    assert parts_of("average", found) == ["spline_logistic", "boosted_default"]
    assert parts_of("boosted_small", found) == ["boosted_small"]


def test_honest_odds_are_not_calibrated():
    odds, y = true_odds()
    found = verdict_on(odds, seen({}, y), KINDS, "t")
    assert found.calibration == "none"
    assert found.loss == found.raw == pytest.approx(log_loss(y, expit(odds)))


def test_overconfident_odds_are_calibrated_by_the_line_that_they_need():
    odds, y = true_odds()
    found = verdict_on(3.0 * odds, seen({}, y), KINDS, "t")
    assert found.calibration == "sigmoid"
    assert found.loss < found.raw
    assert found.loss == pytest.approx(log_loss(y, expit(odds)), abs=0.002)


def test_forward_in_time_a_calibration_must_do_harm_at_no_cutoff():
    """The odds are twice as wide as they should be at two of three cut-offs, right at the last."""
    odds, y = true_odds(9000)
    odds, y = np.sort(odds), y[np.argsort(odds)]
    fold = np.arange(9000) % 3
    for last, expected in ((1.0, "none"), (3.0, "sigmoid")):
        wide = (odds + 1.0) * np.where(fold == 2, last, 3.0) - 1.0
        there = Judged({}, y, y, np.ones(9000), np.arange(9000), fold, True)
        assert verdict_on(wide, there, ["none", "sigmoid"], "t").calibration == expected


def test_a_curve_where_no_line_helps():
    odds, y = true_odds(20_000)
    bent = np.where(odds > -1.0, odds + 3.0, odds - 3.0)
    assert verdict_on(bent, seen({}, y), KINDS, "t").calibration == "isotonic"


def test_the_average_is_judged_on_mean_log_odds():
    odds, y = true_odds()
    noise = np.random.default_rng(1).normal(size=(2, len(y)))
    given = {"spline_logistic": odds + noise[0], "boosted_small": odds + noise[1]}
    found = verdicts_on(seen(given, y), [*given, "average"], ["none"], "t")
    mean = (given["spline_logistic"] + given["boosted_small"]) / 2
    assert list(found) == ["spline_logistic", "boosted_small", "average"]
    assert found["average"].loss == pytest.approx(log_loss(y, expit(mean)))
    assert winner(found) == "average"


def test_nobody_is_judged_by_what_was_learnt_from_him():
    rng = np.random.default_rng(0)
    x = np.arange(400.0)[:, None]
    examples = Examples(
        Table(x, (0,)), (rng.random(400) < 0.5).astype(float), np.ones(400), np.arange(400)
    )
    halves = [(np.arange(200), np.arange(200, 400)), (np.arange(200, 400), np.arange(200))]
    plan = Validation(halves, "by halves")
    names = ["spline_logistic", "boosted_default"]
    found = judge(names, examples, plan, Growth(0, 1), "t")
    assert [len(found.odds[name]) for name in names] == [400, 400]
    np.testing.assert_array_equal(found.y, examples.y[np.r_[200:400, 0:200]])
    np.testing.assert_allclose(found.base[:200], examples.y[:200].mean())
    flipped = Examples(examples.table, examples.y.copy(), examples.weight, examples.groups)
    flipped.y[200:] = 1 - flipped.y[200:]
    again = judge(names, flipped, plan, Growth(0, 1), "t")
    np.testing.assert_array_equal(found.odds[names[0]][:200], again.odds[names[0]][:200])


def test_folds_of_one_class_are_passed_over():
    examples = Examples(
        Table(np.arange(4.0)[:, None], (0,)), np.array([0.0, 0, 1, 1]), np.ones(4), np.arange(4)
    )
    plan = Validation([(np.array([0, 1]), np.array([2, 3]))], "t")
    assert judge(["spline_logistic"], examples, plan, Growth(0, 1), "t") is None


def test_the_table_sets_the_base_rate_first_and_marks_the_choice():
    odds, y = true_odds(1000)
    given = {"spline_logistic": odds, "boosted_small": odds * 0.0}
    there = seen(given, y)
    rows = as_rows(there, verdicts_on(there, list(given), ["none"], "t"), "spline_logistic")
    assert [row["candidate"] for row in rows] == ["base_rate", *given]
    assert [row["chosen"] for row in rows] == [False, True, False]
    assert rows[0]["log_loss"] == pytest.approx(log_loss(y, np.full(1000, y.mean())))
    assert rows[1]["above_chosen"] == rows[1]["noise"] == 0.0
    gap = row_losses(y, np.full(1000, 0.5)) - row_losses(y, expit(odds))
    assert rows[2]["above_chosen"] == pytest.approx(gap.mean())
    assert rows[2]["noise"] == pytest.approx(gap.std() / np.sqrt(1000))


def test_noise_counts_customers_not_rows():
    y = np.tile([0.0, 1.0, 1.0], 100)
    given = {"spline_logistic": np.full(300, logit(0.6)), "boosted_small": np.zeros(300)}
    single = seen(given, y)
    tripled = seen(
        {name: np.repeat(odds, 3) for name, odds in given.items()},
        np.repeat(y, 3),
        groups=np.repeat(np.arange(300), 3),
    )
    noise = [
        as_rows(it, verdicts_on(it, list(given), ["none"], "t"), "spline_logistic")[2]["noise"]
        for it in (single, tripled)
    ]
    assert noise[0] > 0
    assert noise[1] == pytest.approx(noise[0])
