"""Popularity, the prior, half-lives, reasons and later NDCG: small cases by hand."""

import numpy as np
import pandas as pd
import pytest

from crmkit import EventLog
from crmkit.exceptions import DataError
from crmkit.recommend import Popularity
from crmkit.recommend._half_life import read_half_life
from crmkit.recommend._later import mean_ndcg
from crmkit.recommend._reasons import because, co_purchases

ROWS = [
    ("ann", "tea", 0),
    ("ann", "tea", 8),
    ("bob", "tea", 0),
    ("bob", "jam", 8),
    ("cid", "jam", 9),
]


@pytest.fixture
def log():
    frame = pd.DataFrame(ROWS, columns=["who", "what", "day"])
    frame["when"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(frame["day"], unit="D")
    return EventLog(frame, customer="who", when="when", amount=None, item="what")


def test_purchases_are_counted_by_day_and_discounted(log):
    assert Popularity().fit(log).scores_.tolist() == [2.0, 3.0]
    assert Popularity("1D").fit(log).scores_.tolist() == [1.5, pytest.approx(0.5 + 2 / 512)]
    assert Popularity(1).fit(log).recommend(["x"])["what"].tolist() == ["jam", "tea"]


def test_the_prior_is_a_share_of_the_best_seller(log):
    model = Popularity().fit(log, pd.DataFrame({"what": ["jam", "new"], "name": ["a", "b"]}))
    assert model.items_.tolist() == ["jam", "new", "tea"]
    assert model.popularity_[1] == -np.inf
    halves = 0.5 ** (np.array([1, 0, 9, 1, 9]) / 30)
    expected = (halves[0] + halves[1]) / (halves[2] + halves[3] + halves[4])
    assert model.popularity_[0] == pytest.approx(expected)
    assert model.popularity_[2] == 1.0


def test_very_old_purchases_still_order(log):
    model = Popularity().fit(log)
    assert np.isfinite(model.recommend(["x"], as_of="2400-01-01")["score"]).all()
    assert Popularity("1h").fit(log).recommend(["x"], n=5)["what"].tolist() == ["jam", "tea"]


@pytest.mark.parametrize(
    ("told", "days"), [(None, np.inf), (np.inf, np.inf), (7, 7.0), ("2W", 14.0), ("12h", 0.5)]
)
def test_half_lives(told, days):
    assert read_half_life(told, "Model") == days


@pytest.mark.parametrize("told", [0, -1, "0D", "1M", np.nan, "soon", True])
def test_half_lives_without_meaning(told):
    with pytest.raises(DataError, match="Model: half_life"):
        read_half_life(told, "Model")


def test_reasons_name_the_three_that_tell_most():
    pair, item = np.array([0, 0, 0, 0, 0, 2]), np.array([0, 1, 2, 3, 4, 0])
    value = np.array([0.1, 0.4, -0.2, 0.3, 0.2, 0.0])
    names = np.array(["a", "b", "c", "d", "e"])
    told = because((pair, item, value), names, 3, "because you bought")
    assert told.tolist() == ["because you bought b, d, e", "", ""]


def test_co_purchases_are_cosines(log):
    model = Popularity().fit(log)
    alike = co_purchases(model._known(), np.array([0, 1]))
    np.testing.assert_allclose(alike, [[1.0, 0.5], [0.5, 1.0]], rtol=1e-6)


def test_ndcg_by_hand():
    relevant = np.array([0, 0, 0, 4]), np.array([1, 2, 3, 1])
    offered = np.array([0, 0, 4, 4]), np.array([2, 9, 0, 1]), np.array([1, 2, 1, 2])
    first = 1.0 / (1.0 + 1 / np.log2(3))  # two places, three relevant: the ideal has two hits
    second = 1 / np.log2(3)
    assert mean_ndcg(relevant, offered, 2, 10) == pytest.approx((first + second) / 2)
    nothing = (np.array([], dtype=int),) * 3
    assert mean_ndcg(relevant, nothing, 2, 10) == 0.0


def test_scoring_needs_later_events(log):
    model = Popularity().fit(log)
    with pytest.raises(
        DataError, match="Popularity: no customer of the fit bought a relevant item"
    ):
        model.score(log)
    with pytest.raises(DataError, match="an EventLog is needed"):
        model.score(log.data)
    with pytest.raises(DataError, match="n must be a whole number"):
        model.score(log, n=0)


def test_strangers_get_the_popularity_of_the_half_life(log):
    model = Popularity("1D").fit(log)
    offers = model.recommend(["stranger"])
    assert offers["what"].tolist() == ["jam", "tea"]
    assert offers["score"].tolist() == pytest.approx([1.5, 0.5 + 2 / 512])
    assert model.popularity_.tolist() != pytest.approx(model.scores_.tolist())
    assert model.predict([("stranger", "jam")]) == [1.5]


def test_a_list_of_the_score_may_be_longer_than_there_are_items(log):
    assert mean_ndcg((np.array([0]), np.array([1])), (np.array([0]), np.array([1]), np.array([1])),
                     50, 2) == 1.0  # fmt: skip


def test_a_short_half_life_and_a_late_present_keep_the_order():
    rows = [
        ("ann", "old", "2024-01-01"),
        ("bob", "new", "2024-01-20"),
        ("cid", "new", "2024-01-20"),
    ]
    frame = pd.DataFrame(rows, columns=["who", "what", "when"])
    log = EventLog(
        frame.assign(when=pd.to_datetime(frame["when"])),
        customer="who", when="when", amount=None, item="what",
    )  # fmt: skip
    model = Popularity("1D").fit(log, as_of="2025-06-01")
    offers = model.recommend(["eve"])
    assert offers["what"].tolist() == ["new", "old"]
    assert offers["score"].tolist() == [2.0, 0.5**19]
