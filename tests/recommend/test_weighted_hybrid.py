"""WeightedHybrid: mixtures by hand, corners, tuning that finds the strong member, refusals."""

import numpy as np
import pytest

from crmkit.exceptions import DataError
from crmkit.recommend import (
    EASE,
    BuyAgain,
    ItemKNN,
    Popularity,
    WeightedHybrid,
)
from crmkit.recommend._inner_window import inner_window
from crmkit.recommend._interactions import read_interactions
from crmkit.recommend._members import learnt, stretched
from crmkit.recommend._shop import read_shop
from crmkit.recommend._top_items import top_items
from crmkit.recommend._weighted_hybrid import mixed, mixed_lists, mixtures, shortlists
from tests.recommend._seasons import items, purchases
from tests.recommend._trends import habits, log_of

NO = -np.inf


def test_scores_are_stretched_row_by_row():
    scores = np.array([[1, 3, 2, NO], [5, 5, NO, NO], [NO] * 4], dtype=np.float32)
    expected = [[0, 1, 0.5, NO], [1, 1, NO, NO], [NO] * 4]
    assert stretched(scores).tolist() == expected


def test_a_mixture_by_hand():
    one = np.array([[0.0, 1.0, NO, NO]], dtype=np.float32)
    two = np.array([[1.0, NO, 0.5, NO]], dtype=np.float32)
    assert mixed([one, two], np.array([0.25, 0.75])).tolist() == [[0.75, 0.25, 0.375, NO]]
    assert mixed([one, two], np.array([1.0, 0.0])).tolist() == one.tolist()


def test_each_member_alone_is_tried_first():
    tried = mixtures(3, 5, seed=1)
    assert tried[:3].tolist() == np.eye(3).tolist()
    assert len(tried) == 9
    np.testing.assert_allclose(tried.sum(axis=1), 1.0)


def test_a_weight_of_one_ranks_like_the_member():
    log = log_of(purchases())
    hybrid = WeightedHybrid([EASE(), Popularity()], weights=(2, 0)).fit(log)
    mine, own = hybrid.recommend(), EASE().fit(log).recommend()
    assert mine["item"].tolist() == own["item"].tolist()
    assert hybrid.weights_.tolist() == [1.0, 0.0]


def test_tuning_keeps_the_strong_member():
    members = [("again", BuyAgain(None)), ("popular", Popularity()), ("knn", ItemKNN())]
    model = WeightedHybrid(members).fit(log_of(habits()))
    assert model.weights_[0] > 0.5
    assert model.tuning_["again"] > 2 * model.tuning_["popular"]
    assert set(model.tuning_) == {"again", "popular", "knn", "mixture"}


def test_mixtures_are_named_apart_from_members():
    members = [("again", BuyAgain(None)), ("popular", Popularity())]
    model = WeightedHybrid(members, n_draws=0).fit(log_of(habits()))
    assert model.weights_.tolist() == [1.0, 0.0]
    assert model.tuning_["popular"] < model.tuning_["mixture"] < model.tuning_["again"]


class Novelties(Popularity):
    """Best sellers, behind what nobody bought yet."""

    def _scores(self, histories):
        scores = super()._scores(histories)
        return np.where(np.isneginf(scores), np.float32(9.0), scores)


def test_mixtures_are_tuned_on_the_scale_on_which_they_serve():
    frame = purchases()
    frame = frame[~frame["item"].isin(["i07", "i22"])]
    known, catalogue = read_shop(log_of(frame), items(), None, "test")[1:]
    window = inner_window(known, 30, "new")
    model = WeightedHybrid([Novelties(), EASE(50.0)], weights=[0.6, 0.4])
    members = learnt(model._named(), window.known, catalogue)
    model._join(members, window.known)
    for _, histories in window.asked(100).blocks():
        item, short = shortlists(members, histories, window)
        row, place = np.nonzero(item >= 0)
        served = model._scores(histories)[row, item[row, place]]
        tuned = mixed(list(short), model.weights_)[row, place]
        np.testing.assert_allclose(tuned, served, rtol=1e-6)


def test_one_seed_draws_one_mixture():
    members = [BuyAgain(None), EASE(50.0)]
    one, two = (WeightedHybrid(members, random_state=4).fit(log_of(habits())) for _ in range(2))
    assert one.weights_.tolist() == two.weights_.tolist()


def test_without_a_window_weights_are_equal():
    day = purchases().assign(day="2024-01-05")
    frame = day.assign(day=day["day"].astype("datetime64[us]"))
    model = WeightedHybrid([EASE(), ItemKNN(), ItemKNN()]).fit(log_of(frame))
    assert np.allclose(model.weights_, 1 / 3)
    assert model.names_ == ["EASE", "ItemKNN 1", "ItemKNN 2"]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"members": None}, "members must be a list of recommenders"),
        ({"members": []}, "members must be a list of recommenders"),
        ({"members": [EASE(), "ItemKNN"]}, "a member must be a recommender"),
        ({"members": [EASE()], "weights": [1, 2]}, "one number of at least 0 for each of 1"),
        ({"members": [EASE()], "weights": [0]}, "not all 0"),
        ({"members": [EASE()], "weights": [-1]}, "at least 0"),
        ({"members": [EASE()], "weights": [np.nan]}, "at least 0"),
        ({"members": [EASE()], "weights": "best"}, "weights must be 'tune'"),
        ({"members": [EASE()], "n_draws": -1}, "n_draws must be"),
        ({"members": [EASE(-1.0)]}, "regularization must be"),
    ],
)
def test_parameters_without_meaning_are_refused(given, text):
    with pytest.raises(DataError, match=text):
        WeightedHybrid(**given).fit(log_of(purchases()))


def test_short_lists_rank_as_the_whole_catalogue_does():
    """What a mixture is judged by is what it would have offered."""
    known = read_interactions(log := log_of(purchases()), log.cutoff(None, "test"), "test")
    window = inner_window(known, 30, "new")
    members = learnt([("a", EASE(50.0)), ("b", Popularity()), ("c", ItemKNN())], window.known, None)
    for _, histories in window.asked(150).blocks():
        tried = mixtures(3, 5, seed=0)
        short = mixed_lists(*shortlists(members, histories, window), tried)
        for weights, (row, item, _) in zip(tried, short, strict=True):
            whole = mixed([stretched(m._scores(histories)) for m in members], weights)
            expected = top_items(window.mask(whole, histories), 10)
            assert row.tolist() == expected[0].tolist()
            assert item.tolist() == expected[1].tolist()
