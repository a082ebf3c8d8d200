"""BuyAgain: weights by hand, rhythm, popularity as a tie-break, what follows what was bought."""

import numpy as np
import pandas as pd
import pytest

from crmkit import EventLog
from crmkit.exceptions import DataError
from crmkit.recommend import BuyAgain

ROWS = [
    *[("ann", "tea", day) for day in (0, 10, 20)],
    *[("ann", "oil", 20), ("ann", "jam", 20), ("bob", "jam", 20), ("bob", "rye", 20)],
]


def log(rows=ROWS):
    frame = pd.DataFrame(rows, columns=["who", "what", "day"])
    frame["when"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(frame["day"], unit="D")
    return EventLog(frame, customer="who", when="when", amount=None, item="what")


def scores(model, **kwargs):
    offers = model.fit(log()).recommend(["ann"], **kwargs)
    return dict(zip(offers["what"], offers["score"], strict=True))


def test_weights_by_hand():
    found = scores(BuyAgain("10D", only_bought=True, popularity=0.0))
    assert found["tea"] == pytest.approx(1.75, abs=2e-3)
    assert found["oil"] == pytest.approx(1.0, abs=2e-3)
    assert found["jam"] - found["oil"] > 0  # jam sells better: a thousandth decides
    assert list(found) == ["tea", "jam", "oil"]
    plain = scores(BuyAgain(None, only_bought=True, popularity=0.0))
    assert plain["tea"] == pytest.approx(3.0, abs=2e-3)
    assert scores(BuyAgain(np.inf)) == scores(BuyAgain(None))


def test_what_sells_of_late_counts_more():
    # sales of late with a half-life of 14 days: tea 1 + 2 ** (-10/14) + 2 ** (-20/14), jam 2, oil 1
    tea = 1 + 0.5 ** (10 / 14) + 0.5 ** (20 / 14)
    plain, found = (
        scores(BuyAgain(None, only_bought=True, popularity=weight)) for weight in (0.0, 2.0)
    )
    assert 1.9 < tea < 2.0  # so that jam is the best seller of late
    for item, weight in {"tea": tea / 2.0, "jam": 1.0, "oil": 0.5}.items():
        assert found[item] == pytest.approx(round(plain[item]) * (1 + 2 * weight), abs=2e-3)


def test_popularity_outweighs_habits_only_so_far():
    rows = [*[("ann", "mine", day) for day in (0, 30, 60, 90)], ("ann", "hit", 5)]
    rows += [(f"c{i}", "hit", 88) for i in range(50)]
    orders = {
        weight: BuyAgain(None, popularity=weight).fit(log(rows)).recommend(["ann"])["what"].tolist()
        for weight in (0.0, 2.0, 5.0)
    }
    assert orders == {0.0: ["mine", "hit"], 2.0: ["mine", "hit"], 5.0: ["hit", "mine"]}


def test_what_sells_follows_and_says_so():
    offers = BuyAgain().fit(log()).recommend(["ann"], explain=True)
    assert offers["what"].tolist() == ["tea", "jam", "oil", "rye"]
    assert offers["source"].tolist() == ["model"] * 3 + ["popular"]
    assert offers["reason"].tolist()[0] == "bought on 3 days, last 1 day ago"
    assert offers["reason"].tolist()[3] == "popular with other customers"
    assert "rye" not in scores(BuyAgain(only_bought=True))


def test_an_overdue_item_fades_with_rhythm():
    # a mean gap of 10 days: on 2024-03-20 the pause is 60 days, 6 gaps, 4 beyond the grace
    late = {"as_of": "2024-03-21"}
    plain, rhythm = (
        scores(BuyAgain(None, rhythm=flag, only_bought=True), **late) for flag in (False, True)
    )
    assert rhythm["tea"] == pytest.approx(plain["tea"] / 2, abs=2e-3)
    assert rhythm["oil"] == plain["oil"]  # bought once: no rhythm
    soon = {"as_of": "2024-02-10"}  # 20 days of pause: two gaps
    assert scores(BuyAgain(None, rhythm=True), **soon) == scores(BuyAgain(None), **soon)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"half_life": 0}, "half_life must be above 0, got 0. None is no decay"),
        ({"half_life": "5 moons"}, "half_life must be a finite number"),
        ({"half_life": "2M"}, "cannot be told in 'D'"),
        ({"half_life": -1}, "half_life must be a finite number"),
        ({"rhythm": "yes"}, "rhythm must be True or False, got 'yes'"),
        ({"only_bought": 1}, "only_bought must be True or False, got 1"),
        ({"popularity": -1}, "popularity must be a finite number of at least 0.0, got -1"),
    ],
)
def test_parameters_are_checked_in_fit(arguments, text):
    with pytest.raises(DataError, match=f"BuyAgain: .*{text}"):
        BuyAgain(**arguments).fit(log())


@pytest.mark.parametrize("as_of", [None, "2024-06-01", "2026-01-01"])
def test_what_was_bought_long_ago_still_stands_before_best_sellers(as_of):
    rows = [("ann", "old", 0), *[(f"c{i}", "best", 90) for i in range(20)]]
    offers = BuyAgain("3D").fit(log(rows)).recommend(["ann"], as_of=as_of)
    assert offers["what"].tolist() == ["old", "best"]
    assert offers["source"].tolist() == ["model", "popular"]


def test_an_item_that_only_a_given_history_holds_is_bought_again():
    items = pd.DataFrame({"what": ["tea", "new"]})
    basket = pd.DataFrame({"who": ["eve"], "what": ["new"]})
    offers = BuyAgain(only_bought=True).fit(log(), items).recommend(history=basket)
    assert offers["what"].tolist() == ["new"]
