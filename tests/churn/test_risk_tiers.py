"""RiskTiers: edges by hand, frozen, no flapping, frames, texts, copies."""

import pickle

import numpy as np
import pandas as pd
import pytest
import skops.io as sio
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from crmkit.churn import RiskTiers
from crmkit.churn._risk_tiers import held, quantiles, tier_of
from crmkit.exceptions import DataError
from tests.segment._shop import FRAMES, as_dict

P = [0.05, 0.3, 0.45, 0.6, 0.95]


def test_an_edge_belongs_to_the_tier_above():
    tiers = RiskTiers().fit(P)
    assert tiers.predict(P).tolist() == ["low", "medium", "medium", "high", "high"]
    assert tiers.predict(np.column_stack([1 - np.array(P), P])).tolist()[0] == "low"
    assert tiers.edges_.tolist() == [0.3, 0.6]


def test_quantiles_are_learned_once():
    tiers = RiskTiers(edges=(0.5,), labels=("rest", "top"), by="quantile").fit([0.1, 0.2, 0.3, 0.4])
    assert tiers.edges_.tolist() == [0.3]
    assert tiers.predict([0.29, 0.3, 0.9, 0.9]).tolist() == ["rest", "top", "top", "top"]


def test_equal_probabilities_share_a_tier():
    tiers = RiskTiers(by="quantile").fit([0.5] * 10)  # nobody below is 30 % nearer than all
    assert set(tiers.predict([0.5] * 10)) == {"low"}
    assert tiers.predict([1.0]).tolist() == ["high"]
    half = RiskTiers(by="quantile", edges=(0.2, 0.3)).fit([0.5] * 10)
    assert set(half.predict([0.5] * 10)) == {"high"}
    assert half.predict([0.2]).tolist() == ["low"]


def test_a_tie_goes_to_the_side_that_is_nearer():
    tiers = RiskTiers(by="quantile").fit([0.0] * 90 + [0.5] * 10)
    assert tiers.edges_.tolist() == [0.25, 0.5]
    assert tiers.summary([0.0] * 90 + [0.5] * 10)["n_customers"].tolist() == [10, 0, 90]
    nearer = RiskTiers(by="quantile").fit([0.1] * 60 + [0.2] * 25 + [0.3] * 15)
    assert nearer.edges_.tolist() == [0.2, 0.3]


def test_shares_are_not_cut_down_by_rounding():
    tiers = RiskTiers(edges=(0.29,), labels=("rest", "top"), by="quantile")
    p = np.arange(100) / 100
    assert (tiers.fit(p).predict(p) == "rest").sum() == 29


@pytest.mark.parametrize("p", [[0.0] * 5, [1.0] * 5, [0.0, 1.0] * 3])
def test_certainties_have_edges_too(p):
    edges = RiskTiers(by="quantile").fit(p).edges_
    assert (np.diff(edges) > 0).all()
    assert len(set(tier_of(np.array(p), edges))) == len(set(p))


@given(
    st.lists(st.integers(0, 20).map(lambda k: k / 20), min_size=1, max_size=40),
    st.lists(st.integers(1, 99).map(lambda k: k / 100), min_size=1, max_size=4, unique=True),
)
def test_quantiles_rise_and_are_as_near_as_ties_allow(p, shares):
    risk, shares = np.array(p), np.sort(shares)
    edges = quantiles(risk, shares)
    assert (np.diff(edges) > 0).all()
    possible = [(risk < each).mean() for each in risk]
    possible += [1.0] * bool(risk.max() < 1)
    possible = [share for share in possible if share > 0 or risk.min() > 0]
    for edge, share in zip(edges, shares, strict=True):
        off = abs((risk < edge).mean() - share)
        assert off <= min(abs(each - share) for each in possible) + 1e-9


def test_a_score_that_trembles_around_an_edge_changes_nothing():
    tiers = RiskTiers(margin=0.05).fit(P)
    seen, before = [], ["low"]
    for p in (0.28, 0.31, 0.29, 0.34, 0.36, 0.31, 0.26, 0.24, 0.9, 0.1):
        before = tiers.predict([p], previous=before)
        seen.append(before[0])
    low, medium = "low", "medium"
    assert seen == [low] * 4 + [medium] * 3 + [low, "high", low]


def test_a_new_customer_has_no_tier_to_stay_in():
    previous = np.array([None, "", np.nan, pd.NA, "low"], dtype=object)
    got = RiskTiers(margin=0.05).fit(P).predict([0.31] * 5, previous=previous)
    assert got.tolist() == ["medium"] * 4 + ["low"]


@given(
    st.lists(st.tuples(st.floats(0, 1), st.integers(-1, 2)), min_size=1, max_size=30),
    st.floats(0, 0.5),
)
def test_nobody_strays_further_than_the_margin(rows, margin):
    edges, risk = np.array([0.3, 0.6]), np.array([p for p, _ in rows])
    before = np.array([tier for _, tier in rows])
    now = held(risk, edges, margin, before)
    assert (held(risk, edges, margin, now) == now).all()
    assert (held(risk, edges, 0.0, before) == tier_of(risk, edges)).all()
    ends = np.array([-np.inf, 0.3, 0.6, np.inf])
    assert (risk >= ends[now] - margin - 1e-12).all()
    assert (risk <= ends[now + 1] + margin + 1e-12).all()


def test_summary_by_hand():
    table = RiskTiers().fit(P).summary(P, y=[0, 0, 1, 1, 1], value=[10, 10, 10, 10, 100])
    assert table["tier"].tolist() == ["high", "medium", "low"]
    assert table["n_customers"].tolist() == [2, 2, 1]
    assert table["share"].tolist() == [0.4, 0.4, 0.2]
    np.testing.assert_allclose(table["mean_probability"], [0.775, 0.375, 0.05])
    assert table["churn_rate"].tolist() == [1.0, 0.5, 0.0]
    np.testing.assert_allclose(table["value_at_risk"], [101.0, 7.5, 0.5])
    assert table["from_probability"].tolist() == [0.6, 0.3, 0.0]
    assert table["intervention"].str.len().min() > 5


def test_an_empty_tier_keeps_its_row():
    table = RiskTiers().fit(P).summary([0.1, 0.2])
    assert table["n_customers"].tolist() == [0, 0, 2]
    assert np.isnan(table["mean_probability"][0])


@pytest.mark.parametrize("kind", FRAMES)
def test_frames(kind):
    frame = pd.DataFrame(
        {"who": ["a", "b"], "probability_churn": [0.31, 0.9], "was": ["low", "low"]}
    )
    tiers = RiskTiers().fit(P)
    got = as_dict(tiers.predict_frame(FRAMES[kind](frame), previous="was"))
    assert list(got) == ["who", "probability_churn", "tier", "intervention"]
    assert got["who"] == ["a", "b"]
    assert got["tier"] == ["low", "high"]
    fresh = as_dict(tiers.predict_frame(FRAMES[kind](frame), probability=[0.7, 0.1]))
    assert fresh["tier"] == ["high", "low"]


@pytest.mark.parametrize(
    ("tiers", "text"),
    [
        (RiskTiers(edges=(0.6, 0.3)), "edges must be rising numbers above 0"),
        (RiskTiers(edges=(0.0, 0.3)), "above 0 and below 1"),
        (RiskTiers(edges="x"), "edges must be"),
        (RiskTiers(edges=(0.5,)), "labels must be 2 texts"),
        (RiskTiers(labels=("a", "a", "b")), "labels must differ"),
        (RiskTiers(interventions=("call",)), "interventions must be 3 texts"),
        (RiskTiers(by="quantiles"), "Did you mean 'quantile'"),
        (RiskTiers(margin=-1), "margin must be a finite number of at least 0"),
    ],
)
def test_refused_parameters(tiers, text):
    with pytest.raises(DataError, match=text):
        tiers.fit(P)


def test_refused_data():
    tiers = RiskTiers().fit(P)
    with pytest.raises(DataError, match="from 0 to 1"):
        tiers.predict([1.5])
    with pytest.raises(DataError, match="tiers that do not exist, such as 'High'"):
        tiers.predict([0.5], previous=["High"])
    with pytest.raises(DataError, match="one tier for each of 2 customers"):
        tiers.predict([0.5, 0.5], previous=["high"])
    with pytest.raises(DataError, match="y must be 1 for churned"):
        tiers.summary(P, y=[0, 0.5, 1, 1, 0])
    with pytest.raises(DataError, match="the frame has no columns"):
        tiers.predict_frame(pd.DataFrame())
    with pytest.raises(NotFittedError):
        RiskTiers().predict(P)


def test_copies_agree():
    tiers = RiskTiers(by="quantile").fit(P)
    data = sio.dumps(tiers)
    by_skops = sio.loads(data, trusted=sio.get_untrusted_types(data=data))
    for copy in (clone(tiers).fit(P), pickle.loads(pickle.dumps(tiers)), by_skops):
        assert copy.predict(P).tolist() == tiers.predict(P).tolist()
