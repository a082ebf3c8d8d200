"""ChurnMonitor: false alarms on the same data, every kind of change, snapshots, copies, texts."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
import skops.io as sio
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

import crmkit as ck
from crmkit.churn import ChurnMonitor, NoPurchase, SnapshotBuilder
from crmkit.datasets import make_customers
from crmkit.exceptions import DataError


def drawn(n, seed, stretch=1.0, level=0.0, slope=1.0):
    """Features, scores and labels; `stretch` shifts a feature, `level` and `slope` the truth."""
    random = np.random.default_rng(seed)
    X = pd.DataFrame(
        {
            "days": random.exponential(40 * stretch, n),
            "orders": 1 + random.poisson(0.8, n),
            "gap": np.where(random.random(n) < 0.4, np.nan, random.gamma(2, 15, n)),
            "plan": random.choice(["a", "b", "c"], n, p=[0.6, 0.3, 0.1]),
            "rare": (random.random(n) < 0.01).astype(float),
        }
    )
    odds = -1 + 0.03 * X["days"].to_numpy() - 0.5 * (X["orders"].to_numpy() - 1)
    p, truth = (1 / (1 + np.exp(-o)) for o in (odds, level + slope * odds))
    return X, p, (random.random(n) < truth).astype(float)


@pytest.fixture(scope="module")
def monitor():
    return ChurnMonitor().fit(*drawn(3000, 0))


def alarms(report):
    return set(report.table["name"][report.table["alarm"]])


@pytest.mark.parametrize("m", [80, 1000])
def test_false_alarms_are_as_rare_as_stated(m):
    """On resamples of one population, with nothing but chance to stop an alarm."""
    X, p, y = drawn(40_000, 1)
    strict = ChurnMonitor(psi_limit=0, gap_limit=0, auc_limit=0, lift_limit=0)
    random, rang = np.random.default_rng(2), []
    for _ in range(12):
        rows = random.choice(40_000, 1500, replace=False)
        fitted = clone(strict).fit(X.iloc[rows], p[rows], y[rows])
        for _ in range(10):
            now = random.choice(40_000, m, replace=False)
            rang.append(bool(alarms(fitted.check(X.iloc[now], p[now], y[now]))))
    assert np.mean(rang) <= 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / len(rang))


def test_nothing_new_keeps_the_model(monitor):
    report = monitor.check(*drawn(2000, 5))
    assert report.advice == "keep"
    assert not report.retrain
    assert "0 of 10 comparisons raise an alarm" in report.text


def test_a_shifted_feature_is_named_and_shifts_the_scores(monitor):
    X, p, _ = drawn(2000, 6, stretch=2.0)
    report = monitor.check(X, p)
    assert alarms(report) == {"days", "score"}
    assert report.advice == "retrain"
    assert "'days' has shifted: stability index" in str(report)
    assert "The scores have shifted" in str(report)
    row = report.table.set_index("name").loc["days"]
    assert row["now"] == pytest.approx(2 * row["reference"], rel=0.15)


def test_a_feature_that_does_not_move_the_scores_is_watched(monitor):
    X, p, _ = drawn(2000, 7)
    missing = monitor.check(X.assign(gap=np.nan), p)
    assert alarms(missing) == {"gap"}
    assert missing.advice == "watch"
    words = monitor.check(X.assign(plan="unheard of"), p)
    assert alarms(words) == {"plan"}


def test_a_level_that_is_off_is_recalibrated(monitor):
    report = monitor.check(*drawn(2000, 8, level=1.0))
    assert {"level", "gap in groups"} <= alarms(report)
    assert "auc" not in alarms(report)
    assert report.advice == "recalibrate"
    assert "The level is off" in report.text


def test_an_order_that_is_lost_is_trained_again(monitor):
    X, p, y = drawn(2000, 9)
    shuffled = np.random.default_rng(0).permutation(y)
    report = monitor.check(X, p, shuffled)
    assert {"auc", "lift", "gap in groups"} <= alarms(report)
    assert report.retrain
    assert (
        "The order is worse: the area under the curve of these customers should be 0."
        in report.text
    )


@pytest.mark.parametrize(("shift", "level"), [(0.8, 0.0), (-0.8, 0.0), (0.0, 1.5)])
def test_a_shift_of_customers_or_of_the_level_is_no_worse_order(shift, level):
    """Probabilities that are true but for the level: lift and area change, the order is right."""

    def made(n, seed, shift=0.0, level=0.0):
        random = np.random.default_rng(seed)
        x = random.normal(shift, 1, n)
        p, truth = 1 / (1 + np.exp(1.5 - x)), 1 / (1 + np.exp(1.5 - x - level))
        return pd.DataFrame({"x": x}), p, (random.random(n) < truth).astype(float)

    fitted = ChurnMonitor().fit(*made(20_000, 0))
    report = fitted.check(*made(20_000, 1, shift, level))
    table = report.table.set_index("name")
    assert abs(table.loc["lift", "now"] / fitted.reference_["lift"] - 1) > 0.1
    assert not alarms(report) & {"auc", "lift"}
    assert report.advice == ("recalibrate" if level else "watch")
    weaker, p, y = made(20_000, 2, shift)
    y = np.where(np.random.default_rng(3).random(20_000) < 0.5, y, np.roll(y, 1))
    assert fitted.check(weaker, p, y).advice == "retrain"


def test_rows_of_one_customer_raise_no_more_alarms():
    """Eight equal snapshots of each of 150 customers tell no more than one."""
    rang = 0
    for seed in range(60):
        random = np.random.default_rng(seed)
        x, z = random.normal(size=150), random.normal(size=1500)
        p, q = 1 / (1 + np.exp(1 - x)), 1 / (1 + np.exp(1 - z))
        y, who = (random.random(150) < p).astype(float), np.repeat(np.arange(150), 8)
        fitted = ChurnMonitor().fit(pd.DataFrame({"x": x[who]}), p[who], y[who], groups=who)
        once = ChurnMonitor().fit(pd.DataFrame({"x": x}), p, y)
        for name in ("auc_variance", "lift_variance"):
            assert fitted.reference_[name] == pytest.approx(once.reference_[name], rel=0.2)
        now = pd.DataFrame({"x": z}), q, (random.random(1500) < q).astype(float)
        rang += bool(alarms(fitted.check(*now)))
    assert rang <= 0.05 * 60 + 2.5 * np.sqrt(60 * 0.05 * 0.95)


def test_new_gaps_are_seen_and_told(monitor):
    X, p, _ = drawn(2000, 5)
    lost = np.random.default_rng(0).random(2000) < 0.1
    for column in ("days", "plan"):
        report = monitor.check(X.assign(**{column: X[column].mask(lost)}), p)
        assert alarms(report) == {column}
        row = report.table.set_index("name").loc[column]
        assert (row["missing_before"], row["missing_now"]) == (0.0, lost.mean())
        assert "10% missing now, none before" in report.text
    gone = monitor.check(X.assign(days=np.nan), p)
    assert "before, none now; 100% missing now, none before" in gone.text


def test_a_constant_is_watched():
    X, p, _ = drawn(500, 5)
    fixed = {"one": 1.0, "word": "a", "none": np.nan, "text": "3", "never": None}
    monitor = ChurnMonitor().fit(X.assign(**fixed), p)
    assert monitor.check(X.assign(**fixed), p).advice == "keep"
    changed = {"one": 2.0, "word": "b", "none": 4.0, "text": "4", "never": "x"}
    for name, value in changed.items():
        report = monitor.check(X.assign(**{**fixed, name: value}), p)
        assert alarms(report) == {name}, name


def test_equal_probabilities_do_not_depend_on_the_order_of_rows(monitor):
    X, _, _ = drawn(2000, 5)
    p, y = np.full(2000, 0.3), (np.arange(2000) % 10 < 3).astype(float)
    fitted = ChurnMonitor().fit(X, p, y)
    order = np.argsort(-y, kind="stable")
    got = fitted.check(X.iloc[order], p[order], y[order])
    pd.testing.assert_frame_equal(got.table, fitted.check(X, p, y).table)
    assert got.advice == "keep"


def test_small_changes_that_are_sure_do_not_matter(monitor):
    X, p, _ = drawn(40_000, 10, stretch=1.1)
    row = monitor.check(X, p).table.set_index("name").loc["days"]
    assert row["change"] > 0.005
    assert not row["alarm"]


def test_few_customers_raise_no_alarm_by_large_chance_shifts(monitor):
    X, p, _ = drawn(40, 11)
    table = monitor.check(X, p).table
    assert table["limit"].max() > 0.3
    assert not table["alarm"].any()


def test_labels_of_one_class_have_no_order(monitor):
    X, p, y = drawn(200, 12)
    names = set(monitor.check(X, p, np.ones(200)).table["name"])
    assert "auc" not in names
    assert "level" in names
    unlabelled = ChurnMonitor().fit(X, p)
    assert "auc" not in set(unlabelled.check(X, p, y).table["name"])


def test_snapshots_bring_labels_and_customers():
    log = ck.EventLog(make_customers(300, random_state=1).events)
    builder = SnapshotBuilder(label=NoPurchase("30D"))
    snapshots = builder.build(log, ["2024-02-01", "2024-03-01", "2024-04-01"])
    p = np.clip(np.asarray(snapshots.X["days_since_last"], dtype=float) / 200, 0.01, 0.99)
    monitor = ChurnMonitor().fit(snapshots, p)
    assert monitor.n_reference_ == len(np.unique(snapshots.groups)) < len(p)
    assert "auc" in monitor.reference_
    now = builder.transform(log, "2024-05-01")
    risk = np.clip(np.asarray(now["days_since_last"], dtype=float) / 200, 0.01, 0.99)
    assert len(monitor.check(now, risk).table) == len(monitor.edges_)


def test_polars_and_copies_agree(monitor):
    X, p, y = drawn(300, 13)
    expected = monitor.check(X, p, y).table
    by_polars = ChurnMonitor().fit(pl.from_pandas(drawn(3000, 0)[0]), *drawn(3000, 0)[1:])
    wide = X.assign(who=np.arange(300))[["who", *X.columns[::-1]]]
    data = sio.dumps(monitor)
    by_skops = sio.loads(data, trusted=sio.get_untrusted_types(data=data))
    for copy, frame in (
        (by_polars, pl.from_pandas(X)),
        (by_skops, X),
        (pickle.loads(pickle.dumps(monitor)), X),
        (monitor, wide),
        (clone(monitor).fit(*drawn(90, 3)).fit(*drawn(3000, 0)), X),
    ):
        pd.testing.assert_frame_equal(copy.check(frame, p, y).table, expected)


@pytest.mark.parametrize(
    ("monitor", "text"),
    [
        (ChurnMonitor(false_alarm=5), "false_alarm must be a number between 0 and 1"),
        (ChurnMonitor(share=0), "share must be"),
        (ChurnMonitor(n_bins=1), "n_bins must be a whole number of at least 2"),
        (ChurnMonitor(gap_limit=-1), "gap_limit must be a finite number"),
    ],
)
def test_refused_parameters(monitor, text):
    with pytest.raises(DataError, match=text):
        monitor.fit(*drawn(50, 0))


def test_refused_data(monitor):
    X, p, y = drawn(50, 0)
    with pytest.raises(NotFittedError):
        ChurnMonitor().check(X, p)
    with pytest.raises(DataError, match="19 customers are too few"):
        monitor.check(X.head(19), p[:19])
    with pytest.raises(DataError, match="X has 50 rows and p 49"):
        monitor.check(X, p[:49])
    with pytest.raises(DataError, match="y must be 1 for churned"):
        monitor.check(X, p, y + 0.5 * (y == 0))
    with pytest.raises(DataError, match="y must hold numbers"):
        monitor.check(X, p, ["Yes"] * 50)
    with pytest.raises(DataError, match="groups has 50 missing customers"):
        ChurnMonitor().fit(X, p, y, groups=[None] * 50)
    with pytest.raises(DataError, match="X has 50 rows and groups 1"):
        ChurnMonitor().fit(X, p, y, groups=["a"])
    with pytest.raises(DataError, match="X has no columns"):
        ChurnMonitor().fit(X[[]], p)
    with pytest.raises(DataError, match="y has 1 NaN"):
        monitor.check(X, p, np.append(y[1:], np.nan))
    with pytest.raises(DataError, match="column 'days' not found"):
        monitor.check(X.drop(columns="days"), p)
