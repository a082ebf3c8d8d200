"""plot_ranking_scores: dots, intervals and verdicts by hand, and what evaluate gives."""

import pandas as pd
import pytest

from crmkit.exceptions import DataError
from crmkit.plotting import plot_ranking_scores
from crmkit.recommend import EASE, ContentRecommender, evaluate
from tests.plotting._churned import axes, legend
from tests.plotting._evaluated import FOUND, TABLE
from tests.recommend._seasons import log_of, purchases


def names(ax):
    return [text.get_text() for text in ax.get_yticklabels()]


def dots(ax):
    return [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "o"]


def spans(ax):
    return [tuple(float(v) for v in lines.get_segments()[0][:, 0]) for lines in ax.collections]


def test_dots_and_intervals():
    ax = plot_ranking_scores(FOUND, ax=axes())
    assert names(ax) == ["EASE", "mixed", "buy again", "popularity", "BPR"]
    assert dots(ax) == [0.12, 0.085, 0.08, 0.06, 0.04]
    assert ax.lines[0].get_xdata() == [0.08, 0.08]
    expected = [(0.11, 0.13), (0.07, 0.10), (0.05, 0.07), (0.03, 0.05)]
    assert spans(ax) == [pytest.approx(span) for span in expected]
    assert legend(ax) == ["better", "unclear", "worse"]
    assert ax.get_legend().get_title().get_text() == "against buy again"
    hollow = [x.get_markerfacecolor() == "white" for x in ax.lines if x.get_marker() == "o"]
    assert hollow == [False, False, True, True, False]
    assert ax.get_xlabel() == "NDCG@10, mean over 200 customers"
    assert ax.yaxis_inverted()


def test_the_legend_stands_beside_the_axes_and_hides_nothing():
    ax = plot_ranking_scores(FOUND, ax=axes())
    ax.figure.draw_without_rendering()
    assert ax.get_legend().get_window_extent().x0 >= ax.get_window_extent().x1 - 1


def test_another_score_has_its_own_intervals():
    ax = plot_ranking_scores(FOUND, score="recall", ax=axes())
    assert names(ax)[:2] == ["EASE", "buy again"]
    assert spans(ax)[0] == pytest.approx((0.09 - 1.0, 0.09 + 1.0))
    assert ax.get_xlabel().startswith("recall@10")


def test_an_evaluation_is_drawn():
    log = log_of(purchases(n=1500, n_customers=60))
    found = evaluate(EASE(), log, 1, modes="new", n_given=(1,), n_resamples=20)
    for table in found.tables:
        ax = plot_ranking_scores(found, table, ax=axes())
        assert dots(ax) == sorted(found.table(table)["ndcg"], reverse=True)
        assert len(spans(ax)) == len(dots(ax)) - 1
        assert table in ax.get_title(loc="left")


def test_cold_items_are_called_so_once():
    frame = purchases(n=1500, n_customers=60)
    items = pd.DataFrame({"item": frame["item"].unique()}).assign(kind=lambda t: t["item"].str[:2])
    told = {"items": items, "modes": "new", "n_given": (), "n_resamples": 20, "cold_min_buyers": 5}
    found = evaluate(ContentRecommender(), log_of(frame), 1, **told)
    ax = plot_ranking_scores(found, "cold: among themselves", ax=axes())
    assert ax.get_title(loc="left") == "NDCG of recommenders: cold items, among themselves"
    assert set(names(ax)) == {"ContentRecommender", "random order"}


def test_what_cannot_be_drawn():
    with pytest.raises(DataError, match="plot_ranking_scores: an Evaluation is needed, got list"):
        plot_ranking_scores([1.0], ax=axes())
    with pytest.raises(DataError, match=r"column 'ndgc' not found. Did you mean 'ndcg'"):
        plot_ranking_scores(FOUND, score="ndgc", ax=axes())
    with pytest.raises(DataError, match="a table of scores does not tell intervals"):
        plot_ranking_scores(TABLE, ax=axes())
    with pytest.raises(DataError, match=r"\['ndcg', 'recall'\], got 'coverage'"):
        plot_ranking_scores(FOUND, score="coverage", ax=axes())
