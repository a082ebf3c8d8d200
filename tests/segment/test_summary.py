"""segment_summary: a case by hand, exact sums, order, frames, texts."""

import math
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.exceptions import DataError
from crmkit.segment import RFMSegmenter, segment_summary
from tests.segment._shop import CUSTOMERS, FRAMES, as_dict

NAMES = ["gone", "gone", "gone", "warm", "warm", "best", "best", "gone", "warm", "gone"]
EXPECTED = {
    "segment": ["best", "warm", "gone"],
    "n_customers": [2, 3, 5],
    "share_of_customers": [0.2, 0.3, 0.5],
    "revenue": [950.0, 204.5, 69.99],
    "share_of_revenue": [950 / 1224.49, 204.5 / 1224.49, 69.99 / 1224.49],
    "median_days_since_last": [3.0, 45.0, 200.0],
    "median_n_orders": [6.5, 3.0, 1.0],
    "median_total_amount": [475.0, 70.0, 15.0],
}


@pytest.mark.parametrize("kind", FRAMES)
def test_by_hand_in_every_library(kind):
    frame = FRAMES[kind](CUSTOMERS)
    out = segment_summary(frame, NAMES)
    assert type(out) is type(frame)
    columns = as_dict(out)
    assert list(columns) == list(EXPECTED)
    for name, expected in EXPECTED.items():
        assert columns[name] == (pytest.approx(expected) if name.startswith("sh") else expected)


def test_new_columns_have_types_of_their_own():
    named = dict.fromkeys(EXPECTED, np.int8(1))
    customers = CUSTOMERS.assign(**{k: v for k, v in named.items() if k not in CUSTOMERS})
    out = as_dict(segment_summary(FRAMES["duckdb"](customers), NAMES))
    assert out == as_dict(segment_summary(customers, NAMES))


@pytest.mark.parametrize("kind", FRAMES)
def test_a_segmenter_names_and_orders(kind):
    frame = FRAMES[kind](CUSTOMERS)
    segmenter = RFMSegmenter().fit(frame)
    columns = as_dict(segment_summary(frame, segmenter))
    present = set(segmenter.predict(frame))
    assert 1 < len(present) < 11
    assert columns["segment"] == [name for name in segmenter.segments_ if name in present]
    by_names = as_dict(segment_summary(frame, segmenter.predict(frame)))
    assert by_names["revenue"] == sorted(columns["revenue"], reverse=True)
    for name in by_names:
        assert sorted(by_names[name]) == sorted(columns[name])


@pytest.mark.parametrize(
    "segments",
    [
        np.array(NAMES),
        np.array(NAMES, dtype=object),
        pd.Series(NAMES),
        pd.Series(NAMES, dtype="category"),
        pl.Series(NAMES),
        pa.chunked_array([NAMES[:4], NAMES[4:]]),
        tuple(NAMES),
    ],
    ids=["text", "object", "pandas", "category", "polars", "pyarrow", "tuple"],
)
def test_segments_of_any_kind(segments):
    pd.testing.assert_frame_equal(
        segment_summary(CUSTOMERS, segments), segment_summary(CUSTOMERS, NAMES)
    )


def test_numbers_of_clusters_stay_numbers():
    numbers = [{"gone": 0, "warm": 1, "best": 2}[name] for name in NAMES]
    out = segment_summary(CUSTOMERS, numbers)
    assert out["segment"].tolist() == [2, 1, 0]
    assert pd.api.types.is_integer_dtype(out["segment"])


def test_another_value_is_summed_and_named():
    customers = CUSTOMERS.assign(clv=np.arange(10.0))
    out = segment_summary(customers, NAMES, value="clv")
    assert out.columns.tolist()[-1] == "median_clv"
    assert dict(zip(out["segment"], out["revenue"], strict=True)) == {
        "gone": 0 + 1 + 2 + 7 + 9,
        "warm": 3 + 4 + 8,
        "best": 5 + 6,
    }
    assert out["segment"].tolist() == ["gone", "warm", "best"]
    days = segment_summary(CUSTOMERS, NAMES, value="n_orders")
    assert days.columns.tolist()[-2:] == ["median_days_since_last", "median_n_orders"]


def test_equal_revenue_is_ordered_by_name():
    two = CUSTOMERS.iloc[:2].assign(total_amount=5.0)
    assert segment_summary(two, ["b", "a"])["segment"].tolist() == ["a", "b"]


def test_share_of_nothing_is_nan():
    free = CUSTOMERS.assign(total_amount=0.0)
    assert segment_summary(free, NAMES)["share_of_revenue"].isna().all()


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(-(10**9), 10**9)), min_size=1, max_size=50
    ),
    st.randoms(use_true_random=False),
)
def test_money_is_exact_and_free_of_order(rows, random):
    def summary(rows):
        names, cents = zip(*rows, strict=True)
        frame = pd.DataFrame({"n_orders": 1, "days_since_last": 1, "total_amount": cents})
        frame["total_amount"] /= 100
        return segment_summary(frame, names)

    out = summary(rows)
    for name, revenue, n in zip(out["segment"], out["revenue"], out["n_customers"], strict=True):
        own = [cents / 100 for segment, cents in rows if segment == name]
        assert revenue == float(sum(map(Fraction, own)))
        assert n == len(own)
    assert math.isclose(out["share_of_customers"].sum(), 1)
    pd.testing.assert_frame_equal(summary(random.sample(rows, len(rows))), out, check_exact=True)


def test_medians_agree_with_pandas():
    rng = np.random.default_rng(3)
    n = 2001
    frame = pd.DataFrame(
        {
            "days_since_last": rng.integers(0, 400, n),
            "n_orders": rng.geometric(0.4, n),
            "total_amount": rng.gamma(1, 70, n),
        }
    )
    names = rng.choice(["x", "y", "z"], n)
    out = segment_summary(frame, names).set_index("segment")
    expected = frame.groupby(names).median().loc[out.index]
    got = out[["median_days_since_last", "median_n_orders", "median_total_amount"]]
    assert (got.to_numpy() == expected.to_numpy()).all()


def test_the_customers_are_untouched():
    before = CUSTOMERS.copy(deep=True)
    segment_summary(CUSTOMERS, RFMSegmenter().fit(CUSTOMERS))
    pd.testing.assert_frame_equal(CUSTOMERS, before)


@pytest.mark.parametrize(
    ("customers", "segments", "text"),
    [
        (CUSTOMERS, NAMES[:9], r"one segment for each of 10 customers, got shape \(9,\)"),
        (CUSTOMERS, CUSTOMERS, r"one segment for each of 10 customers, got shape \(10, 4\)"),
        (CUSTOMERS, [None, *NAMES[1:9], None], r"2 of 10 customers have no segment \(first at ro"),
        (CUSTOMERS, pd.Series([np.nan, *NAMES[1:]]), "1 of 10 customers have no segment"),
        (CUSTOMERS, pd.Series(NAMES)[::-1], r"index of segments is not that of customers"),
        (CUSTOMERS.to_numpy(), NAMES, r"a frame is needed .* got numpy"),
        (CUSTOMERS.drop(columns="n_orders"), NAMES, r"column 'n_orders' not found"),
        (CUSTOMERS.assign(total_amount=np.nan), NAMES, r"'total_amount' has 10 NaN"),
    ],
)
def test_data_are_refused_with_a_text(customers, segments, text):
    with pytest.raises(DataError, match=f"^segment_summary: .*{text}"):
        segment_summary(customers, segments)


def test_a_misspelt_value_is_named():
    with pytest.raises(DataError, match=r"'total_amout' not found. Did you mean 'total_amount'"):
        segment_summary(CUSTOMERS, NAMES, value="total_amout")
