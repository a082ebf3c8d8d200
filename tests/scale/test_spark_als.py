"""SparkALS: MLlib's factors behind the interface of recommenders, as good as ALS on one machine."""

import pickle

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import crmkit as ck
from crmkit.exceptions import DataError
from crmkit.metrics import ranking_scores
from crmkit.recommend import ALS, Popularity, evaluate
from crmkit.scale import SparkALS
from crmkit.scale._als_training import purchases, ratings
from crmkit.scale._spark import no_warning_of_pandas
from tests.contracts.spark_session import to_spark


@pytest.fixture(scope="module")
def lines():
    """Purchases of 200 customers with four tastes among 60 items, over 300 days."""
    random = np.random.default_rng(0)
    who = random.integers(0, 200, 5000)
    own = random.random(5000) < 0.8
    any_item, of_taste = random.integers(0, 60, 5000), random.integers(0, 15, 5000)
    item = np.where(own, 15 * (who % 4) + of_taste, any_item)
    day = pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 300, 5000), "D")
    names = np.char.add("item ", np.char.zfill(item.astype(str), 2))
    return pd.DataFrame({"who": who + 2**40, "item": names, "day": day, "paid": 1.0})


AS_OF = "2024-09-01"


def log_of(frame):
    return ck.EventLog(frame, customer="who", when="day", amount="paid", item="item")


def small(**parameters):
    return SparkALS(n_factors=8, n_iter=8, popularity=0.0, blocks=2, **parameters)


@pytest.fixture(scope="module")
def local(spark, lines):
    return small().fit(log_of(lines), as_of=AS_OF)


@pytest.fixture(scope="module")
def fitted(spark, lines):
    returned = lines.head(3).assign(item="sent back", paid=-1.0)
    unknown = lines.head(2).assign(item=None)
    return small().fit(log_of(to_spark(pd.concat([lines, returned, unknown]))), as_of=AS_OF)


def test_quality_is_that_of_als_on_one_machine(local, fitted, lines):
    log = log_of(lines)
    peer = ALS(n_factors=8, regularization=3.0, popularity=0.0).fit(log, as_of=AS_OF)
    wanted = peer.score(log)
    assert wanted > 0.2
    assert local.score(log) > 0.85 * wanted
    assert fitted.score(log_of(to_spark(lines))) > 0.85 * wanted


def test_score_in_spark_is_that_of_the_same_model_in_memory(local, fitted, lines):
    twin = pickle.loads(pickle.dumps(local))
    twin.item_factors_, twin.gram_ = fitted.item_factors_, fitted.gram_
    assert fitted.score(log_of(to_spark(lines)), n=5) == pytest.approx(
        twin.score(log_of(lines), n=5), abs=1e-6
    )


def test_what_is_known_of_items_is_what_the_local_fit_knows(local, fitted):
    assert fitted.items_.tolist() == local.items_.tolist()
    assert "sent back" not in fitted.items_
    assert fitted.n_customers_ == local.n_customers_ == 200
    for name in ("prior_", "popularity_", "unsold_"):
        np.testing.assert_allclose(getattr(fitted, name), getattr(local, name), rtol=1e-6)
    assert fitted.as_of_ == local.as_of_


def test_strangers_have_the_factors_that_spark_gives_its_customers(spark, local, lines):
    from pyspark.ml import recommendation

    known = local._known()
    matrix = known.matrix().tocoo()
    pairs = pa.table({"u": matrix.row, "i": matrix.col, "r": np.ones(matrix.nnz)})
    with no_warning_of_pandas():
        learner = recommendation.ALS(
            rank=8, maxIter=3, regParam=0.1, alpha=1.0, implicitPrefs=True, seed=1,
            userCol="u", itemCol="i", ratingCol="r", numUserBlocks=1, numItemBlocks=1,
        )  # fmt: skip
        model = learner.fit(spark.createDataFrame(pairs))
        users, items = (
            {row["id"]: row["features"] for row in table.toArrow().to_pylist()}
            for table in (model.userFactors, model.itemFactors)
        )
    twin = pickle.loads(pickle.dumps(local))
    twin._keep_factors(np.array([items[i] for i in range(known.n_items)], dtype=np.float32))
    asked = twin._ask(None, None, None)
    _, histories = next(iter(asked.blocks()))
    wanted = np.array([users[u] for u in range(len(histories))])
    np.testing.assert_allclose(twin._customer_factors(histories), wanted, atol=1e-4)


def test_numbers_of_customers_are_distinct_and_their_own(spark, lines):
    log = log_of(to_spark(lines))
    bought = purchases(log, log.cutoff(AS_OF))
    items = np.unique(lines["item"])
    found = [
        ratings(rows, items).toArrow().to_pandas().sort_values(["u", "i"], ignore_index=True)
        for rows in (bought, bought.repartition(5))
    ]
    pd.testing.assert_frame_equal(*found)
    assert found[0]["u"].nunique() == lines.loc[lines["day"] < AS_OF, "who"].nunique()
    assert not found[0].duplicated().any()


def test_offers_in_spark_and_by_name_are_one(fitted, lines):
    asked = [2**40 + 3, 2**40, 7]
    there = fitted.recommend(to_spark(pd.DataFrame({"who": asked})), n=3, groups=2, explain=True)
    assert there.columns == ["who", "item", "score", "rank", "source", "reason"]
    table = there.toArrow().to_pandas().set_index(["who", "rank"])
    here = fitted.recommend(asked, n=3, explain=True).to_pandas()
    assert here["who"].unique().tolist() == asked
    for row in here.itertuples():
        one = table.loc[(row.who, row.rank)]
        assert (row.item, row.source, row.reason) == (one["item"], one["source"], one["reason"])
        assert row.score == pytest.approx(one["score"], rel=1e-5)
    bought = lines[lines["day"] < AS_OF].groupby("who")["item"].agg(set)
    mine = here[here["who"] == 2**40]
    assert not set(mine["item"]) & bought[2**40]
    assert mine["reason"].str.startswith("because you bought item").all()


def test_filters_hold(fitted, lines):
    asked = to_spark(lines[["who"]].head(50))
    found = fitted.recommend(asked, n=5, deny=["item 03"], stock={"item 04": 0}, groups=2)
    named = set(found.toArrow().column("item").to_pylist())
    assert len(named) > 10
    assert not named & {"item 03", "item 04"}


def test_it_serves_without_spark_once_it_was_saved(fitted, lines, tmp_path):
    saved = ck.io.load(ck.io.save(fitted, tmp_path / "als.crmkit", customers=True))
    history = lines[(lines["who"] == 2**40) & (lines["day"] < AS_OF)]
    found = saved.recommend(n=3, history=log_of(history))
    wanted = fitted.recommend([2**40], n=3)
    assert found.column("item").to_pylist() == wanted.column("item").to_pylist()


def test_items_of_one_taste_are_alike(fitted):
    found = fitted.similar_items(["item 16"], n=5)
    alike = [int(name.split()[1]) // 15 for name in found.column("similar_item").to_pylist()]
    assert alike.count(1) >= 4


def test_items_may_be_told(spark, lines):
    items = pd.DataFrame({"item": ["item 00", "never sold"], "name": ["Tea", "New"]})
    model = SparkALS(n_factors=2, n_iter=1, blocks=1)
    model.fit(log_of(to_spark(lines)), items, as_of=AS_OF)
    place = model.items_.tolist().index("never sold")
    assert model.unsold_.tolist() == [place]
    assert model.labels_[0] == "Tea"
    assert model.popularity_[place] == -np.inf
    assert not model.item_factors_[place].any()


def test_refusals(fitted, lines):
    for parameters, text in (
        ({"alpha": 1.0}, "alpha must be a finite number above 1.0"),
        ({"blocks": 0}, "blocks must be a whole number of at least 1"),
        ({"regularization": 0.0}, "regularization must be a finite number above 0.0"),
    ):
        with pytest.raises(DataError, match=text):
            SparkALS(**parameters).fit(log_of(to_spark(lines)))
    with pytest.raises(DataError, match="does not say what was bought"):
        SparkALS().fit(ck.EventLog(to_spark(lines), customer="who", when="day", amount="paid"))
    with pytest.raises(DataError, match="no customer of the fit bought a relevant item"):
        fitted.score(log_of(to_spark(lines[lines["day"] < AS_OF])))
    with pytest.raises(DataError, match="are too many to be fetched by name"):
        fitted.recommend(list(range(20_000)))


def test_offers_without_a_history_know_what_the_fit_knew(spark, fitted, lines):
    """What was bought at and after the cut-off neither shapes offers nor is left out of them."""
    alone = small().fit(log_of(to_spark(lines[lines["day"] < AS_OF])), as_of=AS_OF)
    by = ["who", "rank"]
    everybody, wanted = (
        model.recommend(n=5).toArrow().to_pandas().sort_values(by, ignore_index=True)
        for model in (fitted, alone)
    )
    pd.testing.assert_frame_equal(everybody, wanted, rtol=1e-5)
    later = set(lines.loc[lines["day"] >= AS_OF, ["who", "item"]].itertuples(index=False))
    assert later & set(everybody[["who", "item"]].itertuples(index=False))
    named = fitted.recommend([2**40 + 3], n=5).to_pandas()
    mine = wanted[wanted["who"] == 2**40 + 3]
    assert named["item"].tolist() == mine["item"].tolist()


def test_pairs_of_known_customers_are_scored_by_what_they_bought(fitted, lines):
    offers = fitted.recommend([2**40, 2**40 + 1], n=3).to_pandas()
    pairs = list(offers[["who", "item"]].itertuples(index=False, name=None))
    np.testing.assert_allclose(fitted.predict(pairs), offers["score"], rtol=1e-5)
    asked = to_spark(lines)
    np.testing.assert_allclose(
        fitted.predict(pairs, history=log_of(asked), as_of="2025-01-01"),
        fitted.predict(pairs, history=log_of(lines), as_of="2025-01-01"),
        rtol=1e-5,
    )
    with pytest.raises(DataError, match="Name those that are asked for: customers="):
        fitted.recommend_customers(["item 03"], history=log_of(asked))


def test_a_local_history_of_customers_in_spark_is_refused(fitted, lines):
    with pytest.raises(DataError, match="history must be a Spark data frame"):
        fitted.recommend(to_spark(lines[["who"]]), history=log_of(lines))
    with pytest.raises(DataError, match=r"SparkALS\.score.*must be a Spark data frame"):
        fitted.score(log_of(lines))


def test_verbose_tells_the_fit(spark, lines, caplog):
    with caplog.at_level("INFO", logger="crmkit"):
        model = small().set_params(verbose=1).fit(log_of(to_spark(lines)))
    found, learnt = (record.getMessage() for record in caplog.records)
    assert f"found {model.n_customers_} customers, {len(model.items_)} items" in found
    assert "learnt 8 factors of each item" in learnt


def test_it_is_judged_beside_others(spark, lines):
    """Ranks by MLlib are as good as those of the local model, and serve newcomers."""
    log = log_of(lines)
    peer = ALS(n_factors=8, regularization=3.0, popularity=0.0)
    found = evaluate(
        {"spark": small(), "local": peer, "popular": Popularity()}, log, 2, n=5, modes=["new"],
        n_resamples=20, n_given=3,
    )  # fmt: skip
    scores = found.new_items["ndcg"]
    assert scores["spark"] > 0.85 * scores["local"]
    assert scores["spark"] > 2.0 * scores["popular"]
    newcomers = found.strangers.loc["3", "ndcg"]
    assert newcomers["spark"] > 2.0 * newcomers["popular"]


def test_offers_in_spark_have_the_scores_of_the_same_lists_in_memory(fitted, lines):
    relevant = lines.loc[lines["day"] >= AS_OF, ["who", "item"]].drop_duplicates()
    offers = fitted.recommend(n=5)
    of_spark, of_memory = (
        ranking_scores({"als": frame}, relevant, 5, customer="who", item="item")
        for frame in (offers, offers.toArrow().to_pandas())
    )
    pd.testing.assert_frame_equal(of_spark, of_memory)


def test_names_with_dots_and_names_of_the_answer(spark, lines):
    odd = lines.rename(columns={"who": "w.ho", "item": "i.tem", "day": "d.ay"})
    named = {"customer": "w.ho", "item": "i.tem", "when": "d.ay", "amount": "paid"}
    log = ck.EventLog(to_spark(odd), **named)
    model = SparkALS(n_factors=2, n_iter=1, blocks=1).fit(log, as_of=AS_OF)
    assert model.recommend(n=2).columns[:2] == ["w.ho", "i.tem"]
    assert model.recommend(n=2).count() == model.recommend([2**40], n=2).num_rows * 200
    taken = lines.rename(columns={"item": "rank"})
    log = ck.EventLog(to_spark(taken), customer="who", item="rank", when="day", amount="paid")
    with pytest.raises(DataError, match="column 'rank' is called like one of the answer"):
        SparkALS().fit(log)


def test_without_customers_the_log_is_left(fitted, lines):
    bare = fitted.without_customers()
    assert bare._own_log() is None
    assert fitted._own_log() is not None
    assert set(bare.recommend([2**40], n=3).column("source").to_pylist()) == {"popular"}
    history = lines[(lines["who"] == 2**40) & (lines["day"] < AS_OF)]
    told = bare.recommend(history=log_of(history), n=3)
    assert told.column("item").equals(fitted.recommend([2**40], n=3).column("item"))
