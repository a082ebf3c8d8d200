"""The first two sections: key figures, and what stands out."""

from crmkit.report._about import ahead
from crmkit.report._content import ReportContent
from crmkit.report._document import Figures, Section, Text
from crmkit.report._findings import findings, holdout_verdict, key_figures


def figures_section(content: ReportContent, n_top: int) -> Section:
    """Numbers of the whole, in one look."""
    figures = Figures("key_figures", key_figures(content))
    return Section("figures", "Key figures", "Key figures", ahead(content), [figures])


def findings_section(content: ReportContent, n_top: int) -> Section | None:
    """What a manager should read first."""
    said = findings(content)
    if not said:
        return None
    if content.holdout is not None:
        first = holdout_verdict(content.holdout)[:1]
        said += [
            f"How far to trust it, from a check on past data: {sentence}" for sentence in first
        ]
    blocks = [Text(said, "bullets")]
    return Section("findings", "What stands out", "What stands out", ahead(content), [*blocks])
