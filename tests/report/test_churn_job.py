"""The part of the whole job about churn: offers and tests, with what they refuse."""

import warnings

import pytest

from crmkit import EventLog
from crmkit.exceptions import ConvergenceWarning, DataError, DataWarning
from crmkit.pipelines import ChurnPipeline, CustomerValuePipeline
from crmkit.report._churn_job import ChurnJob, churn_content, offer_of, recipe_of
from tests.pipelines._quick import quick, shop

LOG = EventLog(shop())
CUTOFF = LOG.cutoff("2024-10-20")


def fitted(churn, cutoff=CUTOFF):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", DataWarning)
        return CustomerValuePipeline(churn=churn).fit(LOG, as_of=cutoff)


@pytest.mark.parametrize(
    ("job", "terms"),
    [
        (ChurnJob(offer_cost=5.0), (5.0, 0.0, 0.3)),
        (ChurnJob(contact_cost=1.0, acceptance=0.2), (0.0, 1.0, 0.2)),
        (ChurnJob(None, 5.0, 1.0, 0.0), (5.0, 1.0, 0.0)),
    ],
)
def test_a_cost_that_is_not_given_is_nothing(job, terms):
    offer = offer_of(job)
    assert (offer.offer_cost, offer.contact_cost, offer.acceptance) == terms


def test_without_costs_there_is_no_offer():
    assert offer_of(ChurnJob()) is None
    assert offer_of(None) is None
    with pytest.raises(DataError, match="an acceptance alone tells no profit: give --offer-cost"):
        offer_of(ChurnJob(acceptance=0.3))


@pytest.mark.parametrize("job", [ChurnJob(offer_cost=-1.0), ChurnJob(None, 1.0, 1.0, 1.5)])
def test_costs_and_shares_out_of_range_are_refused_before_the_work(job):
    with pytest.raises(DataError, match="RetentionValue"):
        offer_of(job)


def test_the_recipe_is_found_stated_or_left_away():
    assert recipe_of(None) is None
    assert recipe_of(ChurnJob()) == "auto"
    stated = recipe_of(ChurnJob(horizon="60D"))
    assert isinstance(stated, ChurnPipeline)
    assert stated.horizon == "60D"


def test_the_risk_is_tested_where_the_log_allows_it():
    said = []
    made = churn_content(fitted(quick()), LOG, CUTOFF, True, said.append)
    assert made.check.models == ("ChurnClassifier",)
    assert said[0].replace("\N{NO-BREAK SPACE}", " ").startswith("learnt churn within 28 days from")
    assert said[1:] == ["checked the risk on past data"]
    assert churn_content(fitted(quick()), LOG, CUTOFF, False, said.append).check is None


def test_a_log_too_short_for_a_test_is_said():
    said = []
    made = churn_content(fitted(quick(horizon="120D")), LOG, CUTOFF, True, said.append)
    assert made.check is None
    assert made.check_note.startswith("the log does not allow a test of the risk (ChurnPipeline: t")
    assert said[1].startswith("no check: the log does not allow a test of the risk")


def test_a_log_too_short_to_learn_is_said():
    said, early = [], LOG.cutoff("2024-05-01")
    made = churn_content(fitted(quick(horizon="120D"), early), LOG, early, True, said.append)
    assert (made.recipe, made.horizon) == (None, 120)
    assert made.note.startswith("ChurnPipeline: the log is too short")
    assert said == ["churn cannot be learnt from this log: the purchase model tells the risk"]


def test_no_churn_no_content():
    assert churn_content(fitted(None), LOG, CUTOFF, True, [].append) is None
