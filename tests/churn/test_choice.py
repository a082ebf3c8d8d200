"""The choice and its words."""

import numpy as np
import pytest
from scipy.special import expit

from crmkit.churn._boosted_trees import Growth
from crmkit.churn._candidates import Examples
from crmkit.churn._choice import allowed, choose
from crmkit.churn._folds import Validation, thinned
from crmkit.churn._table_encoder import Table

HOW = Growth(0, 1)


def examples(risk, n=1500, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3))
    y = (rng.random(n) < expit(risk(x))).astype(float)
    return Examples(Table(x, (0, 0, 0)), y, np.ones(n), np.arange(n))


def plan(n=1500, folds=3):
    parts = np.array_split(np.arange(n), folds)
    splits = [(np.setdiff1d(np.arange(n), part), part) for part in parts]
    return Validation(splits, "by thirds")


def test_a_smooth_sum_is_left_to_the_curves():
    found = choose("auto", "auto", examples(lambda x: x[:, 0] + x[:, 1]), plan(), HOW, "t")
    assert found.chosen == "spline_logistic"
    assert found.parts == ["spline_logistic"]
    assert found.reason.startswith("chose 'spline_logistic': log loss 0.")
    assert found.reason.endswith("1,500 rows judged by thirds")


def test_an_interaction_is_left_to_trees():
    given = examples(lambda x: 4 * np.sign(x[:, 0] * x[:, 1]))
    found = choose("auto", "auto", given, plan(), HOW, "t")
    assert "clearly" not in found.reason
    assert found.chosen.startswith("boosted")
    assert found.rows[0]["candidate"] == "base_rate"
    assert sum(row["chosen"] for row in found.rows) == 1


def test_noise_is_told():
    found = choose("auto", "auto", examples(lambda x: 0.0 * x[:, 0]), plan(), HOW, "t")
    assert "does not clearly beat: the features tell little of churn" in found.reason


def test_one_model_is_not_compared_but_calibrated():
    found = choose("boosted_default", "auto", examples(lambda x: x[:, 0]), plan(), HOW, "t")
    assert found.chosen == "boosted_default"
    assert found.calibration["kind"] != "none"
    assert "calibration (0." in found.reason
    assert [row["candidate"] for row in found.rows] == ["base_rate", "boosted_default"]


def test_one_model_without_calibration_is_not_validated():
    found = choose("boosted_small", "none", examples(lambda x: x[:, 0]), plan(), HOW, "t")
    assert found.rows == []
    assert "not validated" in found.reason


def test_the_average_as_asked_for():
    found = choose("average", "none", examples(lambda x: x[:, 0]), plan(), HOW, "t")
    assert found.chosen == "average"
    assert found.parts[0] == "spline_logistic"
    assert found.parts[1].startswith("boosted")
    assert "mean log-odds of spline_logistic and boosted" in found.reason


@pytest.mark.parametrize("kind", ["sigmoid", "isotonic"])
def test_a_calibration_as_asked_for(kind):
    given = examples(lambda x: x[:, 0])
    assert choose("spline_logistic", kind, given, plan(), HOW, "t").calibration["kind"] == kind


def test_without_folds_the_simplest_is_taken():
    nothing = Validation([], "not validated: a class has a single customer")
    found = choose("auto", "auto", examples(lambda x: x[:, 0]), nothing, HOW, "t")
    assert (found.chosen, found.calibration) == ("spline_logistic", {"kind": "none"})
    assert found.reason == "took 'spline_logistic', not validated: a class has a single customer"


def test_trees_need_customers():
    assert allowed("auto", 199) == ["spline_logistic"]
    assert len(allowed("auto", 200)) == 4
    assert allowed("boosted_small", 10) == ["boosted_small"]


def test_a_calibration_is_learnt_from_whole_folds():
    given = examples(lambda x: x[:, 0] * x[:, 1])
    made = thinned(plan(), given.groups, 400, seed=0)
    few = choose("boosted_default", "sigmoid", given, made, HOW, "t")
    whole = choose("boosted_default", "sigmoid", given, plan(), HOW, "t")
    assert few.calibration == whole.calibration
    assert few.rows[1]["log_loss"] > whole.rows[1]["log_loss"]  # learnt from fewer
    assert "1,200 rows judged by thirds, each side thinned to 400 rows" in few.reason
    assert few.reason.endswith("learnt from whole folds: sigmoid calibration")


def test_a_calibration_that_whole_folds_do_not_need_is_dropped():
    """Default trees of 100 rows say too much; of 3,000 rows they need hardly a correction."""
    given = examples(lambda x: np.sign(x[:, 0]), n=6000)
    made = thinned(plan(6000, 2), given.groups, 1000, seed=0)
    found = choose("boosted_small", "auto", given, made, HOW, "t")
    again = choose("boosted_small", "auto", given, plan(6000, 2), HOW, "t")
    assert found.calibration["kind"] == again.calibration["kind"]
