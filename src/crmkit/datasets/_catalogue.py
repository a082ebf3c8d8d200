"""What is on sale: products with taste cluster, appeal, season, launch, and the text to match.

In week w a customer of taste cluster g buys product j anew with a probability in proportion to

    appeal_j * season_j(w) * trend_j(w) * novelty_j(w) * (taste if cluster_j = g else 1)

and 0 before its launch. season is 1 + strength cos(2 pi (t - peak) / year); trend is exp of a
random walk with a step every four weeks; novelty is 1 + novelty * 0.5^(days on sale / 30) for a
product launched after the start.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmkit._validation import Floats
from crmkit.datasets._product_words import PRODUCT_WORDS, Category, ProductWords
from crmkit.datasets._purchases import YEAR, Ints

AT_HOME = 0.8  # share of a category's products that lie in the category's own taste cluster
NOVELTY_HALF_LIFE = 30.0
TREND_WEEKS = 4


@dataclass(frozen=True)
class Catalogue:
    """One array element a product; `launched` is a day since the start, negative before it."""

    category: Ints
    subcategory: Ints
    noun: Ints
    style: Ints
    use: Ints
    brand: Ints
    cluster: Ints
    price: Floats
    appeal: Floats
    season_peak: Floats
    season_strength: Floats
    launched: Ints
    log_trend: Floats

    def weights(self, week: int, novelty: float) -> Floats:
        """Attraction of each product in a week, apart from taste; 0 before its launch."""
        age = 7 * week - self.launched
        season = _season(7 * week + 3.5, self.season_peak, self.season_strength)
        fresh = np.where(self.launched > 0, 0.5 ** (np.maximum(age, 0) / NOVELTY_HALF_LIFE), 0.0)
        trend = np.exp(self.log_trend[week // TREND_WEEKS])
        return np.asarray(
            np.where(age >= 0, self.appeal * season * trend * (1 + novelty * fresh), 0.0)
        )


def draw_catalogue(
    rng: np.random.Generator,
    n_products: int,
    parameters: dict[str, float],
    days: float,
    language: str,
) -> Catalogue:
    """Draw the products; those launched after the start come at the start of a week."""
    words = PRODUCT_WORDS[language]
    n_clusters = int(parameters["n_clusters"])
    category = rng.integers(len(words.categories), size=n_products)
    at_home = rng.random(n_products) < AT_HOME
    elsewhere = rng.integers(n_clusters, size=n_products)
    typical = np.array([entry.price for entry in words.categories])
    spread = np.exp(0.5 * rng.standard_normal(n_products))
    seasonal = rng.random(n_products) < parameters["season_share"]
    steps = int(np.ceil(days / 7 / TREND_WEEKS)) + 1
    walk = parameters["trend"] * rng.standard_normal((steps, n_products))
    return Catalogue(
        category=category,
        subcategory=rng.integers(3, size=n_products),
        noun=rng.integers(4, size=n_products),
        style=rng.integers(5, size=n_products),
        use=rng.integers(3, size=n_products),
        brand=rng.integers(len(words.brands), size=n_products),
        cluster=np.where(at_home, category % n_clusters, elsewhere),
        price=np.floor(typical[category] * spread) + 0.99,
        appeal=np.exp(parameters["appeal_sd"] * rng.standard_normal(n_products)),
        season_peak=np.where(seasonal, rng.random(n_products) * YEAR, np.nan),
        season_strength=np.where(seasonal, parameters["season_strength"], 0.0),
        launched=_launch_days(rng, n_products, parameters["new_products"], days),
        log_trend=np.cumsum(walk, axis=0) - walk[0],
    )


def products_frame(
    catalogue: Catalogue, ids: pd.Index, start: pd.Timestamp, language: str
) -> pd.DataFrame:
    """Products as a shop knows them: id, category, brand, list price, launch day and texts."""
    words = PRODUCT_WORDS[language]
    texts = [
        _texts(words, words.categories[c], *codes)
        for c, *codes in zip(
            catalogue.category.tolist(),
            catalogue.subcategory.tolist(),
            catalogue.noun.tolist(),
            catalogue.style.tolist(),
            catalogue.use.tolist(),
            catalogue.brand.tolist(),
            strict=True,
        )
    ]
    frame = pd.DataFrame(texts)
    frame.insert(0, "product_id", ids)
    frame.insert(4, "price", catalogue.price)
    frame.insert(5, "launched", launch_dates(catalogue, start))
    return frame


def launch_dates(catalogue: Catalogue, start: pd.Timestamp) -> pd.DatetimeIndex:
    """First instant at which each product can be bought."""
    return pd.DatetimeIndex(start + pd.to_timedelta(catalogue.launched, unit="D")).as_unit("us")


def _launch_days(rng: np.random.Generator, n: int, share: float, days: float) -> Ints:
    """Days of launch: a share of the products in later weeks, the others in the years before."""
    before = -rng.integers(1, 3 * 365, size=n)
    weeks = int(np.ceil(days / 7))
    later = 7 * rng.integers(1, max(weeks, 2), size=n)
    new = rng.permutation(n) < int(share * n)
    return np.where(new & (later < days), later, before)


def _season(day: float, peak: Floats, strength: Floats) -> Floats:
    wave = np.cos(2 * np.pi * (day - np.nan_to_num(peak)) / YEAR)
    return np.asarray(1.0 + strength * wave)


def _texts(
    words: ProductWords,
    category: Category,
    subcategory: int,
    noun: int,
    style: int,
    use: int,
    brand: int,
) -> dict[str, str]:
    """Category, subcategory, brand, name and description of one product."""
    sub = list(category.nouns)[subcategory]
    parts = {
        "sub": sub,
        "noun": category.nouns[sub][noun],
        "style": category.styles[style],
        "Style": category.styles[style].capitalize(),
        "use": category.uses[use],
        "brand": words.brands[brand],
    }
    return {
        "category": category.name,
        "subcategory": sub,
        "brand": parts["brand"],
        "name": words.name.format(**parts),
        "description": words.description.format(**parts),
    }
