"""The page in a real browser: quiet, self-contained, whole, readable, printable, by keyboard."""

import io
import re

import numpy as np
import pytest

from tests.browser import _asked

NAMES = ("kinds", "churn", "offers", "many")
A4 = (595, 842)  # points
PRINTED = 672  # pixels between the margins of 16 mm


@pytest.fixture(params=NAMES)
def page(request, pages):
    return pages[request.param]


def brightness(browser, place):
    """Mean brightness of a part of the page, from 0 to 255."""
    image = pytest.importorskip("PIL.Image")
    shot = browser.shot(clip=place, captureBeyondViewport=True)
    return np.asarray(image.open(io.BytesIO(shot)).convert("L")).mean()


def test_it_loads_nothing_and_complains_of_nothing(browser, page):
    browser.look(1200)
    browser.open(page)
    browser.run(_asked.PICTURES)
    asked = [request["request"]["url"] for request in browser.told("Network.requestWillBeSent")]
    assert [url for url in asked if not url.startswith("data:")] == [page.resolve().as_uri()]
    faults = browser.told("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded")
    assert faults == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_picture_is_there(browser, page, dark):
    browser.look(1200, dark=dark)
    browser.open(page)
    pictures = browser.run(_asked.PICTURES)
    assert len(pictures) >= 6
    for picture in pictures:
        assert picture["ok"], picture
        assert picture["width"] > 300
        assert picture["shown"] > 300
        assert len(picture["alt"]) > 40


@pytest.mark.parametrize("width", [320, 390, 768, 1200])
def test_nothing_is_wider_than_the_window(browser, page, width):
    browser.look(width, mobile=width < 500)
    browser.open(page)
    inside, window = browser.run(_asked.WIDTHS)
    assert inside <= window == width


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_text_can_be_told_from_its_ground(browser, page, dark):
    browser.look(1200, dark=dark)
    browser.open(page)
    ratios = browser.run(_asked.CONTRAST)
    assert len(ratios) > 100
    assert ratios[0][0] >= 4.5, ratios[:5]


def test_pictures_follow_the_colours_of_the_page(browser, pages):
    means = {}
    for dark in (False, True):
        browser.look(1200, dark=dark)
        browser.open(pages["kinds"])
        means[dark] = [brightness(browser, place) for place in browser.run(_asked.PLACES)]
    assert min(means[False]) > 170
    assert max(means[True]) < 100


def test_headings_are_in_order_and_tables_are_named(browser, page):
    browser.look(1200)
    browser.open(page)
    levels = browser.run(_asked.HEADINGS)
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert max(np.diff(levels)) <= 1
    assert browser.run(_asked.UNREAD_TABLES) == 0
    assert browser.run("document.documentElement.lang") == "en"
    assert browser.run("document.title")


def test_the_keyboard_reaches_the_report_and_its_tables(browser, pages):
    browser.look(390, mobile=True)
    browser.open(pages["churn"])
    browser.press("Tab", 9)
    assert browser.run("document.activeElement.className") == "skip"
    assert browser.run("document.activeElement.getBoundingClientRect().left") >= 0
    browser.press("Enter", 13, text="\r")
    assert browser.run("location.hash") == "#main"
    reached = []
    for _ in range(60):
        browser.press("Tab", 9)
        found = browser.run("document.activeElement.getAttribute('aria-label') || ''")
        outlined = browser.run("getComputedStyle(document.activeElement).outlineStyle")
        if found and outlined != "none":
            reached.append(found)
    assert "Active customers by churn risk" in reached


def test_nothing_moves_by_itself(browser, page):
    browser.look(1200, still=True)
    browser.open(page)
    assert browser.run(_asked.MOVING) == 0
    assert browser.run("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


def test_it_prints_on_a4_in_ink_on_paper(browser, page):
    browser.look(PRINTED, media="print", dark=True)
    browser.open(page)
    assert browser.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert browser.run(_asked.TOO_WIDE) == []
    assert browser.run(_asked.CONTRAST)[0][0] >= 4.5
    assert browser.run("getComputedStyle(document.querySelector('nav')).display") == "none"
    for place in browser.run(_asked.PLACES)[:2]:
        assert brightness(browser, place) > 170
    browser.look(1200, dark=True)
    printed = browser.pdf()
    assert printed.startswith(b"%PDF")
    sizes = re.findall(rb"/MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]", printed)
    assert len(sizes) >= 4
    assert {tuple(round(float(side)) for side in size) for size in sizes} == {A4}


def test_a_page_of_many_customers_is_no_larger_for_it(pages):
    sizes = {name: path.stat().st_size for name, path in pages.items()}
    assert sizes["many"] < 1.2 * sizes["churn"]
    assert max(sizes.values()) < 1_500_000
