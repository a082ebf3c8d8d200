"""Repairs: proposals weighed, values put back as the column stores them."""

import datetime

import numpy as np
import pandas as pd
import pytest

from crmkit.cleaning._quality._repair import (
    Suspect,
    missing_cells,
    repaired,
    stored_value,
    suspects,
)
from crmkit.cleaning._quality._suspects import judge, learn
from tests.cleaning.quality.columns import columns

POSTCODES = [str(10_000 + n // 10) for n in range(400)]
TOWNS = ["Berlin", "Munich", "Cologne", "Hamburg", "Dresden", "Leipzig", "Bremen", "Minden"]
CITIES = [TOWNS[n // 10 % 8] for n in range(400)]


def found_in(made, least=0.5):
    learnt = learn(made, [], [])
    rows, judged, _ = judge(made, learnt, [], None, missing=True)
    return suspects(rows, judged, made, [], least), missing_cells(rows, judged, made)


@pytest.mark.parametrize(
    ("text", "stored", "value"),
    [
        ("12", "number", 12),
        ("12.5", "number", 12.5),
        ("twelve", "number", None),
        ("Ulm", "text", "Ulm"),
        ("2020-01-02", "dates", datetime.datetime(2020, 1, 2)),
        ("soon", "dates", None),
        ("yes", "flag", None),
        (None, "text", None),
    ],
)
def test_a_proposal_becomes_a_value_of_its_column(text, stored, value):
    assert stored_value(text, stored) == value


def test_two_detectors_that_agree_are_surer_than_one():
    cities = list(CITIES)
    cities[57] = "Leipzik"  # near Leipzig, and the postcode says so
    cities[135] = "Elsewhere"
    (near, far), _ = found_in(columns(postcode=("postcode", POSTCODES), city=("city", cities)))
    assert (near.row, near.suggestion, far.suggestion) == (57, "Leipzig", "Leipzig")
    assert near.repair_confidence > far.repair_confidence
    assert "rows with the same 'postcode' have 'Leipzig'" in near.reason
    assert far.detector == "dependency"


def test_missing_cells_are_told_what_is_expected():
    cities = [*CITIES[:57], None, "N/A", *CITIES[59:]]
    made = columns(postcode=("postcode", POSTCODES), city=("city", cities))
    _, missing = found_in(made)
    assert [(cell.row, cell.value, cell.reason) for cell in missing] == [
        (57, None, "nothing is there"),
        (58, "N/A", "stands for nothing"),
    ]
    assert [cell.suggestion for cell in missing] == ["Leipzig", "Leipzig"]
    lone = columns(word=("category", ["a", "b", "N/A", " "] * 5))
    assert {(c.value, c.repair_confidence) for c in found_in(lone)[1]} == {("N/A", 1.0), (" ", 0.0)}


def test_only_the_listed_cells_change():
    frame = pd.DataFrame({"n": [1, 2, 3], "city": ["Ulm", "Umm", None]}, index=[7, 8, 9])
    changes = [
        Suspect(1, "city", "Umm", 1.0, "typo", "", "Ulm", 1.0),
        Suspect(2, "n", "3", 1.0, "range", "", "4", 1.0),
    ]
    new = repaired(frame, changes, "test")
    assert new["city"].tolist()[:2] == ["Ulm", "Ulm"]
    assert new["n"].tolist() == [1, 2, 4]
    assert new.index.tolist() == [7, 8, 9]
    assert (new.dtypes == frame.dtypes).all()
    assert frame["city"][8] == "Umm"
    assert np.array_equal(repaired(frame, [], "test")["n"], frame["n"])
