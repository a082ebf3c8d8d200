"""The tables of the report, as headings and cells of text."""

from functools import partial
from typing import Any

import numpy as np

from crmkit import _frames
from crmkit.report._churn import at_risk, scores_of, those_at_risk, tiers_of
from crmkit.report._churn_reasons import in_lines
from crmkit.report._content import ReportContent
from crmkit.report._document import Table
from crmkit.report._numbers import (
    NONE,
    Told,
    amount,
    between,
    days,
    decimals,
    percent,
    plural,
    whole,
)
from crmkit.report._offers import RULES, checked_table
from crmkit.report._offers_content import Offer, OffersContent
from crmkit.report._scores import FORECAST, OFFERS, RISK, score_table

SEGMENT_COLUMNS = (
    ("n_customers", "customers", whole),
    ("share_of_customers", "share of customers", percent),
    ("revenue", "revenue", amount),
    ("share_of_revenue", "share of revenue", percent),
    ("median_days_since_last", "days since last purchase (median)", days),
    ("median_n_orders", "orders (median)", whole),
    ("median_total_amount", "revenue per customer (median)", amount),
)
purchases = partial(decimals, unit="purchases")
SEEN_COLUMNS = (
    ("n_orders", "orders", whole),
    ("days_since_last", "days since last purchase", days),
    ("total_amount", "revenue so far", amount),
)
EXPECTED_COLUMNS = (
    ("expected_purchases", "expected purchases", purchases),
    ("probability_no_purchase", "chance of no purchase", percent),
    ("clv", "expected value", amount),
)


def segment_table(content: ReportContent) -> Table:
    """List the segments; columns that the summary does not have are left out."""
    segments = content.segments
    names = _frames.column_names(segments, "ReportContent")
    shown = [entry for entry in SEGMENT_COLUMNS if entry[0] in names]
    numbers = np.asarray(_frames.float_columns(segments, [c for c, _, _ in shown], "report"))
    titles = _frames.column_values(segments, "segment", "report")
    rows = [
        [
            str(title),
            *(write(v) for (_, _, write), v in zip(shown, line, strict=True)),
            *expected_cells(content, content.segment == title),
        ]
        for title, line in zip(titles, numbers, strict=True)
    ]
    headings = ["segment", *(heading for _, heading, _ in shown)]
    headings += ["expected value"] if content.valued else []
    return Table("Segments, best first", headings, rows)


def expected_cells(content: ReportContent, own: Any) -> list[str]:
    """The expected value of some customers in a cell; none where no value was learnt."""
    return [amount(content.numbers["clv"][own].sum())] if content.valued else []


def customer_table(content: ReportContent, n: int) -> Table:
    """List the `n` customers of the highest expected value, or revenue where no value is known."""
    columns = (*SEEN_COLUMNS, *(EXPECTED_COLUMNS if content.valued else ()))
    ends = content.ends
    rows = [
        [
            str(content.ids[i]),
            str(content.segment[i]),
            *(write(content.numbers[column][i]) for column, _, write in columns),
            *([] if ends is None else [between(*map(amount, ends[i].tolist()))]),
        ]
        for i in content.best(n)
    ]
    headings = ["customer", "segment", *(h for _, h, _ in columns)]
    headings += [] if ends is None else [f"{percent(content.level or 0.0)} range"]
    caption = f"The {len(rows):,} customers with the highest {content.worth_most}"
    return Table(caption, headings, rows, text_columns=frozenset({0, 1}))


def forecast_score_table(holdout: Any) -> Table:
    """List the scores of each forecast, the best of each column marked."""
    scores = holdout.scores()
    names = [str(name) for name in scores.index]
    return score_table("forecasts", "forecast", names, scores, FORECAST)


def tier_table(content: ReportContent) -> Table:
    """List the tiers of risk, highest first, with what is at stake.

    What to do is a matter of profit where the costs are known, else of the tier.
    """
    tiers = tiers_of(content)
    offered = "n_treated" in tiers
    rows = [
        [
            str(tier["tier"]),
            percent(tier["from_probability"]),
            whole(tier["n_customers"]),
            percent(tier["share"]),
            percent(tier["mean_probability"]),
            amount(tier["value_at_risk"]),
            *(
                [whole(tier["n_treated"]), amount(tier["profit"])]
                if offered
                else [str(tier["intervention"])]
            ),
        ]
        for tier in tiers.to_dict("records")
    ]
    headings = ["risk", "from", "customers", "share of customers", "mean risk", "value at risk"]
    headings += ["worth contacting", "expected profit of it"] if offered else ["what to do"]
    words = frozenset({0} if offered else {0, len(headings) - 1})
    caption = f"{content.whom.capitalize()}s by churn risk"
    return Table(caption, headings, rows, text_columns=words)


def risk_table(content: ReportContent, n: int) -> Table:
    """List the `n` customers at risk with the highest value at risk, and why."""
    risk, x = content.risk, content.numbers
    likely = at_risk(content)
    stake = np.where(likely, risk["value_at_risk"], -np.inf)
    best = np.argsort(-stake, kind="stable")[: min(n, int(likely.sum()))]
    offered = "treat" in risk
    learnt = content.churn is not None and content.churn.recipe is not None
    rows = [
        [
            str(content.ids[i]),
            str(content.segment[i]),
            days(x["days_since_last"][i]),
            amount(x["clv"][i]),
            percent(float(risk["probability_churn"][i])),
            amount(float(risk["value_at_risk"][i])),
            *([amount(float(risk["expected_profit"][i]))] if offered else []),
            in_lines(str(risk["churn_reasons"][i])) if learnt else NONE,
        ]
        for i in best
    ]
    headings = ["customer", "segment", "days since last purchase", "expected value", "churn risk"]
    headings += ["value at risk", *(["expected profit of an offer"] if offered else []), "reasons"]
    of = "" if len(rows) == likely.sum() else f"{len(rows):,} of "
    caption = f"The {of}{those_at_risk(content)}, the most value at risk first"
    words = frozenset({0, 1, len(headings) - 1})
    return Table(caption, headings, rows, text_columns=words)


def risk_score_table(check: Any) -> Table:
    """List the scores of the risk and of the baselines, the best of each column marked."""
    scores = scores_of(check)
    return score_table("risk", "risk by", [str(name) for name in scores.index], scores, RISK)


def offer_table(content: ReportContent, n: int) -> Table:
    """List the `n` best customers, with their offers and why."""
    lists = content.offers.lists if content.offers is not None else {}
    rows = [
        [
            str(content.ids[i]),
            str(content.segment[i]),
            *expected_cells(content, i),
            "\n".join(
                offer_line(place, offer)
                for place, offer in enumerate(lists[str(content.ids[i])], start=1)
            ),
        ]
        for i in content.best(n)
        if str(content.ids[i]) in lists
    ]
    headings = ["customer", "segment", *(["expected value"] if content.valued else [])]
    headings.append("offers, the best first, and why")
    whom = plural(len(rows), "customer")
    caption = f"Offers for the {whom} with the highest {content.worth_most}"
    return Table(caption, headings, rows, text_columns=frozenset({0, 1, len(headings) - 1}))


def offer_line(place: int, offer: Offer) -> str:
    """An offer in one line."""
    return f"{place}. {offer.item}" + (f" – {offer.reason}" if offer.reason else "")


def bundle_table(offers: OffersContent) -> Table:
    """List products that belong together."""
    rows = [
        [each.name, whole(each.n_baskets), percent(each.support), decimals(each.lift, 1)]
        for each in offers.bundles or []
    ]
    baskets = "orders" if offers.basket == "order" else "baskets"
    headings = ["products", f"{baskets} with both", f"share of {baskets}", "times chance"]
    return Table("Products that belong together", headings, rows)


def offer_score_table(check: Any) -> Table:
    """List the scores of the offers and of the simple rules, the best of each column marked."""
    scores = checked_table(check)
    names = [
        f"{name}: {RULES[name]}" if name in RULES else f"these offers ({name})"
        for name in map(str, scores.index)
    ]
    ndcg, *rest = OFFERS
    shown = [ndcg._replace(title=f"NDCG@{check.n}"), *rest]
    return score_table("offers", "offers by", names, scores, shown)


def event_table(events: Any) -> Table:
    """List what was found in the log, how many rows, and what was done with them."""
    frame = events.to_frame()
    rows = [
        [str(finding), whole(count), percent(share), str(treatment)]
        for finding, count, share, treatment in frame[
            ["finding", "rows", "share", "treatment"]
        ].itertuples(index=False)
        if count
    ]
    return Table(
        "What the purchase log held, and what was done with it",
        ["found", "rows", "share of rows", "treatment"],
        rows,
        text_columns=frozenset({0, 3}),
    )


def parameter_table(models: Any) -> Table:
    """List the parameters of the fitted models."""
    rows = [
        [model, name, Told(f"{value:,.4g}", float(value), "as the model states it")]
        for model, parameters in models.items()
        for name, value in parameters.items()
    ]
    return Table(
        "Parameters of the fitted models",
        ["model", "parameter", "value"],
        rows,
        text_columns=frozenset({0, 1}),
    )
