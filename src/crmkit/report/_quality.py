"""How good the data are, in words and tables: of the purchases and of the records."""

from typing import Any

import numpy as np

from crmkit.cleaning import QualityReport
from crmkit.report._document import Table
from crmkit.report._numbers import decimals, percent, plural, stated_percent, whole
from crmkit.report._quality_content import Merged, QualityContent

MOST = 15  # findings that are listed
ORDER = ("high", "medium", "low", "note")


def introduction(report: QualityReport, what: str) -> list[str]:
    """Say how many findings there are, of which weight."""
    issues = report.issues()
    counts = {name: int((issues["severity"] == name).sum()) for name in ORDER}
    found = ", ".join(f"{n} {name}" for name, n in counts.items() if n and name != "note")
    said = f"{plural(report.n_rows, 'row')} of {what} were looked at in {counted(report)}"
    if found:
        return [f"{said}. Findings by weight: {found}."]
    none = "Nothing was found" if not len(issues) else "Nothing was found but what is worth a note"
    return [f"{said}. {none}."]


def counted(report: QualityReport) -> str:
    """Columns, counted."""
    return plural(len(report.columns), "column")


def score_table(report: QualityReport, what: str) -> Table:
    """List the dimensions of quality: which share is good, of what."""
    rows = [
        [
            str(one["dimension"]),
            percent(float(one["score"])),
            whole(int(one["n_good"])),
            whole(int(one["of"])),
            str(one["definition"]),
        ]
        for one in report.scores().to_dict("records")
        if np.isfinite(one["score"]) and one["dimension"] != "overall"
    ]
    head = ["dimension", "good", "number", "of", "what counts as good"]
    return Table(f"Quality of the {what}", head, rows, text_columns=frozenset({0, 4}))


def issue_table(report: QualityReport, what: str) -> Table | None:
    """List the findings, the weightiest first, with what to do; None without any."""
    issues = report.issues().head(MOST).to_dict("records")
    if not issues:
        return None
    rows = [
        [
            worded(one["column"]) or "whole row",
            str(one["severity"]),
            str(one["what"]),
            whole(int(one["n"])),
            percent(float(one["n"]) / one["of"]) if one["of"] else "–",
            worded(one["example"]),
            worded(one["todo"]),
        ]
        for one in issues
    ]
    head = ["column", "weight", "what was found", "rows", "share", "example", "what to do"]
    caption = f"Findings in the {what}, the weightiest first"
    if len(report.issues()) > MOST:
        caption += f" ({MOST} of {len(report.issues())})"
    return Table(caption, head, rows, text_columns=frozenset({0, 1, 2, 5, 6}))


def worded(value: Any) -> str:
    """A cell of text; nothing where it is missing."""
    return "" if value is None or value != value else str(value)


def duplicates_text(quality: QualityContent) -> list[str]:
    """Say how many records are likely of one person, or what joining them changed."""
    made = [] if quality.merged is None else merged_text(quality.merged)
    report = quality.records
    if report is None or quality.merged is not None:
        return made
    found = report.duplicates
    if found is None:
        return []
    if found.skipped:
        why = found.skipped.removeprefix("since ").rstrip(".")
        return [f"Records of one person were not looked for: {why}."]
    if round(found.n_pairs) == 0:
        return ["No two records seem to be of one person."]
    band = ""
    if found.high > found.low:
        band = (
            f", with a probability of {percent(0.95)} between {found.low:,.0f} and "
            f"{found.high:,.0f}"
        )
    return [
        f"About {found.n_pairs:,.0f} pairs of records are likely of one person{band}. While they "
        "are apart, a person counts as several customers: each seems to buy less often, and to be "
        "worth less. The command joins them with --merge."
    ]


def merged_text(merged: Merged) -> list[str]:
    """Say what joining the records of one person changed."""
    said = (
        f"Records of one person were joined before anything else: {merged.n_records:,} records are "
        f"{plural(merged.n_people, 'person').replace('persons', 'people')}. The purchases of "
        f"{merged.n_ids:,} ids became those of {plural(merged.n_customers, 'customer')}."
    )
    if np.isfinite(merged.precision):
        said += (
            f" By its own probabilities {stated_percent(round(merged.precision, 3))} of the joined "
            "pairs are right."
        )
    if merged.n_unknown:
        said += f" {plural(merged.n_unknown, 'id')} of the purchases had no record."
    return [said]


def merged_table(merged: Merged | None) -> Table | None:
    """List what joining changed; None where nothing was joined."""
    if merged is None:
        return None
    rows = [
        ["records, and people they are", whole(merged.n_records), whole(merged.n_people)],
        ["ids with a purchase, and customers", whole(merged.n_ids), whole(merged.n_customers)],
    ]
    if np.isfinite(merged.precision):
        rows.append(["share of joined pairs that is right", "–", decimals(merged.precision, 3)])
    return Table(
        "What joining the records of one person changed", ["what", "before", "after"], rows
    )
