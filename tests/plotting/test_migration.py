"""plot_migration: fields and labels by hand."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from crmkit.exceptions import DataError
from crmkit.plotting import plot_migration
from tests.plotting._moved import moved


def drawn(moves, **options):
    return plot_migration(moves, ax=Figure().add_subplot(), **options)


def test_fields_are_the_shares_of_rows_with_customers():
    ax = drawn(moved(), pair=0)
    shares = np.asarray(ax.collections[0].get_array()).reshape(3, 4)
    assert shares.tolist() == [[1, 0, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1]]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["(new)  1", "loyal  1", "recent  1"]
    assert [t.get_text() for t in ax.get_xticklabels()] == list(moved().segments)
    assert [t.get_text() for t in ax.texts] == ["100 %"] * 3
    assert ax.yaxis_inverted()
    assert ax.get_title(loc="left") == "Moves from 2024-02-01 to 2024-03-01"
    assert ax.get_ylabel() == "segment before, customers"


def test_all_steps_together():
    ax = drawn(moved(45))
    assert ax.get_title(loc="left") == "Moves from 2024-02-01 to 2024-04-01, 2 steps together"
    assert ax.get_ylabel() == "segment before, customers of all steps"
    assert [t.get_text() for t in ax.get_xticklabels()][-1] == "(lost)"
    assert [t.get_text() for t in ax.texts].count("33 %") == 3


def test_the_last_pair():
    assert drawn(moved(), pair=-1).get_title(loc="left") == "Moves from 2024-03-01 to 2024-04-01"


def test_errors_teach():
    with pytest.raises(DataError, match="plot_migration: a Migration is needed, as "):
        drawn({"matrix": 1})
    with pytest.raises(DataError, match="there are 2 pairs of dates, got pair=5"):
        drawn(moved(), pair=5)
