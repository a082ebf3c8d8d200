"""ModelScores: the model knows the past of each cut-off and nothing else."""

from datetime import timedelta

import numpy as np
import pytest

import crmkit as ck
from crmkit.churn import RFM, Active, ModelScores, NoPurchase, SnapshotBuilder
from crmkit.clv import BetaGeoCNBDModel, BetaGeoModel
from crmkit.datasets import make_customers
from crmkit.exceptions import DataError

LOG = ck.EventLog(make_customers(300, random_state=1).events)
CUT = "2024-06-01"


@pytest.fixture(scope="module")
def cut():
    middle = LOG.first_event + 2 * (LOG.last_event - LOG.first_event) / 3
    return middle.date()


@pytest.mark.parametrize("unit", ["D", "W"])
@pytest.mark.parametrize("model", [BetaGeoModel(), BetaGeoCNBDModel()])
def test_the_scores_are_those_of_a_model_fitted_by_hand(model, unit, cut):
    builder = SnapshotBuilder([ModelScores(model, "28D")], population=Active("60D"), unit=unit)
    got = builder.transform(LOG, cut).set_index("customer_id")
    customers = ck.summarize(LOG, cut, unit, extras=["sum_log_gaps"]).set_index("customer_id")
    fitted = type(model)(unit=unit).fit(customers)
    asked = customers.loc[got.index]
    assert len(asked) < len(customers)
    horizon = 28 if unit == "D" else 4
    expected = {
        "model_no_purchase": fitted.probability_no_purchase(asked, horizon),
        "model_alive": fitted.probability_alive(asked),
        "model_purchases": fitted.predict(asked, horizon),
    }
    for name, values in expected.items():
        np.testing.assert_allclose(got[name], values, rtol=1e-6)


def test_what_comes_later_changes_no_bit(cut):
    builder = SnapshotBuilder([RFM(), ModelScores(BetaGeoModel())], NoPurchase("30D"))
    early = LOG.data[LOG.data["timestamp"] < str(cut)]
    alone = builder.transform(ck.EventLog(early), cut)
    among = builder.build(LOG, [cut]).X
    np.testing.assert_array_equal(alone.iloc[:, 1:], among)


def test_two_models_stand_together(cut):
    groups = [ModelScores(BetaGeoModel()), ModelScores(BetaGeoCNBDModel(), prefix="regular")]
    got = SnapshotBuilder(groups).transform(LOG, cut)
    assert got.columns[1:].tolist() == [
        f"{model}_{name}"
        for model in ("model", "regular")
        for name in ("no_purchase", "alive", "purchases")
    ]
    with pytest.raises(DataError, match=r"two features are called \['model_alive', 'model_no"):
        SnapshotBuilder([groups[0], ModelScores(BetaGeoCNBDModel())]).transform(LOG, cut)


def test_a_cutoff_with_too_few_customers_is_named():
    first = LOG.first_event.date() + timedelta(days=1)
    with pytest.raises(DataError, match=f"cannot be fitted at the cut-off {first}, on . customer"):
        SnapshotBuilder([ModelScores(BetaGeoModel())]).transform(LOG, first)


def test_a_fitted_model_is_refused(cut):
    fitted = BetaGeoModel().fit(ck.summarize(LOG))
    with pytest.raises(DataError, match="is fitted already and may have seen what happened"):
        SnapshotBuilder([ModelScores(fitted)]).transform(LOG, cut)


@pytest.mark.parametrize(
    ("model", "text"),
    [
        (BetaGeoModel, "lacks its brackets"),
        ("BG/NBD", "needs a purchase model such as"),
        (BetaGeoModel(unit="W"), "counts in 'W', the builder in 'D'"),
    ],
)
def test_what_is_no_purchase_model_is_refused(model, text, cut):
    with pytest.raises(DataError, match=text):
        SnapshotBuilder([ModelScores(model)]).transform(LOG, cut)
