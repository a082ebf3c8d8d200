"""churn_holdout: the recipe as it would have been carried out, judged by what came."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from crmkit import EventLog
from crmkit.churn import RecencyRule
from crmkit.exceptions import DataError
from crmkit.pipelines import churn_holdout
from crmkit.pipelines._churn_plan import TooLittleError
from tests.pipelines._quick import quick, shop

DAY = "2024-10-20"
LOG = EventLog(shop())


@pytest.fixture(scope="module")
def check():
    return churn_holdout(LOG, DAY, quick(), n_resamples=20)


def test_it_is_the_recipe_a_horizon_earlier(check):
    start = date(2024, 10, 20) - timedelta(days=28)
    recipe = quick(horizon="28D").fit(LOG, as_of=start)
    then = recipe.transform(LOG, as_of=start)
    told = check.predictions()
    assert told["customer_id"].tolist() == then["customer_id"].tolist()
    np.testing.assert_array_equal(told["ChurnClassifier"], then["probability_churn"])
    assert check.models == ("ChurnClassifier",)
    assert check.baselines == ("RFMLogistic", "RecencyRule", "base rate")


def test_the_outcome_is_what_they_did(check):
    start, end = pd.Timestamp("2024-09-22"), pd.Timestamp(DAY)
    frame = shop()
    window = frame[(frame["timestamp"] >= start) & (frame["timestamp"] < end)]
    told = check.predictions()
    left = ~told["customer_id"].isin(window["customer_id"])
    assert told["y"].tolist() == left.astype(int).tolist()
    assert set(check.tested.cutoff) == {np.datetime64(start)}


def test_learning_ends_where_the_test_begins(check):
    row = check.splits.iloc[0]
    assert row["last_train_cutoff"] + pd.Timedelta(days=28) <= pd.Timestamp("2024-09-22")
    assert row["purged_rows"] == 0


def test_nothing_after_the_end_matters(check):
    frame = shop()
    known = EventLog(frame[frame["timestamp"] < DAY])
    again = churn_holdout(known, DAY, quick(), n_resamples=20)
    pd.testing.assert_frame_equal(again.predictions(), check.predictions())
    pd.testing.assert_frame_equal(again.table(), check.table())


def test_a_fitted_recipe_is_left_as_it_is():
    recipe = quick(horizon="28D").fit(LOG, as_of=DAY)
    before = recipe.transform(LOG, as_of=DAY)
    churn_holdout(LOG, DAY, recipe, n_resamples=5)
    pd.testing.assert_frame_equal(recipe.transform(LOG, as_of=DAY), before)


def test_baselines_can_be_added():
    rule = RecencyRule()
    check = churn_holdout(LOG, DAY, quick(), baselines={"mine": rule}, n_resamples=5)
    assert "mine" in check.baselines


def test_a_short_log_is_refused():
    with pytest.raises(TooLittleError, match=r"the log is too short\. To learn who buys"):
        churn_holdout(LOG, "2024-06-01", quick(horizon="70D"))


def test_another_recipe_is_refused():
    with pytest.raises(DataError, match="churn_holdout: recipe must be a ChurnPipeline"):
        churn_holdout(LOG, DAY, "auto")
