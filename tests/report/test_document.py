"""The document: names of tables and columns, units, populations, blocks in order."""

from datetime import datetime

import pytest

from crmkit.exceptions import DataError
from crmkit.report._document import (
    About,
    Figures,
    Heading,
    Method,
    Section,
    Table,
    Text,
    document_of,
    listed,
    slug,
)
from crmkit.report._numbers import amount, whole

WHO = About("all", datetime(2025, 1, 1))
TABLE = Table("Sizes", ["name (text)", "share of all 10 %"], [["a", "–"], ["b", whole(3)]])


def test_headings_become_names():
    assert slug("share of customers") == "share_of_customers"
    assert slug("NDCG@10") == "ndcg_10"
    assert TABLE.names() == ("name", "share_of_all_10_percent")


def test_a_column_has_the_unit_of_its_first_number():
    assert [TABLE.unit(0), TABLE.unit(1)] == [None, "count"]


def test_a_block_is_of_whom_its_section_is_unless_it_says_so():
    own = TABLE.measured("sizes", About("some"))
    section = Section("s", "S", "s", WHO, [own])
    assert section.about_of(own).population == "some"
    assert section.about_of(TABLE.measured("sizes")) is WHO


def test_blocks_are_flattened_and_empty_ones_left_out():
    blocks = listed(Heading("a"), None, [Text([]), [Text(["b"])]])
    assert [block.block for block in blocks] == ["heading", "text"]


def test_tables_need_names_of_their_own():
    blocks = [TABLE.measured("sizes"), TABLE.measured("sizes")]
    with pytest.raises(DataError, match=r"without a name of their own: \['sizes'\]"):
        document_of("t", "l", [Section("s", "S", "s", WHO, blocks)], {})
    with pytest.raises(DataError, match="without a name of their own"):
        document_of("t", "l", [Section("s", "S", "s", WHO, [TABLE])], {})
    fine = Figures("figures", [("n", amount(2.0), "")])
    assert document_of("t", "l", [Section("s", "S", "s", WHO, [fine])], {}).title == "t"


def test_sentences_are_told():
    assert Text(["a", "b"]).told() == ["a", "b"]
    assert Method("Value", "is money.").told() == ["Value is money."]
