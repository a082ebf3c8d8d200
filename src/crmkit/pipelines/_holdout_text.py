"""A holdout report as text: on whom and when, the tables, the baselines, words of caution."""

import textwrap
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crmkit.metrics._value import FLOOR

if TYPE_CHECKING:
    from crmkit.pipelines._holdout_report import HoldoutReport

UNITS = {"h": "hours", "D": "days", "W": "weeks"}
HEADINGS = {
    "mean_absolute_error": "MAE",
    "root_mean_squared_error": "RMSE",
    "poisson_deviance": "deviance",
    "total_bias": "bias",
    "spearman": "Spearman",
    "normalized_gini": "Gini",
    "top_decile_share": "top 10 %",
}
PERCENT = {"total_bias": "{:+.0%}", "top_decile_share": "{:.0%}"}
RULES = {
    "own rate": "the rate of each customer so far",
    "mean rate": "the rate of all customers together, the same for each",
    "NBDModel": "everybody keeps an own rate, nobody leaves",
}
INTERVALS = ("coverage", "share_below", "share_above", "mean_width", "interval_score")


def told(report: "HoldoutReport") -> str:
    """The whole report as text."""
    scores, coverage = report.scores(), report.coverage()
    parts = [heading(report), score_text(report, "purchases", scores)]
    if report.intervals:
        parts.append(interval_text(report, coverage))
    if report.actual_spend is not None:
        parts.append(score_text(report, "spend", report.scores("spend")))
    parts.append(baseline_text(report))
    found = cautions(report, scores, coverage)
    parts.extend(wrapped(f"Caution: {caution}") for caution in found)
    return "\n\n".join(parts)


def wrapped(text: str, indent: str = "") -> str:
    """Text in lines that fit a terminal."""
    return textwrap.fill(text, 92, subsequent_indent=indent)


def heading(report: "HoldoutReport") -> str:
    """On whom and when."""
    length = f"{report.horizon:.4g} {UNITS[report.unit]}"
    came = f"{report.actual.sum():,} purchase periods came"
    if report.actual_spend is not None:
        came += f", of {report.actual_spend.sum():,.2f} in all"
    return wrapped(
        f"{report.n_customers:,} customers who had bought before {report.as_of:%Y-%m-%d}; the "
        f"models saw nothing later. Holdout: {report.as_of:%Y-%m-%d} until "
        f"{report.until:%Y-%m-%d} ({length}). {came}; {np.mean(report.actual == 0):.0%} of the "
        "customers bought nothing."
    )


def score_text(report: "HoldoutReport", of: str, scores: pd.DataFrame) -> str:
    """The table of scores, baselines marked."""
    names = models_of(report, of)
    table = pd.DataFrame(index=[n if n in names else f"({n})" for n in scores.index])
    currency = "{:,.2f}".format if of == "spend" else "{:,.3f}".format
    for column, title in HEADINGS.items():
        form = PERCENT.get(column, "{:.3f}").format
        if column in ("mean_absolute_error", "root_mean_squared_error", "poisson_deviance"):
            form = currency
        digits = 2 if column in PERCENT else 3
        table[title] = [
            form(round(v, digits) + 0.0) if np.isfinite(v) else "" for v in scores[column]
        ]
    what = "Purchases per customer" if of == "purchases" else "Spend per customer"
    return f"{what} (baselines in brackets)\n{table.to_string()}"


def interval_text(report: "HoldoutReport", coverage: pd.DataFrame) -> str:
    """The table of prediction intervals."""
    found = coverage[list(INTERVALS)]
    table = pd.DataFrame(
        {
            "inside": found["coverage"].map("{:.0%}".format),
            "below": found["share_below"].map("{:.0%}".format),
            "above": found["share_above"].map("{:.0%}".format),
            "mean width": found["mean_width"].map("{:.2f}".format),
            "score": found["interval_score"].map("{:.2f}".format),
        }
    )
    table.index = [n if n in report.models else f"({n})" for n in table.index]
    return f"Intervals that should hold {report.level:.0%} of the customers\n{table.to_string()}"


def baseline_text(report: "HoldoutReport") -> str:
    """What the baselines are."""
    lines = {name: text for name, text in RULES.items() if name in baselines_of(report)}
    if report.hiatus_threshold is not None and report.hiatus_tuned_from is not None:
        lines["hiatus rule"] = (
            f"the own rate of those who last bought at most {report.hiatus_threshold:.3g} "
            f"{UNITS[report.unit]} ago, else none (tuned on {report.hiatus_tuned_from:%Y-%m-%d} "
            f"until {report.as_of:%Y-%m-%d})"
        )
    return "\n".join(["Baselines", *(wrapped(f"  {n}: {t}", "    ") for n, t in lines.items())])


def cautions(report: "HoldoutReport", scores: pd.DataFrame, coverage: pd.DataFrame) -> list[str]:
    """What a reader of the tables might take wrongly."""
    absolute, deviance = (
        str(scores[name].idxmin()) for name in ("mean_absolute_error", "poisson_deviance")
    )
    found = []
    if absolute != deviance:
        bias = scores["total_bias"].round(2) + 0.0
        found.append(
            f"{absolute} is best by mean absolute error (bias {bias[absolute]:+.0%}), {deviance} "
            f"by Poisson deviance (bias {bias[deviance]:+.0%}). Where most customers buy "
            "nothing, the mean absolute error rewards forecasts that are too low: judge by "
            "deviance, RMSE and bias."
        )
    if deviance in baselines_of(report):
        found.append(f"by Poisson deviance no model is better than the baseline {deviance}.")
    found.extend(refuted_zeros(report))
    found.extend(loose_intervals(report, coverage))
    return found


def refuted_zeros(report: "HoldoutReport") -> list[str]:
    """Forecasts of nothing for customers who bought: their deviance is what the floor makes it."""
    missed = {
        name: int(np.sum((expected < FLOOR) & (report.actual > 0)))
        for name, expected in report.predictions.items()
    }
    listed = [f"{name}: {count:,}" for name, count in missed.items() if count]
    if not listed:
        return []
    return [
        f"nothing was expected of customers who then bought ({', '.join(listed)}). No deviance is "
        f"large enough for that; here a forecast of nothing counts as {FLOOR:g} purchases, and "
        "with another such floor the deviance of these rows would be another. Judge them by RMSE, "
        "bias and order."
    ]


def loose_intervals(report: "HoldoutReport", coverage: pd.DataFrame) -> list[str]:
    """Models whose intervals hold clearly less than they promise."""
    if not report.intervals or report.level is None:
        return []
    error = np.sqrt(report.level * (1.0 - report.level) / report.n_customers)
    loose = [
        f"{share:.0%} ({name})"
        for name, share in coverage["coverage"].items()
        if share < report.level - 2.0 * error and name in report.models
    ]
    if not loose:
        return []
    return [
        f"intervals that should hold {report.level:.0%} of the customers hold "
        + ", ".join(loose)
        + "."
    ]


def baselines_of(report: "HoldoutReport") -> list[str]:
    """Names of the predictions of purchases that nobody asked for."""
    return [name for name in report.predictions if name not in report.models]


def models_of(report: "HoldoutReport", of: str) -> list[str]:
    """Names of the predictions that were asked for."""
    if of == "purchases":
        return list(report.models)
    pairs = [f"{name} x {kind}" for name in report.models for kind in report.spend_models]
    return [*report.models, *pairs]
