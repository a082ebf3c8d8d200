"""What all pictures share: the axes, colours that colour-blind readers tell apart, number labels.

The colours are those of Okabe and Ito (2008), "Color Universal Design". Nothing global is set:
every choice is made on the axes at hand.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from crmkit._optional import require
from crmkit._validation import Floats
from crmkit.exceptions import DataError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE, ORANGE, GREEN, VERMILION = "#0072B2", "#E69F00", "#009E73", "#D55E00"
PURPLE, SKY = "#CC79A7", "#56B4E9"
GREY, PALE, INK = "#B3B3B3", "#E5E5E5", "#333333"

CJK_START = 0x2E80
CJK_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Source Han Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "SimHei",
    "WenQuanYi Zen Hei",
    "Arial Unicode MS",
)

UNITS = {"h": "hours", "D": "days", "W": "weeks", "M": "months"}


def prepare(ax: "Axes | None", owner: str, size: tuple[float, float] = (7.0, 4.2)) -> "Axes":
    """Axes to draw on: the given ones, or those of a new pyplot figure of `size` inches."""
    require("matplotlib", extra="plot", purpose=owner)
    if ax is None:
        pyplot: Any = require("matplotlib.pyplot", extra="plot", purpose=owner)
        ax = pyplot.subplots(figsize=size, layout="constrained")[1]
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_color(GREY)
    ax.tick_params(color=GREY, labelcolor=INK)
    ax.set_axisbelow(True)
    return ax


def label(ax: "Axes", *, title: str, x: str, y: str) -> None:
    """Write title and axis labels."""
    ax.set_title(title, loc="left", color=INK, fontweight="bold")
    ax.set_xlabel(x, color=INK)
    ax.set_ylabel(y, color=INK)


def families(texts: Iterable[str]) -> list[str]:
    """Font families that can write these texts: the usual one, and an installed Chinese one."""
    import matplotlib as mpl
    from matplotlib import font_manager

    usual = list(mpl.rcParams["font.family"])
    if all(ord(letter) < CJK_START for text in texts for letter in text):
        return usual
    installed = {font.name for font in font_manager.fontManager.ttflist}
    return [*usual, *(name for name in CJK_FONTS if name in installed)]


def as_percent(value: float, _position: object = None) -> str:
    """0.25 as "25 %"; a share that would round to none as "< 1 %"."""
    return "< 1 %" if 0 < value < 0.005 else f"{100 * value:.0f} %"


def as_number(value: float, _position: object = None) -> str:
    """12345.6 as "12,346", 0.25 as "0.25"; large numbers without decimals."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == round(value) else f"{value:,.3g}"


def counted(number: float, plural: str) -> str:
    """1 and "customers" as "1 customer", 2 as "2 customers"."""
    return f"{as_number(number)} {plural.removesuffix('s') if number == 1 else plural}"


def as_floats(values: npt.ArrayLike, name: str, owner: str) -> Floats:
    """An array of float64; what holds no numbers is told by name."""
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"{owner}: {name} must hold numbers. {error}") from None


def time_axis(ax: "Axes") -> None:
    """Write dates on the x axis as short as they can be."""
    from matplotlib import dates

    locator = dates.AutoDateLocator(minticks=4, maxticks=9)  # type: ignore[no-untyped-call]
    ax.xaxis.set_major_locator(locator)
    short = dates.ConciseDateFormatter(locator)  # type: ignore[no-untyped-call]
    ax.xaxis.set_major_formatter(short)
