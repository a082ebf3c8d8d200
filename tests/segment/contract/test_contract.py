"""Every segmenter of logs keeps every contract."""

import inspect

import pytest
from sklearn.base import BaseEstimator
from sklearn.utils.estimator_checks import estimator_checks_generator

from crmkit import segment
from tests.segment.contract import suite
from tests.segment.contract.models import MODELS

STATIC = {
    f"check_{name}"
    for name in (
        "estimator_cloneable",
        "estimator_tags_renamed",
        "valid_tag_types",
        "estimator_repr",
        "no_attributes_set_in_init",
        "do_not_raise_errors_in_init_or_set_params",
        "mixin_order",
        "parameters_default_constructible",
        "get_params_invariance",
        "set_params",
    )
}


@pytest.mark.parametrize("check", suite.ALL, ids=lambda f: f.__name__)
@pytest.mark.parametrize("model", MODELS, ids=lambda m: type(m).__name__)
def test_contract(model, check):
    check(model)


@pytest.mark.parametrize("model", MODELS, ids=lambda m: type(m).__name__)
def test_static_checks_of_scikit_learn(model):
    ran = []
    for estimator, check in estimator_checks_generator(model):
        if check.func.__name__ in STATIC:
            check(estimator)
            ran.append(check.func.__name__)
    assert len(set(ran)) >= 9, ran


def test_the_suite_is_whole():
    assert len(suite.ALL) == 22


def test_every_segmenter_of_logs_is_in_the_list():
    public = [getattr(segment, name) for name in segment.__all__]
    kinds = {t for t in public if isinstance(t, type) and issubclass(t, BaseEstimator)}
    logs = {t for t in kinds if "as_of" in inspect.signature(t.fit).parameters}
    assert logs
    assert logs <= {type(model) for model in MODELS}
