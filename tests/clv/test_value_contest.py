"""The contest: what it hands on, and its words."""

import pytest

from crmkit._trees import Growth
from crmkit.clv import CustomerLifetimeValue
from crmkit.clv._value_contest import (
    RECIPES,
    Contest,
    answer,
    choice_in_words,
    compete,
    grow_choice,
    silence_in_words,
)
from crmkit.clv._value_gate import Verdict
from crmkit.clv._value_past import Past
from crmkit.events._windows import read_histories
from tests.clv._regulars import log_of, regular_shop

pytestmark = pytest.mark.filterwarnings("ignore::crmkit.exceptions.CrmkitWarning")
HOW = Growth(seed=0, threads=1)


@pytest.fixture(scope="module")
def past():
    histories = read_histories(log_of(regular_shop()), None, "D", "test")
    return Past(histories, CustomerLifetimeValue(horizon=4, unit="W"), 28, 7)


@pytest.fixture(scope="module")
def contest(past):
    return compete(past, 1, HOW)


def test_two_windows_are_judged_the_latest_first(past, contest):
    assert [judged.seen.last for judged in contest.judged] == [
        past.histories.whole - 28,
        past.histories.whole - 56,
    ]
    for verdicts in contest.verdicts:
        assert list(verdicts) == ["base", "own_average", *RECIPES]
    assert set(contest.rounds) == {"boosted", "free"}


@pytest.mark.parametrize(
    ("chosen", "kinds"),
    [("base", []), ("own_average", []), ("blend", ["boosted"]), ("ensemble", ["boosted", "free"])],
)
def test_only_the_trees_that_are_needed_are_grown(past, contest, chosen, kinds):
    forests = grow_choice(chosen, past, 1, HOW, contest)
    assert list(forests) == kinds
    for kind in kinds:
        assert forests[kind].rounds == contest.rounds[kind]
    if kinds:
        example = contest.judged[0]
        mean = answer(chosen, forests, example.features, example.base)
        assert mean.spend.sum() == pytest.approx(example.came.spend.sum(), rel=0.3)


def test_a_choice_in_words():
    verdicts = {
        "base": Verdict((2.0, 20.0, 200.0), 0.0, 0.0),
        "own_average": Verdict((3.0, 30.0, 300.0), 0.4, 0.1),
        "boosted": Verdict((1.5, 15.0, 199.0), -0.1, 0.01),
    }
    told = choice_in_words("boosted", Contest(verdicts=[verdicts]), ["May to June"])
    assert told == (
        "chose 'boosted': it had losses 9.5% below those of the base (+- 1.0%) on May to June; in "
        "the latest window deviance of purchases 1.5 against 2, deviance of spend 15 against 20, "
        "RMSE of spend 199 against 200"
    )
    kept = choice_in_words("base", Contest(verdicts=[verdicts]), ["May to June"])
    assert kept.startswith("kept the base: the best rival, 'boosted', had losses 9.5% below those")
    assert "which is no clear gain; in the latest window" in kept


@pytest.mark.parametrize(("what", "cure"), [("days", 'window="9W"'), ("hours", 'window="64h"')])
def test_a_log_too_short_in_words(past, what, cure):
    long = Past(past.histories, past.base, 100, 7)
    reason, told = silence_in_words(long, 300, what)
    assert f"the log has 161 whole {what}, and windows of 100 {what} need 250" in reason
    assert told == f"Take {cure} or less, or a longer log."
