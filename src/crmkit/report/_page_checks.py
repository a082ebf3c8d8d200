"""The sections on the check of the forecast, on the data, and on the method."""

from crmkit.cleaning import QualityReport
from crmkit.report import _figures, _findings, _method, _quality, _tables
from crmkit.report._about import ahead, holdout_about, log_about
from crmkit.report._content import ReportContent
from crmkit.report._document import About, Block, Heading, Section, Text, listed
from crmkit.report._past import untested
from crmkit.report._quality_content import QualityContent


def check_section(content: ReportContent, n_top: int) -> Section:
    """What was expected on past data beside what came."""
    title, name = "Is the forecast any good?", "Forecast check"
    holdout = content.holdout
    if not content.valued:
        nothing: list[Block] = [Text(["There is no forecast that could be checked."])]
        return Section("check", title, name, ahead(content), nothing)
    if holdout is None:
        said = untested(content.holdout_note, "how close these forecasts come")
        return Section("check", title, name, ahead(content), [said])
    blocks = listed(
        Text([_findings.measured_on(holdout), *_findings.holdout_verdict(holdout)]),
        _figures.holdout_picture(content),
        _tables.forecast_score_table(holdout).measured("forecast_scores"),
        Text([_findings.errors_note(holdout)], "note"),
    )
    return Section("check", title, name, holdout_about(content), blocks)


def data_section(content: ReportContent, n_top: int) -> Section | None:
    """What the data held, what was left out, and how good they are."""
    events, quality = content.events, content.quality
    if events is None and quality is None:
        return None
    found = None
    if events is not None:
        table = _tables.event_table(events)
        found = table.measured("log_findings") if table.rows else None
    blocks = listed(
        Text([] if events is None else _findings.event_notes(content)),
        found,
        [] if quality is None else quality_blocks(quality),
    )
    about = About("the records") if events is None else log_about(content)
    return Section(
        "data", "The data: what was left out, and how good they are", "Data", about, blocks
    )


def quality_blocks(quality: QualityContent) -> list[Block]:
    """Quality of the log and of the records, and who was joined."""
    said = [quality.note] if quality.note else []
    joined = _quality.merged_table(quality.merged)
    parts: list[Block] = listed(
        [] if quality.log is None else measured(quality.log, "purchases", "log"),
        []
        if quality.records is None
        else measured(quality.records, "records of customers", "records"),
    )
    duplicates = _quality.duplicates_text(quality)
    if duplicates:
        parts += listed(
            Heading("Who is in the list twice?"),
            Text(duplicates),
            None if joined is None else joined.measured("merged"),
        )
    return listed(Text(said), parts)


def measured(report: QualityReport, what: str, key: str) -> list[Block]:
    """Scores and findings of one table."""
    about = About(f"{report.n_rows:,} rows of {what}")
    issues = _quality.issue_table(report, what)
    return listed(
        Heading(f"How good are the {what}?"),
        Text(_quality.introduction(report, what)),
        _quality.score_table(report, what).measured(f"{key}_quality", about),
        None if issues is None else issues.measured(f"{key}_issues", about),
    )


def method_section(content: ReportContent, n_top: int) -> Section:
    """How each number was made, on whom, and what its check said."""
    parameters = _tables.parameter_table(content.models) if content.models else None
    blocks = listed(
        Heading("How was each number checked?"),
        _method.table(content).measured("method"),
        Heading("What do the numbers assume?"),
        list(_method.paragraphs(content)),
        []
        if parameters is None
        else [Heading("What was learnt"), parameters.measured("parameters")],
    )
    title = "How was each number made, and how far can it be trusted?"
    return Section("method", title, "Method", ahead(content), blocks)
