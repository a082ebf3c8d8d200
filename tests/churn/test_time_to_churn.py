"""TimeToChurn: known truth, the baseline, given age, snapshots, frames, texts, copies."""

import pickle

import numpy as np
import pandas as pd
import pytest
import skops.io as sio
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

import crmkit as ck
from crmkit.churn import NextPurchaseTime, SnapshotBuilder, SurvivalCurve, TimeToChurn
from crmkit.datasets import make_customers
from crmkit.exceptions import DataError
from tests.segment._shop import FRAMES, as_dict

GRID = np.arange(5.0, 121.0, 5.0)


def simulated(n, seed):
    """Weibull lifetimes whose scale x and an interaction decide; half are not seen to end."""
    random = np.random.default_rng(seed)
    x, z, noise = random.normal(size=n), random.integers(0, 2, n), random.normal(size=n)
    scale = 60 * np.exp(-0.6 * x + 0.8 * z * (x > 0))
    life, watched = scale * random.weibull(1.3, n), random.uniform(10, 150, n)
    X = pd.DataFrame({"x": x, "z": np.where(z, "b", "a"), "noise": noise})
    truth = np.exp(-((GRID[None, :] / scale[:, None]) ** 1.3))
    return X, np.minimum(life, watched), life <= watched, life, truth


@pytest.fixture(scope="module")
def shop():
    return simulated(3000, 0)


@pytest.fixture(scope="module")
def later():
    return simulated(3000, 1)


@pytest.fixture(scope="module")
def model(shop):
    X, duration, event, *_ = shop
    return TimeToChurn().fit(X, duration, event)


def integrated_brier(survival, life):
    return float(((survival - (life[:, None] > GRID)) ** 2).mean())


def concordance(life, score):
    i, j = np.triu_indices(900, 1)
    same = np.sign(life[i] - life[j]) * np.sign(score[i] - score[j])
    return float((same > 0).mean() + 0.5 * (same == 0).mean())


def test_known_truth(model, later):
    """Near the truth, far from the baseline, though half of the lifetimes were censored."""
    X, _, _, life, truth = later
    survival = model.predict_survival(X, GRID)
    alike = model.baseline().survival_at(GRID) * np.ones((len(X), 1))
    best, base = integrated_brier(truth, life), integrated_brier(alike, life)
    got = integrated_brier(survival, life)
    assert base - got > 0.85 * (base - best)
    assert np.abs(survival - truth).mean() < 0.3 * np.abs(alike - truth).mean()
    assert np.abs(survival.mean(axis=0) - truth.mean(axis=0)).max() < 0.03
    at = np.flatnonzero(GRID == 45.0)[0]
    assert concordance(life, survival[:, at]) > concordance(life, truth[:, at]) - 0.01


def test_survival_falls_from_one(model, later):
    survival = model.predict_survival(later[0].head(200), np.linspace(0, 400, 50))
    assert (survival[:, 0] == 1).all()
    assert (np.diff(survival, axis=1) <= 0).all()
    assert survival.min() >= 0


def test_the_median_is_where_survival_is_one_half(model, later):
    X = later[0].head(300)
    median = model.predict_median(X)
    told = np.isfinite(median)
    assert 50 < told.sum() <= 300
    at = [model.predict_survival(X.iloc[[i]], median[i])[0] for i in np.flatnonzero(told)[:20]]
    assert_allclose(at, 0.5, atol=1e-9)
    beyond = model.predict_survival(X[~told], model.edges_[-1])
    assert (beyond > 0.5).all()


def test_without_information_it_is_kaplan_meier():
    random = np.random.default_rng(3)
    X = pd.DataFrame({"noise": random.normal(size=1500)})
    life = np.ceil(random.exponential(10, 1500))
    duration, event = np.minimum(life, 24), life <= 24
    got = TimeToChurn(periods=range(1, 25), rounds=3).fit(X, duration, event)
    survival = got.predict_survival(X, [3, 12, 24]).mean(axis=0)
    assert_allclose(
        survival, SurvivalCurve.fit(duration, event).survival_at([3, 12, 24]), atol=0.01
    )
    assert_array_equal(got.baseline().survival, SurvivalCurve.fit(duration, event).survival)


@pytest.mark.parametrize("periods", [1, 2, 3, 12])
@pytest.mark.parametrize("step", [0.0, 1.0])
def test_known_hazard_whatever_the_periods(periods, step):
    """Exponential lifetimes, lost from sight at any time: three errors of 4,000 customers."""
    random = np.random.default_rng(1)
    life, watched = random.exponential(10, 4000), random.uniform(0, 24, 4000)
    if step:
        life, watched = np.ceil(life), np.ceil(watched)
    X = pd.DataFrame({"noise": random.normal(size=4000)})
    model = TimeToChurn(periods=periods, rounds=3).fit(
        X, np.minimum(life, watched), life <= watched
    )
    times = np.array([6.0, 18.0, 24.0])
    survival = model.predict_survival(X, times).mean(axis=0)
    assert_allclose(survival, np.exp(-times / 10), atol=0.03)


def test_behind_the_last_event_the_hazard_goes_on():
    random = np.random.default_rng(0)
    life = random.exponential(10, 4000)
    X = pd.DataFrame({"noise": random.normal(size=4000)})
    for periods in (12, [6, 12, 24, 60]):
        model = TimeToChurn(periods=periods, rounds=3).fit(X, np.minimum(life, 24.0), life <= 24)
        survival = model.predict_survival(X, [24, 36, 48]).mean(axis=0)
        assert_allclose(survival, [0.0907, 0.0273, 0.0082], atol=0.015)


def test_a_long_time_without_events_is_believed():
    random = np.random.default_rng(0)
    X = pd.DataFrame({"noise": random.normal(size=1000)})
    leaves = np.arange(1000) < 300
    duration = np.where(leaves, random.uniform(0, 30, 1000), 365.0)
    survival = TimeToChurn(rounds=3).fit(X, duration, leaves).predict_survival(X, [30, 300, 700])
    assert_allclose(survival.mean(axis=0), 0.7, atol=0.01)


@settings(max_examples=5)
@given(st.integers(0, 10_000))
def test_the_order_of_the_rows_does_not_matter(seed):
    X, duration, event, *_ = simulated(300, seed)
    duration = np.ceil(duration)
    order = np.random.default_rng(seed).permutation(300)
    groups = np.arange(300) % 120
    for who in (None, groups):
        a = TimeToChurn().fit(X, duration, event, groups=who)
        b = TimeToChurn().fit(
            X.iloc[order], duration[order], event[order], groups=None if who is None else who[order]
        )
        assert_array_equal(a.predict_survival(X, GRID), b.predict_survival(X, GRID))


def test_given_age_is_a_ratio_of_survivals(shop):
    X, duration, event, *_ = shop
    table = X.assign(tenure=np.minimum(duration, 40.0))
    model = TimeToChurn(age="tenure", rounds=20).fit(table, duration, event)
    assert "tenure" not in model.feature_names_in_
    few = table.head(50)
    age = few["tenure"].to_numpy()
    later = model.predict_survival(few, 30.0)
    whole = [
        model.predict_survival(few.iloc[[i]], [age[i] + 30.0, age[i]], given_age=False)[0]
        for i in range(50)
    ]
    assert_allclose(later, [after / before for after, before in whole], rtol=1e-9)
    assert_allclose(model.predict_survival(few, 30.0, given_age=age), later)
    median = model.predict_median(few)
    told = np.isfinite(median)
    assert_allclose(np.diag(model.predict_survival(few[told], median[told])), 0.5, atol=1e-9)
    assert (later != model.predict_survival(few, 30.0, given_age=False)).any()


def test_snapshots_tell_everything_and_the_unit():
    log = ck.EventLog(make_customers(400, random_state=1).events)
    builder = SnapshotBuilder(label=NextPurchaseTime("120D"))
    snapshots = builder.build(log, ["2024-03-01", "2024-06-01"])
    model = TimeToChurn(rounds=40).fit(snapshots)
    p = model.predict_survival(snapshots, ["30D", "90D"])
    bought_not = np.column_stack([snapshots.duration > 30, snapshots.duration > 90])
    alike = model.baseline().survival_at([30.0, 90.0])
    assert_allclose(alike, bought_not.mean(axis=0))  # nobody is lost from sight before 120 days
    assert_allclose(p.mean(axis=0), alike, atol=0.05)  # two standard errors of 491 rows
    assert ((p - bought_not) ** 2).mean() < 0.8 * ((alike - bought_not) ** 2).mean()
    assert_array_equal(p[:, 0], model.predict_survival(snapshots.X, 30.0))
    known = TimeToChurn(rounds=40).fit(snapshots, snapshots.duration, groups=snapshots.groups)
    assert_array_equal(known.predict_survival(snapshots, 30.0), p[:, 0])
    longer = TimeToChurn(rounds=40).fit(snapshots, 2 * snapshots.duration)
    assert_array_equal(longer.edges_, 2 * model.edges_)
    with pytest.raises(DataError, match="groups 3"):
        TimeToChurn().fit(snapshots, groups=np.zeros(3))
    assert model.unit_ == "D"


@settings(max_examples=10)
@given(st.integers(0, 10_000))
def test_the_same_seed_gives_the_same_bits(seed):
    X, duration, event, *_ = simulated(200, seed)
    a, b = (TimeToChurn(rounds=5, random_state=seed).fit(X, duration, event) for _ in range(2))
    assert a.model_ == b.model_


def test_frames_and_copies_agree(shop, later):
    X, duration, event, *_ = (part[:500] for part in shop)
    model = TimeToChurn(rounds=10).fit(X, duration, event)
    few = later[0].head(5).assign(who=list("abcde"))[["who", "noise", "z", "x"]]
    expected = as_dict(model.predict_frame(few, [30, 60]))
    assert list(expected) == ["who", "survival_30", "survival_60", "median"]
    for make in FRAMES.values():
        assert as_dict(model.predict_frame(make(few), [30, 60])) == expected
    data = sio.dumps(model)
    by_skops = sio.loads(data, trusted=sio.get_untrusted_types(data=data))
    refitted = clone(model).fit(X.head(90), duration[:90], event[:90]).fit(X, duration, event)
    for copy in (pickle.loads(pickle.dumps(model)), by_skops, refitted):
        assert as_dict(copy.predict_frame(few, [30, 60])) == expected


def test_arrays_pass():
    random = np.random.default_rng(0)
    x = random.normal(size=(300, 2))
    life = random.exponential(np.exp(x[:, 0]))
    model = TimeToChurn(periods=4, rounds=30).fit(x, life, np.ones(300))
    assert model.predict_survival(x, [0.5]).shape == (300, 1)
    frame = TimeToChurn(periods=4, rounds=30).fit(pd.DataFrame(x), life, np.ones(300))
    assert_array_equal(frame.predict_median(pd.DataFrame(x)), model.predict_median(x))
    with pytest.raises(DataError, match="fitted on an array"):
        model.predict_median(pd.DataFrame(x, columns=["a", "b"]))
    with pytest.raises(ValueError, match="3 features"):
        model.predict_median(np.ones((2, 3)))


@pytest.mark.parametrize(
    ("model", "change", "text"),
    [
        (TimeToChurn(periods=0), {}, "periods must be a whole number of at least 1"),
        (TimeToChurn(periods=[3, 2]), {}, "or rising ends above 0"),
        (TimeToChurn(periods="x"), {}, "or rising ends above 0"),
        (TimeToChurn(periods=[1e-6]), {}, "no event lies within the periods"),
        (TimeToChurn(rounds=0), {}, "rounds must be a whole number"),
        (TimeToChurn(n_jobs=0), {}, "n_jobs must be a whole number"),
        (TimeToChurn(age=3), {}, "age must name a column"),
        (TimeToChurn(age="tenur"), {}, "column 'tenur' not found"),
        (TimeToChurn(), {"duration": None}, "duration and event are needed"),
        (TimeToChurn(), {"event": np.zeros(100)}, "no event was seen"),
        (TimeToChurn(), {"duration": np.full(100, -1.0)}, "at least 0, but 100"),
        (TimeToChurn(), {"duration": np.zeros(100), "event": np.ones(100)}, "durations are 0"),
        (TimeToChurn(), {"duration": pd.to_timedelta(np.ones(100), "D")}, "are time spans"),
        (TimeToChurn(), {"duration": np.full(100, 1e307)}, "1e.307 are too long to add up"),
        (TimeToChurn(), {"event": ["Yes"] * 100}, "events must be 1 .* got such as 'Yes'"),
        (TimeToChurn(), {"groups": [None] * 100}, "groups has 100 missing customers"),
        (TimeToChurn(), {"groups": [1]}, "X has 100 rows and groups 1"),
        (TimeToChurn(), {"duration": np.ones(9), "event": np.ones(9)}, "100 rows and duration 9"),
    ],
)
def test_refusals(shop, model, change, text):
    X, duration, event, *_ = (part[:100] for part in shop)
    with pytest.raises(DataError, match=text):
        model.fit(X, **{"duration": duration, "event": event, **change})


def test_refused_questions(model, later):
    X = later[0].head(3)
    with pytest.raises(NotFittedError):
        TimeToChurn().predict_survival(X, 3)
    with pytest.raises(DataError, match="times is empty"):
        model.predict_survival(X, [])
    with pytest.raises(DataError, match="times must be a finite number of at least 0"):
        model.predict_survival(X, [-1.0])
    with pytest.raises(DataError, match="needs the unit of T"):
        model.predict_survival(X, "30D")
    with pytest.raises(DataError, match="two columns of one name"):
        model.predict_frame(X, [30, 30.0])
    with pytest.raises(DataError, match="one for each of 3 customers"):
        model.predict_survival(X, 3, given_age=[1.0])
    with pytest.raises(DataError, match="column 'x' not found"):
        model.predict_survival(X.drop(columns="x"), 3)
