"""scale.recommend: the offers of the local call, from the fit and from histories in Spark."""

import numpy as np
import pandas as pd
import pytest

import crmkit as ck
from crmkit import scale
from crmkit.exceptions import DataError, DataWarning
from crmkit.recommend import EASE, BuyAgain, ItemKNN, Popularity
from tests.contracts.spark_session import to_spark


@pytest.fixture(scope="module")
def lines():
    """Purchases of 60 customers, whose number tells which half of 30 items they like."""
    random = np.random.default_rng(0)
    who = random.integers(0, 60, 900)
    item = random.integers(0, 15, 900) + 15 * (who % 2) * (random.random(900) < 0.9)
    day = pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 200, 900), "D")
    return pd.DataFrame({"who": who + 2**40, "item": item, "day": day, "paid": 1.0})


def log_of(frame):
    return ck.EventLog(frame, customer="who", when="day", amount="paid", item="item")


def sorted_offers(frame):
    table = frame if isinstance(frame, pd.DataFrame) else frame.toArrow().to_pandas()
    return table.sort_values(["who", "rank"], ignore_index=True)


def test_offers_from_the_fit(spark, lines):
    model = EASE().fit(log_of(lines))
    asked = to_spark(lines[["who"]].drop_duplicates().head(20))
    found = scale.recommend(model, asked, n=3, explain=True, deny=[0, 1])
    local = model.recommend(lines["who"].unique()[:20], n=3, explain=True, deny=[0, 1])
    pd.testing.assert_frame_equal(
        sorted_offers(found), sorted_offers(local), check_dtype=False, rtol=1e-6
    )


@pytest.mark.parametrize("exclude_seen", [True, False])
def test_offers_from_histories_in_spark(spark, lines, exclude_seen):
    model = EASE().fit(log_of(lines[lines["who"] < 2**40 + 30]))
    later = lines[lines["who"] >= 2**40 + 20].assign(day=lines["day"] + pd.Timedelta("1D"))
    found = scale.recommend(
        model, n=4, history=log_of(to_spark(later)), exclude_seen=exclude_seen, groups=3
    )
    local = model.recommend(n=4, history=log_of(later), exclude_seen=exclude_seen)
    pd.testing.assert_frame_equal(
        sorted_offers(found), sorted_offers(local), check_dtype=False, rtol=1e-6
    )


def test_customers_without_events_are_served_too_each_once(spark, lines):
    model = Popularity().fit(log_of(lines))
    asked = to_spark(pd.DataFrame({"who": [7, 7, 2**40]}))
    found = scale.recommend(model, asked, n=2, history=to_spark(lines), groups=2)
    table = sorted_offers(found)
    assert table["who"].tolist() == [7, 7, 2**40, 2**40]
    assert table["source"].tolist()[:2] == ["popular", "popular"]


def test_refusals(spark, lines):
    model = EASE().fit(log_of(lines))
    with pytest.raises(DataError, match="say whom to serve"):
        scale.recommend(model)
    with pytest.raises(DataError, match="a recommender is needed, got str"):
        scale.recommend("EASE")
    with pytest.raises(DataError, match="allow goes to every worker"):
        scale.recommend(model, to_spark(lines[["who"]]), allow=to_spark(lines[["item"]]))
    with pytest.raises(DataError, match="customers must be a Spark data frame, got pandas"):
        scale.recommend(model, lines)
    with pytest.raises(DataError, match="groups must be a whole number of at least 1"):
        scale.recommend(model, to_spark(lines[["who"]]), groups=0)


NAMES = {"who": "the.who", "item": "item no.", "day": "on", "paid": "paid.net"}


def with_dots(frame, **settings):
    named = frame.rename(columns=NAMES) if isinstance(frame, pd.DataFrame) else frame
    columns = {"customer": NAMES["who"], "when": NAMES["day"], "amount": NAMES["paid"]}
    return ck.EventLog(named, **columns, item=NAMES["item"], **settings)


@pytest.mark.parametrize("make", [Popularity, BuyAgain, ItemKNN])
def test_as_locally_with_returns_missing_items_and_any_name(spark, lines, make):
    odd = lines.copy()
    odd.loc[odd["who"] == 2**40 + 3, "paid"] = -1.0  # who only ever sends back
    odd["item"] = odd["item"].astype("Int64").where(odd.index % 40 != 0)
    log = with_dots(odd)
    told = with_dots(to_spark(odd.rename(columns=NAMES)).repartition(3))
    with pytest.warns(DataWarning, match=r"have no 'item no\.'"):
        model = make().fit(with_dots(odd[odd["who"] < 2**40 + 40]), as_of="2024-04-01")
    with pytest.warns(DataWarning, match=r"have no 'item no\.'"):
        local = model.recommend(n=4, history=log, as_of="2024-06-01", explain=True)
    found = scale.recommend(model, n=4, history=told, as_of="2024-06-01", explain=True, groups=4)
    by = ["the.who", "rank"]
    pd.testing.assert_frame_equal(
        found.toArrow().to_pandas().sort_values(by, ignore_index=True),
        local.sort_values(by, ignore_index=True),
        check_dtype=False,
        rtol=1e-6,
    )


def test_a_history_stays_where_it_is(spark, lines, monkeypatch):
    from pyspark.sql.classic.dataframe import DataFrame

    model, history, fetched = EASE().fit(log_of(lines)), to_spark(lines), []
    fetch = DataFrame.toArrow

    def counted(frame):
        table = fetch(frame)
        fetched.append(table.num_rows)
        return table

    monkeypatch.setattr(DataFrame, "toArrow", counted)
    scale.recommend(model, n=2, history=history)
    assert fetched
    assert max(fetched) == 1  # counts, and whether there is a row


def test_ids_of_another_kind_are_refused_at_once(spark, lines):
    model = EASE().fit(log_of(lines))
    text = lines.astype({"who": str})
    match = "recommend: 'who' is string, but the model was fitted with whole numbers"
    with pytest.raises(DataError, match=match):
        scale.recommend(model, to_spark(text[["who"]]))
    with pytest.raises(DataError, match=match):
        scale.recommend(model, history=log_of(to_spark(text)))
    with pytest.raises(DataError, match="'item' is string, but the model was fitted with whole"):
        scale.recommend(model, history=log_of(to_spark(lines.astype({"item": str}))))
