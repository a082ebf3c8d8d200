"""PurgedForwardSplit: the worked example, properties, scikit-learn's tools, snapshots, texts."""

import warnings
from datetime import timedelta
from types import SimpleNamespace

import numpy as np
import pandas as pd
import polars as pl
import pytest
import sklearn
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, check_cv, cross_validate

import crmkit as ck
from crmkit.churn import RFM, NextPurchaseTime, NoPurchase, SnapshotBuilder
from crmkit.exceptions import DataError, DataWarning
from crmkit.model_selection import PurgedForwardSplit

DAY = np.timedelta64(1, "D")
START = np.datetime64("2024-01-01")


def at(days):
    return START + np.asarray(days) * DAY


def days_of(splitter, days, horizon=45, **more):
    """Training days and test day of every split, one row a cut-off."""
    days = np.asarray(days)
    pairs = splitter.split(days, cutoff=at(days), label_end=at(days + horizon), **more)
    return [(days[train].tolist(), days[test].tolist()) for train, test in pairs]


def test_the_worked_example():
    """H = 45, test at day 100: days 0, 20, 40 may train, for 60 ends at 105."""
    days = [0, 20, 40, 60, 80, 100]
    assert days_of(PurgedForwardSplit(n_splits=1), days) == [([0, 20, 40], [100])]
    assert days_of(PurgedForwardSplit(), days) == [
        ([0], [60]),
        ([0, 20], [80]),
        ([0, 20, 40], [100]),
    ]


def test_a_label_that_ends_at_the_test_cutoff_is_legal():
    assert days_of(PurgedForwardSplit(), [0, 45]) == [([0], [45])]
    with pytest.raises(DataError, match="no cut-off has anything to train on"):
        days_of(PurgedForwardSplit(), [0, 44])


@pytest.mark.parametrize("embargo", ["10D", "240h", timedelta(days=10), np.timedelta64(10, "D")])
def test_the_embargo_moves_the_end_of_training(embargo):
    splitter = PurgedForwardSplit(test_cutoffs=["2024-04-10"], embargo=embargo)
    assert days_of(splitter, [0, 20, 40, 45, 46, 60, 100]) == [([0, 20, 40, 45], [100])]


def test_labels_of_one_cutoff_may_end_apart():
    cutoff, end = at([0, 0, 50, 50]), at([40, 60, 90, 90])
    (train, test), *more = PurgedForwardSplit().split(cutoff, cutoff=cutoff, label_end=end)
    assert not more
    assert train.tolist() == [0]
    assert test.tolist() == [2, 3]


snapshots = st.lists(
    st.tuples(st.integers(0, 12), st.integers(1, 9), st.integers(0, 5)), min_size=1, max_size=40
)


def made(rows):
    start, length, who = np.array(rows).T
    return {"groups": who, "cutoff": at(start), "label_end": at(start + length)}


@given(snapshots, st.integers(0, 6), st.booleans())
def test_no_training_label_reaches_the_test(rows, embargo, disjoint):
    data = made(rows)
    splitter = PurgedForwardSplit(embargo=f"{embargo}D", disjoint_customers=disjoint)
    try:
        pairs = list(splitter.split(np.zeros(len(rows)), **data))
    except DataError:
        assume(False)
    assert splitter.get_n_splits(np.zeros(len(rows)), **data) == len(pairs) >= 1
    tested = [np.unique(data["cutoff"][test]) for _, test in pairs]
    assert all(len(one) == 1 for one in tested)
    assert (np.diff(np.concatenate(tested)) > np.timedelta64(0)).all()
    for (train, test), (instant,) in zip(pairs, tested, strict=True):
        assert (data["label_end"][train] <= instant - embargo * DAY).all()
        assert (data["cutoff"][train] < instant).all()
        legal = data["label_end"] <= instant - embargo * DAY
        if disjoint:
            assert not set(data["groups"][train]) & set(data["groups"][test])
        else:
            assert train.tolist() == np.flatnonzero(legal).tolist()
            assert test.tolist() == np.flatnonzero(data["cutoff"] == instant).tolist()


@given(snapshots, st.randoms(use_true_random=False))
def test_row_order_does_not_matter(rows, random):
    def sets(rows):
        splits = PurgedForwardSplit(disjoint_customers=True).split(rows, **made(rows))
        return [tuple(sorted(rows[i] for i in side) for side in pair) for pair in splits]

    try:
        expected = sets(rows)
    except DataError:
        assume(False)
    assert sets(random.sample(rows, len(rows))) == expected


def test_disjoint_customers_are_halves_of_the_customers():
    start = np.repeat([0, 50, 100], 11)
    data = made([(s, 40, i % 11) for i, s in enumerate(start)])
    splitter = PurgedForwardSplit(disjoint_customers=True, random_state=3)
    pairs = list(splitter.split(start, **data))
    assert [(len(train), len(test)) for train, test in pairs] == [(6, 5), (12, 5)]
    assert len({tuple(data["groups"][test]) for _, test in pairs}) == 1
    other = PurgedForwardSplit(disjoint_customers=True, random_state=4).split(start, **data)
    assert {tuple(data["groups"][test]) for _, test in other} != {
        tuple(data["groups"][test]) for _, test in pairs
    }
    text = dict(data, groups=pd.Series([f"c{g}" for g in data["groups"]]))
    assert next(splitter.split(start, **text))[0].size == 6


def many(seed=0):
    random = np.random.default_rng(seed)
    cutoff = np.repeat(at([0, 30, 60, 90, 120]), 40)
    X = random.normal(size=(200, 2))
    y = (X[:, 0] + random.normal(size=200) > 0).astype(int)
    return X, y, {"cutoff": cutoff, "label_end": cutoff + 30 * DAY}


def test_cross_validate_routes_the_columns():
    X, y, times = many()
    with sklearn.config_context(enable_metadata_routing=True):
        got = cross_validate(
            LogisticRegression(), X, y, cv=PurgedForwardSplit(), params=times, return_indices=True
        )
        groups = {"groups": np.tile(np.arange(40), 5)}
        half = PurgedForwardSplit(disjoint_customers=True)
        apart = cross_validate(LogisticRegression(), X, y, cv=half, params=times | groups)
    assert [len(train) for train in got["indices"]["train"]] == [40, 80, 120, 160]
    assert len(apart["test_score"]) == 4
    by_hand = [
        LogisticRegression().fit(X[train], y[train]).score(X[test], y[test])
        for train, test in PurgedForwardSplit().split(X, **times)
    ]
    assert got["test_score"].tolist() == by_hand
    plain = cross_validate(
        LogisticRegression(), X, y, cv=list(PurgedForwardSplit().split(X, **times))
    )
    assert plain["test_score"].tolist() == by_hand


@pytest.mark.parametrize("splitter", [PurgedForwardSplit(), PurgedForwardSplit(n_splits=2)])
def test_grid_search_routes_the_columns(splitter):
    X, y, times = many()
    with sklearn.config_context(enable_metadata_routing=True):
        search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=splitter)
        search.fit(X, y, **times)
        outer = cross_validate(
            search, X, y, cv=PurgedForwardSplit(n_splits=1), params=times, return_estimator=True
        )
    assert search.n_splits_ == splitter.get_n_splits(X, **times)
    assert outer["estimator"][0].n_splits_ == min(3, search.n_splits_)


def test_forgotten_routing_is_told():
    X, y, _ = many()
    with pytest.raises(DataError, match=r"cutoff and label_end missing.*enable_metadata_routing"):
        cross_validate(LogisticRegression(), X, y, cv=PurgedForwardSplit())


def test_snapshots_bring_their_columns():
    X, y, times = many()
    whole = SimpleNamespace(X=X, y=y, groups=np.tile(np.arange(40), 5), **times)
    for splitter in (PurgedForwardSplit(), PurgedForwardSplit(disjoint_customers=True)):
        got = list(splitter.split(whole))
        expected = list(splitter.split(X, y, whole.groups, **times))
        assert splitter.get_n_splits(whole) == len(got) == len(expected) == 4
        for pair, other in zip(got, expected, strict=True):
            for side, same in zip(pair, other, strict=True):
                np.testing.assert_array_equal(side, same)


def test_rows_without_a_label_are_in_neither_part():
    days = np.array([0, 0, 30, 30, 60, 60])
    y = np.array([0.0, np.nan, 1.0, 0.0, np.nan, np.nan])
    times = {"cutoff": at(days), "label_end": at(days + 30)}
    for labels in (y, pd.Series(y), pd.array([0, None, 1, 0, None, None], dtype="Int64")):
        got = list(PurgedForwardSplit().split(days, labels, **times))
        assert [(a.tolist(), b.tolist()) for a, b in got] == [([0], [2, 3])]
        assert PurgedForwardSplit().get_n_splits(days, labels, **times) == 1
    assert len(list(PurgedForwardSplit().split(SimpleNamespace(y=y, **times)))) == 1


def test_snapshots_of_a_log():
    """Eight customers who buy every 20 days; the label of the last cut-off is not known yet."""
    dates = pd.date_range("2024-01-01", periods=12, freq="20D")
    lines = [(f"c{i}", d + pd.Timedelta(days=i), 9.0) for i in range(8) for d in dates]
    log = ck.EventLog(pd.DataFrame(lines, columns=["customer_id", "timestamp", "amount"]))
    builder = SnapshotBuilder([RFM()], label=NoPurchase("45D"), unobserved="nan")
    cutoffs = ["2024-03-01", "2024-04-15", "2024-05-30", "2024-08-01"]
    with pytest.warns(ck.exceptions.DataWarning):
        snapshots = builder.build(log, cutoffs)
    table = PurgedForwardSplit().summary(snapshots)
    assert table["test_cutoff"].dt.strftime("%m-%d").tolist() == ["04-15", "05-30"]
    assert table["train_cutoffs"].tolist() == [1, 2]
    assert table["test_rows"].tolist() == [8, 8]
    strict = PurgedForwardSplit(embargo="1D").summary(snapshots)
    assert strict["train_cutoffs"].tolist() == [1]
    assert strict["purged_rows"].tolist() == [8]


@pytest.mark.parametrize("label", [NoPurchase("20D"), NextPurchaseTime("20D")])
def test_a_cutoff_at_the_end_of_what_is_observed_is_in_neither_part(label):
    """Nothing is seen behind the last cut-off: its labels end where they begin."""
    lines = [("a", "2024-01-01"), ("a", "2024-02-01"), ("b", "2024-01-05"), ("b", "2024-03-10")]
    frame = pd.DataFrame(lines, columns=["customer_id", "timestamp"])
    frame = frame.assign(timestamp=pd.to_datetime(frame["timestamp"]))
    builder = SnapshotBuilder([RFM()], label=label, unobserved="nan")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        snapshots = builder.build(
            ck.EventLog(frame, amount=None), ["2024-01-10", "2024-02-05", "2024-03-11"]
        )
    assert snapshots.label_end.max() == snapshots.cutoff.max()
    got = list(PurgedForwardSplit().split(snapshots))
    assert [(a.tolist(), b.tolist()) for a, b in got] == [([0, 1], [2, 3])]


@pytest.mark.parametrize(
    "kind",
    [
        pd.Series,
        pd.DatetimeIndex,
        lambda v: pd.Series(v).dt.tz_localize("UTC"),
        lambda v: pl.Series(v.astype("M8[us]")),
        lambda v: v.astype("M8[ns]"),
        lambda v: v.astype("M8[us]").tolist(),
        lambda v: [str(x) for x in v],
    ],
    ids=["series", "index", "zone", "polars", "ns", "datetimes", "text"],
)
def test_instants_of_every_kind_are_read(kind):
    cutoff, end = at([0, 30, 60]), at([30, 60, 90])
    got = PurgedForwardSplit().split(None, cutoff=kind(cutoff), label_end=kind(end))
    assert [(a.tolist(), b.tolist()) for a, b in got] == [([0], [1]), ([0, 1], [2])]


def test_summary_tells_what_is_purged():
    days = np.repeat([0, 20, 40, 60, 80, 100], 2)
    table = PurgedForwardSplit(n_splits=1).summary(days, cutoff=at(days), label_end=at(days + 45))
    assert table.to_dict("records") == [
        {
            "test_cutoff": pd.Timestamp("2024-04-10"),
            "last_train_cutoff": pd.Timestamp("2024-02-10"),
            "train_cutoffs": 3,
            "train_rows": 6,
            "purged_rows": 4,
            "test_rows": 2,
        }
    ]


def test_scikit_learn_manners():
    splitter = PurgedForwardSplit(n_splits=2, embargo="7D")
    assert check_cv(splitter) is splitter
    assert clone(splitter, safe=False).embargo == "7D"
    assert repr(splitter).startswith("PurgedForwardSplit(")
    assert splitter.get_n_splits() == 2
    assert PurgedForwardSplit(test_cutoffs=["2024-01-31", "2024-03-01"]).get_n_splits() == 2
    with sklearn.config_context(enable_metadata_routing=True):
        assert splitter.set_split_request(groups=False) is splitter


GOOD = {"X": np.zeros(3), "cutoff": at([0, 30, 60]), "label_end": at([30, 60, 90])}


@pytest.mark.parametrize(
    ("parameters", "change", "text"),
    [
        ({}, {"label_end": None}, "label_end missing"),
        ({}, {"X": np.zeros(4)}, "but cutoff has 3, label_end has 3, X has 4 rows"),
        ({}, {"cutoff": [0, 30, 60]}, "cutoff must hold dates or datetimes, got int64"),
        ({}, {"cutoff": ["a", "b", "c"]}, "cutoff must hold dates, datetimes or ISO 8601 text"),
        ({}, {"cutoff": at([[0, 30, 60]])}, r"one instant a row, got shape \(1, 3\)"),
        ({}, {"label_end": [START, None, START]}, r"label_end has 1 missing .*\(first at row 1\)"),
        (
            {},
            {"label_end": at([30, 30, 90])},
            r"1 labels do not end after .*row 1: cut-off 2024-01",
        ),
        (
            {},
            {"label_end": pd.Series(at([30, 60, 90])).dt.tz_localize("UTC")},
            "label_end has a time zone, cutoff has not",
        ),
        (
            {},
            {"label_end": GOOD["cutoff"]},
            r"2 labels do not end after .*row 0: cut-off 2024-01-01, end 2024-01-01",
        ),
        (
            {},
            {"cutoff": np.array([20240101, 20240201, 20240301], dtype=object)},
            "cutoff must hold dates, datetimes or ISO 8601 text, got 20240101. Numbers have no",
        ),
        (
            {},
            {"cutoff": ["2024-01-01", "2024-02-01T00:00+09:00", "2024-03-01"]},
            "cutoff has instants with a time zone beside others without",
        ),
        ({}, {"y": [0, 1]}, r"y must be one label per row, 3, got shape \(2,\)"),
        ({"n_splits": 0}, {}, "n_splits must be a whole number of at least 1, got 0"),
        ({"n_splits": 3}, {}, "n_splits=3, but only 2 of the 3 cut-offs have anything to train on"),
        ({"n_splits": 1, "test_cutoffs": ["2024-01-31"]}, {}, "n_splits or test_cutoffs, not both"),
        ({"test_cutoffs": ["2024-02-01"]}, {}, r"\['2024-02-01'\] are no cut-offs .*'2024-01-31'"),
        ({"test_cutoffs": ["2024-01-01"]}, {}, r"nothing to train on.*\['2024-01-31', '2024-03-0"),
        ({"test_cutoffs": ["2024-01-31T00:00Z"]}, {}, "test_cutoffs has a time zone, cutoff has n"),
        ({"embargo": 7}, {}, 'embargo must be text such as "7D"'),
        ({"embargo": timedelta(days=-1)}, {}, "embargo must be text .* of at least 0"),
        ({"embargo": "1M"}, {}, r"\(h, D or W; months differ in length\) .* got '1M'"),
        ({"embargo": "soon"}, {}, "embargo must be text .* got 'soon'"),
        ({"embargo": np.timedelta64("NaT")}, {}, "embargo must be text .* got .*NaT"),
        ({"embargo": np.timedelta64(1, "M")}, {}, "embargo must be text .* got .*1,'M'"),
        ({"embargo": np.timedelta64(2**62, "D")}, {}, "embargo must be text"),
        ({"disjoint_customers": True}, {"groups": [7, 7, 7]}, "two customers .* groups has one"),
        ({"disjoint_customers": True}, {}, "disjoint_customers=True needs groups"),
        ({"disjoint_customers": True}, {"groups": [1, 2]}, "groups has 2 rows and cutoff 3"),
        ({"disjoint_customers": True}, {"groups": [1, None, 2]}, "groups has 1 missing customers"),
        (
            {"disjoint_customers": True, "random_state": None},
            {"groups": [1, 2, 3]},
            "random_state must be a whole number",
        ),
    ],
)
def test_errors_teach(parameters, change, text):
    with pytest.raises(DataError, match=f"PurgedForwardSplit: .*{text}"):
        PurgedForwardSplit(**parameters).split(**(GOOD | change))


def test_a_frame_with_such_columns_is_not_mistaken_for_snapshots():
    frame = pd.DataFrame({"cutoff": GOOD["cutoff"], "label_end": GOOD["label_end"]})
    with pytest.raises(DataError, match="cutoff and label_end missing"):
        PurgedForwardSplit().split(frame)
