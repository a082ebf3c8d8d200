"""plot_segment_flow: bars as high as segments, streams as thick as moves, nothing overlaps."""

from datetime import date
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.figure import Figure

from crmkit.exceptions import DataError
from crmkit.plotting import plot_segment_flow
from crmkit.plotting._segment_flow import GAP, stacked
from tests.plotting._moved import moved


def drawn(moves, **options):
    return plot_segment_flow(moves, ax=Figure().add_subplot(), **options)


def heights(bars):
    return sorted(round(4 * bar.get_height(), 9) for bar in bars)


def test_bars_are_as_high_as_segments():
    ax = drawn(moved())
    assert [heights(bars) for bars in ax.containers] == [[1, 1, 1], [1, 1, 2], [1, 1, 2]]
    assert [t.get_text() for t in ax.texts] == [
        "loyal  1",
        "recent  1",
        "(new)  1",
        "loyal  1",
        "recent  1",
        "slipping  2",
        "(new)  1",
    ]
    assert [t.get_text() for t in ax.get_xticklabels()] == [
        "2024-02-01",
        "2024-03-01",
        "2024-04-01",
    ]


def test_streams_begin_and_end_within_their_bars():
    moves = moved()
    ax = drawn(moves)
    for pair, streams in enumerate(ax.collections):
        assert len(streams.get_paths()) == (moves.counts[pair] > 0).sum()
        left = sum(
            np.ptp(p.vertices[p.vertices[:, 0] == p.vertices[:, 0].min(), 1])
            for p in streams.get_paths()
        )
        assert left == pytest.approx(moves.counts[pair].sum() / 4)
        bars = [(b.get_y(), b.get_y() + b.get_height()) for b in ax.containers[pair]]
        for path in streams.get_paths():
            at = path.vertices[path.vertices[:, 0] == path.vertices[:, 0].min(), 1]
            assert any(low - 1e-9 <= at.min() and at.max() <= high + 1e-9 for low, high in bars)


def test_streams_arrive_in_the_order_of_the_bars_and_the_new_last():
    moves = SimpleNamespace(
        dates=(date(2024, 1, 1), date(2024, 2, 1)),
        segments=("good", "poor"),
        states=("(new)", "good", "poor"),
        size_counts=np.array([[8, 4], [9, 6]]),
        counts=np.array([[[0, 2, 1], [0, 6, 2], [0, 1, 3]]]),
    )
    streams = drawn(moves).collections[0].get_paths()
    cells = zip(*np.nonzero(moves.counts[0]), strict=True)
    ends = {
        cell: path.vertices[path.vertices[:, 0] == path.vertices[:, 0].max(), 1].mean()
        for cell, path in zip(cells, streams, strict=True)
    }
    for after in (1, 2):
        assert ends[1, after] > ends[2, after] > ends[0, after]


def test_small_streams_are_left_out():
    assert sum(len(c.get_paths()) for c in drawn(moved(), min_share=0.3).collections) == 1
    assert sum(len(c.get_paths()) for c in drawn(moved(), min_share=0).collections) == 6


def test_bars_stand_below_one_another_and_the_new_at_the_bottom():
    tops = stacked(np.array([0.1, 0.5, 0.0, 0.4]))
    np.testing.assert_allclose(tops[[1, 3, 0]], [0, -0.5 - GAP, -0.9 - 2 * GAP])


def test_errors_teach():
    with pytest.raises(DataError, match="plot_segment_flow: a Migration is needed"):
        drawn([1, 2])
    with pytest.raises(DataError, match="min_share must be a finite number of at least 0"):
        drawn(moved(), min_share=-1)
