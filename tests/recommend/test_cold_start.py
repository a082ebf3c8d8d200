"""ColdStartRecommender: the better candidate is chosen, trials by hand, nothing leaks."""

import numpy as np
import pandas as pd
import pytest

from crmkit.exceptions import DataError, DataWarning
from crmkit.recommend import (
    ColdStartRecommender,
    ContentRecommender,
    FeatureEASE,
    MappedFactors,
    Popularity,
    WeightedHybrid,
)
from crmkit.recommend._asked import ask
from crmkit.recommend._catalogue import aligned, read_catalogue
from crmkit.recommend._cold_start import buyers, cold_ndcg, without
from crmkit.recommend._interactions import read_interactions
from tests.recommend._seasons import items, log_of, purchases

LINES = purchases(n=2500)


def described():
    """Items whose category tells the taste that they serve, whose words tell nothing of it."""
    table = items()
    number = np.arange(len(table))
    return table.assign(name=[f"thing {(7 * i) % 10}" for i in number])


def test_the_candidate_that_foretells_hidden_items_is_chosen():
    blind = ContentRecommender(text=["name"], category=[], number=[])
    seeing = ContentRecommender(text=[], category=["group"], number=[])
    for pairs in ([("blind", blind), ("seeing", seeing)], [("seeing", seeing), ("blind", blind)]):
        model = ColdStartRecommender(pairs, n_trials=2).fit(log_of(LINES), described())
        assert model.choice_ == "seeing"
        assert model.ndcg_["seeing"] > 1.3 * model.ndcg_["blind"]
        alone = type(seeing)(**seeing.get_params()).fit(log_of(LINES), described())
        pd.testing.assert_frame_equal(model.recommend(n=3), alone.recommend(n=3))


def test_by_default_four_models_and_a_mixture_are_tried():
    model = ColdStartRecommender().fit(log_of(LINES), described())
    kinds = {FeatureEASE, MappedFactors, ContentRecommender}
    tried = {kind.__name__ for kind in kinds} | {"MappedFactors 64", "mixture"}
    assert set(model.ndcg_) == tried
    assert model.choice_ == max(model.ndcg_, key=model.ndcg_.get)
    name = "WeightedHybrid" if model.choice_ == "mixture" else model.choice_.split()[0]
    assert type(model.best_).__name__ == name


def test_hidden_items_leave_no_purchases_behind():
    known = Popularity().fit(log_of(LINES))._known()
    cold = np.array([3, 17])
    left = without(known, cold)
    assert not np.isin(left.item, cold).any()
    assert len(left.item) == len(known.item) - np.isin(known.item, cold).sum()
    assert left.n_items == known.n_items
    assert buyers(left)[cold].tolist() == [0, 0]
    kept = np.setdiff1d(np.arange(known.n_items), cold)
    assert (buyers(left)[kept] == buyers(known)[kept]).all()


def test_hidden_items_stand_in_no_order():
    log = log_of(LINES.assign(order=range(len(LINES))), order="order")
    known = read_interactions(log, log.cutoff(None), "Test")
    cold = np.array([3, 17])
    assert np.isin(known.lines.item, cold).any()
    left = without(known, cold).lines
    assert not np.isin(left.item, cold).any()
    assert len(left.item) == len(known.lines.item) - np.isin(known.lines.item, cold).sum()


def test_mailings_are_judged_by_whom_they_reach():
    """By hand: all customers who bought anything else in the order of their scores, 100 of them."""
    known = Popularity().fit(log_of(LINES))._known()
    cold = np.array([3, 17])
    catalogue = aligned(read_catalogue(items(), "item", "Test"), known.items, "Test")
    model = ContentRecommender(text=[], category=["group"], number=[])
    found = cold_ndcg(model, known, catalogue, cold, by="item")
    left = without(known, cold)
    asked = ask(left, known.customers, None, known.last_day, "test")
    scores = np.concatenate([model._scores(part).copy() for _, part in asked.blocks()])
    several = np.bincount(left.customer, minlength=len(known.customers)) > 0
    each = []
    for item in cold:
        value = np.where(several, scores[:, item], -np.inf)
        best = np.lexsort((np.arange(len(value)), -value))[:100]
        bought = np.unique(known.customer[known.item == item])
        bought = bought[several[bought]]
        gain = 1 / np.log2(np.arange(2, 102))
        hits = np.isin(best, bought) & (value[best] > -np.inf)
        each.append((hits * gain[: len(best)]).sum() / gain[: min(100, len(bought))].sum())
    assert found == pytest.approx(np.mean(each))


def test_lists_and_mailings_choose_each_by_their_own():
    """One model knows the taste but gives some customers the highest scores for anything."""
    loud = [("loud", Loud()), ("fair", ContentRecommender(text=[], category=["group"], number=[]))]
    chosen = {
        by: ColdStartRecommender(loud, n_trials=2, by=by).fit(log_of(LINES), described())
        for by in ("customer", "item")
    }
    assert chosen["item"].choice_ == "fair"
    assert chosen["item"].ndcg_["fair"] > 1.05 * chosen["item"].ndcg_["loud"]
    lists = chosen["customer"].ndcg_
    assert lists["loud"] == pytest.approx(lists["fair"])


class Loud(ContentRecommender):
    """Content, with scores that grow with the places of customers: their lists stay the same."""

    def __init__(self):
        super().__init__(text=[], category=["group"], number=[])

    def _scores(self, histories):
        return super()._scores(histories) + 10.0 * histories.known[:, None].astype(np.float32)


def test_a_model_that_cannot_score_new_items_has_no_ndcg():
    known = Popularity().fit(log_of(LINES))._known()
    assert cold_ndcg(Popularity(), known, None, np.array([3, 17])) == 0.0


def test_too_few_sold_items_take_the_first_and_say_so():
    model = ColdStartRecommender(min_buyers=10_000)
    with pytest.warns(DataWarning, match=r"only 0 items have 10,000 buyers.*FeatureEASE was taken"):
        model.fit(log_of(LINES), described())
    assert model.choice_ == "FeatureEASE"
    assert model.ndcg_ == {}


def test_one_candidate_needs_no_trial():
    model = ColdStartRecommender([FeatureEASE(50.0)], min_buyers=10_000)
    assert model.fit(log_of(LINES), described()).choice_ == "FeatureEASE"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"share": 0.0}, "share must be a finite number above 0"),
        ({"share": 0.6}, "share must be at most 0.5"),
        ({"min_buyers": 0}, "min_buyers must be a whole number of at least 1"),
        ({"n_trials": 0}, "n_trials must be a whole number of at least 1"),
        ({"by": "items"}, "by must be one of .*Did you mean 'item'"),
        ({"random_state": "x"}, "random_state must be None"),
        ({"candidates": []}, r"candidates must be a list of recommenders or .*, got \[\]"),
        ({"candidates": [3]}, "a candidate must be a recommender or a .* pair, got 3"),
        ({"candidates": FeatureEASE()}, "candidates must be a list of recommenders"),
    ],
)
def test_parameters_are_checked(given, message):
    with pytest.raises(DataError, match=f"ColdStartRecommender: {message}"):
        ColdStartRecommender(**given).fit(log_of(LINES), described())


def test_candidates_of_one_kind_are_numbered():
    both = [FeatureEASE(5.0), FeatureEASE(50.0)]
    model = ColdStartRecommender(both, min_buyers=2, share=0.5).fit(log_of(LINES), described())
    assert set(model.ndcg_) == {"FeatureEASE 1", "FeatureEASE 2"}
    assert model.best_.regularization == (5.0 if model.choice_ == "FeatureEASE 1" else 50.0)
    assert not hasattr(both[0], "weights_")


def test_parameters_of_candidates_are_checked_first():
    with pytest.raises(DataError, match="FeatureEASE: regularization must be"):
        ColdStartRecommender([FeatureEASE(-1.0)]).fit(log_of(LINES), described())


def test_new_items_of_a_gift_shop_find_their_customers(online_retail, online_retail_lines):
    goods = online_retail_lines[online_retail_lines["StockCode"].str.match(r"^\d{5}")]
    text = goods.groupby("StockCode")["Description"].first().reset_index()
    known = Popularity().fit(online_retail, text, as_of="2011-10-01")._known()
    catalogue = aligned(read_catalogue(text, "StockCode", "Test"), known.items, "Test")
    often = np.flatnonzero(buyers(known) >= 20)
    cold = np.random.default_rng(0).permutation(often)[: len(often) // 10]
    models = [FeatureEASE(), MappedFactors(64), ContentRecommender()]
    single = {type(model).__name__: cold_ndcg(model, known, catalogue, cold) for model in models}
    assert min(single.values()) > 0.28
    chosen = cold_ndcg(ColdStartRecommender(models), known, catalogue, cold)
    assert chosen >= max(single.values()) - 0.01
    mixture = WeightedHybrid([FeatureEASE(), MappedFactors(), ContentRecommender()], [1, 1, 1])
    assert cold_ndcg(mixture, known, catalogue, cold) > 1.02 * max(single.values())
