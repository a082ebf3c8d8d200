"""plot_match_evidence: bars by hand, units, what explain gives, what is refused."""

import numpy as np
import pandas as pd
import pytest

from crmkit.cleaning import Deduplicator
from crmkit.datasets import make_customers
from crmkit.exceptions import DataError
from crmkit.plotting import plot_match_evidence
from tests.contracts.frame_kinds import FRAMES
from tests.plotting._churned import axes

EVIDENCE = pd.DataFrame(
    {
        "column": ["any two records", "email", "city", "phone"],
        "a": ["", "ann@x.com", "rome", ""],
        "b": ["", "ann@x.com", "b" * 40, "5551234567"],
        "agreement": ["", "equal", "different", "missing"],
        "weight": [-7.0, 12.0, -1.0, 0.0],
    }
)


def bars(ax):
    return [(b.get_x(), b.get_width()) for b in ax.patches]


def texts(ax):
    return [text.get_text() for text in ax.texts]


@pytest.mark.parametrize("kind", FRAMES)
def test_bars_go_from_total_to_total(kind):
    ax = plot_match_evidence(FRAMES[kind](EVIDENCE), unit="log-odds", ax=axes())
    assert bars(ax) == [(0, -7), (-7, 12), (5, -1), (4, 0), (0, 4)]
    names = [text.get_text() for text in ax.get_yticklabels()]
    assert names == ["any two records", "email", "city", "phone", "all together"]
    assert texts(ax)[:4] == ["", "equal: ann@x.com", f"different: rome / {'b' * 27}…", "missing"]
    assert texts(ax)[4:] == ["-7.0", "+12.0", "-1.0", "+0.0", "+4.0"]
    assert ax.get_title(loc="left") == "One person with probability 98.2 %"


def test_bits_double_the_odds():
    ax = plot_match_evidence(EVIDENCE, ax=axes())
    assert bars(ax)[1][1] == pytest.approx(12 / np.log(2))
    assert "doubles the odds" in ax.get_xlabel() + ax.xaxis.get_label_text()


def test_values_can_be_left_out():
    ax = plot_match_evidence(EVIDENCE, values=False, ax=axes())
    assert texts(ax)[:4] == ["", "equal", "different", "missing"]


@pytest.mark.parametrize(
    ("weight", "told"), [(30.0, "above 99.9 %"), (-30.0, "below 0.1 %"), (0.0, "50.0 %")]
)
def test_no_probability_is_told_as_certain(weight, told):
    ax = plot_match_evidence(EVIDENCE[:1].assign(weight=weight), ax=axes())
    assert ax.get_title(loc="left") == f"One person with probability {told}"


def test_what_a_matcher_explains_is_drawn():
    records = make_customers(100, duplicates=0.4, random_state=5).records
    matcher = Deduplicator(record="record_id").fit(records)
    pair = matcher.pairs().iloc[0]
    evidence = matcher.explain(pair["record_id_a"], pair["record_id_b"])
    ax = plot_match_evidence(evidence, unit="log-odds", ax=axes())
    assert bars(ax)[-1][1] == pytest.approx(evidence["total"].iloc[-1])


def test_what_is_refused():
    with pytest.raises(DataError, match=r"plot_match_evidence: the frame has no rows. Ask a Dedup"):
        plot_match_evidence(EVIDENCE[:0], ax=axes())
    with pytest.raises(DataError, match="plot_match_evidence: column 'agreement' not found"):
        plot_match_evidence(EVIDENCE.drop(columns="agreement"), ax=axes())
    with pytest.raises(DataError, match=r"unit must be one of .'bits', 'log-odds'., got 'nats'"):
        plot_match_evidence(EVIDENCE, unit="nats", ax=axes())
