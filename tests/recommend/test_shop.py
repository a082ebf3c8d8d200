"""What a fit reads: one order of items, sold and told, before the cut-off."""

import pytest

from crmkit.exceptions import DataError, DataWarning
from crmkit.recommend._shop import read_shop
from tests.recommend.contract.shop import AS_OF, catalogue, lines, log_of


def test_items_sold_and_told_have_one_order():
    cutoff, known, told = read_shop(log_of(lines()), catalogue(), AS_OF, "Owner")
    assert cutoff.isoformat() == "2024-05-01T00:00:00"
    assert known.items.tolist() == told.items.tolist()
    assert known.items.tolist() == sorted(set(lines()["what"]) | set(catalogue()["what"]))
    assert not known.sold.all()
    assert told.described.tolist() == [item != "i10" for item in known.items]


def test_without_items_only_what_was_sold_is_known():
    _, known, told = read_shop(log_of(lines()), None, AS_OF, "Owner")
    assert told is None
    assert known.sold.all()


def test_what_is_not_a_log_is_refused_by_name():
    with pytest.raises(DataError, match="Owner: an EventLog is needed"):
        read_shop(lines(), None, None, "Owner")
    with pytest.raises(DataError, match="Owner: items must be a frame"):
        read_shop(log_of(lines()), ["i10"], None, "Owner")


def test_items_that_match_nothing_are_told():
    items = catalogue().assign(what=lambda frame: "SKU-" + frame["what"])
    with pytest.warns(
        DataWarning, match=r"Owner: no row of items is an item of the log .*'SKU-i11"
    ):
        read_shop(log_of(lines()), items, AS_OF, "Owner")


def test_items_of_another_type_are_refused_in_the_right_words():
    items = catalogue().assign(what=range(len(catalogue())))
    with pytest.raises(DataError, match=r"items= holds whole numbers \(first 0\), but the log"):
        read_shop(log_of(lines()), items, AS_OF, "Owner")
