"""What kinds of customers there are, in words: concentration by hand, stages, tiers, behaviour."""

import numpy as np
import pytest

from crmkit.pipelines import CustomerValuePipeline
from crmkit.report import KindsContent, _kinds, _segment_figures, _segment_tables
from crmkit.segment import BehaviourSegmenter, ValueTiers
from tests.report._made import CUSTOMERS, content
from tests.report._tagged import fitted, kinds, report


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_concentration_by_hand():
    (told,) = map(plain, _kinds.concentration(content()))
    # the best 1.2 of 6 have 1,060 of 1,500; Gini (5000 + 900 + 100 - 50 - 90 - 100) / (6 * 1500)
    assert told.startswith(
        "Until 1 Jan 2025 the best 20 % of all 6 customers brought 71 % of revenue; 80 % of it "
        "came from 2 customers (33 %). The Gini coefficient is 0.64: 0 if all"
    )
    assert "hold 71 %; Gini coefficient 0.64." in plain(
        _segment_figures.lorenz_picture(content()).alt
    )


@pytest.mark.parametrize(
    ("customers", "why"),
    [
        (CUSTOMERS.head(1), "there are too few customers"),
        (CUSTOMERS.assign(total_amount=0.0), "there is no revenue"),
    ],
)
def test_concentration_that_cannot_be_told_is_said(customers, why):
    made = content(customers)
    assert _kinds.concentration(made) == [f"How much hangs on how few cannot be told: {why}."]
    assert _segment_figures.lorenz_picture(made) is None


def test_segments_are_said_to_be_ranks():
    (said,) = _kinds.segment_text(content())
    assert said.endswith(
        "“Lost” are the last in this order, with a median of 300 days since the last purchase."
    )
    (staged,) = _kinds.segment_text(report())
    assert staged.endswith("is told by the stages of life below.")
    assert _kinds.segment_text(content(CUSTOMERS.assign(segment="All"))) == []


def test_stages_are_counted_from_the_table():
    table = _segment_tables.stage_table(report(), kinds())
    customers = fitted()[1]
    sizes = customers["stage"].value_counts().to_dict()
    assert [row[0] for row in table.rows] == list(fitted()[0].stager_.stages_)
    assert {row[0]: int(row[1]) for row in table.rows if row[1] != "0"} == sizes
    share = customers.groupby("stage")["total_amount"].sum() / customers["total_amount"].sum()
    assert plain(table.rows[0][3]) == f"{100 * share['loyal']:.0f} %"
    assert table.headings == [
        "stage",
        "customers",
        "share of customers",
        "share of revenue",
        "share of expected value",
        "rule",
    ]
    rules = fitted()[0].stager_.describe()["rule"].tolist()
    assert [row[-1] for row in table.rows] == rules


def test_the_silent_are_counted_in_words():
    told = [plain(sentence) for sentence in _kinds.stage_text(report(), kinds())]
    silent = fitted()[1]["stage"].isin(["at risk", "dormant", "lost"])
    assert told[1].startswith(
        f"On 20 Oct 2024, {silent.sum()} of 150 customers ({100 * silent.mean():.0f} %) are silent "
        "for longer than their rhythm lets expect (“at risk”, “dormant” or “lost”); "
    )


def test_stages_that_could_not_be_learnt_are_said_and_those_not_asked_for_are_not():
    made = KindsContent(stager_note="Nobody bought on two days.")
    assert _kinds.stage_text(content(), made) == [
        "Stages of life could not be learnt from this log. Nobody bought on two days."
    ]
    assert _kinds.stage_text(content(), KindsContent()) == []
    assert _segment_tables.stage_table(content(), made) is None
    assert _segment_figures.stage_picture(made) is None


def test_tiers_by_hand():
    tiers = ValueTiers(("low", "high"), by="thresholds", edges=[100.0], value="clv")
    made = content(CUSTOMERS.assign(tier=["high"] * 2 + ["low"] * 4))
    told = KindsContent(tiers=tiers.fit(CUSTOMERS))
    assert list(map(plain, _kinds.tier_text(made, told))) == [
        "Tiers are of expected value: “high” from 100.00, all others “low”. The edges are amounts "
        "that stay as they are for later customers."
    ]
    table = _segment_tables.value_tier_table(made, told)
    assert [list(map(plain, row)) for row in table.rows] == [
        ["high", "100.00", "2", "33 %", "1,300", "87 %", "750.00", "94 %"],
        ["low", "–", "4", "67 %", "200.00", "13 %", "44.00", "6 %"],
    ]
    assert table.headings[:2] == ["tier", "from (expected value)"]
    assert _kinds.tier_text(made, KindsContent()) == []
    assert _segment_tables.value_tier_table(made, KindsContent()) is None


def test_shares_of_nothing_are_no_numbers():
    tiers = ValueTiers(("low", "high"), by="thresholds", edges=[1.0], value="clv")
    nothing = CUSTOMERS.assign(total_amount=0.0, clv=0.0, tier="low")
    table = _segment_tables.value_tier_table(
        content(nothing), KindsContent(tiers=tiers.fit(nothing))
    )
    assert [row[5] for row in table.rows] == ["–", "–"]


def test_behaviour_is_shown_with_its_rules():
    found = BehaviourSegmenter(["n_orders", "clv"], n_segments=2, n_resamples=2)
    named = found.fit_predict(CUSTOMERS)
    made = content(CUSTOMERS.assign(behaviour=named))
    table = _segment_tables.behaviour_table(made, KindsContent(behaviour=found))
    assert [row[0] for row in table.rows] == list(found.segments_)
    assert [row[-1] for row in table.rows] == found.describe()["rule"].tolist()
    assert sum(int(row[1]) for row in table.rows) == 6
    assert _segment_tables.behaviour_table(made, KindsContent()) is None


def test_kinds_come_from_the_pipeline():
    pipe = fitted()[0]
    made = kinds()
    assert (made.stager, made.tiers, made.behaviour) == (pipe.stager_, pipe.tiers_, None)
    assert KindsContent.from_pipeline(pipe, tiers=None).tiers is None
    assert report().kinds.stager is pipe.stager_
    assert report(kinds=None).kinds is None
    with pytest.raises(Exception, match="not fitted"):
        KindsContent.from_pipeline(CustomerValuePipeline())


def test_the_picture_of_stages_tells_their_sizes():
    told = plain(_segment_figures.stage_picture(kinds()).alt)
    share = np.mean(fitted()[1]["stage"] == "loyal")
    assert f"Customers: loyal {100 * share:.0f} %, growing" in told
    assert plain(_kinds.stage_caption(kinds())).endswith("revenue of the last 90 days.")
