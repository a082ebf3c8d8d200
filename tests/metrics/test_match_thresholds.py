"""Scores by threshold: by hand, by simulation of honest probabilities, on a matcher, refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone

from crmkit.cleaning import Deduplicator
from crmkit.datasets import make_customers
from crmkit.exceptions import DataError
from crmkit.metrics import expected_match_scores, match_threshold_curve, pairwise_scores


def test_expected_scores_by_hand():
    got = expected_match_scores([0.9, 0.6, 0.3, 0.2], [0.5, 0.25], block_recall=0.8)
    assert got["threshold"].tolist() == [0.25, 0.5]
    assert got["n_pairs"].tolist() == [3, 2]
    assert got["precision"].tolist() == pytest.approx([0.6, 0.75])
    assert got["expected_matches"].tolist() == pytest.approx([2.5, 2.5])
    assert got["recall"].tolist() == pytest.approx([1.8 / 2.5, 1.5 / 2.5])
    assert got["f1"].tolist() == pytest.approx([2 * 0.6 * 0.72 / 1.32, 2 * 0.75 * 0.6 / 1.35])


def test_a_pair_at_the_threshold_reaches_it():
    assert expected_match_scores([0.5, 0.4])["n_pairs"].tolist() == [1]
    none = expected_match_scores([0.1, 0.0], 0.9)
    assert none[["precision", "recall", "f1"]].values.tolist() == [[1.0, 0.0, 0.0]]
    nothing = expected_match_scores([0.0, 0.0])
    assert nothing["recall"].tolist() == [1.0]


def test_honest_probabilities_give_the_shares_that_come():
    random = np.random.default_rng(0)
    p = random.beta(0.3, 0.6, 200_000)
    true = random.random(len(p)) < p
    cuts = [0.2, 0.5, 0.8]
    got = expected_match_scores(p, cuts)
    for row, cut in zip(got.itertuples(), cuts, strict=True):
        assert row.precision == pytest.approx(true[p >= cut].mean(), abs=0.005)
        assert row.recall == pytest.approx(true[p >= cut].sum() / true.sum(), abs=0.005)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_a_higher_threshold_is_more_precise_and_finds_less(p):
    got = expected_match_scores(p, [0.1, 0.3, 0.5, 0.7, 0.9])
    assert (np.diff(got["precision"]) >= -1e-12).all()
    assert (np.diff(got["recall"]) <= 1e-12).all()


def test_the_curve_judges_what_the_function_gives():
    shop = make_customers(120, duplicates=0.4, random_state=4)
    true = shop.truth.records.set_index("record_id").loc[shop.records["record_id"], "customer_id"]
    matcher = Deduplicator(record="record_id")

    def entities_at(threshold):
        return clone(matcher).set_params(threshold=threshold).fit_predict(shop.records)

    curve = match_threshold_curve(true, entities_at, [0.9, 0.5])
    assert curve["threshold"].tolist() == [0.5, 0.9]
    assert curve["n_entities"].is_monotonic_increasing
    wanted = pairwise_scores(true, entities_at(0.5))
    assert curve.loc[0, ["precision", "recall", "f1"]].to_dict() == pytest.approx(wanted)


def test_thresholds_have_a_default():
    curve = match_threshold_curve([1, 1, 2], lambda threshold: [1, 1, 2 if threshold > 0.3 else 1])
    assert len(curve) == 12
    assert curve["precision"].iloc[0] == pytest.approx(1 / 3)
    assert curve["cluster_f1"].iloc[-1] == 1.0


@pytest.mark.parametrize("cuts", [[], [0.0], [0.5, 1.0], [float("nan")]])
def test_wrong_thresholds_are_refused(cuts):
    for ask in (
        lambda: expected_match_scores([0.5], cuts),
        lambda: match_threshold_curve([1], lambda _: [1], cuts),
    ):
        with pytest.raises(DataError, match=r"thresholds (must be numbers between|are missing)"):
            ask()


def test_wrong_probabilities_are_refused():
    with pytest.raises(
        DataError, match=r"p must hold probabilities, but 1 are above 1 .first at r"
    ):
        expected_match_scores([0.5, 1.2])
    with pytest.raises(DataError, match="p has 1 negative"):
        expected_match_scores([-0.5])
    with pytest.raises(DataError, match="block_recall must be a number above 0 and up to 1, got 0"):
        expected_match_scores([0.5], block_recall=0)
