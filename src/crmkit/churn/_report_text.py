"""A churn report as text: on whom and when, the tables, paired verdicts, words of caution."""

import textwrap
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crmkit.churn._report_models import BASE_RATE

if TYPE_CHECKING:
    from crmkit.churn._churn_report import ChurnReport

HEADINGS = {
    "roc_auc": "AUC",
    "average_precision": "PR AUC",
    "log_loss": "log loss",
    "brier_score": "Brier",
    "calibration_error": "ECE",
    "top_decile_lift": "lift 10 %",
}
RULES = {
    "RFMLogistic": "logistic regression on recency, frequency, money and age",
    "RecencyRule": "the longer ago the last purchase, the more probable",
    BASE_RATE: "the share that churned in the training rows, the same for all",
}
FEW, TOO_GOOD, DRIFT = 50, 0.97, 0.05
_BOTH = ("log_loss", "roc_auc")


def told(report: "ChurnReport") -> str:
    """The whole report as text."""
    parts = [heading(report), mean_text(report)]
    if len(report.splits) > 1:
        parts += [by_cutoff_text(report, metric) for metric in _BOTH]
    parts += [paired_text(report), baseline_text(report)]
    parts += [wrapped(f"Caution: {caution}") for caution in cautions(report)]
    return "\n\n".join(parts)


def wrapped(text: str, indent: str = "") -> str:
    """Text in lines that fit a terminal."""
    return textwrap.fill(text, 92, subsequent_indent=indent)


def heading(report: "ChurnReport") -> str:
    """On whom and when."""
    aside = f"; {report.n_left_aside:,} rows without a label left aside"
    rates = [report.y[report.cutoff == cutoff].mean() for cutoff in report.draws.cutoffs]
    lines = [
        wrapped(
            f"ChurnReport, tested forward in time: {', '.join(report.models)} beside "
            f"{len(report.baselines)} baseline{'' if len(report.baselines) == 1 else 's'}"
        ),
        f"  population: {report.tested.population}",
        f"  label:      {report.tested.label}{aside if report.n_left_aside else ''}",
        f"  splitter:   {report.splitter}",
    ]
    for row, rate in zip(report.splits.itertuples(index=False), rates, strict=True):
        first, last = day(row.first_train_cutoff), day(row.last_train_cutoff)
        span = first if first == last else f"{first} to {last}"
        many = f"{row.train_cutoffs} cut-off{'' if row.train_cutoffs == 1 else 's'}"
        text = (
            f"  {day(row.test_cutoff)}: {row.test_rows:,} customers, {rate:.1%} churned; learnt "
            f"from {row.train_rows:,} rows of {many} ({span}), all labels known by then"
        )
        lines.append(wrapped(text, "    "))
    return "\n".join(lines)


def day(instant: object) -> str:
    """A cut-off as text: its date, with the time where it is not midnight."""
    stamp = pd.Timestamp(instant)  # type: ignore[arg-type]
    return str(stamp.date()) if stamp == stamp.normalize() else str(stamp)


def labels(report: "ChurnReport", names: pd.Index) -> list[str]:
    """Names with the baselines in brackets."""
    return [f"({name})" if name in report.baselines else str(name) for name in names]


def mean_text(report: "ChurnReport") -> str:
    """The table of mean scores."""
    mean = report.table().groupby(level="prediction", sort=False).mean()[list(HEADINGS)]
    n = len(report.splits)
    over = "Scores at the test cut-off" if n == 1 else f"Mean of {n} test cut-offs"
    return f"{over} (baselines in brackets)\n{as_text(report, mean.rename(columns=HEADINGS))}"


def by_cutoff_text(report: "ChurnReport", metric: str) -> str:
    """One score at each cut-off."""
    found = report.table()[metric]
    wide = pd.DataFrame(
        {day(cutoff): found[cutoff] for cutoff in found.index.unique(level="cutoff")}
    )
    return f"At each test cut-off: {HEADINGS[metric]}\n{as_text(report, wide)}"


def as_text(report: "ChurnReport", table: pd.DataFrame) -> str:
    """A table of scores with three digits."""
    shown = table.map("{:.3f}".format)
    shown.index = pd.Index(labels(report, table.index))
    return shown.to_string()


def paired_text(report: "ChurnReport") -> str:
    """Differences to the baselines, and what they say."""
    mean = "" if len(report.splits) == 1 else "mean of the cut-offs, "
    head = wrapped(
        f"Paired differences to the baselines: {mean}{report.level:.0%} intervals, customers drawn "
        f"{report.n_resamples:,} times with all their rows. They tell the luck of who the "
        f"customers are, not that of the season.{overlap_text(report)}"
    )
    parts = [head]
    for metric, sign in (("log_loss", -1.0), ("roc_auc", 1.0)):
        parts.append(f"{HEADINGS[metric]} ({'below' if sign < 0 else 'above'} 0 is better)")
        parts += [f"  {line}" for line in aligned(paired_rows(report, metric, sign))]
    return "\n".join(parts)


def overlap_text(report: "ChurnReport") -> str:
    """A sentence where the labels of neighbouring test cut-offs tell of the same days."""
    cutoffs, tested = report.draws.cutoffs, report.tested
    ends = [tested.label_end[report.cutoff == cutoff].max() for cutoff in cutoffs]
    if not any(end > then for end, then in zip(ends, cutoffs[1:], strict=False)):
        return ""
    return (
        " The label windows of the test cut-offs overlap: to be ahead at all of them is less than "
        "as many proofs."
    )


def paired_rows(report: "ChurnReport", metric: str, sign: float) -> list[list[str]]:
    """Cells of the differences in one score: whose, how large, what follows, how steadily."""
    table, each = report.differences(metric), report.differences(metric, by_cutoff=True)
    found = each["estimate"].to_numpy().reshape(len(table), len(report.splits))
    rows = []
    told_by = zip(table.index, table.itertuples(index=False), found, strict=True)
    for (name, base, _), row, there in told_by:
        cells = [f"{name} - {base}", f"{row.estimate:+.4f}", f"{row.lower:+.4f}"]
        cells += [f"to {row.upper:+.4f}", str(row.verdict)]
        if len(there) > 1:
            cells.append(f"ahead at {(sign * there > 0).sum()} of {len(there)}")
        rows.append(cells)
    return rows


def aligned(rows: list[list[str]]) -> list[str]:
    """Rows of cells as lines, the columns under one another."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def baseline_text(report: "ChurnReport") -> str:
    """What the baselines are, and which were left away."""
    lines = [f"  {name}: {RULES[name]}" for name in report.baselines if name in RULES]
    lines += [wrapped(f"  {note}", "    ") for note in report.notes]
    return "\n".join(["Baselines", *lines]) if lines else "Baselines: of the caller's choice"


def cautions(report: "ChurnReport") -> list[str]:
    """What a reader of the tables might take wrongly."""
    return [
        *unproved(report),
        *too_good(report),
        *few_events(report),
        *drifted(report),
        *one_season(report),
    ]


def unproved(report: "ChurnReport") -> list[str]:
    """Models that are not clearly better than the best baseline."""
    against = report.differences("log_loss", to="best")
    found = []
    for name, base, _ in against.index[against["verdict"] == "worse"]:
        found.append(f"{name} is worse than the baseline {base} by log loss: do not use it.")
    level = against.index[against["verdict"] == "no clear difference"]
    for name, base, _ in level:
        found.append(
            f"{name} is not clearly better than the baseline {base} by log loss: as long as it is "
            "not, the simpler one is the better choice."
        )
    return found


def too_good(report: "ChurnReport") -> list[str]:
    """Models that know more than one can know."""
    auc = report.table()["roc_auc"].groupby(level="prediction").max()
    names = [f"{name} ({auc[name]:.3f})" for name in report.models if auc[name] > TOO_GOOD]
    if not names:
        return []
    return [
        f"an AUC above {TOO_GOOD} is too good to be true as a rule: {', '.join(names)}. Does a "
        "feature know the future? Run leakage_check(snapshots)."
    ]


def few_events(report: "ChurnReport") -> list[str]:
    """Test cut-offs at which one of the two outcomes is rare."""
    rare = []
    for cutoff in report.draws.cutoffs:
        y = report.y[report.cutoff == cutoff]
        churned, stayed = int(y.sum()), int(len(y) - y.sum())
        if min(churned, stayed) < FEW:
            told_by = f"{churned:,} churned" if churned <= stayed else f"{stayed:,} stayed"
            rare.append(f"{told_by} at {day(cutoff)}")
    if not rare:
        return []
    return [
        f"only {', '.join(rare)}. With fewer than {FEW} the scores are rough and their intervals "
        "themselves not sure: more customers or another horizon would help."
    ]


def drifted(report: "ChurnReport") -> list[str]:
    """Models whose level is off at a cut-off."""
    off = []
    for name in report.models:
        for cutoff in report.draws.cutoffs:
            rows = report.cutoff == cutoff
            said, came = report.probabilities[name][rows].mean(), report.y[rows].mean()
            if abs(said - came) > DRIFT:
                off.append(f"{name} at {day(cutoff)} foretold {said:.1%}, {came:.1%} came")
    if not off:
        return []
    return [
        f"the level is off: {'; '.join(off)}. The churn rate has moved since the training "
        "cut-offs, or the model is not calibrated; profits per customer need the level."
    ]


def one_season(report: "ChurnReport") -> list[str]:
    """One test cut-off is one season."""
    if len(report.splits) > 1:
        return []
    span = np.unique(report.tested.cutoff)[0]
    return [
        f"there is one test cut-off, {day(span)}, so one season: another may differ by more than "
        "the intervals. Add cut-offs."
    ]
