"""Who is about to leave, in words: by hand for six customers."""

import numpy as np
import pytest

from crmkit.churn import RetentionValue
from crmkit.report import _churn
from tests.report._churned import OFFER, check, churn, recipe, with_churn
from tests.report._made import content


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


def introduction(made):
    return [plain(s) for s in _churn.introduction(made, made.churn)]


def test_what_is_meant_and_on_whom():
    assert introduction(with_churn()) == [
        "Leaving means here: no purchase in the next 90 days, until 1 Apr 2025. The length: as "
        "stated.",
        "The risk was learnt from 40 snapshots of 20 customers at 2 cut-offs (2024-08-18 to "
        "2024-10-03); after 50 % of these nothing was bought for 90 days.",
        "It is told for the 4 customers who bought in the last 180 days. The other 2 have been "
        "silent for longer; their risk in the table of customers is the probability of no purchase "
        "by the purchase model.",
    ]


def test_a_churn_rate_that_moves_is_said():
    moving = churn(recipe=recipe(rates_=np.array([0.7, 0.6, 0.4])))
    assert introduction(with_churn(churn=moving))[1].endswith(
        "That share moved from 70 % at the first cut-off to 40 % at the last: it may move on."
    )


def test_when_churn_was_not_learnt_the_reason_is_said():
    unlearnt = with_churn(churn=churn(recipe=None, note="The log is too short."))
    (said,) = introduction(unlearnt)
    assert said.endswith(
        "Churn could not be learnt from this log, so the risk is what the purchase model says, for "
        "all customers. The log is too short."
    )
    assert unlearnt.is_active.all()


def test_tiers_by_hand():
    tiers = _churn.tiers_of(with_churn(OFFER)).set_index("tier")
    assert tiers.index.tolist() == ["high", "medium", "low"]
    assert tiers["n_customers"].tolist() == [2, 1, 1]
    np.testing.assert_allclose(tiers["value_at_risk"], [0.7 * 25 + 0.8 * 12.5, 0.4 * 150, 60.0])
    assert tiers["n_treated"].tolist() == [2, 1, 1]
    profit = 0.4 * (0.4 * 145 - 1) - 0.6 * 6
    assert tiers.loc["medium", "profit"] == pytest.approx(profit)


def test_the_finding_counts_high_risk():
    assert plain(_churn.finding(with_churn())) == (
        "2 of 4 active customers will buy nothing in the next 90 days with a probability of 60 % "
        "or more. Over all of the 4, risk times expected value makes 147.50."
    )
    assert _churn.finding(content()) == ""


def test_those_at_risk_are_active_and_not_of_low_risk():
    made = with_churn()
    assert made.ids[_churn.at_risk(made)].tolist() == ["b", "c", "d"]
    safe = with_churn()
    safe.risk["probability_churn"][:] = 0.1
    assert _churn.at_risk(safe).tolist() == [True] * 4 + [False] * 2
    assert _churn.those_at_risk(made) == "3 active customers of medium or high risk"
    assert _churn.those_at_risk(safe) == "4 active customers of low risk"


def test_without_costs_no_profit_is_told():
    made = with_churn()
    (said,) = _churn.offer_text(made, made.churn)
    assert "cannot be told without what that costs" in said
    assert "--offer-cost" in said


def test_the_profit_of_an_offer_by_hand():
    made = with_churn(OFFER)
    treat = made.risk["treat"]
    assert treat.tolist() == [True, True, True, True, False, False]
    profit = made.risk["expected_profit"][treat].sum()
    said, caution = (plain(s) for s in _churn.offer_text(made, made.churn))
    assert said == (
        "The offer: it costs 5.00 where it is taken up, a contact 1.00; 40 % of those who would "
        f"leave accept it and stay. Contacting pays for 4 customers: an expected profit of "
        f"{profit:.2f} together, compared with doing nothing. A customer worth 196.88, the mean of "
        "these, is worth contacting from a risk of 7 %."
    )
    assert caution.startswith("What a customer is worth counts the chance of having left already")
    assert "The acceptance is assumed, not measured." in caution


def test_an_offer_that_pays_for_nobody():
    made = with_churn(RetentionValue(offer_cost=1e6, contact_cost=1.0, acceptance=0.4))
    (said,) = _churn.offer_text(made, made.churn)
    assert said.endswith("Under these terms contacting pays for nobody.")


def test_terms_per_customer_are_not_told_as_one_number():
    made = RetentionValue(offer_cost=[5.0] * 6, contact_cost=1.0)
    assert "as stated for each customer" in _churn.terms_of(made)
    assert np.isnan(_churn.break_even_of(made, 100.0))


def test_the_test_is_told_with_place_and_time():
    said = plain(_churn.measured_on(check()))
    assert said == (
        f"Measured on {len(check().y)} customers who were active on 22 Sep 2024: the recipe, "
        "with the horizon of this report, was carried out on what was known then, and compared "
        f"with what they did until 20 Oct 2024; {100 * check().y.mean():.0f} % bought nothing."
    )


def test_the_verdict_is_paired_and_names_the_level():
    scores = _churn.scores_of(check())
    order, level = (plain(s) for s in _churn.verdict(check()))
    rival = check().best_baseline()
    told = check().differences("log_loss", to=rival)["verdict"].item()
    assert f"it was {_churn.VERDICTS[told]} the best simple baseline (“{rival}”)" in order
    assert order.endswith(
        f"{scores.loc['ChurnClassifier', 'log_loss']:.3f} against "
        f"{scores.loc[rival, 'log_loss']:.3f}."
    )
    foretold = check().probabilities["ChurnClassifier"].mean()
    near = abs(foretold - check().y.mean()) < _churn.LEVEL
    assert level.startswith(f"Its level was {'close to' if near else 'away from'} the truth: ")
