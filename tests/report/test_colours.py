"""Colours of pictures in both settings: counterparts by hand, contrast kept, the SVG whole."""

from urllib.parse import unquote
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from crmkit.plotting import _style
from crmkit.report._colours import address, counterpart, in_both_colours

SVG = (
    '<?xml version="1.0"?>\n<!DOCTYPE svg>\n<svg xmlns="http://www.w3.org/2000/svg">'
    '<rect style="fill: #ffffff; stroke: #0072b2"/>\n<path d="M 0 0"/></svg>\n'
)


def light(colour):
    """Relative luminance of a colour of six hexadecimal digits."""
    parts = np.array([int(colour[i : i + 2], 16) for i in (0, 2, 4)]) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one, other):
    low, high = sorted([light(one), light(other)])
    return (high + 0.05) / (low + 0.05)


def test_white_becomes_the_ground_and_black_the_ink():
    assert counterpart("ffffff") == "212121"
    assert counterpart("000000") == "f0f0f0"


@pytest.mark.parametrize("ink", ["000000", _style.INK[1:].lower(), "262626"])
def test_ink_can_be_read_on_the_dark_ground(ink):
    assert contrast(counterpart(ink), counterpart("ffffff")) > 7


@pytest.mark.parametrize("name", ["BLUE", "ORANGE", "GREEN", "VERMILION", "PURPLE", "SKY"])
def test_series_stand_out_from_both_grounds(name):
    colour = getattr(_style, name)[1:].lower()
    assert contrast(counterpart(colour), counterpart("ffffff")) > 4.5


def test_what_is_darker_on_white_is_lighter_on_dark():
    greys = [counterpart(f"{i:02x}" * 3) for i in (0, 60, 120, 180, 255)]
    assert np.all(np.diff([light(grey) for grey in greys]) < 0)


def test_every_colour_is_looked_up_and_keeps_its_light_value():
    made = in_both_colours(SVG)
    assert "fill: var(--cffffff,#ffffff); stroke: var(--c0072b2,#0072b2)" in made
    assert "--cffffff:#212121;" in made
    assert "@media screen and (prefers-color-scheme:dark){:root{" in made
    ET.fromstring(made)


def test_an_address_holds_the_whole_picture_and_nothing_that_ends_an_attribute():
    made = address(in_both_colours(SVG))
    assert made.startswith("data:image/svg+xml,%3Csvg ")
    assert not set('<>"#&\n') & set(made)
    root = ET.fromstring(unquote(made.split(",", 1)[1]))
    assert len(root) == 3
