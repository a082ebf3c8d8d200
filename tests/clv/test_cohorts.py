"""Tables of survivors as customers: cases by hand, shapes, faults."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from crmkit.clv._cohorts import cohort_rows
from crmkit.exceptions import DataError

nan = np.nan


def table(survivors):
    """T, churned and number of customers, as tuples."""
    rows, many = cohort_rows(survivors, "Model")
    return [(T, churned, n) for (T, churned), n in zip(rows.tolist(), many.tolist(), strict=True)]


def test_a_cohort_by_hand():
    assert table([10, 7, 6]) == [(1, 1, 3), (2, 1, 1), (2, 0, 6)]


def test_every_cohort_stands_alone():
    """Two cohorts of different size and length are what they are one by one."""
    one, two = [100, 60, 50, 45], [1000, 900]
    both = table(one) + table(two)
    assert table([one, two]) == both
    assert table((np.array(one), tuple(two))) == both
    padded = [[100, 60, 50, 45], [1000, 900, nan, nan]]
    assert table(padded) == table(np.array(padded)) == both
    assert table(pd.DataFrame(padded, index=["spring", "autumn"])) == both
    assert table(pl.DataFrame(padded, orient="row")) == both
    assert table(pl.DataFrame([one, [1000, 900, None, None]], orient="row")) == both


def test_nobody_left_and_all_left():
    assert table([5, 5]) == [(1, 1, 0), (1, 0, 5)]
    assert table([5, 0, 0]) == [(1, 1, 5), (2, 1, 0), (2, 0, 0)]


def test_a_cohort_of_which_only_the_size_is_known_is_left_out():
    triangle = [[100, 60, 50], [80, 50, nan], [120, nan, nan]]
    expected = table(triangle[0]) + table(triangle[1][:2])
    assert table(triangle) == table(pd.DataFrame(triangle)) == expected
    assert table([[100, 60, 50], [80, 50], [120]]) == expected


def test_single_customers_and_sizes_like_years_are_no_fault():
    assert table([[10, 7], [1, 0]]) == [*table([10, 7]), (1, 1, 1), (1, 0, 0)]
    sizes = [[2019, 1500], [2019, 1400], [1990, 1300]]
    assert table(pd.DataFrame(sizes, columns=["size", 1])) == [
        row for cohort in sizes for row in table(cohort)
    ]
    assert table([[2019, 100], [2020, 90]]) == table([2019, 100]) + table([2020, 90])
    indexed = pd.DataFrame([[100, 80]], index=pd.Index([2019], name="cohort"))
    assert table(indexed) == table([100, 80])


@pytest.mark.parametrize(
    ("survivors", "text"),
    [
        ([10, 7, 8], r"a cohort that grows from 7 to 8 in period 2 \(cohort 0\)"),
        ([[10, 7], [5, nan, 4]], r"gaps or infinite numbers \(cohort 1\)"),
        ([[10], [5]], r"a cohort of one number, .* \(cohort 1\)"),
        ([[10, nan], [5, nan]], r"a cohort of one number, .* \(cohort 1\)"),
        ([[10, 7], [-5, nan]], r"a negative number, -5 \(cohort 1\)"),
        ([10], "a cohort of one number"),
        ([1.0, 0.869, 0.743], r"shares, a cohort that starts with 1 .*Multiply shares by the num"),
        ([[100, 80], [0.4, 0.3]], r"shares, a cohort that starts with 0\.4 \(cohort 1\)"),
        ([[1, 1], [1, 0]], "shares, cohorts that start with 1"),
        (pd.DataFrame({"segment": [1, 2], "1": [90, 80], "2": [70, 60]}), "'segment', looks like"),
        (pd.DataFrame([[2019, 100, 80], [2020, 90, 70]]), "looks like the names of the cohorts"),
        (pd.DataFrame([[202312, 100], [202401, 90]]), r"\(first \[202312\.0\]\)"),
        (pd.DataFrame([[2019, 100]], columns=["Cohort", "1"]), "'cohort', looks .*set_index"),
        (pl.DataFrame([[2019, 100]], schema=["since", "0"], orient="row"), "'since', looks like"),
        ([0, 0], "a cohort that starts with nobody"),
        ([5, -1], "a negative number, -1"),
        ([nan, nan], "gaps or infinite numbers"),
        ([np.inf, 4], "gaps or infinite numbers"),
        ([], "gaps or|a cohort of one number"),
        ([[[1, 2]], [[3, 4]]], "a table within a table"),
        ([[3, 4]] * 9, r"\(cohort 2\), and 6 more"),
        (pd.DataFrame({"name": ["spring"], "0": [4]}), "Put names of cohorts in the index"),
        (None, "survivors"),
    ],
)
def test_faults_are_told(survivors, text):
    with pytest.raises(
        DataError, match=f"Model: .*survivors.*{text}" if survivors is not None else text
    ):
        cohort_rows(survivors, "Model")
