"""How a classifier is validated: forward where time is known, by whole groups, or as asked."""

import numpy as np
import pytest
from sklearn.model_selection import KFold

from crmkit.churn._folds import Validation, thinned, validation
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


def test_large_folds_are_thinned_by_whole_customers():
    given = timed(7, horizon=45)
    groups = given.examples.groups
    whole = validation(None, given, 0, "M")
    plan = thinned(whole, groups, 50, seed=3)
    assert plan.whole is whole.splits
    assert plan.told.endswith("each side thinned to 50 rows at most, by whole customers")
    for (learn, test), (all_learn, all_test) in zip(plan.splits, whole.splits, strict=True):
        assert set(learn) <= set(all_learn)
        assert list(test) == list(all_test)  # 40 customers at one cut-off: as they were
        assert 40 <= len(learn) <= 50
        left = np.setdiff1d(all_learn, learn)
        assert not set(groups[learn]) & set(groups[left])


def test_the_same_customers_come_first_in_every_fold():
    groups = np.repeat(np.arange(100), 3)
    plan = Validation([(np.arange(300), np.arange(0)), (np.arange(150), np.arange(150, 300))], "s")
    made = thinned(plan, groups, 30, seed=1)
    first, second = (set(groups[learn]) for learn, _ in made.splits)
    assert len(first) == len(second) == 10
    assert {customer for customer in first if customer < 50} <= second
    assert [list(a) for a, _ in thinned(plan, groups, 30, seed=1).splits] == [
        list(a) for a, _ in made.splits
    ]
    assert set(groups[thinned(plan, groups, 30, seed=2).splits[0][0]]) != first


@pytest.mark.parametrize("most", [None, 300])
def test_folds_that_are_small_enough_stay(most):
    plan = Validation([(np.arange(300), np.arange(300, 400))], "s")
    assert thinned(plan, np.arange(400), most, 0) is plan


def test_a_customer_with_more_rows_than_allowed_stays_whole():
    made = thinned(Validation([(np.arange(90), np.arange(90, 92))], "s"), np.zeros(92, int), 50, 0)
    assert len(made.splits[0][0]) == 90


@pytest.mark.parametrize("cv", [[([0], [9999])], [1, 2], [([0],)]])
def test_pairs_that_are_none(cv):
    with pytest.raises(DataError, match=r"cv must give pairs of rows, .* out of \d+ rows"):
        validation(cv, data(), 0, "t")


def test_no_pairs_at_all():
    with pytest.warns(DataWarning, match=r"cv=\[\] gives no split, so nothing is validated"):
        assert validation([], data(), 0, "t").splits == []
