"""Migration: its tables and lists in every library, and its words."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

import crmkit as ck
from crmkit.exceptions import DataError
from crmkit.segment import migration_matrix
from crmkit.segment._migration import pair_counts, row_shares
from tests.segment._moving import DATES, ROWS, by_hand, frame_of, log_of
from tests.segment._shop import FRAMES, as_dict


@pytest.fixture(scope="module")
def moves():
    return migration_matrix(by_hand(), log_of(), DATES, lost_after="45D")


def test_rows_and_columns(moves):
    table = moves.matrix()
    assert table.index.tolist() == ["(new)", *moves.segments, "(lost)"]
    assert table.columns.tolist() == [*moves.segments, "(lost)"]
    assert table.index.name == "from"
    assert table.columns.name == "to"
    assert table.loc["loyal"].tolist() == [1 / 3, 0, 1 / 3, 0, 1 / 3]
    assert moves.matrix(-1).equals(moves.matrix(1))
    assert moves.matrix(1, shares=False).loc["loyal"].tolist() == [0, 0, 1, 0, 1]


@pytest.mark.parametrize("kind", FRAMES)
def test_long_form_in_the_library_of_the_log(kind):
    found = migration_matrix(by_hand(), log_of(kind=FRAMES[kind]), DATES)
    frame = found.frame()
    assert type(frame) is type(FRAMES[kind](pd.DataFrame({"x": [1]})))
    table = pd.DataFrame(as_dict(frame))
    assert len(table) == 2 * 5 * 4
    some = table[table["n_customers"] > 0]
    assert some["to_date"].astype(str).str[:10].tolist() == ["2024-03-01"] * 3 + ["2024-04-01"] * 3
    assert some["from_segment"].tolist() == ["(new)", "loyal", "recent", "(new)", "loyal", "gone"]
    assert some["to_segment"].tolist() == ["loyal", "loyal", "gone", "recent", "slipping", "loyal"]
    assert some["share"].tolist() == [1.0] * 6
    sizes = pd.DataFrame(as_dict(found.sizes()))
    assert sizes["n_customers"].tolist() == [1, 1, 0, 0, 2, 0, 0, 1, 1, 1, 2, 0]
    assert sizes["segment"].tolist()[:4] == list(found.segments)
    assert sizes["share"].tolist()[4] == pytest.approx(2 / 3)


@pytest.mark.parametrize("kind", FRAMES)
@pytest.mark.parametrize("ids", [None, dict(zip("abcd", (7, 9, 30, 31), strict=True))])
def test_movers_have_their_own_ids(kind, ids):
    found = migration_matrix(by_hand(), log_of(kind=FRAMES[kind], ids=ids), DATES)
    gone = as_dict(found.movers("loyal", "slipping"))
    assert gone == {"customer_id": ["a", "c"] if ids is None else [7, 30]}
    assert as_dict(found.movers("(new)", "loyal", pair=0))["customer_id"] == [
        (ids or {"c": "c"})["c"]
    ]
    assert as_dict(found.movers("recent", "recent"))["customer_id"] == []


def test_movers_are_the_cells_of_the_matrix(moves):
    for pair in range(moves.n_pairs):
        table = moves.matrix(pair, shares=False)
        for before in table.index:
            for after in table.columns:
                assert len(moves.movers(before, after, pair)) == table.loc[before, after]


def test_words(moves):
    text = str(moves)
    assert "Migration of 4 customers between 4 segments, 3 dates from 2024-02-01 to 2024-04" in text
    assert "2 at the first date, 4 at the last; 2 new in between" in text
    assert "Lost: no purchase for more than 45 days." in text
    assert "loyal              1           1   33.3%" in text
    without = str(migration_matrix(by_hand(), log_of(), DATES))
    assert "No rule says who is lost (lost_after=None)" in without
    assert "(lost)" not in without


def test_who_only_brought_something_back_is_no_customer():
    frame = frame_of([*ROWS, ("only", "2024-02-05")])
    frame.loc[frame["customer_id"] == "only", "amount"] = -1.0
    moves = migration_matrix(by_hand(), ck.EventLog(frame), DATES)
    assert moves.ids.tolist() == ["a", "b", "c", "d"]
    assert "Migration of 4 customers between" in str(moves)


def test_errors_teach(moves):
    for call, text in [
        (lambda: moves.matrix(2), "there are 2 pairs of dates, got pair=2"),
        (lambda: moves.matrix(-3), "there are 2 pairs of dates, got pair=-3"),
        (lambda: moves.matrix("2024-02-01"), "pair must be a whole number, got '2024-02-01'"),
        (lambda: moves.movers("loyl", "gone"), "a state must be one of .* Did you mean 'loyal'"),
        (lambda: moves.movers("(new)", "(new)"), r"nobody moves to '\(new\)'"),
        (lambda: moves.movers("loyal", "(new)"), r"nobody moves to '\(new\)'"),
    ]:
        with pytest.raises(DataError, match=text):
            call()


def test_it_survives_pickle(moves):
    again = pickle.loads(pickle.dumps(moves))
    assert again.matrix().equals(moves.matrix())
    assert str(again) == str(moves)
    assert clone(again.segmenter).get_params()["scheme"] == moves.segmenter.scheme


def test_counting():
    codes = np.array([[0, 0], [0, 2], [1, 2], [1, 1], [2, 1], [1, 2]], dtype=np.int16)
    counts = pair_counts(codes, 3)
    assert counts.tolist() == [[[0, 0, 1], [0, 1, 2], [0, 1, 0]]]
    shares = row_shares(np.array([[1, 3], [0, 0]]))
    assert shares[0].tolist() == [0.25, 0.75]
    assert np.isnan(shares[1]).all()
