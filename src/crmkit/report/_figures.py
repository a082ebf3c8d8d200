"""The pictures of the report, each as a data address with a text that says what it shows."""

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from crmkit import plotting
from crmkit._optional import require
from crmkit.report._churn import tiers_of
from crmkit.report._content import ReportContent
from crmkit.report._findings import segment_shares
from crmkit.report._numbers import amount, percent, span

OWNER = "crmkit.report"


@dataclass(frozen=True)
class Picture:
    """A picture: its address (the picture itself, in base64) and its text."""

    source: str
    alt: str


def draw(
    plot: Callable[..., Any], *results: Any, alt: str, height: float = 4.0, **options: Any
) -> Picture:
    """Call a plot function on a figure of its own, and keep the picture as SVG."""
    figure_module: Any = require("matplotlib.figure", extra="report", purpose=OWNER)
    matplotlib: Any = require("matplotlib", extra="report", purpose=OWNER)
    figure = figure_module.Figure(figsize=(6.0, height), layout="constrained")
    ax = plot(*results, ax=figure.add_subplot(), **options)
    ax.set_title("", loc="left")  # the heading of the page says it
    made = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "crmkit", "svg.fonttype": "path"}):
        empty = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(made, format="svg", metadata=empty)
    code = base64.b64encode(made.getvalue()).decode("ascii")
    return Picture(f"data:image/svg+xml;base64,{code}", alt)


def segment_picture(content: ReportContent) -> Picture:
    """Draw sizes and revenue of the segments."""
    names, shares = segment_shares(content.segments)
    best = int(np.argmax(shares[:, 1]))
    alt = (
        f"Bar chart: share of customers and of revenue for {len(names)} segments. Most revenue "
        f"comes from {names[best]}: {percent(shares[best, 1])} from {percent(shares[best, 0])} of "
        "customers. All figures are in the table below."
    )
    height = 1.4 + 0.42 * len(names)
    return draw(plotting.plot_segments, content.segments, alt=alt, height=height)


def map_picture(content: ReportContent) -> Picture:
    """Draw customers by recency and number of orders."""
    median = np.median(content.numbers["days_since_last"])
    alt = (
        "Map of customers: days since the last purchase to the right, number of orders upwards, "
        f"the number of customers in each field. Half of the customers bought in the last "
        f"{median:,.0f} days; {percent(float(np.mean(content.numbers['n_orders'] == 1)))} ordered "
        "once."
    )
    return draw(plotting.plot_recency_frequency, content.customers, alt=alt)


def value_picture(content: ReportContent) -> Picture | None:
    """Draw the distribution of the expected value; None when there is none."""
    if not content.value.any():
        return None
    values = content.numbers["clv"]
    alt = (
        f"Histogram of the expected value per customer: median {amount(float(np.median(values)))}, "
        f"mean {amount(float(values.mean()))}, highest {amount(float(values.max()))}."
    )
    name = f"expected value in the next {span(content.horizon, content.unit)}"
    return draw(plotting.plot_value_distribution, values, alt=alt, name=name)


def concentration_picture(content: ReportContent) -> Picture | None:
    """Draw the concentration of the expected value; None when there is none."""
    if not content.value.any():
        return None
    alt = (
        "Curve of concentration: the best 10 % of customers hold "
        f"{percent(content.top_tenth_of_value)} of the expected value."
    )
    return draw(plotting.plot_concentration, content.value, alt=alt)


def holdout_picture(content: ReportContent) -> Picture:
    """Draw expected and actual purchases by earlier frequency."""
    report = content.holdout
    named = ", ".join(str(name) for name in report.predictions)
    alt = (
        "Bars: mean purchases that came in the holdout period, by number of repeat purchases "
        f"before. Lines: what was expected by {named}. The scores are in the table below."
    )
    return draw(plotting.plot_holdout, report, alt=alt)


def tier_picture(content: ReportContent) -> Picture:
    """Draw the tiers of risk of the active customers."""
    tiers = tiers_of(content)
    told = ", ".join(
        f"{row['tier']}: {row['n_customers']:,} customers ({percent(row['share'])})"
        for row in tiers.to_dict("records")
    )
    alt = f"Bar chart: mean churn risk of each tier of active customers. {told}."
    return draw(plotting.plot_risk_tiers, tiers, alt=alt, height=3.2)


def risk_check_picture(check: Any) -> Picture:
    """Draw foretold and observed churn of the test, beside the best baseline."""
    names = [check.models[0], check.best_baseline("log_loss")]
    shown = {name: check.probabilities[name] for name in names}
    alt = (
        f"Curve: churn risk foretold by {' and by '.join(names)}, to the right, and the share that "
        "then left, upwards; on the dotted line a risk is right. The scores are in the table below."
    )
    return draw(plotting.plot_calibration, check.y, shown, alt=alt, height=4.6)
