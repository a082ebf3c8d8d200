"""compare_segments: every way to tell a segmentation, crosses by hand, V, frames, words, texts."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import stats
from sklearn.exceptions import NotFittedError

from crmkit.exceptions import DataError
from crmkit.segment import RFMSegmenter, SegmentComparison, ValueTiers, compare_segments
from crmkit.segment._segment_comparison import grade
from tests.segment._shop import CUSTOMERS, FRAMES, as_dict

SHOP = CUSTOMERS.assign(
    region=["n", "n", "s", None, "n", "e", "s", "n", "n", "e"], sex=[0, 1] * 5, day="2024-01-01"
)
TIERS = ValueTiers(("low", "mid", "high"), by="thresholds", edges=(20, 100))
VALUE = ["low", "mid", "low", "mid", "mid", "high", "high", "low", "mid", "low"]


def test_every_way_to_tell_a_segmentation():
    by_id = pd.DataFrame({"stage": list("xyx"), "customer_id": list("jab")})
    found = compare_segments(
        SHOP,
        {
            "region": "region",
            "sex": "sex",
            "rfm": RFMSegmenter().fit(SHOP),
            "value": TIERS,
            "stage": by_id,
            "array": list("aabbaabbab"),
        },
    ).frame()
    assert list(found) == ["customer_id", "region", "sex", "rfm", "value", "stage", "array"]
    assert found["region"].tolist() == ["n", "n", "s", "(missing)", "n", "e", "s", "n", "n", "e"]
    assert found["sex"].tolist() == ["0", "1"] * 5
    assert found["rfm"].tolist() == RFMSegmenter().fit_predict(SHOP).tolist()
    assert found["value"].tolist() == VALUE
    assert found["stage"].tolist() == ["y", "x", *["(missing)"] * 7, "x"]
    assert found["array"].tolist() == list("aabbaabbab")
    with pytest.raises(NotFittedError):
        TIERS.predict(SHOP)


def test_a_cross_by_hand():
    both = compare_segments(SHOP, {"value": VALUE, "region": "region"})
    assert both.levels["value"] == ("high", "low", "mid")
    found = both.cross("value", "region").set_index(["value", "region"])
    assert found.loc[("mid", "n")].tolist() == [3, 0.75, 3 / (4 * 5 / 10)]
    assert found.loc[("high", "n")].tolist() == [0, 0, 0]
    assert found["n_customers"].sum() == 10
    crosstab = pd.crosstab(pd.Series(VALUE), SHOP["region"].fillna("(missing)"))
    matrix = both.matrix("value", "region")
    assert matrix.loc["mid"].to_dict() == crosstab.loc["mid"].to_dict()
    assert matrix.columns.tolist() == ["e", "n", "s", "(missing)"]
    assert both.matrix("value", "region", "share").sum(axis=1).tolist() == pytest.approx([1, 1, 1])
    lift = both.matrix("value", "region", "lift")
    assert (lift * crosstab.sum(axis=0) / 10).sum(axis=1).tolist() == pytest.approx([1, 1, 1])


def test_a_segmenters_own_order_is_kept():
    both = compare_segments(SHOP, {"value": TIERS})
    assert both.levels["value"] == ("high", "mid", "low")


def test_the_same_and_the_independent():
    random = np.random.default_rng(0)
    n = 2000
    a, b = random.integers(0, 4, n), random.integers(0, 3, n)
    customers = pd.DataFrame({"id": range(n), "a": a, "b": b, "again": (a + 1) % 4, "one": "x"})
    both = compare_segments(customers, {key: key for key in ("a", "b", "again", "one")})
    found = both.associations()
    pairs = [tuple(pair) for pair in found[["first", "second"]].to_numpy()]
    assert pairs[0] == ("a", "again")
    v = dict(zip(pairs, found["cramers_v"], strict=True))
    assert v["a", "again"] == pytest.approx(1)
    assert v["a", "b"] < 0.05
    assert np.isnan(v["a", "one"])
    known = found["p_value"].dropna()
    p = stats.chi2_contingency(pd.crosstab(a, b), correction=False).pvalue
    assert p in known.tolist()
    assert found["p_adjusted"].dropna().tolist() == stats.false_discovery_control(known).tolist()
    text = str(both)
    assert text.startswith("2,000 customers in 4 segmentations: a (4), b (3), again (4), one (1)")
    lines = [line.split(maxsplit=6)[:6] for line in text.splitlines()[3:5]]
    assert lines[0] == ["a", "and", "again", "1.00", "nearly", "the"]
    assert text.count("-  a single segment") == 3


def test_long_names_stand_below_the_table():
    long = {v: f"{v} spenders who come seldom and buy much of everything" for v in set(VALUE)}
    told = str(compare_segments(SHOP, {"value": [long[v] for v in VALUE], "region": "region"}))
    assert max(len(line) for line in told.splitlines()) <= 92
    assert "Most above chance:\nvalue and region: " in told
    assert told.splitlines()[2].endswith("related")
    assert "most above chance" not in told
    short = str(compare_segments(SHOP, {"value": VALUE, "region": "region"}))
    assert short.splitlines()[2].endswith("most above chance")


@pytest.mark.parametrize(
    ("v", "word"),
    [
        (0.09, "hardly related"),
        (0.11, "weakly"),
        (0.29, "weakly"),
        (0.31, "clearly"),
        (0.61, "strongly"),
        (0.91, "nearly the same"),
        (np.nan, "a single segment"),
    ],
)
def test_an_association_in_a_word(v, word):
    assert grade(v) == word


def test_one_segmentation_has_no_pairs():
    one = compare_segments(SHOP, {"value": VALUE})
    assert one.associations().shape == (0, 5)
    assert str(one) == "10 customers in 1 segmentations: value (3)"


@pytest.mark.parametrize("kind", FRAMES)
def test_frames_agree_and_come_back_in_their_library(kind):
    plain = SHOP.drop(columns="day")
    frame = FRAMES[kind](plain)
    told = {"region": "region", "value": TIERS, "stage": pl.from_pandas(plain[["customer_id"]])}
    told["stage"] = told["stage"].with_columns(stage=pl.lit("x"))
    found, expected = compare_segments(frame, told), compare_segments(plain, told)
    assert isinstance(found, SegmentComparison)
    assert type(found.frame()) is type(frame)
    assert as_dict(found.frame()) == as_dict(expected.frame())
    assert str(found) == str(expected)
    cross = found.cross("region", "value")
    assert type(cross) is type(frame)
    assert as_dict(cross) == as_dict(expected.cross("region", "value"))


def test_the_input_stays():
    before = SHOP.copy()
    compare_segments(SHOP, {"value": TIERS, "region": "region"})
    pd.testing.assert_frame_equal(SHOP, before)


def test_data_are_refused_with_a_text():
    with pytest.raises(
        DataError, match=r"^compare_segments: column 'regio' not found\. Did you me"
    ):
        compare_segments(SHOP, {"a": "regio"})
    with pytest.raises(DataError, match=r"segmentations must be a mapping from names"):
        compare_segments(SHOP, {})
    with pytest.raises(DataError, match=r"a segmentation is called 'lift', as is another column"):
        compare_segments(SHOP, {"lift": "region"})
    with pytest.raises(DataError, match=r"'a' is a class: make a segmenter of it, ValueTiers\(\)"):
        compare_segments(SHOP, {"a": ValueTiers})
    with pytest.raises(DataError, match=r"one segment for each of 10 customers, got shape \(2,\)"):
        compare_segments(SHOP, {"a": ["x", "y"]})
    many = pd.DataFrame({"id": range(60), "a": range(60)})
    with pytest.raises(DataError, match=r"'a' has 60 segments, more than 50"):
        compare_segments(many, {"a": "a"})
    with pytest.raises(DataError, match=r"'a' holds neither words nor numbers"):
        compare_segments(SHOP.assign(day=pd.Timestamp("2024-01-01")), {"a": "day"})
    with pytest.raises(DataError, match=r"there are no customers"):
        compare_segments(SHOP[:0], {"a": "region"})
    both = compare_segments(SHOP, {"value": VALUE, "region": "region"})
    with pytest.raises(DataError, match=r"a segmentation must be one of .*, got 'regio'\. Did you"):
        both.cross("value", "regio")
    with pytest.raises(DataError, match=r"measure must be one of"):
        both.matrix("value", "region", "mean")
