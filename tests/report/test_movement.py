"""Who moved, in words: every number by hand for ten customers and three dates."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from crmkit import EventLog
from crmkit.report import MovementContent, _movement, _segment_figures, _segment_tables
from crmkit.segment import cohort_table
from tests.report._moved import CODES, movement, moves


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_counts_by_hand():
    assert _movement.passed(moves()) == (2, 6, 1, 2, 1, 1)


def test_the_introduction_names_period_and_counts():
    first, second = map(plain, _movement.introduction(movement()))
    assert first == (
        "Over the last quarter, 1 Oct 2024 to 31 Dec 2024: 2 customers bought for the first time. "
        "Of 6 who bought in their rhythm before, 1 fell silent for longer than it lets expect; of "
        "2 who were silent, 1 came back. 1 became “lost”."
    )
    assert second.startswith(
        "Of the 8 customers known on 1 Oct 2024, 25 % were in the same stage on 31 Dec 2024."
    )


@pytest.mark.parametrize(
    ("days", "told"),
    [(28, "the last four weeks, "), (7, "the last week, "), (30, "the last 30 days, ")],
)
def test_every_length_is_said(days, told):
    assert plain(_movement.period_of(moves(days=days))).startswith(told)


def test_the_finding_is_one_sentence():
    assert plain(_movement.finding(movement())) == (
        "Over the last quarter, 1 Oct 2024 to 31 Dec 2024, 2 customers came, and 1 of the 6 who "
        "bought in their rhythm (17 %) fell silent; 1 of 2 silent ones came back."
    )
    assert _movement.finding(None) == ""
    assert _movement.finding(MovementContent(note="too short")) == ""
    assert _movement.finding(movement(moves([[7, 7, 7]]))) == ""


def test_where_nobody_was_silent_nobody_is_said_to_be_back():
    made = movement(moves([[1, 1, 1], [2, 2, 1]]))
    assert "came back" not in _movement.finding(made)
    assert "silent, " not in _movement.introduction(made)[0]


def test_the_largest_moves_come_first_and_nobody_stays():
    told = list(map(plain, _movement.largest_moves(moves())))
    assert told == [
        "3 of 3 who were “new” (100 %) became “growing”.",
        "1 of 3 who were “loyal” (33 %) became “at risk”.",
        "1 of 1 who were “dormant” (100 %) became “lost”.",
    ]
    assert _movement.largest_moves(moves([[1, 1, 1]])) == []


def test_what_cannot_be_told_is_said():
    made = MovementContent(note="the log covers 3 days", cohorts_note="the log covers 3 days")
    assert _movement.introduction(made) == ["Who moved cannot be told: the log covers 3 days."]
    assert _movement.cohort_text(made) == [
        "Whether later customers stay as well cannot be told: the log covers 3 days."
    ]
    assert _segment_tables.size_table(made) is None
    pictures = (
        _segment_figures.moves_picture,
        _segment_figures.sizes_picture,
        _segment_figures.cohort_picture,
    )
    assert [picture(made) for picture in pictures] == [None, None, None]


def test_sizes_by_hand():
    table = _segment_tables.size_table(movement())
    assert list(map(plain, table.headings)) == [
        "stage",
        "1 Oct 2024",
        "31 Dec 2024",
        "change",
        "share now",
        "expected on 1 Apr 2025",
        "90 % band",
    ]
    known = [list(map(plain, row[:5])) for row in table.rows]
    assert known == [
        ["loyal", "3", "2", "−1", "20 %"],
        ["growing", "0", "3", "+3", "30 %"],
        ["reactivated", "0", "1", "+1", "10 %"],
        ["new", "3", "2", "−1", "20 %"],
        ["at risk", "0", "1", "+1", "10 %"],
        ["dormant", "1", "0", "−1", "0 %"],
        ["lost", "1", "1", "0", "10 %"],
    ]
    assert all(" to " in row[6] for row in table.rows)
    assert len(_segment_tables.size_table(movement(forecast=None)).headings) == 5


def test_the_forecast_says_what_it_rests_on_and_how_it_was_checked():
    made = moves()
    found = made.forecast(1)
    first, second = map(plain, _movement.forecast_text(found))
    assert first.startswith("91 days ahead, if customers go on moving as they did in 2 such perio")
    assert "1 new ones come. So few periods hardly tell how they differ" in first
    assert f"would have put {100 * found.check.error:.1f} % of customers" in second
    assert f"{found.check.inside} of 7 sizes lay in their bands." in second


@pytest.mark.parametrize(
    ("errors", "said"),
    [
        ((0.02, 0.03, 0.04), "better than both simple rules"),
        ((0.021, 0.013, 0.034), "better than one simple rule and worse than the other"),
        ((0.05, 0.013, 0.034), "worse than both simple rules"),
    ],
)
def test_a_forecast_between_two_rules_is_said_to_be_so(errors, said):
    found = moves().forecast(1)
    named = dict(zip(("error", "error_no_change", "error_same_change"), errors, strict=True))
    told = _movement.forecast_text(replace(found, check=replace(found.check, **named)))
    assert f"into a wrong stage, {said} (" in told[1]


def test_two_dates_allow_no_check():
    found = moves([row[1:] for row in CODES]).forecast(1)
    assert _movement.forecast_text(found)[1].startswith("Not checked: that takes three dates")


def cohorts(n_months=6, **more):
    """Ten customers come every month; in the one after, 1, 2, 3 ... of them come back."""
    rows = [
        (f"{month}-{c}", pd.Timestamp(2024, month + back, 10))
        for month in range(1, n_months + 1)
        for c in range(10)
        for back in range(2 if c < month else 1)
    ]
    frame = pd.DataFrame(rows, columns=["customer_id", "timestamp"]).assign(amount=1.0)
    return cohort_table(EventLog(frame), **({"as_of": f"2024-0{n_months + 1}-20"} | more))


def test_kept_by_hand():
    assert _movement.kept(cohorts(), 1) == (50, pytest.approx((1 + 2 + 3 + 4 + 5) / 50))
    assert _movement.kept(cohorts(), 6)[0] == 0
    assert _movement.kept(cohorts(), 99)[0] == 0


def test_cohorts_in_words():
    (told,) = map(plain, _movement.cohort_text(MovementContent(cohorts=cohorts())))
    assert told == (
        "Of 50 customers 30 % bought again in the month after that of their first purchase. In "
        "the month after that of the first purchase, 20 % of the earlier half of the cohorts "
        "bought, and 45 % of the later half."
    )
    (longer,) = map(plain, _movement.cohort_text(MovementContent(cohorts=cohorts(8))))
    assert (
        "; of 20, 0 % in the sixth month after it. In the month after that of the first purchase, "
    ) in longer


def test_few_cohorts_are_not_halved():
    (told,) = _movement.cohort_text(MovementContent(cohorts=cohorts(3)))
    assert "half" not in told


def test_a_period_that_nobody_has_lived_through_is_said():
    made = MovementContent(cohorts=cohorts(1, as_of="2024-02-20"))
    assert _movement.cohort_text(made) == [
        "No customer has been known for a whole month after the first one yet."
    ]
    assert _segment_figures.cohort_picture(made) is None


def test_pictures_say_what_they_show():
    made = movement(cohorts=cohorts())
    flow, sizes, kept = (
        plain(picture(made).alt)
        for picture in (
            _segment_figures.moves_picture,
            _segment_figures.sizes_picture,
            _segment_figures.cohort_picture,
        )
    )
    assert "3 of 3 who were “new” (100 %) became “growing”." in flow
    assert "On the last day: loyal 2, growing 3, reactivated 1, new 2" in sizes
    assert "In the month after the first one 30 % bought." in kept


def test_other_names_of_stages_are_used():
    names = ("忠诚客户", "成长客户", "复活客户", "新客户", "风险客户", "沉睡客户", "流失客户")
    made = movement(moves(stages=names))
    assert "1 became “流失客户”." in _movement.introduction(made)[0]
    assert np.array(_segment_tables.size_table(made).rows)[:, 0].tolist() == list(names)
