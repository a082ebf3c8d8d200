"""The tables of names: every cell has one, and each is where practice puts it."""

from itertools import product

import numpy as np
import pytest

from crmkit.exceptions import DataError
from crmkit.segment._schemes import (
    GRID11,
    LANGUAGES,
    NAMES,
    cell_texts,
    cube_cells,
    grid_cells,
    mapped_cells,
    rfm_text,
)

FIVE = {"recency": 5, "frequency": 5, "monetary": 5}


def test_every_name_has_a_translation_and_is_used_once_in_a_scheme():
    for names in NAMES.values():
        assert tuple(names) == LANGUAGES
        assert len({len(words) for words in names.values()}) == 1
        for words in names.values():
            assert len(set(words)) == len(words)
    assert len(NAMES["grid11"]["en"]) == 11
    assert len(NAMES["cube8"]["en"]) == 8


def test_all_25_cells_of_the_grid_by_hand():
    names = NAMES["grid11"]["en"]
    expected = {
        "Champions": {"55", "54", "45"},
        "Loyal Customers": {"44", "35", "34"},
        "Potential Loyalists": {"53", "43"},
        "New Customers": {"52", "51"},
        "Promising": {"42", "41"},
        "Need Attention": {"33"},
        "About To Sleep": {"32", "31"},
        "At Risk": {"24", "23", "14", "13"},
        "Cannot Lose Them": {"25", "15"},
        "Hibernating": {"22", "21"},
        "Lost": {"12", "11"},
    }
    assert tuple(expected) == names
    assert sorted(cell for cells in expected.values() for cell in cells) == cell_texts((5, 5))
    for r, f in product(range(1, 6), repeat=2):
        assert f"{r}{f}" in expected[names[GRID11[r - 1][f - 1]]]


def test_more_recent_customers_never_have_a_worse_name():
    assert (np.diff(GRID11, axis=0) <= 0).all()


def test_the_grid_is_the_same_at_every_monetary_score():
    cells = grid_cells({**FIVE, "monetary": 3}, "X")
    assert cells.shape == (5, 5, 3)
    assert (cells == cells[:, :, :1]).all()
    assert set(cells.ravel()) == set(range(11))


def test_the_grid_needs_five_levels():
    text = (
        r"X: scheme 'grid11' needs 5 levels of recency and frequency, the scorer has 4 and 5\. Use"
    )
    with pytest.raises(DataError, match=text):
        grid_cells({**FIVE, "recency": 4}, "X")


@pytest.mark.parametrize(
    ("high", "chinese", "english"),
    [
        ("RFM", "重要价值客户", "Key Value"),
        ("RM", "重要发展客户", "Key Growth"),
        ("FM", "重要保持客户", "Key Retention"),
        ("M", "重要挽留客户", "Key Win-Back"),
        ("RF", "一般价值客户", "General Value"),
        ("R", "一般发展客户", "General Growth"),
        ("F", "一般保持客户", "General Retention"),
        ("", "一般挽留客户", "General Win-Back"),
    ],
)
def test_the_eight_classes_of_the_cube(high, chinese, english):
    cells = cube_cells(FIVE, [2.5, 3.0, 4.2])
    corner = cells[
        slice(2, 5) if "R" in high else slice(0, 2),
        slice(3, 5) if "F" in high else slice(0, 3),
        slice(4, 5) if "M" in high else slice(0, 4),
    ]
    positions = set(corner.ravel().tolist())
    assert len(positions) == 1
    assert NAMES["cube8"]["zh"][positions.copy().pop()] == chinese
    assert NAMES["cube8"]["en"][positions.pop()] == english


@pytest.mark.parametrize("levels", [(2, 2, 2), (5, 5, 5), (3, 7, 10)])
def test_every_cell_of_the_cube_has_one_of_the_eight_names(levels):
    by_role = dict(zip(FIVE, levels, strict=True))
    cells = cube_cells(by_role, [(n + 1) / 2 for n in levels])
    assert cells.shape == levels
    assert set(cells.ravel()) == set(range(8))


def test_a_mapping_of_two_or_three_scores():
    two = {"recency": 2, "frequency": 2, "monetary": 3}
    names, cells = mapped_cells({"22": "best", "21": "new", "12": "best", "11": "gone"}, two, "X")
    assert names == ["best", "new", "gone"]
    assert cells.shape == (2, 2, 3)
    assert cells[:, :, 2].tolist() == [[2, 0], [1, 0]]
    uneven = {"recency": 2, "frequency": 3, "monetary": 2}
    _, cells = mapped_cells({cell: cell for cell in cell_texts((2, 3))}, uneven, "X")
    assert cells[:, :, 0].tolist() == [[0, 1, 2], [3, 4, 5]]
    scheme = {cell: ("rich" if cell[2] == "3" else "rest") for cell in cell_texts((2, 2, 3))}
    names, cells = mapped_cells(scheme, two, "X")
    assert names == ["rest", "rich"]
    assert (cells == np.array([0, 0, 1])).all()


def test_cells_of_many_levels_are_set_apart():
    assert cell_texts((2, 2)) == ["11", "12", "21", "22"]
    assert cell_texts((10, 2))[-2:] == ["10-1", "10-2"]
    scheme = dict.fromkeys(cell_texts((10, 10)), "all")
    names, cells = mapped_cells(scheme, {"recency": 10, "frequency": 10, "monetary": 2}, "X")
    assert names == ["all"]
    assert cells.shape == (10, 10, 2)


def test_scores_as_text():
    scores = np.array([[5, 4, 3], [1, 1, 1], [5, 4, 3]])
    assert rfm_text(scores, FIVE).tolist() == ["543", "111", "543"]
    assert rfm_text(scores, {**FIVE, "frequency": 10}).tolist() == ["5-4-3", "1-1-1", "5-4-3"]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"55": None}, "1 without a name: '55'"),
        ({"55": ""}, "1 without a name: '55'"),
        ({"56": "x", "60": "x"}, "2 not a cell: '56', '60'"),
        ({(5, 5): "x"}, r"1 not a cell: \(5, 5\)"),
    ],
)
def test_a_mapping_with_faults_is_refused(change, text):
    scheme = dict.fromkeys(cell_texts((5, 5)), "all") | change
    with pytest.raises(DataError, match=rf"X: the scheme must name every cell .*; {text}\.$"):
        mapped_cells(scheme, FIVE, "X")


def test_missing_cells_are_listed_all_faults_at_once():
    scheme = {"55": "best", "54": 3, "99": "x"}
    text = (
        r"name every cell once, 25 from '11' to '55'; 23 missing: '11', '12', .*, '32' and 11 more;"
        r" 1 not a cell: '99'; 1 without a name: '54'\.$"
    )
    with pytest.raises(DataError, match=text):
        mapped_cells(scheme, FIVE, "X")
    with pytest.raises(DataError, match=r"125 from '111' to '555'; 124 missing"):
        mapped_cells({"555": "best"}, FIVE, "X")
    with pytest.raises(DataError, match="25 missing"):
        mapped_cells({}, FIVE, "X")
