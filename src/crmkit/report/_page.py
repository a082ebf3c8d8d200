"""The whole report as a document: its sections in order, each with its population and cut-offs."""

from collections.abc import Callable

from crmkit.report._about import facts_of
from crmkit.report._content import ReportContent
from crmkit.report._document import Document, Section, document_of
from crmkit.report._numbers import day, plural, span
from crmkit.report._page_checks import check_section, data_section, method_section
from crmkit.report._page_churn import churn_section
from crmkit.report._page_kinds import kinds_section, map_section, movement_section
from crmkit.report._page_offers import offers_section
from crmkit.report._page_overview import figures_section, findings_section
from crmkit.report._page_people import profile_section, top_section, unusual_section
from crmkit.report._page_value import value_section

SECTIONS: tuple[Callable[[ReportContent, int], Section | None], ...] = (
    figures_section,
    findings_section,
    kinds_section,
    movement_section,
    map_section,
    value_section,
    top_section,
    profile_section,
    churn_section,
    offers_section,
    unusual_section,
    check_section,
    data_section,
    method_section,
)


def document(content: ReportContent, n_top: int) -> Document:
    """Everything that a report tells, in order."""
    made = [make(content, n_top) for make in SECTIONS]
    sections = [section for section in made if section is not None]
    return document_of(content.title, lead(content), sections, facts_of(content))


def lead(content: ReportContent) -> str:
    """What the report rests on, in a sentence or two."""
    events, seen = content.events, f"Seen as of {day(content.as_of)}"
    if content.valued:
        future = span(content.horizon, content.unit)
        seen = f"Valued as of {day(content.as_of)}; looking {future} ahead"
    rows = ""
    if events is not None:
        rows = (
            f"{plural(events.n_rows, 'row')} of purchases from {day(events.first_event)} to "
            f"{day(events.last_event)}. "
        )
    return f"{rows}{seen}. Amounts are in the currency of the data."
