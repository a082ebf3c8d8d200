"""What estimators share: whether one is fitted, and the line that says on what."""

import re
import warnings

import numpy as np
import pytest
import sklearn
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import crmkit as ck
from crmkit.base import CustomerModel, Estimator, check_is_fitted, fitted_on
from crmkit.cleaning import Deduplicator, GoldenRecord
from crmkit.clv import BetaGeoModel
from crmkit.datasets import make_customers
from crmkit.exceptions import ConvergenceWarning
from crmkit.pipelines import ChurnPipeline, CustomerValuePipeline
from crmkit.recommend import EASE, Popularity
from crmkit.segment import BehaviourSegmenter, LifecycleStager, RFMSegmenter

AS_OF = "2024-10-01"


class Model(BaseEstimator):
    def __init__(self, rows=1):
        self.rows = rows

    def fit(self, X, y=None):
        self.rows_ = len(X)
        return self


def test_a_model_is_fitted_where_an_attribute_of_the_fit_is_there():
    model = Model()
    with pytest.raises(NotFittedError, match="This Model instance is not fitted yet"):
        check_is_fitted(model)
    model.__private__ = 1
    with pytest.raises(NotFittedError):
        check_is_fitted(model)
    check_is_fitted(model.fit([1, 2]))


@pytest.fixture(scope="module")
def shop():
    return make_customers(120, duplicates=0.3, random_state=4)


@pytest.fixture(scope="module")
def log(shop):
    return ck.EventLog(shop.events, order="order_id", item="product_id")


@pytest.fixture(scope="module")
def customers(log):
    return ck.summarize(log, AS_OF, unit="W")


def test_models_of_customers_tell_how_many_and_by_which_columns(customers):
    n = f"{len(customers):,}"
    told = fitted_on(BetaGeoModel().fit(customers))
    assert told == f"Fitted on {n} customers; frequency, recency, T"
    again = BetaGeoModel().fit(customers).fit(customers.head(50))
    assert fitted_on(again).startswith("Fitted on 50 customers; ")
    of_array = RFMSegmenter().fit(customers[["days_since_last", "n_orders", "total_amount"]])
    assert fitted_on(of_array).startswith(f"Fitted on {n} customers; days_since_last")
    assert fitted_on(BehaviourSegmenter(n_segments=2).fit(customers)) == (
        f"Fitted on {n} customers; 7 columns"
    )


def test_models_of_logs_tell_until_when(log, customers):
    items = log.data.loc[log.data["timestamp"] < AS_OF, "product_id"].nunique()
    model = EASE().fit(log, as_of=AS_OF)
    told = f"{items:,} items; events before {AS_OF}"
    assert fitted_on(model) == f"Fitted on {len(customers):,} customers, {told}"
    assert fitted_on(model.without_customers()) == f"Fitted on {told}"
    stager = LifecycleStager().fit(log, as_of=AS_OF)
    assert fitted_on(stager) == f"Fitted on events before {AS_OF}"
    assert fitted_on(Popularity().fit(log, as_of=f"{AS_OF} 12:30")).endswith(f"{AS_OF}T12:30:00")


def test_recipes_and_matchers_tell_what_they_took(shop, log, customers):
    pipeline = CustomerValuePipeline(churn=None, recommender=None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # few repeat buyers tell little
        pipeline.fit(log, as_of=AS_OF)
    told = f"{len(customers):,} customers; events before {AS_OF}"
    assert fitted_on(pipeline) == f"Fitted on {told}"
    recipe = ChurnPipeline("28D", features=[ck.churn.RFM()]).fit(log, as_of=AS_OF)
    assert fitted_on(recipe) == f"Fitted on {recipe.training_}; events before {AS_OF}"
    matcher = Deduplicator(record="record_id").fit(shop.records)
    counts = f"{len(shop.records):,} records, {matcher.n_entities_:,} entities"
    assert fitted_on(matcher) == f"Fitted on {counts}; {shop.records.shape[1]} columns"
    golden = GoldenRecord(record="record_id").fit(matcher.annotate(shop.records))
    assert fitted_on(golden).startswith(f"Fitted on {counts}")


def test_the_line_stands_below_the_diagram_once_fitted(customers):
    line = re.compile(r"</body><div [^>]*>Fitted on [^<]*</div>$")
    model = BetaGeoModel()
    assert fitted_on(model) == ""
    assert not line.search(model._repr_html_())
    model.fit(customers)
    for page in (model._repr_html_(), model._repr_mimebundle_()["text/html"]):
        assert line.search(page)
        assert page.count("Fitted on") == 1
    assert model._repr_mimebundle_()["text/plain"] == "BetaGeoModel()"
    with sklearn.config_context(display="text"):
        assert not hasattr(model, "_repr_html_")
        assert "text/html" not in model._repr_mimebundle_()


def test_names_of_columns_are_no_markup():
    class Named(Estimator):
        def fit(self):
            self.feature_names_in_ = np.array(["<b>"], dtype=object)
            return self

    page = Named().fit()._repr_html_()
    assert page.endswith(">Fitted on &lt;b&gt;</div>")


def test_inside_a_pipeline_of_scikit_learn_the_diagram_is_theirs(customers):
    x = customers[["n_orders", "total_amount"]]
    page = make_pipeline(StandardScaler(), BehaviourSegmenter(n_segments=2)).fit(x)._repr_html_()
    assert "BehaviourSegmenter" in page
    assert "Fitted on" not in page


def test_models_of_customers_are_such_estimators():
    assert issubclass(CustomerModel, Estimator)
