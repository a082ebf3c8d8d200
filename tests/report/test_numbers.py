"""Numbers and dates as text: each rule by an example."""

from datetime import UTC, datetime

import numpy as np
import pytest

from crmkit.report import _numbers as write


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 %"),
        (0.0001, "< 0.1 %"),
        (0.004, "0.4 %"),
        (0.256, "26 %"),
        (0.994, "99.4 %"),
        (0.99999, "> 99.9 %"),
        (1.0, "100 %"),
        (float("nan"), "–"),
    ],
)
def test_percent(value, text):
    assert plain(write.percent(value)) == text


def test_money_keeps_cents_only_where_they_matter():
    assert [write.amount(v) for v in (0, 33.4, 999.994, 12345.67, -1234.5)] == [
        "0.00",
        "33.40",
        "999.99",
        "12,346",
        "−1,234",
    ]
    assert write.amount(999.996) == "1,000"
    assert write.amount(float("nan")) == "–"


def test_tiny_sums_keep_two_digits():
    assert [write.amount(v) for v in (0.00251, 0.014, -0.05, 0.1, 0.0996, 2e-7)] == [
        "0.0025",
        "0.014",
        "−0.050",
        "0.10",
        "0.10",
        "0.00",
    ]


def test_minus_is_a_true_one():
    assert [write.decimals(-0.12), write.whole(-1234), write.amount(-5)] == [
        "−0.12",
        "−1,234",
        "−5.00",
    ]


def test_scores_and_bias():
    assert write.decimals(1.6449) == "1.64"
    assert write.decimals(float("inf")) == "∞"
    assert write.decimals(float("nan")) == "–"
    assert plain(write.signed_percent(-0.141)) == "−14 %"
    assert plain(write.signed_percent(0.47)) == "+47 %"


def test_days_of_every_kind():
    for value in (np.datetime64("1997-10-01"), datetime(1997, 10, 1), "1997-10-01"):
        assert plain(write.day(value)) == "1 Oct 1997"
    assert plain(write.day(datetime(1997, 10, 1, 7, 5, tzinfo=UTC))) == "1 Oct 1997 07:05"


def test_spans_and_plurals():
    assert plain(write.span(39.0, "W")) == "39 weeks"
    assert plain(write.span(1, "M")) == "1 month"
    assert write.plural(1, "customer") == "1 customer"
    assert write.plural(2000, "customer") == "2,000 customers"
    assert write.whole(12345.6) == "12,346"


def test_percent_to_compare():
    assert plain(write.percent_to_compare(0.0213)) == "2.1 %"
    assert plain(write.percent_to_compare(0.0)) == "0.0 %"
