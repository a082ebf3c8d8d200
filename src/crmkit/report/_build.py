"""One file that holds everything: an HTML page for people, JSON or parquet for machines."""

import json
import os
from importlib import resources
from pathlib import Path
from typing import Any

from crmkit import __version__
from crmkit._optional import require
from crmkit._validation import check_whole
from crmkit.report._content import ReportContent
from crmkit.report._data import SCHEMA, VERSION, data_of, numbers_frame
from crmkit.report._document import Document
from crmkit.report._files import whole_file
from crmkit.report._page import document

OWNER = "crmkit.report"
FORMATS = {".json": "json", ".parquet": "parquet"}


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
    return page_of(document(content, n_top))


def page_of(made: Document) -> str:
    """A document as an HTML page."""
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
    template = environment.get_template("template.html.jinja")
    return str(template.render(document=made, version=__version__))


def build_report(content: ReportContent, path: str | os.PathLike[str], *, n_top: int = 20) -> Path:
    """Write a customer value report to a file: the content in, the path of the file out.

    The ending decides: .json and .parquet are for machines (see `report_data`), all else is the
    HTML page. The file appears whole or not at all; an existing one is replaced.

    Parameters
    ----------
    content : ReportContent
        What to show.
    path : str or path
        Where to write; the folder must exist. A parquet file has a row for each number of the
        report: `section`, `table`, `row`, `label` (of the row), `column`, `value` or `low` and
        `high`, `text` where it is no number, `unit`, `population`, `cut_off` and `until`.
    n_top : int, default=20
        How many of the best customers are listed.

    Returns
    -------
    pathlib.Path
        Where the report is.

    Raises
    ------
    DataError
        If the customers lack a column, hold NaN, or there are none.
    MissingExtraError
        If matplotlib or jinja2, or pyarrow for a parquet file, is not installed.
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
    check_whole(n_top, "n_top", "build_report", low=1)
    made = document(content, n_top)
    with whole_file(path) as draft:
        write_document(made, draft, FORMATS.get(path.suffix.lower(), "html"))
    return path


def write_document(made: Document, path: Path, form: str) -> None:
    """Write a document as "html", "json" or "parquet"."""
    if form == "parquet":
        require("pyarrow", extra="report", purpose=OWNER)
        frame = numbers_frame(made)
        frame.attrs = {"schema": SCHEMA, "schema_version": VERSION, "title": made.title}
        frame.to_parquet(path, index=False)
        return
    if form == "json":
        text = json.dumps(data_of(made), ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    else:
        text = page_of(made)
    path.write_text(text, encoding="utf-8", newline="\n")
