"""plot_entity_sizes: bars by hand, the truth beside them, large entities in one bar, refusals."""

import pytest

from crmkit.exceptions import DataError
from crmkit.plotting import plot_entity_sizes
from tests.plotting._churned import axes, legend

FOUND = ["a", "a", "b", "c", "d", "d", "d", "d"]


def heights(ax):
    return {c.get_label(): [b.get_height() for b in c] for c in ax.containers}


def test_bars_count_entities():
    ax = plot_entity_sizes(FOUND, ax=axes())
    assert heights(ax) == {"found": [2, 1, 0, 1]}
    assert ax.get_title(loc="left") == "8 records of 4 entities"
    assert [t.get_text() for t in ax.get_xticklabels()] == ["1", "2", "3", "4"]
    assert ax.get_xlabel() == "records of an entity; the most is 4"


def test_true_sizes_stand_beside_found_ones():
    ax = plot_entity_sizes(FOUND, range(8), ax=axes())
    assert heights(ax) == {"found": [2, 1, 0, 1], "true": [8, 0, 0, 0]}
    assert legend(ax) == ["found", "true"]


def test_large_entities_share_a_bar():
    ax = plot_entity_sizes([0] * 50 + [1, 1, 2], largest=3, ax=axes())
    assert heights(ax) == {"found": [1, 1, 1]}
    assert [t.get_text() for t in ax.get_xticklabels()] == ["1", "2", "3+"]


def test_what_is_refused():
    with pytest.raises(DataError, match="entities has 8 records and y_true 2: both need one label"):
        plot_entity_sizes(FOUND, [1, 2], ax=axes())
    with pytest.raises(DataError, match="plot_entity_sizes: entities holds no records"):
        plot_entity_sizes([], ax=axes())
    with pytest.raises(DataError, match="entities has 1 missing labels"):
        plot_entity_sizes(["a", None], ax=axes())
    with pytest.raises(DataError, match="largest must be a whole number of at least 2"):
        plot_entity_sizes(FOUND, largest=1, ax=axes())
