"""ValueWeighting: expected values by hand, where values come from, what scores are not."""

import numpy as np
import pandas as pd
import pytest

from crmkit.exceptions import DataError, DataWarning
from crmkit.recommend import ValueWeighting
from tests.recommend._reranking import by_customer, candidates, fit
from tests.recommend.contract.shop import catalogue, lines, log_of

PRICE = dict(zip(catalogue()["what"], catalogue()["price"], strict=True))


@pytest.mark.parametrize("strength", [0.3, 1.0])
def test_brute_force_agrees(strength):
    frame = candidates(6)
    weighting = ValueWeighting(strength, value="price", chance=[0.2, 0.1, 0.1, 0.05])
    with pytest.warns(DataWarning, match=r"1 of 24 sold items have no value and get the median"):
        made = by_customer(fit(weighting).rerank(frame))
    mean, middle = np.mean(list(PRICE.values())), np.median(list(PRICE.values()))
    for who, own in frame.groupby("who"):
        chance = [0.2, 0.1, 0.1, *[0.05] * 20]
        key = [
            chance[place] * ((1 - strength) + strength * PRICE.get(item, middle) / mean)
            for place, item in enumerate(own["what"])
        ]
        order = np.argsort(-np.round(key, 9), kind="stable")
        assert made[who] == own["what"].iloc[order].tolist()


def shop(margins):
    frame = pd.DataFrame(
        [("ann", "a", 10.0, 1), ("ann", "a", 20.0, 2), ("bob", "b", 6.0, 3), ("bob", "b", -6.0, 4)],
        columns=["who", "what", "amount", "order"],
    ).assign(when=pd.Timestamp("2024-01-01"))
    items = pd.DataFrame({"what": list(margins), "margin": list(margins.values())})
    return log_of(frame), items


def test_values_from_the_log_are_money_of_an_order():
    log, _ = shop({"a": 1.0})
    assert ValueWeighting().fit(log).values_.tolist() == [15.0, 6.0]


def test_a_loss_goes_to_the_end_and_places_count():
    log, items = shop({"a": -1.0, "b": 4.0, "c": 5.0})
    offers = pd.DataFrame({"who": "n", "what": list("abc"), "score": [3.0, 2.0, 1.0]})

    def order(weighting):
        return weighting.fit(log, items).rerank(offers)["what"].tolist()

    assert order(ValueWeighting(1.0, value="margin")) == ["b", "c", "a"]  # 4/2, 5/3, -1
    assert order(ValueWeighting(1.0, value="margin", chance=[0.1])) == ["c", "b", "a"]
    assert order(ValueWeighting(0.0, value="margin", chance=[0.1])) == ["a", "b", "c"]


def test_probabilities_are_taken_as_they_are_and_other_scores_refused():
    log, items = shop({"a": 1.0, "b": 4.0})
    offers = pd.DataFrame({"who": "n", "what": ["a", "b"], "score": [0.9, 0.3]})
    weighting = ValueWeighting(1.0, value="margin", chance="score").fit(log, items)
    assert weighting.rerank(offers)["what"].tolist() == ["b", "a"]
    assert weighting.rerank(offers.assign(score=[0.9, 0.2]))["what"].tolist() == ["a", "b"]
    with pytest.raises(DataError, match=r"needs probabilities from 0 to 1, but 1 scores are other"):
        weighting.rerank(offers.assign(score=[1.9, 0.2]))


@pytest.mark.parametrize("chance", ["rank", [], [0.1, 0.2], [1.5], [-0.1], [np.nan], 3.0, ["a"]])
def test_chances_without_meaning(chance):
    with pytest.raises(DataError, match="ValueWeighting: chance"):
        fit(ValueWeighting(chance=chance))


def test_values_are_asked_for():
    log, items = shop({"a": -1.0, "b": 1.0})
    with pytest.raises(DataError, match="the mean value of 2 items is 0; it must be above 0"):
        ValueWeighting(value="margin").fit(log, items)
    with pytest.raises(DataError, match="Did you mean value='margin'"):
        ValueWeighting(value="magrin").fit(log, items)
    with pytest.raises(DataError, match="value='margin' is a column of the items"):
        ValueWeighting(value="margin").fit(log)
    with pytest.raises(DataError, match="'name' holds words, not numbers"):
        ValueWeighting(value="name").fit(log_of(lines()), catalogue())
    with pytest.raises(DataError, match="the log has no money"):
        ValueWeighting().fit(log_of(lines(), amount=None))
