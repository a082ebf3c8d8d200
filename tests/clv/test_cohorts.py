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


@pytest.mark.parametrize(
    ("survivors", "text"),
    [
        ([10, 7, 8], r"a cohort that grows from 7 to 8 in period 2 \(cohort 0\)"),
        ([[10, 7], [5, nan, 4]], r"gaps or infinite numbers \(cohort 1\)"),
        ([[10, 7], [5]], r"a cohort of one number, .* \(cohort 1\)"),
        ([10], "a cohort of one number"),
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
        DataError, match=f"Model: survivors .*{text}" if survivors is not None else text
    ):
        cohort_rows(survivors, "Model")
