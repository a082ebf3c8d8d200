"""The part of the whole job about offers: names, bundles, tests, with what they refuse."""

import warnings

import pandas as pd
import pytest

from crmkit import EventLog
from crmkit.exceptions import ConvergenceWarning, DataError, DataWarning
from crmkit.pipelines import CustomerValuePipeline, _customer_offers
from crmkit.recommend import BuyAgain, MarketBasket
from crmkit.report import _offers_job
from crmkit.report._offers_job import (
    OffersJob,
    bundles_of,
    items_of,
    offers_content,
    recommender_of,
)
from tests.pipelines._quick import shop
from tests.pipelines._shop_of_items import shop_of_items

FRAME = shop_of_items()
LOG = EventLog(FRAME, item="item")
CUTOFF = LOG.cutoff("2024-10-20")


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(_customer_offers, "HybridRecommender", lambda *_, **__: BuyAgain())


def fitted(log=LOG, cutoff=CUTOFF, recommender="auto"):
    made = CustomerValuePipeline(churn=None, recommender=recommender)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", DataWarning)
        return made, made.fit_transform(log, as_of=cutoff)


def told(log=LOG, cutoff=CUTOFF, check=True, recommender="auto"):
    said = []
    pipe, customers = fitted(log, cutoff, recommender)
    made = offers_content(pipe, log, customers, cutoff, check, None, said.append)
    return made, said


def test_words_of_the_command_are_those_of_the_pipeline():
    assert recommender_of(None) is None
    assert [recommender_of(OffersJob(m)) for m in ("both", "explore", "repeat")] == [
        "auto",
        "explore",
        "repeat",
    ]
    with pytest.raises(DataError, match="--offers-mode must be one of"):
        recommender_of(OffersJob("new"))


def test_offers_are_tested_where_the_log_allows_it():
    made, said = told()
    assert made.check.tables == ("all purchases",)
    assert made.check.cutoffs[0] == pd.Timestamp("2024-09-20")
    assert said == ["learnt what to offer of 40 items", "checked the offers on past data"]
    assert made.bundles is not None
    untested, said = told(check=False)
    assert untested.check is None
    assert said == ["learnt what to offer of 40 items"]


def test_a_log_too_short_for_a_test_is_said():
    early = LOG.cutoff(LOG.first_event.date() + pd.Timedelta("29D"))
    made, said = told(cutoff=early)
    assert made.check is None
    assert made.check_note.startswith("the log does not allow a test of the offers (offers_holdou")
    assert said[1] == f"no check: {made.check_note}"


def test_what_cannot_be_learnt_is_said():
    log = EventLog(FRAME.rename(columns={"item": "score"}), item="score")
    made, said = told(log)
    assert made.recommender is None
    assert "called like one of the answer" in made.note
    assert said == ["offers cannot be learnt from this log"]


def test_no_items_or_no_offers_no_content():
    assert told(EventLog(shop()))[0] is None
    assert told(recommender=None)[0] is None


def test_bundles_are_those_of_the_market_baskets():
    pairs = pd.DataFrame(
        [
            (f"c{i % 9}", pd.Timestamp("2024-01-01") + pd.Timedelta(days=i), f"o{i}", item, 1.0)
            for i in range(60)
            for item in (("cup", "pot") if i % 2 else ("tea",))
        ],
        columns=["customer_id", "timestamp", "order", "item", "amount"],
    )
    log = EventLog(pairs, order="order", item="item")
    pipe, _ = fitted(log, log.cutoff())
    (best,), basket = bundles_of(pipe, log, log.cutoff())
    assert (best.name, best.n_baskets, best.support, best.lift) == ("cup + pot", 30, 0.5, 2.0)
    assert basket == "order"


def test_too_many_bundles_are_left_out(monkeypatch):
    class Refusing(MarketBasket):
        def fit(self, *_, **__):
            raise DataError("MarketBasket: too many.")

    monkeypatch.setattr(_offers_job, "MarketBasket", Refusing)
    pipe, _ = fitted()
    assert bundles_of(pipe, LOG, CUTOFF) == (None, "")


def test_names_by_hand():
    frame = FRAME.head(8).assign(
        item=[1, 1, 1, 2, 2, 3, 4, 5],
        what=["a  tea", "a tea", "b", "soap", None, "soap", " ", None],
    )
    log = EventLog(frame, item="item")
    made = items_of(OffersJob(item_text="what"), log)
    assert made.to_dict("list") == {"item": [1, 2, 3], "name": ["a tea", "soap (2)", "soap (3)"]}
    assert items_of(OffersJob(), log) is None
    assert items_of(None, log) is None


def test_an_item_column_called_name_keeps_its_name():
    frame = FRAME.head(4).assign(name=["x", "y", "x", "z"], what=["p", "q", "p", "r"])
    made = items_of(OffersJob(item_text="what"), EventLog(frame, item="name"))
    assert made.to_dict("list") == {"name": ["x", "y", "z"], "text": ["p", "q", "r"]}


@pytest.mark.parametrize(
    ("log", "text", "match"),
    [
        (LOG, "itm", r"--item-text='item'"),
        (EventLog(shop()), "amount", "--item-text names products: say which column has their ids"),
    ],
)
def test_names_that_are_not_there_are_refused(log, text, match):
    with pytest.raises(DataError, match=match):
        items_of(OffersJob(item_text=text), log)
