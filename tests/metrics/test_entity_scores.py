"""Whole entities and intervals: by hand, against counting, and against other samples."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmkit.exceptions import DataError
from crmkit.metrics import b_cubed, cluster_intervals, cluster_scores, pairwise_scores

LABELS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=30)
SCORES = {"pairs": pairwise_scores, "records": b_cubed, "entities": cluster_scores}


def test_entities_by_hand():
    got = cluster_scores([1, 1, 2, 3, 4, 4], ["a", "a", "b", "b", "c", "d"])
    assert got == {"precision": 1 / 4, "recall": 1 / 4, "f1": 1 / 4}


@given(LABELS)
def test_entities_are_those_that_are_sets_of_both(labels):
    true, found = np.array(labels).T
    sets = [{frozenset(np.flatnonzero(part == v)) for v in set(part)} for part in (true, found)]
    n = len(sets[0] & sets[1])
    got = cluster_scores(true, found)
    assert got["recall"] == pytest.approx(n / len(sets[0]))
    assert got["precision"] == pytest.approx(n / len(sets[1]))


@settings(max_examples=50)
@given(LABELS)
def test_estimates_are_the_scores_themselves(labels):
    true, found = zip(*labels, strict=True)
    told = cluster_intervals(true, found, n_resamples=2, random_state=0)
    for of, score in SCORES.items():
        assert told.loc[of, "estimate"].to_dict() == pytest.approx(score(true, found))


def drawn(seed, n=400):
    """Records of n entities of one to four, a tenth of them apart, some put to others."""
    random = np.random.default_rng(seed)
    true = np.repeat(np.arange(n), random.integers(1, 5, n))
    found = np.where(random.random(len(true)) < 0.1, true + 10 * n, true)
    found = np.where(random.random(len(true)) < 0.05, found // 2 + 20 * n, found)
    return true, found


def test_intervals_are_as_wide_as_samples_differ():
    told = cluster_intervals(*drawn(0), random_state=0)
    others = {of: [score(*drawn(seed)) for seed in range(1, 120)] for of, score in SCORES.items()}
    for of, scores in others.items():
        for name in ("precision", "recall", "f1"):
            spread = np.std([each[name] for each in scores])
            assert told.loc[(of, name), "std_error"] == pytest.approx(spread, rel=0.3)
    assert (told["lower"] <= told["estimate"]).all()
    assert (told["estimate"] <= told["upper"]).all()


def test_the_same_seed_gives_the_same_intervals_and_levels_are_nested():
    wide, again = (cluster_intervals(*drawn(0, 60), level=0.99, random_state=3) for _ in range(2))
    assert wide.equals(again)
    narrow = cluster_intervals(*drawn(0, 60), level=0.5, random_state=3)
    assert (narrow["lower"] >= wide["lower"]).all()
    assert (narrow["upper"] <= wide["upper"]).all()


def test_a_list_without_duplicates_has_no_spread():
    told = cluster_intervals([1, 2, 3], [1, 2, 3], n_resamples=5, random_state=0)
    assert (told[["estimate", "lower", "upper"]] == 1.0).all(axis=None)


@pytest.mark.parametrize("score", [cluster_scores, cluster_intervals])
def test_what_cannot_be_scored_is_told(score):
    with pytest.raises(DataError, match=f"{score.__name__}: y_true has 2 records and y_pred 1"):
        score([1, 2], [1])
    with pytest.raises(DataError, match="there are no records"):
        score([], [])


def test_parameters_out_of_range_are_refused():
    with pytest.raises(DataError, match="level must be a number above 0 and below 1"):
        cluster_intervals([1], [1], level=95)
    with pytest.raises(DataError, match="n_resamples must be a whole number of at least 2"):
        cluster_intervals([1], [1], n_resamples=1)
