"""score_intervals: weighted scores against plain ones on drawn rows, theory, verdicts, texts."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmkit.exceptions import DataError
from crmkit.metrics import _resampling, _value_resampled, score_intervals, value_scores
from crmkit.metrics._bootstrap import resampled
from crmkit.metrics._value import SCORES

RANDOM = np.random.default_rng(5)
RATE = RANDOM.gamma(0.6, 2.0, 400)
CAME = RANDOM.poisson(RATE)
FORECASTS = {"model": RATE, "mean": np.full(400, 1.2), "noise": RANDOM.gamma(0.6, 2.0, 400)}

rows = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), min_size=1, max_size=12)


@given(rows, st.integers(0, 99))
@settings(max_examples=60)
def test_a_resample_is_scored_like_the_rows_that_were_drawn(pairs, seed):
    """The oracle draws the rows themselves and scores them with the plain functions."""
    true, pred = np.array(pairs, dtype=float).T
    got = resampled(true, {"it": pred}, 5, np.random.default_rng(seed))["it"]
    drawn = np.random.default_rng(seed).integers(len(true), size=(5, len(true)))
    for index, scores in zip(drawn, got, strict=True):
        expected = list(value_scores(true[index], pred[index]).values())
        np.testing.assert_allclose(scores, expected, rtol=1e-9, atol=1e-12)


def test_the_standard_error_of_a_mean_by_theory():
    error = np.abs(CAME - RATE)
    told = score_intervals(CAME, RATE, n_resamples=4000, random_state=0).loc["forecast"]
    by_theory = error.std() / np.sqrt(len(error))
    row = told.loc["mean_absolute_error"]
    assert row["estimate"] == pytest.approx(error.mean())
    assert row["std_error"] == pytest.approx(by_theory, rel=0.05)
    assert row["lower"] == pytest.approx(error.mean() - 1.96 * by_theory, abs=0.15 * by_theory)
    assert row["upper"] == pytest.approx(error.mean() + 1.96 * by_theory, abs=0.25 * by_theory)


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    """Mean absolute error of 1 for Exponential(1) truth minus 0: 200 samples, 80 % intervals."""
    random, held = np.random.default_rng(1), 0
    for seed in range(200):
        came = random.exponential(size=150)
        told = score_intervals(came, np.zeros(150), level=0.8, n_resamples=99, random_state=seed)
        lower, upper = told.loc[("forecast", "mean_absolute_error"), ["lower", "upper"]]
        held += lower <= 1.0 <= upper
    assert 0.70 <= held / 200 <= 0.88


def test_differences_are_paired():
    shifted = {"a": RATE, "b": RATE + 0.1 * (CAME > 0)}
    apart = score_intervals(CAME, shifted, n_resamples=200, random_state=0)
    told = score_intervals(CAME, shifted, against="a", n_resamples=200, random_state=0)
    difference = told.loc[("b", "mean_absolute_error")]
    rows = apart.xs("mean_absolute_error", level="score")
    assert difference["estimate"] == pytest.approx(
        rows.loc["b", "estimate"] - rows["estimate"]["a"]
    )
    assert difference["std_error"] < rows["std_error"].min() / 5


def test_verdicts_follow_the_direction_of_each_score():
    told = score_intervals(CAME, FORECASTS, against="noise", random_state=0)["verdict"]
    assert told["model"].drop("total_bias").eq("better").all()
    back = score_intervals(CAME, FORECASTS, against="model", random_state=0)["verdict"]
    assert back["noise"].drop("total_bias").eq("worse").all()
    same = score_intervals(CAME, {"a": RATE, "b": RATE.copy()}, against="a", random_state=0)
    assert same["verdict"].eq("unclear").all()
    assert same["estimate"].eq(0.0).all()


def test_of_the_bias_the_size_counts():
    low, high = {"low": RATE * 0.5}, {"high": RATE * 2.0}
    told = score_intervals(CAME, {"right": RATE} | low | high, against="right", random_state=0)
    bias = told.xs("total_bias", level="score")
    assert bias["verdict"].tolist() == ["worse", "worse"]
    assert (bias["estimate"] > 0).all()


def test_few_customers_cannot_tell():
    """All resamples of one customer are the customer: no spread, and no verdict either."""
    for n, verdict in ((1, "unclear"), (9, "unclear"), (10, "better")):
        forecasts = {"right": np.ones(n), "wrong": np.full(n, 2.0)}
        told = score_intervals(np.ones(n), forecasts, against="wrong", random_state=0)
        assert told.loc[("right", "mean_absolute_error"), "verdict"] == verdict


def test_a_frame_holds_a_forecast_in_each_column():
    frame = pd.DataFrame(FORECASTS)
    told = score_intervals(CAME, FORECASTS, against="mean", n_resamples=20, random_state=3)
    for kind in (frame, pl.from_pandas(frame), pl.from_pandas(frame).lazy()):
        again = score_intervals(CAME, kind, against="mean", n_resamples=20, random_state=3)
        pd.testing.assert_frame_equal(told, again)


def test_every_source_of_random_numbers():
    one, two = (
        score_intervals(CAME, RATE, n_resamples=20, random_state=source)
        for source in (3, np.random.default_rng(3))
    )
    pd.testing.assert_frame_equal(one, two)
    assert (
        score_intervals(CAME, RATE, n_resamples=20, random_state=np.random.RandomState(3))
        .loc["forecast", "std_error"]
        .all()
    )


def test_what_does_not_change_is_computed_once(monkeypatch):
    calls = []
    plain = _value_resampled.errors_of
    monkeypatch.setattr(_resampling, "_BLOCK", 400)  # one resample a block
    counted = lambda *both: calls.append(1) or plain(*both)  # noqa: E731
    monkeypatch.setattr(_value_resampled, "errors_of", counted)
    score_intervals(CAME, FORECASTS, n_resamples=20, random_state=0)
    assert len(calls) == len(FORECASTS)


def test_what_is_not_defined_is_nan():
    told = score_intervals(CAME, FORECASTS["mean"], random_state=0).loc["forecast"]
    assert told.loc["spearman"].isna().all()
    nothing = score_intervals(np.zeros(5), np.ones(5), random_state=0).loc["forecast"]
    assert nothing.loc["total_bias"].isna().all()
    assert nothing.loc["mean_absolute_error"].tolist() == [1.0, 0.0, 1.0, 1.0]


def test_shape_names_and_seed():
    told = score_intervals(CAME, FORECASTS, n_resamples=20, random_state=3)
    assert told.index.names == ["prediction", "score"]
    assert told.index.get_level_values(1).unique().tolist() == list(SCORES)
    assert told.index.get_level_values(0).unique().tolist() == list(FORECASTS)
    again = score_intervals(CAME, FORECASTS, n_resamples=20, random_state=3)
    pd.testing.assert_frame_equal(told, again)
    one = score_intervals(CAME, {"model": RATE}, n_resamples=20, random_state=3)
    pd.testing.assert_frame_equal(one, told.loc[["model"]])


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"y_pred": {}}, "y_pred holds no forecast"),
        ({"against": "modell"}, r"against='modell' is none of \[.*Did you mean 'model'"),
        ({"y_pred": {"a": RATE}, "against": "a"}, "is the only forecast"),
        ({"level": 95}, "level must be a number above 0 and below 1, got 95"),
        ({"n_resamples": 1}, "n_resamples must be a whole number of at least 2"),
        ({"y_pred": RATE[:-1]}, "y_true has 400 customers and y_pred 399"),
        ({"y_pred": -RATE}, "y_pred has 400 negative"),
        ({"y_pred": {"good": RATE, "bad": -RATE}}, r"y_pred\['bad'\] has 400 negative"),
        ({"y_pred": {"a": RATE[1:]}}, r"y_true has 400 customers and y_pred\['a'\] 399"),
        ({"random_state": "x"}, "random_state must be None, a whole number .* got 'x'"),
    ],
)
def test_errors_teach(change, text):
    with pytest.raises(DataError, match=f"score_intervals: .*{text}"):
        score_intervals(**({"y_true": CAME, "y_pred": FORECASTS} | change))


def test_a_handful_of_churners_proves_nothing():
    rng = np.random.default_rng(0)
    y = np.zeros(300)
    y[:3] = 1.0
    both = {"one": rng.random(300), "other": rng.random(300)}
    told = score_intervals(y, both, task="churn", against="other", n_resamples=200, random_state=0)
    assert set(told["verdict"]) == {"unclear"}
