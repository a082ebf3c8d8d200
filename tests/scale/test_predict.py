"""scale.predict: the answers of the local call, for every kind of model and of id."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from crmkit import scale
from crmkit.churn import ChurnClassifier
from crmkit.clv import BetaGeoModel, CustomerLifetimeValue
from crmkit.exceptions import DataError
from crmkit.segment import BehaviourSegmenter, RFMSegmenter
from tests.contracts.spark_session import from_spark, to_spark


@pytest.fixture(scope="module")
def table(spark, customers):
    return to_spark(customers)


def churned(customers):
    return (customers["days_since_last"] > customers["days_since_last"].median()).astype(int)


FEATURES = ["customer_id", "frequency", "recency", "n_orders"]
CASES = {
    "purchases": (lambda c: BetaGeoModel().fit(c), "predict", {"horizon": 10.0}),
    "alive": (lambda c: BetaGeoModel().fit(c), "probability_alive", {}),
    "value": (lambda c: CustomerLifetimeValue(unit="W").fit(c), "predict", {}),
    "parts of value": (
        lambda c: CustomerLifetimeValue(unit="W").fit(c), "breakdown", {"level": None},
    ),
    "segments": (lambda c: RFMSegmenter().fit(c), "predict_frame", {}),
    "words": (lambda c: RFMSegmenter().fit(c), "predict", {}),
    "behaviour": (
        lambda c: BehaviourSegmenter(
            ["n_orders", "days_since_last"], n_segments=3, random_state=0
        ).fit(c),
        "predict_frame",
        {},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_answers_are_those_of_the_local_call(case, table, customers):
    make, method, arguments = CASES[case]
    model = make(customers)
    found = from_spark(scale.predict(model, table, method=method, **arguments))
    local = getattr(model, method)(customers, **arguments)
    assert found["customer_id"].tolist() == customers["customer_id"].tolist()
    if isinstance(local, pd.DataFrame):
        pd.testing.assert_frame_equal(found, local, check_dtype=False, rtol=1e-12)
    elif local.dtype.kind == "f":
        np.testing.assert_allclose(found.iloc[:, 1], local, rtol=1e-12)
    else:
        assert found.iloc[:, 1].tolist() == list(local)


def test_probabilities_of_classes_have_columns_of_their_own(table, customers):
    y = churned(customers)
    ours = ChurnClassifier(model="spline_logistic", calibrate=None).fit(customers[FEATURES[1:]], y)
    theirs = LogisticRegression().fit(customers[FEATURES[1:]], y)
    for model in (ours, theirs):
        found = scale.predict(model, table.select(*FEATURES), method="predict_proba")
        assert found.columns == ["customer_id", "probability_0", "probability_1"]
        local = model.predict_proba(customers[FEATURES[1:]])
        np.testing.assert_allclose(from_spark(found).iloc[:, 1:], local, rtol=1e-10)


def test_large_numbers_as_ids_stay_exact_and_missing_ones_missing(spark, customers):
    ids = pd.array([2**60 + i for i in range(len(customers))], dtype="Int64")
    ids[3] = pd.NA
    named = customers.assign(customer_id=ids)
    found = scale.predict(RFMSegmenter().fit(customers), to_spark(named)).toArrow()
    kept = set(found.column("customer_id").to_pylist())
    assert kept == {None, *(2**60 + i for i in range(len(customers)) if i != 3)}


def test_id_may_stand_anywhere(table, customers):
    turned = table.select("T", "recency", "frequency", "customer_id")
    found = scale.predict(BetaGeoModel().fit(customers), turned, customer="customer_id")
    assert found.columns == ["customer_id", "prediction"]


def test_nothing_runs_before_the_answer_is_asked_for(spark, table, customers):
    status = spark.sparkContext.statusTracker()
    group = "lazy"
    spark.sparkContext.setJobGroup(group, "predict")
    found = scale.predict(BetaGeoModel().fit(customers), table)
    assert len(status.getJobIdsForGroup(group)) == 0
    assert found.count() == len(customers)
    assert len(status.getJobIdsForGroup(group)) > 0


def test_refusals(table, customers):
    model = BetaGeoModel().fit(customers)
    with pytest.raises(DataError, match=r"customers must be a Spark data frame, got pandas\."):
        scale.predict(model, customers)
    with pytest.raises(DataError, match="BetaGeoModel has no method 'foretell'"):
        scale.predict(model, table, method="foretell")
    with pytest.raises(DataError, match="Did you mean customer='customer_id'"):
        scale.predict(model, table, customer="customerid")


def test_other_columns_may_hold_and_be_called_anything(table, customers):
    odd = table.withColumnRenamed("customer_id", "customer.id").selectExpr(
        "*", "array(1, 2) AS `tags`", "named_struct('a', 1) AS `a.b`", "map('a', 1) AS `m`",
        "CAST('x' AS BINARY) AS `x`", "CAST(NULL AS VOID) AS `nothing`",
    )  # fmt: skip
    found = scale.predict(BetaGeoModel().fit(customers), odd)
    assert found.columns == ["customer.id", "prediction"]
    local = BetaGeoModel().fit(customers).predict(customers)
    np.testing.assert_allclose(from_spark(found)["prediction"], local, rtol=1e-12)


def test_a_column_that_is_missing_is_named_at_once(table, customers):
    model = BetaGeoModel().fit(customers)
    with pytest.raises(DataError, match="predict: column 'recency' not found"):
        scale.predict(model, table.drop("recency"))


def test_how_rows_are_parted_does_not_matter(table, customers):
    model = BetaGeoModel().fit(customers)
    answers = [
        from_spark(scale.predict(model, rows))["prediction"]
        for rows in (table.repartition(7), table.coalesce(1), table.union(table.limit(0)))
    ]
    for each in answers:
        np.testing.assert_array_equal(each, model.predict(customers))
    assert scale.predict(model, table.where("false")).count() == 0
