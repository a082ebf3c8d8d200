"""SwitchingHybrid: who is served by whom, sources and reasons of the right member, refusals."""

import pandas as pd
import pytest

from crmkit.exceptions import DataError
from crmkit.recommend import EASE, Popularity, SwitchingHybrid
from tests.recommend._seasons import log_of, purchases


def shop():
    frame = purchases()
    few = frame[frame["customer"] == "c5"].drop_duplicates("item").head(2)
    return pd.concat([frame[frame["customer"] != "c5"], few])


def test_each_customer_gets_the_scores_of_his_member():
    log = log_of(shop())
    model = SwitchingHybrid([Popularity(), EASE()], least=(0, 3)).fit(log)
    for who, member in (("c5", Popularity()), ("c6", EASE())):
        own = member.fit(log).recommend([who], n=4, explain=True)
        assert (
            model.recommend([who], n=4, explain=True)
            .drop(columns="reason")
            .equals(own.drop(columns="reason"))
        )
    both = model.recommend(["c6", "c5"], n=4)
    assert set(both[both["customer"] == "c5"]["source"]) == {"popular"}
    assert set(both[both["customer"] == "c6"]["source"]) == {"model"}


def test_reasons_are_those_of_the_member():
    log = log_of(shop())
    model = SwitchingHybrid([Popularity(), EASE()], least=(1, 3)).fit(log)
    offers = model.recommend(["c5", "c6"], n=2, explain=True).set_index("customer")["reason"]
    assert set(offers["c5"]) == {"popular with other customers"}
    assert offers["c6"].str.startswith("because you bought ").all()


@pytest.mark.parametrize(
    ("least", "text"),
    [
        ((0,), "least must hold 2 whole numbers"),
        ((2, 5), "rising from 0 or 1"),
        ((0, 0), "rising from 0 or 1"),
        ((0, 2.5), "least must be a whole number"),
        (5, "least must hold 2 whole numbers"),
    ],
)
def test_parameters_without_meaning_are_refused(least, text):
    with pytest.raises(DataError, match=text):
        SwitchingHybrid([Popularity(), EASE()], least=least).fit(log_of(shop()))
