"""What every metric refuses, and how it says so."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from crmkit import metrics
from crmkit.exceptions import DataError

PAIRED = [
    metrics.captured_share,
    metrics.mean_poisson_deviance,
    metrics.normalized_gini,
    metrics.spearman,
    metrics.total_bias,
    metrics.value_scores,
]
SINGLE = [metrics.gini, metrics.lorenz_curve, metrics.top_share]


@pytest.mark.parametrize("metric", SINGLE, ids=lambda f: f.__name__)
def test_every_fault_of_values_is_told_in_one_error(metric):
    with pytest.raises(DataError) as caught:
        metric([1.0, np.nan, -2.0, np.inf, np.nan])
    assert str(caught.value) == (
        f"{metric.__name__}: values has 2 NaN (first at row 1), 1 infinite (first at row 3), "
        "1 negative (first at row 2). Drop or repair these first."
    )


@pytest.mark.parametrize("metric", PAIRED, ids=lambda f: f.__name__)
@pytest.mark.parametrize("name", ["y_true", "y_pred"])
def test_both_sides_of_a_pair_are_checked(metric, name):
    sides = {"y_true": [0.0, 1.0], "y_pred": [0.5, 0.5]} | {name: [0.0, -1.0]}
    with pytest.raises(DataError, match=rf"^{metric.__name__}: {name} has 1 negative \(first at r"):
        metric(**sides)


@pytest.mark.parametrize("metric", SINGLE, ids=lambda f: f.__name__)
def test_empty_and_square_and_text_are_refused(metric):
    with pytest.raises(DataError, match=f"^{metric.__name__}: values is empty"):
        metric([])
    with pytest.raises(DataError, match=r"got shape \(2, 2\)"):
        metric(np.ones((2, 2)))
    with pytest.raises(DataError, match="values must hold numbers, got text"):
        metric(["a", "b"])


@pytest.mark.parametrize("metric", SINGLE, ids=lambda f: f.__name__)
def test_nothing_to_share_is_an_error(metric):
    with pytest.raises(DataError, match="all 3 values are 0: there is nothing to share"):
        metric([0.0, 0.0, 0.0])


@pytest.mark.parametrize("metric", PAIRED, ids=lambda f: f.__name__)
def test_unequal_lengths_are_told(metric):
    with pytest.raises(DataError, match=r"y_true has 3 customers and y_pred 2\. Both must be in"):
        metric([0, 1, 2], [0.5, 0.5])


@pytest.mark.parametrize("kind", [pd.Series, pl.Series, pa.array, lambda v: pa.chunked_array([v])])
def test_columns_of_every_library_are_read(kind):
    true, pred = [0.0, 1.0, 3.0], [0.5, 1.0, 1.5]
    assert metrics.value_scores(kind(true), kind(pred)) == metrics.value_scores(true, pred)
    assert metrics.gini(kind(true)) == metrics.gini(true)


@pytest.mark.parametrize(
    ("values", "word"),
    [
        (["1", "2"], "text"),
        (np.array(["1", 2], dtype=object), "text"),
        (pd.Series(["1", "2"]), "text"),
        (pd.to_datetime(["2024-01-01", "2024-01-02"]), "dates"),
        (pl.Series(["1", "2"]), "text"),
        (pd.to_timedelta([1, 2], unit="D"), "durations"),
        (np.array([1j, 2]), "complex numbers"),
    ],
)
def test_what_only_converts_to_numbers_is_none(values, word):
    with pytest.raises(DataError, match=f"value_scores: y_pred must hold numbers, got {word}"):
        metrics.value_scores([0.0, 1.0], values)


def test_a_level_may_be_any_real_number():
    bounds = [[0.0], [0.0], [1.0]]
    assert metrics.interval_score(*bounds, level=np.float32(0.5)) == metrics.interval_score(
        *bounds, level=0.5
    )
