"""RFMSegmenter: cases by hand, every cell, frozen edges, frames, texts, contracts, the suite."""

from itertools import product

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import check_estimator

from crmkit.exceptions import DataError, DataWarning
from crmkit.segment import RFMScorer, RFMSegmenter, segment_summary
from crmkit.segment._schemes import GRID11, NAMES, cell_texts
from tests.contracts import customer_level
from tests.segment._shop import CUSTOMERS, FRAMES, NUMBERS, SegmenterOnAnyData, as_dict

# One customer in each cell, if the column itself is the score (its edges are 2, 3, 4, 5).
ALL_CELLS = np.array(list(product(range(1, 6), repeat=3)), dtype=float)
AS_THEY_ARE = RFMScorer(
    edges={"recency": [1, 2, 3, 4], "frequency": [2, 3, 4, 5], "monetary": [2, 3, 4, 5]}
)


def test_every_cell_of_the_grid_gets_its_name_whatever_the_money():
    days_first = ALL_CELLS * [-1, 1, 1] + [6, 0, 0]
    segmenter = RFMSegmenter(scorer=AS_THEY_ARE).fit(days_first)
    assert segmenter.scorer_.transform(days_first).tolist() == ALL_CELLS.tolist()
    names = NAMES["grid11"]["en"]
    expected = [names[GRID11[int(r) - 1][int(f) - 1]] for r, f, _ in ALL_CELLS]
    assert segmenter.predict(days_first).tolist() == expected
    assert segmenter.segments_.tolist() == list(names)
    assert segmenter.thresholds_ is None


def test_high_is_above_the_mean_score_and_stays_there():
    # scores of halves: R 2 1 1 1, F 2 2 2 1 (mean 1.75), M 1 1 2 2
    x = [[1, 5, 1.0], [9, 5, 1.0], [9, 5, 7.0], [9, 1, 7.0]]
    by_hand = RFMScorer(levels=2, edges={"recency": [1], "frequency": [5], "monetary": [7.0]})
    segmenter = RFMSegmenter("cube8", scorer=by_hand).fit(x)
    assert segmenter.thresholds_.tolist() == [1.25, 1.75, 1.5]
    expected = ["General Value", "General Retention", "Key Retention", "Key Win-Back"]
    assert segmenter.predict(x).tolist() == expected
    assert segmenter.predict([[0, 9, 90.0]] * 3).tolist() == ["Key Value"] * 3
    assert segmenter.predict([[0, 1, 90.0], [1, 4, 6.0]]).tolist() == [
        "Key Growth",
        "General Growth",
    ]


def test_a_score_at_the_mean_is_low():
    same = [[5, 1, 9.0]] * 5
    segmenter = RFMSegmenter("cube8").fit(same)
    assert segmenter.thresholds_.tolist() == [3, 3, 3]
    assert segmenter.predict(same).tolist() == ["General Win-Back"] * 5


def test_chinese_names():
    for scheme in ("grid11", "cube8"):
        english = RFMSegmenter(scheme).fit(NUMBERS)
        chinese = RFMSegmenter(scheme, language="zh").fit(NUMBERS)
        words = dict(zip(english.segments_, chinese.segments_, strict=True))
        assert [words[name] for name in english.predict(NUMBERS)] == chinese.predict(
            NUMBERS
        ).tolist()
    assert RFMSegmenter("cube8", language="zh").fit(NUMBERS).segments_[0] == "重要价值客户"


def test_a_mapping_names_cells_as_it_says():
    scheme = {"22": "best", "21": "new", "12": "back", "11": "gone"}
    segmenter = RFMSegmenter(scheme, scorer=RFMScorer(levels=2)).fit(NUMBERS)
    scores = segmenter.scorer_.transform(NUMBERS)
    assert segmenter.predict(NUMBERS).tolist() == [scheme[f"{r}{f}"] for r, f, _ in scores]
    assert segmenter.segments_.tolist() == ["best", "new", "back", "gone"]


def test_later_customers_meet_the_edges_and_thresholds_of_fit():
    for scheme in ("grid11", "cube8"):
        segmenter = RFMSegmenter(scheme).fit(NUMBERS)
        names = segmenter.predict(NUMBERS)
        for row in range(len(NUMBERS)):
            assert segmenter.predict(NUMBERS.iloc[[row]]).tolist() == [names[row]]


@given(
    st.lists(
        st.tuples(st.integers(0, 400), st.integers(1, 9), st.floats(0, 1e4)),
        min_size=1,
        max_size=40,
    ),
    st.sampled_from(["grid11", "cube8"]),
)
def test_everybody_has_one_name_equal_customers_the_same(rows, scheme):
    x = np.array(rows, dtype=float)
    segmenter = RFMSegmenter(scheme)
    names = segmenter.fit_predict(np.vstack([x, x[::-1]]))
    assert set(names) <= set(segmenter.segments_)
    assert (names == names[::-1]).all()
    best = [[x[:, 0].min() - 1, x[:, 1].max() + 1, x[:, 2].max() + 1]]
    worst = [[x[:, 0].max() + 1, x[:, 1].min() - 1, x[:, 2].min() - 1]]
    ends = segmenter.predict(best + worst).tolist()
    assert ends == segmenter.segments_[[0, -1]].tolist()


@pytest.mark.parametrize("kind", FRAMES)
def test_frames_agree_and_come_back_in_their_library(kind):
    frame = FRAMES[kind](CUSTOMERS)
    segmenter = RFMSegmenter().fit(frame)
    out = segmenter.predict_frame(frame)
    assert type(out) is type(frame)
    expected = {
        "customer_id": list("abcdefghij"),
        **dict(zip("RFM", RFMScorer().fit_transform(NUMBERS).T.tolist(), strict=True)),
        "segment": RFMSegmenter().fit_predict(NUMBERS).tolist(),
    }
    assert as_dict(out) == expected
    assert list(as_dict(out)) == list(expected)
    assert segmenter.predict(frame).tolist() == expected["segment"]


def test_a_lazy_frame_of_changing_order_keeps_ids_and_names_together():
    frame = pl.from_pandas(CUSTOMERS).lazy()
    turning = frame.map_batches(lambda df: df.sample(fraction=1, shuffle=True))
    segmenter = RFMSegmenter().fit(turning)
    expected = segmenter.predict_frame(frame).collect().sort("customer_id")
    for _ in range(3):
        assert segmenter.predict_frame(turning).collect().sort("customer_id").equals(expected)
        by_segment = as_dict(segment_summary(turning, segmenter))
        assert by_segment == as_dict(segment_summary(frame, segmenter))


def test_predict_frame_keeps_the_index_and_takes_the_id_by_name():
    customers = CUSTOMERS[::-1][["n_orders", "customer_id", "total_amount", "days_since_last"]]
    out = RFMSegmenter().fit(customers).predict_frame(customers, customer="customer_id")
    assert out["customer_id"].tolist() == list("jihgfedcba")
    assert out.index.tolist() == list(range(9, -1, -1))


def test_the_scorer_is_cloned_and_knows_its_columns():
    scorer = RFMScorer(monetary="spent")
    customers = CUSTOMERS.rename(columns={"total_amount": "spent"})
    segmenter = RFMSegmenter(scorer=scorer).fit(customers)
    assert not hasattr(scorer, "edges_")
    names = ["days_since_last", "n_orders", "spent"]
    assert segmenter.feature_names_in_.tolist() == names
    assert segmenter.scorer_.feature_names_in_.tolist() == names
    assert (segmenter.scorer_.transform(customers) == scorer.fit_transform(customers)).all()


def test_a_second_fit_forgets_the_thresholds():
    segmenter = RFMSegmenter("cube8").fit(NUMBERS)
    assert segmenter.set_params(scheme="grid11").fit(NUMBERS).thresholds_ is None
    assert len(segmenter.segments_) == 11


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ({"scheme": "grid12"}, r"scheme .* must be one of \['grid11', 'cube8'\], got 'grid12'\. D"),
        ({"scheme": None}, r"scheme .* must be one of .*, got None"),
        ({"language": "cn"}, r"language must be one of \['en', 'zh'\], got 'cn'"),
        ({"scorer": "five"}, r"scorer must be an RFMScorer or None, got 'five'"),
        ({"scorer": RFMScorer(levels=3)}, r"'grid11' needs 5 levels .* has 3 and 3"),
        ({"scheme": {"55": "best"}}, r"must name every cell once.* 24 missing: '11'"),
    ],
)
def test_parameters_are_refused_in_fit_with_a_text(parameters, text):
    segmenter = RFMSegmenter(**parameters)
    with pytest.raises(DataError, match=f"^RFMSegmenter: .*{text}"):
        segmenter.fit(NUMBERS)


def test_data_are_refused_with_a_text():
    segmenter = RFMSegmenter()
    with pytest.raises(DataError, match=r"^RFMSegmenter: column 'n_orders' not found"):
        segmenter.fit(NUMBERS.drop(columns="n_orders"))
    with pytest.raises(DataError, match=r"^RFMSegmenter: an array must hold 3 columns .* got 2"):
        segmenter.fit([[1, 2], [3, 4]])
    with pytest.raises(DataError, match=r"^RFMSegmenter: 'n_orders' has 1 infinite \(first at"):
        segmenter.fit(NUMBERS.assign(n_orders=[np.inf, *[1.0] * 9]))
    segmenter.fit(CUSTOMERS)
    with pytest.raises(DataError, match=r"^RFMSegmenter: a frame is needed"):
        segmenter.predict_frame(NUMBERS.to_numpy())
    with pytest.raises(DataError, match=r"the customer id is called 'segment'"):
        segmenter.predict_frame(CUSTOMERS.rename(columns={"customer_id": "segment"}))
    with pytest.raises(NotFittedError):
        RFMSegmenter().predict_frame(CUSTOMERS)


def test_the_warning_of_an_age_points_at_the_caller():
    customers = NUMBERS.assign(recency=1.0, T=2.0)
    with pytest.warns(DataWarning, match="RFMScorer: column 'recency' beside 'T'") as caught:
        RFMSegmenter(scorer=RFMScorer(recency="recency")).fit(customers)
    assert [w.filename for w in caught] == [__file__]


@pytest.mark.parametrize("contract", customer_level.ALL, ids=lambda f: f.__name__)
@pytest.mark.parametrize(
    "segmenter",
    [
        RFMSegmenter(),
        RFMSegmenter("cube8", scorer=RFMScorer(levels=3), language="zh"),
        RFMSegmenter(dict.fromkeys(cell_texts((5, 5)), "all") | {"55": "best"}),
    ],
    ids=["grid11", "cube8", "mapping"],
)
def test_contract(contract, segmenter):
    contract(segmenter, NUMBERS)


@pytest.mark.parametrize("scheme", ["grid11", "cube8"])
def test_scikit_learn_suite(scheme):
    results = check_estimator(SegmenterOnAnyData(scheme), on_skip=None)
    ran = [r["check_name"] for r in results if r["status"] == "passed"]
    assert len(ran) >= 36, f"only {len(ran)} checks passed: {ran}"


def test_an_index_of_the_caller_is_not_needed():
    indexed = CUSTOMERS.set_index("customer_id")
    names = RFMSegmenter().fit(indexed).predict(indexed)
    assert pd.Series(names, index=indexed.index)["g"] == "Champions"
