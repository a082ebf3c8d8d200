"""ChurnPipeline: its parts joined without loss, the event contracts, told in words, no leakage."""

import pickle

import numpy as np
import pandas as pd
import pytest
import skops.io as sio
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from crmkit import EventLog
from crmkit.churn import (
    RFM,
    Active,
    ChurnClassifier,
    NoPurchase,
    RFMLogistic,
    SnapshotBuilder,
    Windows,
)
from crmkit.exceptions import DataError, DataWarning
from crmkit.pipelines import ChurnPipeline
from crmkit.pipelines._churn import some_customers
from crmkit.pipelines._churn_plan import TooLittleError
from tests.contracts import event_level, frame_kinds
from tests.contracts.event_level import AS_OF, events, log_of, same
from tests.contracts.frame_kinds import to_pandas
from tests.pipelines._quick import quick, shop

DAY = "2024-10-20"
LOG = EventLog(shop())


@pytest.fixture(scope="module")
def fitted():
    return quick().fit(LOG, as_of=DAY)


@pytest.fixture(scope="module")
def contracted():
    log = log_of(events(seed=1, n_customers=200, n=1500))
    return quick(horizon="21D", within="60D").fit(log, as_of=AS_OF)


@pytest.mark.parametrize("contract", event_level.ALL + event_level.SPARK, ids=lambda f: f.__name__)
def test_contract_of_scoring(contract, contracted):
    contract(lambda log, as_of: contracted.transform(log, as_of=as_of))


@pytest.mark.parametrize(
    "contract",
    [
        event_level.check_row_order_is_free,
        event_level.check_index_labels_are_ignored,
        event_level.check_nothing_at_or_after_the_cutoff_matters,
        event_level.check_frames_agree,
        event_level.check_input_untouched,
    ],
    ids=lambda f: f.__name__,
)
def test_contract_of_learning(contract):
    """Fit and score: only other customers, who are learnt from, matter."""
    recipe = quick(horizon="7D", within="60D")
    contract(lambda log, as_of: clone(recipe).fit_transform(log, as_of=as_of))


def test_it_is_builder_and_classifier(fitted):
    builder = SnapshotBuilder([RFM()], NoPurchase("28D"), Active("56D"))
    assert (fitted.horizon_, fitted.within_) == (28, 56)
    snapshots = builder.build(LOG, fitted.cutoffs_, observed_until=DAY)
    model = ChurnClassifier("spline_logistic", calibrate="none").fit(snapshots)
    now = builder.transform(LOG, DAY)
    table = fitted.transform(LOG, as_of=DAY)
    np.testing.assert_array_equal(table["customer_id"], now["customer_id"])
    expected = model.predict_frame(now)["probability_churn"]
    np.testing.assert_array_equal(table["probability_churn"], expected)
    told = model.explain_frame(now, top=3)["sentence"].to_numpy().reshape(-1, 3)
    assert table["churn_reasons"].tolist() == ["; ".join(row) for row in told]


def test_it_says_what_it_learnt_from(fitted):
    assert fitted.cutoffs_ == ["2024-08-11", "2024-08-25", "2024-09-08", "2024-09-22"]
    assert fitted.population_ == "active within 56D"
    assert fitted.label_ == "no purchase in 28D"
    assert fitted.horizon_reason_.endswith("but less than four weeks leaves no time to act")
    assert fitted.rates_.shape == (len(fitted.cutoffs_),)
    assert 0 < fitted.rates_.min() <= fitted.base_rate_ <= fitted.rates_.max() < 1
    assert fitted.training_ == (
        f"{fitted.n_snapshots_:,} snapshots of {fitted.n_customers_:,} customers at "
        f"{len(fitted.cutoffs_)} cut-offs ({fitted.cutoffs_[0]} to {fitted.cutoffs_[-1]})"
    )
    assert fitted.as_of_ == "2024-10-20T00:00:00"


def test_labels_are_observed_before_the_cutoff_of_the_fit(fitted):
    ends = pd.to_datetime(fitted.cutoffs_) + pd.Timedelta(days=fitted.horizon_)
    assert ends.max() == pd.Timestamp(DAY)
    assert (pd.to_datetime(fitted.cutoffs_) >= LOG.first_event).all()


def test_the_future_changes_nothing(fitted):
    frame = shop()
    after = frame["timestamp"] >= DAY
    assert after.sum() > 10
    known = EventLog(frame[~after])
    again = quick().fit(known, as_of=DAY)
    same(again.transform(known, as_of=DAY), fitted.transform(LOG, as_of=DAY))
    assert again.training_ == fitted.training_


def test_within_a_day_it_is_the_beginning_of_the_day(fitted):
    at_noon = quick().fit(LOG, as_of="2024-10-20T12:00")
    same(at_noon.transform(LOG, as_of="2024-10-20T12:00"), fitted.transform(LOG, as_of=DAY))
    assert at_noon.as_of_ == "2024-10-20T12:00:00"


def test_a_time_zone_is_kept():
    frame = shop()
    aware = frame.assign(timestamp=frame["timestamp"].dt.tz_localize("Europe/London"))
    log = EventLog(aware, tz="Europe/London")
    same(quick().fit_transform(log, as_of=DAY), quick().fit_transform(LOG, as_of=DAY))


def test_copies_score_alike(fitted):
    expected = fitted.transform(LOG, as_of=DAY)
    data = sio.dumps(fitted)
    by_skops = sio.loads(data, trusted=sio.get_untrusted_types(data=data))
    refitted = clone(fitted).fit(LOG, as_of=DAY)
    for copy in (pickle.loads(pickle.dumps(fitted)), by_skops, refitted):
        pd.testing.assert_frame_equal(copy.transform(LOG, as_of=DAY), expected)


def test_amounts_are_not_needed():
    log = EventLog(shop().drop(columns="amount"), amount=None)
    table = ChurnPipeline(features=[RFM()], model=ChurnClassifier("spline_logistic")).fit_transform(
        log
    )
    assert table["probability_churn"].between(0, 1).all()


def test_some_customers_are_drawn_with_all_their_rows(fitted):
    drawn = quick(max_customers=60).fit(LOG, as_of=DAY)
    assert drawn.n_customers_ == 60
    assert "of 60 customers (drawn from 74) at" in drawn.training_
    assert len(drawn.transform(LOG, as_of=DAY)) == len(fitted.transform(LOG, as_of=DAY))
    other = quick(max_customers=60, random_state=1).fit(LOG, as_of=DAY)
    assert other.n_snapshots_ != drawn.n_snapshots_ or other.base_rate_ != drawn.base_rate_
    snapshots = SnapshotBuilder([RFM()], NoPurchase("30D")).build(LOG, ["2024-04-01", "2024-05-01"])
    part = some_customers(snapshots, 50, 0)
    whole = snapshots.subset(np.isin(snapshots.groups, np.unique(part.groups)))
    assert len(np.unique(part.groups)) == 50
    assert part.groups.tolist() == whole.groups.tolist()


def test_reasons_are_as_many_as_asked_for():
    table = quick(top=1).fit_transform(LOG, as_of=DAY)
    assert not table["churn_reasons"].str.contains(";").any()
    assert table["churn_reasons"].str.contains(r": [+-]\d\.\d$").all()


def test_windows_that_a_young_log_leaves_empty_are_told_only_to_who_named_them():
    """Warnings are errors here: the windows of a year are empty, and nobody asked for them."""
    model = ChurnClassifier("spline_logistic", calibrate="none")
    table = quick(features=None, model=model).fit_transform(LOG, as_of=DAY)
    assert table["probability_churn"].between(0, 1).all()
    with pytest.warns(DataWarning, match="hold no number at any cut-off: 'orders_365d'"):
        quick(features=[RFM(), Windows(["30D", "365D"])]).fit(LOG, as_of=DAY)


def test_unfitted_says_so():
    with pytest.raises(NotFittedError):
        ChurnPipeline().transform(LOG)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"model": RFMLogistic()}, "model must be a ChurnClassifier, got RFMLogistic"),
        ({"n_cutoffs": 0}, "n_cutoffs must be a whole number of at least 1, got 0"),
        ({"top": 0}, "top must be a whole number of at least 1"),
        ({"max_customers": 5}, "max_customers must be a whole number of at least 40, got 5"),
        ({"within": "2h"}, "within='2h' must be a whole number of days"),
        ({"step": 0}, "step=0 must be a whole number of days"),
        ({"horizon": "soon"}, "horizon must be a finite number"),
    ],
)
def test_wrong_parameters_are_named(changes, text):
    with pytest.raises(DataError, match=f"ChurnPipeline: {text}"):
        quick(**changes).fit(LOG, as_of=DAY)


def test_a_short_log_is_refused_with_what_it_takes():
    with pytest.raises(TooLittleError, match="takes at least 240 days before as_of, and 480 to te"):
        quick(horizon="120D").fit(LOG, as_of="2024-05-01")


def test_too_few_of_one_kind_are_counted():
    with pytest.raises(
        TooLittleError, match=r"\d+ customers left and \d+ stayed .* at least 20 of"
    ):
        quick(horizon="120D", within="1D").fit(LOG)


def test_nobody_active_is_an_error(fitted):
    later = pd.concat(
        [shop(), pd.DataFrame({"customer_id": ["z"], "timestamp": [pd.Timestamp("2026-01-01")]})]
    )
    with pytest.raises(DataError, match="nobody is in the population"):
        fitted.transform(EventLog(later.fillna({"amount": 1.0})), as_of="2025-12-01")


def test_every_kind_of_frame_comes_back(fitted):
    expected = fitted.transform(LOG, as_of=DAY)
    for convert in frame_kinds.FRAMES.values():
        got = fitted.transform(EventLog(convert(shop())), as_of=DAY)
        assert type(got) is type(convert(shop()))
        same(to_pandas(got), expected)


def test_an_event_of_the_far_future_leaves_nobody_to_learn_from():
    """As a date mistyped as 2099 does: the recipe cannot be fitted, and says where to look."""
    frame = pd.concat([shop(), shop().head(1).assign(timestamp=pd.Timestamp("2099-01-01"))])
    with pytest.raises(TooLittleError, match=r"nobody was active .* have the right date"):
        ChurnPipeline("28D").fit(EventLog(frame))


def test_a_fit_that_fails_leaves_what_was_learnt():
    recipe = quick().fit(LOG, as_of=DAY)
    before = recipe.transform(LOG, as_of=DAY)
    with pytest.raises(TooLittleError):
        recipe.set_params(horizon="500D").fit(LOG, as_of=DAY)
    pd.testing.assert_frame_equal(recipe.transform(LOG, as_of=DAY), before)
