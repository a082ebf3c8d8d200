"""Every recommender keeps every contract."""

import pytest

from crmkit import recommend
from crmkit.recommend._recommender import Recommender
from tests.contracts.static_checks import run_static_checks
from tests.recommend.contract import suite
from tests.recommend.contract.models import MODELS


@pytest.mark.parametrize("check", suite.ALL, ids=lambda f: f.__name__)
@pytest.mark.parametrize("model", MODELS, ids=lambda m: type(m).__name__)
def test_contract(model, check):
    check(model)


@pytest.mark.parametrize("model", MODELS, ids=lambda m: type(m).__name__)
def test_static_checks_of_scikit_learn(model):
    run_static_checks(model)


def test_the_suite_is_whole():
    assert len(suite.ALL) == 48


def test_every_recommender_is_in_the_list():
    public = [getattr(recommend, name) for name in recommend.__all__]
    kinds = {t for t in public if isinstance(t, type) and issubclass(t, Recommender)}
    assert kinds <= {type(model) for model in MODELS}
