"""What kinds of customers there are, in words: each sentence computed and true of the data."""

import numpy as np
import pandas as pd

from crmkit import _frames
from crmkit.report._content import ReportContent
from crmkit.report._kinds_content import KindsContent
from crmkit.report._numbers import amount, day, decimals, percent, plural
from crmkit.segment import CustomerDescription, describe_customers

OWNER = "ReportContent"
FEW = 5  # customers below which nothing is said of concentration
SHARED = "revenue so far"
WORTH = {"clv": "expected value", "total_amount": SHARED}


def described(content: ReportContent) -> CustomerDescription | None:
    """How past revenue is spread over customers; None for few customers or no revenue."""
    if content.n_customers < FEW or not content.revenue.any():
        return None
    frame = pd.DataFrame({"customer": np.arange(content.n_customers), SHARED: content.revenue})
    return describe_customers(frame, value=SHARED, columns=[SHARED])


def concentration(content: ReportContent) -> list[str]:
    """Say how much hangs on how few."""
    found = described(content)
    if found is None:
        few = content.n_customers < FEW
        why = "there are too few customers" if few else "there is no revenue"
        return [f"How much hangs on how few cannot be told: {why}."]
    fewest = found.fewest(0.8)
    return [
        f"Until {day(content.as_of)} the best 20 % of all {content.n_customers:,} customers "
        f"brought {percent(found.top(0.2))} of revenue; 80 % of it came from "
        f"{plural(fewest, 'customer')} ({percent(fewest / content.n_customers)}). The Gini "
        f"coefficient is {decimals(found.gini)}: 0 if all customers had spent the same, near 1 if "
        "one had brought everything."
    ]


def segment_text(content: ReportContent) -> list[str]:
    """Say that segments are ranks among these customers, and how late the last of them are."""
    names = [str(name) for name in _frames.column_values(content.segments, "segment", OWNER)]
    own = content.segment.astype(str) == names[-1]
    if len(names) < 2 or not own.any():
        return []
    late = float(np.median(content.numbers["days_since_last"][own]))
    said = (
        "Segments rank these customers against each other by how lately, how often and for how "
        f"much they bought. “{names[-1]}” are the last in this order, with a median of "
        f"{plural(round(late), 'day')} since the last purchase."
    )
    if content.kinds is not None and content.kinds.stager is not None:
        said += " Who is silent for longer than usual is told by the stages of life below."
    return [said, *alike(content)]


def alike(content: ReportContent) -> list[str]:
    """Say what all customers share, which then tells no segment from another."""
    asked = (("days_since_last", "how lately"), ("n_orders", "how often"))
    same = [words for column, words in asked if np.ptp(content.numbers[column]) == 0]
    if not same:
        return []
    return [
        f"All customers are alike in {' and '.join(same)} they bought: the segments differ in the "
        "rest alone, whatever their names say of it."
    ]


def stage_text(content: ReportContent, kinds: KindsContent) -> list[str]:
    """Say what stages are, or why there are none."""
    stager = kinds.stager
    if stager is None:
        if not kinds.stager_note:
            return []
        return [f"Stages of life could not be learnt from this log. {kinds.stager_note}"]
    stage = _frames.column_values(content.table, "stage", OWNER).astype(str)
    silent = np.isin(stage, stager.stages_[4:].astype(str))
    held = content.revenue[silent].sum() / max(content.revenue.sum(), np.finfo(float).tiny)
    names = [f"“{name}”" for name in stager.stages_[4:]]
    return [
        "A stage tells where a customer stands by the own rhythm of buying: the first rule below "
        "that holds, from the bottom up, silence before all. The rules were learnt from the pauses "
        f"in this log (usual: {stager.usual_gap_:,.0f} days) and stay as they are.",
        f"On {day(content.as_of)}, {int(silent.sum()):,} of {plural(len(silent), 'customer')} "
        f"({percent(float(silent.mean()))}) are silent for longer than their rhythm lets expect "
        f"({names[0]}, {names[1]} or {names[2]}); "
        f"{percent(float(held))} of revenue so far came from them.",
    ]


def stage_caption(kinds: KindsContent) -> str:
    """Say what the bars of the stages are."""
    days = 0 if kinds.stager is None else kinds.stager.period_
    return f"Strong: share of customers. Faint: share of the revenue of the last {days} days."


def tier_text(content: ReportContent, kinds: KindsContent) -> list[str]:
    """Say what tiers are of, and where their edges are."""
    tiers = kinds.tiers
    if tiers is None:
        return []
    what = WORTH.get(tiers.value, tiers.value)
    names = [str(name) for name in tiers.segments_]
    edges = [
        f"“{name}” from {amount(float(edge))}"
        for name, edge in zip(names, tiers.edges_[::-1], strict=False)
    ]
    return [
        f"Tiers are of {what}: {', '.join(edges)}, all others “{names[-1]}”. The edges are amounts "
        "that stay as they are for later customers."
    ]
