"""How each number was made and checked: a row each, and the assumptions in paragraphs."""

from collections.abc import Iterator

from crmkit.report import _offers
from crmkit.report._churn import scores_of
from crmkit.report._content import ReportContent
from crmkit.report._document import Method, Table, Text
from crmkit.report._findings import period_of
from crmkit.report._numbers import day, decimals, percent, plural, span, stated_percent
from crmkit.report._profile import days_of

HEAD = [
    "number",
    "made by",
    "told of",
    "checked beside",
    "what the check said",
    "what it cannot know",
]
UNCHECKED = "it describes what was, so there is nothing to check"
PURCHASE_LIMITS = "seasons, prices, campaigns; when demand shifts all forecasts are off together"


def table(content: ReportContent) -> Table:
    """List the numbers: by what, of whom, checked how, with which result, and their limits."""
    rows = [
        segment_row(content),
        *stage_rows(content),
        *([purchase_row(content), value_row(content)] if content.valued else []),
        *churn_rows(content),
        *offer_rows(content),
        *unusual_rows(content),
    ]
    caption = "How each number was made and checked"
    return Table(caption, HEAD, rows, text_columns=frozenset(range(len(HEAD))))


def segment_row(content: ReportContent) -> list[str]:
    """Segments and shares of revenue."""
    return [
        "segments, revenue, shares",
        "counting; segments by ranks of recency, frequency and money",
        f"{plural(content.n_customers, 'customer')}, purchases before {day(content.as_of)}",
        "–",
        UNCHECKED,
        "the future",
    ]


def stage_rows(content: ReportContent) -> Iterator[list[str]]:
    """Stages of life, and their sizes ahead."""
    kinds, movement = content.kinds, content.movement
    if kinds is None or kinds.stager is None:
        return
    found = None if movement is None else movement.forecast
    check = None if found is None else found.check
    said = "not checked: the log has no room for a forecast and its check"
    beside = "–"
    if check is not None:
        beside = "sizes that stay; the same change once more"
        said = (
            f"{percent(check.error)} of customers in a wrong stage a period ahead; with the rules "
            f"{percent(check.error_no_change)} and {percent(check.error_same_change)}"
        )
    yield [
        "stages of life and their sizes ahead",
        f"{type(kinds.stager).__name__}: the silence of each beside the own rhythm; ahead by "
        "counted moves",
        f"{plural(content.n_customers, 'customer')} on {day(content.as_of)}",
        beside,
        said,
        "why somebody is silent; single customers ahead",
    ]


def purchase_row(content: ReportContent) -> list[str]:
    """Expected purchases."""
    holdout = content.holdout
    model = next(iter(content.models), "the purchase model")
    beside, said = "–", f"not measured: {content.holdout_note}"
    if holdout is not None:
        scores = holdout.scores()
        rules = scores.drop(index=list(holdout.models))
        period = f"purchases from {day(holdout.as_of)} to {day(holdout.until)}"
        beside = f"{', '.join(map(str, rules.index))}; {period}"
        said = (
            f"total off by {percent(abs(float(scores['total_bias'].iloc[0])))}; Poisson deviance "
            f"{decimals(float(scores['poisson_deviance'].iloc[0]))}, best rule "
            f"{decimals(float(rules['poisson_deviance'].min()))}"
            if len(rules)
            else "no rule beside it"
        )
    ahead = f"the {span(content.horizon, content.unit)} from {day(content.as_of)}"
    whom = f"{plural(content.n_customers, 'customer')}, {ahead}"
    return ["expected purchases and buyers", model, whom, beside, said, PURCHASE_LIMITS]


def value_row(content: ReportContent) -> list[str]:
    """Expected value, with its intervals."""
    spend = [*content.models, "", ""][1] or "the spend model"
    worth = content.worth
    said = "purchases as above; the product itself was not checked on past data"
    if content.spend_correlation is not None:
        correlation = decimals(content.spend_correlation)
        said += f"; spend and frequency correlate by {correlation}, 0 is assumed"
    made = f"expected purchases × {spend} × margin, discounted"
    if worth is not None:
        made += f"; {percent(worth.level)} interval of totals from played futures"
    if content.level is not None:
        made += f"; {percent(content.level)} range of each customer"
    return [
        "expected value",
        made,
        f"{plural(content.n_customers, 'customer')} with a purchase; newcomers are not in it",
        "–",
        said,
        "costs of serving; changes of price and demand",
    ]


def churn_rows(content: ReportContent) -> Iterator[list[str]]:
    """Churn risk."""
    churn = content.churn
    if churn is None or not content.valued:
        return
    horizon = span(churn.horizon, "D")
    whom = f"{plural(int(content.is_active.sum()), content.whom)}, no purchase within {horizon}"
    if churn.recipe is None:
        yield ["churn risk", "the purchase model", whom, "–", "not measured", PURCHASE_LIMITS]
        return
    check = churn.check
    beside, said = "–", f"not measured: {churn.check_note}"
    if check is not None:
        loss = scores_of(check)["log_loss"].to_dict()
        rival = check.best_baseline("log_loss")
        foretold = float(check.probabilities[check.models[0]].mean())
        begin = day(check.tested.cutoff.min())
        beside = f"{', '.join(check.baselines)}; {plural(len(check.y), 'customer')} on {begin}"
        said = (
            f"log loss {decimals(loss[check.models[0]], 3)}, best rule ({rival}) "
            f"{decimals(loss[rival], 3)}; {percent(foretold)} foretold to leave, "
            f"{percent(float(check.y.mean()))} left"
        )
    made = f"a classifier learnt from {churn.recipe.training_}"
    yield ["churn risk", made, whom, beside, said, "what caused it; what an offer would change"]


def offer_rows(content: ReportContent) -> Iterator[list[str]]:
    """Offers."""
    offers = content.offers
    if offers is None or offers.recommender is None:
        return
    check = offers.check
    beside, said = "–", f"not measured: {offers.check_note}"
    if check is not None:
        scores = _offers.checked_table(check)
        rules = [str(name) for name in scores.index if name in _offers.RULES]
        beside = f"{', '.join(rules)}; {span(check.horizon, 'D')} from {day(check.cutoffs[0])}"
        own = {str(k): v for k, v in scores.iloc[0].to_dict().items()}
        best = float(scores.loc[rules, "ndcg"].max()) if rules else float("nan")
        said = (
            f"{percent(float(own['hit_rate']))} bought one of {check.n}; NDCG "
            f"{decimals(float(own['ndcg']), 3)}, best rule {decimals(best, 3)}"
        )
    n = plural(len(offers.recommender.items_), "item")
    made = f"{type(offers.recommender).__name__} over {n}"
    yield ["next offers", made, f"{plural(content.n_customers, 'customer')}", beside, said,
           "prices, stock; what would have been bought anyway"]  # fmt: skip


def unusual_rows(content: ReportContent) -> Iterator[list[str]]:
    """Flags."""
    found = None if content.unusual is None else content.unusual.detector
    if found is None:
        return
    rate = stated_percent(float(found.expected_false_positives))
    yield [
        "flags of unusual behaviour",
        f"{type(found).__name__}: each beside customers alike",
        f"{plural(int(found.n_customers_), 'customer')} of the last {days_of(found.window)}",
        "chance",
        f"{int(found.n_flagged_):,} flagged; at most {rate} of innocent ones are promised, "
        f"{decimals(float(found.expected_by_chance_), 1)} here",
        "whether anything is wrong",
    ]


def paragraphs(content: ReportContent) -> Iterator[Method | Text]:
    """What the numbers assume, and what the models warned of."""
    yield from kind_paragraphs(content)
    if content.valued:
        yield from expected_paragraphs(content)
    yield from offer_paragraphs(content)
    if content.valued:
        said = (
            "All forecasts are averages over customers like this one: a single customer will be "
            "above or below."
        )
        yield Text([said])
    for note in content.notes:
        yield Method("Warning of the fit.", note)


def expected_paragraphs(content: ReportContent) -> Iterator[Method]:
    """What is expected of customers: purchases, value and risk."""
    future = span(content.horizon, content.unit)
    yield Method(
        "Expected purchases",
        "come from a model in which each customer buys at an own steady rate until, unseen, they "
        "stop for good. It sees only the times of purchases: no seasons, no prices, no campaigns. "
        "When demand shifts, all forecasts are off together.",
    )
    yield value_paragraph(content, future)
    yield from churn_paragraphs(content, future)


def kind_paragraphs(content: ReportContent) -> Iterator[Method]:
    """What customers are, what segments and stages are."""
    yield Method(
        "From purchases to customers.",
        f"Orders of one customer within {period_of(content)} count as one purchase where purchases "
        "are expected and rhythms compared; numbers of orders count each, by its id, or row by "
        f"row where the log has none. Nothing at or after {day(content.as_of)} was used for the "
        "valuation.",
    )
    yield Method(
        "Segments",
        "compare customers with each other by how recently, how often and for how much they "
        "bought. They describe the past and forecast nothing.",
    )
    if content.kinds is not None and content.kinds.stager is not None:
        yield Method(
            "Stages of life",
            "compare the silence of a customer with the own rhythm, and with the pauses that ended "
            "and did not end in this log. They say where customers stand; how likely they leave is "
            "told by the churn risk.",
        )


def churn_paragraphs(content: ReportContent, future: str) -> Iterator[Method]:
    """What churn risk is; nothing without it."""
    churn = content.churn
    if churn is None:
        return
    learnt = ""
    if churn.recipe is not None:
        learnt = (
            ", learnt from what active customers did after earlier cut-offs "
            f"({churn.recipe.model_.reason_})"
        )
    yield Method(
        "Churn risk",
        f"is the probability of no purchase within {span(churn.horizon, 'D')}{learnt}. It "
        f"differs from the chance of no purchase in the next {future}, which looks further and "
        "comes from the model of expected purchases.",
    )


def offer_paragraphs(content: ReportContent) -> Iterator[Method]:
    """What offers are; nothing without them."""
    offers = content.offers
    if offers is None or offers.recommender is None:
        return
    reason = getattr(offers.recommender, "reason_", "the one that was chosen beforehand.")
    yield Method(
        "Offers",
        "are what each customer will buy most likely, by the recommender that would have "
        f"foretold best what was bought last: {reason} They know no prices and no stock.",
    )


def value_paragraph(content: ReportContent, future: str) -> Method:
    """What the expected value is a product of."""
    correlation = ""
    if content.spend_correlation is not None:
        correlation = f" (correlation in these data: {decimals(content.spend_correlation)})"
    return Method(
        "Expected value",
        "is expected purchases times expected spend per purchase, times a margin of "
        f"{stated_percent(content.margin)}, discounted by {stated_percent(content.discount_rate)} "
        f"a year, over the next {future}. Spend is assumed not to depend on how often a customer "
        f"buys{correlation}. Customers who have not bought yet are not in it.",
    )
