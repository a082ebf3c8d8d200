"""Columns as detectors read them: texts once, normal forms, what stands for nothing."""

import numpy as np
import pandas as pd

from crmkit.cleaning._quality._table import hashed, read_table
from tests.cleaning.quality.columns import column


def test_texts_are_sorted_and_missing_is_minus_one():
    made = column("city", "city", ["Ulm", None, "Bonn", "Ulm"])
    assert made.texts == ["Bonn", "Ulm"]
    assert made.codes.tolist() == [1, -1, 0, 1]
    assert made.counts.tolist() == [1, 2]


def test_placeholders_and_blanks_are_no_values():
    made = column("city", "city", ["Ulm", "N/A", "  ", "\u200b", None])
    assert made.known.tolist() == [True, False, False, False, False]
    assert made.value_codes.tolist() == [0, -1, -1, -1, -1]


def test_two_spellings_are_one_value():
    made = column("city", "city", ["Ulm", "ULM ", "Bonn"])
    assert made.value_codes.tolist() == [1, 1, 0]


def test_what_a_text_means_replaces_its_key():
    made = column("time", "text", ["7:10", "7:10 (late)", "8:00"])
    made.read_as({made.texts.index("7:10 (late)"): "7:10"})
    assert made.value_codes.tolist() == [0, 0, 1]


def test_some_rows_keep_what_is_known_of_values():
    made = column("city", "city", ["Ulm", "Bonn", "Ulm"])
    few = made.at(np.array([1, 2]))
    assert few.codes.tolist() == [0, 1]
    assert few.hashes is made.hashes


def test_hashes_differ_and_stay():
    assert len(set(hashed([str(n) for n in range(1000)]).tolist())) == 1000
    assert hashed(["a"]).tolist() == hashed(["a"]).tolist()
    assert hashed([]).tolist() == []


def test_kinds_that_are_not_given_are_found():
    frame = pd.DataFrame({"email": ["a@x.org", "b@x.org"], "void": [None, None]})
    made = read_table(frame, ["email", "void"], {}, {}, "test")
    assert [c.kind for c in made] == ["email", "ignore"]
