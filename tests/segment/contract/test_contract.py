"""Every segmenter of logs keeps every contract."""

import inspect

import pytest
from sklearn.base import BaseEstimator

from crmkit import segment
from tests.contracts.static_checks import run_static_checks
from tests.segment.contract import suite
from tests.segment.contract.models import MODELS


@pytest.mark.parametrize("check", suite.ALL, ids=lambda f: f.__name__)
@pytest.mark.parametrize("model", MODELS, ids=lambda m: type(m).__name__)
def test_contract(model, check):
    check(model)


@pytest.mark.parametrize("model", MODELS, ids=lambda m: type(m).__name__)
def test_static_checks_of_scikit_learn(model):
    run_static_checks(model)


def test_the_suite_is_whole():
    assert len(suite.ALL) == 22


def test_every_segmenter_of_logs_is_in_the_list():
    public = [getattr(segment, name) for name in segment.__all__]
    kinds = {t for t in public if isinstance(t, type) and issubclass(t, BaseEstimator)}
    logs = {t for t in kinds if "as_of" in inspect.signature(t.fit).parameters}
    assert logs
    assert logs <= {type(model) for model in MODELS}
