"""RFMScorer: cases by hand, an oracle, properties, frozen edges, texts, contracts, the suite."""

import math
import os
import time
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import check_estimator

from crmkit.exceptions import DataError, DataWarning
from crmkit.segment import RFMScorer
from tests.contracts import customer_level
from tests.segment._shop import CUSTOMERS, FRAMES, NUMBERS, ScorerOnAnyData, as_dict


def scores_of(values, role, **parameters):
    """Scores of one column, the other two held constant."""
    column = ("recency", "frequency", "monetary").index(role)
    x = np.ones((len(values), 3))
    x[:, column] = values
    return RFMScorer(**parameters).fit(x).transform(x)[:, column].tolist()


@pytest.mark.parametrize(
    ("ties", "expected"),
    [
        ("midrank", [2, 2, 2, 3, 4, 4, 4]),
        ("lowest", [1, 1, 1, 3, 3, 3, 4]),
        ("highest", [2, 2, 2, 3, 4, 4, 4]),
    ],
)
@pytest.mark.parametrize("role", ["frequency", "monetary"])
def test_quarters_by_hand(role, ties, expected):
    assert scores_of([1, 1, 1, 2, 5, 5, 8], role, levels=4, ties=ties) == expected


def test_each_rule_of_ties_differs_from_the_others():
    values = [1] * 6 + [2] * 4
    got = {ties: scores_of(values, "frequency", ties=ties) for ties in ("lowest", "highest")}
    assert got["lowest"] == [1] * 6 + [4] * 4
    assert got["highest"] == [3] * 6 + [5] * 4
    assert scores_of(values, "frequency") == [2] * 6 + [5] * 4


def test_fewest_days_score_highest_and_only_recency_is_reversed():
    x = np.repeat(np.arange(1.0, 6.0)[:, None], 3, axis=1)
    assert RFMScorer().fit_transform(x).tolist() == [[6 - k, k, k] for k in range(1, 6)]


def test_edges_are_in_the_unit_of_the_column_and_ascending():
    fitted = RFMScorer(levels={"recency": 3, "frequency": 2, "monetary": 4}).fit(NUMBERS)
    assert fitted.levels_ == {"recency": 3, "frequency": 2, "monetary": 4}
    # days, ten customers: 410 300 200 | 90 60 45 | 20 5 1 1: ranks 4 and 7 begin a third
    assert fitted.edges_["recency"].tolist() == [20.0, 90.0]
    # orders, ten customers: five with 1 (midrank 3), so 2 (rank 6) begins the upper half
    assert fitted.edges_["frequency"].tolist() == [2.0]
    # money: 9.99 10 | 15 15 20 | 44.5 70 | 90 150 800; 15 has midrank 3.5, 4 * 3.5 / 10 = 1.4
    assert fitted.edges_["monetary"].tolist() == [15.0, 44.5, 90.0]


@pytest.mark.parametrize("ties", ["midrank", "lowest", "highest"])
@given(
    values=st.lists(st.integers(-3, 12) | st.floats(-1e9, 1e9), min_size=1, max_size=60),
    levels=st.integers(2, 12),
)
def test_agrees_with_ranks_of_scipy_in_whole_numbers(ties, values, levels):
    method = {"midrank": "average", "lowest": "min", "highest": "max"}[ties]
    twice = (2 * rankdata(values, method=method)).astype(int).tolist()
    expected = [-(-levels * t // (2 * len(values))) for t in twice]
    assert scores_of(values, "monetary", levels=levels, ties=ties) == expected
    backwards = (2 * rankdata([-v for v in values], method=method)).astype(int).tolist()
    expected = [-(-levels * t // (2 * len(values))) for t in backwards]
    assert scores_of(values, "recency", levels=levels, ties=ties) == expected


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(1, 5), st.floats(0, 1e6)), min_size=1, max_size=50
    ),
    st.integers(2, 9),
    st.randoms(use_true_random=False),
)
def test_scores_are_in_range_monotone_equal_for_equals_and_free_of_order(rows, levels, random):
    x = np.array(rows, dtype=float)
    scores = RFMScorer(levels=levels).fit(x).transform(x)
    assert scores.min() >= 1
    assert scores.max() <= levels
    for column, sign in zip(range(3), (-1, 1, 1), strict=True):
        order = np.argsort(sign * x[:, column], kind="stable")
        values, sorted_scores = x[order, column], scores[order, column]
        assert (np.diff(sorted_scores) >= 0).all()
        assert (np.diff(sorted_scores)[np.diff(values) == 0] == 0).all()
    shuffled = random.sample(range(len(x)), len(x))
    assert (RFMScorer(levels=levels).fit(x[shuffled]).transform(x) == scores).all()


@given(
    st.lists(st.integers(0, 30), min_size=1, max_size=40),
    st.lists(st.integers(-5, 40), min_size=1, max_size=20),
    st.integers(2, 7),
)
def test_frozen_edges_keep_known_scores_and_stay_monotone(known, later, levels):
    x = np.repeat(np.array(known, dtype=float)[:, None], 3, axis=1)
    y = np.repeat(np.array(later, dtype=float)[:, None], 3, axis=1)
    scorer = RFMScorer(levels=levels).fit(x)
    before = scorer.transform(x)
    together = np.vstack([x, y])
    scores = scorer.transform(together)
    assert (scores[: len(x)] == before).all()
    order = np.argsort(together[:, 0], kind="stable")
    assert (np.diff(scores[order, 0]) <= 0).all()
    assert (np.diff(scores[order, 1:], axis=0) >= 0).all()
    lookup = dict(zip(known, before[:, 1].tolist(), strict=True))
    worse = {v: max((k for k in known if k <= v), default=None) for v in later}
    for value, got in zip(later, scores[len(x) :, 1].tolist(), strict=True):
        if value > max(known):
            assert got == levels
        else:
            assert got == (1 if worse[value] is None else lookup[worse[value]])


def test_values_beyond_the_known_ones_get_the_end_scores():
    scorer = RFMScorer().fit([[10.0, 1.0, 7.0]] * 6)
    assert scorer.transform([[10, 1, 7]]).tolist() == [[3, 3, 3]]
    assert scorer.transform([[9, 2, 7.01]]).tolist() == [[5, 5, 5]]
    assert scorer.transform([[11, 0, 6.99]]).tolist() == [[1, 1, 1]]


def test_edges_by_hand_and_an_equal_value_gets_the_better_score():
    scorer = RFMScorer(
        levels=3,
        edges={"recency": [30, 90], "frequency": [2, 5], "monetary": [50.0, 100.0]},
    ).fit(NUMBERS.to_numpy())
    x = [[30, 1, 49.99], [31, 2, 50], [90, 4, 99.99], [91, 5, 100], [0, 99, 1e9]]
    assert scorer.transform(x).tolist() == [
        [3, 1, 1],
        [2, 2, 2],
        [2, 2, 2],
        [1, 3, 3],
        [3, 3, 3],
    ]
    assert scorer.edges_["recency"].tolist() == [30, 90]


@pytest.mark.parametrize("column", ["total_amount", "monetary_value"])
def test_the_order_of_events_does_not_matter_on_real_data(column, shuffled_customers):
    scorer = RFMScorer(monetary=column).fit(shuffled_customers[0])
    scores = [scorer.transform(each) for each in shuffled_customers]
    assert (scores[0] == scores[1]).all()
    assert (scores[0] == scores[2]).all()


def test_edges_left_out_are_learnt():
    mixed = RFMScorer(edges={"frequency": [2, 3, 5, 10]}).fit(NUMBERS)
    learnt = RFMScorer().fit(NUMBERS)
    assert list(mixed.edges_) == ["recency", "frequency", "monetary"]
    assert mixed.edges_["frequency"].tolist() == [2, 3, 5, 10]
    for role in ("recency", "monetary"):
        assert mixed.edges_[role].tolist() == learnt.edges_[role].tolist()


def test_learnt_edges_can_be_given_to_another_scorer():
    learnt = RFMScorer().fit(NUMBERS)
    again = RFMScorer(edges=learnt.edges_).fit(NUMBERS.iloc[:2])
    assert (again.transform(NUMBERS) == learnt.transform(NUMBERS)).all()


def test_the_edges_of_the_caller_are_copied():
    mine = {"monetary": np.array([1.0, 2.0, 3.0, 4.0])}
    scorer = RFMScorer(edges=mine).fit(NUMBERS)
    mine["monetary"][:] = 0
    assert scorer.edges_["monetary"].tolist() == [1, 2, 3, 4]


def test_other_columns_by_name_in_any_order():
    renamed = NUMBERS.rename(
        columns={"days_since_last": "days", "n_orders": "orders", "total_amount": "spent"}
    )
    scorer = RFMScorer(recency="days", frequency="orders", monetary="spent").fit(renamed)
    assert scorer.feature_names_in_.tolist() == ["days", "orders", "spent"]
    assert scorer.n_features_in_ == 3
    turned = renamed[["spent", "days", "orders"]]
    assert (scorer.transform(turned) == RFMScorer().fit_transform(NUMBERS)).all()


def test_names_out_and_set_output():
    scores = RFMScorer().fit_transform(NUMBERS)
    assert scores.dtype == np.int64
    scorer = RFMScorer().fit(CUSTOMERS)
    assert scorer.get_feature_names_out().tolist() == ["R", "F", "M"]
    indexed = CUSTOMERS.set_index("customer_id")
    frame = RFMScorer().set_output(transform="pandas").fit_transform(indexed)
    assert frame.columns.tolist() == ["R", "F", "M"]
    assert frame.index.tolist() == indexed.index.tolist()
    assert (frame.to_numpy() == scores).all()
    frame = RFMScorer().set_output(transform="polars").fit_transform(pl.from_pandas(CUSTOMERS))
    assert isinstance(frame, pl.DataFrame)
    assert (frame.to_numpy() == scores).all()


@pytest.mark.parametrize("kind", FRAMES)
def test_frames_agree_and_come_back_in_their_library(kind):
    frame = FRAMES[kind](CUSTOMERS)
    out = RFMScorer(levels=4).fit(frame).transform_frame(frame)
    assert type(out) is type(frame)
    scores = RFMScorer(levels=4).fit_transform(NUMBERS)
    expected = {
        "customer_id": list("abcdefghij"),
        **dict(zip("RFM", scores.T.tolist(), strict=True)),
        "rfm": ["".join(map(str, row)) for row in scores.tolist()],
    }
    assert as_dict(out) == expected
    assert list(as_dict(out)) == list(expected)


def test_a_lazy_frame_of_changing_order_keeps_ids_and_scores_together():
    frame = pl.from_pandas(CUSTOMERS).lazy()
    turning = frame.map_batches(lambda df: df.sample(fraction=1, shuffle=True))
    scorer = RFMScorer().fit(turning)
    expected = scorer.transform_frame(frame).collect().sort("customer_id")
    for _ in range(3):
        got = scorer.transform_frame(turning).collect().sort("customer_id")
        assert got.equals(expected)


def test_transform_frame_keeps_the_index_and_takes_the_id_by_name():
    customers = CUSTOMERS[["n_orders", "customer_id", "total_amount", "days_since_last"]]
    customers.index = np.arange(100, 110)
    out = RFMScorer().fit(customers).transform_frame(customers, customer="customer_id")
    assert out.columns.tolist() == ["customer_id", "R", "F", "M", "rfm"]
    assert out.index.tolist() == list(range(100, 110))


def test_more_than_nine_levels_are_set_apart_in_the_text():
    frame = RFMScorer(levels=10).fit(CUSTOMERS).transform_frame(CUSTOMERS)
    row = frame.set_index("customer_id").loc["g"]
    assert row["rfm"] == f"{row['R']}-{row['F']}-{row['M']}"
    assert row["rfm"].count("-") == 2
    assert row["M"] == 10


def test_a_million_customers_are_scored_without_a_loop_over_them():
    rng = np.random.default_rng(0)
    n = 1_000_000
    x = np.column_stack(
        [rng.integers(0, 700, n), rng.geometric(0.5, n), rng.gamma(1, 50, n).round(2)]
    )
    scorer = RFMScorer()
    start = time.perf_counter()
    scores = scorer.fit(x).transform(x)
    assert time.perf_counter() - start < 10, "a loop over customers takes far longer"
    share = np.bincount(scores[:, 2])[1:] / n
    assert np.abs(share - 0.2).max() < 0.001
    assert math.isclose((scores[x[:, 1] == 1, 1] == 2).mean(), 1)  # half of them: midrank 1/4


@pytest.mark.skipif("CRMKIT_DATA" not in os.environ, reason="CRMKIT_DATA names no folder of data")
def test_one_time_buyers_of_cdnow_share_a_score_that_counting_off_would_split():
    path = Path(os.environ["CRMKIT_DATA"]) / "transactions" / "cdnow_full.parquet"
    events = pd.read_parquet(path).groupby("customer_id")
    last = events["date"].max()
    customers = pd.DataFrame(
        {
            "days_since_last": (pd.Timestamp("1998-07-01") - last).dt.days,
            "n_orders": events["date"].nunique(),
            "total_amount": events["amount"].sum(),
        }
    )
    scores = RFMScorer().fit(customers[::-1]).transform(customers)
    assert (scores == RFMScorer().fit_transform(customers)).all()
    once = (customers["n_orders"] == 1).to_numpy()
    assert once.mean() == pytest.approx(0.511, abs=5e-4)
    assert set(scores[once, 1]) == {2}
    assert set(scores[~once, 1]) == {3, 4, 5}
    counted_off = [
        np.ceil(5 * orders.rank(method="first") / len(orders)).sort_index()
        for orders in (customers["n_orders"], customers["n_orders"][::-1])
    ]
    assert (counted_off[0] != counted_off[1]).mean() == pytest.approx(0.613, abs=5e-4)


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ({"levels": 1}, "levels must be a whole number of at least 2, got 1"),
        ({"levels": 2.5}, "levels must be a whole number of at least 2, got 2.5"),
        ({"levels": True}, "levels must be a whole number"),
        ({"levels": {"recency": 5}}, "must have exactly the keys .* got \\['recency'\\]"),
        (
            {"levels": {"recency": 5, "frequency": 0, "monetary": 5}},
            "levels\\['frequency'\\] must be a whole number of at least 2, got 0",
        ),
        ({"ties": "average"}, "ties must be one of \\['midrank', 'lowest', 'highest'\\], got 'av"),
        ({"ties": "midranks"}, "Did you mean 'midrank'"),
        ({"edges": "quantiles"}, "edges must be 'quantile' or a mapping .* got 'quantiles'"),
        ({"edges": [1, 2]}, "edges must be 'quantile' or a mapping"),
        ({"edges": {"frequncy": [1, 2, 3, 4]}}, "key 'frequncy', .* Did you mean 'frequency'"),
        ({"edges": {3: [1, 2, 3, 4]}}, "key 3, allowed are"),
        ({"edges": {"recency": [30, 90]}}, "must be 4 numbers \\(one fewer .* got \\[30, 90\\]"),
        ({"edges": {"recency": [4, 3, 2, 1]}}, "must be finite and ascending"),
        ({"edges": {"recency": [1, 2, 3, np.inf]}}, "must be finite and ascending"),
        ({"edges": {"recency": ["a", 2, 3, 4]}}, "must be 4 ascending numbers, got \\['a'"),
        ({"edges": {"recency": None}}, "edges\\['recency'\\] must be 4 numbers"),
        (
            {"edges": {"recency": [1], "monetary": [4, 3, 2, 1]}},
            "edges\\['recency'\\] must be 4 .* edges\\['monetary'\\] must be finite",
        ),
    ],
)
def test_parameters_are_refused_in_fit_with_a_text(parameters, text):
    scorer = RFMScorer(**parameters)
    with pytest.raises(DataError, match=f"^RFMScorer: .*{text}"):
        scorer.fit(NUMBERS)


def test_data_are_refused_with_a_text():
    scorer = RFMScorer()
    with pytest.raises(DataError, match="column 'n_orders' not found"):
        scorer.fit(NUMBERS.drop(columns="n_orders"))
    with pytest.raises(DataError, match="'total_amount' has 2 NaN \\(first at row 1\\)"):
        scorer.fit(NUMBERS.assign(total_amount=[1.0, np.nan, np.nan, *[2.0] * 7]))
    with pytest.raises(DataError, match=r"array must hold 3 columns in the order .* got 2"):
        scorer.fit([[1, 2], [3, 4]])
    scorer.fit(CUSTOMERS)
    with pytest.raises(DataError, match=r"a frame is needed .* got numpy.ndarray"):
        scorer.transform_frame(NUMBERS.to_numpy())
    with pytest.raises(DataError, match="the customer id is called 'R', as is a new column"):
        scorer.transform_frame(CUSTOMERS.rename(columns={"customer_id": "R"}))
    with pytest.raises(DataError, match="Did you mean customer='customer_id'"):
        scorer.transform_frame(CUSTOMERS, customer="customerid")
    with pytest.raises(NotFittedError):
        RFMScorer().transform_frame(CUSTOMERS)
    with pytest.raises(NotFittedError):
        RFMScorer().get_feature_names_out()


def test_the_age_at_the_last_purchase_is_no_recency():
    customers = NUMBERS.assign(recency=1.0, T=2.0)
    with pytest.warns(DataWarning, match="is the age at the last purchase") as caught:
        RFMScorer(recency="recency").fit(customers)
    assert [w.filename for w in caught] == [__file__]
    RFMScorer(recency="recency").fit(customers.drop(columns="T"))


@pytest.mark.parametrize("contract", customer_level.ALL, ids=lambda f: f.__name__)
@pytest.mark.parametrize(
    "scorer",
    [RFMScorer(), RFMScorer(levels=3, ties="lowest", edges={"recency": [30, 90]})],
    ids=["default", "by hand"],
)
def test_contract(contract, scorer):
    contract(scorer, NUMBERS)


def test_scikit_learn_suite():
    results = check_estimator(ScorerOnAnyData(), on_skip=None)
    ran = [r["check_name"] for r in results if r["status"] == "passed"]
    assert len(ran) >= 40, f"only {len(ran)} checks passed: {ran}"
