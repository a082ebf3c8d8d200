"""MissingValueImputer: by hand, what it may not touch, models, draws, frames, the contracts."""

import pickle
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import skops.io as sio
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import check_estimator
from threadpoolctl import threadpool_limits

from crmkit.cleaning import MissingValueImputer
from crmkit.exceptions import DataError
from tests.contracts import customer_level
from tests.contracts.frame_kinds import FRAMES, to_pandas


def made(n=600, seed=0, share=0.2):
    """Customers whose columns go together, with gaps, and the truth behind them."""
    rng = np.random.default_rng(seed)
    kind = rng.integers(3, size=n)
    orders = rng.poisson(np.array([2, 6, 15])[kind]) + 1
    truth = pd.DataFrame(
        {
            "customer_id": [f"C{row:05d}" for row in rng.permutation(n)],
            "n_orders": orders,
            "spend": orders * 20.0 + rng.normal(0, 5, n),
            "channel": np.array(["web", "shop", "phone"])[kind],
            "member": kind + rng.integers(2, size=n) > 1,
            "noise": rng.normal(size=n),
        }
    )
    holes = truth.astype({"n_orders": "Int64", "member": "boolean"})
    for name in truth.columns[1:]:
        holes.loc[rng.random(n) < share, name] = None
    return holes, truth


HOLES, TRUTH = made()
FILLED = ["n_orders", "spend", "channel", "member", "noise"]
# A lazy frame comes back lazy, which is asked of all kinds of frames below.
CONTRACTS = [f for f in customer_level.ALL if f is not customer_level.check_lazy_frames_agree]
NUMBERS = HOLES[["n_orders", "spend", "noise"]].astype("float64")


def fast(strategy="auto", **parameters):
    return MissingValueImputer(strategy, n_jobs=1, **parameters)


@pytest.fixture(scope="module")
def auto():
    return fast().fit(HOLES)


def rmse(out, name):
    gone = HOLES[name].isna()
    return float(np.sqrt(((out[name].astype(float) - TRUTH[name])[gone] ** 2).mean()))


def test_median_and_most_frequent_by_hand():
    table = pd.DataFrame(
        {"age": [20.0, None, 31.0, 60.0], "town": ["Bath", "Bath", None, "York"], "n": [1, 2, 3, 4]}
    )
    out = fast("simple").fit_transform(table)
    assert list(out.columns) == ["age", "town", "n", "age_missing", "town_missing"]
    assert out["age"].tolist() == [20.0, 31.0, 31.0, 60.0]
    assert out["town"].tolist() == ["Bath", "Bath", "Bath", "York"]
    assert out["n"].tolist() == [1, 2, 3, 4]
    assert out["age_missing"].tolist() == [False, True, False, False]
    assert out["town_missing"].tolist() == [False, False, True, False]


def test_the_median_of_whole_numbers_is_rounded_and_words_tie_by_alphabet():
    table = pd.DataFrame({"n": [1.0, 2.0, 5.0, 8.0, None], "w": ["b", "b", "a", "a", None]})
    out = fast("simple", indicators=False).fit_transform(table)
    assert out["n"].tolist() == [1, 2, 5, 8, 4]  # 3.5 to the even one
    assert out["w"].tolist()[-1] == "a"


def test_groups_are_drawn_towards_all():
    table = pd.DataFrame(
        {"town": list("aaaaaaaaaabbbbb"), "age": [20.5] * 9 + [None] + [50.5] * 4 + [None]}
    )
    out = fast("groups", by=["town"], indicators=False).fit(table)
    filled = out.transform(table)["age"]
    assert filled[9] == 20.5  # the median of all is 20.5 too
    assert filled[14] == pytest.approx(50.5 * 4 / 14 + 20.5 * 10 / 14)
    new = pd.DataFrame({"town": ["z", None], "age": [np.nan, np.nan]})
    assert out.transform(new)["age"].tolist() == [20.5, 20.5]


def test_groups_of_words():
    table = pd.DataFrame({"g": ["x"] * 30 + ["y"] * 31, "w": ["a"] * 29 + [None] + ["b"] * 31})
    out = fast({"w": "groups"}, by=["g"]).fit_transform(table)
    assert out["w"][29] == "a"


def test_a_word_of_its_own_for_what_is_missing():
    table = HOLES.assign(channel=HOLES["channel"].astype("category"))
    out = fast({"channel": "missing", "noise": "missing"}).fit_transform(table)
    assert (out["channel"][HOLES["channel"].isna()] == "(missing)").all()
    assert out["channel"].cat.categories.tolist() == ["phone", "shop", "web", "(missing)"]
    assert out["noise"].notna().all()


def test_auto_takes_what_beats_the_simple_and_tells_both(auto):
    report = auto.report().set_index("column")
    assert auto.methods_["noise"] == "simple"
    assert auto.methods_["spend"] in ("iterative", "trees")
    assert auto.methods_["channel"] == "trees"
    told = report.loc["spend"]
    assert told["error"] < 0.6 * told["error_simple"]
    assert told["measure"] == "RMSE"
    assert told["n_masked"] == HOLES["spend"].notna().sum()
    assert report.loc["noise", "error"] == report.loc["noise", "error_simple"]
    assert report.loc["channel", "measure"] == "share wrong"
    assert report.loc["customer_id", "method"] == "left alone"
    assert report["n_missing"].tolist() == HOLES.isna().sum().tolist()


def test_the_told_error_is_the_true_one(auto):
    out = auto.transform(HOLES)
    told = auto.report().set_index("column")["error"]
    for name in ("spend", "n_orders"):
        assert rmse(out, name) == pytest.approx(told[name], rel=0.25)
    wrong = (out["channel"] != TRUTH["channel"])[HOLES["channel"].isna()].mean()
    assert wrong == pytest.approx(told["channel"], abs=0.08)


@pytest.mark.parametrize("strategy", ["iterative", "trees"])
def test_models_beat_the_median_on_the_truth(strategy):
    own = rmse(fast(strategy).fit_transform(HOLES), "spend")
    assert own < 0.6 * rmse(fast("simple").fit_transform(HOLES), "spend")


def test_columns_that_are_missing_together_get_no_credit_for_one_another():
    rng = np.random.default_rng(1)
    x = rng.normal(size=900)
    table = pd.DataFrame({"a": x, "b": x + rng.normal(0, 0.01, 900), "c": rng.normal(size=900)})
    table.loc[table.index % 3 == 0, ["a", "b"]] = np.nan
    imputer = fast().fit(table)
    assert imputer.methods_ == {"a": "simple", "b": "simple", "c": "simple"}
    apart = table.assign(b=np.where(table.index % 3 == 1, np.nan, x))
    assert fast().fit(apart).methods_["b"] != "simple" or apart["a"].isna().any()
    told = fast("trees").fit(table).report().set_index("column")
    assert told.loc["b", "error"] > 0.9 * told.loc["b", "error_simple"]


def test_what_is_there_is_never_changed(auto):
    out = auto.transform(HOLES)
    for name in HOLES:
        there = HOLES[name].notna()
        pd.testing.assert_series_equal(out[name][there], HOLES[name][there])
    assert not out[FILLED].isna().to_numpy().any()
    assert (out["n_orders_missing"] == HOLES["n_orders"].isna()).all()


@settings(max_examples=25)
@given(
    hnp.arrays(
        np.float64,
        st.tuples(st.integers(1, 12), st.integers(1, 4)),
        elements=st.one_of(st.just(np.nan), st.floats(-1e6, 1e6)),
    ),
    st.sampled_from(["simple", "iterative", "trees"]),
)
def test_any_array_keeps_its_values_and_its_range(x, strategy):
    out = fast(strategy, indicators=False).fit_transform(x)
    assert out.shape == x.shape
    there = ~np.isnan(x)
    assert out[there].tobytes() == x[there].tobytes()
    for given_, filled in zip(x.T, out.T, strict=True):
        if np.isnan(given_).all():
            assert np.isnan(filled).all()
        else:
            assert filled.min() == np.nanmin(given_)
            assert filled.max() == np.nanmax(given_)


@pytest.mark.parametrize("draw", [None, 3])
def test_later_rows_change_no_earlier_answer(auto, draw):
    first = auto.transform(HOLES.iloc[:100], draw=draw)
    wild = HOLES.iloc[100:].assign(spend=9e9, channel="carrier pigeon")
    later = auto.transform(pd.concat([HOLES.iloc[:100], wild]), draw=draw)
    pd.testing.assert_frame_equal(later.iloc[:100], first)


def test_only_rows_before_as_of_are_learnt():
    when = pd.to_datetime("2024-01-01") + pd.to_timedelta(np.arange(len(HOLES)), unit="h")
    table = HOLES.assign(seen=when)
    cut = when[300]
    imputer = fast("simple", when="seen", as_of=cut).fit(table)
    early = fast("simple").fit(table.iloc[:300])
    spoilt = table.assign(spend=table["spend"].where(table.index < 300, 1e9))
    again = fast("simple", when="seen", as_of=str(cut)).fit(spoilt)
    for other in (early, again):
        pd.testing.assert_frame_equal(imputer.transform(table), other.transform(table))
    with pytest.raises(DataError, match="no row has 'seen' before as_of"):
        fast(when="seen", as_of="2020-01-01").fit(table)
    with pytest.raises(DataError, match=r"'seen' has no time zone and as_of=.* has one"):
        fast(when="seen", as_of="2024-01-05T00:00+01:00").fit(table)
    with pytest.raises(DataError, match="'spend' is Float64: times must be"):
        fast(when="spend", as_of="2024-01-05").fit(table)
    with pytest.raises(DataError, match="when and as_of go together"):
        fast(when="seen").fit(table)


def test_who_somebody_is_is_never_made_up():
    table = pd.DataFrame(
        {
            "customer_id": [f"K{row}" for row in range(40)],
            "first_name": ["Ann", None] * 20,
            "last_name": ["Lee", "Kay", None, "Ray"] * 10,
            "e_mail": ["a@x.org", None] * 20,
            "phone": [None, "+44 20 7946 0000"] * 20,
            "street": ["1 High Street", None] * 20,
            "dob": ["1980-05-01", None] * 20,
            "joined": pd.to_datetime(["2024-01-01", None] * 20),
            "lat": [51.5, None] * 20,
            "age": [30.0, None] * 20,
            "churned": [True, None] * 20,
        }
    )
    imputer = fast(never=["churned"]).fit(table)
    out = imputer.transform(table)
    pd.testing.assert_frame_equal(out[list(table)].drop(columns="age"), table.drop(columns="age"))
    assert out["age"].notna().all()
    assert imputer.methods_.keys() == {"age"}
    notes = imputer.report().set_index("column")["note"]
    assert notes["e_mail"] == "holds e-mail addresses"
    assert notes["churned"] == "named in never"
    assert notes["joined"] == "holds dates"
    told = fast(never=["churned"], kinds={"first_name": "category"}).fit_transform(table)
    assert told["first_name"].notna().all()


def test_the_id_is_not_used():
    rng = np.random.default_rng(0)
    spend = rng.normal(size=400)
    table = pd.DataFrame({"who": np.argsort(np.argsort(spend)), "spend": spend})
    table.loc[::4, "spend"] = np.nan
    imputer = fast("trees", customer="who").fit(table)
    assert imputer.customer_ == "who"
    assert len(set(imputer.transform(table)["spend"][::4])) == 1
    assert fast("trees").fit(table).customer_ == "who"  # the first column looks like one
    used = fast("trees").fit(table[["spend", "who"]])
    assert used.customer_ is None
    assert used.transform(table[["spend", "who"]])["spend"][::4].nunique() > 50


def test_draws_are_as_wide_as_the_truth():
    holes, truth = made(1500, seed=5)
    imputer = fast().fit(holes)
    draws = [imputer.transform(holes, draw=draw) for draw in range(40)]
    for name in ("spend", "noise"):
        gone = holes[name].isna()
        told = np.array([draw[name][gone].astype(float) for draw in draws])
        low, high = np.quantile(told, [0.05, 0.95], axis=0)
        inside = ((low <= truth[name][gone]) & (truth[name][gone] <= high)).mean()
        assert 0.82 < inside < 0.96
        assert set(told.ravel()) <= set(holes[name].dropna())  # numbers that customers have
    gone = holes["member"].isna()
    share = np.mean([draw["member"][gone].mean() for draw in draws])
    assert share == pytest.approx(truth["member"][gone].mean(), abs=0.05)


def test_draws_of_a_row_belong_together():
    rng = np.random.default_rng(3)
    x = rng.normal(size=1200)
    table = pd.DataFrame({"a": x, "b": x + rng.normal(0, 0.1, 1200), "c": rng.normal(size=1200)})
    table.loc[::3, ["a", "b"]] = np.nan
    drawn = fast("trees").fit(table).transform(table, draw=0)[::3]
    assert drawn[["a", "b"]].corr().iloc[0, 1] > 0.9


def test_draws_do_not_depend_on_company(auto):
    draws = auto.transform_draws(HOLES, draws=3)
    assert len(draws) == 3
    assert not draws[0].equals(draws[1])
    pd.testing.assert_frame_equal(draws[2], auto.transform(HOLES, draw=2))
    turned = HOLES.iloc[::-1]
    pd.testing.assert_frame_equal(auto.transform(turned, draw=1).iloc[::-1], draws[1])
    same = pd.DataFrame({"x": [1.0, 2.0, 3.0] * 10, "y": [None] * 30}).assign(y=np.nan)
    same.loc[:9, "y"] = np.arange(10.0)
    drawn = fast("simple").fit(same).transform(same, draw=0)["y"][10:]
    assert drawn.nunique() > 3  # equal rows are not drawn alike


@pytest.mark.parametrize("kind", FRAMES)
def test_frames_agree_and_come_back_in_their_library(kind, auto):
    frame = FRAMES[kind](HOLES)
    imputer = fast().fit(frame)
    for draw in (None, 1):
        out = imputer.transform(frame, draw=draw)
        assert type(out) is type(frame)
        expected = auto.transform(HOLES, draw=draw)
        got = to_pandas(out)
        assert got.to_dict("list") == expected.astype(got.dtypes.to_dict()).to_dict("list")
    (one,) = imputer.transform_draws(frame, draws=1)
    assert type(one) is type(frame)


def test_types_of_polars_stay():
    frame = pl.DataFrame(
        {
            "n8": [1, None, 3, 3],
            "f32": [1.5, None, float("nan"), 2.5],
            "flag": [True, None, False, True],
            "cat": ["a", None, "b", "a"],
            "enum": ["a", None, "b", "a"],
            "price": [Decimal("1.25"), None, Decimal("3.50"), Decimal("3.50")],
            "text": ["", None, "x", "x"],
            "gap": [None] * 4,
            "when": [None] * 4,
            "list": [[1], None, [2], [3]],
        },
        schema={
            "n8": pl.Int8,
            "f32": pl.Float32,
            "flag": pl.Boolean,
            "cat": pl.Categorical,
            "enum": pl.Enum(["b", "a"]),
            "price": pl.Decimal(10, 2),
            "text": pl.String,
            "gap": pl.Float64,
            "when": pl.Datetime("us", "UTC"),
            "list": pl.List(pl.Int64),
        },
    )
    out = fast("simple", indicators=False).fit_transform(frame)
    assert out.schema == frame.schema
    assert out["n8"].to_list() == [1, 3, 3, 3]
    assert out["f32"].to_list() == [1.5, 2.0, 2.0, 2.5]
    assert out["flag"].to_list() == [True, True, False, True]
    assert out["cat"].to_list() == out["enum"].to_list() == ["a", "a", "b", "a"]
    assert out["price"].to_list()[1] == Decimal("3.50")
    assert out["text"].to_list() == ["x", "x", "x", "x"]
    assert out["gap"].null_count() == out["when"].null_count() == 4
    assert out["list"].to_list() == [[1], None, [2], [3]]


def test_types_of_pandas_stay():
    frame = pd.DataFrame(
        {
            "n8": pd.array([1, None, 3, 3], dtype="Int8"),
            "f32": np.array([1.5, np.nan, 2.5, 2.5], dtype="float32"),
            "flag": pd.array([True, None, False, True], dtype="boolean"),
            "cat": pd.Categorical(["a", None, "b", "a"], categories=["z", "b", "a"]),
            "numbers": pd.Categorical([3, None, 4, 3]),
            "objects": np.array([True, None, False, True], dtype=object),
            "arrow": pd.array([1, None, 3, 3], dtype="int64[pyarrow]"),
            "text": np.array(["x", None, "x", "y"], dtype=object),
        },
        index=[7, 7, 8, 9],
    )
    out = fast("simple", indicators=False).fit_transform(frame)
    assert out.dtypes.to_dict() == frame.dtypes.to_dict()
    assert out.index.tolist() == [7, 7, 8, 9]
    assert out.iloc[1].tolist() == [3, 2.5, True, "a", 3, True, 3, "x"]


def test_types_of_pyarrow_stay():
    table = pa.table(
        {
            "word": pa.array(["a", None, "b", "a"]).dictionary_encode(),
            "price": pa.array([Decimal("1.25"), None, Decimal("3.50"), Decimal("3.50")]),
            "n": pa.array([1, None, 2, 2], pa.uint16()),
            "raw": pa.array([b"x", None, b"y", b"z"]),
        }
    )
    out = fast("simple", indicators=False).fit_transform(table)
    assert out.schema.equals(table.schema)
    assert out.to_pylist()[1] == {"word": "a", "price": Decimal("3.50"), "n": 2, "raw": None}


def test_numbers_that_are_text_are_filled_as_text():
    table = pd.DataFrame({"total": ["29.85", " ", "40.15", "50"], "n": [1, 2, 3, 4]})
    out = fast("simple", indicators=False).fit_transform(table)
    assert out["total"].tolist() == ["29.85", "40.15", "40.15", "50"]


def test_arrays():
    x = np.array([[1.0, np.nan], [3.0, 4.0], [np.nan, 6.0]], dtype="float32")
    out = fast("simple").fit_transform(x)
    assert out.dtype == np.float32
    assert out.tolist() == [[1, 5, 0, 1], [3, 4, 0, 0], [2, 6, 1, 0]]
    words = np.array([["a", 1], [None, 2], ["a", None]], dtype=object)
    assert fast("simple", indicators=False).fit_transform(words).tolist() == [
        ["a", 1],
        ["a", 2],
        ["a", 2],
    ]
    assert np.isnan(x[0, 1])


def test_missing_only_later_is_filled_simply_and_unknown_words_stay(auto):
    whole = fast("trees").fit(TRUTH)
    assert whole.indicators_ == []
    new = HOLES.iloc[:50].assign(channel=["smoke"] * 25 + [None] * 25)
    out = whole.transform(new)
    assert out["channel"].tolist() == ["smoke"] * 25 + [TRUTH["channel"].mode()[0]] * 25
    assert out["spend"].notna().all()
    assert auto.transform(new)["channel"].tolist()[:25] == ["smoke"] * 25


def test_empty_later_and_all_missing():
    out = fast().fit(HOLES).transform(HOLES.iloc[:0])
    assert len(out) == 0
    assert list(out.columns) == [*HOLES.columns, *(f"{name}_missing" for name in FILLED)]
    empty = HOLES.assign(spend=np.nan)
    imputer = fast("trees").fit(empty)
    assert imputer.transform(empty)["spend"].isna().all()
    assert imputer.report().set_index("column").loc["spend", "note"] == "holds no value"


def test_names_out_and_containers(auto):
    names = auto.get_feature_names_out()
    assert names.tolist() == list(auto.transform(HOLES).columns)
    by_name = fast("simple").set_output(transform="pandas").fit(NUMBERS)
    assert list(by_name.transform(NUMBERS).columns) == by_name.get_feature_names_out().tolist()
    of_array = fast("simple").fit(NUMBERS.to_numpy())
    assert of_array.get_feature_names_out(["a", "b", "c"]).tolist()[3:] == [
        "a_missing",
        "b_missing",
        "c_missing",
    ]
    wide = fast("simple").set_output(transform="polars").fit_transform(NUMBERS.to_numpy())
    assert wide.columns == ["x0", "x1", "x2", "x0_missing", "x1_missing", "x2_missing"]


def test_copies_agree_on_mixed_columns(auto):
    data = sio.dumps(auto)
    assert sio.get_untrusted_types(data=data) == [
        "crmkit.cleaning._missing_value_imputer.MissingValueImputer"
    ]
    by_skops = sio.loads(data, trusted=sio.get_untrusted_types(data=data))
    for copy in (by_skops, pickle.loads(pickle.dumps(auto)), clone(auto).fit(HOLES)):
        for draw in (None, 0):
            pd.testing.assert_frame_equal(
                copy.transform(HOLES, draw=draw), auto.transform(HOLES, draw=draw)
            )


def test_row_order_and_threads_change_no_bit(auto):
    expected = auto.transform(HOLES)
    for threads in (1, 3):
        with threadpool_limits(limits=threads):
            turned = MissingValueImputer(n_jobs=threads).fit(HOLES.iloc[::-1])
        pd.testing.assert_frame_equal(turned.transform(HOLES), expected, check_exact=True)
    other = fast(random_state=1).fit(HOLES)
    assert not other.transform(HOLES, draw=0).equals(auto.transform(HOLES, draw=0))


def test_input_is_untouched(auto):
    before = HOLES.copy(deep=True)
    auto.transform(HOLES)
    pd.testing.assert_frame_equal(HOLES, before)


def test_gaps_that_go_with_another_column_are_told():
    rng = np.random.default_rng(2)
    age = rng.normal(50, 10, 800)
    table = pd.DataFrame({"age": age, "spend": rng.normal(size=800), "plan": ["a", "b"] * 400})
    table.loc[(age > 55) & (rng.random(800) < 0.8), "spend"] = np.nan
    told = fast("simple").fit(table).report().set_index("column").loc["spend"]
    assert (told["goes_with"], told["note"]) == ("age", "missing more often where 'age' is high")
    assert told["area"] > 0.7
    table = table.assign(spend=np.where(rng.random(800) < 0.3, np.nan, 1.5))
    told = fast("simple").fit(table).report().set_index("column").loc["spend"]
    assert (told["goes_with"], told["area"]) == ("", 0.5)


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ({"strategy": "tree"}, "strategy must be one of .* Did you mean 'trees'"),
        ({"strategy": {"spent": "trees"}}, "'spent' not found. Did you mean strategy='spend'"),
        ({"strategy": "groups"}, 'strategy="groups" needs by='),
        ({"by": "channel"}, "by must be a list of columns, got 'channel'"),
        ({"by": ["chanel"]}, "'chanel' not found. Did you mean by='channel'"),
        ({"never": ["x"]}, "column 'x' not found"),
        ({"customer": "id"}, "column 'id' not found"),
        ({"kinds": {"spend": "money"}}, "'money' of 'spend' is no kind"),
        ({"max_levels": 1}, "max_levels must be a whole number of at least 2"),
        ({"sample_size": 5}, "sample_size must be a whole number of at least 100"),
        ({"n_jobs": 0}, "n_jobs .* must be a whole number of at least 1"),
        ({"random_state": "x"}, "random_state must be"),
    ],
)
def test_parameters_are_refused_with_a_text(parameters, text):
    imputer = MissingValueImputer(**parameters)
    with pytest.raises(DataError, match=f"^MissingValueImputer: .*{text}"):
        imputer.fit(HOLES)


@pytest.mark.parametrize(
    ("X", "text"),
    [
        (HOLES.iloc[:0], "there is no customer to learn from"),
        (pd.DataFrame(index=range(3)), "columns must have names that are text"),
        (HOLES.set_axis(range(6), axis=1), "columns must have names that are text, got .0, 1"),
        (HOLES.assign(spend=np.inf), "'spend' has 600 infinite values"),
        (HOLES.assign(spend_missing=1), "a new column would be called 'spend_missing'"),
    ],
)
def test_data_are_refused_with_a_text(X, text):
    with pytest.raises(DataError, match=f"^MissingValueImputer: .*{text}"):
        fast().fit(X)


def test_other_columns_later_are_refused(auto):
    with pytest.raises(DataError, match=r"column 'spend' not found. Did you mean 'spent'"):
        auto.transform(HOLES.rename(columns={"spend": "spent"}))
    with pytest.raises(DataError, match="extra"):
        auto.transform(HOLES.assign(extra=1))
    with pytest.raises(DataError, match="held words or flags in fit and now holds instants"):
        auto.transform(HOLES.assign(channel=pd.Timestamp("2024-01-01")))
    with pytest.raises(DataError, match="draw must be a whole number"):
        auto.transform(HOLES, draw=-1)
    with pytest.raises(NotFittedError):
        fast().report()


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("strategy", ["auto", "iterative"])
def test_contract(contract, strategy):
    contract(fast(strategy), NUMBERS.iloc[:200])


@pytest.mark.parametrize("strategy", ["auto", "simple", "iterative", "trees"])
def test_scikit_learn_suite(strategy):
    results = check_estimator(fast(strategy), on_skip=None)
    ran = [r["check_name"] for r in results if r["status"] == "passed"]
    assert len(ran) >= 45, f"only {len(ran)} checks passed: {ran}"
