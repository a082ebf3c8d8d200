"""What customers are worth, in words and tables: the total, how sure it is, on whom it hangs."""

import numpy as np

from crmkit.report._content import ReportContent
from crmkit.report._document import Table
from crmkit.report._numbers import amount, between, decimals, percent, plural, span, whole

SHARES = (0.01, 0.05, 0.1, 0.2, 0.5)


def introduction(content: ReportContent) -> list[str]:
    """Say what all customers together are worth, and how sure that is."""
    total, worth = float(content.numbers["clv"].sum()), content.worth
    future = span(content.horizon, content.unit)
    all_of_them = f"All {content.n_customers:,} customers together"
    said = f"{all_of_them} are worth {amount(total)} in the next {future}"
    if worth is None:
        return [f"{said}. How sure that is was not computed."]
    low, high = worth.total
    said += (
        f", with a probability of {percent(worth.level)} between {amount(low)} and {amount(high)}. "
        "That counts with chance and with what the log leaves open about the models; a shift of "
        "demand is not in it."
    )
    return [said, *beside_the_check(content)]


def beside_the_check(content: ReportContent) -> list[str]:
    """Say how far the forecast was off on past data, where the interval is narrower than that."""
    holdout, worth = content.holdout, content.worth
    if holdout is None or worth is None:
        return [
            "It was not checked on past data, so take the interval for the least doubt there is."
        ]
    bias = abs(float(holdout.scores()["total_bias"].iloc[0]))
    total = float(content.numbers["clv"].sum())
    half = (worth.total[1] - worth.total[0]) / 2.0 / total if total > 0 else float("nan")
    if not np.isfinite(bias + half):
        return []
    if bias <= half:
        return [f"On past data the total was off by {percent(bias)}, within such a width."]
    return [
        f"On past data the total of expected purchases was off by {percent(bias)}, more than half "
        f"the width of this interval ({percent(half)}): plan with that error and not with the "
        "interval alone."
    ]


def single_text(content: ReportContent) -> list[str]:
    """Say how wide the ranges of single customers are, and what the check said of ranges."""
    ends = content.ends
    if ends is None or content.level is None:
        return []
    low, high = ends.T
    clv = content.numbers["clv"]
    worth = clv > 0
    if not worth.any():
        return []
    wide = float(np.median((high - low)[worth] / clv[worth]))
    nothing = float(np.mean(low <= 0.0))
    said = (
        f"A single customer is far less sure than the total: the range that holds the value of one "
        f"with a probability of {percent(content.level)} is, in the middle of all, "
        f"{decimals(wide, 1)} times as wide as the value itself; of {percent(nothing)} of the "
        "customers it begins at nothing."
    )
    return [said, *coverage_text(content)]


def coverage_text(content: ReportContent) -> list[str]:
    """What the check on past data said of ranges of purchases; nothing where it was not asked."""
    holdout = content.holdout
    if holdout is None or not getattr(holdout, "intervals", None):
        return []
    name, ends = next(iter(holdout.intervals.items()))
    inside = (holdout.actual >= ends[:, 0]) & (holdout.actual <= ends[:, 1])
    return [
        "Checked on past data: of the purchases of single customers, "
        f"{percent(float(inside.mean()))} lay in such ranges of {name}, "
        f"{percent(float(holdout.level))} at least were promised."
    ]


def skewed_text(content: ReportContent) -> list[str]:
    """Say what it means where an expected value lies outside its interval; nothing elsewhere."""
    worth, clv = content.worth, content.numbers["clv"]
    if worth is None:
        return []
    totals = {n: clv[content.segment.astype(str) == n].sum() for n in worth.segments}
    above = [f"“{n}”" for n, total in totals.items() if total > worth.segments[n][1]]
    if not above:
        return []
    return [
        f"The expected value of {' and of '.join(above)} lies above its interval: it rests on a "
        "small chance that one of few customers brings much. Most likely it will be less."
    ]


def total_table(content: ReportContent) -> Table | None:
    """List the totals of the segments and of all, with their intervals; None where not computed."""
    worth = content.worth
    if worth is None:
        return None
    clv = content.numbers["clv"]
    groups = [("all customers", np.ones(len(clv), dtype=bool), worth.total)]
    for name, ends in worth.segments.items():
        groups.append((name, content.segment.astype(str) == name, ends))
    rows = [
        [
            name,
            whole(int(own.sum())),
            amount(float(clv[own].sum())),
            between(amount(float(ends[0])), amount(float(ends[1]))),
            percent(float(clv[own].sum()) / total) if (total := float(clv.sum())) > 0 else "–",
            amount(float(clv[own].mean())),
        ]
        for name, own, ends in groups
        if own.any()
    ]
    level = percent(worth.level)
    head = ["of", "customers", "expected value", f"{level} interval", "share", "per customer"]
    keys = ("group", "customers", "expected_value", "interval", "share", "per_customer")
    return Table("Expected value together, and how sure it is", head, rows, keys=keys)


def concentration_table(content: ReportContent) -> Table | None:
    """List what the best few hold, of the past and of what is expected; None without value."""
    if not content.value.any() or not content.revenue.any() or content.n_customers < 5:
        return None
    revenue, value = (-np.sort(-x) for x in (content.revenue, content.value))
    rows: list[list[str]] = []
    for share in SHARES:
        n = -(-round(share * 1000) * content.n_customers // 1000)
        rows.append(
            [
                percent(share),
                whole(n),
                percent(float(revenue[:n].sum() / revenue.sum())),
                percent(float(value[:n].sum() / value.sum())),
                amount(float(value[n - 1])),
            ]
        )
    head = ["best", "customers", "share of revenue so far", "share of expected value"]
    head.append("each is worth at least")
    caption = "How much hangs on the best: by revenue so far, and by expected value"
    return Table(caption, head, rows)


def concentration_text(content: ReportContent) -> list[str]:
    """Say on how few the coming value hangs."""
    value = -np.sort(-content.value)
    if not value.any() or content.n_customers < 5:
        return []
    n = int(np.searchsorted(np.cumsum(value), 0.8 * value.sum()) + 1)
    share = percent(n / content.n_customers)
    return [
        f"{percent(0.8)} of the expected value comes from {plural(n, 'customer')} ({share} of all)."
    ]
