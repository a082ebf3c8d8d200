"""One HTML file that holds everything: text, tables, pictures, style."""

import os
from importlib import resources
from pathlib import Path
from typing import Any

from crmkit import __version__
from crmkit._optional import require
from crmkit._validation import check_whole
from crmkit.report import (
    _churn,
    _figures,
    _findings,
    _kinds,
    _movement,
    _numbers,
    _offers,
    _profile,
    _segment_figures,
    _segment_tables,
    _tables,
)
from crmkit.report._content import ReportContent
from crmkit.report._files import whole_file

OWNER = "crmkit.report"


def render_report(content: ReportContent, *, n_top: int = 20) -> str:
    """Write a customer value report: the content in, one self-contained HTML page out.

    The page needs no network and no script, reads on a phone, prints, and follows the light or
    dark setting of the reader. Text from the data is escaped. The same content gives the same
    page, byte by byte.

    Parameters
    ----------
    content : ReportContent
        What to show.
    n_top : int, default=20
        How many of the best customers are listed.

    Returns
    -------
    str
        The page.

    Raises
    ------
    DataError
        If the customers lack a column, hold NaN, or there are none.
    MissingExtraError
        If matplotlib or jinja2 is not installed.

    See Also
    --------
    build_report : Writes the page to a file.

    Examples
    --------
    >>> from datetime import datetime
    >>> import pandas as pd
    >>> customers = pd.DataFrame(
    ...     {
    ...         "id": ["a", "b"], "segment": ["Champions", "Lost"], "n_orders": [5, 1],
    ...         "total_amount": [90.0, 10.0], "days_since_last": [3, 200],
    ...         "expected_purchases": [4.0, 0.1], "probability_no_purchase": [0.1, 0.9],
    ...         "clv": [72.0, 1.0],
    ...     }
    ... )
    >>> segments = pd.DataFrame(
    ...     {
    ...         "segment": ["Champions", "Lost"], "n_customers": [1, 1], "revenue": [90.0, 10.0],
    ...         "share_of_customers": [0.5, 0.5], "share_of_revenue": [0.9, 0.1],
    ...     }
    ... )
    >>> content = ReportContent(
    ...     customers, segments, events=None, as_of=datetime(2025, 1, 1), horizon=52, unit="W"
    ... )
    >>> page = render_report(content)
    >>> page[:15], "Champions" in page
    ('<!doctype html>', True)
    """
    check_whole(n_top, "n_top", "render_report", low=1)
    jinja2: Any = require("jinja2", extra="report", purpose=OWNER)
    here = resources.files("crmkit.report")
    names = ("template.html.jinja", "style.css")
    environment = jinja2.Environment(
        loader=jinja2.DictLoader({n: (here / n).read_text(encoding="utf-8") for n in names}),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return str(environment.get_template("template.html.jinja").render(**parts(content, n_top)))


def build_report(content: ReportContent, path: str | os.PathLike[str], *, n_top: int = 20) -> Path:
    """Write a customer value report to a file: the content in, the path of an HTML file out.

    The file appears whole or not at all; an existing one is replaced.

    Parameters
    ----------
    content : ReportContent
        What to show.
    path : str or path
        Where to write; the folder must exist.
    n_top : int, default=20
        How many of the best customers are listed.

    Returns
    -------
    pathlib.Path
        Where the page is.

    Raises
    ------
    DataError
        If the customers lack a column, hold NaN, or there are none.
    MissingExtraError
        If matplotlib or jinja2 is not installed.
    OSError
        If the file cannot be written.

    See Also
    --------
    render_report : Returns the page as text, with a running example.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import crmkit as ck
    >>> log = ck.EventLog(ck.datasets.load_cdnow(sample=True))
    >>> pipeline = ck.pipelines.CustomerValuePipeline(churn=None).fit(log)
    >>> content = ck.report.ReportContent.from_pipeline(pipeline, log)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = build_report(content, Path(folder) / "report.html")
    ...     page.name, page.stat().st_size > 100_000
    ('report.html', True)
    """
    path = Path(path)
    page = render_report(content, n_top=n_top)
    with whole_file(path) as draft:
        draft.write_text(page, encoding="utf-8", newline="\n")
    return path


def parts(content: ReportContent, n_top: int) -> dict[str, Any]:
    """Everything the template names."""
    checked = content.holdout is not None
    return {
        "content": content,
        "version": __version__,
        "write": _numbers,
        "figures": _findings.key_figures(content),
        "findings": _findings.findings(content),
        "segments": _tables.segment_table(content),
        "top": _tables.customer_table(content, n_top),
        "events": None if content.events is None else _tables.event_table(content.events),
        "event_notes": [] if content.events is None else _findings.event_notes(content),
        "parameters": _tables.parameter_table(content.models) if content.models else None,
        "measured_on": _findings.measured_on(content.holdout) if checked else None,
        "verdict": _findings.holdout_verdict(content.holdout) if checked else [],
        "scores": _tables.score_table(content.holdout) if checked else None,
        "kinds": kind_parts(content),
        "movement": movement_parts(content),
        "profile": profile_parts(content),
        "unusual": unusual_parts(content, n_top),
        "churn": churn_parts(content, n_top),
        "offers": offer_parts(content, n_top),
        "pictures": {
            "segments": _figures.segment_picture(content),
            "map": _figures.map_picture(content),
            "value": _figures.value_picture(content),
            "concentration": _figures.concentration_picture(content),
            "holdout": _figures.holdout_picture(content) if checked else None,
        },
    }


def kind_parts(content: ReportContent) -> dict[str, Any]:
    """Everything the template names in the section on kinds, beside the segments."""
    made: dict[str, Any] = {
        "concentration": _kinds.concentration(content),
        "lorenz": _segment_figures.lorenz_picture(content),
        "told": content.kinds is not None,
    }
    kinds = content.kinds
    if kinds is None:
        return made
    return made | {
        "stage_text": _kinds.stage_text(content, kinds),
        "stage_picture": _segment_figures.stage_picture(kinds),
        "stage_caption": _kinds.stage_caption(kinds),
        "stages": _segment_tables.stage_table(content, kinds),
        "tier_text": _kinds.tier_text(content, kinds),
        "tiers": _segment_tables.value_tier_table(content, kinds),
        "behaviour": _segment_tables.behaviour_table(content, kinds),
        "behaviour_reason": kinds.behaviour.reason_ if kinds.behaviour is not None else "",
    }


def movement_parts(content: ReportContent) -> dict[str, Any] | None:
    """Everything the template names in the section on movement; None without one."""
    movement = content.movement
    if movement is None:
        return None
    moves, forecast = movement.moves, movement.forecast
    return {
        "introduction": _movement.introduction(movement),
        "largest": [] if moves is None else _movement.largest_moves(moves),
        "picture": _segment_figures.moves_picture(movement),
        "sizes": _segment_tables.size_table(movement),
        "sizes_picture": _segment_figures.sizes_picture(movement),
        "forecast": [] if forecast is None else _movement.forecast_text(forecast),
        "cohorts": _movement.cohort_text(movement),
        "cohort_picture": _segment_figures.cohort_picture(movement),
    }


def profile_parts(content: ReportContent) -> dict[str, Any] | None:
    """Everything the template names in the section on tags; None without one."""
    told = content.profile
    if told is None:
        return None
    return {
        "introduction": _profile.introduction(told),
        "tags": _segment_tables.tag_table(told),
        "cards": _segment_tables.card_table(content, told),
    }


def unusual_parts(content: ReportContent, n_top: int) -> dict[str, Any] | None:
    """Everything the template names in the section on unusual behaviour; None without one."""
    unusual = content.unusual
    if unusual is None:
        return None
    return {
        "introduction": _profile.unusual_text(unusual),
        "reasons": _segment_tables.reason_table(unusual),
        "customers": _segment_tables.unusual_table(unusual, n_top),
    }


def churn_parts(content: ReportContent, n_top: int) -> dict[str, Any] | None:
    """Everything the template names in the section on churn; None without one."""
    churn = content.churn
    if churn is None:
        return None
    somebody, check = bool(content.is_active.any()), churn.check
    return {
        "introduction": _churn.introduction(content, churn),
        "learnt": churn.recipe is not None,
        "tiers": _tables.tier_table(content) if somebody else None,
        "tier_picture": _figures.tier_picture(content) if somebody else None,
        "customers": _tables.risk_table(content, n_top) if somebody else None,
        "offer": _churn.offer_text(content, churn),
        "check_note": churn.check_note,
        "measured_on": _churn.measured_on(check) if check is not None else None,
        "verdict": _churn.verdict(check) if check is not None else [],
        "scores": _tables.risk_score_table(check) if check is not None else None,
        "check_picture": _figures.risk_check_picture(check) if check is not None else None,
    }


def offer_parts(content: ReportContent, n_top: int) -> dict[str, Any] | None:
    """Everything the template names in the section on offers; None without one."""
    offers = content.offers
    if offers is None:
        return None
    learnt, check = offers.recommender is not None, offers.check
    return {
        "introduction": _offers.introduction(content, offers),
        "learnt": learnt,
        "reason": getattr(offers.recommender, "reason_", "the one that was chosen beforehand."),
        "customers": _tables.offer_table(content, n_top) if learnt else None,
        "bundled": offers.bundles is not None,
        "bundles_text": _offers.bundles_text(offers),
        "bundles": _tables.bundle_table(offers) if offers.bundles else None,
        "check_note": offers.check_note,
        "measured_on": _offers.measured_on(check) if check is not None else None,
        "verdict": _offers.verdict(check) if check is not None else [],
        "scores": _tables.offer_score_table(check) if check is not None else None,
    }
