"""Trees kept as text: the same bits whatever the threads, starts and weights as they should be."""

import numpy as np
import pytest
from scipy.special import expit

from crmkit._trees import Growth, Lesson, best_rounds, contributions, grow, raw_sums

BINARY = {"objective": "binary", "num_leaves": 4, "min_data_in_leaf": 5}


def lesson(n=600, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3))
    return Lesson(x, (rng.random(n) < expit(2 * x[:, 0])).astype(float))


def test_threads_leave_no_trace():
    one, two = (grow(lesson(), BINARY, 20, Growth(0, threads)) for threads in (1, 2))
    np.testing.assert_array_equal(raw_sums(one, lesson().x), raw_sums(two, lesson().x))


def test_the_text_is_the_model():
    import lightgbm

    text = grow(lesson(), BINARY, 20, Growth(0, 1))
    own = lightgbm.LGBMClassifier(
        n_estimators=20, num_leaves=4, min_child_samples=5, verbosity=-1, n_jobs=1
    ).fit(lesson().x, lesson().y)
    np.testing.assert_allclose(
        expit(raw_sums(text, lesson().x)), own.predict_proba(lesson().x)[:, 1], rtol=1e-12
    )


def test_contributions_add_up_to_the_sum():
    text, x = grow(lesson(), BINARY, 20, Growth(0, 1)), lesson().x
    np.testing.assert_allclose(contributions(text, x).sum(axis=1), raw_sums(text, x), atol=1e-9)


def test_a_start_is_what_the_trees_are_added_to():
    given = lesson()
    truth = Lesson(given.x, given.y, start=2 * given.x[:, 0])
    sums = raw_sums(grow(truth, BINARY, 20, Growth(0, 1)), given.x)
    plain = raw_sums(grow(given, BINARY, 20, Growth(0, 1)), given.x)
    assert np.corrcoef(sums, given.x[:, 0])[0, 1] < 0.5 < np.corrcoef(plain, given.x[:, 0])[0, 1]


def test_watched_rows_stop_the_growth():
    noise = np.random.default_rng(1)
    learn, watch = lesson(400, 1), lesson(400, 2)
    silent = Lesson(watch.x, (noise.random(400) < 0.5).astype(float))
    found = best_rounds(learn, watch, BINARY, 500, 10, Growth(0, 1))
    assert 5 < found < 500
    assert best_rounds(learn, silent, BINARY, 500, 10, Growth(0, 1)) < found


@pytest.mark.parametrize("ask", [raw_sums, contributions])
def test_nobody(ask):
    text = grow(lesson(), BINARY, 2, Growth(0, 1))
    assert ask(text, np.empty((0, 3))).shape == ((0,) if ask is raw_sums else (0, 4))


def test_parts_keep_rows_together():
    whole = Lesson(np.arange(6.0).reshape(3, 2), np.arange(3.0), np.ones(3), np.arange(3.0))
    part = whole.part(np.array([2, 0]))
    assert part.y.tolist() == [2.0, 0.0] == part.start.tolist()
    assert part.x.tolist() == [[4.0, 5.0], [0.0, 1.0]]
    assert Lesson(whole.x, whole.y).part(np.array([1])).weight is None


def test_lists_are_ranked_each_by_itself():
    random = np.random.default_rng(3)
    x = random.normal(size=(900, 2))
    x[:, 1] = np.repeat(random.normal(size=90) * 9, 10)  # says which list, not which place
    best = np.repeat(x[:, 0].reshape(90, 10).max(axis=1), 10)
    ranked = Lesson(x, (x[:, 0] == best).astype(float), group=np.full(90, 10))
    own = {"objective": "lambdarank", "num_leaves": 4, "min_data_in_leaf": 5}
    sums = raw_sums(grow(ranked, own, 30, Growth(0, 1)), x).reshape(90, 10)
    first = x[:, 0].reshape(90, 10)[np.arange(90), sums.argmax(axis=1)]
    assert np.mean(first == best[::10]) > 0.8
