"""migration_matrix: moves by hand, frozen edges, nobody leaves the count, any segmenter."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.cluster import KMeans

import crmkit as ck
from crmkit.datasets import load_cdnow
from crmkit.exceptions import DataError, DataWarning
from crmkit.segment import BehaviourSegmenter, CoreCustomers, RFMSegmenter, migration_matrix
from tests.segment._moving import DATES, NAMES, ROWS, OddOrEven, by_hand, frame_of, log_of
from tests.segment._shop import FRAMES


def cells(moves, pair):
    """Cells with customers as a dict."""
    table = moves.matrix(pair, shares=False)
    return {(a, b): table.loc[a, b] for a in table.index for b in table if table.loc[a, b]}


def test_moves_by_hand():
    moves = migration_matrix(by_hand(), log_of(), DATES)
    # February: a and b are recent, a has bought twice; b is silent for long on 1 March.
    assert cells(moves, 0) == {
        ("(new)", "loyal"): 1,  # c: two orders in a day
        ("loyal", "loyal"): 1,
        ("recent", "gone"): 1,
    }
    assert cells(moves, 1) == {
        ("(new)", "recent"): 1,  # d
        ("loyal", "slipping"): 2,  # a and c
        ("gone", "loyal"): 1,  # b: the second order
    }
    assert moves.segments == ("loyal", "recent", "slipping", "gone")
    assert moves.codes.tolist() == [[1, 1, 3], [2, 4, 1], [0, 1, 3], [0, 0, 2]]
    assert moves.size_counts.tolist() == [[1, 1, 0, 0], [2, 0, 0, 1], [1, 1, 2, 0]]


def test_whoever_is_silent_too_long_is_lost_and_may_come_back():
    moves = migration_matrix(by_hand(), log_of(), DATES, lost_after=45)
    assert cells(moves, 0) == {
        ("(new)", "loyal"): 1,
        ("loyal", "loyal"): 1,
        ("recent", "(lost)"): 1,  # b: last purchase 53 days before 1 March
    }
    assert cells(moves, 1)["(lost)", "loyal"] == 1
    assert cells(moves, 1)["loyal", "(lost)"] == 1  # a: 51 days; c: 41 days, not lost
    assert moves.lost_after == 45.0
    delta = migration_matrix(by_hand(), log_of(), DATES, lost_after=pd.Timedelta("45D"))
    assert delta.counts.tolist() == moves.counts.tolist()
    assert migration_matrix(by_hand(), log_of(), DATES, lost_after="45D").counts.tolist() == (
        moves.counts.tolist()
    )


def test_exactly_as_long_as_the_rule_is_not_lost():
    log = log_of([("a", "2024-01-01"), ("b", "2024-02-20")])
    for days, expected in ((31, "gone"), (30, "(lost)")):
        moves = migration_matrix(by_hand(), log, ["2024-01-31", "2024-02-01"], lost_after=days)
        assert moves.matrix(0, shares=False).loc["recent"].idxmax() == expected


@pytest.mark.parametrize("kind", FRAMES)
@pytest.mark.parametrize("ids", [None, dict(zip("abcd", (7, 9, 30, 31), strict=True))])
def test_every_kind_of_frame_moves_alike(kind, ids):
    expected = migration_matrix(by_hand(), log_of(), DATES)
    got = migration_matrix(by_hand(), log_of(kind=FRAMES[kind], ids=ids), DATES)
    assert got.counts.tolist() == expected.counts.tolist()
    assert got.codes.tolist() == expected.codes.tolist()


def test_an_unfitted_segmenter_learns_at_the_first_date_and_is_not_touched():
    log = ck.EventLog(load_cdnow())
    dates = ["1997-06-01", "1997-12-01", "1998-06-01"]
    segmenter = RFMSegmenter()
    moves = migration_matrix(segmenter, log, dates)
    assert not hasattr(segmenter, "segments_")
    at_first = clone(segmenter).fit(ck.summarize(log, as_of=dates[0]))
    for role, edges in at_first.scorer_.edges_.items():
        np.testing.assert_array_equal(moves.segmenter.scorer_.edges_[role], edges)
    assert migration_matrix(at_first, log, dates).counts.tolist() == moves.counts.tolist()
    for i, date in enumerate(dates):
        customers = ck.summarize(log, as_of=date)
        named = at_first.predict(customers)
        place = np.searchsorted(moves.ids, customers["customer_id"].to_numpy(dtype=str))
        assert np.array(["", *moves.segments])[moves.codes[place, i]].tolist() == named.tolist()


def test_a_fitted_segmenter_keeps_its_own_edges():
    log = ck.EventLog(load_cdnow())
    dates = ["1997-06-01", "1997-12-01"]
    late = RFMSegmenter().fit(ck.summarize(log, as_of="1998-06-01"))
    moves = migration_matrix(late, log, dates)
    assert moves.segmenter is late
    assert moves.counts.tolist() != migration_matrix(RFMSegmenter(), log, dates).counts.tolist()


def test_refitted_quintiles_hide_what_frozen_ones_show():
    """CDNOW is one cohort that goes silent: fifths of each date always hold a fifth."""
    log = ck.EventLog(load_cdnow())
    dates = ["1997-07-01", "1997-12-01"]
    frozen = migration_matrix(RFMSegmenter(), log, dates)
    stay = np.trace(frozen.counts[0][1:, 1:]) / frozen.counts[0][1:].sum()
    first, last = (ck.summarize(log, as_of=date) for date in dates)
    refitted = np.mean(
        RFMSegmenter().fit(first).predict(first) == RFMSegmenter().fit(last).predict(last)
    )
    assert refitted > stay + 0.2
    shown = frozen.size_counts / frozen.size_counts.sum(axis=1, keepdims=True)
    names = list(frozen.segments)
    cold = [names.index(n) for n in ("Lost", "Hibernating", "Cannot Lose Them", "At Risk")]
    assert shown[1, cold].sum() > shown[0, cold].sum() + 0.2
    for customers in (first, last):
        refit = RFMSegmenter().fit(customers).predict(customers)
        assert np.isin(refit, [names[i] for i in cold]).mean() < shown[0, cold].sum() + 0.05


def test_a_segmenter_of_logs():
    moves = migration_matrix(OddOrEven(), log_of(), DATES)
    assert moves.segmenter.as_of_.startswith("2024-02-01")
    assert moves.codes.tolist() == [[2, 1, 1], [1, 1, 2], [0, 2, 2], [0, 0, 1]]


class Clusters(KMeans):
    """Clusters with names, of whatever numbers stand behind the id."""

    def _numbers(self, X):
        return X[["days_since_last", "n_orders"]].to_numpy(dtype=float)

    def fit(self, X, y=None):
        super().fit(self._numbers(X))
        self.segments_ = np.array([f"cluster {i}" for i in range(self.n_clusters)])
        return self

    def predict(self, X):
        return self.segments_[super().predict(self._numbers(X))]


def test_any_segmenter_of_customers():
    log = log_of()
    moves = migration_matrix(Clusters(2, random_state=0), log, DATES)
    assert moves.segments == ("cluster 0", "cluster 1")
    assert (moves.size_counts.sum(axis=1) == [2, 3, 4]).all()
    customers = ck.summarize(log, as_of=DATES[1])
    named = moves.segmenter.predict(customers).tolist()
    assert [moves.segments[c - 1] for c in moves.codes[:3, 1]] == named


@st.composite
def purchases(draw):
    n = draw(st.integers(1, 30))
    who = draw(st.lists(st.sampled_from("abcdef"), min_size=n, max_size=n))
    days = draw(st.lists(st.integers(0, 150), min_size=n, max_size=n))
    return [(w, pd.Timestamp("2024-01-01") + pd.Timedelta(days=d)) for w, d in zip(who, days)]  # noqa: B905


@given(purchases(), st.lists(st.integers(1, 160), min_size=2, max_size=6), st.booleans())
@settings(max_examples=60)
def test_nobody_leaves_the_count(rows, days, by_rule):
    first, last = min(r[1] for r in rows), max(r[1] for r in rows)
    dates = sorted(pd.Timestamp("2024-01-01") + pd.Timedelta(days=d) for d in days)
    dates = [date for date in dates if first < date <= last.normalize() + pd.Timedelta(days=1)]
    if len(dates) < 2:
        return
    log = log_of(rows)
    moves = migration_matrix(by_hand(), log, dates, lost_after=40 if by_rule else None)
    for i, table in enumerate(moves.counts):
        before, after = (len({w for w, when in rows if when < d}) for d in dates[i : i + 2])
        assert table[0].sum() == after - before  # new
        assert table[1:].sum() == before  # stayed, moved and lost
        assert table.sum() == after
        assert table[:, 0].sum() == 0
        np.testing.assert_array_equal(table[:, 1:].sum(axis=0), moves.size_counts[i + 1])
        np.testing.assert_array_equal(table[1:, 1:].sum(axis=1), moves.size_counts[i])
        shares = moves.matrix(i)
        some = table.sum(axis=1) > 0
        np.testing.assert_allclose(shares.sum(axis=1)[some], 1.0)
        assert shares[~some].isna().all(axis=None)
    pooled = moves.counts.sum(axis=0)[:, 1:]
    assert moves.matrix(shares=False).to_numpy().tolist() == pooled.tolist()


def test_identical_dates_give_the_identity():
    moves = migration_matrix(by_hand(), log_of(), ["2024-03-01", "2024-03-01"])
    shares = moves.matrix(0)
    for name in moves.segments:
        row = shares.loc[name]
        assert row.isna().all() or (row[name] == 1.0 and row.sum() == 1.0)
    assert shares.loc["(new)"].isna().all()
    assert shares.notna().any(axis=None)


def test_what_comes_later_does_not_matter():
    late = [*ROWS, ("b", "2024-05-01"), ("z", "2024-05-02")]
    expected = migration_matrix(by_hand(), log_of(), DATES)
    got = migration_matrix(by_hand(), log_of(late), DATES)
    assert got.codes.tolist() == expected.codes.tolist()
    assert got.ids.tolist() == expected.ids.tolist()


def test_row_order_other_customers_and_the_input_do_not_matter():
    frame = frame_of(ROWS)
    before = frame.copy(deep=True)
    expected = migration_matrix(by_hand(), ck.EventLog(frame), DATES)
    pd.testing.assert_frame_equal(frame, before)
    shuffled = frame.sample(frac=1.0, random_state=2)
    got = migration_matrix(by_hand(), ck.EventLog(shuffled), DATES)
    assert got.codes.tolist() == expected.codes.tolist()
    some = migration_matrix(by_hand(), log_of([r for r in ROWS if r[0] in "ab"]), DATES[:2])
    assert some.codes.tolist() == expected.codes[:2, :2].tolist()


def test_money_is_netted_as_the_log_says():
    rows = [("a", "2024-01-05"), ("b", "2024-01-06"), ("a", "2024-01-20")]
    frame = frame_of(rows).assign(amount=[20.0, 20.0, -8.0])
    scheme = {f"{r}{f}{m}": f"money {m}" for r in "21" for f in "21" for m in "21"}
    for returns, expected in (("exclude", [1, 1]), ("net", [2, 1])):
        segmenter = RFMSegmenter(scheme, by_hand().scorer)
        log = ck.EventLog(frame, returns=returns)
        moves = migration_matrix(segmenter, log, ["2024-01-10", "2024-01-21"])
        assert moves.segments == ("money 2", "money 1")
        assert moves.codes[:, 1].tolist() == expected
        assert moves.codes[:, 0].tolist() == [1, 1]


def test_a_log_with_a_time_zone():
    frame = frame_of(ROWS)
    frame["timestamp"] = frame["timestamp"].dt.tz_localize("Asia/Tokyo").dt.tz_convert("UTC")
    moves = migration_matrix(by_hand(), ck.EventLog(frame, tz="Asia/Tokyo"), DATES)
    assert moves.codes.tolist() == migration_matrix(by_hand(), log_of(), DATES).codes.tolist()
    assert moves.frame()["from_date"].iloc[0] == pd.Timestamp("2024-02-01")


class Silent(OddOrEven):
    def predict_frame(self, log, as_of=None):
        return super().predict_frame(log, as_of=as_of).head(1)


class Strange(OddOrEven):
    def predict_frame(self, log, as_of=None):
        return super().predict_frame(log, as_of=as_of).assign(stage="neither")


class Nameless(OddOrEven):
    def fit(self, log, *, as_of=None):
        self.as_of_ = as_of
        return self


@pytest.mark.parametrize(
    ("segmenter", "dates", "options", "text"),
    [
        (by_hand(), DATES[:1], {}, "dates must hold at least two dates, got 1"),
        (by_hand(), DATES[::-1], {}, "dates must ascend, got"),
        (
            by_hand(),
            ["2024-01-01", *DATES],
            {},
            r"^migration_matrix: dates\[0\]='2024-01-01' is not after .*: choose a later one\.$",
        ),
        (by_hand(), ["2024-02-01 08:00"], {}, "each of dates must be the beginning of a day"),
        (by_hand(), DATES, {"lost_after": 0}, "lost_after must be a number of days above 0"),
        (by_hand(), DATES, {"lost_after": "abc"}, "lost_after must be a number of days above 0"),
        (by_hand(), DATES, {"lost_after": "2M"}, "lost_after='2M' cannot be told in 'D'"),
        (RFMSegmenter, DATES, {}, "segmenter must be a segmenter of customers, such as RFMSeg"),
        ("rfm", DATES, {}, "segmenter must be a segmenter of customers"),
        (Nameless(), DATES, {}, "Nameless does not name its segments in segments_ after fit"),
        (Silent(), DATES, {}, "Silent names 1 customers at 2024-02-01, 2 have bought before it"),
        (Strange(), DATES, {}, r"the segmenter says \['neither'\] for some customers"),
    ],
)
def test_errors_teach(segmenter, dates, options, text):
    log = log_of()
    with pytest.raises((DataError, ValueError), match=text):
        migration_matrix(segmenter, log, dates, **options)


@pytest.mark.parametrize("segmenter", [CoreCustomers(), BehaviourSegmenter(["T", "n_orders"], 2)])
def test_ages_in_another_unit_than_days_are_refused(segmenter):
    log = ck.EventLog(load_cdnow())
    dates = ["1997-09-01", "1997-10-01"]
    weekly = clone(segmenter).fit(ck.summarize(log, as_of=dates[0], unit="W"))
    assert weekly.unit_ == "W"
    with pytest.raises(
        DataError, match=r"learnt .*T in 'W', customers at a date have them in days"
    ):
        migration_matrix(weekly, log, dates)
    daily = clone(segmenter).fit(ck.summarize(log, as_of=dates[0]))
    moves = migration_matrix(daily, log, dates)
    assert moves.counts.tolist() == migration_matrix(segmenter, log, dates).counts.tolist()
    assert sorted(moves.size_counts[0]) == sorted(
        pd.Series(daily.predict(ck.summarize(log, as_of=dates[0]))).value_counts()
    )


def test_a_segment_called_like_a_state_is_refused():
    names = {**NAMES, "11": "(lost)"}
    with pytest.raises(DataError, match=r"a segment is called '\(lost\)', as is a state"):
        migration_matrix(RFMSegmenter(names, by_hand().scorer), log_of(), DATES)


def test_a_date_behind_the_log_is_warned_of():
    with pytest.warns(DataWarning, match="migration_matrix: 2024-05-01 lies 30 days behind"):
        migration_matrix(by_hand(), log_of(), [*DATES, "2024-05-01"])


def test_one_customer():
    moves = migration_matrix(by_hand(), log_of(ROWS[:2]), ["2024-01-10", "2024-01-21"])
    assert cells(moves, 0) == {("recent", "loyal"): 1}
