"""TwoStageRecommender: it beats its members where time tells, places all, needs time."""

import numpy as np
import pandas as pd
import pytest

from crmkit._trees import raw_sums
from crmkit.exceptions import DataError
from crmkit.recommend import (
    EASE,
    BuyAgain,
    ContentRecommender,
    ItemKNN,
    Popularity,
    TwoStageRecommender,
)
from crmkit.recommend import _two_stage as two_stage
from crmkit.recommend._inner_window import inner_window, needed_window
from crmkit.recommend._interactions import read_interactions
from crmkit.recommend._list_regression import Lines
from crmkit.recommend._members import learnt
from crmkit.recommend._shop import read_shop
from tests.recommend._seasons import items, purchases
from tests.recommend._trends import habits, log_of, seasonal

CUT = pd.Timestamp("2024-01-01") + pd.Timedelta("160D")
MEMBERS = [EASE(50.0), ("now", Popularity("14D"))]


def quick(members=MEMBERS, **more):
    return TwoStageRecommender(members, n_trees=30, **more)


def test_it_beats_its_members_in_a_season():
    log = log_of(seasonal())
    model = quick().fit(log, as_of=CUT)
    alone = [m.fit(log, as_of=CUT).score(log) for m in (EASE(50.0), Popularity("14D"))]
    assert model.score(log) > 1.1 * max(alone)
    assert model.n_lists_ > 100
    assert model.features_[:4] == [
        "EASE: score",
        "EASE: share of best",
        "EASE: rank",
        "now: score",
    ]


def test_habits_are_learnt():
    log = log_of(habits())
    cut = "2024-07-28"
    model = quick([EASE(50.0), BuyAgain("30D")], mode="all").fit(log, as_of=cut)
    assert model.score(log) > 0.95 * BuyAgain(None).fit(log, as_of=cut).score(log)


def test_what_is_no_candidate_follows_behind():
    log = log_of(purchases())
    model = quick([EASE(50.0), ItemKNN()], depth=3).fit(log)
    offers = model.recommend(["c3"], n=60, exclude_seen=False)
    assert len(offers) == 60
    seen = set(purchases().query("customer == 'c3'")["item"])
    head = offers.head(3)["item"]
    assert not set(head) & seen
    steps = np.diff(offers["score"])
    assert steps.min() < -0.9  # between the last candidate and the others


def test_lists_that_teach_have_something_that_was_bought():
    log = log_of(purchases())
    known = read_interactions(log, log.cutoff(None, "test"), "test")
    window = needed_window(known, 30, "new", "test")
    model = quick(depth=20)
    lesson = model._lesson(learnt(model._named(), window.known, None), window)
    ends = np.cumsum(lesson.group)
    assert ends[-1] == len(lesson.y) == len(lesson.x)
    sums = np.add.reduceat(lesson.y, ends - lesson.group)
    assert sums.min() >= 1
    assert 0.02 < lesson.y.mean() < 0.6


@pytest.mark.parametrize("mode", ["new", "all", "repeat"])
def test_the_trees_are_told_the_same_where_they_learn_and_where_they_serve(mode, monkeypatch):
    frame, told = purchases(), []
    frame = frame[~frame["item"].isin(["i07", "i22"])]  # the content model scores them
    known, catalogue = read_shop(log_of(frame), items(), None, "test")[1:]
    window = inner_window(known, 30, mode)
    assert len(window.unsold) == 2
    model = quick([ContentRecommender(), EASE(50.0)], mode=mode, depth=20, negatives=1.0)
    members = learnt(model._named(), window.known, catalogue)
    made = two_stage.candidates

    def spied(*given):
        told.append(made(*given))
        return told[-1]

    monkeypatch.setattr(two_stage, "candidates", spied)
    model._lesson(members, window)
    lessons, told[:] = told[:], []
    model._tune_by([])
    model._join(members, window.known)
    for (_, histories), lesson in zip(window.asked().blocks(), lessons, strict=True):
        model._scores(histories)
        served = told.pop()
        for name in ("row", "item", "table"):
            np.testing.assert_array_equal(getattr(served, name), getattr(lesson, name))
        assert not np.isin(served.item, window.unsold).any()


def test_lines_are_added_to_the_trees_where_habits_count():
    model = quick([EASE(50.0), BuyAgain()], mode="all", depth=20).fit(log_of(habits()))
    histories = model._ask(model.customers_[:5], None, None).histories(slice(0, 5), [])
    scores = [member._scores(histories).copy() for member in model.members_]
    named = model._candidates(scores, histories)
    had = named.table[:, model.features_.index("own: days")] > 0
    own = pd.DataFrame({"row": histories.customer, "item": histories.item})
    own = set(own.itertuples(index=False, name=None))
    assert had.tolist() == [pair in own for pair in zip(named.row, named.item, strict=True)]
    assert 0 < had.sum() < len(had)
    lines = Lines(**model.lines_).sums(named.table, had)
    expected = raw_sums(model.ranker_, named.table) + lines
    assert np.ptp(lines) > 1
    found = model._scores(histories)[named.row, named.item]
    np.testing.assert_array_equal(found, expected.astype(np.float32))


def test_what_is_new_to_customers_is_ranked_by_trees_alone():
    assert quick().fit(log_of(purchases())).lines_ == {}


def test_nothing_of_the_lines_is_left_where_there_is_nothing_to_learn():
    model = quick([EASE(50.0), BuyAgain()], mode="all").fit(log_of(habits()))
    assert model.lines_
    model._tune_by([])
    assert (model.n_lists_, model.ranker_, model.lines_) == (0, "", {})


def test_all_negatives_are_more():
    log = log_of(purchases())
    known = read_interactions(log, log.cutoff(None, "test"), "test")
    window = needed_window(known, 30, "new", "test")
    rows = []
    for share in (0.35, 1.0):
        model = quick(depth=20, negatives=share)
        rows.append(model._lesson(learnt(model._named(), window.known, None), window))
    few, whole = rows
    assert few.y.sum() == whole.y.sum()
    share = (1 - few.y).sum() / (1 - whole.y).sum()
    assert share == pytest.approx(0.35, abs=0.05)


def test_without_time_it_refuses():
    day = purchases().assign(day=pd.Timestamp("2024-01-05"))
    with pytest.raises(DataError, match=r"TwoStageRecommender: .* span 1 days\. Give a log with"):
        quick().fit(log_of(day))


def test_with_less_than_two_horizons_it_refuses():
    frame = purchases()
    start = frame["day"].min()
    short = frame[frame["day"] < start + pd.Timedelta("59D")]
    with pytest.raises(DataError, match="span 59 days"):
        quick().fit(log_of(short))
    enough = frame[frame["day"] < start + pd.Timedelta("60D")]
    assert quick().fit(log_of(enough)).n_lists_ > 0


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"members": None}, "members must be a list"),
        ({"mode": "both"}, "mode must be one of"),
        ({"depth": 0}, "depth must be"),
        ({"n_trees": 0}, "n_trees must be"),
        ({"learning_rate": 0.0}, "learning_rate must be"),
        ({"learning_rate": 1.5}, "learning_rate must be at most 1"),
        ({"negatives": 1.5}, "negatives must be at most 1"),
        ({"horizon": "1 year"}, "horizon"),
        ({"random_state": -1}, "random_state must be"),
    ],
)
def test_parameters_without_meaning_are_refused(given, text):
    with pytest.raises(DataError, match=text):
        TwoStageRecommender(**{"members": MEMBERS, **given}).fit(log_of(purchases()))
