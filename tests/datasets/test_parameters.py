"""Population parameters: defaults, bounds and what is said about a wrong one."""

import pytest

from crmkit.datasets._parameters import (
    PROCESSES,
    SPEND,
    TASTE,
    check_share,
    population,
    regularity_shares,
)
from crmkit.exceptions import DataError


@pytest.mark.parametrize("process", sorted(PROCESSES))
def test_all_parameters_of_a_process_and_no_others(process):
    assert set(population(process, None)) == {*PROCESSES[process], *SPEND, *TASTE}


def test_given_ones_replace_defaults_as_floats():
    numbers = population("bg_nbd", {"r": 2, "taste": 1})
    assert (numbers["r"], numbers["taste"], numbers["alpha"]) == (2.0, 1.0, 20.0)
    assert isinstance(numbers["r"], float)


@pytest.mark.parametrize("bounds", [*PROCESSES.values(), SPEND, TASTE])
def test_defaults_are_within_their_bounds(bounds):
    for bound in bounds.values():
        assert bound.low < bound.default <= bound.high


@pytest.mark.parametrize(
    ("process", "given", "text"),
    [
        ("bgnbd", None, r"process must be one of .*, got 'bgnbd'\. Did you mean 'bg_nbd'\?"),
        ("bg_nbd", {"s": 1.0}, r"unknown parameter 's' for process='bg_nbd'\. It belongs to proc"),
        ("bg_nbd", {"loyality": 0.1}, r"unknown parameter 'loyality'.* Did you mean 'loyalty'\?"),
        ("pareto_nbd", {1: 0.1}, r"unknown parameter 1 .*Known: \['alpha', 'appeal_sd'"),
        ("pareto_nbd", {"r": 0}, r"parameters\['r'\] must be a finite number above 0\.0, got 0"),
        ("pareto_nbd", {"r": "x"}, r"parameters\['r'\] must be a finite number"),
        ("pareto_nbd", {"q": 1.0}, r"parameters\['q'\] must be a finite number above 1\.0, got 1"),
        ("pareto_nbd", {"loyalty": 0.99}, r"parameters\['loyalty'\] must be at most 0\.95, got 0"),
        ("pareto_nbd", [0.5], r"parameters must map names to numbers, got \[0\.5\]"),
    ],
)
def test_wrong_parameters_are_told(process, given, text):
    with pytest.raises(DataError, match=rf"make_customers: {text}"):
        population(process, given)


def test_one_regularity_is_everybodys():
    assert regularity_shares(3) == {3: 1.0}
    assert regularity_shares({1: 0.7, 4: 0.3}) == {1: 0.7, 4: 0.3}


@pytest.mark.parametrize(
    ("regularity", "text"),
    [
        (0, "regularity must be a whole number of at least 1"),
        (1.5, "regularity must be a whole number of at least 1"),
        (True, "regularity must be a whole number of at least 1"),
        ({}, "regularity must be a whole number of at least 1"),
        ({1: 0.5, 2: 0.4}, r"the shares of regularity must sum to 1, got 0\.9"),
        ({1: 0.0, 2: 1.0}, r"regularity\[1\] must be a finite number above 0"),
    ],
)
def test_wrong_regularity_is_told(regularity, text):
    with pytest.raises(DataError, match=text):
        regularity_shares(regularity)


@pytest.mark.parametrize("value", [-0.1, 1.5, float("nan"), "half", None, True])
def test_a_share_lies_between_0_and_1(value):
    with pytest.raises(DataError, match="make_customers: returns must be"):
        check_share(value, "returns")
