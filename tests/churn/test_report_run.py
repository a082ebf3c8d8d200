"""churn_report: no leakage, any classifier, the same twice, input untouched, errors that help."""

import logging
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from crmkit.churn import BTYDChurn, ChurnClassifier, Cutoffs, RFMLogistic, Spend, churn_report
from crmkit.churn._report_run import n_validated
from crmkit.clv import NBDModel
from crmkit.exceptions import DataError, DataWarning
from crmkit.model_selection import PurgedForwardSplit
from tests.churn._reported import Echo, Spy, by_hand, snapshots_of

CUTS = ["2024-01-01", "2024-02-01", "2024-03-05"]
PIPELINE = make_pipeline(StandardScaler(), LogisticRegression())


@pytest.fixture(scope="module")
def snapshots():
    return snapshots_of()


def quick(model, made, **kwargs):
    return churn_report(model, made, **{"n_resamples": 5} | kwargs)


def test_nothing_is_learnt_from_labels_that_were_not_known():
    made = snapshots_of(cutoffs=Cutoffs.rolling("2024-06-01", step="25D", n=7))
    Spy.seen.clear()
    made = replace(made, X=made.X.assign(days_since_last=0.5))
    told = quick(Spy("days_since_last"), made, splitter=PurgedForwardSplit(4))
    tests = told.splits["test_cutoff"]
    assert len(Spy.seen) == len(tests) == 4
    for spied, test, rows in zip(Spy.seen, tests, told.splits["train_rows"], strict=True):
        assert spied["label_end"].max() <= np.datetime64(test)
        assert (spied["cutoff"] < spied["label_end"]).all()
        assert len(spied["y"]) == len(spied["groups"]) == spied["n"] == rows
        late = (made.cutoff < np.datetime64(test)) & (made.label_end > np.datetime64(test))
        assert late.sum() > 0  # something had to be left out
        assert spied["n"] == (made.label_end <= np.datetime64(test)).sum()


def test_usually_the_last_four_cutoffs_are_tested():
    made = snapshots_of(60, Cutoffs.rolling("2024-08-01", step="60D", n=8))
    assert list(quick(RFMLogistic(), made).splits["test_cutoff"]) == [
        pd.Timestamp(c) for c in ("2024-02-03", "2024-04-03", "2024-06-02", "2024-08-01")
    ]


def test_a_splitter_of_the_callers(snapshots):
    splitter = PurgedForwardSplit(disjoint_customers=True)
    told = quick(RFMLogistic(), snapshots, splitter=splitter)
    halves = [snapshots.groups[rows] for pair in splitter.split(snapshots) for rows in pair]
    assert set(told.groups) == set(halves[1]) | set(halves[3])
    assert not set(told.groups) & (set(halves[0]) | set(halves[2]))
    told = quick(RFMLogistic(), snapshots, splitter=PurgedForwardSplit(embargo="10D"))
    assert list(told.splits["train_cutoffs"]) == [1]
    assert "embargo='10D'" in str(told)


def test_a_pipeline_of_scikit_learn(snapshots):
    told = quick(PIPELINE, snapshots)
    learn = snapshots.label_end <= np.datetime64("2024-05-01")
    test = snapshots.cutoff == np.datetime64("2024-05-01")
    p = PIPELINE.fit(snapshots.X[learn], snapshots.y[learn]).predict_proba(snapshots.X[test])
    at = told.cutoff == np.datetime64("2024-05-01")
    np.testing.assert_array_equal(told.probabilities["Pipeline"][at], p[:, 1])
    assert [type(each).__name__ for each in told.fitted["Pipeline"]] == ["Pipeline"] * 2


def test_several_models_by_name_and_by_class(snapshots):
    forest = RandomForestClassifier(5, random_state=0)
    told = quick({"few": forest, "line": PIPELINE}, snapshots)
    assert told.models == ("few", "line")
    assert list(told.probabilities) == ["few", "line", *told.baselines]
    assert quick([forest, PIPELINE], snapshots).models == ("RandomForestClassifier", "Pipeline")


def test_a_search_forward_in_time_gets_what_it_requests():
    made = snapshots_of(150, Cutoffs.rolling("2024-07-01", step="60D", n=4))
    search = GridSearchCV(LogisticRegression(), {"C": [0.01, 1.0]}, cv=PurgedForwardSplit())
    pipeline = make_pipeline(StandardScaler(), LogisticRegression())
    search.estimator, search.param_grid = pipeline, {"logisticregression__C": [0.01, 1.0]}
    last = PurgedForwardSplit(n_splits=1)
    with sklearn.config_context(enable_metadata_routing=True):
        told = quick({"search": search}, made, splitter=last)
    assert told.fitted["search"][0].n_splits_ == 2


def test_the_classifier_learns_from_snapshots_whole():
    made = snapshots_of(120, Cutoffs.rolling("2024-07-01", step="60D", n=4))
    model = ChurnClassifier("spline_logistic")
    told = quick(model, made, splitter=PurgedForwardSplit(n_splits=1))
    fitted = told.fitted["ChurnClassifier"][0]
    assert fitted.unit_ == "D"
    assert "forward in time at 2 cut-offs" in fitted.reason_
    assert not hasattr(model, "classes_")


def test_a_purchase_model_beside_the_usual_baselines(snapshots):
    beside = {"NBD": BTYDChurn(NBDModel(), horizon="60D")}
    told = quick(PIPELINE, snapshots, baselines=beside)
    assert told.baselines == ("RFMLogistic", "RecencyRule", "base rate", "NBD")
    assert [each.horizon_ for each in told.fitted["NBD"]] == [60.0, 60.0]
    assert told.summary()["estimate"][("NBD", "roc_auc")] > 0.7


def test_the_same_twice_and_another_seed_draws_others(snapshots):
    one, two, other = (
        churn_report(PIPELINE, snapshots, n_resamples=20, random_state=seed) for seed in (3, 3, 4)
    )
    assert str(one) == str(two)
    pd.testing.assert_frame_equal(one.differences(None), two.differences(None), check_exact=True)
    assert (one.differences()["lower"] != other.differences()["lower"]).any()
    pd.testing.assert_frame_equal(one.table(), other.table(), check_exact=True)


def test_input_is_untouched(snapshots):
    X, y, groups = snapshots.X.copy(), snapshots.y.copy(), snapshots.groups.copy()
    beside = {"mine": RFMLogistic(C=0.1)}
    quick(PIPELINE, snapshots, baselines=beside)
    pd.testing.assert_frame_equal(snapshots.X, X)
    np.testing.assert_array_equal(snapshots.y, y)
    np.testing.assert_array_equal(snapshots.groups, groups)
    assert list(beside) == ["mine"]
    assert not hasattr(beside["mine"], "coef_")


def test_rows_without_a_label_are_counted_and_left_aside():
    cutoffs = ["2024-07-01", "2024-09-01", "2024-11-01", "2024-12-01"]
    with pytest.warns(DataWarning, match="rows have no label"):
        made = snapshots_of(cutoffs=cutoffs, unobserved="nan")
    text = rf"churn_report: {made.n_unobserved:,} of {len(made):,} rows have no label and are left"
    with pytest.warns(DataWarning, match=text) as caught:
        told = quick(PIPELINE, made)
    assert caught[0].filename == __file__
    without = quick(PIPELINE, snapshots_of(cutoffs=cutoffs[:3]))
    pd.testing.assert_frame_equal(told.table(), without.table(), check_exact=True)
    assert told.n_left_aside == made.n_unobserved
    assert f"{told.n_left_aside:,} rows without a label left aside" in str(told)


def test_too_few_cutoffs_say_which_would_do():
    made = snapshots_of(cutoffs=["2024-03-01", "2024-04-01"])
    text = (
        r"churn_report: nothing can be tested forward in time: cut-offs are \['2024-03-01', "
        r"'2024-04-01'\], and the first label is known on 2024-04-30, after the last cut-off.*"
        r"here 60 days. Add one at 2024-02-01 or earlier, such as by "
        r"Cutoffs.rolling\('2024-04-01', step='60D', n=3\), which gives two tests"
    )
    with pytest.raises(DataError, match=text):
        quick(PIPELINE, made)
    with pytest.raises(DataError, match="the only cut-off is 2024-03-01"):
        quick(PIPELINE, made.at("2024-03-01"))
    cured = snapshots_of(cutoffs=Cutoffs.rolling("2024-04-01", step="60D", n=3))
    assert len(quick(PIPELINE, cured).splits) == 2
    assert len(quick(PIPELINE, snapshots_of(cutoffs=["2024-02-01", "2024-04-01"])).splits) == 1


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (lambda: snapshots_of(60).X, "must be Snapshots, as SnapshotBuilder.*got DataFrame"),
        (
            lambda: snapshots_of(60, label=Spend("60D")),
            r'labels must be 1 \(churned\) and 0 \(stayed\), got .* the label is "spend',
        ),
        (
            lambda: by_hand({"p": [0.5] * 12}, [0, 1, 0, 1, 0, 1, 0, 0, 1, 1, 1, 1], CUTS, 4),
            "all 4 rows at the test cut-off 2024-03-05 churned",
        ),
        (
            lambda: by_hand({"p": [0.5] * 12}, [0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 1, 1], CUTS, 4),
            "all 4 rows to learn from for the test cut-off 2024-02-01 stayed",
        ),
        (
            lambda: by_hand({"p": [0.5] * 12}, [np.nan] * 12, CUTS, 4),
            "none of 12 rows has a label .* ends by 2025-12-31",
        ),
    ],
)
def test_snapshots_that_cannot_be_tested(made, text):
    with pytest.raises(DataError, match=text):
        quick(Echo(), made())


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"splitter": KFold(3)}, "splitter must be a PurgedForwardSplit, got KFold"),
        ({"level": 95}, "level must be a number above 0 and below 1"),
        ({"n_resamples": 1}, "n_resamples must be a whole number of at least 2"),
        ({"random_state": "a"}, "random_state must be None"),
    ],
)
def test_parameters_are_checked_before_anything_is_fitted(snapshots, arguments, text):
    Spy.seen.clear()
    with pytest.raises(DataError, match=text):
        quick(Spy(), snapshots, **arguments)
    assert not Spy.seen


def test_a_classifier_without_probabilities(snapshots):
    model = make_pipeline(StandardScaler(), LinearSVC())
    with pytest.raises(DataError, match=r"'Pipeline' has no predict_proba.*CalibratedClassifier"):
        quick(model, snapshots)


def test_verbose_tells_the_log(snapshots, caplog):
    with caplog.at_level(logging.INFO, logger="crmkit"):
        quick(PIPELINE, snapshots)
        assert not caplog.records
        told = quick(PIPELINE, snapshots, verbose=1)
    assert len(caplog.records) == len(told.splits) * len(told.probabilities) + 1
    first = caplog.records[0].getMessage()
    assert first.startswith("churn_report: Pipeline learnt from ")
    assert "of the test cut-off 2024-03-01 in" in first
    assert "churn_report: drew the customers 5 times in" in caplog.records[-1].getMessage()


@pytest.mark.parametrize(("n_cutoffs", "n_tests"), [(4, 2), (7, 3), (12, 4)])
def test_where_nothing_can_be_validated_nothing_is_tested(n_cutoffs, n_tests):
    """Labels take 60 days, cut-offs lie 30 apart: a model is validated from the fifth one on."""
    made = snapshots_of(60, Cutoffs.rolling("2024-10-01", step="30D", n=n_cutoffs))
    assert n_validated(made) == max(n_cutoffs - 4, 0)
    assert len(quick(RFMLogistic(), made).splits) == n_tests
