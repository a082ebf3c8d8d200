"""CalibratedMix: shares by hand, greedy by brute force, limits."""

from math import log

import numpy as np
import pandas as pd
import pytest

from crmkit.exceptions import DataError
from crmkit.recommend import CalibratedMix
from tests.recommend._reranking import bought, by_customer, candidates, fit, relevance
from tests.recommend.contract.shop import catalogue, lines, log_of

GROUP = dict(zip(catalogue()["what"], catalogue()["group"], strict=True))


def mix_of(who):
    groups = [GROUP[item] for item in bought(who)["what"] if item in GROUP]
    return {g: groups.count(g) / len(groups) for g in set(groups)}


def miss(wanted, chosen):
    total = 0.0
    for group, p in wanted.items():
        q = sum(GROUP.get(item) == group for item in chosen) / len(chosen)
        total += p * log(p / (0.99 * q + 0.01 * p))
    return total


def greedy(items, scores, wanted, strength):
    worth, made = dict(zip(items, relevance(scores), strict=True)), []
    while len(made) < len(items):
        left = [item for item in items if item not in made]
        value = [(1 - strength) * worth[i] - strength * miss(wanted, [*made, i]) for i in left]
        made.append(left[int(np.argmax(np.round(value, 9)))])
    return made


@pytest.mark.parametrize("strength", [0.2, 0.8])
def test_brute_force_agrees(strength):
    frame = candidates(4, digits=6)
    fitted = fit(CalibratedMix(strength))
    made = by_customer(fitted.rerank(frame))
    for who, own in frame.groupby("who"):
        items, scores = own["what"].tolist(), own["score"].tolist()
        wanted = mix_of(who) if who != "c99" else {}
        assert made[who] == greedy(items, scores, wanted, strength), who


def test_shares_are_those_of_the_days():
    fitted = fit(CalibratedMix())
    assert fitted.categories_.tolist() == ["garden", "home"]
    for row, who in enumerate(fitted.customers_):
        wanted = mix_of(who)
        expected = [wanted.get(group, 0.0) for group in fitted.categories_]
        assert fitted.mix_[row].toarray().ravel().tolist() == pytest.approx(expected)


def shop(rows, items):
    frame = pd.DataFrame(rows, columns=["who", "what", "day"])
    frame["when"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(frame["day"], "D")
    told = pd.DataFrame({"what": list(items), "kind": list(items.values())})
    return log_of(frame.assign(amount=1.0, order=1)), told


def test_full_strength_gives_the_mix_whatever_the_scores():
    kinds = dict.fromkeys("abcdefg", "novel") | dict.fromkeys("hijklmn", "cooking")
    log_, items = shop([("ann", "a", 0), ("ann", "b", 0), ("ann", "h", 0)], kinds)
    offers = pd.DataFrame({"who": "ann", "what": list("cdefgijklm")})
    offers["score"] = np.linspace(1.0, 0.1, 10)
    made = CalibratedMix(1.0).fit(log_, items).rerank(offers, 6)
    assert [kinds[item] for item in made["what"]].count("cooking") == 2
    strangers = offers.assign(who="stranger")
    kept = CalibratedMix(1.0).fit(log_, items).rerank(strangers)
    assert kept["what"].tolist() == offers["what"].tolist()


def test_several_categories_share_an_item_and_old_purchases_fade():
    log_, items = shop([("ann", "a", 0), ("ann", "b", 10)], {"a": "x;y", "b": "y", "c": None})
    whole = CalibratedMix(category="kind").fit(log_, items)
    assert whole.mix_.toarray().ravel().tolist() == pytest.approx([0.25, 0.75])
    faded = CalibratedMix(category="kind", half_life="10D").fit(log_, items)
    assert faded.mix_.toarray().ravel().tolist() == pytest.approx([0.25 / 1.5, 1.25 / 1.5])


def test_what_is_not_told_is_asked_for():
    with pytest.raises(DataError, match="CalibratedMix: it needs the category of the items"):
        CalibratedMix().fit(log_of(lines()))
    two = catalogue().assign(colour="red")
    with pytest.raises(
        DataError, match=r"items have 2 columns of categories \['group', 'colour'\]"
    ):
        CalibratedMix().fit(log_of(lines()), two)
    with pytest.raises(DataError, match="Did you mean category='group'"):
        CalibratedMix(category="gruop").fit(log_of(lines()), catalogue())
    with pytest.raises(DataError, match="half_life"):
        fit(CalibratedMix(half_life=0))
