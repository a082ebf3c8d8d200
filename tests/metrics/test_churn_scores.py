"""churn_scores and its resamples: scikit-learn as oracle, ties, several forecasts, intervals."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from sklearn import metrics as sk

from crmkit.exceptions import DataError
from crmkit.metrics import churn_scores, empc, expected_calibration_error, lift_at, score_intervals
from crmkit.metrics._bootstrap import resampled
from crmkit.metrics._churn_scores import CHURN_SCORES, scores_of
from crmkit.metrics._tasks import CHURN
from tests.metrics._churned import CHURNED, FORECASTS, RISK, rows


def test_scikit_learn_agrees():
    table = churn_scores(CHURNED, FORECASTS)
    assert table.columns.tolist() == list(CHURN_SCORES)
    assert table.index.tolist() == list(FORECASTS)
    for name, p in FORECASTS.items():
        assert table.loc[name].tolist() == [
            sk.roc_auc_score(CHURNED, p),
            sk.average_precision_score(CHURNED, p),
            sk.log_loss(CHURNED, p),
            sk.brier_score_loss(CHURNED, p),
            expected_calibration_error(CHURNED, p),
            lift_at(CHURNED, p),
            empc(CHURNED, p),
            CHURNED.mean(),
        ]


def test_a_constant_score_is_chance():
    scores = churn_scores(CHURNED, np.full(600, CHURNED.mean())).loc["forecast"]
    base = CHURNED.mean()
    assert scores["roc_auc"] == 0.5
    assert scores["average_precision"] == pytest.approx(base)
    assert scores["top_decile_lift"] == pytest.approx(1.0)
    assert scores["calibration_error"] == pytest.approx(0.0, abs=1e-12)
    assert scores["brier_score"] == pytest.approx(base * (1 - base))


def test_certainty_that_is_wrong_is_finite():
    scores = churn_scores([1, 0, 1], [0.0, 0.0, 1.0]).loc["forecast"]
    assert scores["log_loss"] == pytest.approx(-np.log(np.finfo(float).eps) / 3)


@pytest.mark.parametrize("all_of_them", [0, 1])
def test_one_kind_of_customer_has_no_order(all_of_them):
    with pytest.raises(DataError, match="churn_scores: all 3 customers"):
        churn_scores([all_of_them] * 3, [0.2, 0.4, 0.6])


def test_no_forecast_is_refused():
    with pytest.raises(DataError, match="churn_scores: p holds no forecast"):
        churn_scores([0, 1], {})


@given(rows)
@settings(max_examples=60)
def test_row_order_does_not_matter(pairs):
    y, p = np.array(pairs).T
    pd.testing.assert_frame_equal(churn_scores(y[::-1], p[::-1]), churn_scores(y, p))


@given(rows)
@settings(max_examples=60)
def test_a_resample_is_scored_like_the_rows_that_were_drawn(pairs):
    """The oracle draws the rows themselves and scores them with the plain functions."""
    y, p = np.array(pairs).T
    got = resampled(y, {"it": p}, 6, np.random.default_rng(0), CHURN)["it"]
    drawn = np.random.default_rng(0).integers(len(y), size=(6, len(y)))
    for index, scores in zip(drawn, got, strict=True):
        if np.ptp(y[index]) == 0:
            assert np.isnan(scores[[0, 6]]).all()
            np.testing.assert_allclose(scores[2], sk.log_loss(y[index], p[index], labels=[0, 1]))
        else:
            expected = scores_of(y[index], p[index])
            np.testing.assert_allclose(scores, expected, rtol=1e-9, atol=1e-12)


def test_intervals_of_churn_scores():
    told = score_intervals(CHURNED, FORECASTS, task="churn", n_resamples=300, random_state=0)
    assert told.index.get_level_values(1).unique().tolist() == list(CHURN_SCORES)
    plain = churn_scores(CHURNED, FORECASTS)
    assert told["estimate"].tolist() == plain.to_numpy().ravel().tolist()
    brier = told.loc[("model", "brier_score")]
    by_theory = ((RISK - CHURNED) ** 2).std() / np.sqrt(600)
    assert brier["std_error"] == pytest.approx(by_theory, rel=0.1)
    assert brier["lower"] == pytest.approx(brier["estimate"] - 1.96 * by_theory, rel=0.03)


def test_verdicts_follow_the_direction_of_each_score():
    given = {"y_true": CHURNED, "y_pred": FORECASTS, "task": "churn", "random_state": 0}
    told = score_intervals(**given, against="noise", n_resamples=200)["verdict"]
    assert told["model"].index.tolist() == [s for s in CHURN_SCORES if s != "base_rate"]
    assert told["model"].drop("calibration_error").eq("better").all()
    back = score_intervals(**given, against="model", n_resamples=200)["verdict"]
    assert back["noise"].drop("calibration_error").eq("worse").all()
    assert back["sharp"][["log_loss", "brier_score"]].tolist() == ["worse"] * 2


def test_the_calibration_error_gives_no_verdict():
    """It grows with the distinct values of a forecast, so it would judge true ones the worse."""
    random = np.random.default_rng(0)
    z = random.normal(-1, 1, 3000)
    p = 1 / (1 + np.exp(-z))
    y = (random.random(3000) < p).astype(float)
    coarse = np.where(z > -1, p[z > -1].mean(), p[z <= -1].mean())
    given = {"y_true": y, "y_pred": {"true": p, "coarse": coarse}, "task": "churn"}
    told = score_intervals(**given, against="coarse", n_resamples=100, random_state=0)
    row = told.loc[("true", "calibration_error")]
    assert row["verdict"] == "unclear"
    assert row[["lower", "upper"]].isna().all()
    assert np.isfinite(row[["estimate", "std_error"]].to_numpy(dtype=float)).all()
    assert told.loc[("true", "log_loss"), "verdict"] == "better"


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame])
def test_forecasts_as_columns_of_a_frame(make):
    table = churn_scores(CHURNED, make(FORECASTS))
    pd.testing.assert_frame_equal(table, churn_scores(CHURNED, FORECASTS))
    with pytest.raises(DataError, match="as predict_proba gives it"):
        churn_scores(CHURNED, pd.DataFrame({0: 1 - RISK, 1: RISK}))


def test_the_interval_of_the_calibration_error_is_the_mirror_image():
    """Resampling adds luck to luck: most resamples lie above the estimate, their mirror below."""
    told = score_intervals(CHURNED, RISK, task="churn", n_resamples=200, random_state=0)
    row = told.loc[("forecast", "calibration_error")]
    drawn = resampled(CHURNED.astype(float), {"it": RISK}, 200, np.random.default_rng(0), CHURN)[
        "it"
    ][:, 4]
    assert np.mean(drawn > row["estimate"]) > 0.75
    low, high = np.quantile(drawn, [0.025, 0.975])
    assert row["lower"] == pytest.approx(max(0.0, 2 * row["estimate"] - high))
    assert row["upper"] == pytest.approx(2 * row["estimate"] - low)


def test_the_mirror_image_holds_the_truth_where_quantiles_do_not():
    """Probabilities half as far again from their mean: 60 samples, 90 % intervals."""
    random, held, by_quantiles = np.random.default_rng(2), 0, 0
    for seed in range(60):
        risk = random.uniform(0.2, 0.6, 900)
        sharp, y = 0.4 + 1.5 * (risk - 0.4), (random.random(900) < risk).astype(float)
        ask = {"task": "churn", "level": 0.9, "n_resamples": 99, "random_state": seed}
        row = score_intervals(y, sharp, **ask).loc[("forecast", "calibration_error")]
        truth = np.mean(np.abs(sharp - risk))
        held += row["lower"] <= truth <= row["upper"]
        by_quantiles += 2 * row["estimate"] - row["upper"] <= truth
    assert held / 60 >= 0.75
    assert by_quantiles / 60 <= 0.25


def test_rows_of_one_customer_are_drawn_together():
    """Every row four times over: as rows of their own the error is half of what it should be."""
    y, p, who = (np.tile(x, 4) for x in (CHURNED, RISK, np.arange(600)))
    ask = {"task": "churn", "n_resamples": 400, "random_state": 0}
    single = score_intervals(CHURNED, RISK, **ask)["std_error"]
    together = score_intervals(y, p, groups=[f"c{w}" for w in who], **ask)["std_error"]
    apart = score_intervals(y, p, **ask)["std_error"]
    keys = [("forecast", name) for name in ("roc_auc", "log_loss", "empc", "base_rate")]
    np.testing.assert_allclose(together[keys], single[keys], rtol=1e-9)
    np.testing.assert_allclose(apart[keys], single[keys] / 2, rtol=0.15)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"task": "chrun"}, r"task must be one of \['value', 'churn'\].*Did you mean 'churn'"),
        ({"groups": [1, 2]}, "groups has 2 rows and y_true 600"),
        ({"groups": [None] * 600}, "groups has 600 missing customers"),
        ({"y_true": np.ones(600)}, "all 600 customers churned"),
    ],
)
def test_errors_teach(change, text):
    with pytest.raises(DataError, match=f"score_intervals: .*{text}"):
        score_intervals(**({"y_true": CHURNED, "y_pred": RISK, "task": "churn"} | change))
