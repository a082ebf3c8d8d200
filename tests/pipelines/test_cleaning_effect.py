"""CleaningEffect by hand: two records of one person, and what is told of them."""

import numpy as np
import pandas as pd
import pytest

import crmkit as ck
from crmkit.pipelines import CleaningEffect
from crmkit.pipelines._cleaning_effect import (
    against,
    best_of,
    effect_of,
    person_by_person,
    person_of,
    summary,
)
from crmkit.pipelines._customer_people import People

WHO = People(np.array(["a1", "a2", "b"]), np.array(["a1", "a1", "b"]), "id")


def values(**clv):
    frequency = [0 if name == "a2" else 2 for name in clv]
    return pd.DataFrame({"clv": list(clv.values()), "frequency": frequency}, index=list(clv))


def test_a_person_alone_is_a_person():
    assert person_of(WHO, pd.Index(["b", "a2", "x"])).tolist() == ["b", "a1", "x"]


def test_long_numbers_are_not_rounded_where_somebody_has_no_record():
    a1, a2, b, alone = (2**53 + odd for odd in (1, 3, 5, 7))
    who = People(np.array([a1, a2, b]), np.array([a1, a1, b]), "id")
    ids = pd.Index([b, a2, alone])
    assert person_of(who, ids).tolist() == [b, a1, alone]
    assert ids.tolist() == [b, a2, alone]
    listed = pd.DataFrame({"clv": [1.0, 2.0, 4.0, 8.0]}, index=[a1, a2, b, alone])
    cleaned = pd.DataFrame({"clv": [3.0, 4.0, 8.0]}, index=[a1, b, alone])
    found = person_by_person(listed, cleaned, who, "id")
    assert found["value_as_listed"].tolist() == [2.0, 4.0, 8.0]
    assert found["n_records"].tolist() == [2, 1, 0]


def test_numbers_of_a_list():
    found = summary(values(a1=10.0, a2=2.0, b=6.0))
    assert found == {
        "customers": 3.0,
        "bought_once": pytest.approx(1 / 3),
        "value": 18.0,
        "mean_value": 6.0,
        "value_of_best": 10.0,
    }
    assert best_of(pd.Series([1.0, 5.0, 3.0]), 2).tolist() == [5.0, 3.0]


def test_person_by_person():
    listed, cleaned = values(a1=10.0, a2=2.0, b=6.0), values(a1=15.0, b=5.0)
    found = person_by_person(listed, cleaned, WHO, "id")
    assert found["n_records"].tolist() == [2, 1]
    assert found["value_as_listed"].tolist() == [10.0, 6.0]
    assert found["share_seen"].tolist() == pytest.approx([10 / 15, 6 / 5])
    assert found["change"].tolist() == [3.0, -1.0]


def test_against_the_truth():
    true = values(p=15.0, q=5.0)
    found = against(values(a1=10.0, a2=2.0, b=6.0), pd.Index(["p", "p", "q"]), true)
    assert found == {"error": pytest.approx((5 + 1) / 2), "found": 1.0}
    turned = against(values(a1=1.0, b=6.0), pd.Index(["p", "q"]), true)
    assert turned["found"] == 0.0


def test_the_whole_and_its_words():
    frame = pd.DataFrame(
        {"id": ["a1", "a2", "b"], "timestamp": pd.Timestamp("2024-01-01"), "amount": 1.0}
    )
    log = ck.EventLog(frame, customer="id")
    listed = values(a1=10.0, a2=2.0, b=6.0).rename_axis("id").reset_index()
    cleaned = values(a1=15.0, b=5.0).rename_axis("id").reset_index()
    lists = {"as listed": (log, listed), "cleaned": (log, cleaned)}
    effect = effect_of(lists, WHO, None, log)
    assert isinstance(effect, CleaningEffect)
    assert effect.people.columns.tolist() == [
        "id", "n_records", "value", "value_as_listed", "share_seen", "change",
    ]  # fmt: skip
    assert str(effect).startswith("3 customers as listed are 2 people.\nBought once: 33% as")
    assert "1 person has several records; of the value 67% is seen" in effect.text
    assert "By the truth" not in effect.text
    both = People(np.array(["a1", "a2", "b", "b2"]), np.array(["a1", "a1", "b", "b"]), "id")
    assert "2 people have several records; of their value" in effect_of(lists, both, None, log).text
    lists["by the truth"] = (log, cleaned)
    told = effect_of(lists, WHO, WHO, log)
    assert "cleaned is off by 0.00 a person and finds 100% of the best tenth" in told.text
    assert repr(told) == "<CleaningEffect: 3 customers as listed, 2 cleaned, 2 by the truth>"


def test_the_card_shows_the_lists():
    lists = pd.DataFrame({"customers": [3.0, 2.0]}, index=["as listed", "cleaned"])
    page = CleaningEffect(lists, pd.DataFrame(), "3 customers are 2 people.")._repr_html_()
    assert page.index("as listed</td>") < page.index("cleaned</td>") < page.index("are 2 people")
