"""How a classifier is validated: forward where time is known, by whole groups, or as asked."""

import numpy as np
import pytest
from sklearn.model_selection import KFold

from crmkit.churn._folds import validation
from crmkit.churn._training_table import training_table
from crmkit.exceptions import DataError, DataWarning
from crmkit.model_selection import PurgedForwardSplit
from tests.churn._tables import made_customers

SETTINGS = {"class_weight": None, "churned": None}


def data(n=120, weight=None, **told):
    frame, y, _ = made_customers(n)
    told = {"cutoff": None, "label_end": None, "groups": None, **told}
    return training_table(frame, y, weight, told, SETTINGS, "M")


def timed(n_cutoffs, horizon, each=40):
    cutoff = np.repeat(np.datetime64("2024-01-01") + 30 * np.arange(n_cutoffs), each)
    return data(
        n_cutoffs * each,
        cutoff=cutoff,
        label_end=cutoff + horizon,
        groups=np.tile(np.arange(each), n_cutoffs),
    )


def test_folds_cover_every_row_once():
    given = data()
    plan = validation(None, given, 0, "M")
    assert plan.told == "by 5 stratified folds"
    assert sorted(np.concatenate([test for _, test in plan.splits])) == list(range(120))
    rates = [given.examples.y[test].mean() for _, test in plan.splits]
    np.testing.assert_allclose(rates, given.examples.y.mean(), atol=0.05)


def test_groups_stay_whole():
    given = data(groups=np.arange(120) // 4)
    plan = validation(3, given, 0, "M")
    assert plan.told == "by 3 stratified folds, groups kept whole"
    for learn, test in plan.splits:
        groups = given.known("groups")
        assert not set(groups[learn]) & set(groups[test])


def test_time_goes_forward_without_overlap():
    given = timed(7, horizon=45)
    plan = validation(None, given, 0, "M")
    assert plan.forward
    assert plan.told == "forward in time at 4 cut-offs"
    cutoff, end = given.known("cutoff"), given.known("label_end")
    for learn, test in plan.splits:
        assert end[learn].max() <= cutoff[test].min()


def test_one_usable_cutoff():
    assert validation(None, timed(3, 45), 0, "M").told == "forward in time at 1 cut-off"


def test_no_label_known_in_time_is_told():
    with pytest.warns(DataWarning, match="nothing can be validated forward in time"):
        plan = validation(None, timed(2, 45), 0, "M")
    assert plan.told == "by 5 stratified folds, groups kept whole"


def test_a_forward_splitter_needs_times():
    plan = validation(PurgedForwardSplit(n_splits=2), timed(7, 45), 0, "M")
    assert plan.told == "forward in time at 2 cut-offs"
    with pytest.raises(DataError, match="needs cutoff= and label_end= in fit"):
        validation(PurgedForwardSplit(), data(), 0, "M")


def test_splits_of_the_caller_are_about_the_callers_rows():
    weight = np.ones(120)
    weight[5] = 0.0
    given = data(weight=weight)
    for cv in (KFold(2), [(np.arange(60, 120), np.arange(60)), (np.arange(60), range(60, 120))]):
        plan = validation(cv, given, 0, "M")
        learn, test = plan.splits[0]
        assert set(given.origin[test]) == set(range(60)) - {5}
        assert set(given.origin[learn]) == set(range(60, 120))


def test_fewer_folds_where_a_class_is_small():
    frame, _, _ = made_customers(20)
    told = {"cutoff": None, "label_end": None, "groups": None}
    for churners, text in ((3, "by 3 stratified folds"), (1, "a class has a single customer")):
        y = (np.arange(20) < churners).astype(int)
        given = training_table(frame, y, None, told, SETTINGS, "M")
        assert text in validation(None, given, 0, "M").told


@pytest.mark.parametrize(("cv", "text"), [(1, "at least 2 folds"), ("five", "cv must be None")])
def test_what_is_refused(cv, text):
    with pytest.raises(DataError, match=text):
        validation(cv, data(), 0, "M")
