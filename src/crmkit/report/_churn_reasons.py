"""The reasons of single customers summed up: what raises the risk of many, and of whom."""

import re
from typing import NamedTuple

import numpy as np

from crmkit.report._churn import at_risk, those_at_risk
from crmkit.report._content import ReportContent
from crmkit.report._document import Table
from crmkit.report._numbers import MINUS, amount, decimals, percent, whole

MOST = 12  # reasons that are listed
_REASON = re.compile(r"(?P<what>.+?): (?P<effect>[+-−]\d+(?:\.\d+)?)(?:; |$)")
_NUMBER = re.compile(r"(?<![\w.])[<>]?\d[\d,]*(?:\.\d+)?(?:e-?\d+)?\b")
_LARGE = re.compile(r"(?<![\w.,])(?<!= )\d{4,}(?:\.\d+)?\b")
_UNIT = re.compile(r"(… )(hour|day|week|month|time|order|product)(?:\(s\)|s)?\b")


class Reason(NamedTuple):
    """What was said of how many customers: who was raised by it, by how much, what is at stake.

    `typical` is what was said, with the numbers in the middle of those whose risk it raised.
    """

    what: str
    raised: int
    lowered: int
    effect: float
    stake: float
    typical: str


def parsed(text: str) -> list[tuple[str, float]]:
    """The reasons of one customer, without their numbers, each with its effect in log-odds."""
    return [(alike(found["what"]), number_of(found["effect"])) for found in _REASON.finditer(text)]


def alike(what: str) -> str:
    """A reason without the numbers of one customer: "longest pause … days"."""
    return _UNIT.sub(r"\1\2s", _NUMBER.sub("…", what)).strip()


def typical(said: list[str]) -> str:
    """The one of some reasons that are alike which is in the middle by its first number."""
    return grouped(sorted(said, key=first_number)[(len(said) - 1) // 2])


def grouped(said: str) -> str:
    """A reason with its large numbers as those of the report: "spend of 168,470"; no names."""
    return _LARGE.sub(lambda number: f"{float(number[0]):,.0f}", said)


def first_number(said: str) -> float:
    """The first number of a reason; 0 where it has none."""
    found = _NUMBER.search(said)
    return float(found[0].lstrip("<>").replace(",", "")) if found else 0.0


def summed(content: ReportContent) -> list[Reason]:
    """Reasons among customers at risk, those that raise the risk of most first."""
    rows = np.flatnonzero(at_risk(content))
    texts, stake = content.risk["churn_reasons"], content.risk["value_at_risk"]
    found: dict[str, list[tuple[float, float, str]]] = {}
    for row in rows.tolist():
        for one in _REASON.finditer(str(texts[row])):
            effect = number_of(one["effect"])
            found.setdefault(alike(one["what"]), []).append((effect, stake[row], one["what"]))
    made = [
        Reason(
            what,
            sum(effect > 0 for effect, _, _ in each),
            sum(effect < 0 for effect, _, _ in each),
            float(np.mean([effect for effect, _, _ in each])),
            float(sum(value for effect, value, _ in each if effect > 0)),
            typical([said for effect, _, said in each if effect > 0] or [each[0][2]]),
        )
        for what, each in found.items()
    ]
    return sorted(made, key=lambda one: (-one.raised, -one.effect, one.what))


def told(content: ReportContent) -> list[str]:
    """Say which reason raises the risk of most."""
    found, n = summed(content), int(at_risk(content).sum())
    if not found or not found[0].raised:
        return [f"Nothing that is told raises the risk of the {those_at_risk(content)}."]
    first = found[0]
    return [
        "Of each customer the few things that moved the risk most are told. Among the "
        f"{those_at_risk(content)}, “{first.what}” raises it most often: that of "
        f"{first.raised:,} ({percent(first.raised / n)}), the middle case is “{first.typical}”."
    ]


def in_lines(text: str) -> str:
    """The reasons of one customer for a reader: what raises the risk, and what lowers it."""
    found = [(one["what"], number_of(one["effect"])) for one in _REASON.finditer(text)]
    if not found:
        return text
    lines = []
    for word, sign in (("raised by", 1.0), ("lowered by", -1.0)):
        own = [f"{grouped(what)} ({signed(effect)})" for what, effect in found if sign * effect > 0]
        lines += [f"{word}: {'; '.join(own)}"] if own else []
    return "\n".join(lines)


def signed(effect: float) -> str:
    """An effect with its sign, a true minus."""
    return f"{effect:+.1f}".replace("-", MINUS)


def number_of(effect: str) -> float:
    """An effect as a number."""
    return float(effect.replace(MINUS, "-"))


def reason_table(content: ReportContent) -> Table | None:
    """List the reasons, those that raise the risk of most customers first; None without any."""
    found, n = summed(content)[:MOST], int(at_risk(content).sum())
    if not found:
        return None
    rows = [
        [
            one.what,
            one.typical,
            whole(one.raised),
            percent(one.raised / n),
            whole(one.lowered),
            decimals(one.effect, unit="log-odds"),
            amount(one.stake),
        ]
        for one in found
    ]
    head = [
        "reason",
        "middle case",
        "risk raised of",
        "share of those at risk",
        "risk lowered of",
    ]
    head += ["mean effect (log-odds)", "value at risk of the raised"]
    caption = f"What the risk of {those_at_risk(content)} was read from"
    return Table(caption, head, rows, text_columns=frozenset({0, 1}))
