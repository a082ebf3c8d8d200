"""Tables and aims in words, as reStructuredText."""

import csv
import io
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Told:
    """A piece of text, or what was aimed at."""

    text: str
    is_aim: bool = False


def aim(what: str, value: float, bound: float, *, at_most: bool = False, digits: int = 3) -> Told:
    """What was aimed at and what was reached, as it is shown."""
    shown = round(value, digits)
    ok = shown <= bound if at_most else shown >= bound
    way = "at most" if at_most else "at least"
    verdict = "reached" if ok else "**missed**"
    return Told(f"{what}: {way} {bound:g}; it is {value:.{digits}f}, {verdict}.", True)


def between(estimate: float, low: float, high: float) -> str:
    """A difference, its interval and the verdict."""
    if np.isnan(estimate):
        return ""
    word = "better" if low > 0 else "worse" if high < 0 else "unclear"
    return f"{estimate:+.4f} [{low:+.4f}, {high:+.4f}] {word}"


def fragment(title: str, about: str, told: list[Told]) -> str:
    """A section: tables, then the aims."""
    lines = [title, "-" * len(title), "", about, ""]
    lines += [each.text for each in told if not each.is_aim]
    aims = [f"* {each.text}" for each in told if each.is_aim]
    if aims:
        lines += ["Aimed at before it was measured:", "", *aims]
    return "\n".join(lines) + "\n"


def table(title: str, rows: list[list[str]]) -> str:
    """Rows as a csv-table."""
    made = io.StringIO()
    csv.writer(made, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    body = "\n".join(f"   {line}" for line in made.getvalue().splitlines())
    return f".. csv-table:: {title}\n   :header-rows: 1\n\n{body}\n"
