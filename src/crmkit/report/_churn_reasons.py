"""The reasons of single customers summed up: what raises the risk of many, and of whom."""

import re
from typing import NamedTuple

import numpy as np

from crmkit.report._churn import at_risk
from crmkit.report._content import ReportContent
from crmkit.report._document import Table
from crmkit.report._numbers import amount, decimals, percent, plural, whole

MOST = 12  # reasons that are listed
_REASON = re.compile(r"(?P<what>.+?): (?P<effect>[+-−]\d+(?:\.\d+)?)(?:; |$)")
_NUMBER = re.compile(r"(?<![\w.])[<>]?\d[\d,]*(?:\.\d+)?(?:e-?\d+)?\b")
_UNIT = re.compile(r"(… )(hour|day|week|month|time|order|product)(?:\(s\)|s)?\b")


class Reason(NamedTuple):
    """What was said of how many customers: who was raised by it, by how much, what is at stake."""

    what: str
    raised: int
    lowered: int
    effect: float
    stake: float


def parsed(text: str) -> list[tuple[str, float]]:
    """The reasons of one customer, without their numbers, each with its effect in log-odds."""
    return [
        (alike(found["what"]), float(found["effect"].replace("−", "-")))
        for found in _REASON.finditer(text)
    ]


def alike(what: str) -> str:
    """A reason without the numbers of one customer: "longest pause … days"."""
    return _UNIT.sub(r"\1\2s", _NUMBER.sub("…", what)).strip()


def summed(content: ReportContent) -> list[Reason]:
    """Reasons among customers at risk, those that raise the risk of most first."""
    rows = np.flatnonzero(at_risk(content))
    texts, stake = content.risk["churn_reasons"], content.risk["value_at_risk"]
    found: dict[str, list[tuple[float, float]]] = {}
    for row in rows.tolist():
        for what, effect in parsed(str(texts[row])):
            found.setdefault(what, []).append((effect, float(stake[row])))
    made = [
        Reason(
            what,
            sum(effect > 0 for effect, _ in each),
            sum(effect < 0 for effect, _ in each),
            float(np.mean([effect for effect, _ in each])),
            sum(value for effect, value in each if effect > 0),
        )
        for what, each in found.items()
    ]
    return sorted(made, key=lambda one: (-one.raised, -one.effect, one.what))


def told(content: ReportContent) -> list[str]:
    """Say which reason raises the risk of most."""
    found, n = summed(content), int(at_risk(content).sum())
    if not found or not found[0].raised:
        return ["No reason raises the risk of those who are at risk."]
    first = found[0]
    return [
        f"Of each customer the few things that moved the risk most are told. Of the "
        f"{plural(n, content.whom)} of medium or high risk, “{first.what}” raises that of "
        f"{first.raised:,} ({percent(first.raised / n)})."
    ]


def reason_table(content: ReportContent) -> Table | None:
    """List the reasons, those that raise the risk of most customers first; None without any."""
    found, n = summed(content)[:MOST], int(at_risk(content).sum())
    if not found:
        return None
    rows = [
        [
            one.what,
            whole(one.raised),
            percent(one.raised / n),
            whole(one.lowered),
            decimals(one.effect, unit="log-odds"),
            amount(one.stake),
        ]
        for one in found
    ]
    head = ["reason", "risk raised of", "share of those at risk", "risk lowered of"]
    head += ["mean effect (log-odds)", "value at risk of the raised"]
    caption = f"What the risk of {plural(n, content.whom)} of medium or high risk was read from"
    return Table(caption, head, rows)
