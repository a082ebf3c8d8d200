"""Moment: sums and counts between rows, and moments of some of the customers."""

import numpy as np
import pytest

from crmkit.events._ledger import day_of, read_ledger
from crmkit.events._moment import known_at, net, sums_in_segments
from tests.churn._shop import CUTS, log_of, shop


@pytest.fixture(scope="module")
def ledger():
    return read_ledger(log_of(shop()), 19_800, "test", columns=("item",))


@pytest.fixture(params=CUTS)
def at(request, ledger):
    return known_at(ledger, int(np.datetime64(request.param, "D").astype(int)), "D")


def test_sums_in_segments():
    values = np.array([1.0, 2.0, 4.0, 8.0, 16.0, 0.0])
    edges = list(np.array([[0, 0, 2], [2, 3, 3], [4, 5, 5]]).T)
    assert [part.tolist() for part in sums_in_segments(values, edges)] == [[0, 4, 16], [3, 0, 0]]
    nobody = [np.zeros(0, dtype=int)] * 3
    assert [part.tolist() for part in sums_in_segments(values, nobody)] == [[], []]


def test_a_whale_leaves_the_digits_of_others():
    values, edges = np.array([1e18, 1.25, 0.0]), [np.array([0, 1]), np.array([1, 2])]
    assert sums_in_segments(values, edges)[0].tolist() == [1e18, 1.25]


def test_rounding_is_no_money():
    assert net(np.array([0.3, 5.0]), np.array([0.1 + 0.2, 2.0])).tolist() == [0.0, 3.0]


def test_rows_before_a_day_by_brute_force(at, ledger):
    rows = ledger.days
    for day in (at.day - 400, at.day - 30, at.day - 1, at.day, at.day + 1, at.day + 90):
        for place, got in zip(at.places, at.before(day), strict=True):
            begin, end = rows.start[place], rows.start[place + 1]
            assert got == begin + (rows.period[begin:end] < day).sum()


def test_many_windows_answer_as_each_of_them(at):
    for ask in (at.edge, at.days, at.orders):
        np.testing.assert_array_equal(ask((7, 90)), [ask(7), ask(90)])
        np.testing.assert_array_equal(ask((7, 90)), [ask(7), ask(90)])  # kept by the first call
    assert len(at.edge(())) == 0


def test_a_part_answers_as_the_whole(at):
    chosen = np.arange(len(at)) % 3 == 0
    some = at.part(chosen)
    assert len(some) == chosen.sum() < len(at)
    for ask in ("n_days", "age", "since", "gaps_before"):
        np.testing.assert_array_equal(getattr(some, ask), getattr(at, ask)[chosen])
    np.testing.assert_array_equal(some.orders(90), at.orders(90)[chosen])
    for ask in (lambda m: m.met("item", (60,)), lambda m: [m.visits("item")]):
        np.testing.assert_array_equal(ask(some), [counts[chosen] for counts in ask(at)])
    np.testing.assert_array_equal(some.bought((7, 90))[0], at.bought((7, 90))[0][chosen])
    np.testing.assert_array_equal(some.everybody().places, at.places)
    assert at.part(np.ones(len(at), dtype=bool)) is at


def test_a_block_answers_as_the_whole(at, ledger):
    chosen = np.arange(len(at)) % 3 == 0
    low, high = 5, 17
    inside = (at.places >= low) & (at.places < high)
    some = at.part(chosen).block(ledger.part(low, high), low, high)
    some.look_up([30])
    for ask in (
        lambda m: m.orders(),
        lambda m: m.bought((90,))[0],
        lambda m: m.since,
        lambda m: m.days(30),
    ):
        np.testing.assert_array_equal(ask(some), ask(at)[chosen & inside])


def test_everybody_has_bought(at, ledger):
    assert (at.n_days >= 1).all()
    assert (at.last_day < at.day).all()
    assert (at.first_day <= at.last_day).all()
    assert day_of(np.datetime64("2024-01-20").astype("M8[us]").item(), "test") == 19_742
