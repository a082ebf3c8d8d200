"""Models of a report: named by class or by the caller, and no baseline is silently replaced."""

import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

import crmkit as ck
from crmkit.clv import (
    AverageSpendModel,
    BetaGeoModel,
    BoostedLifetimeValue,
    CustomerLifetimeValue,
    GammaGammaModel,
    NBDModel,
)
from crmkit.exceptions import DataError
from crmkit.pipelines import holdout_report
from crmkit.pipelines._holdout_models import named, purchase_models, spend_models

LOG = ck.EventLog(
    pd.DataFrame({"customer_id": ["a"], "timestamp": [pd.Timestamp("2024-01-01")], "amount": 1.0})
)


def test_models_are_copies_by_class_or_by_name():
    model = BetaGeoModel()
    one = purchase_models([model, NBDModel(), BoostedLifetimeValue()])
    assert list(one) == ["BetaGeoModel", "NBDModel", "BoostedLifetimeValue"]
    assert one["BetaGeoModel"] is not model
    assert list(purchase_models(model)) == ["BetaGeoModel"]
    assert list(purchase_models({1: model, "b": NBDModel()})) == ["1", "b"]


def test_the_own_average_is_always_among_the_spend_models():
    assert list(spend_models(LOG, GammaGammaModel())) == ["GammaGammaModel", "AverageSpendModel"]
    assert list(spend_models(LOG, {"mean": AverageSpendModel()})) == ["mean"]


@pytest.mark.parametrize(
    ("parameter", "models", "text"),
    [
        ("purchases", {"NBDModel": BetaGeoModel()}, "'NBDModel' is the name of a baseline"),
        ("purchases", {"own rate": BetaGeoModel()}, "'own rate' is the name of a baseline"),
        ("purchases", {"AverageSpendModel": BetaGeoModel()}, "is the name of a baseline"),
        ("spend", {"AverageSpendModel": GammaGammaModel()}, "is the name of a baseline; take ano"),
        ("purchases", "BetaGeo", "must hold models of crmkit.clv, got 'BetaGeo'. By name: purcha"),
        ("purchases", BetaGeoModel, r"got <class .*BetaGeoModel'>. Call it: BetaGeoModel\(\)"),
        ("purchases", {"a": 3}, "must hold models of crmkit.clv, got 3 as 'a'"),
        ("purchases", GammaGammaModel(), r"got GammaGammaModel\(\). Pass it as spend="),
        ("purchases", CustomerLifetimeValue(), r"got CustomerLifetimeValue\(\). By name"),
        ("purchases", LinearRegression(), r"got LinearRegression\(\). By name"),
        ("spend", BetaGeoModel(), r"got BetaGeoModel\(\). Pass it as purchases="),
        ("spend", LinearRegression(), r"spend=\{\"weak\": GammaGammaModel\(\)"),
        ("purchases", [], "there is no model. Pass one or more: purchases={"),
        (
            "purchases",
            [BetaGeoModel(), BetaGeoModel(prior=None)],
            "two models are called 'BetaGeoModel'. Give each a name of its own: purchases={",
        ),
        ("purchases", {1: BetaGeoModel(), "1": NBDModel()}, "two models are called '1'"),
        ("spend", [AverageSpendModel()] * 2, "two models are called 'AverageSpendModel'"),
    ],
)
def test_errors_teach(parameter, models, text):
    with pytest.raises(DataError, match=f"holdout_report: {parameter}.*{text}"):
        named(models, parameter)


def test_the_report_refuses_what_its_models_are_not():
    log = ck.EventLog(ck.datasets.load_cdnow(sample=True))
    for wrong in (
        {"purchases": {"NBDModel": BetaGeoModel()}},
        {"spend": {"AverageSpendModel": GammaGammaModel()}},
        {"spend": BetaGeoModel()},
        {"purchases": GammaGammaModel()},
    ):
        with pytest.raises(DataError, match="holdout_report: "):
            holdout_report(log, "1997-10-01", 39, **wrong)
