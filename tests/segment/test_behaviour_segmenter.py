"""BehaviourSegmenter: known kinds, choice of the number, frames, bad input, the contracts."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.exceptions import NotFittedError
from sklearn.metrics import adjusted_rand_score
from sklearn.utils.estimator_checks import check_estimator
from threadpoolctl import threadpool_limits

from crmkit.exceptions import ConvergenceWarning, DataError, DataWarning
from crmkit.segment import BehaviourSegmenter
from crmkit.segment._segment_columns import Wanted, learn_columns
from crmkit.segment._surrogate import tree_matrix
from tests.contracts import customer_level
from tests.segment._behaviour import CUSTOMERS, KIND, NUMBERS, SegmenterInNumbers, made_kinds
from tests.segment._shop import FRAMES, as_dict

NUMERIC = list(NUMBERS.columns)
QUICK = {"n_resamples": 4, "max_segments": 6}


@pytest.fixture(scope="module")
def auto():
    return BehaviourSegmenter(NUMERIC, **QUICK).fit(CUSTOMERS)


def test_the_four_kinds_are_found_and_named(auto):
    assert auto.n_segments_ == 4
    assert adjusted_rand_score(KIND, auto.labels_) == 1.0
    assert auto.shares_.tolist() == [0.4, 0.3, 0.2, 0.1]
    assert auto.method_ == "kmeans"
    assert auto.reason_.startswith("4 segments by k-means: they lie apart (silhouette 0.7")
    for name, words in zip(
        auto.segments_, ("long silent", "recent", "many orders", "recent"), strict=True
    ):
        assert words in name.lower()
    assert len(set(auto.segments_)) == 4


def test_predict_says_what_labels_say(auto):
    assert (auto.predict(CUSTOMERS) == auto.segments_[auto.labels_]).all()
    assert (auto.predict(CUSTOMERS.iloc[[7]]) == auto.segments_[auto.labels_[7]]).all()
    nearest = auto.transform(CUSTOMERS).argmin(axis=1)
    assert (nearest == auto.labels_).all()


def test_the_table_tells_what_was_tried(auto):
    table = pd.DataFrame(auto.stability_)
    assert table["k"].tolist() == [2, 3, 4, 5, 6]
    chosen = table.set_index("k").loc[4]
    assert chosen["stability"] > 0.95
    assert chosen["misses"] == ""
    assert (chosen["smallest_share"], chosen["largest_share"]) == (0.1, 0.4)


def test_describe_rules_and_profile(auto):
    told = auto.describe()
    assert told["n_customers"].tolist() == [120, 90, 60, 30]
    assert (told["precision"] > 0.9).all()
    found = CUSTOMERS.groupby(auto.labels_)["total_amount"].median()
    assert told["median_total_amount"].tolist() == found.tolist()
    rules = auto.rules()
    assert rules["share_of_customers"].sum() == pytest.approx(1.0)
    assert auto.fidelity_ > 0.95
    profile = auto.profile()
    assert len(profile) == 4 * 3
    row = profile[profile["segment"] == auto.segments_[2]].set_index("column").loc["n_orders"]
    assert row["mean"] == pytest.approx(CUSTOMERS["n_orders"][KIND == 2].mean())
    assert row["lift"] == pytest.approx(row["mean"] / CUSTOMERS["n_orders"].mean())
    assert row["z"] > 1.0


def test_categories_have_levels_in_the_profile():
    segmenter = BehaviourSegmenter(n_segments=4).fit(CUSTOMERS)
    profile = segmenter.profile()
    assert len(profile) == 4 * (3 + 2)
    first = profile["segment"] == segmenter.segments_[0]
    row = profile[first & (profile["level"] == "web")].iloc[0]
    share = (CUSTOMERS["channel"][segmenter.labels_ == 0] == "web").mean()
    assert set(segmenter.describe()["most_channel"]) == {"shop", "web"}
    assert row["mean"] == pytest.approx(share)
    assert row["lift"] == pytest.approx(share / (CUSTOMERS["channel"] == "web").mean())


def test_a_mixture_gives_probabilities():
    segmenter = BehaviourSegmenter(n_segments=4, method="mixture").fit(NUMBERS)
    assert adjusted_rand_score(KIND, segmenter.labels_) > 0.95
    p = segmenter.transform(NUMBERS)
    assert np.allclose(p.sum(axis=1), 1.0)
    assert (p.argmax(axis=1) == segmenter.labels_).all()
    assert list(segmenter.get_feature_names_out()) == list(segmenter.segments_)


def test_the_mixture_is_asked_where_k_means_finds_none():
    two = BehaviourSegmenter(["days_since_last"], n_resamples=4, max_segments=4, max_share=0.4)
    two = two.set_params(min_stability=1.0, min_segments=4)
    with pytest.warns(ConvergenceWarning, match="No number"):
        two.fit(CUSTOMERS)
    assert two.stability_["method"] == ["kmeans"] * 3 + ["mixture"] * 3
    assert two.stability_["k"] == [2, 3, 4] * 2


def test_what_meets_no_demand_is_told():
    rng = np.random.default_rng(0)
    noise = pd.DataFrame(rng.normal(size=(150, 6)), columns=list("abcdef"))
    with pytest.warns(ConvergenceWarning, match="No number of segments meets all demands") as w:
        segmenter = BehaviourSegmenter(**QUICK, method="kmeans", min_stability=0.99).fit(noise)
    assert [each.filename for each in w] == [__file__]
    assert segmenter.n_segments_ >= 2
    assert segmenter.reason_ in str(w[0].message)


def test_cents_segment_like_euros(auto):
    cents = CUSTOMERS.assign(total_amount=CUSTOMERS["total_amount"] * 100)
    assert (BehaviourSegmenter(NUMERIC, **QUICK).fit(cents).labels_ == auto.labels_).all()


def test_a_whale_makes_no_segment():
    whales = CUSTOMERS.copy()
    whales.loc[[5, 200], "total_amount"] = [5e7, 9e6]
    segmenter = BehaviourSegmenter(NUMERIC, **QUICK).fit(whales)
    assert segmenter.n_segments_ == 4
    assert adjusted_rand_score(KIND, segmenter.labels_) > 0.98


@settings(max_examples=8)
@given(st.integers(0, 10_000))
def test_the_order_of_the_customers_does_not_matter(seed):
    order = np.random.default_rng(seed).permutation(len(CUSTOMERS))
    one = BehaviourSegmenter(n_segments=3).fit(CUSTOMERS)
    other = BehaviourSegmenter(n_segments=3).fit(CUSTOMERS.iloc[order])
    assert (one.labels_[order] == other.labels_).all()
    assert one.segments_.tolist() == other.segments_.tolist()
    assert (one.clusters_["centers"] == other.clusters_["centers"]).all()


def test_large_tables_start_from_a_thinned_sample():
    many, kind = made_kinds(1, sizes=(1200, 900, 600, 300))
    segmenter = BehaviourSegmenter(NUMERIC, **QUICK, sample_size=400).fit(many)
    assert segmenter.n_segments_ == 4
    assert adjusted_rand_score(kind, segmenter.labels_) > 0.99
    assert segmenter.describe()["n_customers"].sum() == 3000


@pytest.mark.parametrize("kind", FRAMES)
def test_frames_agree_and_come_back_in_their_library(kind):
    frame = FRAMES[kind](CUSTOMERS)
    segmenter = BehaviourSegmenter(n_segments=4).fit(frame)
    assert list(segmenter.feature_names_in_) == list(CUSTOMERS.columns[1:])
    out = segmenter.predict_frame(frame)
    assert type(out) is type(frame)
    expected = BehaviourSegmenter(n_segments=4).fit_predict(CUSTOMERS).tolist()
    assert as_dict(out) == {"customer_id": CUSTOMERS["customer_id"].tolist(), "segment": expected}


def test_columns_by_name_in_any_order_with_others_beside():
    columns = ["n_orders", "days_since_last"]
    segmenter = BehaviourSegmenter(columns, n_segments=4).fit(CUSTOMERS)
    assert segmenter.feature_names_in_.tolist() == columns
    back = CUSTOMERS[CUSTOMERS.columns[::-1]]
    assert (segmenter.predict(back) == segmenter.predict(CUSTOMERS)).all()
    out = segmenter.predict_frame(back, customer="customer_id")
    assert out["segment"].tolist() == segmenter.predict(CUSTOMERS).tolist()


def test_levels_not_seen_in_fit_fall_to_the_mean_with_a_count():
    segmenter = BehaviourSegmenter(n_segments=4).fit(CUSTOMERS)
    new = CUSTOMERS.iloc[:3].assign(channel=["phone", "web", "phone"])
    with pytest.warns(DataWarning, match=r"'channel' has 2 customers of unseen levels.*'phone'"):
        names = segmenter.predict(new)
    assert (names == segmenter.segments_[segmenter.labels_[:3]]).all()


def test_missing_numbers_are_refused_or_filled():
    holes = CUSTOMERS.assign(
        n_orders=CUSTOMERS["n_orders"].where(CUSTOMERS.index != 4),
        total_amount=CUSTOMERS["total_amount"].where(CUSTOMERS.index > 1),
    )
    text = (
        r"^BehaviourSegmenter: 'n_orders' has 1 NaN \(first at row 4\); 'total_amount' has 2 NaN "
        r'\(first at row 0\)\. Drop these rows, fill them first, or pass missing="median"'
    )
    with pytest.raises(DataError, match=text):
        BehaviourSegmenter().fit(holes)
    filled = holes.fillna({"n_orders": holes["n_orders"].median()})
    filled = filled.fillna({"total_amount": holes["total_amount"].median()})
    segmenter = BehaviourSegmenter(n_segments=4, missing="median").fit(holes)
    expected = BehaviourSegmenter(n_segments=4).fit(filled)
    assert (segmenter.labels_ == expected.labels_).all()
    assert segmenter.predict(holes).tolist() == segmenter.predict(filled).tolist()
    with pytest.raises(DataError, match="1 NaN"):
        expected.predict(holes.iloc[4:])


def test_missing_words_are_a_level():
    gone = CUSTOMERS.assign(channel=CUSTOMERS["channel"].where(CUSTOMERS.index % 3 > 0))
    segmenter = BehaviourSegmenter(n_segments=4).fit(gone)
    assert segmenter.columns_[-1]["levels"] == ["(missing)", "shop", "web"]


def test_constant_columns_are_left_out_with_a_warning():
    with pytest.warns(DataWarning, match=r"left aside 'flat' \(constant\)\. Drop") as caught:
        segmenter = BehaviourSegmenter(n_segments=3).fit(CUSTOMERS.assign(flat=1.0))
    assert [each.filename for each in caught] == [__file__]
    assert "flat" not in segmenter.feature_names_in_
    with pytest.warns(DataWarning, match="'x1'"):
        segmenter = BehaviourSegmenter(n_segments=2).fit([[1.0, 5.0], [2.0, 5.0], [9.0, 5.0]])
    assert segmenter.n_features_in_ == 2
    assert segmenter.predict([[1.5, 7.0]]) == segmenter.segments_[0]


@pytest.mark.parametrize(
    ("X", "text"),
    [
        (NUMBERS.assign(n_orders=1, total_amount=2.0, days_since_last=3), "no column is left"),
        (pd.DataFrame(index=range(9)), "the frame has no columns"),
        (NUMBERS.iloc[:1], r"no column is left|1 customer \(n_samples=1\)"),
        (NUMBERS.assign(n_orders=np.inf), "'n_orders' has 300 infinite values"),
        (pd.DataFrame({"when": pd.to_datetime(["2024-01-01"] * 3)}), "'when' .holds instants"),
        (CUSTOMERS[["customer_id"]], r"no column is left .*'customer_id' \(id\)"),
    ],
)
def test_data_are_refused_with_a_text(X, text):
    segmenter = BehaviourSegmenter()
    with pytest.raises(DataError, match=f"^BehaviourSegmenter: .*{text}"):
        segmenter.fit(X)


def test_more_segments_than_customers():
    few = [[1.0, 2.0], [3.0, 5.0], [1.0, 2.0], [9.0, 0.0]]
    with pytest.raises(DataError, match="n_segments=5 is more than the 3 different customers"):
        BehaviourSegmenter(n_segments=5).fit(few)
    assert BehaviourSegmenter(n_segments=3).fit(few).n_segments_ == 3


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ({"n_segments": 0}, r'n_segments \(unless "auto"\) must be a whole number of at least 1'),
        ({"n_segments": "four"}, "n_segments .* got 'four'"),
        ({"method": "dbscan"}, r"method must be one of \['auto', 'kmeans', 'mixture'\]"),
        ({"scaling": "rank"}, r"scaling must be one of .* got 'rank'"),
        ({"scaling": {"n_order": "log"}}, "column 'n_order' not found. Did you mean .*'n_orders'"),
        ({"missing": "mean"}, "missing must be one of"),
        ({"columns": "n_orders"}, "columns must be a list of names or None"),
        ({"columns": ["n_order"]}, "column 'n_order' not found. Did you mean 'n_orders'"),
        ({"columns": ["n_orders", "n_orders"]}, "names a column twice"),
        ({"n_components": 9}, "n_components must be None, a whole number from 1 to 3"),
        ({"max_share": 60}, "max_share must be a share of at most 1, got 60"),
        ({"min_fidelity": 85}, "min_fidelity must be a share of at most 1"),
        ({"max_segments": 3}, "max_segments=3 is below min_segments=4. Lower min_segments too"),
        ({"min_share": 0.0}, "min_share must be a number between 0 and 1"),
        ({"n_resamples": 1}, "n_resamples must be a whole number of at least 2"),
        ({"random_state": "x"}, "random_state must be"),
    ],
)
def test_parameters_are_refused_in_fit_with_a_text(parameters, text):
    segmenter = BehaviourSegmenter(**parameters)
    with pytest.raises(DataError, match=f"^BehaviourSegmenter: .*{text}"):
        segmenter.fit(NUMBERS)


def test_flags_are_told_as_flags():
    vip = (KIND >= 2) ^ (np.arange(len(KIND)) % 11 == 0)
    few = CUSTOMERS[["n_orders"]].assign(vip=vip)
    segmenter = BehaviourSegmenter(n_segments=2).fit(few)
    told = " ".join(segmenter.segments_).lower()
    assert told.count("vip") == 2
    assert told.count("not vip") == 1
    assert "high vip" not in told
    assert set(segmenter.describe()["most_vip"]) == {"True", "False"}
    assert (segmenter.predict(few) == segmenter.predict(pl.from_pandas(few))).all()


def test_a_first_column_that_numbers_the_customers_is_the_id():
    table = NUMBERS.copy()
    table.insert(0, "KUNNR", 17_000 + np.arange(len(table)))
    with pytest.warns(DataWarning, match=r"left aside 'KUNNR' \(the first column, all of whose"):
        segmenter = BehaviourSegmenter(n_segments=4).fit(table)
    assert "KUNNR" not in segmenter.feature_names_in_
    assert segmenter.predict_frame(table)["KUNNR"].tolist() == table["KUNNR"].tolist()
    asked = BehaviourSegmenter(["KUNNR", "n_orders"], n_segments=4).fit(table)
    assert asked.feature_names_in_.tolist() == ["KUNNR", "n_orders"]


def test_a_column_that_lacks_later_is_named():
    segmenter = BehaviourSegmenter(n_segments=4).fit(CUSTOMERS)
    renamed = CUSTOMERS.rename(columns={"n_orders": "n_order"})
    for ask in (segmenter.predict, segmenter.predict_frame):
        with pytest.raises(DataError, match=r"column 'n_orders' not found. Did you mean 'n_order'"):
            ask(renamed)


def test_fidelity_is_asked_of_ten_times_the_sample():
    segmenter = BehaviourSegmenter(n_segments=4, sample_size=100, rule_depth=2).fit(CUSTOMERS)
    x = learn_columns(CUSTOMERS, Wanted(None, "error", 0.03, "x"))[1]
    said = segmenter.surrogate_.predict(tree_matrix(x, segmenter.columns_))
    assert segmenter.fidelity_ == (said == segmenter.labels_).mean()


def test_z_of_a_level_is_in_spreads_of_its_flag():
    segmenter = BehaviourSegmenter(n_segments=4).fit(CUSTOMERS)
    profile = segmenter.profile()
    row = profile[(profile["column"] == "channel") & (profile["level"] == "web")].iloc[0]
    web = (CUSTOMERS["channel"] == "web").to_numpy()
    mine = web[segmenter.predict(CUSTOMERS) == row["segment"]]
    assert row["z"] == pytest.approx((mine.mean() - web.mean()) / web.std())
    assert row["lift"] == pytest.approx(mine.mean() / web.mean())


def test_threads_change_no_bit():
    customers, _ = made_kinds(1, (1200, 900, 600, 300))
    found = []
    for threads in (1, 4, 4, 4):
        with threadpool_limits(limits=threads):
            segmenter = BehaviourSegmenter(n_segments=4, sample_size=200).fit(customers)
        found.append(segmenter.clusters_["centers"].tobytes())
    assert len(set(found)) == 1


def test_use_of_arrays_and_unfitted():
    with pytest.raises(NotFittedError):
        BehaviourSegmenter().describe()
    segmenter = BehaviourSegmenter(n_segments=2).fit(NUMBERS.to_numpy())
    with pytest.raises(DataError, match="fitted on an array"):
        segmenter.predict_frame(CUSTOMERS)
    with pytest.raises(DataError, match="columns names columns, which an array has not"):
        BehaviourSegmenter(columns=["a"]).fit(NUMBERS.to_numpy())


@pytest.mark.parametrize("contract", customer_level.ALL, ids=lambda f: f.__name__)
@pytest.mark.parametrize(
    ("segmenter", "X"),
    [
        (BehaviourSegmenter(n_segments=3), NUMBERS),
        (BehaviourSegmenter(n_segments=3, method="mixture"), CUSTOMERS.iloc[:, 1:]),
        (BehaviourSegmenter(n_resamples=2, max_segments=4, method="kmeans"), NUMBERS),
    ],
    ids=["kmeans", "mixture of mixed", "auto"],
)
def test_contract(contract, segmenter, X):
    contract(segmenter, X)


@pytest.mark.parametrize(
    "segmenter",
    [
        SegmenterInNumbers(n_segments=3),
        SegmenterInNumbers(n_segments=3, method="mixture"),
        SegmenterInNumbers(
            n_resamples=2,
            max_segments=3,
            min_segments=2,
            min_stability=0.0,
            min_share=1e-9,
            max_share=1.0,
            min_fidelity=0.0,
        ),
    ],
    ids=["kmeans", "mixture", "auto"],
)
def test_scikit_learn_suite(segmenter):
    results = check_estimator(segmenter, on_skip=None)
    ran = [r["check_name"] for r in results if r["status"] == "passed"]
    assert len(ran) >= 50, f"only {len(ran)} checks passed: {ran}"


def test_lazy_frames_of_changing_order_keep_ids_and_names_together():
    frame = pl.from_pandas(CUSTOMERS).lazy()
    turning = frame.map_batches(lambda df: df.sample(fraction=1, shuffle=True))
    segmenter = BehaviourSegmenter(n_segments=4).fit(turning)
    expected = segmenter.predict_frame(frame).collect().sort("customer_id")
    assert segmenter.predict_frame(turning).collect().sort("customer_id").equals(expected)


def test_numbers_too_large_to_square_are_refused():
    customers = pd.DataFrame({"customer_id": range(40), "spend": np.geomspace(1e3, 1e300, 40)})
    with pytest.raises(DataError, match=r"'spend' goes up to 1e\+300; more than 1e\+150 cannot"):
        BehaviourSegmenter(n_segments=2).fit(customers)


def test_two_columns_of_one_name_are_refused_in_the_name_of_the_segmenter():
    customers = pd.DataFrame([[1, 2.0, 3.0]] * 5, columns=["customer_id", "spend", "spend"])
    with pytest.raises(DataError, match="BehaviourSegmenter: two columns have one name"):
        BehaviourSegmenter(n_segments=2).fit(customers)
