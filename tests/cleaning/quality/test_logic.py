"""The order of dates: pairs found and given, who of the two is likelier wrong."""

import numpy as np
import pytest

from crmkit.cleaning._quality._logic import (
    EQUALLY,
    LESS_LIKELY,
    LIKELIER,
    date_pairs,
    given_pairs,
    order_signs,
)
from crmkit.exceptions import DataError
from tests.cleaning.quality.columns import columns

DAYS = [f"2021-{month:02d}-{day:02d}" for month in range(1, 7) for day in range(1, 28)]
LATER = [f"2021-{month:02d}-{day:02d}" for month in range(2, 8) for day in range(1, 28)]


def test_pairs_in_one_order_are_found():
    ends = [*LATER[:-1], "2020-05-05"]
    made = columns(start=("date", DAYS), end=("date", ends), name=("text", DAYS))
    assert date_pairs(list(made.values())) == [["start", "end"]]


def test_dates_in_no_order_or_equal_are_no_pair():
    mixed = np.random.default_rng(0).permutation(DAYS).tolist()
    made = columns(a=("date", DAYS), b=("date", mixed), c=("date", DAYS))
    assert date_pairs(list(made.values())) == []


def test_birth_comes_first_even_in_few_rows():
    made = columns(first_order=("date", ["2020-01-01"]), born=("birth_date", ["1980-01-01"]))
    assert date_pairs(list(made.values())) == [["born", "first_order"]]


def test_the_far_date_is_the_likelier_error():
    made = columns(start=("date", [*DAYS, "2031-01-01"]), end=("date", [*LATER, "2021-03-01"]))
    found = {
        name: (rows.tolist(), w.tolist())
        for name, rows, w, _ in order_signs([["start", "end"]], made)
    }
    row = len(DAYS)
    assert found == {"start": ([row], [LIKELIER]), "end": ([row], [LESS_LIKELY])}


def test_neither_is_blamed_more_where_both_are_usual():
    made = columns(start=("date", [*DAYS, "2021-06-01"]), end=("date", [*LATER, "2021-03-01"]))
    signs = order_signs([["start", "end"]], made)
    assert [w.tolist() for *_, w, _ in signs] == [[EQUALLY], [EQUALLY]]
    assert signs[0][3] == "later than 'end'"
    assert signs[1][3] == "earlier than 'start'"


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        (["start"], "must be pairs of columns"),
        ([("start", "ends")], "column 'ends' not found. Did you mean 'end'"),
        ([("start", "name")], r"'name' is of kind 'text'. If it holds dates, state kinds="),
    ],
)
def test_pairs_that_are_refused(pairs, message):
    kinds = {"start": "date", "end": "date", "name": "text"}
    with pytest.raises(DataError, match=message):
        given_pairs(pairs, kinds, "WrongValueDetector")
