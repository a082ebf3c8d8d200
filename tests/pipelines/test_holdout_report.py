"""HoldoutReport: its tables agree with the metrics; its text says all that a reader needs."""

from datetime import datetime

import numpy as np
import pytest

from crmkit import metrics
from crmkit.exceptions import DataError
from crmkit.pipelines import HoldoutReport

RANDOM = np.random.default_rng(0)
RATE = RANDOM.gamma(0.5, 1.0, 300)
ACTUAL = RANDOM.poisson(RATE)


def report(**changes):
    made = {
        "as_of": datetime(2024, 1, 1),
        "until": datetime(2024, 7, 1),
        "horizon": 26.0,
        "unit": "W",
        "calibration_frequency": np.zeros(300, dtype=np.int64),
        "actual": ACTUAL,
        "predictions": {
            "ModelA": RATE + 0.01,
            "own rate": RATE * 2,
            "mean rate": np.full(300, 0.5),
            "hiatus rule": np.zeros(300),
            "NBDModel": RATE + 0.2,
        },
        "models": {"ModelA": None},
        "hiatus_threshold": 4.25,
        "hiatus_tuned_from": datetime(2023, 10, 1),
    }
    return HoldoutReport(**(made | changes))


SPEND = {
    "actual_spend": ACTUAL * 10.0,
    "spend_predictions": {"ModelA x Mean": RATE * 9, "mean rate x mean spend": np.full(300, 5.0)},
    "spend_models": {"Mean": None},
}


def test_tables_agree_with_the_metrics():
    made = report(**SPEND)
    scores = made.scores()
    assert scores.index.tolist() == list(made.predictions)
    assert scores.loc["ModelA"].to_dict() == metrics.value_scores(ACTUAL, RATE + 0.01)
    assert made.scores("spend").loc["ModelA x Mean"].to_dict() == metrics.value_scores(
        ACTUAL * 10.0, RATE * 9
    )
    table = made.deciles("own rate")
    assert table.equals(metrics.decile_table(ACTUAL, RATE * 2))
    assert made.deciles().equals(metrics.decile_table(ACTUAL, RATE + 0.01))
    assert made.deciles(of="spend").equals(metrics.decile_table(ACTUAL * 10.0, RATE * 9))
    told = made.score_intervals("own rate", n_resamples=20)
    assert told.equals(
        metrics.score_intervals(
            ACTUAL, made.predictions, against="own rate", n_resamples=20, random_state=0
        )
    )


def test_coverage_by_hand():
    bounds = np.column_stack([np.zeros(300), np.where(np.arange(300) < 150, 99.0, 0.0)])
    made = report(level=0.6, intervals={"ModelA": bounds})
    row = made.coverage().loc["ModelA"]
    above = np.mean(ACTUAL[150:] > 0) / 2
    assert row["share_above"] == pytest.approx(above)
    assert row["coverage"] == pytest.approx(1 - above)
    assert row["mean_width"] == 99.0 / 2
    assert report().coverage().empty


def test_the_text_tells_population_period_and_baselines():
    text = " ".join(str(report()).split())
    assert "300 customers who had bought before 2024-01-01; the models saw nothing later." in text
    assert "Holdout: 2024-01-01 until 2024-07-01 (26 weeks)." in text
    assert f"{ACTUAL.sum():,} purchase periods came" in text
    assert f"{np.mean(ACTUAL == 0):.0%} of the customers bought nothing." in text
    assert "hiatus rule: the own rate of those who last bought at most 4.25 weeks ago" in text
    assert "(tuned on 2023-10-01 until 2024-01-01)" in text
    assert "NBDModel: everybody keeps an own rate, nobody leaves" in text
    assert "mean width" not in text
    assert "Spend" not in text


def test_the_text_marks_baselines_and_fits_a_terminal():
    lines = str(report(**SPEND)).splitlines()
    rows = {line.split("  ")[0]: line for line in lines}
    assert "ModelA" in rows
    assert "(own rate)" in rows
    assert "(NBDModel)" in rows
    assert "ModelA x Mean" in rows
    assert "(mean rate x mean spend)" in rows
    assert max(map(len, lines)) <= 100
    scores = metrics.value_scores(ACTUAL, RATE + 0.01)
    assert f"{scores['mean_absolute_error']:.3f}" in rows["ModelA"]
    assert f"{scores['total_bias']:+.0%}" in rows["ModelA"]
    assert "nan" not in "\n".join(lines)
    assert "-0.000" not in "\n".join(lines)


def test_a_forecast_that_wins_by_being_low_is_cautioned_against():
    low = report(predictions=report().predictions | {"hiatus rule": RATE * 0.6})
    text = " ".join(str(low).split())
    assert "Caution: hiatus rule is best by mean absolute error (bias -" in text
    assert ", ModelA by Poisson deviance (bias " in text
    assert "rewards forecasts that are too low" in text


def test_no_caution_where_there_is_none():
    clear = report(predictions={"ModelA": ACTUAL + 1e-5, "mean rate": np.full(300, 0.5)})
    assert "Caution" not in str(clear)


def test_a_better_baseline_is_told():
    poor = report(predictions={"ModelA": np.full(300, 0.5), "NBDModel": ACTUAL + 0.0})
    assert "Caution: by Poisson deviance no model is better than the baseline NBDModel." in str(
        poor
    )


def test_forecasts_of_nothing_that_met_buyers_are_told():
    missed = int(np.sum(ACTUAL > 0))
    zero = {"ModelA": RATE + 0.01, "hiatus rule": np.zeros(300), "own rate": RATE + 0.5}
    text = " ".join(str(report(predictions=zero)).split())
    assert f"of customers who then bought (hiatus rule: {missed})." in text
    assert "counts as 1e-06 purchases" in text
    assert "Judge them by RMSE, bias and order." in text
    assert "was expected of customers" not in str(report(predictions={"ModelA": RATE + 0.01}))


def test_the_text_scores_once(monkeypatch):
    calls = []
    for name in ("scores", "coverage"):
        plain = getattr(HoldoutReport, name)

        def counted(self, *args, name=name, plain=plain):
            calls.append((name, *args))
            return plain(self, *args)

        monkeypatch.setattr(HoldoutReport, name, counted)
    wide = np.column_stack([np.zeros(300), np.full(300, 99.0)])
    str(report(level=0.8, intervals={"ModelA": wide}, **SPEND))
    assert sorted(calls) == [("coverage",), ("scores",), ("scores", "spend")]


def test_few_customers_are_cut_into_fewer_groups():
    few = report(actual=ACTUAL[:6], predictions={"ModelA": RATE[:6]})
    assert few.deciles(n_groups=3)["n_customers"].tolist() == [2, 2, 2]
    with pytest.raises(DataError, match=r"cannot be cut into 10 groups. Pass a smaller n_groups"):
        few.deciles()


def test_intervals_that_do_not_hold_are_told():
    narrow = np.zeros((300, 2))
    text = " ".join(str(report(level=0.8, intervals={"ModelA": narrow})).split())
    share = np.mean(ACTUAL == 0)
    assert share < 0.75
    expected = f"intervals that should hold 80% of the customers hold {share:.0%} (ModelA)."
    assert expected in text
    wide = np.column_stack([np.zeros(300), np.full(300, 99.0)])
    assert "intervals that should" not in str(report(level=0.8, intervals={"ModelA": wide}))


def test_errors_teach():
    with pytest.raises(DataError, match=r"spend was not forecast. Ask for it: holdout_report\("):
        report().scores("spend")
    with pytest.raises(DataError, match=r"of must be one of \['purchases', 'spend'\]"):
        report().scores("value")
    with pytest.raises(DataError, match=r"prediction='x' is none of \['ModelA', 'own rate'"):
        report().deciles("x")
