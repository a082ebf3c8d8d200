"""Pairwise and B-cubed scores: by hand, against listed pairs, and at the edges."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.exceptions import DataError
from crmkit.metrics import b_cubed, pairwise_scores

LABELS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=30)


def test_pairs_by_hand():
    got = pairwise_scores([1, 1, 1, 2], ["a", "a", "b", "b"])
    assert got == {"precision": 1 / 2, "recall": 1 / 3, "f1": pytest.approx(0.4)}


def test_b_cubed_by_hand():
    got = b_cubed([1, 1, 1, 2], ["a", "a", "b", "b"])
    assert got["precision"] == pytest.approx((1 + 1 + 0.5 + 0.5) / 4)
    assert got["recall"] == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1) / 4)


@given(LABELS)
def test_pairs_are_those_that_can_be_listed(labels):
    true, found = zip(*labels, strict=True)
    pairs = list(combinations(range(len(labels)), 2))
    in_true = {(i, j) for i, j in pairs if true[i] == true[j]}
    in_found = {(i, j) for i, j in pairs if found[i] == found[j]}
    hits = len(in_true & in_found)
    got = pairwise_scores(true, found)
    assert got["precision"] == pytest.approx(hits / len(in_found) if in_found else 1.0)
    assert got["recall"] == pytest.approx(hits / len(in_true) if in_true else 1.0)


@given(LABELS)
def test_b_cubed_is_the_mean_over_records(labels):
    true, found = np.array(labels).T
    shares = [
        (
            ((true == t) & (found == p)).sum() / (found == p).sum(),
            ((true == t) & (found == p)).sum() / (true == t).sum(),
        )
        for t, p in labels
    ]
    got = b_cubed(true, found)
    assert [got["precision"], got["recall"]] == pytest.approx(np.mean(shares, axis=0).tolist())


@given(LABELS)
def test_precision_is_recall_the_other_way_round(labels):
    true, found = zip(*labels, strict=True)
    for score in (pairwise_scores, b_cubed):
        assert score(true, found)["precision"] == pytest.approx(score(found, true)["recall"])
        assert score(true, true) == {"precision": 1.0, "recall": 1.0, "f1": 1.0}


@pytest.mark.parametrize("score", [pairwise_scores, b_cubed])
def test_what_cannot_be_scored_is_told(score):
    with pytest.raises(DataError, match="y_true has 2 records and y_pred 1"):
        score([1, 2], [1])
    with pytest.raises(DataError, match="there are no records"):
        score([], [])
    with pytest.raises(DataError, match="y_pred has 1 missing labels"):
        score(["a", "b"], ["a", None])
    with pytest.raises(DataError, match="must have one label a record, got shape"):
        score([[1, 2]], [1])


def test_labels_of_any_type_stay_apart():
    assert pairwise_scores(["1", 1, 1], [0, 0, 1]) == {"precision": 0.0, "recall": 0.0, "f1": 0.0}
    assert b_cubed([("a", 1), ("a", 1), ("a", 2)], [5, 5, 6])["f1"] == 1.0
    with pytest.raises(DataError, match=r"y_true has 1 missing labels .first at row 1."):
        pairwise_scores(["a", float("nan")], [0, 0])
