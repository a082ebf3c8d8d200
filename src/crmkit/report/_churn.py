"""Who is about to leave, in words: each sentence computed and true of the data at hand."""

from datetime import timedelta
from numbers import Real

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit.churn import ChurnReport, RetentionValue, RiskTiers
from crmkit.churn._risk_tiers import DEFAULTS
from crmkit.report._churn_content import ChurnContent
from crmkit.report._content import ReportContent
from crmkit.report._numbers import amount, day, decimals, percent, plural, span, stated_percent

DRIFT = 0.05  # a change of the churn rate between cut-offs that a reader should know
LEVEL = 0.03  # a gap between foretold and observed churn that matters for money
VERDICTS = {
    "better": "better than",
    "worse": "worse than",
    "no clear difference": "not clearly different from",
}


def tiers_of(content: ReportContent) -> pd.DataFrame:
    """Size, risk and value at risk of each tier of the active customers, highest risk first."""
    active = content.is_active
    risk, value = content.risk["probability_churn"][active], content.numbers["clv"][active]
    if not len(risk):
        return pd.DataFrame()
    tiers = RiskTiers().fit(risk)
    table = tiers.summary(risk, value=value)
    if "treat" in content.risk:
        names = tiers.predict(risk)
        treat = content.risk["treat"][active].astype(bool)
        profit = np.where(treat, content.risk["expected_profit"][active], 0.0)
        table["n_treated"] = [int(treat[names == tier].sum()) for tier in table["tier"]]
        table["profit"] = [float(profit[names == tier].sum()) for tier in table["tier"]]
    return table


def likely_to_leave(content: ReportContent) -> npt.NDArray[np.bool_]:
    """Which customers are active and not of low risk."""
    return content.is_active & (content.risk["probability_churn"] >= DEFAULTS["probability"][0])


def at_risk(content: ReportContent) -> npt.NDArray[np.bool_]:
    """Which customers are active and not of low risk; all active ones where there are none."""
    likely = likely_to_leave(content)
    return likely if likely.any() else content.is_active


def those_at_risk(content: ReportContent) -> str:
    """Whom `at_risk` names, counted, in words."""
    who = plural(int(at_risk(content).sum()), content.whom)
    return f"{who} of {'medium or high' if likely_to_leave(content).any() else 'low'} risk"


def unknown(churn: ChurnContent) -> str:
    """Say why nothing is told of the risk."""
    return f"Who is about to leave could not be learnt from this log. {churn.note}"


def introduction(content: ReportContent, churn: ChurnContent) -> list[str]:
    """Say what leaving means, on whom it was learnt, and who is left aside."""
    until = content.as_of + timedelta(days=churn.horizon)
    meant = (
        f"Leaving means here: no purchase in the next {span(churn.horizon, 'D')}, until "
        f"{day(until)}."
    )
    recipe = churn.recipe
    if recipe is None:
        return [
            f"{meant} Churn could not be learnt from this log, so the risk is what the purchase "
            f"model says, for all customers. {churn.note}"
        ]
    n, active = content.n_customers, int(content.is_active.sum())
    said = [f"{meant} The length: {recipe.horizon_reason_}."]
    learnt = (
        f"The risk was learnt from {recipe.training_}; after {percent(recipe.base_rate_)} of these "
        f"nothing was bought for {span(churn.horizon, 'D')}."
    )
    if np.ptp(recipe.rates_) > DRIFT:
        learnt += (
            f" That share moved from {percent(recipe.rates_[0])} at the first cut-off to "
            f"{percent(recipe.rates_[-1])} at the last: it may move on."
        )
    said.append(learnt)
    if active < n:
        said.append(
            f"It is told for the {plural(active, 'customer')} who bought in the last "
            f"{span(recipe.within_, 'D')}. The other {n - active:,} have been silent for longer; "
            "their risk in the table of customers is the probability of no purchase by the "
            "purchase model."
        )
    return said


def finding(content: ReportContent) -> str:
    """Count the active customers of high risk, and what is at stake; "" where there are none."""
    if content.churn is None or not content.valued:
        return ""
    table = tiers_of(content)
    if table.empty or not table["n_customers"].iloc[0]:
        return ""
    top = table.iloc[0]
    return (
        f"{int(top['n_customers']):,} of {plural(int(content.is_active.sum()), content.whom)} "
        f"will buy nothing in the next {span(content.churn.horizon, 'D')} with a probability of "
        f"{percent(float(top['from_probability']))} or more. Over all of the "
        f"{int(content.is_active.sum()):,}, risk times expected value makes "
        f"{amount(float(table['value_at_risk'].sum()))}."
    )


def offer_text(content: ReportContent, churn: ChurnContent) -> list[str]:
    """Say for whom an offer pays, and on what that rests."""
    if churn.offer is None:
        return [
            "Whether it pays to contact them cannot be told without what that costs: give the "
            "costs to the command (--offer-cost, --contact-cost) or to the pipeline (offer=)."
        ]
    treat = content.risk["treat"].astype(bool)
    n, profit = int(treat.sum()), float(content.risk["expected_profit"][treat].sum())
    terms = terms_of(churn.offer)
    if not n:
        return [f"{terms} Under these terms contacting pays for nobody."]
    said = (
        f"{terms} Contacting pays for {plural(n, 'customer')}: an expected profit of "
        f"{amount(profit)} together, compared with doing nothing."
    )
    active = content.numbers["clv"][content.is_active]
    value = float(active.mean()) if len(active) else float("nan")
    needed = break_even_of(churn.offer, value)
    if np.isfinite(needed):
        said += (
            f" A customer worth {amount(value)}, the mean of these, is worth contacting from a "
            f"risk of {percent(needed)}."
        )
    return [
        said,
        "What a customer is worth counts the chance of having left already, so that the profit "
        "errs on the side of caution. The acceptance is assumed, not measured. Only an experiment "
        "with a control group tells how many an offer keeps.",
    ]


def terms_of(offer: RetentionValue) -> str:
    """The costs and the acceptance in words."""
    terms = (offer.offer_cost, offer.contact_cost, offer.acceptance)
    if not all(isinstance(term, Real) for term in terms):
        return "The offer, with costs and acceptance as stated for each customer."
    cost, contact, acceptance = (float(term) for term in terms)
    return (
        f"The offer: it costs {amount(cost)} where it is taken up, a contact {amount(contact)}; "
        f"{stated_percent(acceptance)} of those who would leave accept it and stay."
    )


def break_even_of(offer: RetentionValue, value: float) -> float:
    """Risk from which contacting a customer of this value earns; NaN where terms differ."""
    terms = (offer.offer_cost, offer.contact_cost, offer.acceptance)
    if not all(isinstance(term, Real) for term in terms) or not np.isfinite(value):
        return float("nan")
    one = pd.DataFrame({"id": [0], "probability_churn": [0.5], "clv": [value]})
    return float(offer.predict_frame(one)["break_even_probability"].iloc[0])


def measured_on(check: ChurnReport) -> str:
    """Say on whom and when the risk was tested."""
    begin, end = check.tested.cutoff.min(), check.tested.label_end.max()
    return (
        f"Measured on {plural(len(check.y), 'customer')} who were active on {day(begin)}: the "
        "recipe, with the horizon of this report, was carried out on what was known then, and "
        f"compared with what they did until {day(end)}; {percent(float(check.y.mean()))} bought "
        "nothing."
    )


def scores_of(check: ChurnReport) -> pd.DataFrame:
    """Scores at the test cut-off, a row a forecast."""
    return check.table().droplevel("cutoff").astype("float64")


def verdict(check: ChurnReport) -> list[str]:
    """Say how the risk did beside the best baseline, in level and in order."""
    model = check.models[0]
    rival = check.best_baseline("log_loss")
    loss, lift = (scores_of(check)[name].to_dict() for name in ("log_loss", "top_decile_lift"))
    row = check.differences("log_loss", to=rival).loc[model].iloc[0]
    said = [
        f"By log loss, which judges order and level of the risk together, it was "
        f"{VERDICTS[str(row['verdict'])]} the best simple baseline (“{rival}”): "
        f"{decimals(loss[model], 3)} against {decimals(loss[rival], 3)}."
    ]
    foretold, came = float(check.probabilities[model].mean()), float(check.y.mean())
    gap = "close to" if abs(foretold - came) < LEVEL else "away from"
    said.append(
        f"Its level was {gap} the truth: {percent(foretold)} were expected to buy nothing, "
        f"{percent(came)} did. The riskiest tenth left "
        f"{decimals(lift[model], 1)} times as often as all."
    )
    return said
