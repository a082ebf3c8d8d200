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
    _numbers,
    _offers,
    _tables,
)
from crmkit.report._content import ReportContent
from crmkit.report._files import whole_file
from crmkit.report._segment_parts import (
    kind_parts,
    movement_parts,
    profile_parts,
    unusual_parts,
)

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
