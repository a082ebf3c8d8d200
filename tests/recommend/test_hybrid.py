"""HybridRecommender: the right rival for the shop, shares, new items, short logs, refusals."""

import numpy as np
import pandas as pd
import pytest

from crmkit.exceptions import DataError
from crmkit.recommend import (
    EASE,
    BuyAgain,
    HybridRecommender,
    ItemKNN,
    Popularity,
    PureSVD,
    RankFusion,
    TwoStageRecommender,
    WeightedHybrid,
    _hybrid_rivals,
)
from crmkit.recommend import _two_stage as two_stage
from crmkit.recommend._dual_ease import DualEASE
from crmkit.recommend._hybrid_members import RECENT, collaborative
from crmkit.recommend._hybrid_rivals import SHORT, WORDS, Rules, simplest_best
from crmkit.recommend._inner_window import inner_window, judged
from crmkit.recommend._interactions import read_interactions
from tests.recommend._seasons import items, purchases
from tests.recommend._trends import habits, log_of, seasonal

CUT = pd.Timestamp("2024-01-01") + pd.Timedelta("160D")


def quick(mode="both", **more):
    return HybridRecommender(mode, n_trees=20, **more)


def test_a_season_is_followed():
    log = log_of(seasonal())
    model = HybridRecommender("explore", n_trees=0).fit(log, as_of=CUT)
    assert model.half_lives_["power"] > 0
    assert model.candidates_["season"] == model.candidates_["collaborative"]  # not known before
    assert model.chosen_ == "season"  # the same where the power is 0, and it is tuned anew
    assert model.score(log) > 1.15 * EASE(50.0).fit(log, as_of=CUT).score(log)


@pytest.mark.parametrize("mode", ["both", "repeat"])
def test_habits_are_kept(mode):
    log = log_of(habits())
    model = quick(mode).fit(log, as_of="2024-07-28")
    again = BuyAgain(None).fit(log, as_of="2024-07-28").score(log)
    assert model.candidates_["often"] > 0.3
    assert model.score(log) > 0.97 * again


def test_the_reason_names_the_choice_and_all_that_was_judged():
    model = quick().fit(log_of(habits()))
    assert model.chosen_ in model.candidates_
    assert model.reason_.startswith(WORDS[model.chosen_])
    for value in model.candidates_.values():
        assert f"{value:.4f}" in model.reason_


def test_the_simpler_rival_stays_unless_another_is_better_beyond_noise():
    random = np.random.default_rng(0)
    base = random.random(400)
    noise = base + random.normal(0.001, 0.5, 400)
    found = {"a": base, "b": base - 0.1, "mixture": noise, "ranker": noise}
    assert simplest_best(found, 2) == "a"
    assert simplest_best({**found, "ranker": base + 0.05}, 2) == "ranker"
    assert simplest_best({**found, "b": base + 0.0001}, 2) == "b"


@pytest.mark.parametrize("share", [0.0, 0.3, 0.5, 1.0])
def test_a_share_is_kept_in_every_list(share):
    log = log_of(purchases())
    offers = quick(share=share).fit(log).recommend(n=10)
    seen = purchases()[["customer", "item"]].drop_duplicates().assign(seen=True)
    new = offers.merge(seen, how="left")["seen"].isna().groupby(offers["customer"]).sum()
    n_seen = seen.groupby("customer").size()
    full = new[(n_seen >= 10) & (n_seen <= 50)]
    assert len(full) > 50
    assert set(full) == {round(10 * share)}


def test_repeat_offers_nothing_new_and_explore_nothing_old():
    log = log_of(purchases())
    seen = purchases()[["customer", "item"]].drop_duplicates()
    old = quick("repeat").fit(log).recommend()
    assert len(old.merge(seen)) == len(old) > 0
    new = quick("explore").fit(log).recommend()
    assert len(new.merge(seen)) == 0 < len(new)


def test_items_that_nobody_bought_come_last_in_the_order_of_their_content():
    frame = purchases()
    frame = frame[frame["item"] != "i07"]
    model = quick("explore").fit(log_of(frame), items())
    offers = model.recommend(["c0", "c1"], n=60)
    fresh = offers[offers["item"] == "i07"]
    assert set(fresh["source"]) == {"content"}
    own = offers[offers["customer"] == "c0"]
    assert own["item"].iloc[-1] == "i07"
    assert model.names_[1] == "content"


def test_a_season_that_lasts_is_judged_by_what_was_known_before_the_window():
    log = log_of(seasonal())
    model = quick("explore").fit(log, as_of=CUT + pd.Timedelta("30D"))
    assert model.candidates_["season"] > 1.15 * model.candidates_["collaborative"]


def restless(seed=3):
    """Tastes, and best sellers that change: each month its own, a week before the end another."""
    frame, random = purchases(seed, n=5000), np.random.default_rng(seed)
    day = (frame["day"] - pd.Timestamp("2024-01-01")).dt.days.to_numpy()
    late = random.random(len(frame)) < np.where(day >= 180, 0.5, 0.1)
    fashion = np.where(day >= 180, day // 7, 0) % 4 * 15 + random.integers(0, 6, len(frame))
    own = frame["item"].str[1:].astype(int)
    return frame.assign(item="i" + pd.Series(np.where(late, fashion, own)).astype(str).str.zfill(2))


def best_lives(known, back, mode, made, lives):
    """The half-life that wins a window, with members that know nothing of it."""
    window = inner_window(known, 30, mode, back)
    models = [made(life) for life in lives]
    for model in models:
        model._learn(window.known, None)
    means = judged(window, lambda block: (m._scores(block) for m in models)).mean(axis=1)
    return lives[int(means.argmax())]


def test_half_lives_are_tuned_before_the_window_that_judges_and_then_anew():
    frame = restless()
    known, model = _interactions(frame), quick("explore").fit(log_of(frame))
    before, last = (best_lives(known, back, "new", Popularity, RECENT) for back in (2, 1))
    assert before != last  # else the test tells nothing
    assert model.half_lives_["recent"] == last
    window = inner_window(known, 30, "new")
    alone = Popularity(before)
    alone._learn(window.known, None)
    found = judged(window, lambda block: iter([alone._scores(block)])).mean()
    assert model.candidates_["recent"] == pytest.approx(found, rel=1e-6)


class Spy:
    """Which windows teach a ranker and a mixture, and with what half-lives, in order."""

    def __init__(self, monkeypatch):
        self.lessons, self.of, self.mixtures = [], {}, []
        lesson, joint, tune = TwoStageRecommender._lesson, two_stage.joined, WeightedHybrid._tune

        def spied_lesson(model, members, window):
            made = lesson(model, members, window)
            names = [name for name, _ in model._named()]
            told = dict(zip(names, members, strict=True))
            again = told["again"].half_life if "again" in told else None
            lives = {
                "recent": told["recent"].half_life,
                "again": np.inf if again is None else again,
                "power": told["season"].power_,
            }
            self.of[id(made)] = (window.known.last_day, lives, made)
            return made

        def spied_joint(lessons):
            self.lessons.append([self.of[id(each)][:2] for each in lessons])
            return joint(lessons)

        def spied_tune(model, members, window):
            self.mixtures.append(window.known.last_day)
            return tune(model, members, window)

        monkeypatch.setattr(TwoStageRecommender, "_lesson", spied_lesson)
        monkeypatch.setattr(two_stage, "joined", spied_joint)
        monkeypatch.setattr(WeightedHybrid, "_tune", spied_tune)


def test_rivals_are_tuned_before_the_window_that_judges_and_the_chosen_one_on_all(monkeypatch):
    frame, spy = restless(), Spy(monkeypatch)
    monkeypatch.setattr(_hybrid_rivals, "simplest_best", lambda found, n_simple: "ranker")
    model = quick("both").fit(log_of(frame))
    end = _interactions(frame).last_day
    assert spy.mixtures == [end - 60]
    judging, final = spy.lessons
    assert [day for day, _ in judging] == [end - 60, end - 90]
    assert [day for day, _ in final] == [end - 30, end - 60, end - 90]
    lives = model.half_lives_
    assert [told for _, told in final] == [lives] * 3  # with what was tuned last, as is served
    assert all(told["recent"] != lives["recent"] for _, told in judging)
    served = dict(zip(model.model_.names_, model.model_.members_, strict=True))
    assert served["recent"].half_life == lives["recent"]
    assert served["season"].power_ == lives["power"]


def test_the_chosen_mixture_is_tuned_on_the_last_window(monkeypatch):
    frame, spy = restless(), Spy(monkeypatch)
    monkeypatch.setattr(_hybrid_rivals, "simplest_best", lambda found, n_simple: "mixture")
    HybridRecommender("explore", n_trees=0).fit(log_of(frame))
    end = _interactions(frame).last_day
    assert spy.mixtures == [end - 60, end - 30]


def test_what_is_alike_tells_the_collaborative_member():
    log = log_of(purchases())
    for model in (
        quick("explore").fit(log),
        quick(share=0.5).fit(log),
        WeightedHybrid([Popularity(), BuyAgain(), EASE()], weights=[1, 1, 1]).fit(log),
        RankFusion([RankFusion([Popularity()]), EASE()]).fit(log),
    ):
        expected = EASE().fit(log).similar_items(n=3)
        pd.testing.assert_frame_equal(model.similar_items(n=3), expected)
    log = log_of(purchases().assign(day=pd.Timestamp("2024-01-05")))
    simple = quick("repeat").fit(log)
    assert simple.chosen_ == "again"  # which knows of no likeness: common customers tell
    pd.testing.assert_frame_equal(
        simple.similar_items(n=3), Popularity().fit(log).similar_items(n=3)
    )


def test_without_a_window_the_simple_member_serves_and_says_why():
    day = purchases().assign(day=pd.Timestamp("2024-01-05"))
    for mode, first in (("explore", "collaborative"), ("both", "again"), ("repeat", "again")):
        model = quick(mode).fit(log_of(day))
        assert model.chosen_ == first
        assert "nothing could be judged" in model.reason_
        assert model.candidates_ == {}


def test_without_times_the_collaborative_model_explores():
    log = log_of(purchases().assign(day=pd.Timestamp("2024-01-05")))
    mine, ease = quick("explore").fit(log).recommend(), EASE().fit(log).recommend()
    pd.testing.assert_frame_equal(mine, ease)


def test_a_few_customers_judge_nothing():
    model = quick("explore").fit(log_of(purchases(n=2000, n_customers=90)))
    assert model.chosen_ == "collaborative"
    assert "customers bought anything in the last 30 days" in model.reason_
    assert "it takes 100 to judge" in model.reason_
    assert model.candidates_ == {}


def test_progress_is_told_to_the_logger(caplog):
    with caplog.at_level("INFO", logger="crmkit"):
        quick("explore", verbose=1).fit(log_of(purchases()))
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 5
    assert told[0].startswith("HybridRecommender: members learnt what was known 30 days ago in ")
    assert "rivals in" in told[3]
    assert told[4].startswith("HybridRecommender: members learnt everything in ")


def test_a_log_of_two_windows_judges_members_but_no_mixtures():
    frame = purchases()
    short = frame[frame["day"] < "2024-02-14"]
    model = quick("explore").fit(log_of(short))
    assert set(model.candidates_) == {"collaborative", "season", "recent"}


def test_without_trees():
    model = HybridRecommender("explore", n_trees=0).fit(log_of(purchases()))
    assert "ranker" not in model.candidates_
    assert "mixture" in model.candidates_


def test_the_collaborative_member_fits_the_memory():
    known = _interactions(purchases())
    assert isinstance(collaborative(known, None, 1.0), EASE)
    few_customers = _interactions(purchases(n_customers=20))
    assert isinstance(collaborative(few_customers, None, 1e-5), DualEASE)
    assert isinstance(collaborative(known, None, 1e-5), PureSVD)
    assert isinstance(collaborative(known, ItemKNN(), 1e-5), ItemKNN)


@pytest.mark.parametrize("n_customers", [20, 160])
def test_a_catalogue_beyond_the_memory_is_served(n_customers):
    shop = log_of(purchases(n_customers=n_customers, n=2000))
    model = HybridRecommender("explore", n_trees=0, max_memory=1e-5).fit(shop)
    assert len(model.recommend(["c3"], n=3)) == 3


def _interactions(frame):
    log = log_of(frame)
    return read_interactions(log, log.cutoff(None, "test"), "test")


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"mode": "all"}, "mode must be one of"),
        ({"share": 1.5}, "share must be 'tune' or a number from 0 to 1"),
        ({"share": 0.5, "mode": "repeat"}, "goes with mode='both'"),
        ({"share": "half"}, "share must be"),
        ({"collaborative": "EASE"}, "collaborative must be a recommender"),
        ({"collaborative": EASE(-1.0)}, "regularization must be"),
        ({"n_trees": -1}, "n_trees must be"),
        ({"horizon": 0}, "horizon"),
        ({"random_state": -1}, "random_state must be"),
        ({"max_memory": 0}, "max_memory must be"),
        ({"verbose": -1}, "verbose must be"),
    ],
)
def test_parameters_without_meaning_are_refused(given, text):
    with pytest.raises(DataError, match=text):
        HybridRecommender(**given).fit(log_of(purchases()))


def test_newcomers_are_served_by_the_collaborative_model():
    """In this season a mixture is better, but not for the few who bought little."""
    log = log_of(seasonal(n=4000))
    model = quick("explore").fit(log, as_of=CUT)
    assert model.chosen_ != "collaborative"
    model.is_split_ = True
    model.newcomers_ = ease = EASE().fit(log, as_of=CUT)
    history = pd.DataFrame({"customer": ["n1", "n1", "n2"], "item": ["i01", "i03", "i16"]})
    mine, own = (m.recommend(history=history, explain=True) for m in (model, ease))
    pd.testing.assert_frame_equal(mine, own)
    regulars = model.recommend()
    known = log.data[log.data["day"] < CUT].groupby("customer")["item"].nunique()
    assert (known >= 10).any()
    some = known.index[known >= 10].tolist()
    model.is_split_ = False
    pd.testing.assert_frame_equal(
        regulars[regulars["customer"].isin(some)].reset_index(drop=True), model.recommend(some)
    )


@pytest.mark.parametrize(("n_customers", "enough"), [(160, False), (400, True)])
def test_newcomers_are_judged_apart(n_customers, enough):
    log = log_of(purchases(n_customers=n_customers))
    known = read_interactions(log, log.cutoff(None, "test"), "test")
    window = inner_window(known, 30, "new")
    short = np.diff(window.known.matrix().indptr)[window.asked().known] < SHORT
    assert not short.all()
    assert (short.sum() >= 100) == enough
    base = np.random.default_rng(0).random(len(short))
    worse, better = base - 0.01 * short + 0.1 * ~short, base + 0.1
    rules = Rules("explore", "tune", 0, 0, False)

    def splits(name, scores, by=rules):
        return by.splits(name, {"collaborative": base, name: scores}, window)

    assert splits("mixture", worse)
    assert splits("mixture", better) != enough
    assert splits("season", worse)
    assert not splits("season", base)
    assert not splits("season", better)
    assert not splits("collaborative", base)
    assert not splits("mixture", worse, Rules("both", "tune", 0, 0, False))


def test_reasons_of_sold_items_are_those_of_the_model():
    model = quick("both").fit(log_of(purchases()[lambda f: f["item"] != "i07"]), items())
    assert model.names_[1] == "content"
    asked = model._ask(["c3"], None, None)
    histories = asked.histories(slice(0, 1), [])
    sold = np.flatnonzero(model.items_ != "i07")
    rows = np.zeros(len(sold), dtype=int)
    pair, item, value = model._contributions(histories, rows, sold)
    own = model.model_._contributions(histories, rows, sold)
    for mine, theirs in zip((pair, item, value), own, strict=True):
        np.testing.assert_array_equal(mine, theirs)
