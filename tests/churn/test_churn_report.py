"""ChurnReport: hand-computed differences, plain scikit-learn, drawn rows, frames, errors."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn import metrics

from crmkit.churn import ChurnReport, RFMLogistic, churn_report
from crmkit.datasets import make_customers
from crmkit.exceptions import DataError
from crmkit.metrics import calibration_table, churn_scores, expected_calibration_error
from crmkit.metrics._churn_scores import CHURN_SCORES
from tests.churn._reported import Echo, by_hand, snapshots_of

CUTS = ["2024-01-01", "2024-02-01", "2024-03-05"]
THREE = {"three": RFMLogistic(columns=["days_since_last", "frequency", "T"])}


@pytest.fixture(scope="module")
def snapshots():
    return snapshots_of()


@pytest.fixture(scope="module")
def report(snapshots):
    return churn_report(THREE, snapshots, n_resamples=60)


def echoed(n=12, seed=0):
    """Report of two echoes on customers drawn at random, at two test cut-offs."""
    rng = np.random.default_rng(seed)
    p, q = rng.random((2, 3 * n)).round(1)
    y = (rng.random(3 * n) < p).astype(int)
    y[::n], y[1::n] = 0, 1
    made = by_hand({"p": p, "q": q}, y, CUTS, n)
    base = {"q": Echo("q")}
    return churn_report({"p": Echo("p")}, made, baselines=base, n_resamples=40, random_state=7)


def test_differences_by_hand():
    y = [1, 0, 1, 0, 1, 1, 0, 0]
    p = [0.5, 0.5, 0.5, 0.5, 0.9, 0.4, 0.6, 0.1]
    made = by_hand({"p": p, "q": [0.5] * 8}, y, CUTS[:2], 4)
    told = churn_report({"p": Echo("p")}, made, baselines={"q": Echo("q")}, n_resamples=20)
    table = told.differences(["log_loss", "roc_auc", "brier_score"], to="q")
    loss = -np.log([0.9, 0.4, 0.4, 0.9]).mean()
    assert table["estimate"].loc[("p", "q", "log_loss")] == pytest.approx(loss - np.log(2))
    assert table["estimate"].loc[("p", "q", "roc_auc")] == pytest.approx(0.75 - 0.5)
    brier = (0.01 + 0.36 + 0.36 + 0.01) / 4
    assert table["estimate"].loc[("p", "q", "brier_score")] == pytest.approx(brier - 0.25)
    assert set(table["verdict"]) == {"no clear difference"}  # four cannot stand for others


def test_the_table_is_what_scikit_learn_says(snapshots, report):
    learn = snapshots.label_end <= np.datetime64("2024-05-01")
    test = snapshots.cutoff == np.datetime64("2024-05-01")
    assert 0 < learn.sum() < len(learn) - test.sum() + 1
    fitted = THREE["three"].fit(snapshots.X[learn], snapshots.y[learn])
    p, y = fitted.predict_proba(snapshots.X[test])[:, 1], snapshots.y[test]
    row = report.table().loc[(pd.Timestamp("2024-05-01"), "three")]
    assert row["n_customers"] == test.sum()
    assert row["base_rate"] == y.mean()
    assert row["roc_auc"] == metrics.roc_auc_score(y, p)
    assert row["average_precision"] == metrics.average_precision_score(y, p)
    assert row["log_loss"] == metrics.log_loss(y, p)
    assert row["brier_score"] == metrics.brier_score_loss(y, p)
    assert row["calibration_error"] == expected_calibration_error(y, p)
    assert row["top_decile_lift"] == churn_scores(y, p)["top_decile_lift"].item()


def test_the_base_rate_is_that_of_the_training_rows(snapshots, report):
    at = report.cutoff == np.datetime64("2024-05-01")
    learnt = snapshots.y[snapshots.label_end <= np.datetime64("2024-05-01")].mean()
    np.testing.assert_allclose(report.probabilities["base rate"][at], learnt)


def test_customers_are_drawn_with_all_their_rows():
    """The oracle draws customers, takes their rows and scores these with the plain functions."""
    told, n, times = echoed(), 12, 40
    drawn = np.random.default_rng(7).integers(n, size=(times, n))
    customers = pd.unique(told.groups)
    cutoffs = np.unique(told.cutoff)
    assert len(customers) == n
    assert len(cutoffs) == 2
    place = {name: i for i, name in enumerate(CHURN_SCORES)}
    checked = 0
    for index, chosen in enumerate(drawn):
        for c, cutoff in enumerate(cutoffs):
            rows = [
                np.flatnonzero((told.groups == customers[k]) & (told.cutoff == cutoff)).item()
                for k in chosen
            ]
            y = told.y[rows]
            for name, p in told.probabilities.items():
                got = told.draws.drawn[name][index, c]
                loss = metrics.log_loss(y, np.clip(p[rows], 1e-15, 1), labels=[0, 1])
                if p[rows].min() > 0 and p[rows].max() < 1:
                    assert got[place["log_loss"]] == pytest.approx(loss)
                if y.min() < y.max():
                    assert got[place["roc_auc"]] == pytest.approx(metrics.roc_auc_score(y, p[rows]))
                    checked += 1
    assert checked > 100


def test_intervals_are_read_from_the_paired_resamples():
    told = echoed()
    k = CHURN_SCORES.index("brier_score")
    each = told.draws.drawn["p"][:, :, k] - told.draws.drawn["q"][:, :, k]
    mean = told.differences("brier_score", to="q")
    assert mean["lower"].item() == pytest.approx(np.quantile(each.mean(axis=1), 0.025))
    assert mean["upper"].item() == pytest.approx(np.quantile(each.mean(axis=1), 0.975))
    assert mean["std_error"].item() == pytest.approx(each.mean(axis=1).std(ddof=1))
    by = told.differences("brier_score", to="q", by_cutoff=True)
    assert list(by.index.get_level_values("cutoff")) == list(map(pd.Timestamp, CUTS[1:]))
    np.testing.assert_allclose(by["upper"], np.quantile(each, 0.975, axis=0))
    assert mean["estimate"].item() == pytest.approx(by["estimate"].mean())


@pytest.mark.parametrize(
    ("shift", "verdict"), [(-0.3, "worse"), (0.0, "no clear difference"), (0.3, "better")]
)
def test_verdicts_in_words(shift, verdict):
    rng = np.random.default_rng(2)
    y = np.tile(np.repeat([0, 1], 40), 2)
    good = np.clip(0.5 + np.where(y, 1, -1) * shift + rng.normal(0, 0.05, 160), 0.01, 0.99)
    fair = np.clip(0.5 + rng.normal(0, 0.05, 160), 0.01, 0.99)
    made = by_hand({"p": good, "q": fair}, y, CUTS[:2], 80)
    told = churn_report({"p": Echo("p")}, made, baselines={"q": Echo("q")}, n_resamples=100)
    found = told.differences(["log_loss", "roc_auc"], to="q")["verdict"]
    assert set(found) == {verdict}


def test_the_mean_counts_each_cutoff_once(report):
    table, summary = report.table(), report.summary()["estimate"]
    assert len(set(table["n_customers"])) > 1
    for name in report.probabilities:
        for score in ("log_loss", "roc_auc", "base_rate"):
            mean = table[score].xs(name, level="prediction").mean()
            assert summary[(name, score)] == pytest.approx(mean)
    found = report.summary().loc["three"]
    inside = found.loc[["log_loss", "roc_auc", "brier_score"]]
    assert (inside["lower"] < inside["estimate"]).all()
    assert (inside["estimate"] < inside["upper"]).all()


def test_differences_to_each_baseline_to_the_best_and_to_a_name(report):
    assert [key[1] for key in report.differences().index] == list(report.baselines)
    best = report.best_baseline("roc_auc")
    mean = report.summary()["estimate"].xs("roc_auc", level="score")
    assert best == mean[list(report.baselines)].idxmax()
    assert [k[1] for k in report.differences("roc_auc", to="best").index] == [best]
    assert len(report.differences(None, to="base rate")) == len(CHURN_SCORES) - 1
    loss = report.summary()["estimate"].xs("log_loss", level="score")
    assert report.best_baseline() == loss[list(report.baselines)].idxmin()


def test_calibration_of_all_and_of_one_cutoff(report):
    p = report.probabilities["three"]
    pd.testing.assert_frame_equal(
        report.calibration(n_bins=5), calibration_table(report.y, p, n_bins=5)
    )
    at = report.cutoff == np.datetime64("2024-05-01")
    pd.testing.assert_frame_equal(
        report.calibration("base rate", "2024-05-01"),
        calibration_table(report.y[at], report.probabilities["base rate"][at]),
    )


def test_predictions_have_ids_and_the_library_of_the_snapshots(report):
    frame = report.predictions()
    assert list(frame.columns) == ["customer_id", "cutoff", "y", *report.probabilities]
    assert frame["customer_id"].tolist() == report.groups.tolist()
    np.testing.assert_array_equal(frame["three"], report.probabilities["three"])
    polars = snapshots_of(frame=pl.from_pandas(make_customers(250, random_state=1).events))
    told = churn_report(THREE, polars, n_resamples=60)
    assert isinstance(told.predictions(), pl.DataFrame)
    assert told.predictions()["cutoff"].dtype == pl.Datetime("us")
    np.testing.assert_allclose(told.predictions()["three"].to_numpy(), frame["three"], rtol=1e-10)
    pd.testing.assert_frame_equal(told.differences(), report.differences(), rtol=1e-6)


def test_plots_take_what_the_report_holds(report):
    pytest.importorskip("matplotlib")
    from matplotlib.figure import Figure

    from crmkit.plotting import plot_calibration, plot_gain

    ax = plot_gain(
        report.y,
        report.probabilities,
        groups=report.groups,
        n_resamples=5,
        ax=Figure().add_subplot(),
    )
    assert "three" in [text.get_text() for text in ax.get_legend().get_texts()]
    ax = plot_calibration(report.y, report.probabilities, ax=Figure().add_subplot())
    assert any(text.get_text().startswith("three") for text in ax.get_legend().get_texts())


@pytest.mark.parametrize(
    ("ask", "text"),
    [
        (lambda r: r.differences("auc"), "ChurnReport: metric must be one of .*'roc_auc'"),
        (lambda r: r.differences("base_rate"), "metric must be one of"),
        (lambda r: r.differences(to="RFMLogistik"), "Did you mean 'RFMLogistic'"),
        (lambda r: r.differences(to="three"), "no model to compare with to='three'"),
        (lambda r: r.best_baseline("lift"), "metric must be one of"),
        (lambda r: r.calibration("tree"), "prediction must be one of"),
        (
            lambda r: r.calibration(cutoff="2024-01-01"),
            r"cutoff='2024-01-01' was not tested. There are \['2024-03-01', '2024-05-01'\]",
        ),
    ],
)
def test_error_texts(report, ask, text):
    with pytest.raises(DataError, match=text):
        ask(report)


def test_it_is_frozen(report):
    assert isinstance(report, ChurnReport)
    with pytest.raises(AttributeError):
        report.level = 0.5
