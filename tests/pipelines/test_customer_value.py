"""CustomerValuePipeline: its parts joined without loss, the event contracts, frozen learning."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

import crmkit as ck
from crmkit.churn import RetentionValue
from crmkit.clv import BetaGeoModel, CustomerLifetimeValue
from crmkit.exceptions import DataError, DataWarning
from crmkit.pipelines import CustomerValuePipeline
from crmkit.segment import RFMSegmenter
from tests.contracts import event_level
from tests.contracts.event_level import AS_OF, events, log_of
from tests.contracts.frame_kinds import to_pandas
from tests.pipelines._quick import quick

PRIORITIES = ["R", "F", "M"]

# The small made-up logs have no dropout to learn, which the models say.
pytestmark = pytest.mark.filterwarnings("ignore::crmkit.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module")
def cdnow():
    return ck.EventLog(ck.datasets.load_cdnow(sample=True))


@pytest.fixture(scope="module")
def fitted():
    log = log_of(events(seed=1, n_customers=200, n=1500))
    recipe = quick(horizon="14D", within="45D")
    offer = RetentionValue(offer_cost=3.0, contact_cost=0.5)
    return CustomerValuePipeline(unit="W", churn=recipe, offer=offer).fit(log, as_of=AS_OF)


@pytest.mark.parametrize("contract", event_level.ALL, ids=lambda f: f.__name__)
def test_contract(contract, fitted):
    """Rank aside, which compares customers, a customer's row is a function of the own events."""

    def answer(log, as_of):
        table = fitted.transform(log, as_of=as_of)
        if hasattr(table, "to_arrow_table"):
            return table.project("* EXCLUDE (clv_rank)")
        if hasattr(table, "drop_columns"):
            return table.drop_columns(["clv_rank"])
        return (
            table.drop("clv_rank", axis=1)
            if isinstance(table, pd.DataFrame)
            else table.drop("clv_rank")
        )

    contract(answer)


def test_columns_are_those_of_the_parts(cdnow):
    pipeline = CustomerValuePipeline(unit="W", churn=None).fit(cdnow, as_of="1997-10-01")
    table = pipeline.transform(cdnow, as_of="1997-10-01")
    customers = ck.summarize(cdnow, "1997-10-01", "W")
    pd.testing.assert_frame_equal(table[customers.columns.tolist()], customers)
    segments = RFMSegmenter().fit(customers).predict_frame(customers)
    assert table["segment"].tolist() == segments["segment"].tolist()
    assert (table[PRIORITIES] == segments[PRIORITIES]).all(axis=None)
    values = CustomerLifetimeValue().fit(customers).breakdown(customers)
    for column in ("expected_purchases", "probability_no_purchase", "expected_spend", "clv"):
        np.testing.assert_array_equal(table[column], values[column])


def test_rank_one_is_the_most_valuable_and_ties_share(cdnow):
    table = CustomerValuePipeline(churn=None).fit_transform(cdnow, as_of="1997-10-01")
    assert table.loc[table["clv"].idxmax(), "clv_rank"] == 1
    ordered = table.sort_values("clv", ascending=False)
    expected = ordered["clv"].rank(method="min", ascending=False).astype(int)
    assert ordered["clv_rank"].tolist() == expected.tolist()


def test_fit_transform_is_fit_then_transform(cdnow):
    one = CustomerValuePipeline(churn=None).fit_transform(cdnow, as_of="1997-10-01")
    two = CustomerValuePipeline(churn=None).fit(cdnow, as_of="1997-10-01")
    assert two.as_of_ == "1997-10-01T00:00:00"
    assert two.n_customers_ == 2357
    pd.testing.assert_frame_equal(one, two.transform(cdnow, as_of="1997-10-01"))


def test_what_was_learnt_stays_for_later_customers(cdnow):
    pipeline = CustomerValuePipeline(churn=None).fit(cdnow, as_of="1997-10-01")
    edges = {name: edge.copy() for name, edge in pipeline.segmenter_.scorer_.edges_.items()}
    later = pipeline.transform(cdnow, as_of="1998-07-01")
    for name, edge in pipeline.segmenter_.scorer_.edges_.items():
        np.testing.assert_array_equal(edge, edges[name])
    customers = ck.summarize(cdnow, "1998-07-01", "W")
    expected = pipeline.value_.purchases_.predict(customers, pipeline.value_.horizon_)
    np.testing.assert_array_equal(later["expected_purchases"], expected)


def test_parts_can_be_replaced_and_are_cloned(cdnow):
    value = CustomerLifetimeValue(horizon=26, margin=0.25, discount_rate=0.0)
    segmenter = RFMSegmenter(scheme="cube8")
    pipeline = CustomerValuePipeline(segmenter=segmenter, value=value, churn=None)
    table = pipeline.fit_transform(cdnow, as_of="1997-10-01")
    assert table["segment"].nunique() <= 8
    product = 0.25 * table["expected_purchases"] * table["expected_spend"]
    np.testing.assert_allclose(table["clv"], product)
    assert not hasattr(value, "purchases_")
    assert not hasattr(segmenter, "scorer_")
    assert clone(pipeline).get_params()["value__margin"] == 0.25


def test_unfitted_says_so(cdnow):
    with pytest.raises(NotFittedError):
        CustomerValuePipeline(churn=None).transform(cdnow)


def test_a_log_without_money_is_refused_with_the_column():
    frame = events()
    log = ck.EventLog(frame, amount=None)
    with pytest.raises(DataError, match="CustomerValuePipeline: the log has no amounts, which"):
        CustomerValuePipeline(churn=None).fit(log)


def test_every_customer_gets_finite_numbers(online_retail):
    table = to_pandas(
        CustomerValuePipeline(churn=None, recommender=None).fit_transform(online_retail)
    )
    assert len(table) == 4339
    assert np.isfinite(table.select_dtypes("number").to_numpy(dtype=float)).all()
    assert table["segment"].notna().all()
    assert (table["clv"] >= 0).all()


def test_netted_returns_give_finite_values_too(online_retail_net):
    with pytest.warns(DataWarning, match="17 of 2,790 repeat buyers have a mean spend of zero or"):
        table = to_pandas(
            CustomerValuePipeline(churn=None, recommender=None).fit_transform(online_retail_net)
        )
    assert np.isfinite(table.select_dtypes("number").to_numpy(dtype=float)).all()


def test_all_of_cdnow_is_valued_though_some_spent_nothing():
    log = ck.EventLog(ck.datasets.load_cdnow())
    with pytest.warns(DataWarning, match="1 of 9,451 repeat buyers have a mean spend of zero or"):
        table = CustomerValuePipeline(churn=None).fit_transform(log, as_of="1997-10-01")
    assert len(table) == 23570
    assert np.isfinite(table["clv"]).all()


@pytest.mark.parametrize(
    ("kwargs", "text"),
    [
        ({"value": BetaGeoModel()}, r"value must be a CustomerLifetimeValue.*\(purchases=\.\.\.\)"),
        (
            {"segmenter": "cube8"},
            r"segmenter must be an RFMSegmenter, got 'cube8'.*\(scheme=\.\.\.\)",
        ),
    ],
)
def test_parts_of_the_wrong_kind_are_refused(cdnow, kwargs, text):
    with pytest.raises(DataError, match=text):
        CustomerValuePipeline(**kwargs).fit(cdnow)


def test_an_id_called_like_a_result_is_refused():
    frame = events(n_customers=60).rename(columns={"customer_id": "clv"})
    with pytest.raises(DataError, match="Pipeline: column 'clv' is called like a new column"):
        CustomerValuePipeline(churn=None).fit_transform(ck.EventLog(frame, customer="clv"))


def test_a_model_of_regular_buyers_gets_the_column_it_needs(cdnow):
    value = CustomerLifetimeValue(purchases=ck.clv.ModifiedBetaGeoCNBDModel(regularity=1))
    table = CustomerValuePipeline(unit="W", churn=None, value=value).fit_transform(
        cdnow, as_of="1997-10-01"
    )
    plain = CustomerLifetimeValue(purchases=ck.clv.ModifiedBetaGeoModel())
    same = CustomerValuePipeline(unit="W", churn=None, value=plain).fit_transform(
        cdnow, as_of="1997-10-01"
    )
    np.testing.assert_allclose(table["clv"], same["clv"], rtol=1e-6)


def once_each():
    """Customers of whom nobody came back, with the items they bought."""
    frame = events(n_customers=60).drop_duplicates("customer_id")
    return ck.EventLog(frame.assign(sku=np.arange(len(frame)) % 5), item="sku")


@pytest.mark.parametrize("churn", ["auto", quick(horizon="14D", within="45D")])
def test_where_nobody_bought_again_the_rest_is_told(churn, tmp_path):
    log, own = once_each(), ck.segment.ValueTiers(value="total_amount")
    offer = RetentionValue(offer_cost=3.0)
    pipeline = CustomerValuePipeline(churn=churn, offer=offer, tiers=own, stager=None)
    with pytest.warns(DataWarning, match="none of the .* customers bought again"):
        table = pipeline.fit_transform(log)
    summary = ck.summarize(log, unit="W").columns.tolist()
    rest = ["R", "F", "M", "segment", "tier"]
    offers = ["next_offer", "next_offer_source", "next_offer_reason"]
    assert table.columns.tolist() == [*summary, *rest, *offers]
    assert pipeline.value_ is None
    assert pipeline.churn_ is pipeline.churn_horizon_ is None
    assert pipeline.value_note_ == pipeline.churn_note_
    assert pipeline.value_note_.startswith("BetaGeoModel: none of the")
    ck.io.save(pipeline, tmp_path / "model.crmkit", customers=True)
    again = ck.io.load(tmp_path / "model.crmkit").transform(log)
    pd.testing.assert_frame_equal(again, table)


def test_tiers_of_a_value_that_nobody_knows_are_left_out():
    with pytest.warns(DataWarning, match="none of the .* customers bought again"):
        pipeline = CustomerValuePipeline(recommender=None, stager=None).fit(once_each())
    assert pipeline.tiers_ is None
    assert "tier" not in pipeline.transform(once_each()).columns


def test_a_value_that_was_learnt_has_no_note(fitted):
    assert fitted.value_note_ == ""
