"""Disputes: one of two sides is wrong, and a witness tells which."""

import numpy as np
import pandas as pd
import pytest

from crmkit.cleaning import WrongValueDetector
from crmkit.cleaning._quality._disputes import _is_near

N, N_POSTCODES, N_CITIES, N_WRONG = 5000, 300, 90, 50


def lists(seed, *, state=False, typos=0, cities=N_WRONG, postcodes=N_WRONG):
    """A list without errors, and with cities and postcodes of other rows and mistyped cities."""
    rng = np.random.default_rng(seed)
    letters = list("abcdefghijklmnoprstuw")
    names = np.array(["".join(rng.choice(letters, 7)).title() for _ in range(N_CITIES)])
    codes = np.char.mod("%05d", rng.choice(np.arange(10_000, 99_999), N_POSTCODES, replace=False))
    city_of = rng.integers(N_CITIES, size=N_POSTCODES)
    postcode = rng.integers(N_POSTCODES, size=N)
    columns = {"postcode": codes[postcode], "city": names[city_of[postcode]]}
    if state:
        columns["state"] = np.char.add("State ", (city_of[postcode] % 12).astype(str))
    clean = pd.DataFrame(columns).astype(object)
    dirty = clean.copy()
    rows = np.split(rng.permutation(N), np.cumsum([cities, postcodes, typos]))
    dirty.loc[rows[0], "city"] = rng.choice(names, cities)
    dirty.loc[rows[1], "postcode"] = rng.choice(codes, postcodes)
    dirty.loc[rows[2], "city"] = [f"{t[:2]}{t[3]}{t[2]}{t[4:]}" for t in dirty["city"][rows[2]]]
    return clean, dirty


def judged(clean, dirty):
    """Right or not, of each repair; suspects."""
    detector = WrongValueDetector().fit(dirty)
    changes = detector.changes(dirty)
    true = [clean[c.column][c.row] == c.new for c in changes.itertuples()]
    return np.array(true, dtype=bool), detector.detect(dirty)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_coin_is_never_tossed(seed):
    right, found = judged(*lists(seed))
    assert len(right) <= 0.1 * N_WRONG
    assert right.all()
    assert found["confidence"].median() == pytest.approx(0.5, abs=0.1)
    assert len(found) >= 1.8 * N_WRONG  # which are shown to somebody who may know


@pytest.mark.parametrize("errors", [{"cities": 0}, {"postcodes": 0}])
def test_one_side_alone_cannot_be_known_either(errors):
    right, found = judged(*lists(3, **errors))
    assert len(right) <= 5
    assert right.all()
    assert len(found) >= 0.8 * N_WRONG


@pytest.mark.parametrize("seed", [1, 2])
def test_a_third_column_is_a_witness(seed):
    clean, dirty = lists(seed, state=True)
    right, found = judged(clean, dirty)
    assert right.mean() >= 0.9
    assert right.sum() >= 0.8 * N_WRONG
    true = [clean[c.column][c.row] != c.value for c in found.itertuples()]
    assert np.mean(true) >= 0.9


def test_a_mistyped_city_is_none_of_another_postcode():
    right, _ = judged(*lists(4, typos=N_WRONG))
    assert right.mean() >= 0.9
    assert right.sum() >= 0.9 * N_WRONG


@pytest.mark.parametrize(
    ("text", "other", "near"),
    [
        ("Berlin", "Berlni", True),
        ("Berlin", "berlin", True),
        ("Berlin", "Dublin", False),
        ("Ulm", "Umm", False),
        ("10115", "10117", False),
    ],
)
def test_words_a_letter_apart(text, other, near):
    assert _is_near(text, other) is near
