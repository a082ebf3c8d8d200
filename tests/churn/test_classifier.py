"""ChurnClassifier: honest probabilities, reasons that add up, any table, scikit-learn's suite."""

import logging
import pickle

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import skops.io as sio
from scipy.special import expit
from sklearn.base import clone
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_score
from sklearn.utils.estimator_checks import check_estimator

import crmkit as ck
from crmkit.churn import ChurnClassifier, Cutoffs, NoPurchase, SnapshotBuilder
from crmkit.datasets import make_customers
from crmkit.exceptions import DataError, DataWarning
from tests.churn._tables import made_customers
from tests.contracts import customer_level

FRAME, Y, TRUE = made_customers(600)


@pytest.fixture(scope="module")
def fitted():
    return ChurnClassifier().fit(FRAME, Y)


@pytest.fixture(scope="module")
def snapshots():
    log = ck.EventLog(make_customers(400, random_state=0).events)
    builder = SnapshotBuilder(label=NoPurchase("30D"))
    cutoffs = Cutoffs.rolling("2024-11-01", step="30D", n=5)
    return builder.build(log, cutoffs), builder.transform(log)


def test_probabilities_come_near_the_truth(fitted):
    frame, y, p = made_customers(4000, seed=1)
    found = fitted.predict_proba(frame)[:, 1]
    assert log_loss(y, found) < log_loss(y, p) + 0.02
    assert roc_auc_score(y, found) > roc_auc_score(y, p) - 0.01
    assert found.mean() == pytest.approx(p.mean(), abs=0.03)


def test_the_choice_is_told(fitted):
    table = fitted.candidates()
    assert table["candidate"].tolist()[:2] == ["base_rate", "spline_logistic"]
    assert len(table) == 5
    assert table.loc[table["chosen"], "candidate"].item() == fitted.chosen_
    losses = table.set_index("candidate")["calibrated_log_loss"]
    assert losses[fitted.chosen_] <= losses.min() * 1.001
    assert fitted.reason_.startswith(f"chose '{fitted.chosen_}'")
    assert fitted.base_rate_ == pytest.approx(Y.mean())


@pytest.mark.parametrize("model", ["spline_logistic", "boosted_small", "average"])
@pytest.mark.parametrize("calibrate", ["none", "sigmoid"])
def test_contributions_add_up_to_the_log_odds_before_calibration(model, calibrate):
    given = ChurnClassifier(model, calibrate, class_weight={1: 3.0}).fit(FRAME, Y)
    added, odds = given.contributions(FRAME), given.log_odds(FRAME)
    assert added.shape == (600, len(given.features_) + 1)
    np.testing.assert_allclose(added.sum(axis=1), odds, atol=1e-6)
    p = given.predict_proba(FRAME)[:, 1]
    if calibrate == "none":
        assert given.space_ == "log-odds of churn"
        np.testing.assert_allclose(np.log(p / (1 - p)), odds, atol=1e-6)
    else:
        assert given.space_ == "log-odds of churn before sigmoid calibration"
        assert np.abs(np.log(p / (1 - p)) - odds).max() > 1e-3


def test_reasons_are_the_largest_contributions(fitted):
    told = fitted.explain(FRAME.head(4), top=2)
    assert told.columns.tolist() == ["row", "feature", "value", "contribution", "sentence"]
    assert told["row"].tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    added = fitted.contributions(FRAME.head(4))[:, :-1]
    largest = np.abs(added).argmax(axis=1)
    assert told["feature"].tolist()[::2] == [fitted.features_[j] for j in largest]
    np.testing.assert_allclose(told["contribution"][::2], added[np.arange(4), largest])
    first = told.iloc[0]
    assert first["sentence"].endswith(f"{first['contribution']:+.1f}")


def test_frames_with_ids(fitted):
    customers = FRAME.assign(who=[f"c{i}" for i in range(600)])[["who", *FRAME.columns[::-1]]]
    scores = fitted.predict_frame(customers)
    assert scores.columns.tolist() == ["who", "probability_churn"]
    np.testing.assert_array_equal(scores["probability_churn"], fitted.predict_proba(FRAME)[:, 1])
    told = fitted.explain_frame(customers.tail(2), top=1)
    assert told["who"].tolist() == ["c598", "c599"]
    expected = fitted.explain(FRAME.tail(2), top=1)["sentence"].tolist()
    assert told["sentence"].tolist() == expected
    with pytest.raises(DataError, match="column 'charges' not found"):
        fitted.predict_frame(customers.drop(columns="charges"))


def test_a_feature_called_like_a_column_of_the_explanation():
    frame = FRAME.rename(columns={"charges": "value"})
    model = ChurnClassifier("spline_logistic", "none").fit(frame, Y)
    told = model.explain(duckdb.from_arrow(pa.Table.from_pandas(frame.head(3))))
    expected = model.explain(frame.head(3))
    assert told.to_arrow_table()["value"].to_pylist() == expected["value"].tolist()


@pytest.mark.parametrize(
    "kind", [pl.from_pandas, lambda f: pl.from_pandas(f).lazy(), pa.Table.from_pandas]
)
def test_every_kind_of_frame_gives_the_same(kind, fitted):
    frame = kind(FRAME)
    again = ChurnClassifier().fit(frame, pl.Series(Y))
    expected = fitted.predict_proba(FRAME)
    np.testing.assert_array_equal(again.predict_proba(frame), expected)
    told = again.explain(frame)
    assert type(told) is type(frame)
    beside = FRAME.assign(who=range(600))
    scores = again.predict_frame(kind(beside), customer="who")
    assert type(scores) is type(frame)
    rows = pl.from_arrow(scores) if isinstance(scores, pa.Table) else scores.lazy().collect()
    np.testing.assert_array_equal(rows["probability_churn"].to_numpy(), expected[:, 1])


def test_the_order_of_rows_does_not_matter(fitted):
    order = np.random.default_rng(0).permutation(600)
    again = ChurnClassifier().fit(FRAME.iloc[order], Y[order])
    np.testing.assert_array_equal(again.predict_proba(FRAME), fitted.predict_proba(FRAME))


def test_the_same_seed_gives_the_same_bits():
    first, second, other = (
        ChurnClassifier("boosted_small", "none", random_state=seed).fit(FRAME, Y).model_
        for seed in (3, 3, 4)
    )
    assert first == second
    assert first != other


def test_copies_predict_alike(fitted):
    data = sio.dumps(fitted)
    loaded = sio.loads(data, trusted=sio.get_untrusted_types(data=data))
    for copy in (loaded, pickle.loads(pickle.dumps(fitted)), clone(fitted).fit(FRAME, Y)):
        np.testing.assert_array_equal(copy.predict_proba(FRAME), fitted.predict_proba(FRAME))
        pd.testing.assert_frame_equal(copy.explain(FRAME), fitted.explain(FRAME))
    types = sio.get_untrusted_types(data=data)
    assert types == ["crmkit.churn._classifier.ChurnClassifier"]


def test_averages_and_calibrations_survive_skops():
    for model, calibrate in (("average", "isotonic"), ("boosted_default", "sigmoid")):
        given = ChurnClassifier(model, calibrate).fit(FRAME, np.where(Y, "Yes", "No"))
        data = sio.dumps(given)
        loaded = sio.loads(data, trusted=sio.get_untrusted_types(data=data))
        np.testing.assert_array_equal(loaded.predict_proba(FRAME), given.predict_proba(FRAME))
        np.testing.assert_array_equal(loaded.predict(FRAME), given.predict(FRAME))


def test_class_weights_move_the_label_not_the_probability():
    plain = ChurnClassifier("spline_logistic").fit(FRAME, Y)
    costly = ChurnClassifier("spline_logistic", class_weight={1: 9.0}).fit(FRAME, Y)
    p, q = (model.predict_proba(FRAME)[:, 1] for model in (plain, costly))
    np.testing.assert_array_equal(p, q)
    assert costly.threshold_ == pytest.approx(0.1)
    np.testing.assert_array_equal(costly.predict(FRAME), (q > 0.1).astype(int))


def test_labels_of_text(fitted):
    named = ChurnClassifier(churned="Churned").fit(FRAME, np.where(Y, "Churned", "Stayed"))
    assert named.classes_.tolist() == ["Stayed", "Churned"]
    np.testing.assert_array_equal(named.predict_proba(FRAME), fitted.predict_proba(FRAME))
    assert set(named.predict(FRAME)) == {"Stayed", "Churned"}
    with pytest.raises(DataError, match="Say which label is churn"):
        ChurnClassifier().fit(FRAME, np.where(Y, "Churned", "Stayed"))


def test_an_ordinary_table_goes_in_as_it_is():
    table = FRAME.assign(
        customerID=[f"{i:04d}-AB" for i in range(600)],
        total=[" " if i % 50 == 0 else str(i / 4) for i in range(600)],
        since=pd.Timestamp("2024-01-01"),
        region=pd.Categorical(np.where(Y, "north", "south")),
    )
    table.loc[::7, "contract"] = None
    with pytest.warns(DataWarning, match=r"left aside 'customerID' \(looks like .*'since' \(hol"):
        model = ChurnClassifier("spline_logistic").fit(table, Y)
    kinds = {each["name"]: each["kind"] for each in model.columns_}
    assert kinds["total"] == "number"
    assert kinds["region"] == kinds["contract"] == "category"
    assert kinds["paperless"] == "number"
    new = table.head(3).assign(region=["east", None, "north"], contract="weekly", total="")
    p = model.predict_proba(new)[:, 1]
    assert np.isfinite(p).all()
    assert model.explain(new)["value"].str.len().min() > 0


def test_the_callers_frame_is_untouched():
    before = FRAME.copy(deep=True)
    ChurnClassifier("spline_logistic").fit(FRAME, Y).explain(FRAME)
    pd.testing.assert_frame_equal(FRAME, before)


def test_fitted_on_a_frame_asked_with_an_array():
    x = FRAME[["days_since_last", "charges"]]
    model = ChurnClassifier("spline_logistic").fit(x, Y)
    with pytest.warns(UserWarning, match="valid feature names"):
        found = model.predict_proba(x.to_numpy())
    np.testing.assert_array_equal(found, model.predict_proba(x))
    unnamed = ChurnClassifier("spline_logistic").fit(x.to_numpy(), Y)
    np.testing.assert_array_equal(unnamed.predict_proba(x.to_numpy()), found)
    assert unnamed.explain(x.to_numpy(), top=1)["feature"].isin(["x0", "x1"]).all()
    with pytest.raises(DataError, match="fitted on an array"):
        unnamed.predict_frame(FRAME)


def test_snapshots_are_validated_forward_and_say_habits(snapshots):
    past, now = snapshots
    model = ChurnClassifier(random_state=1).fit(past)
    assert "judged forward in time at 4 cut-offs" in model.reason_
    assert model.unit_ == "D"
    by_hand = ChurnClassifier(random_state=1).fit(
        past.X, past.y, cutoff=past.cutoff, label_end=past.label_end, groups=past.groups
    )
    np.testing.assert_array_equal(by_hand.predict_proba(past.X), model.predict_proba(past))
    scores = model.predict_frame(now)
    assert scores.columns.tolist() == ["customer_id", "probability_churn"]
    assert roc_auc_score(past.y, model.predict_proba(past)[:, 1]) > 0.7
    told = model.explain_frame(now, top=len(model.features_))
    habits = told.loc[told["feature"] == "days_since_last", "sentence"]
    assert habits.str.fullmatch(
        r"last purchase \d+ days? ago(, usually every \d+)?: [+-]\d+\.\d"
    ).all()
    assert habits.str.contains("usually every").any()


def test_scikit_learns_tools():
    x = FRAME[["days_since_last", "charges"]]
    model = ChurnClassifier("spline_logistic", "none")
    assert cross_val_score(model, x, Y, scoring="neg_log_loss", cv=2).min() > -0.7
    grid = GridSearchCV(model, {"calibrate": ["none", "sigmoid"]}, cv=2, scoring="roc_auc")
    assert grid.fit(x, Y).best_score_ > 0.6
    groups = np.arange(600) // 3
    grouped = ChurnClassifier("spline_logistic", cv=GroupKFold(3)).fit(x, Y, groups=groups)
    assert "GroupKFold" in grouped.reason_


def test_a_large_table_is_thinned_for_the_contest_only():
    frame, y, _ = made_customers(3000, seed=2)
    made = ChurnClassifier(calibrate="none", contest_rows=1000).fit(frame, y)
    assert "3,000 rows judged by 5 stratified folds" in made.reason_
    assert "thinned to 1,000 rows at most, by whole customers" in made.reason_
    whole = ChurnClassifier(made.chosen_, calibrate="none", contest_rows=None).fit(frame, y)
    if made.chosen_ != "average":
        np.testing.assert_array_equal(made.predict_proba(frame), whole.predict_proba(frame))
    again = ChurnClassifier(calibrate="none", contest_rows=1000).fit(frame[::-1], y[::-1])
    assert again.reason_ == made.reason_


def test_threads_change_nothing():
    one, two = (ChurnClassifier("boosted_small", n_jobs=n).fit(FRAME, Y) for n in (None, 2))
    np.testing.assert_array_equal(one.predict_proba(FRAME), two.predict_proba(FRAME))


def test_verbose_tells_the_log(caplog):
    with caplog.at_level(logging.INFO, logger="crmkit"):
        ChurnClassifier("spline_logistic", "none").fit(FRAME, Y)
        assert caplog.text == ""
        ChurnClassifier("spline_logistic", "none", verbose=1).fit(FRAME, Y)
    assert "ChurnClassifier: 'spline_logistic' as asked for" in caplog.text


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ({"model": "boosted"}, "model must be one of .* Did you mean 'boosted_small'"),
        ({"calibrate": "platt"}, "calibrate must be one of"),
        ({"n_jobs": 0}, "n_jobs must be a whole number"),
        ({"random_state": -1}, "random_state must be"),
        ({"contest_rows": 999}, "contest_rows must be a whole number of at least 1,?000"),
        ({"cv": 1}, "cv must be at least 2"),
        ({"class_weight": "even"}, "class_weight must be"),
        ({"churned": "Yes"}, "churned='Yes' is no label"),
    ],
)
def test_what_is_refused(parameters, text):
    with pytest.raises(DataError, match=text):
        ChurnClassifier(**parameters).fit(FRAME, Y)


def test_one_class_three_classes_and_none():
    with pytest.raises(DataError, match="one class only"):
        ChurnClassifier().fit(FRAME, np.zeros(600))
    with pytest.raises(DataError, match="Only binary"):
        ChurnClassifier().fit(FRAME, np.arange(600) % 3)
    with pytest.raises(DataError, match="requires y"):
        ChurnClassifier().fit(FRAME)


class OnAnyCustomers(ChurnClassifier):
    """For the contracts, which know no labels: half of the customers, by their first column."""

    def fit(self, X, y=None):
        y = np.asarray(X.lazy().collect() if hasattr(X, "lazy") else X)[:, 0] if y is None else y
        return super().fit(X, (np.asarray(y, dtype=float) > 100).astype(int))


OnAnyCustomers.__doc__ = (ChurnClassifier.__doc__ or "").partition("Examples")[0]


@pytest.mark.parametrize("contract", customer_level.ALL, ids=lambda f: f.__name__)
def test_contract(contract):
    contract(OnAnyCustomers("average"), FRAME.head(250)[["days_since_last", "charges"]])


def test_scikit_learn_suite():
    results = check_estimator(ChurnClassifier(), on_skip=None)
    ran = [r["check_name"] for r in results if r["status"] == "passed"]
    assert len(ran) >= 60, f"only {len(ran)} checks passed: {ran}"


def test_telco(data_folder):
    table = pd.read_parquet(data_folder / "churn" / "telco_ibm.parquet")
    rest = np.arange(len(table)) % 5
    learn, test = table[rest > 0], table[rest == 0]
    with pytest.warns(DataWarning, match="left aside 'customerID'"):
        model = ChurnClassifier("spline_logistic").fit(learn.drop(columns="Churn"), learn["Churn"])
    assert model.classes_.tolist() == ["No", "Yes"]
    assert "TotalCharges" in model.features_
    p = model.predict_proba(test.drop(columns="Churn"))[:, 1]
    assert roc_auc_score(test["Churn"] == "Yes", p) > 0.83
    assert log_loss(test["Churn"] == "Yes", p) < 0.43


def test_a_weak_signal_keeps_its_direction():
    """Forty of a label cannot tell a curve from chance, and no calibration may turn the order."""
    rng = np.random.default_rng(4)
    X = pd.DataFrame(rng.normal(size=(80, 3)), columns=list("abc"))
    y = (rng.random(80) < expit(0.5 * X["a"])).astype(int)
    model = ChurnClassifier().fit(X, y)
    assert np.corrcoef(model.log_odds(X), model.predict_proba(X)[:, 1])[0, 1] > 0.9


@pytest.mark.parametrize("n_groups", [2, 3, 10])
def test_few_groups(n_groups):
    rng = np.random.default_rng(0)
    x = rng.normal(size=240)
    y = (rng.random(240) < expit(x)).astype(int)
    model = ChurnClassifier("boosted_small", cv=2, random_state=1)
    model.fit(pd.DataFrame({"a": x}), y, groups=np.arange(240) % n_groups)
    assert 0.0 < model.predict_proba(pd.DataFrame({"a": [0.0]}))[0, 1] < 1.0


def test_nobody_needs_no_explanation():
    model = ChurnClassifier("boosted_default", calibrate=None).fit(FRAME, Y)
    assert len(model.explain(FRAME.iloc[:0])) == 0
    assert model.predict_proba(FRAME.iloc[:0]).shape == (0, 2)


@pytest.mark.parametrize("calibrate", ["sigmoid", "isotonic"])
def test_a_calibration_that_cannot_be_had_is_told(calibrate):
    with (
        pytest.warns(DataWarning, match="gives no split"),
        pytest.warns(DataWarning, match=f"calibrate='{calibrate}' was left away"),
    ):
        model = ChurnClassifier("spline_logistic", calibrate, cv=[]).fit(FRAME, Y)
    assert model.calibration_ == {"kind": "none"}


def test_labels_beside_snapshots_leave_their_times_in_force(snapshots):
    past, _ = snapshots
    given = ChurnClassifier("spline_logistic", random_state=1).fit(past, past.y)
    alone = ChurnClassifier("spline_logistic", random_state=1).fit(past)
    assert given.reason_ == alone.reason_
    assert "forward in time" in given.reason_
    with pytest.raises(ValueError, match="3"):
        ChurnClassifier("spline_logistic").fit(past, groups=np.zeros(3))
