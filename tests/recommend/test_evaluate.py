"""evaluate: against lists made by hand, no leakage, same terms for all, rules, cold, words."""

from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from sklearn.base import BaseEstimator

from crmkit.exceptions import DataError
from crmkit.metrics import ranking_scores
from crmkit.model_selection import RollingTimeSplit, StrongGeneralisation
from crmkit.model_selection._log_split import read_lines
from crmkit.recommend import EASE, BuyAgain, Popularity, _evaluation_baselines, evaluate
from crmkit.recommend._evaluate import categories
from crmkit.recommend._evaluation_baselines import listed, ndcg_of
from crmkit.recommend._evaluation_cut import cut_at, offered
from tests.contracts.frame_kinds import FRAMES
from tests.recommend._seasons import items, log_of, purchases

FAST = {"n_resamples": 50, "n_given": ()}
WHOLE = {"n_resamples": 50}


@pytest.fixture(scope="module")
def found():
    return evaluate({"ease": EASE(100.0), "again": BuyAgain()}, log_of(purchases()), 2, **WHOLE)


@pytest.fixture(scope="module")
def briefly():
    return evaluate(EASE(100.0), log_of(purchases()), 1, modes="new", **FAST)


@pytest.fixture(scope="module")
def with_items():
    models = {"taste": Taste(), "ease": EASE(100.0)}
    return evaluate(models, log_of(purchases()), 1, items=items(), cold_min_buyers=5, **FAST)


class Taste(BaseEstimator):
    """Offers items of the group that a customer bought most, cold ones first."""

    seen: ClassVar[list[tuple]] = []

    def fit(self, log, items=None, *, as_of=None):
        lines = log.data
        self.seen.append((as_of, lines["day"].max(), None if items is None else len(items)))
        group = dict(zip(items["item"], items["group"], strict=True))
        best = lines.assign(group=lines["item"].map(group)).groupby("customer")["group"]
        self.group_ = best.agg(lambda g: g.mode().iloc[0]).to_dict()
        self.sold_ = lines["item"].value_counts().to_dict()
        self.bought_ = lines.groupby("customer")["item"].agg(set).to_dict()
        self.items_ = items
        return self

    def recommend(
        self, customers, n=10, *, exclude_seen=True, allow=None, history=None, as_of=None
    ):
        told = self if history is None else Taste().fit(history, self.items_)
        allowed = set(allow)
        rows = []
        for who in customers:
            own = self.items_[self.items_["group"] == told.group_.get(who)]["item"]
            own = [i for i in own if i in allowed]
            if exclude_seen:
                own = [i for i in own if i not in told.bought_.get(who, ())]
            own = sorted(own, key=lambda i: (self.sold_.get(i, 0), i))[:n]
            rows += [(who, item, place) for place, item in enumerate(own, start=1)]
        return pd.DataFrame(rows, columns=["customer", "item", "rank"])


@pytest.mark.parametrize(
    ("mode", "table"),
    [("new", "new items"), ("all", "all purchases"), ("repeat", "repeat purchases")],
)
def test_the_scores_are_those_of_lists_made_by_hand(found, mode, table):
    """Split, fit, recommend and score with the public parts: the same numbers."""
    log = log_of(purchases())
    ndcg = {"ease": [], "again": []}
    for split in RollingTimeSplit(2, mode=mode).split(log):
        for name, model in (("ease", EASE(100.0)), ("again", BuyAgain())):
            model.fit(split.known, as_of=split.as_of)
            lists = model.recommend(split.customers, exclude_seen=mode == "new")
            scores = ranking_scores(lists, split.relevant, weight="amount")
            ndcg[name].append(scores.loc["recommended"])
    told = found.table(table)
    for name, rows in ndcg.items():
        made = pd.DataFrame(rows)
        for score in ("ndcg", "recall", "map", "hit_rate", "revenue_recall"):
            mean = np.average(made[score], weights=made["n_customers"])
            assert told.loc[name, score] == pytest.approx(mean)
        assert told.loc[name, "n_lists"] == made["n_customers"].sum()
        assert found.by_cutoff(table).loc[name].tolist() == pytest.approx(made["ndcg"].tolist())


def test_what_is_known_ends_at_the_cutoff(with_items):
    Taste.seen.clear()
    evaluate(Taste(), log_of(purchases()), ["2024-06-01", "2024-07-01"], items=items(), **WHOLE)
    assert [str(as_of.date()) for as_of, _, _ in Taste.seen[:2]] == ["2024-06-01", "2024-07-01"]
    assert all(last < (as_of or pd.Timestamp("2024-07-01")) for as_of, last, _ in Taste.seen)
    assert all(n == 60 for _, _, n in Taste.seen)
    fits = [seen for seen in Taste.seen if seen[0] is not None]
    assert len(fits) == 4  # two cut-offs, and at the last without strangers and cold items


def test_the_future_beyond_the_horizon_changes_nothing():
    frame = purchases()
    late = frame["day"] >= "2024-07-01"
    changed = frame.assign(item=frame["item"].where(~late, "i00"))
    tables = [
        evaluate(EASE(100.0), log_of(f), ["2024-06-01"], **FAST).table() for f in (frame, changed)
    ]
    assert_frame_equal(*tables)


def test_recommenders_are_not_changed(found):
    model = EASE(100.0)
    evaluate(model, log_of(purchases()), 1, modes="new", **FAST)
    assert not hasattr(model, "items_")


def test_a_taste_is_found_and_repeats_are_not_its_strength(found):
    new = found.new_items
    assert new.loc["ease", "verdict"] == "better"
    assert new.loc["ease", "lower"] > 0
    assert found.tables[:3] == ("new items", "all purchases", "repeat purchases")
    assert (found.repeat_purchases["n_customers"] > 100).all()
    assert list(new.index) == ["ease", "again", "popularity", "recent popularity"]
    assert "buy again" in found.all_purchases.index


def test_the_best_simple_rule_is_that_of_the_highest_ndcg(found):
    for name in found.tables:
        table = found.table(name)
        rules = table.loc[[n for n in table.index if n not in ("ease", "again")]]
        best = rules["ndcg"].idxmax()
        assert table.loc[best, "verdict"] == "best simple rule"
        assert np.isnan(table.loc[best, "difference"])
        others = table.drop(index=best)
        assert (
            others["difference"] - (others["ndcg"] - table.loc[best, "ndcg"])
        ).abs().max() < 1e-12
        assert (others["lower"] <= others["upper"]).all()


def test_every_recommender_has_the_same_customers(found):
    for name in found.tables:
        assert found.table(name)[["n_customers", "n_lists"]].nunique().max() == 1


def test_a_recommender_that_is_a_rule_scores_as_the_rule():
    log = log_of(purchases())
    told = evaluate({"mine": Popularity()}, log, 1, **FAST)
    for name in ("new items", "all purchases"):
        table = told.table(name)
        columns = ["ndcg", "recall", "coverage", "novelty"]
        assert table.loc["mine", columns].tolist() == table.loc["popularity", columns].tolist()


def test_customers_stand_in_the_table_of_their_history():
    frame = purchases()
    log = log_of(frame)
    told = evaluate(Popularity(), log, ["2024-02-01"], modes="new", **FAST)
    past = frame[frame["day"] < "2024-02-01"]
    later = frame[(frame["day"] >= "2024-02-01") & (frame["day"] < "2024-03-02")]
    n_known = past.groupby("customer")["item"].nunique()
    seen = set(zip(past["customer"], past["item"], strict=True))
    new = {
        (c, i) for c, i in zip(later["customer"], later["item"], strict=True) if (c, i) not in seen
    }
    sold = set(past["item"])
    history = pd.Series({c: n_known.get(c, 0) for c, i in new if i in sold})
    counts = {
        "0": (history == 0).sum(),
        "1-2": history.between(1, 2).sum(),
        "3-5": history.between(3, 5).sum(),
        "6+": (history >= 6).sum(),
    }
    table = told.cold_customers
    for band, n in counts.items():
        if n:
            assert (table.loc[band, "n_customers"] == n).all()
        else:
            assert band not in table.index.get_level_values("history")
    assert told.new_items["n_customers"].iloc[0] == (history > 0).sum()
    assert told.counts["strangers"] == len(set(later["customer"]) - set(past["customer"]))


def test_unseen_items_are_counted_and_in_no_table():
    frame = purchases()
    launched = (frame["day"] >= "2024-08-01") & (frame.index % 4 == 0)
    frame.loc[launched, "item"] = "launched"
    told = evaluate(Popularity(), log_of(frame), ["2024-07-25"], **FAST)
    window = frame[(frame["day"] >= "2024-07-25") & (frame["day"] < "2024-08-24")]
    n = window[window["item"] == "launched"]["customer"].nunique()
    assert told.counts["unseen"] == n > 10
    assert f"{n} (" in " ".join(str(told).split())
    without = frame[frame["item"] != "launched"]
    again = evaluate(Popularity(), log_of(without), ["2024-07-25"], **FAST)
    assert_frame_equal(told.new_items, again.new_items)


def test_the_half_lives_are_those_that_win_before_the_cutoff():
    """Sales change with every week: only the last days tell what sells next."""
    frame = purchases()
    week = (frame["day"] - frame["day"].min()).dt.days // 10
    number = (week * 7 + frame["item"].str[1:].astype(int) % 5) % 60
    told = evaluate(
        Popularity(),
        log_of(frame.assign(item="i" + number.astype(str).str.zfill(2))),
        1,
        horizon="10D",
        **FAST,
    )
    (lives,) = told.half_lives
    assert lives.tuned
    steady = evaluate(Popularity(), log_of(frame), 1, horizon="10D", **FAST).half_lives[0]
    assert steady.recent_new > lives.recent_new or steady.recent_all > lives.recent_all
    assert steady.again is None or steady.again >= 60


def test_a_part_of_the_customers_tunes_the_half_lives(monkeypatch):
    """Each customer that is asked is scored by his own purchases alone."""
    log = log_of(purchases())
    lines = read_lines(log, "test")
    known = lines.rows.day < np.datetime64("2024-06-01").astype("M8[D]").astype(int)
    cut = cut_at(lines, known, ~known, pd.Timestamp("2024-06-01").to_pydatetime())
    model = BuyAgain().fit(cut.log, as_of=cut.as_of)
    every = np.ones(len(cut.truth), dtype=bool)
    asked = np.unique(cut.customer)
    monkeypatch.setattr(_evaluation_baselines, "MOST", 50)
    some = np.isin(cut.customer, asked[:: -(-len(asked) // 50)])
    part = ndcg_of(model, cut, every, 10, False)
    monkeypatch.setattr(_evaluation_baselines, "MOST", 10**6)
    assert part == pytest.approx(ndcg_of(model, cut, some, 10, False))
    assert part != pytest.approx(ndcg_of(model, cut, every, 10, False))


@pytest.mark.parametrize("exclude_seen", [True, False])
@pytest.mark.parametrize("rule", [BuyAgain(), Popularity("14D")])
def test_rules_are_tuned_on_the_lists_that_they_would_offer(rule, exclude_seen):
    log = log_of(purchases(n=600))
    lines = read_lines(log, "test")
    known = lines.rows.day < np.datetime64("2024-06-01").astype("M8[D]").astype(int)
    cut = cut_at(lines, known, ~known, pd.Timestamp("2024-06-01").to_pydatetime())
    model = rule.fit(cut.log, as_of=cut.as_of)
    asked = np.unique(cut.customer)[::3]
    shown = offered(model, cut, asked, 10, exclude_seen=exclude_seen, allow=None)
    assert np.array_equal(listed(model, cut, asked, 10, exclude_seen), shown)


def test_progress_is_told_to_the_logger(caplog):
    with caplog.at_level("INFO", logger="crmkit"):
        evaluate(Popularity(), log_of(purchases()), 1, verbose=1, **FAST)
    told = [record.getMessage() for record in caplog.records]
    assert [" ".join(line.split()[:3]) for line in told] == [
        "evaluate: Popularity learnt",
        "evaluate: Popularity listed",
        "evaluate: Popularity listed",
    ]
    assert "learnt what was known at 2024-07-29 in " in told[0]
    assert "listed new items for 1" in told[1]
    assert "listed everything for 1" in told[2]


def test_a_short_past_leaves_the_half_lives_untuned():
    told = evaluate(Popularity(), log_of(purchases()), ["2024-01-20"], modes="new", **FAST)
    assert not told.half_lives[0].tuned
    assert "the past is too short to tune" in str(told)


def test_cold_items_are_offered_only_by_who_knows_their_features(with_items):
    among = with_items.cold_items.loc["among themselves"]
    assert among.loc["taste", "ndcg"] > among.loc["random order", "ndcg"] + 0.1
    assert among.loc["taste", "verdict"] == "better"
    assert among.index.tolist() == ["taste", "ease", "random order"]  # rules have nothing to offer
    whole = with_items.cold_items.loc["whole catalogue"]
    assert whole.loc["taste", "ndcg"] > 0.0
    assert whole.loc["ease", "ndcg"] == 0.0
    assert "random order" not in whole.index
    assert with_items.counts["cold_items"] == 6
    assert among["coverage"].max() <= 1.0


def test_strangers_are_those_of_the_splitter():
    """Hold out, fit, ask with the history and score with the public parts: the same numbers."""
    log, cut = log_of(purchases()), "2024-07-01"
    told = evaluate(EASE(100.0), log, [cut], modes="new", n_given=(2, 4), n_resamples=50)
    past = log_of(purchases()[lambda frame: frame["day"] < cut])
    splits = StrongGeneralisation(n_given=(2, 4)).split(past)
    for n, split in zip(("2", "4"), splits, strict=True):
        model = EASE(100.0).fit(split.known, as_of=cut)
        lists = model.recommend(split.customers, history=split.history, as_of=cut)
        scores = ranking_scores(lists, split.relevant, weight="amount").loc["recommended"]
        table = told.strangers.loc[n]
        for score in ("ndcg", "recall", "revenue_recall", "n_customers"):
            assert table.loc["EASE", score] == pytest.approx(scores[score])
    assert told.strangers.loc["4"].loc["EASE", "verdict"] == "better"
    assert "New items of customers held out whole" in str(told)


def test_items_that_only_strangers_bought_tell_nothing_and_warn_nobody():
    frame = purchases()
    first = frame.drop_duplicates("customer").assign(day=frame["day"].min())
    own = first.assign(item="own" + first["customer"])
    log = log_of(pd.concat([own, frame[frame["day"] > frame["day"].min()]], ignore_index=True))
    told = evaluate(EASE(), log, 1, modes="new", n_given=(1, 3), n_resamples=50)
    assert set(told.strangers.index.get_level_values("n_given")) == {"3"}


def test_strangers_may_be_left_out():
    told = evaluate(Popularity(), log_of(purchases()), 1, modes="new", **FAST)
    assert told.strangers.empty
    told = evaluate(Popularity(), log_of(purchases()), 1, modes="new", n_given=99, n_resamples=50)
    assert told.strangers.empty  # nobody has so many items


@pytest.mark.parametrize("n_given", [None, []])
def test_none_told_skips_strangers(n_given):
    found = evaluate(
        Popularity(), log_of(purchases()), 1, modes="new", n_given=n_given, n_resamples=50
    )
    assert found.strangers.empty


def test_a_single_date_is_a_cutoff():
    log = log_of(purchases())
    (split,) = RollingTimeSplit(1).split(log)
    both = [
        evaluate(Popularity(), log, cut, modes="new", n_given=None, n_resamples=50)
        for cut in (1, pd.Timestamp(split.as_of))
    ]
    assert_frame_equal(both[1].new_items, both[0].new_items)


def test_values_of_a_category_are_parted_for_diversity():
    told = pd.DataFrame({"item": list("stuvwxyz"), "kind": ["a|b", "b", " b ;c", None] * 2})
    bought = told[["item"]].assign(customer=1, day=pd.Timestamp("2024-01-01"), amount=1.0)
    rows = categories(told, read_lines(log_of(bought), "test")).toarray()[:4]
    half, whole = 0.5, 0.5**0.5
    expected = [[1, whole, half, 0], [whole, 1, whole, 0], [half, whole, 1, 0], [0, 0, 0, 0]]
    np.testing.assert_allclose(rows @ rows.T, expected, atol=1e-12)


def test_diversity_is_that_of_categories(with_items):
    new = with_items.new_items
    assert new.loc["taste", "diversity"] == 0.0  # one group a list
    assert new.loc["popularity", "diversity"] > 0.5


def test_without_well_sold_items_nothing_is_stripped():
    told = evaluate(Taste(), log_of(purchases()), 1, items=items(), cold_min_buyers=999, **FAST)
    assert told.cold_items.empty
    assert "cold_items" not in told.counts


@pytest.mark.parametrize("kind", FRAMES)
def test_frames_agree(kind, briefly):
    log = log_of(FRAMES[kind](purchases()))
    told = evaluate(EASE(100.0), log, 1, modes="new", **FAST)
    assert_frame_equal(told.new_items, briefly.new_items)


def test_the_order_of_rows_is_free(found):
    log = log_of(purchases().sample(frac=1, random_state=3))
    told = evaluate({"ease": EASE(100.0), "again": BuyAgain()}, log, 2, **WHOLE)
    for name in found.tables:
        assert_frame_equal(told.table(name), found.table(name))


def test_modes_choose_the_tables():
    told = evaluate(Popularity(), log_of(purchases()), 1, modes="repeat", **FAST)
    assert told.tables == ("repeat purchases",)
    assert told.cold_customers.empty
    with pytest.raises(DataError, match="name must be one of"):
        told.table("new items")


def test_names_of_a_list_are_numbered():
    told = evaluate(
        [Popularity(), EASE(), Popularity(7)], log_of(purchases()), 1, modes="new", **FAST
    )
    assert list(told.new_items.index)[:3] == ["Popularity 1", "EASE", "Popularity 2"]


def test_the_words_name_cutoffs_population_modes_and_verdicts(found):
    text = str(found)
    for part in (
        "Lists of 10 at 2 cut-offs (2024-06-29, 2024-07-29)",
        "Candidates: the items sold before the cut-off (60, 60), the same for all",
        "Simple rules (in brackets), their half-lives",
        "New items: never bought before",
        "ease is better than the best simple rule",
        "ahead at 2 of 2 cut-offs",
        "New items by the number of items known of a customer",
        "only an A/B test",
    ):
        assert part in " ".join(text.split()), part
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({"n": 0}, "n must be a whole number of at least 1"),
        ({"level": 2.0}, "level must be a number above 0 and below 1"),
        ({"n_resamples": 1}, "n_resamples must be"),
        ({"modes": "explore"}, "modes must be some of .*, got 'explore'"),
        ({"modes": []}, "modes must be some of"),
        ({"horizon": "1h"}, "horizon must be whole days"),
        ({"cutoffs": 0}, "evaluate: cutoffs must be a whole number of at least 1"),
        ({"cutoffs": 1.5}, "evaluate: cutoffs must be a whole number of at least 1"),
        ({"cutoffs": None}, "evaluate: cutoffs must be a whole number of at least 1"),
        ({"cutoffs": ["2023-01-01"]}, "nothing lies before 2023-01-01"),
        ({"cold_share": 1.0}, "cold_share must be a number between 0 and 1"),
        ({"cold_min_buyers": 0}, "cold_min_buyers must be"),
        ({"random_state": -1}, "random_state must be"),
        ({"verbose": -1}, "verbose must be"),
        ({"n_given": (0,)}, "n_given must be a whole number of at least 1"),
    ],
)
def test_faults_are_told(asked, text):
    with pytest.raises(DataError, match=text):
        evaluate(Popularity(), log_of(purchases()), **{"cutoffs": 1} | asked)


@pytest.mark.parametrize(
    ("models", "text"),
    [
        ({"popularity": EASE()}, "'popularity' is the name of a simple rule"),
        ([EASE], r"EASE is a class. Give a recommender: EASE\(\)"),
        ([BaseEstimator()], "'BaseEstimator' is no recommender: it must have fit and recommend"),
    ],
)
def test_what_is_no_recommender_is_refused(models, text):
    with pytest.raises(DataError, match=text):
        evaluate(models, log_of(purchases()), 1)


class Twice(Taste):
    """Offers the same item twice."""

    def fit(self, log, items=None, *, as_of=None):
        return self

    def recommend(self, customers, n=10, **terms):
        rows = [(who, "i01", place) for who in customers for place in (1, 2)]
        return pd.DataFrame(rows, columns=["customer", "item", "rank"])


class Outside(Twice):
    """Offers an item that nobody knows."""

    def recommend(self, customers, n=10, **terms):
        rows = [(who, "nothing", 1) for who in customers]
        return pd.DataFrame(rows, columns=["customer", "item", "rank"])


@pytest.mark.parametrize(
    ("model", "text"),
    [(Twice(), "a second time for the same customer"), (Outside(), "not in the catalogue of 60")],
)
def test_wrong_lists_are_refused(model, text):
    with pytest.raises(DataError, match=text):
        evaluate(model, log_of(purchases()), 1, **FAST)
