"""Tables of scores: which rows are best, and which read like the best."""

import numpy as np
import pandas as pd
import pytest

from crmkit.report._numbers import percent
from crmkit.report._scores import HIGHER, LOWER, NEAR_ZERO, Score, best_rows, score_table


@pytest.mark.parametrize(
    ("values", "way", "best"),
    [
        ([2.0, 1.0, 1.0], LOWER, {1, 2}),
        ([2.0, np.nan, 1.0], HIGHER, {0}),
        ([-0.1, 0.3, 0.1], NEAR_ZERO, {0, 2}),
        ([np.inf, 3.0], LOWER, {1}),
        ([np.nan, np.nan], LOWER, set()),
    ],
)
def test_best_rows(values, way, best):
    assert best_rows(np.array(values), way) == best


def test_what_reads_like_the_best_shares_the_mark():
    share = Score("share", "share", HIGHER, percent)
    assert share.best([0.271, 0.266, 0.24, np.nan]) == {0, 1}
    assert share.best([np.nan, np.nan]) == set()
    assert Score("error", "error", LOWER).best([0.82, 0.824, 0.83]) == {0, 1}


def test_a_table_by_hand():
    scores = pd.DataFrame({"a": [0.5, 0.25], "b": [0.1, 0.9], "left": [1, 2]})
    shown = [Score("a", "loss", LOWER), Score("b", "hits", HIGHER, percent)]
    table = score_table("tea", "by", ["model", "rule"], scores, shown)
    assert table.caption == "Scores of the tea; the best of each column is marked"
    assert table.headings == ["by", "loss (lower is better)", "hits (higher is better)"]
    assert [[cell.replace("\N{NO-BREAK SPACE}", " ") for cell in row] for row in table.rows] == [
        ["model", "0.50", "10 %"],
        ["rule", "0.25", "90 %"],
    ]
    assert table.best == {(1, 1), (1, 2)}
    assert [cell.value for cell in table.rows[0][1:]] == [0.5, 0.1]
