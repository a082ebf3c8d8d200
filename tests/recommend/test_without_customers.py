"""Recommenders without customers: equal answers to strangers, and nobody left inside."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import clone

import crmkit as ck
from crmkit import recommend
from crmkit._model_types import parts_of
from crmkit.exceptions import DataError
from crmkit.recommend._dual_ease import DualEASE
from crmkit.recommend._without_customers import purchases_of_nobody
from tests.recommend.contract import shop
from tests.recommend.contract.models import MODELS

N = 37
"""Customers: a number that no other length in a model has."""
NEEDING = {"UserKNN", "RankFusion"}
HYBRID = recommend.HybridRecommender("both", horizon="20D", n_trees=0)


def frame():
    made = shop.lines(n=900)
    kept = made["who"].isin([f"c{100 + place}" for place in range(N)])
    return made[kept].assign(who=lambda f: f["who"].str.replace("c", "zqmarker"))


@pytest.fixture(scope="module")
def log():
    return shop.log_of(frame())


@pytest.fixture(scope="module")
def strangers():
    made = shop.lines(seed=3, n=60)
    return shop.log_of(made.assign(who=made["who"].str.replace("c", "s")))


def fitted(model, log):
    return clone(model).fit(log, shop.catalogue(), as_of=shop.AS_OF)


@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_strangers_get_the_same_offers(model, log, strangers):
    model = fitted(model, log)
    if type(model).__name__ in NEEDING:
        with pytest.raises(DataError, match="UserKNN scores by the purchases of single customers"):
            model.without_customers()
        return
    bare = model.without_customers()
    before, after = (
        each.recommend(history=strangers, n=5, explain=True, as_of="2024-08-01")
        for each in (model, bare)
    )
    told = before["reason"].str.startswith("goes with")
    pd.testing.assert_frame_equal(before.drop(columns="reason"), after.drop(columns="reason"))
    pd.testing.assert_series_equal(before["reason"][~told], after["reason"][~told])
    assert set(after["reason"][told]) <= {"fits what you bought"}


@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_nobody_is_left_inside(model, log):
    model = fitted(model, log)
    if type(model).__name__ in NEEDING:
        return
    n_lines = len(model.purchases_["item"])
    assert (len(model.customers_), n_lines > 100) == (N, True)
    for part in parts_of(model.without_customers()):
        shape = part.shape if isinstance(part, np.ndarray) or sparse.issparse(part) else ()
        assert not {N, n_lines} & set(shape), shape
        if isinstance(part, np.ndarray) and part.dtype.kind in "UO":
            assert not any("zqmarker" in str(value) for value in part.ravel())
    assert len(model.customers_) == N, "the model it was made of is as it was"
    assert len(model.purchases_["item"]) == n_lines


def test_an_unknown_customer_gets_what_is_popular(log):
    bare = fitted(recommend.EASE(5.0), log).without_customers()
    offers = bare.recommend(["zqmarker101"], n=2)
    assert offers["source"].tolist() == ["popular", "popular"]


def test_ids_of_another_type_are_no_fault_where_nobody_is_known(log):
    bare = fitted(recommend.EASE(5.0), log).without_customers()
    assert bare.recommend([7], n=1)["who"].tolist() in ([7], ["7"])


def test_what_needs_customers_says_so(log):
    bare = fitted(recommend.Popularity(), log).without_customers()
    with pytest.raises(DataError, match=r"holds no customers.*history="):
        bare.recommend()
    with pytest.raises(DataError, match=r"what goes together is told by common customers"):
        bare.similar_items()


@pytest.mark.parametrize(
    "model",
    [
        DualEASE(5.0),
        recommend.SwitchingHybrid([DualEASE(5.0), recommend.BuyAgain()], least=(0, 8)),
        recommend.RerankedRecommender(recommend.EASE(5.0), [recommend.MMR(by="purchases")]),
    ],
    ids=repr,
)
def test_models_of_customers_are_refused(model, log):
    model = fitted(model, log)
    with pytest.raises(DataError, match="cannot do without"):
        model.without_customers()


@pytest.mark.parametrize(
    "steps",
    [
        [recommend.MMR(0.3, by="features")],
        [recommend.CalibratedMix(0.5, "group")],
        [recommend.LongTailBoost(), recommend.ColdItemQuota()],
    ],
    ids=repr,
)
def test_rerankers_lose_their_customers_too(steps, log, strangers):
    model = fitted(recommend.RerankedRecommender(recommend.EASE(5.0), steps), log)
    bare = model.without_customers()
    before, after = (
        each.recommend(history=strangers, n=5, as_of="2024-08-01") for each in (model, bare)
    )
    pd.testing.assert_frame_equal(before, after)
    for part in parts_of(bare):
        if isinstance(part, np.ndarray) or sparse.issparse(part):
            assert N not in part.shape


def test_nothing_is_left_of_purchases():
    own = {
        "customers": np.asarray(["a"]), "items": np.asarray(["x", "y"]), "last_day": 3,
        "customer": np.zeros(2, np.int32), "item": np.arange(2, dtype=np.int32),
        "day": np.ones(2, np.int32), "orders": np.ones(2, np.int32), "amount": np.ones(2),
    }  # fmt: skip
    bare = purchases_of_nobody(own)
    assert {name: len(bare[name]) for name in own if name != "last_day"} == {
        "customers": 0, "items": 2, "customer": 0, "item": 0, "day": 0, "orders": 0, "amount": 0,
    }  # fmt: skip
    assert len(own["customers"]) == 1


def test_a_model_without_customers_is_saved_without_further_words(log, strangers, tmp_path):
    pytest.importorskip("skops", reason="saving needs the extra 'service'")
    model = fitted(HYBRID, log)
    with pytest.raises(DataError, match="holds data of single customers"):
        ck.io.save(model, tmp_path / "m")
    bare = model.without_customers()
    loaded = ck.io.load(ck.io.save(bare, tmp_path / "m"))
    assert ck.io.read_manifest(tmp_path / "m")["customers"] == []
    wanted = bare.recommend(history=strangers, n=3, as_of="2024-08-01")
    pd.testing.assert_frame_equal(
        loaded.recommend(history=strangers, n=3, as_of="2024-08-01"), wanted
    )
