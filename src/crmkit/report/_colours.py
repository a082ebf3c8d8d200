"""Pictures that follow the light or dark setting of the reader: colours with their counterparts.

matplotlib writes colours into the SVG. A style sheet within the picture gives the counterpart of
each where the reader wishes dark pages: the colours of series keep their hue and become lighter,
all others change places from light to dark, so that what could be told apart still can.
"""

import colorsys
import re
from urllib.parse import quote

_COLOUR = re.compile(r"(?<=: )#([0-9a-f]{6})\b")
_SPACE = re.compile(r"\s+")
_SERIES = {
    "0072b2": "4aa3df",
    "e69f00": "f0b429",
    "009e73": "2fc296",
    "d55e00": "ff8a4c",
    "cc79a7": "e29bc3",
    "56b4e9": "56b4e9",
}
"""The colours of series of `crmkit.plotting`, and what they are on a dark ground."""

DARKEST, LIGHTEST = 0.13, 0.94  # lightness of the ground and of the ink on dark pages
_SAFE = " !$'()*+,-./:;=?@[]_~"


def in_both_colours(svg: str) -> str:
    """An SVG of matplotlib whose colours follow the reader's setting."""
    found = sorted(set(_COLOUR.findall(svg)) | {"000000"})
    dark = "".join(f"--c{colour}:#{counterpart(colour)};" for colour in found)
    style = (
        f"<style>@media screen and (prefers-color-scheme:dark){{:root{{{dark}"
        "fill:var(--c000000)}}</style>"
    )
    painted = _COLOUR.sub(lambda m: f"var(--c{m[1]},#{m[1]})", svg)
    begin = painted.index(">", painted.index("<svg")) + 1
    return painted[:begin] + style + painted[begin:]


def counterpart(colour: str) -> str:
    """A colour of six hexadecimal digits as it is on a dark page."""
    if colour in _SERIES:
        return _SERIES[colour]
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4))
    hue, light, saturation = colorsys.rgb_to_hls(red, green, blue)
    turned = LIGHTEST - (LIGHTEST - DARKEST) * light
    made = colorsys.hls_to_rgb(hue, turned, saturation * 0.8)
    return "".join(f"{round(255 * part):02x}" for part in made)


def address(svg: str) -> str:
    """A picture as an address of its own, shorter than in base64."""
    body = _SPACE.sub(" ", svg[svg.index("<svg") :]).replace('"', "'")
    return f"data:image/svg+xml,{quote(body, safe=_SAFE)}"
