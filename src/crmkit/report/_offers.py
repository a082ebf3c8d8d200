"""What to offer next, in words: each sentence computed and true of the data at hand."""

from collections import Counter

import pandas as pd

from crmkit import _frames
from crmkit.recommend import Evaluation
from crmkit.report._content import ReportContent
from crmkit.report._numbers import day, decimals, percent, plural, span
from crmkit.report._offers_content import OffersContent

OWNER = "ReportContent"
VERDICTS = {
    "better": "better than",
    "worse": "worse than",
    "unclear": "not clearly different from",
}
RULES = {
    "popularity": "what was bought most often",
    "recent popularity": "what sold best of late",
    "buy again": "what the customer bought, the most often and latest first",
}
MEANT = {
    "explore": "Only items that are new to the customer are offered.",
    "repeat": "Only items that the customer bought before are offered.",
}
ANY = (
    "An offer may be new to the customer or bought before: whatever is the most likely purchase. "
    "New items alone are a choice of the command (--offers-mode explore) and of the pipeline "
    '(recommender="explore").'
)
SAME = 0.0005  # what three decimals do not show


def introduction(content: ReportContent, offers: OffersContent) -> list[str]:
    """Say what may be offered, how offers were made, and for whom they are not his own."""
    if offers.recommender is None:
        return [f"What to offer could not be learnt from this log. {offers.note}"]
    model = offers.recommender
    n = len(model.items_)
    of = f"the {n:,} items sold so far"
    if n < offers.n_sold:
        of = f"the {n:,} items that most customers bought, of {offers.n_sold:,} sold"
    said = [f"Offers are made of {of}. {MEANT.get(getattr(model, 'mode', ''), ANY)}"]
    why = getattr(model, "reason_", "") or f"{type(model).__name__}."
    said.append(f"They come from {first_sentence(why)}")
    said.append(variety(content, offers))
    return [sentence for sentence in said if sentence]


def first_sentence(text: str) -> str:
    """A text up to its first full stop; scores of all rivals follow it in reasons."""
    return text.partition(". ")[0].removesuffix(".") + "."


def variety(content: ReportContent, offers: OffersContent) -> str:
    """Count the best offers, the most frequent one, and those that are not the customer's own."""
    source = _frames.column_values(content.table, "next_offer_source", OWNER).astype(str)
    made = _frames.column_values(content.table, "next_offer", OWNER)[source != ""].tolist()
    if not made:
        return ""
    n = content.n_customers
    (item, often), *_ = sorted(Counter(map(str, made)).items(), key=lambda one: (-one[1], one[0]))
    said = (
        f"The best offers of all {n:,} customers are {plural(len(set(made)), 'different item')}; "
        f"the most frequent, {offers.names.get(item, item)}, goes to {percent(often / n)} of them."
    )
    strangers, none = int((source == "popular").sum()), int((source == "").sum())
    if strangers:
        said += (
            f" Of {plural(strangers, 'customer')} no purchase of these items is known: they are "
            "offered what is popular."
        )
    if none:
        said += f" To {plural(none, 'customer')} nothing can be offered."
    return said


def checked_table(check: Evaluation) -> pd.DataFrame:
    """Scores of the test, a row a recommender, the simple rules last."""
    return check.table(check.tables[0])


def measured_on(check: Evaluation) -> str:
    """Say on whom and when the offers were tested."""
    table = checked_table(check)
    what = {
        "new items": "items that were new to them",
        "repeat purchases": "items that they had bought before",
    }.get(check.tables[0], "any of these items")
    return (
        f"Measured on {plural(int(table['n_customers'].iloc[0]), 'customer')} known on "
        f"{day(check.cutoffs[0])} who bought {what} in the {span(check.horizon, 'D')} from then "
        "on: the whole choice was made anew from what was known then, and each list of "
        f"{check.n} compared with what the customer bought. Candidates were the "
        f"{check.n_candidates[0]:,} items that could be offered then; simple rules saw the same."
    )


def verdict(check: Evaluation) -> list[str]:
    """Say how the offers did beside the best simple rule, in order and in hits."""
    table = checked_table(check)
    name = str(table.index[0])
    own = {str(key): value for key, value in table.loc[name].to_dict().items()}
    rule = str(table.index[table["verdict"] == "best simple rule"][0])
    lower, upper = float(own["lower"]), float(own["upper"])
    ndcg, hit = table["ndcg"].to_dict(), table["hit_rate"].to_dict()
    hits = (
        f"{percent(hit[name])} of the customers bought at least one of their {check.n} offers "
        f"({percent(hit[rule])} with the rule)."
    )
    best = f"the best simple rule (“{rule}”: {RULES.get(rule, rule)})"
    if lower == upper == 0.0:
        return [f"The lists are those of {best}, customer by customer. {hits}"]
    if max(abs(lower), abs(upper)) < SAME:
        return [f"By NDCG@{check.n} the offers were just as good as {best}. {hits}"]
    return [
        f"By NDCG@{check.n}, which rewards what was bought near the top of the list, the offers "
        f"were {VERDICTS[str(own['verdict'])]} {best}: {decimals(ndcg[name], 3)} against "
        f"{decimals(ndcg[rule], 3)}; {percent(check.level)} interval of the difference "
        f"{signed(lower)} to {signed(upper)}.",
        hits,
    ]


def signed(value: float) -> str:
    """A difference with its sign, a true minus."""
    return f"{value:+.3f}".replace("-", "−")


def bundles_text(offers: OffersContent) -> str:
    """Read the best bundle aloud."""
    bundles = offers.bundles or []
    baskets = "orders" if offers.basket == "order" else "baskets (what a customer bought on a day)"
    if not bundles:
        return f"No two products are found together in more {baskets} than chance would put there."
    best = bundles[0]
    return (
        f"“{best.name}”: {best.n_baskets:,} {baskets} hold both, {decimals(best.lift, 1)} times as "
        "many as chance puts together in baskets of such sizes."
    )
