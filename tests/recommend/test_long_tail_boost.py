"""LongTailBoost: the key by hand, the limits."""

import numpy as np
import pytest

from crmkit.recommend import LongTailBoost
from tests.recommend._reranking import buyers, by_customer, candidates, fit, relevance


def tails():
    """One less the percentile of the buyers among the sold items, equals half."""
    counts = buyers()
    every = list(counts.values())
    return {
        item: 1.0 - (sum(m < n for m in every) + sum(m == n for m in every) / 2) / len(every)
        for item, n in counts.items()
    }


def test_tails_are_percentiles_of_buyers_and_one_where_there_are_none():
    fitted, expected = fit(LongTailBoost()), tails()
    assert fitted.tail_.tolist() == pytest.approx([expected.get(i, 1.0) for i in fitted.items_])
    assert (fitted.tail_ == 1.0).any()


@pytest.mark.parametrize("strength", [0.2, 0.6, 1.0])
def test_brute_force_agrees(strength):
    frame, tail = candidates(2), tails()
    made = by_customer(fit(LongTailBoost(strength)).rerank(frame))
    for who, own in frame.groupby("who"):
        worth = relevance(own["score"].tolist())
        key = [
            (1 - strength) * r + strength * tail.get(item, 1.0)
            for r, item in zip(worth, own["what"], strict=True)
        ]
        order = np.argsort(-np.round(key, 9), kind="stable")
        assert made[who] == own["what"].iloc[order].tolist()


def test_full_strength_puts_the_rarest_first():
    counts = buyers()
    for own in by_customer(fit(LongTailBoost(1.0)).rerank(candidates())).values():
        held = [counts.get(item, 0) for item in own]
        assert held == sorted(held)
