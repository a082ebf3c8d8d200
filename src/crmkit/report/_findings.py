"""What stands out: key figures and sentences, each computed and each true of the data at hand."""

from typing import Any

import numpy as np

from crmkit import _frames
from crmkit.report._churn import finding as churn_finding
from crmkit.report._content import ReportContent
from crmkit.report._movement import finding as movement_finding
from crmkit.report._numbers import amount, day, decimals, percent, plural, span, whole

RECENT_DAYS, NOTABLE = 90, 0.05
LOWER, HIGHER, NEAR_ZERO = "lower is better", "higher is better", "nearest to 0 is best"
SCORES = {
    "mean_absolute_error": ("mean absolute error", LOWER),
    "root_mean_squared_error": ("root mean squared error", LOWER),
    "poisson_deviance": ("Poisson deviance", LOWER),
    "total_bias": ("total bias", NEAR_ZERO),
    "spearman": ("rank correlation", HIGHER),
    "top_decile_share": ("brought by the best tenth", HIGHER),
}


def key_figures(content: ReportContent) -> list[tuple[str, str, str]]:
    """Name, number and explanation of each key figure."""
    x = content.numbers
    future = span(content.horizon, content.unit)
    buyers = 1.0 - x["probability_no_purchase"]
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
        (
            "Expected buyers",
            whole(buyers.sum()),
            f"{percent(float(buyers.mean()))} of customers, in the next {future}",
        ),
        ("Expected purchases", whole(x["expected_purchases"].sum()), f"in the next {future}"),
        (
            "Expected value",
            amount(x["clv"].sum()),
            f"in the next {future}, {amount(x['clv'].mean())} per customer",
        ),
        (
            "Share of the top 10 %",
            percent(content.top_tenth_of_revenue),
            "of revenue so far came from the best tenth of customers",
        ),
    ]


def findings(content: ReportContent) -> list[str]:
    """Sentences a manager should read first."""
    made = [
        concentration_finding(content),
        segment_finding(content),
        quiet_finding(content),
        once_finding(content),
        movement_finding(content.movement),
        churn_finding(content),
    ]
    return [sentence for sentence in made if sentence]


def concentration_finding(content: ReportContent) -> str:
    """Say how much the best tenth brought and is expected to bring."""
    past, coming = content.top_tenth_of_revenue, content.top_tenth_of_value
    if np.isnan(past) or np.isnan(coming):
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
    if absent:
        notes.append(f"Looked for and not found: {', '.join(absent)}.")
    if events.n_customers_without_purchase:
        notes.append(
            f"{plural(events.n_customers_without_purchase, 'customer')} without a purchase "
            "(returns or very small amounts only) left out."
        )
    return notes


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
        said.append(
            f"By the Poisson deviance, the fairest score for expected counts, it is {better} the "
            f"best simple baseline (“{rival}”): {decimals(deviance)} against {decimals(least)}."
        )
        said.extend(beaten_on(scores.loc[[model, *baselines.index]]))
    return said


def beaten_on(scores: Any) -> list[str]:
    """Name the scores on which a baseline is ahead of the model."""
    ahead = [
        f"{SCORES[name][0]} (“{scores.index[next(iter(best))]}”)"
        for name in SCORES
        if 0 not in (best := best_rows(scores[name].to_numpy(), SCORES[name][1])) and best
    ]
    if not ahead:
        return ["No baseline is ahead of it on any score below."]
    said = [f"A simple baseline is ahead of it on: {', '.join(ahead)}."]
    if ahead[0].startswith(SCORES["mean_absolute_error"][0]):
        said.append(
            "Where most customers buy nothing, the mean absolute error rewards forecasts that are "
            "too low: it should not decide alone."
        )
    return said


def best_rows(values: Any, direction: str) -> set[int]:
    """Rows of the best value of a score; ties share, NaN never wins."""
    loss = {LOWER: values, HIGHER: -values, NEAR_ZERO: np.abs(values)}[direction]
    if not np.isfinite(loss).any():
        return set()
    return set(np.flatnonzero(np.isclose(loss, np.nanmin(loss), rtol=1e-9, atol=0.0)).tolist())
