"""The catalogue: weights by hand, launches, texts in both languages."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from crmkit.datasets._catalogue import Catalogue, draw_catalogue, launch_dates, products_frame
from crmkit.datasets._parameters import population
from crmkit.datasets._product_words import CHINESE, ENGLISH

START = pd.Timestamp("2023-01-01")


def catalogue(n=400, n_clusters=4, days=730.0, language="en", seed=0, **given):
    numbers = population("pareto_nbd", given) | {"n_clusters": float(n_clusters)}
    return draw_catalogue(np.random.default_rng(seed), n, numbers, days, language)


def plain(**changes):
    """Three products of no season, no trend, on sale before the start."""
    zeros = np.zeros(3, np.int64)
    base = Catalogue(
        **dict.fromkeys(("category", "subcategory", "noun", "style", "use", "brand"), zeros),
        cluster=zeros,
        price=np.full(3, 5.0),
        appeal=np.array([1.0, 2.0, 4.0]),
        season_peak=np.full(3, np.nan),
        season_strength=np.zeros(3),
        launched=np.full(3, -10),
        log_trend=np.zeros((30, 3)),
    )
    return dataclasses.replace(base, **changes)


def test_without_season_trend_and_news_appeal_is_all():
    assert plain().weights(0, novelty=2.0).tolist() == [1, 2, 4]


def test_a_launch_brings_novelty_that_halves_in_30_days():
    shop = plain(launched=np.array([-10, 21, 700]))
    assert shop.weights(2, novelty=3.0).tolist() == [1, 0, 0]
    assert shop.weights(3, novelty=3.0).tolist() == [1, 2 * (1 + 3), 0]
    later = shop.weights(7, novelty=3.0)
    assert later[1] == pytest.approx(2 * (1 + 3 * 0.5 ** (28 / 30)))


def test_season_by_hand():
    shop = plain(
        season_peak=np.array([3.5, 3.5 + 365.25 / 2, np.nan]),
        season_strength=np.array([0.9, 0.9, 0.0]),
    )
    np.testing.assert_allclose(shop.weights(0, novelty=0.0), [1.9, 0.2, 4.0])


def test_trend_steps_every_four_weeks():
    walk = np.zeros((30, 3))
    walk[1:, 0] = np.log(3.0)
    shop = plain(log_trend=walk)
    assert shop.weights(3, novelty=0.0)[0] == 1.0
    assert shop.weights(4, novelty=0.0)[0] == pytest.approx(3.0)


def test_launches_lie_at_week_starts_and_in_the_asked_share():
    shop = catalogue(new_products=0.25)
    new = shop.launched > 0
    assert new.sum() == 100
    assert (shop.launched[new] % 7 == 0).all()
    assert shop.launched[new].max() < 730
    assert shop.launched[~new].max() < 0


@pytest.mark.parametrize("days", [0.5, 3, 7, 8])
def test_short_data_have_products_at_the_start(days):
    shop = catalogue(n=20, days=days, new_products=0.9)
    assert (shop.launched < 0).any()
    assert shop.launched.max() < days


def test_most_products_lie_in_their_categorys_cluster():
    shop = catalogue(n=8_000)
    own = (shop.cluster == shop.category % 4).mean()
    assert abs(own - (0.8 + 0.2 / 4)) < 0.02
    assert set(shop.cluster) == {0, 1, 2, 3}


def test_the_frame_speaks_and_agrees_with_the_codes():
    shop = catalogue(n=50)
    ids = pd.Index([f"P{i}" for i in range(50)])
    frame = products_frame(shop, ids, START, "en")
    assert frame.columns.tolist() == [
        "product_id", "category", "subcategory", "brand", "price", "launched", "name",
        "description",
    ]  # fmt: skip
    row = frame.iloc[0]
    assert row["category"] == ENGLISH.categories[shop.category[0]].name
    assert row["name"].startswith(row["brand"])
    assert row["subcategory"] in row["description"]
    assert frame["price"].min() >= 0.99
    assert frame["launched"].tolist() == launch_dates(shop, START).tolist()


def test_chinese_is_the_same_catalogue_in_other_words():
    english, chinese = catalogue(), catalogue(language="zh")
    for name in ("category", "cluster", "price", "appeal", "launched"):
        np.testing.assert_array_equal(getattr(english, name), getattr(chinese, name))
    frame = products_frame(chinese, pd.Index(range(400)), START, "zh")
    for column in ("category", "subcategory", "brand", "name", "description"):
        assert not frame[column].str.contains("[A-Za-z{}]").any()


def test_both_word_lists_have_one_shape():
    assert len(ENGLISH.brands) == len(CHINESE.brands)
    assert len(ENGLISH.categories) == len(CHINESE.categories) == 8
    for one, other in zip(ENGLISH.categories, CHINESE.categories, strict=True):
        assert one.price == other.price
        for category in (one, other):
            nouns = [noun for group in category.nouns.values() for noun in group]
            assert len(category.nouns) == 3
            assert len(set(nouns)) == 12
            assert (len(set(category.styles)), len(set(category.uses))) == (5, 3)
