"""The pictures of the report, each as a data address with a text that says what it shows."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np

from crmkit import plotting
from crmkit._optional import require
from crmkit.report._churn import tiers_of
from crmkit.report._colours import address, in_both_colours
from crmkit.report._content import ReportContent
from crmkit.report._document import Picture
from crmkit.report._findings import segment_shares
from crmkit.report._numbers import amount, percent, span

OWNER = "crmkit.report"
SHOWN = 40  # customers whose range is drawn


def draw(
    plot: Callable[..., Any],
    *results: Any,
    alt: str,
    caption: str = "",
    wide: bool = True,
    height: float = 4.0,
    **options: Any,
) -> Picture:
    """Call a plot function on a figure of its own, and keep the picture as SVG for both colours."""
    figure_module: Any = require("matplotlib.figure", extra="report", purpose=OWNER)
    matplotlib: Any = require("matplotlib", extra="report", purpose=OWNER)
    figure = figure_module.Figure(figsize=(6.0, height), layout="constrained")
    ax = plot(*results, ax=figure.add_subplot(), **options)
    ax.set_title("", loc="left")  # the heading of the page says it
    made = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "crmkit", "svg.fonttype": "path"}):
        empty = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(made, format="svg", metadata=empty)
    return Picture(address(in_both_colours(made.getvalue().decode("utf-8"))), alt, caption, wide)


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
    caption = (
        "Where the orange bar is longer than the blue one, a segment brought more than its size."
    )
    return draw(plotting.plot_segments, content.segments, alt=alt, caption=caption, height=height)


def map_picture(content: ReportContent) -> Picture:
    """Draw customers by recency and number of orders."""
    median = np.median(content.numbers["days_since_last"])
    alt = (
        "Map of customers: days since the last purchase to the right, number of orders upwards, "
        f"the number of customers in each field. Half of the customers bought in the last "
        f"{median:,.0f} days; {percent(float(np.mean(content.numbers['n_orders'] == 1)))} ordered "
        "once."
    )
    caption = (
        "Number of customers in each field. Upper left: frequent buyers who came lately. Upper "
        "right: once frequent, now quiet."
    )
    return draw(plotting.plot_recency_frequency, content.customers, alt=alt, caption=caption)


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
    caption = "Number of customers by expected value, with median and mean."
    options: dict[str, Any] = {"alt": alt, "caption": caption, "wide": False}
    return draw(plotting.plot_value_distribution, values, **options, name=name)


def range_picture(content: ReportContent) -> Picture | None:
    """Draw the ranges of single customers; None where they are not told or there is no value."""
    ends, values = content.ends, content.numbers["clv"]
    if ends is None or not content.value.any():
        return None
    best = np.argsort(-values, kind="stable")[:SHOWN]
    alt = (
        f"Bars: the {percent(content.level or 0.0)} range of the value of each of the "
        f"{len(best)} best customers, with a dot for the expected value. The best one: "
        f"{amount(values[best[0]])}, from {amount(ends[best[0], 0])} to {amount(ends[best[0], 1])}."
    )
    caption = (
        f"The {len(best)} best customers, the least expected first: a bar is where the value of "
        "one will lie, a dot what is expected."
    )
    options: dict[str, Any] = {"alt": alt, "caption": caption, "height": 3.6, "name": "value"}
    return draw(plotting.plot_intervals, values[best], ends[best], **options)


def concentration_picture(content: ReportContent) -> Picture | None:
    """Draw the concentration of the expected value; None when there is none."""
    if not content.value.any():
        return None
    alt = (
        "Curve of concentration: the best 10 % of customers hold "
        f"{percent(content.top_tenth_of_value)} of the expected value."
    )
    caption = (
        "The further the curve bends from the dotted line, the fewer customers hold the value."
    )
    return draw(plotting.plot_concentration, content.value, alt=alt, caption=caption, wide=False)


def holdout_picture(content: ReportContent) -> Picture:
    """Draw expected and actual purchases by earlier frequency."""
    report = content.holdout
    named = ", ".join(str(name) for name in report.predictions)
    alt = (
        "Bars: mean purchases that came in the holdout period, by number of repeat purchases "
        f"before. Lines: what was expected by {named}. The scores are in the table below."
    )
    caption = (
        "Bars are what came, lines what was expected. Below each bar: repeat purchases before the "
        "cut-off, and how many customers."
    )
    return draw(plotting.plot_holdout, report, alt=alt, caption=caption)


def tier_picture(content: ReportContent) -> Picture:
    """Draw the tiers of risk of the active customers."""
    tiers = tiers_of(content)
    told = ", ".join(
        f"{row['tier']}: {row['n_customers']:,} customers ({percent(row['share'])})"
        for row in tiers.to_dict("records")
    )
    alt = f"Bar chart: mean churn risk of each tier of active customers. {told}."
    caption = "Mean risk of each tier; beside its name how many customers are in it."
    return draw(plotting.plot_risk_tiers, tiers, alt=alt, caption=caption, height=3.2)


def risk_check_picture(check: Any) -> Picture:
    """Draw foretold and observed churn of the test, beside the best baseline."""
    names = [check.models[0], check.best_baseline("log_loss")]
    shown = {name: check.probabilities[name] for name in names}
    alt = (
        f"Curve: churn risk foretold by {' and by '.join(names)}, to the right, and the share that "
        "then left, upwards; on the dotted line a risk is right. The scores are in the table below."
    )
    caption = (
        "On the dotted line a risk of 60 % means that 60 % left. Bars show how many customers have "
        "which risk."
    )
    options: dict[str, Any] = {"alt": alt, "caption": caption, "height": 4.6}
    return draw(plotting.plot_calibration, check.y, shown, **options)
