"""The check of a chain: by hand, on a true chain, and on customers with reasons of their own."""

import numpy as np
import pytest

from crmkit.segment._markov_check import MarkovCheck, misplaced, two_steps
from crmkit.segment._migration_text import told_check
from tests.segment.test_segment_forecast import moves_of


def walk(stay, n_dates, rng):
    """Codes 1 and 2 of customers, each of whom stays with a probability of his own."""
    codes = [rng.integers(1, 3, len(stay))]
    for _ in range(n_dates - 1):
        moved = rng.random(len(stay)) > stay
        codes.append(np.where(moved, 3 - codes[-1], codes[-1]))
    return np.array(codes).T


def test_two_steps_by_hand():
    codes = np.array([[1, 1, 1], [1, 1, 2], [1, 2, 1], [2, 2, 2], [0, 1, 1]], dtype=np.int16)
    # From A: 2 to A, 1 to B. From B: 1 to B. Then of 2 in A 1 stays, of 2 in B 1 stays.
    stayed, by_chain = two_steps(codes, 3)
    assert stayed == 3 / 4
    a_to_a = 2 * (1 / 2) + 1 * (1 / 2)
    b_to_b = 1 * (1 / 2)
    assert by_chain == pytest.approx((a_to_a + b_to_b) / 4)


def test_a_true_chain_passes():
    rng = np.random.default_rng(0)
    check = moves_of(walk(np.full(20_000, 0.7), 5, rng)).forecast(1).check
    assert check.holds
    assert check.stayed == pytest.approx(0.7**2 + 0.3**2, abs=0.01)
    assert check.inside >= 1
    assert check.n_segments == 2


def test_movers_and_stayers_are_found_out():
    """Half of the customers never move: more are where they were than a chain says."""
    rng = np.random.default_rng(0)
    stay = np.where(np.arange(20_000) % 2, 1.0, 0.4)
    check = moves_of(walk(stay, 5, rng)).forecast(1).check
    assert not check.holds
    assert check.stayed > check.stayed_by_chain + 0.08


def test_errors_of_the_forecast_and_of_the_simple_rules():
    assert misplaced(np.array([6.0, 4.0]), np.array([5, 5])) == 0.1
    codes = [[1, 1, 2, 1]] * 6 + [[1, 2, 2, 2]] * 2 + [[2, 2, 2, 2]] * 2
    check = moves_of(codes).forecast(1).check
    assert check.error_no_change == 0.6  # all in B, then 6 in A
    assert check.error_same_change == 0.6  # below none is none, and nobody is added
    # What is in A goes to B with 1/8 and then 6/6, what is in B always stayed: foretold all in B.
    assert check.error == pytest.approx(0.6)
    assert not check.beats_simple_rules


def test_the_last_date_is_not_seen_by_its_own_forecast():
    base = [[1, 1, 2]] * 5 + [[2, 2, 1]] * 5
    other = [[1, 1, 1]] * 5 + [[2, 2, 2]] * 5
    for codes, error in ((base, 0.0), (other, 0.0), ([[1, 1, 2]] * 5 + [[2, 2, 2]] * 5, 0.5)):
        assert moves_of(codes).forecast(1).check.error == error


@pytest.mark.parametrize(
    ("errors", "said"),
    [
        ((0.02, 0.03, 0.04), "better than both simple rules"),
        ((0.02, 0.03, 0.02), "better than one simple rule and as good as the other"),
        ((0.02, 0.01, 0.03), "better than one simple rule and worse than the other"),
        ((0.0204, 0.0199, 0.0196), "as good as both simple rules"),  # 2.0 % each, as they are told
        ((0.02, 0.02, 0.01), "as good as one simple rule and worse than the other"),
        ((0.03, 0.01, 0.02), "worse than both simple rules"),
    ],
)
def test_the_verdict_is_that_of_the_shares_that_are_told(errors, said):
    check = MarkovCheck(*errors, inside=1, n_segments=2, stayed=0.5, stayed_by_chain=0.5)
    assert check.beside_rules == said
    assert f", {said}, 1 of 2 segments" in repr(check)
    shares = [f"{error:.1%}" for error in errors]
    assert f"misplaced {shares[0]} of the customers, {said} (sizes as before {shares[1]}, " in (
        told_check(check)
    )
