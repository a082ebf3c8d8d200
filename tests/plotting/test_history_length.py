"""plot_history_length: lines by hand, groups without a recommender, what evaluate gives."""

import numpy as np
import pytest

from crmkit.exceptions import DataError
from crmkit.plotting import plot_history_length
from crmkit.recommend import EASE, evaluate
from tests.plotting._churned import axes, legend
from tests.plotting._evaluated import FOUND, NAMES
from tests.recommend._seasons import log_of, purchases


def test_lines_by_group():
    ax = plot_history_length(FOUND, ax=axes())
    assert legend(ax) == ["popularity", *[name for name in NAMES if name != "popularity"]]
    lines = {line.get_label(): line for line in ax.lines}
    np.testing.assert_array_equal(lines["popularity"].get_ydata(), [0.06, 0.06])
    np.testing.assert_array_equal(lines["EASE"].get_ydata(), [np.nan, 0.12])
    assert [lines[n].get_linestyle() for n in ("EASE", "popularity", "buy again")] == [
        "-",
        "--",
        "--",
    ]
    assert [text.get_text() for text in ax.get_xticklabels()] == ["0\n10", "1-2\n90"]
    assert ax.get_ylabel() == "NDCG@10"
    assert ax.get_ylim()[0] == 0.0


def test_an_evaluation_is_drawn():
    log = log_of(purchases(n=1500, n_customers=60))
    found = evaluate(EASE(), log, 1, modes="new", n_given=(1, 3), n_resamples=20)
    ax = plot_history_length(found, "told", ax=axes())
    expected = found.strangers["ndcg"].unstack(0).loc["EASE"].tolist()
    line = next(line for line in ax.lines if line.get_label() == "EASE")
    assert line.get_ydata().tolist() == expected
    assert plot_history_length(found, score="recall", ax=axes()).get_ylabel() == "recall@10"


def test_what_cannot_be_drawn():
    with pytest.raises(DataError, match="an Evaluation is needed, got dict"):
        plot_history_length({}, ax=axes())
    with pytest.raises(DataError, match="the evaluation has no such customers"):
        plot_history_length(FOUND, "told", ax=axes())
    with pytest.raises(DataError, match="of must be one of"):
        plot_history_length(FOUND, "age", ax=axes())
    with pytest.raises(DataError, match="column 'novelty' not found"):
        plot_history_length(FOUND, score="novelty", ax=axes())
