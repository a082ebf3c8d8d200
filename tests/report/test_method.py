"""The table of methods: a row for each number, beside what it was checked, with its limits."""

from crmkit.report import ValueContent
from crmkit.report._method import HEAD, paragraphs, table
from tests.report import _offered
from tests.report._churned import OFFER, check, churn, with_churn
from tests.report._made import content


def rows(made):
    told = table(made)
    assert told.headings == HEAD
    assert all(len(row) == len(HEAD) and all(row) for row in told.rows)
    return {row[0]: row for row in told.rows}


def test_expected_purchases_stand_beside_the_baselines():
    _, made, whom, beside, said, limits = rows(content())["expected purchases and buyers"]
    assert made == "BetaGeoModel"
    assert whom.startswith("6 customers, the 52")
    assert beside.startswith("own rate, mean; purchases from")
    assert "total off by 12" in said
    assert "Poisson deviance" in said
    assert "seasons" in limits


def test_what_was_not_checked_says_so():
    unchecked = rows(content(holdout=None, holdout_note="the log is too short"))
    assert unchecked["expected purchases and buyers"][4] == "not measured: the log is too short"
    risk = rows(with_churn(churn=churn(check_note="no room")))["churn risk"]
    assert risk[3:5] == ["–", "not measured: no room"]


def test_churn_stands_beside_its_rules():
    tested = check()
    risk = rows(with_churn(OFFER, churn=churn(offer=OFFER, check=tested)))["churn risk"]
    assert risk[3].startswith(", ".join(tested.baselines))
    assert "log loss" in risk[4]
    assert "foretold to leave" in risk[4]


def test_offers_and_intervals_are_told():
    made = _offered.offers(check=_offered.check())
    told = rows(_offered.with_offers(offers=made))
    assert "NDCG" in told["next offers"][4]
    worth = rows(content(worth=ValueContent((1.0, 2.0), level=0.9)))["expected value"]
    assert "90\N{NO-BREAK SPACE}% interval of totals" in worth[1]


def test_warnings_of_the_fit_are_told_last():
    *_, last = paragraphs(content())
    assert (last.name, last.text) == ("Warning of the fit.", "No dropout seen.")
