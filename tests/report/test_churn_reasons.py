"""Reasons summed up: parsed, counted, the stake of those whose risk is raised."""

import numpy as np
import pytest

from crmkit.report._churn_reasons import (
    alike,
    grouped,
    in_lines,
    parsed,
    reason_table,
    summed,
    told,
    typical,
)
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
    assert table.rows[0][1] == "longest pause 2 days"
    assert table.rows[0][3].value == 1.0
    said = told(made)[0].replace("\N{NO-BREAK SPACE}", " ")
    assert said.endswith(
        "Among the 3 active customers of medium or high risk, “longest pause … days” raises it "
        "most often: that of 3 (100 %), the middle case is “longest pause 2 days”."
    )


def test_the_middle_is_by_the_first_number():
    said = ["spend of 1,270.5 in 90 days", "spend of <0.1 in 90 days", "spend of 30 in 90 days"]
    assert typical(said) == "spend of 30 in 90 days"
    assert typical(["too new a customer"]) == "too new a customer"


def test_reasons_of_one_customer_say_what_raises_and_what_lowers():
    text = "13 orders so far: -0.4; shortest pause 1 day: +0.2; smallest spend 0: −0.1"
    assert in_lines(text) == (
        "raised by: shortest pause 1 day (+0.2)\n"
        "lowered by: 13 orders so far (−0.4); smallest spend 0 (−0.1)"
    )
    assert in_lines("longest pause 9 days: +0.5") == "raised by: longest pause 9 days (+0.5)"
    assert in_lines("silent for longer") == "silent for longer"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("spend of 168469.6 in the last 90 days", "spend of 168,470 in the last 90 days"),
        ("smallest spend 999.9", "smallest spend 999.9"),
        ("town = 12345", "town = 12345"),
        ("last spend 0.12345", "last spend 0.12345"),
    ],
)
def test_large_numbers_are_grouped_and_names_left_alone(said, expected):
    assert grouped(said) == expected
    assert in_lines(f"{said}: +0.5") == f"raised by: {expected} (+0.5)"


def test_where_all_are_of_low_risk_nobody_is_said_to_be_at_risk():
    made = report()
    safe = content(made.customers.assign(probability_churn=0.1), churn=churn())
    table = reason_table(safe)
    assert table.caption == "What the risk of 4 active customers of low risk was read from"
    assert "of medium or high risk" not in told(safe)[0]


def test_without_reasons_there_is_no_table():
    made = with_churn()
    silent = content(made.customers.assign(churn_reasons=""), churn=churn())
    assert reason_table(silent) is None
    assert told(silent) == [
        "Nothing that is told raises the risk of the 3 active customers of medium or high risk."
    ]
