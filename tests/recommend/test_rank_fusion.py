"""RankFusion: places by hand, refusals."""

import numpy as np
import pytest

from crmkit.exceptions import DataError
from crmkit.recommend import EASE, ItemKNN, MarketBasket, Popularity, RankFusion
from crmkit.recommend._rank_fusion import add_reciprocal_ranks
from tests.recommend._seasons import log_of, purchases


def test_places_by_hand():
    total = np.zeros((1, 4), dtype=np.float32)
    add_reciprocal_ranks(total, np.array([[5.0, -np.inf, 7.0, 5.0]], dtype=np.float32), 1.0, 0.5)
    np.testing.assert_allclose(total, [[0.5 / 3, 0, 0.5 / 2, 0.5 / 4]], rtol=1e-6)


def test_one_member_ranks_as_it_does_alone():
    log = log_of(purchases())
    alone = EASE().fit(log).recommend(n=5)
    fused = RankFusion([EASE(), Popularity()], weights=(1, 0)).fit(log).recommend(n=5)
    assert fused["item"].tolist() == alone["item"].tolist()


def test_both_members_count():
    log = log_of(purchases())
    members = [EASE(), ItemKNN()]
    pair = [("c3", "i03")]
    model = RankFusion(members, k=0.0).fit(log)
    ranks = []
    for member in model.members_:
        asked = model._ask(["c3"], None, None)
        ((_, histories),) = asked.blocks()
        scores = member._scores(histories)[0]
        place = np.searchsorted(model.items_, "i03")
        better = (scores > scores[place]) | (
            (scores == scores[place]) & (np.arange(len(scores)) < place)
        )
        ranks.append(better.sum() + 1)
    assert model.predict(pair) == pytest.approx([0.5 / ranks[0] + 0.5 / ranks[1]], rel=1e-6)


def test_what_no_member_names_is_no_candidate():
    log = log_of(purchases(n=300))
    fused = RankFusion([ItemKNN(k=2), MarketBasket(only_rules=True)]).fit(log)
    asked = fused._ask(None, None, None)
    none, n_rows = 0, 0
    for _, histories in asked.blocks():
        there = [member._scores(histories) > -np.inf for member in fused.members_]
        scores = fused._scores(histories)
        np.testing.assert_array_equal(scores > -np.inf, there[0] | there[1])
        none, n_rows = none + int((~(there[0] | there[1])).sum()), n_rows + len(histories)
    assert none > n_rows  # it does happen
    made = fused.recommend(n=100)
    assert made["score"].min() > 0.0


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"members": []}, "members must be a list"),
        ({"members": [EASE()], "k": -1}, "k must be"),
        (
            {"members": [EASE()], "weights": [1, 1]},
            "RankFusion: weights must be None or one number of at least 0 for each of 1",
        ),
    ],
)
def test_parameters_without_meaning_are_refused(given, text):
    with pytest.raises(DataError, match=text):
        RankFusion(**given).fit(log_of(purchases()))
