"""The Chinese pages hold the code of the English ones, know every how-to page, and name what is."""

import doctest
import importlib
import inspect
import re
from pathlib import Path

import pytest

from crmkit.segment import _schemes, _stages, _value_tiers

HERE = Path(__file__).parent
CHINESE = sorted((HERE / "zh").glob("*.rst"))
BLOCK = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ROOM = re.compile(r"^\| (`.+?) \| ", re.MULTILINE)
HEADING = re.compile(r"^(.+)\n[-=]{3,}$", re.MULTILINE)
LINK = re.compile(r":doc:`([^`<]+) </howto/([\w-]+)>`")
NAME = re.compile(r"(?<![`:\w])`([A-Za-z_][\w.]*)`(?![`_])")
PARAMETERS = re.compile(r"`(\w+)` 的 ((?:``\w+=``、?)+)")


def text_of(name):
    """A page of this folder."""
    return (HERE / name).read_text("utf-8")


def code_of(text):
    """Lines and output of the examples of a text."""
    examples = doctest.DocTestParser().get_examples(text)
    return [(example.source, example.want) for example in examples]


def titles():
    """Chinese title of every how-to page, as the list of them says, in its order."""
    listed = text_of("zh/index.rst").partition(".. _zh-howto:")[2]
    return {page: title for title, page in LINK.findall(listed)}


def found(name, monkeypatch):
    """What a name in the text stands for, short or in full."""
    monkeypatch.syspath_prepend(HERE / "_extensions")
    first, *rest = name.split(".")
    module, _, last = importlib.import_module("short_names").FULL[first].rpartition(".")
    thing = importlib.import_module(module)
    for part in [last, *rest]:
        thing = getattr(thing, part)
    return thing


def test_the_readme_has_the_same_code_and_rooms():
    english, chinese = ((HERE.parent / f"README{end}.md") for end in ("", ".zh-CN"))
    english, chinese = english.read_text("utf-8"), chinese.read_text("utf-8")
    assert len(BLOCK.findall(english)) > 5
    assert BLOCK.findall(chinese) == BLOCK.findall(english)
    rooms = [re.findall(r"`.+?`", room) for room in ROOM.findall(english)]
    assert len(rooms) > 5
    assert [re.findall(r"`.+?`", room) for room in ROOM.findall(chinese)] == rooms
    assert "](README.zh-CN.md)" in english
    assert "](README.md)" in chinese


def test_the_tutorial_has_the_same_code_output_and_pictures():
    english, chinese = text_of("tutorial.rst"), text_of("zh/tutorial.rst")
    assert len(code_of(english)) > 30
    assert code_of(chinese) == code_of(english)
    assert chinese.count(":of: tutorial\n") == english.count(".. picture:: ") > 0
    assert len(HEADING.findall(chinese)) == len(HEADING.findall(english))


def test_the_tutorial_tells_no_number_that_its_code_does_not_show():
    lines = HEADING.sub("", text_of("zh/tutorial.rst")).splitlines()
    shown = " ".join(line for line in lines if line.startswith("   "))
    told = re.findall(r"\d[\d,.]*\d", " ".join(line for line in lines if line[:1] not in {" ", ""}))
    assert len(told) > 10
    assert [number for number in told if number not in shown] == []


def test_a_short_answer_has_the_code_of_its_page():
    _, *sections = re.split(r"(?m)^(?=.+\n-{3,}$)", text_of("zh/howto.rst"))
    assert len(sections) == 6
    for section in sections:
        (page,) = re.findall(r":doc:`/howto/([\w-]+)`。\n", section)
        assert HEADING.findall(section) == [titles()[page]]
        short = text_of(f"howto/{page}.rst").split("\nReading the table\n---")[0]
        assert code_of(section) == code_of(short) != []


def test_the_start_page_has_the_code_of_the_english_one():
    assert code_of(text_of("zh/index.rst")) == code_of(text_of("index.rst")) != []


def test_every_how_to_page_has_a_chinese_title():
    listed = re.findall(r"^   ([\w-]+)$", text_of("howto/index.rst"), re.MULTILINE)
    assert list(titles()) == listed
    assert all(re.search(r"[\u4e00-\u9fff]", title) for title in titles().values())


@pytest.mark.parametrize("page", CHINESE, ids=lambda page: page.stem)
def test_a_page_uses_the_titles_of_the_list(page):
    named = titles()
    for title, target in LINK.findall(page.read_text("utf-8")):
        assert title == named[target]


def test_the_glossary_names_what_there_is(monkeypatch):
    glossary = text_of("zh/index.rst").partition(".. _zh-glossary:")[2]
    names = NAME.findall(glossary)
    assert len(names) > 50
    for name in names:
        assert found(name, monkeypatch) is not None
    for name, parameters in PARAMETERS.findall(glossary):
        asked = set(re.findall(r"``(\w+)=``", parameters))
        assert asked <= set(inspect.signature(found(name, monkeypatch)).parameters)


@pytest.mark.parametrize(
    "names",
    [*_schemes.NAMES.values(), _stages.STAGES, _value_tiers.LABELS],
    ids=lambda n: n["en"][0],
)
def test_the_names_are_those_of_the_library(names):
    rows = [f"   * - {e}\n     - {z}\n" for e, z in zip(names["en"], names["zh"], strict=True)]
    assert "".join(rows) in text_of("zh/index.rst")
