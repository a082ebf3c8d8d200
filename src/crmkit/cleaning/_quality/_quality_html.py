"""The report as HTML: one page that holds all it needs, and a short view for notebooks."""

import math
from collections.abc import Sequence
from importlib import resources
from typing import Any

from crmkit._optional import require
from crmkit.cleaning._quality._findings import DIMENSIONS
from crmkit.cleaning._quality._measures import OVERALL, DimensionScore, overall
from crmkit.cleaning._quality._quality_drift import Drift
from crmkit.exceptions import MissingExtraError

OWNER = "QualityReport.to_html"
TEMPLATES = ("page.html.jinja", "notebook.html.jinja", "parts.html.jinja", "quality.css")
LEVELS = ((1.0, "l0"), (0.99, "l1"), (0.95, "l2"), (0.8, "l3"))
MOST_ISSUES, MOST_IN_NOTEBOOK = 200, 12
GAP = "\N{NO-BREAK SPACE}"


def quality_page(
    report: Any, scores: Sequence[DimensionScore], changes: Sequence[Drift] | None
) -> str:
    """Write the whole page."""
    parts = shared_parts(report, scores, MOST_ISSUES) | {
        "time": report.time,
        "duplicates": str(report.duplicates),
        "changes": None if changes is None else [c for c in changes if c.drifted],
        "n_compared": len(changes or ()),
    }
    return str(_templates().get_template("page.html.jinja").render(**parts))


def notebook_view(report: Any, scores: Sequence[DimensionScore]) -> str | None:
    """Write scores and the worst findings; None, which shows the plain text, without jinja2."""
    try:
        templates = _templates()
    except MissingExtraError:
        return None
    parts = shared_parts(report, scores, MOST_IN_NOTEBOOK)
    return str(templates.get_template("notebook.html.jinja").render(**parts))


def shared_parts(report: Any, scores: Sequence[DimensionScore], most: int) -> dict[str, Any]:
    """Everything that both views name."""
    cells = [
        (column, [(name, getattr(column, name)) for name in DIMENSIONS])
        for column in report.columns
    ]
    return {
        "n_rows": report.n_rows,
        "n_columns": len(report.columns),
        "scores": [*((d.dimension, d.score, _counted(d), d.definition) for d in scores)],
        "overall": overall(scores),
        "overall_definition": OVERALL,
        "n_issues": len(report.findings),
        "issues": report.findings[:most],
        "columns": cells,
        "dimensions": DIMENSIONS,
        "percent": percent,
        "level": level,
    }


def percent(share: float) -> str:
    """Write 0.983 as "98.3 %"; only what is whole is "100 %", and only nothing is "0 %"."""
    if math.isnan(share):
        return "–"
    text = f"{100 * share:.1f}"
    if text == "100.0":
        text = "100" if share == 1.0 else "> 99.9"
    if text == "0.0":
        text = "0" if share == 0.0 else "< 0.1"
    return f"{text}{GAP}%"


def level(share: float) -> str:
    """Class of a share, from "l0" for all to "l4" for little; "none" where there is none."""
    if math.isnan(share):
        return "none"
    return next((name for least, name in LEVELS if share >= least), "l4")


def _counted(score: DimensionScore) -> str:
    return f"{score.n_good:,} of {score.of:,} {score.unit}" if score.of else "not measured"


def _templates() -> Any:
    jinja2: Any = require("jinja2", extra="report", purpose=OWNER)
    here = resources.files("crmkit.cleaning._quality")
    return jinja2.Environment(
        loader=jinja2.DictLoader({n: (here / n).read_text(encoding="utf-8") for n in TEMPLATES}),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
