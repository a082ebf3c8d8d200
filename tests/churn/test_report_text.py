"""The report in words: on whom and when, verdicts, and each caution where it is due, only there."""

import numpy as np
import pandas as pd
import pytest

from crmkit.churn import churn_report
from tests.churn._reported import Echo, by_hand, snapshots_of

CUTS = ["2024-01-01", "2024-02-01", "2024-03-05"]


def told(p, y, q=None, cuts=CUTS):
    """Report of an echo on 200 customers beside another echo and the base rate."""
    made = by_hand({"p": p, "q": p if q is None else q}, y, cuts, 200)
    beside = None if q is None else {"q": Echo("q")}
    return str(churn_report({"p": Echo("p")}, made, baselines=beside, n_resamples=50))


def drawn(seed=0, n=600):
    rng = np.random.default_rng(seed)
    p = rng.uniform(0.05, 0.95, n)
    return p, (rng.random(n) < p).astype(int)


def test_population_label_cutoffs_and_tables_are_told():
    text = str(churn_report(Echo("x"), with_x(snapshots_of()), n_resamples=20))
    for line in (
        "ChurnReport, tested forward in time: Echo beside 3 baselines",
        "  population: active within 180D",
        "  label:      no purchase in 60D\n",
        "  2024-03-01: ",
        "rows of 1 cut-off (2024-01-01), all labels known by then",
        "rows of 2 cut-offs (2024-01-01 to 2024-03-01)",
        "Mean of 2 test cut-offs (baselines in brackets)",
        "(RFMLogistic)",
        "At each test cut-off: log loss",
        "At each test cut-off: AUC",
        "Paired differences to the baselines: mean of the cut-offs, 95% intervals, customers drawn",
        "log loss (below 0 is better)\n  Echo - RFMLogistic",
        "AUC (above 0 is better)\n  Echo - RFMLogistic",
        "  base rate: the share that churned in the training rows",
    ):
        assert " ".join(line.split()) in " ".join(text.split()), line
    assert max(map(len, text.splitlines())) <= 100


def with_x(made):
    return type(made)(**{**vars(made), "X": made.X.assign(x=0.5)})


def test_nothing_to_caution_against():
    p, y = drawn()
    text = told(p, y)
    assert "Caution" not in text
    assert "p - base rate" in text
    ahead = [line.rstrip().endswith("better  ahead at 2 of 2") for line in text.splitlines()]
    assert sum(ahead) == 2  # by log loss, where less is better, and by AUC, where more is


def test_a_baseline_that_wins_and_one_that_is_not_beaten():
    p, y = drawn()
    text = told(1.0 - p, y, q=p)
    assert "Caution: p is worse than the baseline q by log loss: do not use it." in text
    text = told(p, y, q=p)
    assert "Caution: p is not clearly better than the baseline q" in text
    assert "p - q          +0.0000  +0.0000  to +0.0000  no clear difference  ahead at 0 of" in text


def test_too_good_to_be_true():
    _, y = drawn()
    noise = np.random.default_rng(1).normal(0, 0.02, len(y))
    p = np.clip(np.where(y == 1, 0.8, 0.2) + noise, 0.01, 0.99)
    assert "too good to be true as a rule: p (1.000)" in told(p, y).replace("\n", " ")
    assert "leakage_check(snapshots)" in told(p, y).replace("\n", " ")


def test_few_who_churned_or_stayed():
    p, y = drawn()
    y[400:] = 0
    y[400:407] = 1
    assert "Caution: only 7 churned at 2024-03-05. With fewer than 50" in told(p, y)
    y[400:] = 1 - y[400:]
    assert "Caution: only 7 stayed at 2024-03-05." in told(p, y)


def test_the_level_is_off():
    p, y = drawn()
    text = told(p / 2, y).replace("\n", " ")
    said, came = p[200:400].mean() / 2, y[200:400].mean()
    assert f"the level is off: p at 2024-02-01 foretold {said:.1%}, {came:.1%} came" in text


@pytest.mark.parametrize("n_cuts", [2, 3])
def test_one_cutoff_is_one_season(n_cuts):
    p, y = drawn()
    text = told(p[: 200 * n_cuts], y[: 200 * n_cuts], cuts=CUTS[:n_cuts])
    alone = n_cuts == 2
    assert ("there is one test cut-off, 2024-02-01, so one season" in text) is alone
    assert ("Scores at the test cut-off (baselines" in text) is alone
    assert ("ahead at" in text) is not alone


def test_what_is_left_away_is_told():
    p, y = drawn()
    text = told(p, y)
    assert "beside 1 baseline\n" in text
    assert "RecencyRule is left away: days_since_last is no feature." in text


@pytest.mark.parametrize("apart", ["29 days", "30 days"])
def test_windows_that_overlap_are_fewer_proofs(apart):
    p, y = drawn()
    cuts = [pd.Timestamp("2024-01-01"), pd.Timestamp("2024-03-01")]
    text = told(p, y, cuts=[*cuts, cuts[1] + pd.Timedelta(apart)]).replace("\n", " ")
    assert ("label windows of the test cut-offs overlap" in text) is (apart == "29 days")
