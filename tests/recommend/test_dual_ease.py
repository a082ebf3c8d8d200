"""DualEASE: the scores of EASE, by hand and by the model itself, memory, reasons."""

import numpy as np
import pandas as pd
import pytest

from crmkit import EventLog
from crmkit.exceptions import DataError
from crmkit.recommend import EASE
from crmkit.recommend._dual_ease import DualEASE
from tests.recommend._seasons import items, log_of, purchases


@pytest.fixture(scope="module")
def shop():
    return log_of(purchases())


@pytest.fixture(scope="module", params=[5.0, 500.0])
def both(request, shop):
    return DualEASE(request.param).fit(shop), EASE(request.param, popularity=0.3).fit(shop)


def pairs():
    frame = purchases()
    return pd.MultiIndex.from_product(
        [sorted(set(frame["customer"]))[:70], sorted(set(frame["item"]))],
        names=["customer", "item"],
    ).to_frame(index=False)


def test_the_scores_are_those_of_ease(both):
    dual, ease = (model.predict(pairs()) for model in both)
    assert np.abs(dual - ease).max() < 1e-4 * np.abs(ease).max()


def test_weights_are_those_of_ease(both):
    dual, ease = (model._similar(np.arange(60)) for model in both)
    off = ~np.eye(60, dtype=bool)
    assert np.abs(dual - ease)[off].max() < 1e-4 * np.abs(ease[off]).max()


def test_reasons_are_those_of_ease(both):
    asked = both[0]._ask(["c3", "c4"], None, None)
    histories = asked.histories(slice(0, 2), [])
    rows, places = np.repeat([0, 1], 60), np.tile(np.arange(60), 2)
    found = []
    for model in both:
        pair, item, value = model._contributions(histories, rows, places)
        order = np.lexsort((item, pair))
        found.append((pair[order], item[order], value[order]))
    assert np.array_equal(found[0][0], found[1][0])
    assert np.array_equal(found[0][1], found[1][1])
    assert np.abs(found[0][2] - found[1][2]).max() < 1e-4 * np.abs(found[1][2]).max()


def test_reasons_add_up_to_the_score(shop):
    model = DualEASE(50.0, popularity=0.0).fit(shop)
    asked = model._ask(["c3"], None, None)
    histories = asked.histories(slice(0, 1), [])
    every = np.arange(60)
    pair, _, value = model._contributions(histories, np.zeros(60, dtype=int), every)
    sums = np.bincount(pair, weights=value, minlength=60)
    assert np.allclose(sums, model._scores(histories)[0], atol=1e-5)


def test_two_customers_by_hand():
    """X = [[1, 1], [1, 0]]: P = [[3, 1], [1, 2]]^-1, B_ab = 1 / 3, B_ba = 1 / 2."""
    frame = pd.DataFrame({"who": [1, 1, 2], "what": ["a", "b", "a"]})
    frame["when"] = pd.Timestamp("2024-01-01")
    log = EventLog(frame, customer="who", when="when", amount=None, item="what")
    model = DualEASE(1.0, popularity=0.0).fit(log)
    assert model.predict([(2, "b"), (2, "a"), (1, "a")]) == pytest.approx(
        [1 / 3, 0.0, 1 / 2], abs=1e-6
    )


def test_items_that_nobody_bought_are_no_candidates():
    frame = purchases()
    model = DualEASE().fit(log_of(frame[frame["item"] != "i07"]), items())
    offers = model.recommend(n=60)
    assert "i07" not in set(offers["item"])
    assert "i07" not in set(model.similar_items(["i08"], n=60)["similar_item"])
    assert model.similar_items(["i07"]).empty


def test_a_row_does_not_depend_on_its_block(shop):
    model = DualEASE().fit(shop)
    alone = model.recommend(["c9"])
    among = model.recommend()
    own = among[among["customer"] == "c9"].reset_index(drop=True)
    assert alone["score"].tolist() == own["score"].tolist()


def test_customers_beyond_the_memory_are_refused(shop):
    with pytest.raises(DataError, match=r"160 customers need .* GB of memory, and max_memory"):
        DualEASE(max_memory=1e-5).fit(shop)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"regularization": 0.0}, "regularization must be"),
        ({"popularity": -1.0}, "popularity must be"),
        ({"max_memory": 0.0}, "max_memory must be"),
    ],
)
def test_parameters_without_meaning_are_refused(shop, given, text):
    with pytest.raises(DataError, match=text):
        DualEASE(**given).fit(shop)
