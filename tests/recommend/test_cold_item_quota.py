"""ColdItemQuota: reserved places by hand and by brute force, fair turns, limits."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.exceptions import DataError
from crmkit.recommend import ColdItemQuota
from crmkit.recommend._cold_item_quota import with_reserved
from tests.recommend._reranking import buyers, by_customer, candidates, fit
from tests.recommend.contract.shop import lines, log_of


def merged(is_new, places, n):
    """Places of one list by brute force: the next new one where one is due, else the next."""
    left, made = list(range(len(is_new))), []
    while left and len(made) < n:
        n_new = sum(is_new[i] for i in made)
        due = sum(p <= len(made) + 1 for p in places) > n_new
        fresh = [i for i in left if is_new[i]]
        made.append(fresh[0] if due and fresh else left[0])
        left.remove(made[-1])
    return made


@given(
    st.lists(st.booleans(), max_size=12),
    st.sets(st.integers(1, 9), max_size=5),
    st.integers(1, 12),
)
def test_brute_force_agrees(is_new, places, n):
    flags = np.array(is_new, dtype=bool)
    parts = [np.full((1, len(flags)), -1) for _ in range(2)]
    for part, of in zip(parts, (~flags, flags), strict=True):
        part[0, : of.sum()] = np.flatnonzero(of)
    made = with_reserved(*parts, np.array(sorted(places), dtype=int), n)[0]
    assert made[made >= 0].tolist() == merged(is_new, places, n)
    assert (made[: (made >= 0).sum()] >= 0).all()


def test_new_items_stand_at_reserved_places_and_others_keep_their_order():
    frame = candidates(3)
    counts = buyers()
    made = by_customer(fit(ColdItemQuota((2, 3))).rerank(frame))
    for who, own in by_customer(frame).items():
        order = merged([item not in counts for item in own], (2, 3), len(own))
        assert made[who] == [own[i] for i in order]


def test_all_places_reserved_puts_all_new_items_first():
    counts = buyers()
    made = by_customer(fit(ColdItemQuota(tuple(range(1, 30)))).rerank(candidates()))
    for own in made.values():
        new = [item not in counts for item in own]
        assert new == sorted(new, reverse=True)


def test_few_buyers_are_new_too():
    counts = buyers()
    fitted = fit(ColdItemQuota(max_buyers=5))
    assert fitted.cold_.tolist() == [counts.get(item, 0) <= 5 for item in fitted.items_]
    assert 2 < fitted.cold_.sum() < len(fitted.items_)


def offers_of_new(n_customers):
    new = [f"new{i}" for i in range(8)]
    rows = [(f"c{c}", item) for c in range(n_customers) for item in ["i10", "i11", *new]]
    frame = pd.DataFrame(rows, columns=["who", "what"])
    return frame.assign(score=np.tile(np.linspace(1.0, 0.1, 10), n_customers))


def test_every_new_item_gets_its_turn():
    frame = offers_of_new(2000)
    log = log_of(lines())
    shown = ColdItemQuota((1,), fairness=1.0).fit(log).rerank(frame, 1)["what"].value_counts()
    assert len(shown) == 8
    assert abs(shown - 250).max() < 5 * np.sqrt(250)
    best = ColdItemQuota((1,)).fit(log).rerank(frame, 1)["what"]
    assert set(best) == {"new0"}
    some = ColdItemQuota((1,), fairness=0.5).fit(log).rerank(frame, 1)["what"].value_counts()
    assert 250 < some["new0"] < 2000
    assert some["new0"] > some["new3"]


def test_the_seed_tells_whose_turn_it_is():
    frame, log = offers_of_new(50), log_of(lines())
    first, same, other = (
        by_customer(ColdItemQuota((1,), fairness=1.0, random_state=s).fit(log).rerank(frame))
        for s in (0, 0, 1)
    )
    assert first == same != other


@pytest.mark.parametrize("places", [(0,), (2, 2), (3, 1), (1.5,), 3, "12", None])
def test_places_without_meaning(places):
    with pytest.raises(DataError, match=r"ColdItemQuota: (each of )?places must"):
        fit(ColdItemQuota(places))


def test_parameters_without_meaning():
    for reranker, text in [
        (ColdItemQuota(fairness=2), "fairness must be a number from 0 to 1"),
        (ColdItemQuota(max_buyers=-1), "max_buyers must be a whole number of at least 0"),
        (ColdItemQuota(random_state=None), "random_state must be a whole number"),
    ]:
        with pytest.raises(DataError, match=text):
            fit(reranker)


@pytest.mark.parametrize("places", [np.array([2, 5]), 2, None])
def test_places_are_a_list_or_tuple(places):
    with pytest.raises(DataError, match="ColdItemQuota: places must be a list or tuple of whole"):
        ColdItemQuota(places)._check_parameters()
