"""How-to pages keep their order, and every page is in a table of contents."""

import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ORDER = [
    "The short answer",
    "Reading the table",
    "Is it any good?",
    "On your own data",
    "What can go wrong",
    "Next",
]
HOWTO = sorted(page for page in (HERE / "howto").glob("*.rst") if page.stem != "index")


@pytest.mark.parametrize("page", HOWTO, ids=lambda page: page.stem)
def test_a_how_to_page_answers_in_order(page):
    text = page.read_text("utf-8")
    headings = re.findall(r"^(.+)\n-{3,}$", text, re.MULTILINE)
    assert [heading for heading in headings if heading in ORDER] == ORDER
    short = text.split("Reading the table\n---")[0]
    assert "You have: " in short
    assert "You get: " in short
    assert ">>> " in short


@pytest.mark.parametrize("page", HOWTO, ids=lambda page: page.stem)
def test_a_how_to_page_is_listed(page):
    assert f"\n   {page.stem}\n" in (HERE / "howto" / "index.rst").read_text("utf-8")


def test_code_that_draws_is_followed_by_its_picture():
    for page in HERE.rglob("*.rst"):
        text = page.read_text("utf-8")
        assert text.count(">>> ax = ") == text.count(".. picture:: "), page.name
