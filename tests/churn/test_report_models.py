"""Who competes: names, usual baselines by columns, what `fit` is given, where a fault happened."""

import warnings

import numpy as np
import pytest
import sklearn
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import ConvergenceWarning as OfSklearn
from sklearn.pipeline import make_pipeline

from crmkit.churn import RFM, ChurnClassifier, RecencyRule, RFMLogistic, Windows
from crmkit.churn._report_models import ToldWith, asked_for, entrants, foretold, named
from crmkit.clv import BetaGeoModel
from crmkit.exceptions import ConvergenceWarning, DataError
from tests.churn._reported import Echo, Spy, snapshots_of


@pytest.fixture(scope="module")
def snapshots():
    return snapshots_of(40)


def test_usual_baselines(snapshots):
    found = entrants(Echo(), None, snapshots)
    assert list(found.models) == ["Echo"]
    assert list(found.baselines) == ["RFMLogistic", "RecencyRule", "base rate"]
    assert found.notes == []
    assert list(found.all) == [*found.models, *found.baselines]


def test_a_baseline_that_is_the_model_does_not_stand_twice(snapshots):
    found = entrants(RFMLogistic(C=0.1), None, snapshots)
    assert list(found.models) == ["RFMLogistic"]
    assert list(found.baselines) == ["RecencyRule", "base rate"]


def test_the_callers_baselines_are_added_replace_and_remove(snapshots):
    given = {"RecencyRule": RecencyRule(n_bins=3), "RFMLogistic": None, "mine": Echo()}
    found = entrants(Echo(), given, snapshots).baselines
    assert list(found) == ["RecencyRule", "base rate", "mine"]
    assert found["RecencyRule"].n_bins == 3


def test_columns_that_are_not_there():
    bare = snapshots_of(40, features=[Windows()])
    found = entrants(Echo(), None, bare)
    assert list(found.baselines) == ["base rate"]
    assert found.notes == [
        "RFMLogistic is left away: days_since_last is no feature, frequency is no feature. RFM() "
        "among the features brings it.",
        "RecencyRule is left away: days_since_last is no feature.",
    ]
    assert entrants(Echo(), {"RecencyRule": None, "RFMLogistic": None}, bare).notes == []


def test_columns_that_cannot_be_read(snapshots):
    gone = snapshots.X.assign(monetary_value=np.nan, T="old")
    found = entrants(Echo(), None, type(snapshots)(**{**vars(snapshots), "X": gone}))
    assert found.baselines["RFMLogistic"].columns == ("days_since_last", "frequency")
    assert found.notes == [
        "RFMLogistic reads days_since_last, frequency only: monetary_value has missing values, "
        "T holds no numbers."
    ]


@pytest.mark.parametrize(
    ("model", "baselines", "text"),
    [
        (ChurnClassifier, None, r"model must be an estimator: call it, ChurnClassifier\(\)"),
        ("logistic", None, "model must be a classifier with fit and predict_proba.*'logistic'"),
        (None, None, "model must be a classifier with fit"),
        ([], None, "model: there is none"),
        ({}, None, "model: there is none"),
        ([Echo("p"), Echo("q")], None, "model: two are called 'Echo'. Give each a name"),
        (Echo(), [BetaGeoModel()], r"purchase model. Wrap it.*BTYDChurn\(BetaGeoModel\(\), hor"),
        ({"RFMLogistic": Echo()}, None, "a model and a baseline are both called 'RFMLogistic'"),
        ({"a": Echo()}, {"a": Echo()}, "both called 'a'"),
        ({"y": Echo()}, None, "a model is called 'y', as is a column of the predictions"),
        (Echo(), {"customer_id": Echo()}, "is called 'customer_id', as is a column"),
    ],
)
def test_error_texts(snapshots, model, baselines, text):
    with pytest.raises(DataError, match=text):
        entrants(model, baselines, snapshots)


def test_names_become_text():
    assert list(named({1: Echo()}, "model")) == ["1"]


def test_fit_is_given_only_what_it_names(snapshots):
    assert set(asked_for(Spy(), snapshots)) == {"cutoff", "label_end", "groups"}
    assert asked_for(Echo(), snapshots) == {}
    assert asked_for(DummyClassifier(), snapshots) == {}
    with sklearn.config_context(enable_metadata_routing=True):
        assert set(asked_for(Spy(), snapshots)) == {"cutoff", "label_end", "groups"}
        spy = Spy().set_fit_request(groups=True, cutoff=True, label_end=False)
        assert set(asked_for(make_pipeline(spy), snapshots)) == {"cutoff", "groups"}
    assert asked_for(make_pipeline(Spy()), snapshots) == {}


def test_churn_is_the_class_1_wherever_it_stands(snapshots):
    class Turned(Echo):
        def predict_proba(self, X):
            self.classes_ = np.array([1, 0])
            return np.tile([0.2, 0.8], (len(X), 1))

    np.testing.assert_array_equal(foretold(Turned(), "t", snapshots), np.full(len(snapshots), 0.2))


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (np.full((3, 2), 0.5), r"gave shape \(3, 2\) for"),
        (np.full((1, 1), 0.5), "two columns were expected"),
    ],
)
def test_probabilities_of_another_shape(snapshots, p, text):
    class Odd(Echo):
        def predict_proba(self, X):
            return p

    with pytest.raises(DataError, match=text):
        foretold(Odd(), "odd", snapshots)


def test_probabilities_that_are_none(snapshots):
    model = Echo("days_since_last").fit(None, [0, 1])
    with pytest.raises(DataError, match="probability of 'days' must be probabilities between 0"):
        foretold(model, "days", snapshots)


def test_a_fault_says_which_model_and_where():
    with pytest.raises(KeyError) as caught, ToldWith("churn_report: 'm' at noon"):
        raise KeyError("p")
    assert caught.value.__notes__ == ["churn_report: 'm' at noon"]


def test_warnings_of_crmkit_say_where_once_and_others_pass():
    def warned():
        with ToldWith("churn_report: 'm' at noon"):
            for _ in range(2):
                warnings.warn("stopped", ConvergenceWarning, stacklevel=1)
            warnings.warn("lbfgs", OfSklearn, stacklevel=1)

    with pytest.warns((ConvergenceWarning, OfSklearn)) as caught:
        warned()
    told = sorted((str(w.message), w.category) for w in caught)
    assert told == [
        ("churn_report: 'm' at noon: stopped", ConvergenceWarning),
        ("lbfgs", OfSklearn),
    ]
    assert {w.filename for w in caught} == {__file__}


def test_rfm_brings_what_the_usual_baselines_read():
    assert entrants(Echo(), None, snapshots_of(40, features=[RFM(), Windows()])).notes == []
