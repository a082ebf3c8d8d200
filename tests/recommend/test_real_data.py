"""Numbers on open data that the models must reach, and simple rules that they must beat."""

import numpy as np
import pandas as pd
import pytest

from crmkit import EventLog
from crmkit.recommend import (
    ALS,
    BPR,
    EASE,
    BuyAgain,
    ItemKNN,
    Popularity,
    PureSVD,
    RP3beta,
    SparseEASE,
)
from crmkit.recommend._later import mean_ndcg

CUTOFF = "2011-11-09"


@pytest.fixture(scope="module")
def films(data_folder):
    """MovieLens-100k: who rated which film, a quarter of each user's films set aside."""
    ratings = pd.read_parquet(data_folder / "recommend" / "ml100k_ratings.parquet")
    ratings = ratings[["user_id", "item_id"]].assign(when=pd.Timestamp("2024-01-01"))
    order = ratings.sample(frac=1.0, random_state=0)
    place = order.groupby("user_id").cumcount()
    size = order.groupby("user_id")["item_id"].transform("size")
    return order[place >= size * 0.25], order[place < size * 0.25]


def quality(model, train, test):
    """Mean NDCG@10 over all users of the test, films of the training only."""
    log = EventLog(train, customer="user_id", when="when", amount=None, item="item_id")
    model.fit(log)
    offers = model.recommend()
    test = test[test["item_id"].isin(model.items_)]
    relevant = test["user_id"].to_numpy(), test["item_id"].to_numpy()
    offered = tuple(offers[name].to_numpy() for name in ("user_id", "item_id", "rank"))
    return mean_ndcg(relevant, offered, 10, int(train["item_id"].max()) + 1)


def test_ease_reaches_the_published_level_on_films(films):
    assert quality(EASE(200.0), *films) >= 0.47
    assert 0.23 <= quality(Popularity(), *films) <= 0.28


def test_neighbours_of_films_stand_between(films):
    assert 0.36 <= quality(ItemKNN(k=400), *films) <= 0.46


@pytest.mark.parametrize(
    ("model", "level"),
    [
        (RP3beta(), 0.44),
        (PureSVD(32), 0.425),
        (PureSVD(16), 0.455),
        (ALS(32, 10.0, 5.0), 0.425),
        (ALS(64, 30.0, 5.0), 0.465),
        (SparseEASE(200), 0.465),
        (BPR(), 0.35),
    ],
    ids=lambda value: type(value).__name__,
)
def test_factors_and_sparse_weights_reach_their_levels_on_films(films, model, level):
    assert quality(model, *films) >= level


def test_repeat_purchases_are_foretold_by_frequency(online_retail):
    again = BuyAgain().fit(online_retail, as_of=CUTOFF).score(online_retail)
    popular = Popularity("3D")
    popular.__class__ = type("RepeatPopularity", (Popularity,), {"_excludes_seen": False})
    assert again > 0.33
    assert again > 2.0 * popular.fit(online_retail, as_of=CUTOFF).score(online_retail)


def test_new_items_are_foretold_by_ease_three_times_as_well_as_by_best_sellers(online_retail):
    ease = EASE().fit(online_retail, as_of=CUTOFF).score(online_retail)
    popular = Popularity().fit(online_retail, as_of=CUTOFF).score(online_retail)
    assert ease > 0.095
    assert ease > 2.8 * popular


def test_offers_of_real_customers_keep_all_rules(online_retail, online_retail_lines):
    model = EASE().fit(online_retail, as_of=CUTOFF)
    offers = model.recommend(n=5)
    before = online_retail_lines[online_retail_lines["InvoiceDate"] < CUTOFF]
    bought = before[before["Revenue"] >= 0][["CustomerID", "StockCode"]].drop_duplicates()
    assert len(offers.merge(bought)) == 0
    assert (offers.groupby("CustomerID").size() == 5).all()
    assert len(offers) == 5 * bought["CustomerID"].nunique()
    assert np.array_equal(model.predict(offers.iloc[:500]), offers["score"].iloc[:500])
    assert offers["CustomerID"].dtype == online_retail_lines["CustomerID"].dtype
