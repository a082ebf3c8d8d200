"""What stands out: key figures and sentences, each computed and each true of the data at hand."""

from typing import Any

import numpy as np
import pandas as pd

from crmkit import _frames
from crmkit.report._churn import finding as churn_finding
from crmkit.report._content import ReportContent
from crmkit.report._movement import finding as movement_finding
from crmkit.report._numbers import amount, day, decimals, percent, plural, span, whole
from crmkit.report._scores import FORECAST

RECENT_DAYS, NOTABLE = 90, 0.05


def key_figures(content: ReportContent) -> list[tuple[str, str, str]]:
    """Name, number and explanation of each key figure."""
    x = content.numbers
    recent = float(np.mean(x["days_since_last"] < RECENT_DAYS))
    return [
        ("Customers", whole(content.n_customers), "with at least one purchase"),
        ("Orders", whole(x["n_orders"].sum()), f"{x['n_orders'].mean():.1f} per customer"),
        (
            "Revenue so far",
            amount(x["total_amount"].sum()),
            f"{amount(x['total_amount'].mean())} per customer",
        ),
        ("Recently active", percent(recent), f"bought in the last {RECENT_DAYS} days"),
        *(expected_figures(content) if content.valued else []),
        (
            "Share of the top 10 %",
            percent(content.top_tenth_of_revenue),
            "of revenue so far came from the best tenth of customers",
        ),
    ]


def expected_figures(content: ReportContent) -> list[tuple[str, str, str]]:
    """The key figures of what is expected."""
    x = content.numbers
    future = span(content.horizon, content.unit)
    buyers = 1.0 - x["probability_no_purchase"]
    return [
        (
            "Expected buyers",
            whole(buyers.sum()),
            f"{percent(float(buyers.mean()))} of customers, in the next {future}",
        ),
        (
            "Expected purchases",
            whole(x["expected_purchases"].sum()),
            f"in the next {future}; orders of {period_of(content)} count once",
        ),
        (
            "Expected value",
            amount(x["clv"].sum()),
            f"in the next {future}, {amount(x['clv'].mean())} per customer",
        ),
    ]


def period_of(content: ReportContent) -> str:
    """Within what purchases of a customer count as one, in words."""
    return "an hour" if content.unit == "h" else "a day"


def findings(content: ReportContent) -> list[str]:
    """Sentences a manager should read first."""
    made = [
        " ".join(unvalued_text(content)),
        concentration_finding(content),
        segment_finding(content),
        quiet_finding(content),
        once_finding(content),
        returns_finding(content, NOTABLE),
        movement_finding(content.movement),
        churn_finding(content),
    ]
    return [sentence for sentence in made if sentence]


def unvalued_text(content: ReportContent) -> list[str]:
    """Say why nothing is told of what customers will buy and are worth; nothing where it is."""
    if content.valued:
        return []
    said = "What customers will buy and what they are worth could not be learnt from this log."
    return [f"{said} {content.value_note}"]


def concentration_finding(content: ReportContent) -> str:
    """Say how much the best tenth brought and is expected to bring, where that was learnt."""
    past = content.top_tenth_of_revenue
    if np.isnan(past):
        return ""
    if not content.valued:
        return f"The best tenth of customers brought {percent(past)} of revenue so far."
    coming = content.top_tenth_of_value
    if np.isnan(coming):
        return ""
    return (
        f"The best tenth of customers brought {percent(past)} of revenue so far; the best tenth "
        f"by expected value holds {percent(coming)} of the value of the next "
        f"{span(content.horizon, content.unit)}."
    )


def segment_finding(content: ReportContent) -> str:
    """Name the segment that brings most for its size."""
    names, shares = segment_shares(content.segments)
    if len(names) < 2 or not shares[:, 1].sum() > 0:
        return ""
    times = np.divide(shares[:, 1], shares[:, 0], where=shares[:, 0] > 0, out=np.zeros(len(names)))
    best = int(np.argmax(times))
    return (
        f"“{names[best]}” are {percent(shares[best, 0])} of customers and brought "
        f"{percent(shares[best, 1])} of revenue, {times[best]:.1f} times their share."
    )


def quiet_finding(content: ReportContent) -> str:
    """Count the good customers who will probably buy nothing, where they are more than a few."""
    if not content.valued:
        return ""
    revenue, silence = content.revenue, content.numbers["probability_no_purchase"]
    good = np.zeros(len(revenue), dtype=bool)
    good[np.argsort(-revenue, kind="stable")[: -(-len(revenue) // 10)]] = True
    lost = good & (silence > 0.5)
    if lost.sum() < NOTABLE * good.sum() or not revenue.any():
        return ""
    return (
        f"{int(lost.sum()):,} of the {plural(int(good.sum()), 'customer')} with the highest "
        "revenue so far (the top tenth) will more likely than not buy nothing in the next "
        f"{span(content.horizon, content.unit)}; {percent(revenue[lost].sum() / revenue.sum())} "
        "of all revenue came from them."
    )


def once_finding(content: ReportContent) -> str:
    """Count those who bought only once, where they are more than a few."""
    once = content.numbers["n_orders"] == 1
    if once.mean() < NOTABLE:
        return ""
    share = content.revenue[once].sum() / max(content.revenue.sum(), np.finfo(float).tiny)
    return (
        f"{percent(float(once.mean()))} of customers have ordered only once; they brought "
        f"{percent(float(share))} of revenue."
    )


def returns_finding(content: ReportContent, least: float = 0.0) -> str:
    """Say what was sent back and is not subtracted, where it is more than `least` of purchases."""
    events = content.events
    if events is None or events.returns != "exclude" or not events.total_amount > 0:
        return ""
    share = abs(events.returns_amount) / events.total_amount
    if share <= least:
        return ""
    return (
        f"Returns of {amount(abs(events.returns_amount))}, {percent(share)} of all purchases, are "
        "left out and not subtracted: revenue and value count what was sent back too "
        "(--returns net subtracts it)."
    )


def segment_shares(segments: Any) -> tuple[list[str], Any]:
    """Names of the segments, and their shares of customers and revenue as two columns."""
    owner = "ReportContent"
    names = [str(name) for name in _frames.column_values(segments, "segment", owner)]
    columns = ["share_of_customers", "share_of_revenue"]
    shares = np.asarray(_frames.float_columns(segments, columns, owner))
    return names, np.nan_to_num(shares)  # a share of no revenue at all is shown as none


def measured_on(holdout: Any) -> str:
    """Say on whom and when the forecasts were checked."""
    return (
        f"Measured on the {plural(int(holdout.n_customers), 'customer')} who had bought before "
        f"{day(holdout.as_of)}. The models saw purchases before that day only; then their "
        f"forecasts were compared with the purchases from {day(holdout.as_of)} until "
        f"{day(holdout.until)} ({span(float(holdout.horizon), holdout.unit)})."
    )


def event_notes(content: ReportContent) -> list[str]:
    """Say how many rows the log has, what was not found, and which customers are not valued."""
    events = content.events
    frame = events.to_frame()
    nobody = ", rows without a customer included" if events.n_null_customers else ""
    absent = [str(finding) for finding in frame.loc[frame["rows"] == 0, "finding"]]
    notes = [
        f"The log holds {plural(events.n_rows, 'row')} of {plural(events.n_customers, 'customer')} "
        f"from {day(events.first_event)} to {day(events.last_event)}, with purchases of "
        f"{amount(events.total_amount)} in total{nobody}."
    ]
    if content.as_of <= events.last_event:
        notes.append(f"Rows from {day(content.as_of)} on were not used for the valuation.")
    if returned := returns_finding(content):
        notes.append(returned)
    if absent:
        notes.append(f"Looked for and not found: {', '.join(called(one) for one in absent)}.")
    if events.n_customers_without_purchase:
        notes.append(
            f"{plural(events.n_customers_without_purchase, 'customer')} without a purchase "
            "(returns or very small amounts only) left out."
        )
    return notes


def called(finding: str) -> str:
    """What is looked for in a log, as a reader calls it."""
    return {
        "no customer id": "rows without a customer",
        "below min_amount": "amounts below a smallest one",
    }.get(finding, finding)


def holdout_verdict(holdout: Any) -> list[str]:
    """Say what the check shows of the model, with what speaks against it."""
    scores = holdout.scores()
    model, baselines = str(scores.index[0]), scores.drop(index=list(holdout.models))
    bias, deviance = scores["total_bias"].iloc[0], scores["poisson_deviance"].iloc[0]
    said = []
    if np.isfinite(bias):
        side = "too low" if bias < 0 else "too high"
        said.append(
            f"The model ({model}) expected {whole(np.sum(holdout.predictions[model]))} purchases; "
            f"{whole(np.sum(holdout.actual))} came: in total its forecast was "
            f"{percent(abs(float(bias)))} {side}."
        )
    if len(baselines):
        rival = baselines["poisson_deviance"].idxmin()
        least = baselines["poisson_deviance"].min()
        better = "better than" if deviance < least else "no better than"
        if str(decimals(deviance)) == str(decimals(least)):
            better = "as good as"
        said.append(
            f"By the Poisson deviance, the fairest score for expected counts, it is {better} the "
            f"best simple baseline (“{rival}”): {decimals(deviance)} against {decimals(least)}."
        )
        said.extend(beaten_on(scores.loc[[model, *baselines.index]], mostly_nothing(holdout)))
    return said


def beaten_on(scores: pd.DataFrame, quiet: bool) -> list[str]:
    """Name the scores on which a baseline is visibly ahead; `quiet`: most bought nothing."""
    ahead = [
        f"{score.title} (“{scores.index[min(best)]}”)"
        for score in FORECAST
        if 0 not in (best := score.best(scores[score.column])) and best
    ]
    if not ahead:
        return ["No baseline is ahead of it on any score below."]
    said = [f"A simple baseline is ahead of it on: {', '.join(ahead)}."]
    if quiet and ahead[0].startswith(FORECAST[0].title):
        said.append(
            "Where most customers buy nothing, the mean absolute error rewards forecasts that are "
            "too low: it should not decide alone."
        )
    return said


def mostly_nothing(holdout: Any) -> bool:
    """Whether most customers bought nothing in the period of the check."""
    return bool(np.mean(holdout.actual == 0) > 0.5)


def errors_note(holdout: Any) -> str:
    """Say what the scores are in, and how far one check goes."""
    favour = (
        "Most customers bought nothing in this period, so the mean absolute error favours "
        "forecasts that are too low; the Poisson deviance does not. "
    )
    return (
        f"Errors are in purchases per customer. {favour if mostly_nothing(holdout) else ''}One "
        "check of one period: small differences are no proof."
    )
