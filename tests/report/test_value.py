"""Value in words: the total with its interval, beside the error of the check; concentration."""

import numpy as np
import pytest

from crmkit.report import ValueContent
from crmkit.report._value import (
    concentration_table,
    concentration_text,
    introduction,
    single_text,
    skewed_text,
    total_table,
)
from tests.report._made import CUSTOMERS, content


def plain(sentences):
    return " ".join(sentences).replace("\N{NO-BREAK SPACE}", " ")


WORTH = ValueContent(total=(700.0, 900.0), segments={"Champions": (650.0, 850.0)})
ENDS = CUSTOMERS.assign(clv_low=CUSTOMERS["clv"] * 0.5, clv_high=CUSTOMERS["clv"] * 2.0)


def test_the_total_is_told_with_its_interval():
    said = plain(introduction(content(worth=WORTH)))
    assert "All 6 customers together are worth 794.00 in the next 52 weeks, with a prob" in said
    assert "of 80 % between 700.00 and 900.00." in said


def test_an_error_larger_than_the_interval_is_told():
    narrow = ValueContent(total=(793.0, 795.0))
    said = plain(introduction(content(worth=narrow)))
    assert "was off by 12 %, more than half the width of this interval (0.1 %)" in said
    wide = ValueContent(total=(0.0, 2000.0))
    assert "was off by 12 %, within such a width." in plain(introduction(content(worth=wide)))
    unchecked = plain(introduction(content(worth=wide, holdout=None)))
    assert "It was not checked on past data" in unchecked


def test_without_an_interval_it_is_said():
    assert introduction(content())[0].endswith("How sure that is was not computed.")
    assert total_table(content()) is None


def test_totals_of_segments_stand_below_that_of_all():
    table = total_table(content(worth=WORTH))
    assert [row[0] for row in table.rows] == ["all customers", "Champions"]
    assert [row[2].value for row in table.rows] == [794.0, 750.0]
    assert table.rows[1][3].value == [650.0, 850.0]


def test_a_value_above_its_interval_is_explained():
    assert skewed_text(content(worth=WORTH)) == []
    assert skewed_text(content()) == []
    skewed = ValueContent((700.0, 900.0), {"Champions": (650.0, 850.0), "Lost": (0.0, 1.5)})
    (said,) = skewed_text(content(worth=skewed))
    assert said.startswith("The expected value of “Lost” lies above its interval: it rests on")


def test_ranges_of_single_customers_are_told():
    assert single_text(content()) == []
    said = plain(single_text(content(ENDS, level=0.9)))
    assert "with a probability of 90 % is, in the middle of all, 1.5 times as wide as" in said
    assert "of 0 % of the customers it begins at nothing" in said


def test_how_few_hold_how_much():
    table = concentration_table(content())
    assert [row[1].value for row in table.rows] == [1, 1, 1, 2, 3]
    assert table.rows[3][3].value == pytest.approx(750 / 794)
    assert table.rows[3][4].value == 150.0
    assert plain(concentration_text(content())) == (
        "80 % of the expected value comes from 2 customers (33 % of all)."
    )
    nothing = content(CUSTOMERS.assign(clv=0.0))
    assert concentration_table(nothing) is None
    assert concentration_text(nothing) == []


def test_the_best_of_an_exact_share_are_not_one_too_many():
    many = CUSTOMERS.loc[np.arange(100) % 6].assign(id=np.arange(100)).reset_index(drop=True)
    rows = concentration_table(content(many)).rows
    assert [row[1].value for row in rows] == [1, 5, 10, 20, 50]
