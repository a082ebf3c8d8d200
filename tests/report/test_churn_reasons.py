"""Reasons summed up: parsed, counted, the stake of those whose risk is raised."""

import numpy as np
import pytest

from crmkit.report._churn_reasons import alike, parsed, reason_table, summed, told
from tests.report._churned import churn, with_churn
from tests.report._made import content


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("longest pause 372 days", "longest pause 1 day"),
        (
            "last purchase 236 days ago, usually every 152",
            "last purchase 2 days ago, usually every 9",
        ),
        ("spend of 1,270.5 in the last 90 days", "spend of 0 in the last 30 days"),
        ("bought again 3 time(s)", "bought again 12 time(s)"),
    ],
)
def test_reasons_without_their_numbers_are_alike(one, other):
    assert alike(one) == alike(other)
    assert not any(letter.isdigit() for letter in alike(one))


def test_a_text_of_reasons_is_parsed():
    text = "shortest pause 278 days: -0.3; smallest spend 0: +0.4; 2 orders: −0.1"
    assert parsed(text) == [
        ("shortest pause … days", -0.3),
        ("smallest spend …", 0.4),
        ("… orders", -0.1),
    ]
    assert parsed("last purchase 9 days ago: probability by the model") == []


def report():
    made = with_churn()
    reasons = ["longest pause 9 days: +0.5; 3 orders: -0.2", "longest pause 2 days: +0.1"]
    texts = [reasons[i % 2] for i in range(len(made.customers))]
    return content(made.customers.assign(churn_reasons=texts), churn=churn())


def test_reasons_are_counted_among_those_at_risk():
    made = report()
    found = {one.what: one for one in summed(made)}
    pause, orders = found["longest pause … days"], found["… orders"]
    n = int((made.is_active & (made.risk["probability_churn"] >= 0.3)).sum())
    assert pause.raised == n
    assert orders.raised == 0
    assert 0 < orders.lowered < n
    assert pause.effect == pytest.approx(np.mean([0.5, 0.1] * 2), abs=0.14)
    table = reason_table(made)
    assert table.rows[0][0] == "longest pause … days"
    assert table.rows[0][2].value == 1.0
    assert "“longest pause … days” raises that of" in told(made)[0]


def test_without_reasons_there_is_no_table():
    made = with_churn()
    silent = content(made.customers.assign(churn_reasons=""), churn=churn())
    assert reason_table(silent) is None
    assert told(silent) == ["No reason raises the risk of those who are at risk."]
