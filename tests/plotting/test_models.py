"""Every purchase model of crmkit.clv can be drawn; what pictures of models share."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import crmkit as ck
from crmkit import clv, plotting
from crmkit.exceptions import DataError
from crmkit.plotting._models import (
    PURCHASE_MODEL,
    check_model,
    counts_opportunities,
    new_customer,
    period_begins,
    rows_for,
)
from tests.plotting.models import WEEKLY, invented, log_of

MODELS = [
    kind
    for name in clv.__all__
    if isinstance(kind := getattr(clv, name), type)
    and all(hasattr(kind, method) for method in PURCHASE_MODEL)
]
MONTHS = {"unit": "M", "period": "M"}


@pytest.fixture(scope="module")
def log():
    customers = invented(300, seed=7)
    random = np.random.default_rng(7)
    dates = []
    for place, row in enumerate(customers.itertuples()):
        within = np.sort(random.uniform(0, row.recency, max(row.frequency - 1, 0)))
        ages = [0.0, *within, row.recency] if row.frequency else [0.0]
        first = pd.Timestamp("2023-01-01") + pd.Timedelta(days=int(random.integers(0, 10)))
        dates += [(f"{place:03}", (first + pd.Timedelta(weeks=a)).normalize()) for a in ages]
    return log_of(dates)


def test_there_are_models_to_draw():
    assert {"BetaGeoModel", "NBDModel"} <= {kind.__name__ for kind in MODELS}


@pytest.mark.filterwarnings("ignore::crmkit.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("kind", MODELS, ids=lambda kind: kind.__name__)
def test_every_model_can_be_drawn(kind, log):
    discrete = kind is clv.BetaGeoBetaBinomialModel
    options = MONTHS if discrete else {"unit": "W", "extras": "sum_log_gaps"}
    customers = ck.summarize(log, "2023-09-01", **options)
    model = kind().fit(customers)
    assert counts_opportunities(model, "here") == discrete
    period = {"period": "M"} if discrete else {}

    def draw(name, *results, **more):
        return getattr(plotting, name)(model, *results, **more, ax=Figure().add_subplot())

    tracking = draw("plot_tracking", log, "2023-09-01", step="M", **period)
    expected = tracking.lines[1].get_ydata()
    assert np.isfinite(expected).all()
    assert (np.diff(expected) >= 0).all()
    calibration = draw("plot_calibration_frequency", customers)
    assert np.sum(calibration.lines[0].get_ydata()) == pytest.approx(len(customers))
    age = 6 if discrete else 30
    for ax in (
        draw("plot_probability_alive", age),
        draw("plot_expected_purchases", 3, T=age),
    ):
        table = np.ma.masked_invalid(ax.collections[0].get_array())
        assert table.count() > 10
        assert table.min() >= 0
    path = draw("plot_alive_path", log, "000", **period).lines[0].get_ydata()
    assert ((np.array(path) >= 0) & (np.array(path) <= 1)).all()
    plotting.plot_posterior(model.posterior(20, random_state=0), ax=Figure().add_subplot())


def test_a_model_of_regular_buyers_reads_even_gaps():
    class Regular:
        feature_names_in_ = np.array(["frequency", "recency", "T", "sum_log_gaps"])

    columns = {"frequency": np.array([0.0, 3.0]), "recency": np.array([0.0, 12.0])}
    rows = rows_for(Regular(), columns | {"T": np.full(2, 20.0)}, "here")
    assert rows["sum_log_gaps"].tolist() == [0.0, pytest.approx(3 * np.log(4))]
    known = rows_for(
        Regular(), columns | {"T": np.full(2, 20.0), "sum_log_gaps": np.ones(2)}, "here"
    )
    assert known["sum_log_gaps"].tolist() == [1.0, 1.0]
    assert new_customer(Regular(), "here").to_numpy().tolist() == [[0.0] * 4]


def test_covariates_say_of_whom_the_picture_is(log):
    customers = ck.summarize(log, "2023-09-01", "W").assign(kind=np.tile([0.0, 1.0], 150))
    model = clv.ParetoNBDModel(covariates=["kind"]).fit(customers)
    figure = Figure()
    ax = plotting.plot_probability_alive(model, 30, covariates={"kind": 1}, ax=figure.add_subplot())
    row = {"frequency": [2], "recency": [15.0], "T": [30.0], "kind": [1.0]}
    found = np.ma.filled(ax.collections[0].get_array(), np.nan)
    assert found[2, 20] == model.probability_alive(pd.DataFrame(row))[0]
    path = plotting.plot_alive_path(
        model, log, "000", as_of="2023-09-01", covariates={"kind": 0}, ax=Figure().add_subplot()
    )
    assert path.lines[0].get_ydata()[-1] == model.probability_alive(customers)[0]
    few = customers.head(8)
    bars = plotting.plot_calibration_frequency(model, few, ax=Figure().add_subplot())
    expected = np.asarray(bars.lines[0].get_ydata())
    new = few.assign(frequency=0, recency=0.0, T=0.0)
    nothing = [model.pmf(new, 0, horizon=age)[i] for i, age in enumerate(few["T"])]
    assert expected[0] == pytest.approx(sum(nothing), rel=1e-9)
    with pytest.raises(DataError, match=r"ParetoNBDModel also reads 'kind', .*covariates=\{'kind'"):
        plotting.plot_expected_purchases(model, 3, T=30, ax=Figure().add_subplot())
    with pytest.raises(DataError, match=r"covariates\['kind'\] must be a finite number"):
        plotting.plot_alive_path(
            model, log, "000", covariates={"kind": "vip"}, ax=Figure().add_subplot()
        )


def test_periods_begin_where_summarize_says():
    def begins(period, number):
        return str(period_begins(np.array([number]), period)[0].astype("datetime64[h]"))

    assert begins("h", 1) == "1970-01-01T01"
    assert begins("D", 19_000) == "2022-01-08T00"
    assert begins("M", 13) == "1971-02-01T00"
    assert begins("W", 1) == "1970-01-05T00"  # the first Monday after Thursday 1 January 1970


def test_what_is_no_model_is_named():
    with pytest.raises(DataError, match=r"here: a fitted purchase model .*, got BetaGeoModel\w*"):
        check_model(type("BetaGeoModelX", (), {})(), "here")
    with pytest.raises(DataError, match=r"spend model .* got GammaGammaModel, which has no pmf"):
        check_model(clv.GammaGammaModel(), "here", ("predict", "pmf"), "spend")
    check_model(WEEKLY, "here")
