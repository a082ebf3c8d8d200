"""What pictures of evaluations of recommenders share: tables, titles, colours of names."""

from itertools import cycle
from typing import Any

import pandas as pd

from crmkit.exceptions import DataError
from crmkit.plotting._style import BLUE, GREEN, GREY, INK, ORANGE, PURPLE, SKY, VERMILION

SIMPLE = ("popularity", "recent popularity", "buy again", "random order")
"""Names of the simple rules that every recommender has to beat."""
TITLES = {
    "ndcg": "NDCG",
    "recall": "recall",
    "precision": "precision",
    "map": "MAP",
    "mrr": "MRR",
    "hit_rate": "hit rate",
    "revenue_recall": "revenue recall",
    "coverage": "coverage",
    "novelty": "novelty, in bits",
    "popularity_percentile": "percentile of popularity",
    "diversity": "diversity",
}
COLOURS = (BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY)
MARKERS = ("o", "s", "^", "D", "v", "P", "X")  # one more than colours: 42 different pairs
RULES = ((INK, "."), (GREY, "x"), (GREY, "+"), (GREY, "1"))


def table_of(result: Any, name: str, owner: str) -> pd.DataFrame:
    """A table of an evaluation, a row a recommender; a frame of scores passes as it is."""
    if isinstance(result, pd.DataFrame):
        return result
    if not hasattr(result, "table"):
        raise DataError(
            f"{owner}: an Evaluation is needed, got {type(result).__name__}. Make it with "
            "crmkit.recommend.evaluate."
        )
    table: pd.DataFrame = result.table(name)
    return table


def score_column(table: pd.DataFrame, name: str, owner: str) -> Any:
    """A column of scores by recommender."""
    if name not in table.columns:
        raise DataError.missing_column(owner, name, [str(column) for column in table.columns])
    return table[name].astype("float64")


def at_n(name: str, evaluation: Any) -> str:
    """NDCG@10 of lists of 10; without a length where none is told, or none matters."""
    title, n = TITLES.get(name, name), getattr(evaluation, "n", None)
    return title if n is None or name in ("novelty", "coverage") else f"{title}@{n}"


def styles(names: list[str]) -> dict[str, tuple[str, str, str]]:
    """Colour, marker and dashes by name: simple rules are grey and dashed."""
    own, rules = zip(cycle(COLOURS), cycle(MARKERS), strict=False), cycle(RULES)
    return {name: (*next(rules), "--") if name in SIMPLE else (*next(own), "-") for name in names}
